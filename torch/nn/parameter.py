"""Parameters: the tensors that a module learns."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Parameter(_C.Tensor):
    """A tensor that a `Module` lists among its parameters when it is assigned as an attribute.

    data: the values, shared with the parameter. requires_grad: whether gradients are computed for it (default: yes).

    >>> layer = nn.Linear(2, 1)
    >>> layer.scale = nn.Parameter(torch.ones(1))
    >>> [name for name, _ in layer.named_parameters()]
    ['weight', 'bias', 'scale']
    """

    def __new__(cls, data: _C.Tensor | None = None, requires_grad: bool = True) -> Parameter:
        values = _C.ops.empty(0) if data is None else data
        result: Parameter = _C.Tensor._make_subclass(cls, values, requires_grad)
        return result

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        import collections

        from torch import _utils

        return _utils._rebuild_parameter, (self.data, self.requires_grad, collections.OrderedDict())
