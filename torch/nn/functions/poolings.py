"""Poolings. Shapes: N samples, C channels, one to three spatial dimensions; the batch dimension may be missing.

Sizes, strides and paddings are one number for all spatial dimensions or one for each; the stride is kernel_size unless given.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Sizes = int | tuple[int, ...]
    _Output = int | tuple[int | None, ...] | None

Tensor = _C.Tensor


def _max_pool(dims: int) -> Callable[..., Tensor | tuple[Tensor, Tensor]]:
    def pool(
        input: Tensor,
        kernel_size: _Sizes,
        stride: _Sizes | None = None,
        padding: _Sizes = 0,
        dilation: _Sizes = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """The largest value of each window; with `return_indices` also where in its plane it was.

        ceil_mode: a last window may hang over the end.

        >>> F.max_pool1d(torch.tensor([[[1., 5., 3., 4.]]]), 2, return_indices=True)
        (tensor([[[5., 4.]]]), tensor([[[1, 3]]]))
        >>> F.max_pool2d(torch.ones(2, 3, 7, 7), 2).size()
        torch.Size([2, 3, 3, 3])
        >>> F.max_pool3d(torch.ones(2, 3, 7, 7, 7), (1, 2, 2), ceil_mode=True).size()
        torch.Size([2, 3, 7, 4, 4])
        """
        steps = kernel_size if stride is None else stride
        compute = _C.nn.max_pool_with_indices if return_indices else _C.nn.max_pool
        result: Tensor | tuple[Tensor, Tensor] = compute(input, dims, kernel_size, steps, padding, dilation, ceil_mode)
        return result

    pool.__name__ = pool.__qualname__ = f"max_pool{dims}d"
    return pool


def _avg_pool(dims: int) -> Callable[..., Tensor]:
    def pool(
        input: Tensor,
        kernel_size: _Sizes,
        stride: _Sizes | None = None,
        padding: _Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> Tensor:
        """The mean of each window; `count_include_pad` says whether padding counts.

        >>> F.avg_pool1d(torch.tensor([[[1., 3., 5., 7.]]]), 2, stride=1)
        tensor([[[2., 4., 6.]]])
        >>> F.avg_pool2d(torch.ones(1, 1, 2, 2), 2, padding=1, count_include_pad=False)
        tensor([[[[1., 1.],
                  [1., 1.]]]])
        >>> F.avg_pool3d(torch.ones(2, 3, 8, 8, 8), (1, 2, 4)).size()
        torch.Size([2, 3, 8, 4, 2])
        """
        steps = kernel_size if stride is None else stride
        return _C.nn.avg_pool(input, dims, kernel_size, steps, padding, ceil_mode, count_include_pad)

    pool.__name__ = pool.__qualname__ = f"avg_pool{dims}d"
    return pool


max_pool1d, max_pool2d, max_pool3d = _max_pool(1), _max_pool(2), _max_pool(3)
avg_pool1d, avg_pool2d, avg_pool3d = _avg_pool(1), _avg_pool(2), _avg_pool(3)


def _spread(value: _Sizes, dims: int) -> tuple[int, ...]:
    return (value,) * dims if isinstance(value, int) else tuple(value)


def _spatial(input: Tensor, dims: int) -> list[int]:
    """The sizes of the last `dims` dimensions of N x C x spatial or C x spatial."""
    if input.dim() not in (dims + 1, dims + 2):
        names = " x ".join("C" + "DHW"[3 - dims :])
        raise RuntimeError(
            f"[pool] input has {input.dim()} dimensions, expected {dims + 2} (N x {names}) or {dims + 1} ({names})"
        )
    return list(input.size())[-dims:]


def _target(input: Tensor, output_size: _Output, dims: int) -> tuple[int, ...]:
    """The output size, with the input's where it is None."""
    wanted = (output_size,) * dims if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if len(wanted) != dims:
        raise ValueError(f"output_size {output_size} has {len(wanted)} numbers, expected {dims}, or one for all")
    return tuple(own if size is None else size for size, own in zip(wanted, _spatial(input, dims), strict=True))


