"""The functions that modules are made of. Shapes: N samples, C channels, H x W pixels."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Pair = int | tuple[int, int]

Tensor = _C.Tensor

# The extension's own functions where no default needs Python: a Python function around them would cost more than they do.
linear = _C.nn.linear
conv2d = _C.nn.conv2d
sigmoid = _C.ops.sigmoid
tanh = _C.ops.tanh


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


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`x` where it is above `threshold`, else `value`."""
    return _C.nn.threshold_(input, threshold, value) if inplace else _C.nn.threshold(input, threshold, value)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0)."""
    return input.relu_() if inplace else input.relu()


def dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Each element is zero with probability `p`, else scaled by 1 / (1 - p); without `training`, `input` itself."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    if inplace:
        return input.mul_(_C.nn.dropout(_C.ops.ones_like(input), p, True))
    return _C.nn.dropout(input, p, True)


def _softmax_dim(name: str, ndim: int) -> int:
    import warnings

    warnings.warn(f"Implicit dimension choice for {name} has been deprecated. Give dim=X as an argument.", stacklevel=3)
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """exp(x) over its sum along `dim`."""
    return _C.nn.softmax(input, _softmax_dim("softmax", input.dim()) if dim is None else dim)


def log_softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """The logarithm of `softmax`, computed stably."""
    return _C.nn.log_softmax(input, _softmax_dim("log_softmax", input.dim()) if dim is None else dim)


def _reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> int:
    """The number of a reduction; the two flags of 0.4.0 still work."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "elementwise_mean"
    numbers = {"none": 0, "elementwise_mean": 1, "mean": 1, "sum": 2}
    if reduction not in numbers:
        raise ValueError(f"reduction must be 'none', 'elementwise_mean' or 'sum', not {reduction!r}")
    return numbers[reduction]


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """-weight[target] * input[target] of N x C log-probabilities and N classes, averaged by the weights' sum.

    size_average, reduce: 0.4.0's flags; they overrule `reduction` ("none", "elementwise_mean", "sum").
    """
    return _C.nn.nll_loss(input, target, weight, _reduction(size_average, reduce, reduction), ignore_index)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """`nll_loss` of the `log_softmax` along dimension 1."""
    return nll_loss(log_softmax(input, 1), target, weight, size_average, ignore_index, reduce, reduction)


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """(input - target) squared; the shapes are equal."""
    return _C.nn.mse_loss(input, target, _reduction(size_average, reduce, reduction))
