"""Random numbers: distributions of which the C tests check the shape, here as Python calls them; seeds, states, errors."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import torch

N = 20_000


def sample(draw: Callable[[torch.Tensor], torch.Tensor], dtype: torch.dtype = torch.float64) -> np.ndarray:
    torch.manual_seed(11)
    return draw(torch.empty(N, dtype=dtype)).double().numpy()


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
def test_quantiles(dtype: torch.dtype) -> None:
    """Quartiles, which all of these distributions have."""
    cases = {
        "exponential": (lambda t: t.exponential_(2), [-math.log(1 - q) / 2 for q in (0.25, 0.5, 0.75)]),
        "cauchy": (lambda t: t.cauchy_(1, 0.5), [0.5, 1.0, 1.5]),
        "log_normal": (lambda t: t.log_normal_(0.2, 0.5), [math.exp(0.2 + 0.5 * z) for z in (-0.67449, 0, 0.67449)]),
    }
    for name, (draw, wanted) in cases.items():
        found = np.quantile(sample(draw, dtype), [0.25, 0.5, 0.75])
        np.testing.assert_allclose(found, wanted, atol=0.03, err_msg=name)


def test_geometric() -> None:
    numbers = sample(lambda t: t.geometric_(0.2))
    assert abs(numbers.mean() - 5) < 0.15
    assert numbers.min() == 1
    assert torch.zeros(5, dtype=torch.uint8).geometric_(0.5).dtype == torch.uint8


def test_normal_forms() -> None:
    mean, std = torch.tensor([[0.0], [100.0]]).double(), torch.linspace(0, 2, 5).double()
    torch.manual_seed(1)
    both = torch.normal(mean, std)
    assert both.shape == (2, 5)
    torch.manual_seed(1)
    z = torch.randn(2, 5, dtype=torch.float64)
    np.testing.assert_allclose(both.numpy(), (mean + z * std).numpy(), rtol=1e-14)
    torch.manual_seed(1)
    np.testing.assert_allclose(torch.normal(mean.expand(2, 5), 3.0).numpy(), (mean + z * 3).numpy(), rtol=1e-14)
    torch.manual_seed(1)
    assert torch.normal(2.0, std).shape == (5,)
    with pytest.raises(RuntimeError, match=r"\[normal\] stddev's least element, -1: normal expects all std >= 0.0"):
        torch.normal(mean, -torch.ones(5).double())


def test_multinomial() -> None:
    weights = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 2.0]])
    torch.manual_seed(2)
    drawn = torch.multinomial(weights, N, replacement=True)
    assert drawn.shape == (2, N)
    assert drawn.dtype == torch.int64
    shares = np.stack([np.bincount(row, minlength=3) / N for row in drawn.numpy()])
    np.testing.assert_allclose(shares, [[0, 0.75, 0.25], [0.5, 0, 0.5]], atol=0.015)
    assert sorted(torch.multinomial(weights[1], 2).tolist()) == [0, 2]
    out = torch.empty(0, dtype=torch.int64)
    torch.multinomial(weights, 1, out=out)
    assert out.shape == (2, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.multinomial(torch.ones(3), 4), r"\[multinomial\] count, 4: cannot sample n_sample > prob_dist.size"),
        (lambda: torch.multinomial(torch.tensor([0.0, 1.0]), 2), "not enough non-negative category to sample"),
        (lambda: torch.multinomial(torch.tensor([math.nan, 1.0]), 1), "invalid multinomial distribution"),
        (lambda: torch.empty(2).exponential_(0), r"\[exponential\] lambda, 0"),
        (lambda: torch.empty(2).cauchy_(0, -1), r"\[cauchy\] sigma, -1"),
        (lambda: torch.empty(2).log_normal_(0, 0), r"\[logNormal\] stddev, 0"),
        (lambda: torch.empty(2).geometric_(0), r"\[geometric\] p, 0"),
        (lambda: torch.zeros(2).long().exponential_(), r"\[exponential\] self, a tensor of dtype Long: must be floating"),
    ],
)
def test_errors(call: Callable[[], object], message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


STREAM = """
import torch
torch.set_num_threads({threads})
torch.manual_seed(9)
t = torch.empty(100_003)
for draw in (t.exponential_, t.cauchy_, t.log_normal_, lambda: t.geometric_(0.3), t.normal_, t.uniform_):
    draw()
    print(hash(t.numpy().tobytes()), t[-1].item().hex())
print(torch.multinomial(t, 5).tolist())
"""


def test_streams_do_not_depend_on_threads_or_level() -> None:
    outputs = set()
    for threads, level in ((1, "AVX512"), (2, "AVX2"), (3, "BASE")):
        environment = {**os.environ, "TH_CPU_LEVEL": level, "PYTHONHASHSEED": "0"}
        run = subprocess.run([sys.executable, "-c", STREAM.format(threads=threads)], env=environment, capture_output=True,
                             text=True, check=True)  # fmt: skip
        outputs.add(run.stdout)
    assert len(outputs) == 1


def test_state_comes_back() -> None:
    state = torch.get_rng_state()
    first = torch.empty(7).exponential_()
    torch.set_rng_state(state)
    assert torch.empty(7).exponential_().tolist() == first.tolist()


def test_gradients_are_zero() -> None:
    x = torch.ones(3, requires_grad=True)
    (x * 2).exponential_().sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
