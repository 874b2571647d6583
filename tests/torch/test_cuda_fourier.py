"""Fourier transforms on a CUDA device against the host's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import torch

from .test_cuda import assert_close, needs_gpu

DTYPES = [torch.float32, torch.float64]
SHAPES = [(1,), (2,), (7,), (8,), (3, 5), (3, 6), (4, 1), (2, 3, 5), (2, 4, 6), (2, 3, 4, 5), (2, 2, 30, 17)]


def numbers(dtype: torch.dtype, *size: int) -> torch.Tensor:
    torch.manual_seed(4)
    return torch.randn(*size, dtype=torch.float64).to(dtype)


def tolerance_of(dtype: torch.dtype) -> float:
    return 1e-11 if dtype == torch.float64 else 2e-4


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_transforms(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x, z = numbers(dtype, *shape), numbers(dtype, *shape, 2)
    for dims in range(1, min(3, len(shape)) + 1):
        functions: list[tuple[Callable[..., torch.Tensor], torch.Tensor]] = [
            (lambda t, k=dims: torch.fft(t, k), z),
            (lambda t, k=dims: torch.ifft(t, k, normalized=True), z),
            (lambda t, k=dims: torch.rfft(t, k), x),
            (lambda t, k=dims: torch.rfft(t, k, onesided=False), x),
            (lambda t, k=dims: torch.irfft(torch.rfft(t, k), k, signal_sizes=t.shape[t.dim() - k :]), x),
        ]
        for function, value in functions:
            assert_close(function(value.cuda()), function(value), tolerance_of(dtype))
        # Halves of no real signal: what stands for itself loses its imaginary part, on both.
        last = 2 * (shape[-1] - 1) or 1
        if last // 2 + 1 == shape[-1]:
            want = torch.irfft(z, dims, signal_sizes=[*shape[len(shape) - dims : -1], last])
            assert_close(
                torch.irfft(z.cuda(), dims, signal_sizes=[*shape[len(shape) - dims : -1], last]), want, tolerance_of(dtype)
            )


@needs_gpu
def test_layouts_and_batches() -> None:
    z = numbers(torch.float32, 6, 4, 10, 2)
    forms = [z.transpose(0, 2), z[1:, :, ::2], z[:, :, 1:], z[:1].expand(3, -1, -1, -1), z[:0], z.view(-1)[1:-1].view(-1, 2)]
    for form in forms:
        assert_close(torch.fft(form.cuda(), 1), torch.fft(form, 1), 1e-4)
    shifted = z.cuda().view(-1)[1:-1].view(-1, 2)  # complex numbers that begin in the middle of one
    assert_close(torch.fft(shifted, 1), torch.fft(z.view(-1)[1:-1].view(-1, 2), 1), 1e-3)
    for _ in range(2):  # plans serve again
        for n in range(1, 90):
            assert_close(torch.fft(z.cuda().view(-1, 2)[:n], 1), torch.fft(z.view(-1, 2)[:n], 1), 1e-4)
    with torch.cuda.stream(torch.cuda.Stream()):
        assert_close(torch.fft(z.cuda(), 2), torch.fft(z, 2), 1e-4)


@needs_gpu
@pytest.mark.parametrize(
    "refused",
    [
        lambda place: torch.fft(torch.ones(3, 3).to(place), 1),
        lambda place: torch.fft(torch.ones(3, 2).to(place), 2),
        lambda place: torch.fft(torch.ones(0, 2).to(place), 1),
        lambda place: torch.fft(torch.ones(3, 2).to(place), 4),
        lambda place: torch.rfft(torch.ones(2, 0).to(place), 1),
        lambda place: torch.irfft(torch.ones(3, 2).to(place), 1, signal_sizes=[9]),
    ],
)
def test_what_the_host_refuses(refused: Callable[[str], Any]) -> None:
    with pytest.raises(RuntimeError) as on_host:
        refused("cpu")
    with pytest.raises(RuntimeError) as on_device:
        refused("cuda")
    assert str(on_device.value) == str(on_host.value)
