"""Padding of the last dimensions. padding: one number for all sides, or (left, right, top, bottom, front, back)."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.layer_settings import refuse
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    _Padding = int | Sequence[int]


class _Pad(Module):
    """`_dims` last dimensions, padded in `_mode`."""

    _dims = 0
    _mode = "constant"

    def __init__(self, padding: _Padding) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self._dims) if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != 2 * self._dims:
            refuse(self, f"padding {padding} has {len(self.padding)} numbers, expected {2 * self._dims}, or one for all")

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_Pad):
    def __init__(self, padding: _Padding, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """`value` around the last dimension.

    >>> nn.ConstantPad1d((3, -1), 9.0)(torch.tensor([[1., 2.]]))
    tensor([[9., 9., 9., 1.]])
    """

    _dims = 1


class ConstantPad2d(_ConstantPadNd):
    """`value` around the last two dimensions.

    >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[9., 1., 2.],
            [9., 3., 4.],
            [9., 9., 9.]])
    """

    _dims = 2


class ConstantPad3d(_ConstantPadNd):
    """`value` around the last three dimensions.

    >>> nn.ConstantPad3d((3, 3, 6, 6, 0, 1), 3.5)(torch.zeros(16, 3, 10, 20, 30)).size()
    torch.Size([16, 3, 11, 32, 36])
    """

    _dims = 3


class ZeroPad2d(_Pad):
    """Zeros around the last two dimensions.

    >>> nn.ZeroPad2d((1, 0, 0, 1))(torch.tensor([[[[1., 2.], [3., 4.]]]]))
    tensor([[[[0., 1., 2.],
              [0., 3., 4.],
              [0., 0., 0.]]]])
    """

    _dims = 2


class ReflectionPad1d(_Pad):
    """The mirror image around N x C x L; the border is not repeated.

    >>> nn.ReflectionPad1d(2)(torch.tensor([[[0., 1., 2., 3.]]]))
    tensor([[[2., 1., 0., 1., 2., 3., 2., 1.]]])
    """

    _dims = 1
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """The mirror image around N x C x H x W; the border is not repeated.

    >>> nn.ReflectionPad2d((1, 0, 0, 1))(torch.tensor([[[[1., 2.], [3., 4.]]]]))
    tensor([[[[2., 1., 2.],
              [4., 3., 4.],
              [2., 1., 2.]]]])
    """

    _dims = 2
    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """The border of N x C x L, repeated.

    >>> nn.ReplicationPad1d((3, 1))(torch.tensor([[[1., 2.]]]))
    tensor([[[1., 1., 1., 1., 2., 2.]]])
    """

    _dims = 1
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """The border of N x C x H x W, repeated.

    >>> nn.ReplicationPad2d((1, 0, 0, 1))(torch.tensor([[[[1., 2.], [3., 4.]]]]))
    tensor([[[[1., 1., 2.],
              [3., 3., 4.],
              [3., 3., 4.]]]])
    """

    _dims = 2
    _mode = "replicate"


class ReplicationPad3d(_Pad):
    """The border of N x C x D x H x W, repeated.

    >>> nn.ReplicationPad3d((3, 3, 6, 6, 1, 1))(torch.zeros(1, 3, 8, 32, 48)).size()
    torch.Size([1, 3, 10, 44, 54])
    """

    _dims = 3
    _mode = "replicate"
