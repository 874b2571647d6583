"""Recurrent networks on CUDA devices by cuDNN: all steps, layers and directions in one call."""

from __future__ import annotations

from torch import _C
from torch.autograd import Function, enable_grad, grad, is_grad_enabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch.nn.modules.recurrence import Network, State

    _Told = tuple[int, int, int, bool, bool]

_CELLS = {"RNN_RELU": 0, "RNN_TANH": 1, "LSTM": 2, "GRU": 3}  # THCUDNNCell


def _told(network: Network, groups: list[Any]) -> _Told:
    """What _C.cudnn wants to know of a network."""
    layers = len(groups) // network.directions
    return _CELLS[network.mode], network.hidden_size, layers, network.directions == 2, len(groups[0]) == 4


class _Call:
    """A forward pass: what its backward pass needs besides the tensors of the graph."""

    __slots__ = ("network", "per_group", "reserve", "results", "sizes", "states", "told", "weight")

    def __init__(self, network: Network, sizes: list[int], states: int, groups: list[Any]) -> None:
        self.network = network
        self.sizes = sizes
        self.states = states  # how many
        self.per_group = len(groups[0])
        self.told = _told(network, groups)
        self.results: tuple[_C.Tensor, ...] = ()
        self.weight: _C.Tensor | None = None
        self.reserve: _C.Tensor | None = None

    def forward(self, data: _C.Tensor, tensors: Sequence[_C.Tensor], *, training: bool) -> bool:
        """tensors: states, then parameters. False if cuDNN does not do it."""
        states, parameters = tuple(tensors[: self.states]), list(tensors[self.states :])
        found = _C.cudnn.recurrent_forward(self.told, data, self.sizes, states, parameters, training)
        if found is None:
            return False
        self.results, self.weight, self.reserve = found
        return True

    def take_results(self) -> tuple[_C.Tensor, ...]:
        """Output and final states, which the call does not keep: they would keep it."""
        results, self.results = self.results, ()
        return results

    def backward(
        self,
        output: _C.Tensor,
        data: _C.Tensor,
        tensors: Sequence[_C.Tensor],
        grads: Sequence[_C.Tensor],
        needs: Sequence[bool],
    ) -> tuple[_C.Tensor | None, ...]:
        """The gradients of data and tensors."""
        if self.reserve is None:  # the first backward pass used it up
            if not self.forward(data, tensors, training=True):  # switched off meanwhile
                return self.differentiate(data, tensors, grads, needs, create_graph=False)
            output = self.take_results()[0]
        weight, reserve = self.weight, self.reserve
        self.weight = self.reserve = None
        assert weight is not None and reserve is not None
        states, parameters = tuple(tensors[: self.states]), len(tensors) - self.states
        wanted = parameters if any(needs[1 + self.states :]) else 0
        found = _C.cudnn.recurrent_backward(self.told, data, self.sizes, states, weight, output, tuple(grads), reserve, wanted)
        return found if wanted else (*found, *[None] * parameters)

    def differentiate(
        self,
        data: _C.Tensor,
        tensors: Sequence[_C.Tensor],
        grads: Sequence[_C.Tensor],
        needs: Sequence[bool],
        *,
        create_graph: bool,
    ) -> tuple[_C.Tensor | None, ...]:
        """The same by torch's own kernels, whose gradients have gradients; they start from the inputs again."""
        with enable_grad():
            # Gradients of these, not of what they were made from: an input may have been made from another one.
            data, *tensors = (t.view(t.size()) if need else t.detach() for t, need in zip((data, *tensors), needs, strict=True))
            parameters = tensors[self.states :]
            groups = [parameters[i : i + self.per_group] for i in range(0, len(parameters), self.per_group)]
            output, finals = self.network.run(data, self.sizes, tuple(tensors[: self.states]), groups)
        wanted = [t for t, need in zip((data, *tensors), needs, strict=True) if need]
        found = iter(grad([output, *finals], wanted, list(grads), create_graph=create_graph, allow_unused=True))
        return tuple(next(found) if need else None for need in needs)


class CudnnRecurrence(Function):
    """A forward pass that cuDNN has done, in the graph."""

    @staticmethod
    def forward(ctx: Any, call: _Call, data: _C.Tensor, *tensors: _C.Tensor) -> Any:
        """tensors: states, then parameters."""
        results = call.take_results()
        ctx.call = call
        ctx.save_for_backward(results[0], data, *tensors)
        return results

    @staticmethod
    def backward(ctx: Any, *grads: _C.Tensor) -> Any:
        """What may be differentiated again is not cuDNN's."""
        output, data, *tensors = ctx.saved_tensors
        needs = ctx.needs_input_grad[1:]
        if is_grad_enabled():
            return None, *ctx.call.differentiate(data, tensors, grads, needs, create_graph=True)
        return None, *ctx.call.backward(output, data, tensors, grads, needs)


def run_by_cudnn(
    network: Network, data: _C.Tensor, sizes: list[int], states: State, groups: list[Any]
) -> tuple[_C.Tensor, State] | None:
    """What network.run() does; None if cuDNN does not do it."""
    tensors = [*states, *(parameter for group in groups for parameter in group)]
    training = is_grad_enabled() and any(t.requires_grad for t in (data, *tensors))
    call = _Call(network, sizes, len(states), groups)
    if not call.forward(data, tensors, training=training):
        return None
    output, *finals = CudnnRecurrence.apply(call, data, *tensors) if training else call.take_results()
    return output, tuple(finals)


def gather_parameters(network: Network, groups: list[Any]) -> None:
    """Moves the parameters into one piece of memory, in cuDNN's order: its calls need no copy of them then."""
    parameters = [parameter for group in groups for parameter in group]
    gathered = _C.cudnn.recurrent_gather(_told(network, groups), parameters)
    if gathered is not None:
        for parameter, data in zip(parameters, gathered, strict=True):
            parameter.data = data