def _adaptive_max_pool(dims: int) -> Callable[..., Tensor | tuple[Tensor, Tensor]]:
    def pool(input: Tensor, output_size: _Output, return_indices: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        """The largest values of as many windows as `output_size` says, where None means the input's size.

        >>> F.adaptive_max_pool1d(torch.tensor([[[1., 5., 3., 4., 0.]]]), 2, return_indices=True)
        (tensor([[[5., 4.]]]), tensor([[[1, 3]]]))
        >>> F.adaptive_max_pool2d(torch.ones(2, 3, 9, 7), (5, None)).size()
        torch.Size([2, 3, 5, 7])
        >>> F.adaptive_max_pool3d(torch.ones(2, 3, 9, 7, 8), 1).size()
        torch.Size([2, 3, 1, 1, 1])
        """
        values, indices = _C.nn.adaptive_max_pool(input, _target(input, output_size, dims))
        return (values, indices) if return_indices else values

    pool.__name__ = pool.__qualname__ = f"adaptive_max_pool{dims}d"
    return pool


def _adaptive_avg_pool(dims: int) -> Callable[..., Tensor]:
    def pool(input: Tensor, output_size: _Output) -> Tensor:
        """The means of as many windows as `output_size` says, where None means the input's size.

        >>> F.adaptive_avg_pool1d(torch.tensor([[[1., 5., 3., 4.]]]), 2)
        tensor([[[3.0000, 3.5000]]])
        >>> F.adaptive_avg_pool2d(torch.ones(2, 3, 9, 7), (5, None)).size()
        torch.Size([2, 3, 5, 7])
        >>> F.adaptive_avg_pool3d(torch.ones(2, 3, 9, 7, 8), 1).size()
        torch.Size([2, 3, 1, 1, 1])
        """
        return _C.nn.adaptive_avg_pool(input, _target(input, output_size, dims))

    pool.__name__ = pool.__qualname__ = f"adaptive_avg_pool{dims}d"
    return pool


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (_adaptive_max_pool(dims) for dims in (1, 2, 3))
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = (_adaptive_avg_pool(dims) for dims in (1, 2, 3))


def _lp_pool(input: Tensor, dims: int, norm_type: float, kernel_size: _Sizes, stride: _Sizes | None, ceil_mode: bool) -> Tensor:
    window = 1
    for size in _spread(kernel_size, dims):
        window *= size
    steps = kernel_size if stride is None else stride
    mean = _C.nn.avg_pool(input.pow(norm_type), dims, kernel_size, steps, 0, ceil_mode, True)
    return (mean.sign() * mean.abs() * window).pow(1.0 / norm_type)


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: int, stride: int | None = None, ceil_mode: bool = False) -> Tensor:
    """(The sum of x^p in each window)^(1/p), p = norm_type.

    >>> F.lp_pool1d(torch.tensor([[[3., 4., 6., 8.]]]), norm_type=2, kernel_size=2)
    tensor([[[ 5., 10.]]])
    """
    return _lp_pool(input, 1, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: _Sizes, stride: _Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """(The sum of x^p in each window)^(1/p), p = norm_type.

    >>> F.lp_pool2d(torch.tensor([[[[1., 2.], [3., 4.]]]]), norm_type=1, kernel_size=2)
    tensor([[[[10.]]]])
    """
    return _lp_pool(input, 2, norm_type, kernel_size, stride, ceil_mode)


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: _Sizes,
    output_size: _Sizes | None = None,
    output_ratio: float | tuple[float, float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """The largest values of windows at random places (Graham, 2014); N x C x H x W or C x H x W.

    Either output_size, or output_ratio: its fraction of the input's size.

    >>> F.fractional_max_pool2d(torch.ones(2, 3, 10, 10), 2, output_size=(5, 4)).size()
    torch.Size([2, 3, 5, 4])
    >>> F.fractional_max_pool2d(torch.ones(2, 3, 10, 10), 2, output_ratio=0.7).size()
    torch.Size([2, 3, 7, 7])
    """
    if (output_size is None) == (output_ratio is None):
        raise ValueError("fractional_max_pool2d requires one of output_size and output_ratio")
    if output_ratio is not None:
        ratios = (output_ratio, output_ratio) if isinstance(output_ratio, float | int) else output_ratio
        output_size = tuple(int(size * ratio) for size, ratio in zip(list(input.size())[-2:], ratios, strict=True))
    samples = _random_samples
    if samples is None:
        samples = _C.ops.rand(*list(input.size())[:-2], 2, dtype=input.dtype, device=input.device)
    assert output_size is not None
    values, indices = _C.nn.fractional_max_pool2d(input, kernel_size, _spread(output_size, 2), samples)
    return (values, indices) if return_indices else values


def _unpool_size(
    input: Tensor, dims: int, kernel: tuple[int, ...], steps: tuple[int, ...], padding: tuple[int, ...]
) -> tuple[int, ...]:
    sizes = _spatial(input, dims)
    return tuple((sizes[d] - 1) * steps[d] - 2 * padding[d] + kernel[d] for d in range(dims))


def _max_unpool(dims: int) -> Callable[..., Tensor]:
    def unpool(
        input: Tensor,
        indices: Tensor,
        kernel_size: _Sizes,
        stride: _Sizes | None = None,
        padding: _Sizes = 0,
        output_size: Sequence[int] | None = None,
    ) -> Tensor:
        """Values at the `indices` that a max pooling of the same arguments gave, zeros elsewhere.

        output_size: of the result, with or without N and C, where the stride leaves more than one possible.

        >>> values, indices = F.max_pool1d(torch.tensor([[[1., 5., 3., 4., 9.]]]), 2, return_indices=True)
        >>> F.max_unpool1d(values, indices, 2)
        tensor([[[0., 5., 0., 4.]]])
        >>> F.max_unpool1d(values, indices, 2, output_size=(5,))
        tensor([[[0., 5., 0., 4., 0.]]])
        """
        kernel = _spread(kernel_size, dims)
        steps = kernel if stride is None else _spread(stride, dims)
        size = _unpool_size(input, dims, kernel, steps, _spread(padding, dims))
        if output_size is not None:
            wanted = tuple(output_size)[-dims:]
            if len(wanted) != dims or any(not s - k < w < s + k for s, k, w in zip(size, steps, wanted, strict=True)):
                raise ValueError(f"invalid output_size {tuple(output_size)}: expected less than {steps} away from {size}")
            size = wanted
        return _C.nn.max_unpool(input, indices, size)

    unpool.__name__ = unpool.__qualname__ = f"max_unpool{dims}d"
    return unpool


max_unpool1d, max_unpool2d, max_unpool3d = _max_unpool(1), _max_unpool(2), _max_unpool(3)
