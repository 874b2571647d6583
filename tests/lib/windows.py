"""Sliding windows in plain loops, of any number of spatial dimensions: oracles of convolutions and poolings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

Sizes = tuple[int, ...]


def positions(
    size: Sizes, kernel: Sizes, stride: Sizes, pad: Sizes, dilation: Sizes, output: Sizes
) -> Iterator[tuple[Sizes, list[tuple[Sizes, Sizes]]]]:
    """For each output place, the (tap, input place) pairs inside the input."""
    dims = range(len(size))
    for place in np.ndindex(*output):
        seen = []
        for tap in np.ndindex(*kernel):
            at = tuple(place[d] * stride[d] - pad[d] + tap[d] * dilation[d] for d in dims)
            if all(0 <= at[d] < size[d] for d in dims):
                seen.append((tap, at))
        yield place, seen


def count(size: Sizes, kernel: Sizes, stride: Sizes, pad: Sizes, dilation: Sizes, *, ceil: bool = False) -> Sizes:
    """The number of windows along each dimension."""
    result = []
    for n, k, s, p, d in zip(size, kernel, stride, pad, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        windows = (room + s - 1 if ceil else room) // s + 1
        if ceil and (windows - 1) * s >= n + p:
            windows -= 1
        result.append(windows)
    return tuple(result)


def convolve(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, stride: Sizes, pad: Sizes, dilation: Sizes, groups: int = 1
) -> np.ndarray:
    """N x C x spatial with O x C/groups x kernel."""
    size, kernel = x.shape[2:], w.shape[2:]
    output = count(size, kernel, stride, pad, dilation)
    y = np.zeros((x.shape[0], w.shape[0], *output))
    inputs, outputs = x.shape[1] // groups, w.shape[0] // groups
    for place, seen in positions(size, kernel, stride, pad, dilation, output):
        for tap, at in seen:
            for g in range(groups):
                source = x[(slice(None), slice(g * inputs, (g + 1) * inputs), *at)]
                filters = w[(slice(g * outputs, (g + 1) * outputs), slice(None), *tap)]
                y[(slice(None), slice(g * outputs, (g + 1) * outputs), *place)] += source @ filters.T
    return y if b is None else y + b.reshape(1, -1, *[1] * len(size))


def transpose_convolve(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    stride: Sizes,
    pad: Sizes,
    dilation: Sizes,
    adjust: Sizes,
    groups: int = 1,
) -> np.ndarray:
    """N x C x spatial with C x O/groups x kernel."""
    kernel = w.shape[2:]
    dims = range(len(kernel))
    size = tuple((x.shape[2 + d] - 1) * stride[d] - 2 * pad[d] + dilation[d] * (kernel[d] - 1) + 1 + adjust[d] for d in dims)
    inputs, outputs = x.shape[1] // groups, w.shape[1]
    y = np.zeros((x.shape[0], outputs * groups, *size))
    for place, seen in positions(size, kernel, stride, pad, dilation, x.shape[2:]):
        for tap, at in seen:
            for g in range(groups):
                source = x[(slice(None), slice(g * inputs, (g + 1) * inputs), *place)]
                filters = w[(slice(g * inputs, (g + 1) * inputs), slice(None), *tap)]
                y[(slice(None), slice(g * outputs, (g + 1) * outputs), *at)] += source @ filters
    return y if b is None else y + b.reshape(1, -1, *[1] * len(size))


def max_pool(x: np.ndarray, kernel: Sizes, stride: Sizes, pad: Sizes, dilation: Sizes, *, ceil: bool = False) -> np.ndarray:
    """N x C x spatial."""
    size = x.shape[2:]
    output = count(size, kernel, stride, pad, dilation, ceil=ceil)
    y = np.zeros((*x.shape[:2], *output))
    for place, seen in positions(size, kernel, stride, pad, dilation, output):
        y[(..., *place)] = np.max([x[(..., *at)] for _, at in seen], 0)
    return y


def avg_pool(
    x: np.ndarray, kernel: Sizes, stride: Sizes, pad: Sizes, *, ceil: bool = False, include_pad: bool = True
) -> np.ndarray:
    """N x C x spatial."""
    size, ones = x.shape[2:], (1,) * len(kernel)
    output = count(size, kernel, stride, pad, ones, ceil=ceil)
    y = np.zeros((*x.shape[:2], *output))
    for place, seen in positions(size, kernel, stride, pad, ones, output):
        divisor = len(seen)
        if include_pad:
            starts = [place[d] * stride[d] - pad[d] for d in range(len(size))]
            divisor = int(np.prod([min(s + k, n + p) - s for s, k, n, p in zip(starts, kernel, size, pad, strict=True)]))
        y[(..., *place)] = np.sum([x[(..., *at)] for _, at in seen], 0) / divisor
    return y


def boxes(size: Sizes, output: Sizes) -> Iterator[tuple[Sizes, tuple[slice, ...]]]:
    """The windows of adaptive poolings."""
    for place in itertools.product(*(range(n) for n in output)):
        pairs = zip(place, size, output, strict=True)
        yield place, tuple(slice(o * n // m, -(-(o + 1) * n // m)) for o, n, m in pairs)
