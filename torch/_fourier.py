"""Fourier transforms. A complex number is a last dimension of size 2: real part, imaginary part."""

from __future__ import annotations

import math

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fft", "ifft", "irfft", "rfft", "stft"]


def fft(input: _C.Tensor, signal_ndim: int, normalized: bool = False) -> _C.Tensor:
    """The transform of the last `signal_ndim` (1, 2 or 3) dimensions before that of the complex numbers.

    `X[k] = sum of x[j] exp(-2 pi i j k / n)`, along each of them; dimensions before them are a batch. `normalized` divides by
    the square root of the signal's number of elements, so that `ifft` with `normalized` is the inverse. float32, float64.

    >>> torch.fft(torch.tensor([[1., 0.], [2., 0.], [3., 0.]]), 1)
    tensor([[ 6.0000,  0.0000],
            [-1.5000,  0.8660],
            [-1.5000, -0.8660]])
    """
    return _C.ops._fft(input, signal_ndim, -1, _scale(_count(input, signal_ndim, 1), normalized))


def ifft(input: _C.Tensor, signal_ndim: int, normalized: bool = False) -> _C.Tensor:
    """The inverse of `fft` with the same arguments.

    >>> torch.ifft(torch.tensor([[6., 0.], [0., 0.], [0., 0.]]), 1)
    tensor([[2., 0.],
            [2., 0.],
            [2., 0.]])
    """
    return _C.ops._fft(input, signal_ndim, 1, _scale(_count(input, signal_ndim, 1), normalized, inverse=True))


def rfft(input: _C.Tensor, signal_ndim: int, normalized: bool = False, onesided: bool = True) -> _C.Tensor:
    """`fft` of reals. The later half of its last dimension mirrors the earlier one; `onesided` leaves it out: n / 2 + 1 remain.

    >>> torch.rfft(torch.tensor([1., 2., 3., 4.]), 1)
    tensor([[10.,  0.],
            [-2.,  2.],
            [-2.,  0.]])
    """
    if not onesided:
        return fft(_C.ops.stack([input, _C.ops.zeros_like(input)], -1), signal_ndim, normalized)
    return _C.ops._fft_real(input, signal_ndim, _scale(_count(input, signal_ndim, 0), normalized), 1)


def irfft(
    input: _C.Tensor,
    signal_ndim: int,
    normalized: bool = False,
    onesided: bool = True,
    signal_sizes: Sequence[int] | None = None,
) -> _C.Tensor:
    """The inverse of `rfft` with the same arguments.

    `signal_sizes` are the sizes of the reals. They are needed where the last one is odd: the halves of 6 and 7 have the same
    size.

    >>> x = torch.tensor([1., 2., 3., 4., 5.])
    >>> torch.irfft(torch.rfft(x, 1), 1, signal_sizes=x.shape).round()
    tensor([1., 2., 3., 4., 5.])
    """
    sizes = _signal_sizes(input, signal_ndim)
    half = sizes[-1] if sizes else 0
    wanted = [*sizes[:-1], 2 * (half - 1) if onesided else half] if not signal_sizes else [int(n) for n in signal_sizes]
    fits = len(wanted) == len(sizes) and wanted[:-1] == sizes[:-1]
    if signal_sizes and not (fits and half == (wanted[-1] // 2 + 1 if onesided else wanted[-1])):
        raise RuntimeError(
            f"[irfft] signal_sizes, {tuple(wanted)}, do not fit input of size {tuple(input.shape)} with onesided={onesided}"
        )
    count = max(1, math.prod(wanted))
    last = wanted[-1] if wanted else 0
    if not onesided and sizes:
        input = input.narrow(-2, 0, last // 2 + 1)
    return _C.ops._ifft_real(input, signal_ndim, last, _scale(count, normalized, inverse=True), 1)


def stft(
    signal: _C.Tensor,
    frame_length: int,
    hop: int,
    fft_size: int | None = None,
    normalized: bool = False,
    onesided: bool = True,
    window: _C.Tensor | None = None,
    pad_end: int = 0,
) -> _C.Tensor:
    """The transforms of frames of a signal (n) or of a batch of signals (b, n): (b, frames, frequencies, 2).

    A frame has `frame_length` elements, and begins `hop` after the one before it; it is multiplied by `window` and filled up
    with zeros to `fft_size` (default: `frame_length`). `pad_end` zeros follow the signal first. `normalized`, `onesided`: as in
    `rfft`.

    >>> torch.stft(torch.tensor([1., 2., 3., 4., 5.]), 2, 1, pad_end=1)[:, :, 0]
    tensor([[ 3., -1.],
            [ 5., -1.],
            [ 7., -1.],
            [ 9., -1.],
            [ 5.,  5.]])
    """
    size = frame_length if fft_size is None else fft_size
    _check_frames(signal, frame_length, hop, size, window, pad_end)
    if pad_end:
        signal = _C.ops.cat([signal, signal.new_zeros([*signal.shape[:-1], pad_end])], -1)
    if signal.shape[-1] < frame_length:
        raise RuntimeError(f"[stft] frame_length, {frame_length}, is more than the {signal.shape[-1]} elements of the signal")
    frames = signal.unfold(-1, frame_length, hop)
    if window is not None:
        frames = frames * window
    if size > frame_length:
        frames = _C.ops.cat([frames, frames.new_zeros([*frames.shape[:-1], size - frame_length])], -1)
    return rfft(frames, 1, normalized, onesided)


def _check_frames(signal: _C.Tensor, frame_length: int, hop: int, size: int, window: _C.Tensor | None, pad_end: int) -> None:
    if signal.dim() not in (1, 2):
        raise RuntimeError(f"[stft] signal of size {tuple(signal.shape)}, expected one or two dimensions")
    for name, value, least in (("frame_length", frame_length, 1), ("hop", hop, 1), ("pad_end", pad_end, 0)):
        if value < least:
            raise RuntimeError(f"[stft] {name}, {value}, must be at least {least}")
    if size < frame_length:
        raise RuntimeError(f"[stft] fft_size, {size}, must be at least frame_length, {frame_length}")
    if window is not None and tuple(window.shape) != (frame_length,):
        raise RuntimeError(f"[stft] window of size {tuple(window.shape)}, expected ({frame_length},), frame_length")


def _signal_sizes(input: _C.Tensor, signal_ndim: int, complex_dims: int = 1) -> list[int]:
    """What the operation itself refuses gives fewer sizes here."""
    end = max(0, input.dim() - complex_dims)
    return list(input.shape[max(0, end - max(0, signal_ndim)) : end])


def _count(input: _C.Tensor, signal_ndim: int, complex_dims: int) -> int:
    return max(1, math.prod(_signal_sizes(input, signal_ndim, complex_dims)))


def _scale(count: int, normalized: bool, *, inverse: bool = False) -> float:
    return 1 / math.sqrt(count) if normalized else 1 / count if inverse else 1.0
