"""`Variable`: what tensors with history were called before 0.4."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _VariableType(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _C.Tensor)


class Variable(metaclass=_VariableType):
    """`Variable(tensor, requires_grad)` returns a `torch.Tensor` on the same data; every tensor is an instance.

    >>> x = torch.autograd.Variable(torch.ones(2), requires_grad=True)
    >>> x, isinstance(x, torch.Tensor)
    (tensor([1., 1.], requires_grad=True), True)
    """

    def __new__(cls, data: _C.Tensor, requires_grad: bool | None = None, volatile: bool | None = None) -> Any:
        if not isinstance(data, _C.Tensor):
            raise TypeError(f"Variable(): argument 'data' (position 1) must be Tensor, not {type(data).__name__}")
        if volatile:
            import warnings

            warnings.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", stacklevel=2)
        result = data.detach()
        if requires_grad:
            result.requires_grad_()
        return result
