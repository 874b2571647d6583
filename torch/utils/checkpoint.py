"""Trading computation for memory: parts of a network are computed again in backward instead of keeping what they saved."""

from __future__ import annotations

from torch import _C
from torch.autograd import Function, backward, enable_grad, no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["checkpoint", "checkpoint_sequential"]


def __dir__() -> list[str]:
    return sorted(__all__)


def _detached(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs as leaves of a graph of their own."""
    return tuple(x.detach().requires_grad_(x.requires_grad) if isinstance(x, _C.Tensor) else x for x in inputs)


class _Checkpoint(Function):
    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], random: bool, *inputs: Any) -> Any:
        ctx.function = function
        devices = {x.get_device() for x in inputs if isinstance(x, _C.Tensor) and x.is_cuda}
        ctx.states = _states([None, *devices]) if random else {}
        ctx.places = [place for place, x in enumerate(inputs) if isinstance(x, _C.Tensor)]
        ctx.others = [None if isinstance(x, _C.Tensor) else x for x in inputs]
        ctx.save_for_backward(*(inputs[place] for place in ctx.places))
        with no_grad():
            return function(*inputs)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        if _C.autograd.in_gradient():
            raise RuntimeError("Checkpointing is not compatible with .grad(), please use .backward() if possible")
        inputs = list(ctx.others)
        for place, saved in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[place] = saved
        leaves = _detached(tuple(inputs))
        outputs = _again(ctx.function, ctx.states, leaves)
        pairs = [(out, g) for out, g in zip(outputs, grads, strict=True) if isinstance(out, _C.Tensor) and out.requires_grad]
        if not pairs:
            raise RuntimeError("none of the results of the checkpointed function requires grad: checkpoint() is not needed")
        backward([out for out, _ in pairs], [g for _, g in pairs])
        return None, None, *(x.grad if isinstance(x, _C.Tensor) else None for x in leaves)


def _generator(device: int | None) -> _C.Generator:
    return _C.default_generator if device is None else _C.cuda.generator(device)


def _states(devices: Iterable[int | None]) -> dict[int | None, _C.Tensor]:
    """Where the default generators of the host (None) and of devices are."""
    return {device: _generator(device).get_state() for device in devices}


def _set_states(states: dict[int | None, _C.Tensor]) -> None:
    for device, state in states.items():
        _generator(device).set_state(state)


def _again(function: Callable[..., Any], states: dict[int | None, _C.Tensor], inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The results, recorded, with the random numbers of the first time."""
    now = _states(states)
    _set_states(states)
    try:
        with enable_grad():
            outputs = function(*inputs)
    finally:
        _set_states(now)
    return outputs if isinstance(outputs, tuple) else (outputs,)


def checkpoint(function: Callable[..., Any], *args: Any, preserve_rng_state: bool = True) -> Any:
    """`function(*args)`, keeping nothing for backward but the arguments: backward runs the function a second time.

    At least one argument must require grad for anything to be recorded. The function must do the same both times; random
    numbers of the default generators, the host's and those of the arguments' devices, are the same with
    `preserve_rng_state`. Gradients arrive with `backward()` only, not with `torch.autograd.grad`.

    >>> from torch.utils.checkpoint import checkpoint
    >>> x = torch.ones(2, requires_grad=True)
    >>> checkpoint(lambda t: (t * 3).exp(), x).sum().backward()
    >>> x.grad
    tensor([60.2566, 60.2566])
    """
    return _Checkpoint.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(
    functions: Iterable[Callable[..., Any]], segments: int, *inputs: Any, preserve_rng_state: bool = True
) -> Any:
    """The functions, or the modules of a `Sequential`, one after the other, in `segments` checkpointed pieces.

    The last piece is not checkpointed: backward needs it first anyway.

    >>> from torch.utils.checkpoint import checkpoint_sequential
    >>> model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh())
    >>> x = torch.ones(2, 4, requires_grad=True)
    >>> checkpoint_sequential(model, 2, x).sum().backward()
    >>> x.grad.size()
    torch.Size([2, 4])
    """
    chain = list(functions.children()) if hasattr(functions, "children") else list(functions)
    if not 1 <= segments <= max(len(chain), 1):
        raise ValueError(
            f"checkpoint_sequential(): segments must be from 1 to {len(chain)}, the number of functions, not {segments}"
        )
    length = len(chain) // segments

    def piece(start: int, end: int) -> Callable[..., Any]:
        def run(*values: Any) -> Any:
            for function in chain[start:end]:
                values = function(*values)
                values = values if isinstance(values, tuple) else (values,)
            return values[0] if len(values) == 1 else values

        return run

    for number in range(segments - 1):
        result = checkpoint(piece(number * length, (number + 1) * length), *inputs, preserve_rng_state=preserve_rng_state)
        inputs = result if isinstance(result, tuple) else (result,)
    return piece((segments - 1) * length, len(chain))(*inputs)
