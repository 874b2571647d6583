"""Batches in shared memory: it is used again, never under somebody who still looks at it, and nothing is left of it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import torch
import torch.multiprocessing as mp
from torch.utils import data
from torch.utils.data import batch_memory

ROOT = str(Path(torch.__file__).parents[1])
LENGTH = 10000  # float32 elements of a sample: large enough for shared memory


class Rows(data.Dataset):
    """Sample i is full of i, in several kinds."""

    def __init__(self, count: int = 24, length: Callable[[int], int] = lambda i: LENGTH) -> None:
        self.count, self.length = count, length

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> Any:
        n = self.length(i)
        array = np.full((2, n), i, "int16")
        return {"x": torch.full((n,), i), "array": array, "small": torch.tensor(i), "half": torch.full((n,), i).half()}


def check(batch: Any, i: int) -> None:
    for name in ("x", "array", "half"):
        assert (batch[name][0] == i).all() and (batch[name][-1] == i + len(batch["x"]) - 1).all(), (name, i)
        assert batch[name].is_shared()
    assert batch["small"][0].item() == i and not batch["small"].is_shared()
    assert batch["array"].dtype == torch.int16 and batch["half"].dtype == torch.float16


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def mappings() -> int:
    return Path("/proc/self/maps").read_text().count("memfd:torch")


@pytest.mark.parametrize("workers", [1, 2])
def test_memory_is_used_again(workers: int) -> None:
    gc.collect()
    before = descriptors(), mappings()
    addresses = set()
    for number, batch in enumerate(data.DataLoader(Rows(60), 2, num_workers=workers)):
        check(batch, 2 * number)
        addresses.add(batch["x"].data_ptr())
        assert descriptors() <= before[0] + 4 * workers
    assert number == 29 and len(addresses) <= 5 * workers
    del batch
    gc.collect()
    assert (descriptors(), mappings()) == before


@pytest.mark.parametrize("many", [batch_memory._MANY, 3])
def test_all_batches_are_kept(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes into them; from a number on they are copies."""
    monkeypatch.setattr(batch_memory, "_MANY", many)
    batches = list(data.DataLoader(Rows(), 1, num_workers=2))
    assert [(batch["x"][0] == i).all().item() for i, batch in enumerate(batches)] == [True] * 24
    shared = [batch["x"].is_shared() for batch in batches]
    assert all(shared) if many > 100 else not all(shared) and shared[0]


def test_views_of_a_batch() -> None:
    def collate(samples: list[int]) -> Any:
        x = data.dataloader.default_collate([torch.arange(3.0 * LENGTH).view(3, -1) + i for i in samples])
        return x, x[:, 1:], x[0].t(), x.detach().requires_grad_()

    for i, (x, rows, columns, leaf) in enumerate(data.DataLoader(range(6), 1, collate_fn=collate, num_workers=1)):
        assert x.tolist() == (torch.arange(3.0 * LENGTH).view(1, 3, -1) + i).tolist()
        assert rows.tolist() == x[:, 1:].tolist() and columns.tolist() == x[0].t().tolist() and leaf.requires_grad
        assert rows.data_ptr() == x[:, 1:].data_ptr() and columns.stride() == (1, LENGTH)


def test_a_worker_keeps_what_it_sent() -> None:
    """It sends the same batch again, changed: the first one does not change."""
    kept: list[torch.Tensor] = []

    def collate(samples: list[int]) -> torch.Tensor:
        if not kept:
            kept.append(data.dataloader.default_collate([torch.zeros(LENGTH)]))
        elif samples[0] == 1:
            return kept[0] + 1
        return kept[0]

    batches = list(data.DataLoader(range(6), 1, collate_fn=collate, num_workers=1))
    assert [batch.sum().item() for batch in batches] == [0, LENGTH, 0, 0, 0, 0]
    assert len({batch.data_ptr() for batch in batches}) == 6


def test_a_child_looks_at_a_batch() -> None:
    """Its parent lets go of the batch, and the worker goes on writing."""
    iterator = iter(data.DataLoader(Rows(), 1, num_workers=1))
    batch = next(iterator)
    read, write = os.pipe()
    go, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(start)
        os.read(go, 1)  # until the parent is done
        os.write(write, b"same" if (batch["x"] == 0).all().item() and (batch["array"] == 0).all().item() else b"gone")
        os._exit(0)
    del batch
    for i, later in enumerate(iterator):
        check(later, i + 1)
    os.close(start)
    assert os.read(read, 4) == b"same"
    os.waitpid(child, 0)
    for end in (read, write, go):
        os.close(end)


def test_a_batch_is_sent_on() -> None:
    there, here = mp.Pipe()
    received = []
    for batch in data.DataLoader(Rows(8), 1, num_workers=1):
        there.send(batch["x"])
        received.append(here.recv())
        batch["x"].add_(100)
    assert [x[0, -1].item() for x in received] == [100 + i for i in range(8)]


def test_sizes_that_never_come_again() -> None:
    gc.collect()
    before = mappings()
    most = 0
    for i, batch in enumerate(data.DataLoader(Rows(60, lambda i: LENGTH + i), 1, num_workers=1)):
        check(batch, i)
        most = max(most, mappings() - before)
    assert i == 59 and most <= 3 * (batch_memory._IDLE + 6)


def no_more_descriptors(number: int) -> None:
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def test_a_worker_without_descriptors() -> None:
    """Batches travel through the pipe then."""
    batches = list(data.DataLoader(Rows(4), 2, num_workers=1, worker_init_fn=no_more_descriptors))
    assert [batch["x"].sum(1).tolist() for batch in batches] == [[0, LENGTH], [2 * LENGTH, 3 * LENGTH]]
    assert not batches[0]["x"].is_shared()


def test_out_of_descriptors() -> None:
    code = """
import os, resource, torch
from torch.utils import data
iterator = iter(data.DataLoader([torch.zeros(10000)] * 4, 1, num_workers=1))
free = os.dup(0)
os.close(free)
resource.setrlimit(resource.RLIMIT_NOFILE, (free, 4096))
try:
    next(iterator)
except RuntimeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert "too many open files to receive a batch" in done.stdout and "ulimit -n" in done.stdout and done.stderr == ""


class Table(data.Dataset):
    """A table that is too large to be copied for each worker, and one that cannot move."""

    def __init__(self) -> None:
        self.table, self.fixed = torch.zeros(4, LENGTH), torch.ones(4, LENGTH)
        self.array = self.fixed.numpy()[:1].copy()
        self.marks = self.table[:, 0]

    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> Any:
        self.table[i].fill_(i)
        return self.table.is_shared(), self.fixed[i].sum(), self.marks[i]


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_data_set_is_shared_with_spawned_workers(method: str) -> None:
    dataset = Table()
    batches = list(data.DataLoader(dataset, 1, num_workers=2, multiprocessing_context=method))
    assert [(shared.item(), fixed.item(), mark.item()) for shared, fixed, mark in batches] == [(1, LENGTH, i) for i in range(4)]
    assert dataset.table.sum(1).tolist() == [i * LENGTH for i in range(4)] and not dataset.fixed.is_shared()


def test_a_break_leaves_nothing() -> None:
    gc.collect()
    before = descriptors(), mappings()
    for _ in range(3):
        for batch in data.DataLoader(Rows(100), 1, num_workers=2):
            check(batch, 0)
            break
    del batch
    gc.collect()
    assert multiprocessing.active_children() == [] and (descriptors(), mappings()) == before
