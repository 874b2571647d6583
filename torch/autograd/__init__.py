"""Automatic differentiation: `backward`, `grad`, and the switches of recording."""

from __future__ import annotations

from torch import _C
from torch.autograd.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from torch.autograd.gradcheck import gradcheck, gradgradcheck  # here, because function and file share the name
from torch.autograd.variable import Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch.autograd import anomaly_mode as anomaly_mode
    from torch.autograd import profiler as profiler
    from torch.autograd.anomaly_mode import detect_anomaly as detect_anomaly
    from torch.autograd.anomaly_mode import set_detect_anomaly as set_detect_anomaly
    from torch.autograd.function import Function as Function

    _Tensors = _C.Tensor | Sequence[_C.Tensor]
    _Grads = _C.Tensor | Sequence[_C.Tensor | None] | None

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "is_grad_enabled",
    "no_grad",
    "profiler",
    "set_detect_anomaly",
    "set_grad_enabled",
]


def __dir__() -> list[str]:
    return sorted(__all__)


# What few programs use is imported when it is first asked for: name -> module.
_LAZY = {
    "Function": "function",
    "anomaly_mode": "anomaly_mode",
    "detect_anomaly": "anomaly_mode",
    "profiler": "profiler",
    "set_detect_anomaly": "anomaly_mode",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        module = importlib.import_module(f"torch.autograd.{_LAZY[name]}")
        globals()[name] = module if name == _LAZY[name] else getattr(module, name)
        return globals()[name]
    raise AttributeError(f"module 'torch.autograd' has no attribute '{name}'")


def backward(
    tensors: _Tensors,
    grad_tensors: _Grads = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: _Grads = None,
) -> None:
    """Adds the gradients of `tensors` to the `.grad` of the leaves they were computed from.

    `grad_tensors` are the gradients with respect to `tensors`, each of the same shape, and may be missing (None) where a
    tensor has one element. `retain_graph` keeps the graph for another pass (default: `create_graph`); `create_graph` records
    this pass, so that gradients of gradients can be had. `grad_variables` is the former name of `grad_tensors`.

    >>> x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    >>> torch.autograd.backward([x * 2, y * 3], grad_tensors=[torch.tensor([1., 10.]), torch.ones(2)])
    >>> x.grad, y.grad
    (tensor([ 2., 20.]), tensor([3., 3.]))
    """
    if grad_variables is not None:
        if grad_tensors is not None:
            raise RuntimeError("'grad_tensors' and 'grad_variables' (its former name) are both given: only pass grad_tensors")
        import warnings

        warnings.warn("'grad_variables' is deprecated. Use 'grad_tensors' instead.", stacklevel=2)
        grad_tensors = grad_variables
    outputs = _tuple(tensors)
    _C.autograd.backward(outputs, _grads(grad_tensors, len(outputs)), _keep(retain_graph, create_graph), create_graph)


def grad(
    outputs: _Tensors,
    inputs: _Tensors,
    grad_outputs: _Grads = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool = False,
) -> tuple[_C.Tensor, ...]:
    """The sums of gradients of `outputs` with respect to `inputs`; nothing is added to any `.grad`.

    An input that the outputs do not depend on is an error, or gives None with `allow_unused`. The other arguments are those
    of `backward`.

    >>> x = torch.tensor(3., requires_grad=True)
    >>> first, = torch.autograd.grad(x ** 3, x, create_graph=True)
    >>> torch.autograd.grad(first, x)
    (tensor(18.),)
    >>> x.grad is None
    True
    """
    if not only_inputs:
        import warnings

        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True)", stacklevel=2)
    roots, leaves = _tuple(outputs), _tuple(inputs)
    grads = _grads(grad_outputs, len(roots))
    sparse = [getattr(leaf, "is_sparse", False) for leaf in leaves]
    dense = tuple(leaf._values() if hidden else leaf for leaf, hidden in zip(leaves, sparse, strict=True))
    found: tuple[_C.Tensor, ...] = _C.autograd.grad(
        roots, dense, grads, _keep(retain_graph, create_graph), create_graph, allow_unused
    )
    if not any(sparse):
        return found
    return tuple(x._at_places(grad) if hidden else grad for x, grad, hidden in zip(leaves, found, sparse, strict=True))


def _tuple(tensors: _Tensors) -> tuple[Any, ...]:
    """Of tensors and, where `torch.sparse` is in use, of sparse ones."""
    return (tensors,) if isinstance(tensors, _C.Tensor) or getattr(tensors, "is_sparse", False) else tuple(tensors)


def _grads(grads: _Grads, count: int) -> tuple[_C.Tensor | None, ...]:
    if grads is None:
        return (None,) * count
    result = (grads,) if isinstance(grads, _C.Tensor) else tuple(grads)
    if len(result) != count:
        raise RuntimeError(f"got {count} tensors and {len(result)} gradients")
    return result


def _keep(retain_graph: bool | None, create_graph: bool) -> bool:
    return create_graph if retain_graph is None else retain_graph
