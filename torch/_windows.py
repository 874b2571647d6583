"""Window functions, by which signals are multiplied before a transform."""

from __future__ import annotations

import math

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window"]


def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> _C.Tensor:
    """A triangle from 0 to 1 and back: `1 - |2 n / (N - 1) - 1|`.

    `periodic`: for a signal that repeats, as the first elements of the symmetric window that is longer by one. `options`: the
    dtype, layout, device and requires_grad of a factory.

    >>> torch.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _window("bartlett_window", window_length, periodic, options, lambda t: 1 - (2 * t - 1).abs())


def hann_window(window_length: int, periodic: bool = True, **options: Any) -> _C.Tensor:
    """`0.5 - 0.5 cos(2 pi n / (N - 1))`; see `bartlett_window` for the arguments.

    >>> torch.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    >>> torch.hann_window(5, periodic=False)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return _cosines("hann_window", window_length, periodic, options, (0.5, -0.5))


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> _C.Tensor:
    """`alpha - beta cos(2 pi n / (N - 1))`; see `bartlett_window` for the arguments.

    >>> torch.hamming_window(4, alpha=0.5, beta=0.5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _cosines("hamming_window", window_length, periodic, options, (alpha, -beta))


def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> _C.Tensor:
    """`0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))`; see `bartlett_window` for the arguments.

    >>> (torch.blackman_window(5, periodic=False) * 100).round().abs()
    tensor([  0.,  34., 100.,  34.,   0.])
    """
    return _cosines("blackman_window", window_length, periodic, options, (0.42, -0.5, 0.08))


def _cosines(name: str, length: int, periodic: bool, options: dict[str, Any], weights: tuple[float, ...]) -> _C.Tensor:
    """The sum of weights[k] cos(2 pi k t)."""

    def value(t: _C.Tensor) -> _C.Tensor:
        result = t * 0 + weights[0]
        for k, weight in enumerate(weights[1:], 1):
            result += weight * (t * (2 * math.pi * k)).cos()
        return result

    return _window(name, length, periodic, options, value)


def _window(name: str, length: int, periodic: bool, options: dict[str, Any], value: Any) -> _C.Tensor:
    """value(n / (N - 1)) for n = 0, 1, ..., computed in float64 and rounded once."""
    if length < 0:
        raise RuntimeError(f"[{name}] window_length, {length}: it must not be negative")
    like = _C.ops.empty(0, **options)
    if not like.is_floating_point():
        raise RuntimeError(f"[{name}] dtype, {like.dtype}: floating dtypes only")
    intervals = length if periodic else length - 1
    places = _C.ops.arange(length, dtype=_C.float64, device=like.device)
    values = value(places / intervals) if length > 1 else places + 1
    return values.to(like.dtype).requires_grad_(like.requires_grad)
