"""Normalisations. Shapes: N samples, C channels, * any further dimensions."""

from __future__ import annotations

import math

from torch import _C

Tensor = _C.Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

group_norm = _C.nn.group_norm


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of N x C x * less its mean, over its standard deviation, times `weight`, plus `bias`.

    training: mean and variance are the batch's, and the running ones move towards them by `momentum`; else the running ones.

    >>> x = torch.tensor([[1., 10.], [3., 30.]])
    >>> F.batch_norm(x, torch.tensor([1., 10.]), torch.tensor([4., 100.]))
    tensor([[0.0000, 0.0000],
            [1.0000, 2.0000]])
    >>> mean, variance = torch.zeros(2), torch.ones(2)
    >>> F.batch_norm(x, mean, variance, training=True, momentum=0.5)
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    >>> mean, variance
    (tensor([ 1., 10.]), tensor([  1.5000, 100.5000]))
    """
    return _C.nn.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """`batch_norm` of each sample by itself; without `use_input_stats`, by the running statistics.

    >>> F.instance_norm(torch.tensor([[[1., 3.], [10., 30.]]]))
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """
    return _C.nn.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalises over the last dimensions, whose sizes are `normalized_shape`, as weight's and bias's are.

    >>> F.layer_norm(torch.tensor([[1., 3.], [10., 30.]]), (2,))
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    """
    return _C.nn.layer_norm(input, tuple(normalized_shape), weight, bias, eps)


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """input / (k + alpha * mean of squares)^beta, the mean over `size` neighbouring channels of N x C x *.

    Beyond the first and last channel, zeros count (Krizhevsky et al., 2012).

    >>> F.local_response_norm(torch.ones(1, 3, 2), size=2, alpha=2, beta=1, k=0)
    tensor([[[1.0000, 1.0000],
             [0.5000, 0.5000],
             [0.5000, 0.5000]]])
    """
    if input.dim() < 3:
        raise ValueError(f"[local_response_norm] Expected 3D or higher dimensionality input (got {input.dim()} dimensions)")
    if size < 1:
        raise ValueError(f"[local_response_norm] size is {size}, expected 1 or more")
    count, channels = input.size(0), input.size(1)
    squares = (input * input).contiguous().view(count, channels, math.prod(input.size()[2:]))
    before, after = size // 2, (size - 1) // 2
    edges = [squares.new_zeros(count, width, squares.size(2)) for width in (before, after)]
    windows = _C.ops.cat([edges[0], squares, edges[1]], 1).unfold(1, size, 1)
    mean = windows.mean(-1).contiguous().view(input.size())
    return input / (mean * alpha + k).pow(beta)
