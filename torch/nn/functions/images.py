"""Padding, interpolation, sampling, shuffling of pixels, and the bilinear map."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Tensor = _C.Tensor

_MODES = {"nearest": 2, "linear": 3, "bilinear": 3, "trilinear": 3, "bicubic": 4}
_DIMS = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0) -> Tensor:
    """Pads the last dimensions: `pad` is (left, right, top, bottom, ...), the last dimension's first.

    mode: "constant" (any dimensions; negative paddings crop), "reflect" (the last 1 or 2 of N x C x spatial) or "replicate"
    (the last 1 to 3).

    >>> torch.nn.functional.pad(torch.tensor([[1.0, 2.0]]), (1, 2))
    tensor([[0., 1., 2., 0., 0.]])
    """
    if len(pad) % 2:
        raise ValueError(f"pad has {len(pad)} numbers, expected before and after for each dimension")
    if len(pad) // 2 > input.dim():
        raise ValueError(f"pad speaks of {len(pad) // 2} dimensions, the input has {input.dim()}")
    if mode == "constant":
        return _C.nn.constant_pad(input, tuple(pad), value)
    if value != 0:
        raise ValueError(f"padding mode {mode!r} does not take a value")
    most = {"reflect": 2, "replicate": 3}
    if mode not in most:
        raise ValueError(f"mode must be 'constant', 'reflect' or 'replicate', not {mode!r}")
    dims = len(pad) // 2
    if not 1 <= dims <= most[mode]:
        raise NotImplementedError(f"{mode} pads the last 1 to {most[mode]} of N x C x spatial dimensions, {dims} given")
    if input.dim() != dims + 2:
        raise NotImplementedError(
            f"{mode} of {dims} dimensions: input has {input.dim()}, expected {dims + 2} (N x C x spatial)"
        )
    return (_C.nn.reflection_pad if mode == "reflect" else _C.nn.replication_pad)(input, tuple(pad))


def _output_size(
    input: Tensor, size: int | Sequence[int] | None, scale_factor: float | Sequence[float] | None
) -> tuple[int, ...]:
    dims = input.dim() - 2
    if (size is None) == (scale_factor is None):
        raise ValueError("exactly one of size and scale_factor should be defined")
    given = size if size is not None else scale_factor
    numbers = [given] * dims if isinstance(given, int | float) else list(given or ())
    if len(numbers) != dims:
        raise ValueError(f"size or scale_factor has {len(numbers)} numbers, the input {dims} spatial dimensions")
    if size is not None:
        return tuple(int(number) for number in numbers)
    return tuple(int(input.size(2 + d) * numbers[d]) for d in range(dims))


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Resizes N x C x spatial (1 to 3 dimensions) to `size`, or by `scale_factor`.

    mode: "nearest", "linear" (1-d), "bilinear" and "bicubic" (2-d), "trilinear" (3-d). align_corners: the middles of the
    corner elements stay in place; else (the default, unlike 0.3) their edges do.

    >>> x = torch.tensor([[[1., 3.]]])
    >>> F.interpolate(x, scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    >>> F.interpolate(x, size=4, mode="linear", align_corners=False)
    tensor([[[1.0000, 1.5000, 2.5000, 3.0000]]])
    """
    if mode not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}, not {mode!r}")
    if mode in _DIMS and input.dim() != _DIMS[mode] + 2:
        raise ValueError(f"mode {mode!r} takes inputs of {_DIMS[mode] + 2} dimensions, got {input.dim()}")
    if mode == "nearest" and align_corners is not None:
        raise ValueError("align_corners can only be set with the modes linear, bilinear, bicubic and trilinear")
    return _C.nn.upsample(input, _output_size(input, size, scale_factor), _MODES[mode], bool(align_corners))


def _deprecated(name: str) -> None:
    import warnings

    warnings.warn(f"nn.functional.{name} is deprecated. Use nn.functional.interpolate instead.", stacklevel=3)


