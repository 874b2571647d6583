"""Gradients held against finite differences."""

from __future__ import annotations

from torch import _C
from torch.autograd.grad_mode import enable_grad, no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    _Function = Callable[..., Any]


def gradcheck(
    func: _Function,
    inputs: Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of `func(*inputs)` agree with central differences: |a - n| <= atol + rtol * |n|.

    Checked are the floating tensors among `inputs` that require grad against all floating outputs; a warning says where one is
    not of float64, whose differences are too coarse for a step of `eps`. A disagreement raises a RuntimeError that shows both
    Jacobians, or returns False without `raise_exception`.

    >>> x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(lambda t: t.sigmoid(), (x,))
    True
    """
    _warn_of_single(inputs)
    return _gradcheck(func, inputs, eps, atol, rtol, raise_exception)


def _gradcheck(func: _Function, inputs: Sequence[Any], eps: float, atol: float, rtol: float, raise_exception: bool) -> bool:
    checked = _differentiable(inputs)
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient: none of the inputs does")
    outputs = [out for out in _as_tuple(func(*inputs)) if isinstance(out, _C.Tensor) and out.requires_grad]
    if not outputs:
        return _differ(raise_exception, "no output of the function requires grad")
    for number, out in enumerate(outputs):
        analytical = _analytical_jacobians(checked, out)
        numerical = [_numerical_jacobian(func, inputs, x, number, out.numel(), eps) for x in checked]
        for index, (a, n) in enumerate(zip(analytical, numerical, strict=True)):
            if not _close(a, n, atol=atol, rtol=rtol):
                text = f"Jacobian mismatch for output {number} with respect to input {index},\nnumerical:{n}\nanalytical:{a}"
                return _differ(raise_exception, text)
    return True


def gradgradcheck(
    func: _Function,
    inputs: Sequence[Any],
    grad_outputs: Sequence[_C.Tensor] | None = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
) -> bool:
    """`gradcheck` of the gradients of `func` themselves, with respect to the inputs and to `grad_outputs` (default: random).

    >>> x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradgradcheck(lambda t: t.sigmoid(), (x,))
    True
    """
    _warn_of_single(inputs)
    checked = _differentiable(inputs)
    outputs = [out for out in _as_tuple(func(*inputs)) if isinstance(out, _C.Tensor) and out.requires_grad]
    if grad_outputs is None:
        weights = [_random_like(out, contiguous=not gen_non_contig_grad_outputs) for out in outputs]
    else:
        weights = list(grad_outputs)
    count = len(inputs)

    def gradients(*args: Any) -> tuple[_C.Tensor, ...]:
        inner, outer = args[:count], args[count:]
        results = [out for out in _as_tuple(func(*inner)) if isinstance(out, _C.Tensor) and out.requires_grad]
        wanted = _differentiable(inner)
        grads = _C.autograd.grad(results, wanted, list(outer), create_graph=True, allow_unused=True)
        return tuple(g if g is not None else x * 0 for g, x in zip(grads, wanted, strict=True))

    if not checked:
        raise ValueError("gradgradcheck expects at least one input tensor to require gradient: none of the inputs does")
    return _gradcheck(gradients, (*inputs, *weights), eps, atol, rtol, raise_exception)


def _random_like(out: _C.Tensor, *, contiguous: bool) -> _C.Tensor:
    if contiguous or out.dim() == 0:
        weight = _C.ops.randn(list(out.size()), dtype=out.dtype, device=out.device)
    else:
        weight = _C.ops.randn([*out.size(), 2], dtype=out.dtype, device=out.device).select(out.dim(), 0)
    return weight.requires_grad_()


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _differentiable(inputs: Sequence[Any]) -> list[_C.Tensor]:
    return [x for x in inputs if isinstance(x, _C.Tensor) and x.requires_grad]


def _warn_of_single(inputs: Sequence[Any]) -> None:
    """For the caller of a function here."""
    if any(x.dtype is not _C.float64 for x in _differentiable(inputs)):
        import warnings

        text = "At least one of the inputs that requires gradient is not of double precision. This check will likely fail."
        warnings.warn(text, stacklevel=3)


def _differ(raise_exception: bool, text: str) -> bool:
    if raise_exception:
        raise RuntimeError(text)
    return False


def _analytical_jacobians(checked: list[_C.Tensor], out: _C.Tensor) -> list[list[list[float]]]:
    """For each input, rows of elements of the input by columns of elements of the output."""
    jacobians = [[[0.0] * out.numel() for _ in range(x.numel())] for x in checked]
    for column in range(out.numel()):
        weight = _C.ops.zeros(out.numel(), dtype=out.dtype, device=out.device)
        weight[column] = 1
        grads = _C.autograd.grad([out], checked, [weight.view(list(out.size()))], retain_graph=True, allow_unused=True)
        for jacobian, g in zip(jacobians, grads, strict=True):
            if g is not None:
                for row, value in enumerate(g.contiguous().view(-1).tolist()):
                    jacobian[row][column] = value
    return jacobians


def _numerical_jacobian(
    func: _Function, inputs: Sequence[Any], x: _C.Tensor, number: int, columns: int, eps: float
) -> list[list[float]]:
    def evaluate() -> list[float]:
        with enable_grad():  # the function may itself ask for gradients
            outputs = [out for out in _as_tuple(func(*inputs)) if isinstance(out, _C.Tensor) and out.requires_grad]
        return list(outputs[number].detach().contiguous().view(-1).tolist())

    if not columns:
        return [[] for _ in range(x.numel())]
    jacobian = []
    with no_grad():
        data = x.data
        for index in _indices(list(x.size())):
            place = data
            for i in index:
                place = place.select(0, i)
            original = place.item()
            place.fill_(original + eps)
            above = evaluate()
            place.fill_(original - eps)
            below = evaluate()
            place.fill_(original)
            jacobian.append([(a - b) / (2 * eps) for a, b in zip(above, below, strict=True)])
    return jacobian


def _indices(size: list[int]) -> list[tuple[int, ...]]:
    indices: list[tuple[int, ...]] = [()]
    for extent in size:
        indices = [(*index, i) for index in indices for i in range(extent)]
    return indices


def _close(analytical: list[list[float]], numerical: list[list[float]], *, atol: float, rtol: float) -> bool:
    return all(
        abs(a - n) <= atol + rtol * abs(n)
        for row_a, row_n in zip(analytical, numerical, strict=True)
        for a, n in zip(row_a, row_n, strict=True)
    )
