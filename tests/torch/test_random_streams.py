"""Random numbers depend on the seed and the calls before: not on threads, CPU level or process."""

from __future__ import annotations

import ctypes
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import torch

TH = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libTH.so.1"))
N = 150_000  # enough for every thread to have a part

DRAWS: dict[str, Callable[[], torch.Tensor]] = {
    "uniform_": lambda: torch.empty(N).uniform_(-1, 2),
    "uniform_ of double": lambda: torch.empty(N, dtype=torch.float64).uniform_(),
    "uniform_ of half": lambda: torch.empty(N, dtype=torch.float16).uniform_().float(),
    "normal_": lambda: torch.empty(N).normal_(1, 2),
    "normal_ of double": lambda: torch.empty(N + 1, dtype=torch.float64).normal_(),
    "normal": lambda: torch.normal(torch.arange(float(N)), torch.ones(N)),
    "exponential_": lambda: torch.empty(N).exponential_(0.5),
    "cauchy_": lambda: torch.empty(N).cauchy_(1, 2),
    "log_normal_": lambda: torch.empty(N).log_normal_(0, 0.25),
    "geometric_": lambda: torch.empty(N).geometric_(0.3),
    "bernoulli_": lambda: torch.empty(N).bernoulli_(0.3),
    "bernoulli": lambda: torch.bernoulli(torch.linspace(0, 1, N)),
    "random_": lambda: torch.empty(N, dtype=torch.int64).random_(),
    "random_ of a range": lambda: torch.empty(N, dtype=torch.int32).random_(-5, 1000),
    "randint": lambda: torch.randint(0, 10, (N,)),
    "randperm": lambda: torch.randperm(N),
    "multinomial": lambda: torch.multinomial(torch.linspace(0, 1, 1000), 500),
    "multinomial with replacement": lambda: torch.multinomial(torch.linspace(0, 1, 1000), N, True),
    "a transposed tensor": lambda: torch.empty(300, 500).t().uniform_(),
    "a slice": lambda: torch.zeros(N, 3)[:, 1].normal_(),
    "dropout": lambda: torch.nn.functional.dropout(torch.ones(N), 0.3, training=True),
}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    TH.THCpu_force(TH.THCpu_best())


def drawn(name: str, seed: int = 11) -> list[Any]:
    """Two draws after one seed, and what comes after them."""
    torch.manual_seed(seed)
    return [DRAWS[name]().tolist(), DRAWS[name]().tolist(), torch.rand(3).tolist()]


@pytest.mark.parametrize("name", DRAWS)
def test_threads_and_levels_change_nothing(name: str) -> None:
    torch.set_num_threads(1)
    first, second, after = drawn(name)
    assert first != second
    for level in range(TH.THCpu_best() + 1):
        assert TH.THCpu_force(level) == 0
        for threads in (1, 2, 3, 7):
            torch.set_num_threads(threads)
            assert drawn(name) == [first, second, after], (level, threads)


@pytest.mark.parametrize("name", DRAWS)
def test_a_state_goes_on_where_it_was(name: str) -> None:
    torch.manual_seed(3)
    DRAWS[name]()
    state = torch.get_rng_state()
    first = DRAWS[name]().tolist(), torch.rand(3).tolist()
    torch.manual_seed(4)
    torch.set_rng_state(state)
    assert (DRAWS[name]().tolist(), torch.rand(3).tolist()) == first


def in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns in a forked child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, pickle.dumps(work()))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return pickle.loads(found)


def a_few() -> list[float]:
    return torch.rand(4).tolist() + torch.empty(3).normal_().tolist()


def seeded(seed: int | None) -> list[float]:
    if seed is None:
        torch.seed()
    else:
        torch.manual_seed(seed)
    return a_few()


@pytest.mark.host("forks")
def test_a_forked_child_that_reseeds() -> None:
    torch.manual_seed(5)
    expected = a_few()
    torch.manual_seed(1)
    assert in_child(lambda: seeded(5)) == expected
    others = [in_child(lambda: seeded(None)) for _ in range(2)]  # from the system's entropy
    mine = a_few()  # the children's draws are not the parent's
    assert seeded(1) == mine
    assert others[0] != others[1] and mine not in others
    torch.manual_seed(1)
    assert in_child(a_few) == mine  # who does not reseed goes on where the parent was


@pytest.mark.host("forks")
def test_a_forked_child_computes_on_threads() -> None:
    """After regions in the parent, whose pool lives on; and so does a child of the child's."""
    torch.set_num_threads(2)

    def work() -> list[Any]:
        torch.manual_seed(2)
        x = torch.rand(400_000)
        m = x[:90_000].view(300, 300)
        return [x.sum().item(), x.sort()[0][::1000].tolist(), torch.mm(m, m).sum().item(), x.exp().cumsum(0)[-1].item()]

    expected = work()
    assert in_child(work) == expected
    assert in_child(lambda: in_child(work)) == expected

    def with_more_threads() -> list[Any]:
        torch.set_num_threads(3)
        return work()[:2]

    assert in_child(with_more_threads)[1] == expected[1]
    assert work() == expected
