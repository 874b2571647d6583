"""Fourier transforms beside NumPy's in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch
from torch.autograd import gradcheck, gradgradcheck

LENGTHS = [
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    11,
    13,
    16,
    17,
    19,
    26,
    30,
    37,
    64,
    77,
    97,
    100,
    121,
    169,
    289,
    360,
    509,
    1000,
    1024,
    1155,
    4099,
]
ERROR = {"float32": 6e-7, "float64": 2e-15}  # of the root mean square, times the logarithm of the length


def reals(*shape: int, dtype: str = "float64") -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(len(shape)).standard_normal(shape).astype(dtype))


def pairs(array: Any) -> Any:
    return np.stack([array.real, array.imag], -1)


def numbers(tensor: torch.Tensor) -> Any:
    array = tensor.detach().numpy().astype("f8")
    return array[..., 0] + 1j * array[..., 1]


def close(found: torch.Tensor, expected: Any, n: int) -> None:
    assert found.shape == expected.shape
    bound = ERROR[str(found.dtype)[6:]] * (1 + np.log2(n)) * np.sqrt(np.mean(expected**2) + 1e-30)
    # Bluestein's way takes three transforms of a length that is up to four times as large
    assert np.abs(found.numpy() - expected).max() <= 4 * bound


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", LENGTHS)
def test_lengths(n: int, dtype: str) -> None:
    for batch in ((), (1,), (5,), (2, 33)):
        x, y = reals(*batch, n, 2, dtype=dtype), reals(*batch, n, dtype=dtype)
        close(torch.fft(x, 1), pairs(np.fft.fft(numbers(x))), n)
        close(torch.ifft(x, 1), pairs(np.fft.ifft(numbers(x))), n)
        close(torch.fft(x, 1, True), pairs(np.fft.fft(numbers(x), norm="ortho")), n)
        half = torch.rfft(y, 1)
        close(half, pairs(np.fft.rfft(y.numpy().astype("f8"))), n)
        close(torch.rfft(y, 1, onesided=False), pairs(np.fft.fft(y.numpy().astype("f8"))), n)
        close(torch.irfft(half, 1, signal_sizes=(n,)), y.numpy(), n)
        close(torch.irfft(torch.rfft(y, 1, True, False), 1, True, False), y.numpy(), n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [4095, 4096, 4374, 10240, 16807, 46656, 1 << 17])
def test_long_lines(n: int, dtype: str) -> None:
    """These are transformed as matrices, by all threads; what shares a call stays apart."""
    x, before = reals(3, n, 2, dtype=dtype), torch.get_num_threads()
    expected = pairs(np.fft.fft(numbers(x)))
    close(torch.fft(x[1], 1), expected[1], n)
    close(torch.ifft(x, 1), pairs(np.fft.ifft(numbers(x))), n)
    x[2, n // 3] = float("nan")
    try:
        results = []
        for threads in (1, 3):
            torch.set_num_threads(threads)
            results.append(torch.fft(x, 1))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(results[0][:2], results[1][:2]) and torch.isnan(results[1][2]).all()
    close(results[0][:2], expected[:2], n)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 6, 1, 17), (3, 8, 9, 2)])
def test_dimensions(shape: tuple[int, ...], dims: int) -> None:
    axes = tuple(range(4 - dims, 4))
    x, y = reals(*shape, 2), reals(*shape)
    for norm, normalized in (("backward", False), ("ortho", True)):
        close(torch.fft(x, dims, normalized), pairs(np.fft.fftn(numbers(x), axes=axes, norm=norm)), 99)
        close(torch.ifft(x, dims, normalized), pairs(np.fft.ifftn(numbers(x), axes=axes, norm=norm)), 99)
        half = torch.rfft(y, dims, normalized)
        close(half, pairs(np.fft.rfftn(y.numpy(), axes=axes, norm=norm)), 99)
        close(torch.irfft(half, dims, normalized, True, shape[4 - dims :]), y.numpy(), 99)
        full = torch.rfft(y, dims, normalized, False)
        close(torch.irfft(full, dims, normalized, False), y.numpy(), 99)


def test_what_is_not_the_half_of_a_real_signal_counts_as_numpy_counts_it() -> None:
    for n in (6, 7):
        x = reals(3, n // 2 + 1, 2)
        close(torch.irfft(x, 1, signal_sizes=(n,)), np.fft.irfft(numbers(x), n), n)


def test_layouts() -> None:
    x = reals(6, 10, 4)
    for view in (x[::2, :, 1:3], x[:, ::3, ::2], x.transpose(0, 1)[..., :2], x[:1, :, :2].expand(4, 10, 2)):
        close(torch.fft(view, 1), pairs(np.fft.fft(numbers(view))), 10)
        close(torch.rfft(view, 2), pairs(np.fft.rfft2(view.numpy())), 10)


def test_a_nan_stays_in_its_line() -> None:
    x = torch.zeros(20, 6)
    x[3, 2] = float("nan")
    bad = torch.isnan(torch.rfft(x, 1)).view(20, -1).sum(1) > 0
    assert bad.tolist() == [int(line == 3) for line in range(20)]


def test_threads_change_nothing() -> None:
    x, before = reals(300, 360, 2, dtype="float32"), torch.get_num_threads()
    try:
        results = []
        for threads in (1, 3):
            torch.set_num_threads(threads)
            results.append(torch.fft(x, 2))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*results)


def test_gradients() -> None:
    x, y, half = (t.requires_grad_() for t in (reals(2, 3, 4, 2), reals(2, 3, 5), reals(2, 3, 3, 2)))
    for check in (gradcheck, gradgradcheck):
        for normalized in (False, True):
            assert check(lambda t, n=normalized: torch.fft(t, 2, n), (x,))
            assert check(lambda t, n=normalized: torch.ifft(t, 1, n), (x,))
            for onesided in (False, True):
                assert check(lambda t, n=normalized, o=onesided: torch.rfft(t, 2, n, o), (y,))
            for last in (4, 5):
                assert check(lambda t, n=normalized, m=last: torch.irfft(t, 2, n, True, (3, m)), (half,))
            assert check(lambda t, n=normalized: torch.irfft(t, 1, n, False), (x,))


@pytest.mark.parametrize("pad_end", [0, 5])
@pytest.mark.parametrize("fft_size", [None, 12])
def test_stft_is_the_transform_of_each_frame(fft_size: int | None, pad_end: int) -> None:
    signal, window = reals(2, 40), torch.hann_window(8, dtype=torch.float64)
    padded = np.pad(signal.numpy(), ((0, 0), (0, pad_end)))
    frames = np.stack([padded[:, i : i + 8] for i in range(0, 40 + pad_end - 7, 3)], 1) * window.numpy()
    found = torch.stft(signal, 8, 3, fft_size, window=window, pad_end=pad_end)
    close(found, pairs(np.fft.rfft(frames, fft_size)), 12)
    close(torch.stft(signal[1], 8, 3, fft_size, window=window, pad_end=pad_end), found[1].numpy(), 12)
    full = torch.stft(signal, 8, 3, fft_size, True, False, window, pad_end)
    close(full, pairs(np.fft.fft(frames, fft_size, norm="ortho")), 12)
    assert gradcheck(lambda s: torch.stft(s, 8, 3, fft_size, window=window, pad_end=pad_end), (signal.requires_grad_(),))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: torch.fft(torch.zeros(3), 1), r"\[fft\] self of size \(3,\), expected at least 2 dimensions"),
        (lambda: torch.fft(torch.zeros(3, 3), 1), r"\[fft\] self of size \(3, 3\), expected a last dimension of size 2"),
        (lambda: torch.fft(torch.zeros(3, 2), 4), r"\[fft\] signal_ndim, 4, must be 1, 2 or 3"),
        (lambda: torch.ifft(torch.zeros(0, 2), 1), r"\[fft\] self of size \(0, 2\), expected signals with elements"),
        (lambda: torch.rfft(torch.zeros(()), 1), r"\[rfft\] self of size"),
        (lambda: torch.rfft(torch.zeros(3, dtype=torch.int64), 1), r"\[rfft\] not implemented for Long"),
        (lambda: torch.irfft(torch.zeros(3, 2), 1, signal_sizes=(6,)), r"\[irfft\] signal_sizes, \(6,\), do not fit"),
        (lambda: torch.irfft(torch.zeros(1, 2), 1), r"\[irfft\] a last signal dimension of size 1"),
        (lambda: torch.irfft(torch.zeros(()), 1), r"\[irfft\] self of size"),
        (lambda: torch.stft(torch.zeros(3), 4, 1), r"\[stft\] frame_length, 4, is more than the 3 elements"),
        (lambda: torch.stft(torch.zeros(3), 2, 0), r"\[stft\] hop, 0, must be at least 1"),
        (lambda: torch.stft(torch.zeros(3), 2, 1, 1), r"\[stft\] fft_size, 1, must be at least frame_length, 2"),
        (lambda: torch.stft(torch.zeros(3), 2, 1, window=torch.ones(3)), r"\[stft\] window of size \(3,\)"),
        (lambda: torch.stft(torch.zeros(1, 1, 3), 2, 1), r"\[stft\] signal of size"),
    ],
)
def test_bad_arguments(call: Any, text: str) -> None:
    with pytest.raises(RuntimeError, match=text):
        call()


def test_an_empty_batch() -> None:
    assert torch.fft(torch.zeros(0, 4, 2), 1).shape == (0, 4, 2)
    assert torch.rfft(torch.zeros(0, 4), 1).shape == (0, 3, 2)
    assert torch.irfft(torch.zeros(0, 3, 2), 1).shape == (0, 4)
