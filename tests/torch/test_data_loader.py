"""`DataLoader`: batches in this process and from workers, that fail, die, hang or are interrupted."""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import torch
from torch.utils import data


class Samples(data.Dataset):
    """Several kinds in one sample; tensors travel as raw memory."""

    def __init__(self, count: int) -> None:
        self.table = torch.arange(count).double()

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, i: int) -> Any:
        parts = {"half": torch.tensor([i / 8], dtype=torch.float16), "empty": torch.zeros(0, 2), "name": f"n{i}"}
        return self.table[i], parts, torch.full((3, 2), i).t(), i


class Raises(data.Dataset):
    """Raises at one index."""

    def __init__(self, error: type[BaseException], *arguments: Any) -> None:
        self.error, self.arguments = error, arguments

    def __len__(self) -> int:
        return 6

    def __getitem__(self, i: int) -> int:
        if i == 3:
            raise self.error(*self.arguments)
        return i


class Dies(data.Dataset):
    """Ends its process at one index."""

    def __init__(self, end: Callable[[], object]) -> None:
        self.end = end

    def __len__(self) -> int:
        return 8

    def __getitem__(self, i: int) -> int:
        if i == 4:
            self.end()
        return i


class Slow(data.Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> int:
        time.sleep(30 if i else 0)
        return i


class Waits(data.Dataset):
    """Sample 0 is ready when another process has begun samples 1 and 3: it says whether that came about."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return 6

    def __getitem__(self, i: int) -> bool:
        (self.folder / str(i)).touch()
        end = time.monotonic() + 20
        while i == 0 and not ((self.folder / "1").exists() and (self.folder / "3").exists()):
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True


class Draws(data.Dataset):
    """Random numbers of three generators."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> Any:
        return torch.rand(1).double(), random.random(), float(np.random.random()), os.getpid(), torch.get_num_threads()


def exit_now() -> None:
    os._exit(3)


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_batches_in_this_process() -> None:
    loader = data.DataLoader(Samples(7), 3, drop_last=True, pin_memory=True)
    batches = list(loader)
    assert len(loader) == len(batches) == len(iter(loader)) == 2
    assert batches[1][0].tolist() == [3, 4, 5] and batches[1][3].tolist() == [3, 4, 5]
    assert len(data.DataLoader(Samples(7), 3)) == 3
    by_hand = data.DataLoader("abcd", batch_sampler=[[3, 1], [0]], collate_fn="".join)
    assert list(by_hand) == ["db", "a"] and by_hand.batch_size is by_hand.drop_last is None


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_change_nothing(workers: int) -> None:
    def batches(**options: Any) -> list[Any]:
        torch.manual_seed(5)
        return list(data.DataLoader(Samples(17), 2, shuffle=True, **options))

    here = batches()
    assert [batch[3].tolist() for batch in here] != [[i, i + 1] for i in range(0, 16, 2)] + [[16]]
    there = batches(num_workers=workers)
    assert repr(here) == repr(there)  # values, dtypes and kinds of containers


def test_more_workers_than_batches() -> None:
    assert [b.tolist() for b in data.DataLoader(range(3), 2, num_workers=4)] == [[0, 1], [2]]
    assert list(data.DataLoader([], 2, num_workers=1)) == []


def test_large_batches_and_large_requests() -> None:
    """Both are larger than a pipe: nobody may wait for the other."""
    batches = list(data.DataLoader(range(400000), 100000, num_workers=2))
    assert [batch.sum().item() for batch in batches] == [sum(range(i, i + 100000)) for i in range(0, 400000, 100000)]


def test_what_is_sent_does_not_change() -> None:
    """A buffer that the worker fills again for the next batch."""
    buffer = torch.zeros(100000)
    loader = data.DataLoader(range(20), 1, collate_fn=lambda batch: buffer.fill_(batch[0]), num_workers=1)
    assert [(batch.min().item(), batch.max().item()) for batch in loader] == [(i, i) for i in range(20)]


def test_parameters_and_repetitions_travel() -> None:
    weight = torch.nn.Parameter(torch.ones(2))
    grid = torch.arange(6).view(2, 3)
    batch = [weight, weight.data, weight, torch.Size([1]), grid.t(), grid[:, 1], grid[:1].expand(2, 3), grid.sum()]
    [[a, b, c, size, *views]] = list(data.DataLoader([0], collate_fn=lambda _: batch, num_workers=1))
    assert [view.tolist() for view in views] == [view.tolist() for view in batch[4:]]  # type: ignore[attr-defined]
    assert type(a) is torch.nn.Parameter and a is c and a.requires_grad and type(b) is torch.Tensor and not b.requires_grad
    assert a.tolist() == b.tolist() == [1, 1] and size == (1,)


def draws(seed: int, **options: Any) -> list[list[float]]:
    torch.manual_seed(seed)
    batches = list(data.DataLoader(Draws(), 1, num_workers=2, **options))
    assert {batch[4].item() for batch in batches} == {1}
    pids = {batch[3].item() for batch in batches}
    assert len(pids) == 2 and os.getpid() not in pids
    return [[part.item() for part in batch[:3]] for batch in batches]


def test_seeds() -> None:
    first = draws(0)
    assert all(len({numbers[kind] for numbers in first}) == 4 for kind in range(3))  # the workers differ, in every generator
    assert draws(0) == first and draws(1) != first


def test_worker_init_fn() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1).item()
    assert draws(0, worker_init_fn=torch.manual_seed)[1][0] == pytest.approx(expected)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize(
    ("error", "arguments", "raised"),
    [
        (ValueError, ("bad sample",), ValueError),
        (KeyError, ("bad sample",), KeyError),
        (UnicodeDecodeError, ("utf8", b"", 0, 1, "bad sample"), RuntimeError),
        (StopIteration, ("bad sample",), RuntimeError),
    ],
)
def test_errors(workers: int, error: type[Exception], arguments: tuple[Any, ...], raised: type[Exception]) -> None:
    iterator = iter(data.DataLoader(Raises(error, *arguments), 2, num_workers=workers))
    assert next(iterator).tolist() == [0, 1]
    with pytest.raises(error if workers == 0 and error is not StopIteration else raised) as caught:
        next(iterator)
    if workers:
        text = str(caught.value)
        assert "DataLoader worker 0 (pid" in text and "bad sample" in text and "\n" in text and "in __getitem__" in text
    assert next(iterator).tolist() == [4, 5]
    assert list(iterator) == []


