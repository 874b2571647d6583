"""Sliding windows as columns, and back."""

from __future__ import annotations

from torch import _C

Tensor = _C.Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Pair = int | tuple[int, int]


def unfold(input: Tensor, kernel_size: _Pair, dilation: _Pair = 1, padding: _Pair = 0, stride: _Pair = 1) -> Tensor:
    """What windows of kernel_size see in N x C x H x W, one column for each: N x (C * kH * kW) x L.

    >>> F.unfold(torch.ones(2, 3, 4, 5), kernel_size=(2, 3)).size()
    torch.Size([2, 18, 9])
    """
    if input.dim() != 4:
        raise ValueError(f"[unfold] input has {input.dim()} dimensions, expected 4 (N x C x H x W)")
    return _C.nn.im2col(input, kernel_size, dilation, padding, stride)


def fold(
    input: Tensor,
    output_size: _Pair,
    kernel_size: _Pair,
    dilation: _Pair = 1,
    padding: _Pair = 0,
    stride: _Pair = 1,
) -> Tensor:
    """Columns N x (C * kH * kW) x L, added up to where `unfold` takes them from: N x C x output_size.

    >>> F.fold(torch.ones(1, 4, 4), output_size=(3, 3), kernel_size=2)
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """
    if input.dim() != 3:
        raise ValueError(f"[fold] input has {input.dim()} dimensions, expected 3 (N x C*kH*kW x L)")
    return _C.nn.col2im(input, output_size, kernel_size, dilation, padding, stride)
