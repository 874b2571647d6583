"""Convolutions of signals, images and volumes, and their transposes."""

from __future__ import annotations

import math

from torch import _C
from torch.nn import init
from torch.nn.modules.layer_settings import check_least, refuse
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    _Sizes = int | tuple[int, ...]


class _ConvNd(Module):
    """Parameters and settings of all convolutions. `_dims`: spatial dimensions; `_function`: of the extension."""

    weight: Parameter
    bias: Parameter | None
    _dims = 0
    _function: Any = None
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Sizes,
        stride: _Sizes = 1,
        padding: _Sizes = 0,
        dilation: _Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        output_padding: _Sizes = 0,
    ) -> None:
        super().__init__()
        check_least(self, 0, in_channels=in_channels, out_channels=out_channels, padding=padding, output_padding=output_padding)
        check_least(self, 1, kernel_size=kernel_size, stride=stride, dilation=dilation, groups=groups)
        if in_channels % groups or out_channels % groups:
            refuse(self, f"groups ({groups}) must divide in_channels ({in_channels}) and out_channels ({out_channels})")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._spread("kernel_size", kernel_size)
        self.stride = self._spread("stride", stride)
        self.padding = self._spread("padding", padding)
        self.dilation = self._spread("dilation", dilation)
        self.output_padding = self._spread("output_padding", output_padding)
        self.groups = groups
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(_C.ops.empty(*channels, *self.kernel_size))
        self.register_parameter("bias", Parameter(_C.ops.empty(out_channels)) if bias else None)
        self.reset_parameters()

    def _spread(self, name: str, value: _Sizes) -> tuple[int, ...]:
        """One number for each dimension."""
        if not isinstance(value, tuple | list):
            return (value,) * self._dims
        if len(value) != self._dims:
            refuse(self, f"{name} {value} has {len(value)} numbers, expected {self._dims}, or one for all dimensions")
        return tuple(value)

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        fan_in = self.in_channels // self.groups * math.prod(self.kernel_size)
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        result: _C.Tensor = self._function(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        return result

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, default in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            if getattr(self, name) != (default,) * self._dims:
                text += f", {name}={getattr(self, name)}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text if self.bias is not None else text + ", bias=False"


class Conv1d(_ConvNd):
    """Cross-correlation: input (N, in_channels, L), output (N, out_channels, L').

    L' = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1. weight, which is (out_channels,
    in_channels / groups, k), and bias (out_channels) start uniform within 1 / sqrt(in_channels / groups * k).

    >>> nn.Conv1d(16, 33, kernel_size=3, stride=2)(torch.zeros(20, 16, 50)).size()
    torch.Size([20, 33, 24])
    """

    _dims = 1
    _function = staticmethod(_C.nn.conv1d)


class Conv2d(_ConvNd):
    """Cross-correlation: input (N, in_channels, H, W), output (N, out_channels, H', W').

    H' = floor((H + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1. weight, which is (out_channels,
    in_channels / groups, kH, kW), and bias (out_channels) start uniform within 1 / sqrt(in_channels / groups * kH * kW).

    >>> layer = nn.Conv2d(16, 32, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1), groups=4)
    >>> layer(torch.zeros(2, 16, 50, 100)).size(), layer.weight.size()
    (torch.Size([2, 32, 26, 100]), torch.Size([32, 4, 3, 5]))
    """

    _dims = 2
    _function = staticmethod(_C.nn.conv2d)


class Conv3d(_ConvNd):
    """Cross-correlation: input (N, in_channels, D, H, W), output (N, out_channels, D', H', W'); sizes as of `Conv2d`.

    >>> nn.Conv3d(3, 8, 3, padding=1)(torch.zeros(2, 3, 5, 10, 10)).size()
    torch.Size([2, 8, 5, 10, 10])
    """

    _dims = 3
    _function = staticmethod(_C.nn.conv3d)


class _ConvTransposeNd(_ConvNd):
    """The gradient of a convolution, as a layer. weight: (in_channels, out_channels / groups, kernel)."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Sizes,
        stride: _Sizes = 1,
        padding: _Sizes = 0,
        output_padding: _Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: _Sizes = 1,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, output_padding)

    def forward(self, input: _C.Tensor, output_size: Sequence[int] | None = None) -> _C.Tensor:
        """output_size: of the result, with or without N and C, where the stride leaves more than one possible."""
        padding = self.output_padding if output_size is None else self._output_padding(input, output_size)
        result: _C.Tensor = self._function(
            input, self.weight, self.bias, self.stride, self.padding, padding, self.groups, self.dilation
        )
        return result

    def _output_padding(self, input: _C.Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        wanted = tuple(output_size)[-self._dims :]
        if len(output_size) not in (self._dims, self._dims + 2):
            raise ValueError(f"output_size must have {self._dims} or {self._dims + 2} elements (got {len(output_size)})")
        result = []
        for d in range(self._dims):
            least = (input.size(d + 2) - 1) * self.stride[d] - 2 * self.padding[d]
            least += self.dilation[d] * (self.kernel_size[d] - 1) + 1
            if not least <= wanted[d] < least + self.stride[d]:
                raise ValueError(
                    f"requested an output size of {wanted}, but valid sizes of dimension {d} range from {least} to "
                    f"{least + self.stride[d] - 1} (for an input of {tuple(input.size())[2:]})"
                )
            result.append(wanted[d] - least)
        return tuple(result)


class ConvTranspose1d(_ConvTransposeNd):
    """The gradient of `Conv1d` as a layer: input (N, in_channels, L), output (N, out_channels, L').

    L' = (L - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.

    >>> nn.ConvTranspose1d(4, 6, kernel_size=3, stride=2)(torch.zeros(1, 4, 8)).size()
    torch.Size([1, 6, 17])
    """

    _dims = 1
    _function = staticmethod(_C.nn.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """The gradient of `Conv2d` as a layer: input (N, in_channels, H, W), output (N, out_channels, H', W').

    H' = (H - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.

    >>> down, up = nn.Conv2d(16, 16, 3, stride=2, padding=1), nn.ConvTranspose2d(16, 16, 3, stride=2, padding=1)
    >>> x = torch.zeros(1, 16, 12, 12)
    >>> up(down(x)).size(), up(down(x), output_size=x.size()).size()
    (torch.Size([1, 16, 11, 11]), torch.Size([1, 16, 12, 12]))
    """

    _dims = 2
    _function = staticmethod(_C.nn.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """The gradient of `Conv3d` as a layer; sizes as of `ConvTranspose2d`.

    >>> nn.ConvTranspose3d(4, 6, 2, stride=2)(torch.zeros(1, 4, 2, 4, 4)).size()
    torch.Size([1, 6, 4, 8, 8])
    """

    _dims = 3
    _function = staticmethod(_C.nn.conv_transpose3d)