def test_a_batch_that_cannot_be_sent() -> None:
    for make, text in (
        (lambda batch: lambda: 0, "local object"),
        (lambda batch: torch.ones(1, requires_grad=True) * 2, "x.detach"),
    ):
        with pytest.raises(Exception, match="DataLoader worker 0") as caught:  # pickle chooses the type
            list(data.DataLoader([0], collate_fn=make, num_workers=1))
        assert text in str(caught.value)


@pytest.mark.parametrize(("error", "raised"), [(OSError, OSError), (StopIteration, RuntimeError)])
def test_worker_init_fn_fails(error: type[Exception], raised: type[Exception]) -> None:
    def fail(number: int) -> None:
        raise error("no such disk")

    with pytest.raises(raised, match=r"worker_init_fn of DataLoader worker 0 \(pid \d+\):\n(?s:.*)no such disk"):
        list(data.DataLoader(range(4), num_workers=2, worker_init_fn=fail))


@pytest.mark.parametrize(
    ("end", "text"), [(exit_now, "exited unexpectedly with exit code 3"), (kill_self, "is killed by signal: SIGKILL")]
)
def test_a_worker_dies(end: Callable[[], object], text: str) -> None:
    iterator = iter(data.DataLoader(Dies(end), 1, num_workers=2))
    pids = [worker.process.pid for worker in iterator._workers]  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match=rf"DataLoader worker 0 \(pid {pids[0]}\) {text}"):
        list(iterator)
    with pytest.raises(RuntimeError, match=text):
        next(iterator)
    assert not any(alive(pid) for pid in pids)


def test_timeout() -> None:
    loader = data.DataLoader(Slow(), 1, num_workers=1, timeout=60)
    iterator = iter(loader)
    assert next(iterator).item() == 0
    loader.timeout = 0.3
    with pytest.raises(
        RuntimeError, match=r"timed out after 0.3 seconds: DataLoader worker 0 \(pid \d+\) has not delivered batch 1"
    ):
        next(iterator)
    pids = [worker.process.pid for worker in iterator._workers]  # type: ignore[attr-defined]
    os.kill(pids[0], signal.SIGTERM)  # spares the patience
    del iterator
    gc.collect()
    assert not any(alive(pid) for pid in pids)


def test_an_abandoned_iteration_ends_its_workers() -> None:
    iterator = iter(data.DataLoader(range(100), 1, num_workers=2))
    next(iterator)
    pids = [worker.process.pid for worker in iterator._workers]  # type: ignore[attr-defined]
    del iterator
    gc.collect()
    assert not any(alive(pid) for pid in pids)


def test_workers_run_ahead(tmp_path: Path) -> None:
    assert [batch.item() for batch in data.DataLoader(Waits(tmp_path), 1, num_workers=2)] == [1] * 6


def test_a_forked_copy_leaves_the_workers_alone() -> None:
    iterator = iter(data.DataLoader(range(8), 1, num_workers=2))
    child = os.fork()
    if child == 0:
        try:
            del iterator
            gc.collect()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert [batch.item() for batch in iterator] == list(range(8))


def test_two_loaders_at_once() -> None:
    """The second one's workers were forked with copies of the first one's pipes."""
    first, second = (iter(data.DataLoader(range(n), 1, num_workers=2)) for n in (4, 8))
    processes = [worker.process for worker in first._workers]  # type: ignore[attr-defined]
    pairs = [(a.item(), b.item()) for a, b in zip(first, second, strict=False)]
    assert pairs == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert [process.exitcode for process in processes] == [0, 0]  # they ended by themselves, not by a signal
    assert [b.item() for b in second] == [4, 5, 6, 7]