def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate`, by its older name; it warns.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     F.upsample(torch.tensor([[[1., 3.]]]), scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    """
    _deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """`interpolate` with mode "nearest"; it warns.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     F.upsample_nearest(torch.tensor([[[[1., 2.]]]]), scale_factor=2)
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """
    _deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Tensor:
    """`interpolate` with mode "bilinear" and align_corners; it warns.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     F.upsample_bilinear(torch.tensor([[[[1., 2.]]]]), size=(1, 3))
    tensor([[[[1.0000, 1.5000, 2.0000]]]])
    """
    _deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def grid_sample(input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros") -> Tensor:
    """N x C x (D x) H x W, sampled linearly at grid, N x spatial x 2 (or 3): x, y (, z) from -1 to 1.

    -1 and 1 are the middles of the first and last elements. padding_mode: what lies outside, "zeros" or the "border".

    >>> image = torch.tensor([[[[1., 2.], [3., 4.]]]])
    >>> F.grid_sample(image, torch.tensor([[[[-1., -1.], [0., 0.], [1., 0.]]]]))
    tensor([[[[1.0000, 2.5000, 3.0000]]]])
    """
    if mode != "bilinear":
        raise NotImplementedError(f"nn.functional.grid_sample got unsupported mode: {mode!r}")
    if padding_mode not in ("zeros", "border"):
        raise ValueError(f"padding_mode needs to be 'zeros' or 'border', but got {padding_mode!r}")
    return _C.nn.grid_sampler(input, grid, padding_mode == "border")


def affine_grid(theta: Tensor, size: Sequence[int]) -> Tensor:
    """The grid of `grid_sample` for affine maps theta, N x 2 x 3, of outputs of `size`, N x C x H x W: N x H x W x 2.

    >>> turned = torch.tensor([[[0., -1., 0.], [1., 0., 0.]]])
    >>> F.affine_grid(turned, torch.Size((1, 1, 2, 2)))[0, 0]
    tensor([[ 1., -1.],
            [ 1.,  1.]])
    """
    if len(size) != 4 or list(theta.size()) != [size[0], 2, 3]:
        raise ValueError(f"theta has size {tuple(theta.size())}, expected N x 2 x 3 for a size of N x C x H x W: {tuple(size)}")
    count, _, height, width = size
    x, y = (
        _C.ops.linspace(-1, 1, steps, dtype=theta.dtype, device=theta.device) if steps > 1 else theta.new_full((1,), -1)
        for steps in (width, height)
    )
    base = _C.ops.stack(
        [x.unsqueeze(0).expand(height, width), y.unsqueeze(1).expand(height, width), theta.new_ones(height, width)], -1
    )
    flat = base.view(1, height * width, 3).expand(count, height * width, 3)
    return _C.ops.bmm(flat, theta.transpose(1, 2)).view(count, height, width, 2)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """N x (C r^2) x H x W into N x C x (H r) x (W r), r = upscale_factor (Shi et al., 2016).

    >>> F.pixel_shuffle(torch.arange(4.).view(1, 4, 1, 1), 2)
    tensor([[[[0., 1.],
              [2., 3.]]]])
    """
    if input.dim() != 4:
        raise ValueError(f"[pixel_shuffle] input has {input.dim()} dimensions, expected 4 (N x C x H x W)")
    count, channels, height, width = input.size()
    r = upscale_factor
    if channels % (r * r):
        raise ValueError(f"[pixel_shuffle] {channels} channels cannot be divided by the square of upscale_factor {r}")
    parts = input.contiguous().view(count, channels // r**2, r, r, height, width)
    return parts.permute(0, 1, 4, 2, 5, 3).contiguous().view(count, channels // r**2, height * r, width * r)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y[o] = x1 . weight[o] . x2 + bias[o]: input1 (*, in1), input2 (*, in2), weight (out, in1, in2), result (*, out).

    >>> F.bilinear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]), torch.tensor([[[1., 0.], [0., 10.]]]))
    tensor([[83.]])
    """
    lead = list(input1.size())[:-1]
    if list(input2.size())[:-1] != lead:
        raise ValueError(f"[bilinear] inputs of sizes {tuple(input1.size())} and {tuple(input2.size())} differ before the last")
    out, in1, in2 = weight.size()
    if input1.size(-1) != in1 or input2.size(-1) != in2:
        raise ValueError(
            f"[bilinear] inputs have {input1.size(-1)} and {input2.size(-1)} features, weight expects {in1} and {in2}"
        )
    left = input1.contiguous().view(-1, in1)
    right = input2.contiguous().view(-1, in2)
    mixed = left.mm(weight.permute(1, 0, 2).contiguous().view(in1, out * in2)).view(-1, out, in2)
    result = _C.ops.bmm(mixed, right.unsqueeze(2)).squeeze(2)
    if bias is not None:
        result = result + bias
    return result.view([*lead, out])
