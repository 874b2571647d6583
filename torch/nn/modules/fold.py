"""Sliding windows as columns, and back."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.layer_settings import check_least
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Pair = int | tuple[int, int]


class Unfold(Module):
    """N x C x H x W into columns, N x (C * kH * kW) x L: what each of the L windows sees.

    >>> nn.Unfold(kernel_size=(2, 3))(torch.zeros(2, 5, 3, 4)).size()
    torch.Size([2, 30, 4])
    """

    def __init__(self, kernel_size: _Pair, dilation: _Pair = 1, padding: _Pair = 0, stride: _Pair = 1) -> None:
        super().__init__()
        check_least(self, 1, kernel_size=kernel_size, dilation=dilation, stride=stride)
        check_least(self, 0, padding=padding)
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Unfold):
    """Columns, added up to images: N x (C * kH * kW) x L into N x C x output_size.

    >>> nn.Fold(output_size=(3, 3), kernel_size=2)(torch.ones(1, 4, 4))
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """

    def __init__(
        self, output_size: _Pair, kernel_size: _Pair, dilation: _Pair = 1, padding: _Pair = 0, stride: _Pair = 1
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = output_size

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}, " + super().extra_repr()
