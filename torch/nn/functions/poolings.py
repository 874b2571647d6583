"""Poolings. Shapes: N samples, C channels, H x W pixels; the batch dimension may be missing."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Pair = int | tuple[int, int]

Tensor = _C.Tensor


def max_pool2d(
    input: Tensor,
    kernel_size: _Pair,
    stride: _Pair | None = None,
    padding: _Pair = 0,
    dilation: _Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """The largest value of each window; with `return_indices` also where in its H x W plane it was."""
    steps = kernel_size if stride is None else stride
    if not return_indices:
        return _C.nn.max_pool2d(input, kernel_size, steps, padding, dilation, ceil_mode)
    return _C.nn.max_pool2d_with_indices(input, kernel_size, steps, padding, dilation, ceil_mode)


def avg_pool2d(
    input: Tensor,
    kernel_size: _Pair,
    stride: _Pair | None = None,
    padding: _Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window; `count_include_pad` says whether padding counts."""
    steps = kernel_size if stride is None else stride
    return _C.nn.avg_pool2d(input, kernel_size, steps, padding, ceil_mode, count_include_pad)
