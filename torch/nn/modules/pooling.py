"""Poolings of signals, images and volumes: N x C x spatial, or without N. stride: kernel_size unless given."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.layer_settings import check_least, refuse
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    _Sizes = int | tuple[int, ...]
    _Output = int | tuple[int | None, ...] | None


class _MaxPoolNd(Module):
    """The largest value of each window, and its index in its plane with return_indices."""

    _function: Callable[..., Any]

    def __init__(
        self,
        kernel_size: _Sizes,
        stride: _Sizes | None = None,
        padding: _Sizes = 0,
        dilation: _Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        check_least(self, 1, kernel_size=kernel_size, stride=self.stride, dilation=dilation)
        check_least(self, 0, padding=padding)
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: _C.Tensor) -> _C.Tensor | tuple[_C.Tensor, _C.Tensor]:
        result: _C.Tensor | tuple[_C.Tensor, _C.Tensor] = type(self)._function(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )
        return result

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """The largest value of each window of N x C x L.

    >>> nn.MaxPool1d(2)(torch.tensor([[[1., 5., 3., 4.]]]))
    tensor([[[5., 4.]]])
    """

    _function = F.max_pool1d


class MaxPool2d(_MaxPoolNd):
    """The largest value of each window of N x C x H x W.

    >>> nn.MaxPool2d((3, 2), stride=(2, 1))(torch.zeros(20, 16, 50, 32)).size()
    torch.Size([20, 16, 24, 31])
    """

    _function = F.max_pool2d


class MaxPool3d(_MaxPoolNd):
    """The largest value of each window of N x C x D x H x W.

    >>> nn.MaxPool3d(3, stride=2)(torch.zeros(2, 16, 50, 44, 31)).size()
    torch.Size([2, 16, 24, 21, 15])
    """

    _function = F.max_pool3d


class _AvgPoolNd(Module):
    """The mean of each window; padding counts with count_include_pad."""

    _function: Callable[..., _C.Tensor]

    def __init__(
        self,
        kernel_size: _Sizes,
        stride: _Sizes | None = None,
        padding: _Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        check_least(self, 1, kernel_size=kernel_size, stride=self.stride)
        check_least(self, 0, padding=padding)
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return type(self)._function(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPoolNd):
    """The mean of each window of N x C x L.

    >>> nn.AvgPool1d(3, stride=2)(torch.tensor([[[1., 2., 3., 4., 5., 6., 7.]]]))
    tensor([[[2., 4., 6.]]])
    """

    _function = F.avg_pool1d


class AvgPool2d(_AvgPoolNd):
    """The mean of each window of N x C x H x W.

    >>> nn.AvgPool2d(2, padding=1, count_include_pad=False)(torch.ones(1, 1, 2, 2))
    tensor([[[[1., 1.],
              [1., 1.]]]])
    """

    _function = F.avg_pool2d


class AvgPool3d(_AvgPoolNd):
    """The mean of each window of N x C x D x H x W.

    >>> nn.AvgPool3d((3, 2, 2), stride=(2, 1, 2))(torch.zeros(2, 16, 50, 44, 31)).size()
    torch.Size([2, 16, 24, 43, 15])
    """

    _function = F.avg_pool3d


class _MaxUnpoolNd(Module):
    """The partial inverse of a max pooling: values at its indices, zeros elsewhere."""

    _function: Callable[..., _C.Tensor]

    def __init__(self, kernel_size: _Sizes, stride: _Sizes | None = None, padding: _Sizes = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        check_least(self, 1, kernel_size=kernel_size, stride=self.stride)
        check_least(self, 0, padding=padding)
        self.padding = padding

    def forward(self, input: _C.Tensor, indices: _C.Tensor, output_size: Sequence[int] | None = None) -> _C.Tensor:
        return type(self)._function(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """The partial inverse of `MaxPool1d`; output_size (in the call) chooses among possible sizes.

    >>> pool, unpool = nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2)
    >>> unpool(*pool(torch.tensor([[[1., 5., 3., 4.]]])))
    tensor([[[0., 5., 0., 4.]]])
    """

    _function = F.max_unpool1d


class MaxUnpool2d(_MaxUnpoolNd):
    """The partial inverse of `MaxPool2d`; output_size (in the call) chooses among possible sizes.

    >>> pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
    >>> x = torch.arange(1., 26.).view(1, 1, 5, 5)
    >>> unpool(*pool(x), output_size=x.size())[0, 0, :2]
    tensor([[0., 0., 0., 0., 0.],
            [0., 7., 0., 9., 0.]])
    """

    _function = F.max_unpool2d


class MaxUnpool3d(_MaxUnpoolNd):
    """The partial inverse of `MaxPool3d`; output_size (in the call) chooses among possible sizes.

    >>> pool, unpool = nn.MaxPool3d(3, stride=2, return_indices=True), nn.MaxUnpool3d(3, stride=2)
    >>> unpool(*pool(torch.zeros(2, 16, 11, 13, 15))).size()
    torch.Size([2, 16, 11, 13, 15])
    """

    _function = F.max_unpool3d


class FractionalMaxPool2d(Module):
    """The largest values of windows at random places (Graham, 2014): output_size, or output_ratio of the input's.

    >>> nn.FractionalMaxPool2d(3, output_ratio=(0.5, 0.25))(torch.zeros(2, 16, 50, 32)).size()
    torch.Size([2, 16, 25, 8])
    """

    def __init__(
        self,
        kernel_size: _Sizes,
        output_size: _Sizes | None = None,
        output_ratio: float | tuple[float, float] | None = None,
        return_indices: bool = False,
        _random_samples: _C.Tensor | None = None,
    ) -> None:
        super().__init__()
        if (output_size is None) == (output_ratio is None):
            raise ValueError("FractionalMaxPool2d requires one of output_size and output_ratio")
        check_least(self, 1, kernel_size=kernel_size)
        ratios = output_ratio if isinstance(output_ratio, tuple) else (output_ratio,)
        if not all(ratio is None or 0 < ratio < 1 for ratio in ratios):
            refuse(self, f"output_ratio must be between 0 and 1 (got {output_ratio})")
        self.kernel_size = kernel_size
        self.output_size = output_size
        self.output_ratio = output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: _C.Tensor) -> _C.Tensor | tuple[_C.Tensor, _C.Tensor]:
        return F.fractional_max_pool2d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, output_size={self.output_size}, output_ratio={self.output_ratio}"


class LPPool2d(Module):
    """(The sum of x^p in each window of N x C x H x W)^(1/p), p = norm_type.

    >>> nn.LPPool2d(1, (2, 2))(torch.tensor([[[[1., 2.], [3., 4.]]]]))
    tensor([[[[10.]]]])
    """

    def __init__(self, norm_type: float, kernel_size: _Sizes, stride: _Sizes | None = None, ceil_mode: bool = False) -> None:
        super().__init__()
        if norm_type == 0:
            refuse(self, "norm_type is 0, expected another power")
        check_least(self, 1, kernel_size=kernel_size, stride=kernel_size if stride is None else stride)
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.lp_pool2d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, ceil_mode={self.ceil_mode}"


class LPPool1d(LPPool2d):
    """(The sum of x^p in each window of N x C x L)^(1/p), p = norm_type.

    >>> nn.LPPool1d(2, 2)(torch.tensor([[[3., 4., 6., 8.]]]))
    tensor([[[ 5., 10.]]])
    """

    kernel_size: Any
    stride: Any

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.lp_pool1d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class _AdaptiveMaxPoolNd(Module):
    """The largest values of as many windows as output_size says; None: as many as the input has elements."""

    _function: Callable[..., Any]

    def __init__(self, output_size: _Output, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: _C.Tensor) -> _C.Tensor | tuple[_C.Tensor, _C.Tensor]:
        result: _C.Tensor | tuple[_C.Tensor, _C.Tensor] = type(self)._function(input, self.output_size, self.return_indices)
        return result

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest values of `output_size` windows of N x C x L.

    >>> nn.AdaptiveMaxPool1d(2)(torch.tensor([[[1., 5., 3., 4., 0.]]]))
    tensor([[[5., 4.]]])
    """

    _function = F.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest values of `output_size` windows of N x C x H x W.

    >>> nn.AdaptiveMaxPool2d((None, 7))(torch.zeros(1, 64, 10, 9)).size()
    torch.Size([1, 64, 10, 7])
    """

    _function = F.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest values of `output_size` windows of N x C x D x H x W.

    >>> nn.AdaptiveMaxPool3d((5, 7, 9))(torch.zeros(1, 2, 8, 9, 10)).size()
    torch.Size([1, 2, 5, 7, 9])
    """

    _function = F.adaptive_max_pool3d


class _AdaptiveAvgPoolNd(Module):
    """The means of as many windows as output_size says; None: as many as the input has elements."""

    _function: Callable[..., _C.Tensor]

    def __init__(self, output_size: _Output) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return type(self)._function(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """The means of `output_size` windows of N x C x L.

    >>> nn.AdaptiveAvgPool1d(2)(torch.tensor([[[1., 5., 3., 4.]]]))
    tensor([[[3.0000, 3.5000]]])
    """

    _function = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The means of `output_size` windows of N x C x H x W.

    >>> nn.AdaptiveAvgPool2d((5, None))(torch.zeros(1, 64, 8, 9)).size()
    torch.Size([1, 64, 5, 9])
    """

    _function = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The means of `output_size` windows of N x C x D x H x W.

    >>> nn.AdaptiveAvgPool3d(7)(torch.zeros(1, 2, 10, 9, 8)).size()
    torch.Size([1, 2, 7, 7, 7])
    """

    _function = F.adaptive_avg_pool3d
