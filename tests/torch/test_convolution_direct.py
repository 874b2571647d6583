"""Convolutions of signals and volumes that are large enough to be computed without columns, against NumPy's sliding windows."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import torch
import torch.nn.functional as F

# name -> shapes of input and weight, stride, padding, dilation
CASES = {
    "signal": ((3, 6, 403), (40, 6, 5), (1,), (2,), (1,)),
    "signal, strided": ((3, 6, 801), (32, 6, 4), (2,), (3,), (3,)),
    "signal, alone": ((1, 6, 900), (32, 6, 3), (1,), (1,), (1,)),
    "signal, one channel": ((2, 1, 600), (32, 1, 9), (1,), (0,), (1,)),
    "signal, half a block of float": ((3, 6, 403), (16, 6, 5), (1,), (2,), (1,)),
    "signal, half a block of double": ((3, 6, 801), (8, 6, 4), (2,), (3,), (3,)),
    "volume": ((2, 5, 7, 11, 29), (32, 5, 3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "volume, unlike": ((1, 4, 9, 12, 31), (24, 4, 2, 3, 4), (2, 1, 2), (1, 3, 2), (2, 1, 2)),
    "volume, half a block": ((2, 16, 5, 9, 23), (40, 16, 3, 3, 2), (1, 1, 1), (1, 1, 0), (1, 1, 1)),
    "volume, one slice": ((2, 3, 1, 19, 23), (32, 3, 3, 1, 3), (1, 1, 1), (1, 0, 1), (1, 1, 1)),
}


def windows(x: np.ndarray, case: str) -> np.ndarray:
    """What each output position sees: N x C x positions x taps."""
    _, weight, stride, padding, dilation = CASES[case]
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    extent = tuple((k - 1) * d + 1 for k, d in zip(weight[2:], dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(padded, extent, tuple(range(2, x.ndim)))
    steps = (slice(None), slice(None), *(slice(None, None, s) for s in (*stride, *dilation)))
    return seen[steps]


def arrays(case: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, weight = (np.random.default_rng(k).standard_normal(shape) for k, shape in enumerate(CASES[case][:2]))
    return x, weight, np.random.default_rng(5).standard_normal(weight.shape[0])


def convolve(kind: str, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    call = F.conv1d if x.dim() == 3 else F.conv3d
    return call(x, weight, bias, *CASES[kind][2:])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients(case: str, dtype: str) -> None:
    given = arrays(case)
    x, weight, bias = (torch.from_numpy(a.astype(dtype)).requires_grad_() for a in given)
    found = convolve(case, x, weight, bias)
    axes = "ijk"[: found.dim() - 2]
    taps = "xyz"[: found.dim() - 2]
    seen = windows(given[0], case)
    expected = np.einsum(f"nc{axes}{taps},oc{taps}->no{axes}", seen, given[1], optimize=True)
    expected += given[2].reshape(-1, *[1] * len(axes))
    near = {"rtol": 1e-4, "atol": 1e-3} if dtype == "f4" else {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(found.detach().numpy(), expected, **near)
    gy = np.random.default_rng(9).standard_normal(expected.shape)
    found.backward(torch.from_numpy(gy.astype(dtype)))
    # The convolution is linear in each argument: its gradient is the adjoint, tested along a direction.
    for tensor, at, values in ((x, 0, given[0]), (weight, 1, given[1])):
        step = np.random.default_rng(11).standard_normal(values.shape)
        moved = [step if k == at else a for k, a in enumerate(given)]
        change = np.einsum(f"nc{axes}{taps},oc{taps}->no{axes}", windows(moved[0], case), moved[1], optimize=True)
        assert tensor.grad is not None
        slope = float((tensor.grad.numpy().astype("f8") * step).sum())
        scale = float(np.sqrt((gy**2).sum() * (change**2).sum()))
        assert abs(slope - float((change * gy).sum())) <= scale * (1e-5 if dtype == "f4" else 1e-12)


SCRIPT = """
import torch, torch.nn.functional as F
torch.manual_seed(1)
x, w = (torch.randn(*size, requires_grad=True) for size in ((4, 16, 21, 29), (32, 16, 3, 3)))
for threads in (1, 3):
    torch.set_num_threads(threads)
    y = F.conv2d(x, w, None, 1, 1)
    x.grad = w.grad = None
    y.sum().backward()
    print(*(v.hex() for t in (y.detach(), x.grad, w.grad) for v in t.view(-1)[::97].tolist()))
"""


def test_every_cpu_level_and_any_number_of_threads() -> None:
    """Levels differ by the rounding of sums alone; threads by nothing."""
    runs = []
    for level in ("BASE", "AVX2", "AVX512"):
        run = subprocess.run([sys.executable, "-c", SCRIPT], env={**os.environ, "TH_CPU_LEVEL": level}, capture_output=True,
                             text=True, check=True)  # fmt: skip
        one, three = ([float.fromhex(v) for v in line.split()] for line in run.stdout.splitlines())
        runs.append(one)
        assert level == "BASE" or one == three
    for other in runs[1:]:
        np.testing.assert_allclose(other, runs[0], rtol=1e-4, atol=1e-3)
