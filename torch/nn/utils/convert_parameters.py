"""Parameters as one vector, and back."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def parameters_to_vector(parameters: Iterable[_C.Tensor]) -> _C.Tensor:
    """All elements, one parameter after the other, as a vector. It is differentiable.

    >>> net = nn.Linear(2, 3)
    >>> torch.nn.utils.parameters_to_vector(net.parameters()).size()
    torch.Size([9])
    """
    return _C.ops.cat([param.contiguous().view(-1) for param in parameters], 0)


def vector_to_parameters(vec: _C.Tensor, parameters: Iterable[_C.Tensor]) -> None:
    """Gives the parameters the elements of `vec` in turn; they then share its memory. It must have exactly their number.

    >>> net = nn.Linear(2, 3)
    >>> torch.nn.utils.vector_to_parameters(torch.arange(9.0), net.parameters())
    >>> net.bias.tolist()
    [6.0, 7.0, 8.0]
    """
    if not isinstance(vec, _C.Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    params = list(parameters)
    count = sum(param.numel() for param in params)
    if vec.dim() != 1 or vec.numel() != count:
        raise ValueError(f"vector_to_parameters: the parameters take a vector of {count} elements, got {tuple(vec.size())}")
    offset = 0
    for param in params:
        param.data = vec.detach()[offset : offset + param.numel()].view(param.size())
        offset += param.numel()
