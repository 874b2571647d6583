"""torch.utils.data: data sets, samplers, batches of samples, and what a loader may be told."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import torch
from torch.utils import data
from torch.utils.data import distributed
from torch.utils.data.collate import default_collate

# --- data sets ---------------------------------------------------------------------------------------------------------


def test_base_classes_say_what_is_missing() -> None:
    for call in (lambda: data.Dataset()[0], lambda: len(data.Dataset()), lambda: iter(data.Sampler(None))):
        with pytest.raises(NotImplementedError, match=r"__\w+__\(\) is not defined"):
            call()


def test_tensor_dataset() -> None:
    x, y = torch.randn(5, 2), torch.arange(5)
    found = data.TensorDataset(x, y)
    assert len(found) == 5 and [row[1].item() for row in found] == [0, 1, 2, 3, 4]
    assert found[2][0].tolist() == x[2].tolist() and found[-1][1].item() == 4
    with pytest.raises(ValueError, match=r"tensors of one size\(0\), got \[\(5, 2\), \(4,\)\]"):
        data.TensorDataset(x, y[:4])


def test_concat_dataset() -> None:
    joined = data.ConcatDataset([range(3), range(10, 10), range(20, 22)])
    assert list(joined) == [0, 1, 2, 20, 21] and len(joined) == 5
    assert [joined[i] for i in range(-5, 0)] == [0, 1, 2, 20, 21]
    for index in (5, -6):
        with pytest.raises(IndexError, match="is out of range"):
            joined[index]
    assert joined.cumulative_sizes == [3, 3, 5]
    with pytest.warns(DeprecationWarning, match="is renamed to cumulative_sizes"):
        assert joined.cummulative_sizes == [3, 3, 5]
    with pytest.raises(ValueError, match="should not be an empty iterable"):
        data.ConcatDataset([])
    more = data.TensorDataset(torch.zeros(2)) + data.TensorDataset(torch.ones(3))
    assert isinstance(more, data.ConcatDataset) and len(more) == 5


def test_subset_and_split() -> None:
    assert list(data.Subset("abcdef", [5, 0, 0])) == ["f", "a", "a"]
    torch.manual_seed(0)
    parts = data.random_split(range(100), [60, 30, 10])
    assert [len(part) for part in parts] == [60, 30, 10]
    assert sorted(itertools.chain(*parts)) == list(range(100)) and list(parts[0]) != list(range(60))
    with pytest.raises(ValueError, match="Sum of input lengths does not equal"):
        data.random_split(range(5), [2, 2])


# --- samplers ----------------------------------------------------------------------------------------------------------


def test_orders() -> None:
    assert list(data.SequentialSampler("abc")) == [0, 1, 2]
    torch.manual_seed(0)
    sampler = data.RandomSampler(range(50))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(50)) and first != second and len(sampler) == 50
    subset = data.SubsetRandomSampler(range(100, 150))
    assert sorted(subset) == list(range(100, 150)) and list(subset) != list(range(100, 150)) and len(subset) == 50
    torch.manual_seed(0)
    assert list(sampler) == first
    assert list(data.RandomSampler([])) == []


def test_random_sampler_with_replacement() -> None:
    torch.manual_seed(0)
    counts = collections.Counter(data.RandomSampler(range(4), replacement=True, num_samples=4000))
    assert sorted(counts) == [0, 1, 2, 3] and sum(counts.values()) == 4000
    assert all(abs(count - 1000) < 140 for count in counts.values())  # five standard deviations
    with pytest.raises(ValueError, match="With replacement=False, num_samples should not be specified"):
        data.RandomSampler(range(4), num_samples=3)


def test_weights_with_replacement() -> None:
    torch.manual_seed(0)
    counts = collections.Counter(data.WeightedRandomSampler([0, 1, 0, 3, 4, 0], 8000))
    assert sorted(counts) == [1, 3, 4]
    for index, part in ((1, 1 / 8), (3, 3 / 8), (4, 4 / 8)):
        assert abs(counts[index] - 8000 * part) < 5 * (8000 * part * (1 - part)) ** 0.5


def test_weights_without_replacement() -> None:
    """Each ordered pair has the probability w_i / W * w_j / (W - w_i)."""
    torch.manual_seed(0)
    weights = torch.tensor([1.0, 0.0, 2.0, 5.0])
    sampler = data.WeightedRandomSampler(weights, 2, replacement=False)
    counts = collections.Counter(tuple(sampler) for _ in range(4000))
    w = {0: 1, 2: 2, 3: 5}
    for i, j in itertools.permutations(w, 2):
        part = w[i] / 8 * w[j] / (8 - w[i])
        assert abs(counts[i, j] - 4000 * part) < 5 * (4000 * part * (1 - part)) ** 0.5
    assert sum(counts.values()) == 4000 and len(counts) == 6


def test_weights_of_any_size() -> None:
    for weights in ([5e-324], [1e300] * 100, [1e-300, 1.0, 1e-300]):
        drawn = list(data.WeightedRandomSampler(weights, 50))
        assert len(drawn) == 50 and all(0 <= i < len(weights) for i in drawn)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: data.WeightedRandomSampler([1], 0), "num_samples should be a positive integeral value"),
        (lambda: data.WeightedRandomSampler([1], True), "num_samples should be a positive integeral value"),
        (lambda: data.WeightedRandomSampler([1], 1, 1), "replacement should be a boolean value"),  # type: ignore[arg-type]
        (lambda: data.WeightedRandomSampler([1, -1], 1), "finite, not negative, and not all of them 0"),
        (lambda: data.WeightedRandomSampler([float("nan")], 1), "finite, not negative, and not all of them 0"),
        (lambda: data.WeightedRandomSampler([0, 0], 1), "finite, not negative, and not all of them 0"),
        (lambda: data.WeightedRandomSampler([1, 0], 2, False), "only 1 weights are more than 0"),
        (lambda: data.BatchSampler([1], 2, False), "instance of torch.utils.data.Sampler"),  # type: ignore[arg-type]
        (lambda: data.BatchSampler(data.SequentialSampler("a"), 0, False), "batch_size should be a positive integeral value"),
        (lambda: data.BatchSampler(data.SequentialSampler("a"), 1, 0), "drop_last should be a boolean value"),
    ],
)
def test_refusals(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()


@pytest.mark.parametrize("size", [1, 3, 7, 10])
@pytest.mark.parametrize("drop_last", [False, True])
def test_batch_sampler(size: int, drop_last: bool) -> None:
    sampler = data.BatchSampler(data.SequentialSampler(range(7)), size, drop_last)
    expected = [list(range(7))[i : i + size] for i in range(0, 7, size)]
    if drop_last:
        expected = [batch for batch in expected if len(batch) == size]
    assert list(sampler) == expected and len(sampler) == len(expected)


@pytest.mark.parametrize(("count", "replicas"), [(10, 2), (10, 3), (2, 5), (7, 1)])
def test_distributed_sampler(count: int, replicas: int) -> None:
    samplers = [distributed.DistributedSampler(range(count), replicas, rank) for rank in range(replicas)]
    parts = [list(sampler) for sampler in samplers]
    assert {len(part) for part in parts} == {len(samplers[0])} == {-(-count // replicas)}
    assert set(itertools.chain(*parts)) == set(range(count))
    assert [list(sampler) for sampler in samplers] == parts
    for sampler in samplers:
        sampler.set_epoch(1)
    assert count == 2 or [list(sampler) for sampler in samplers] != parts


def test_distributed_sampler_refuses() -> None:
    with pytest.raises(RuntimeError, match="joined no process group; call .*, or give num_replicas and rank"):
        distributed.DistributedSampler(range(3))
    with pytest.raises(ValueError, match="rank 2 is not one of 2 replicas"):
        distributed.DistributedSampler(range(3), 2, 2)


# --- collation ---------------------------------------------------------------------------------------------------------


def same(a: Any, b: Any) -> bool:
    """Whether two batches are of the same types, dtypes and values."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return a.dtype is b.dtype and a.tolist() == b.tolist()
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, Pair)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


class Pair(NamedTuple):
    x: Any
    y: Any


@pytest.mark.parametrize(
    ("samples", "batch"),
    [
        ([torch.zeros(2), torch.ones(2)], torch.tensor([[0.0, 0.0], [1.0, 1.0]])),
        ([torch.tensor(1), torch.tensor(2)], torch.tensor([1, 2])),
        ([1, 2], torch.tensor([1, 2])),
        ([True, False], torch.tensor([1, 0])),
        ([2**62, -1], torch.tensor([2**62, -1])),
        ([0.1, 2], torch.tensor([0.1, 2.0], dtype=torch.float64)),
        (["a", "bc"], ["a", "bc"]),
        ([b"a"], [b"a"]),
        ([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}], {"x": torch.tensor([1, 2]), "y": ["a", "b"]}),
        ([(1, (2.0, "a")), (3, (4.0, "b"))], [torch.tensor([1, 3]), [torch.tensor([2.0, 4.0]).double(), ["a", "b"]]]),
        ([[], []], []),
        ([Pair(1, "a"), Pair(2, "b")], Pair(torch.tensor([1, 2]), ["a", "b"])),
        ([np.arange(2), np.arange(2)[::-1]], torch.tensor([[0, 1], [1, 0]])),
        ([np.float32(0.5), np.float32(1.5)], torch.tensor([0.5, 1.5])),
        ([np.float64(0.5)], torch.tensor([0.5], dtype=torch.float64)),
        ([np.int16(3)], torch.tensor([3], dtype=torch.int16)),
        ([np.array(3.0)], torch.tensor([3.0], dtype=torch.float64)),
        ([np.bool_(True)], torch.tensor([1], dtype=torch.uint8)),
        ([np.str_("a")], [np.str_("a")]),
    ],
)
def test_collate(samples: list[Any], batch: Any) -> None:
    assert same(default_collate(samples), batch)


def test_collate_refuses() -> None:
    for sample in (None, object(), np.array(["a"]), np.array([None])):
        with pytest.raises(TypeError, match="batch must contain tensors, numbers, dicts or lists; found"):
            default_collate([sample])
    with pytest.raises(RuntimeError, match="as many parts"):
        default_collate([(1, 2), (1,)])
    with pytest.raises(RuntimeError, match=r"tensor 0 has shape \(2, 3\) and tensor 1 \(\)"):
        default_collate([torch.zeros(2, 3), torch.tensor(1.0)])


# --- options of a loader ---


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: data.DataLoader("a", timeout=-1), "timeout option should be non-negative"),
        (lambda: data.DataLoader("a", num_workers=-1), "num_workers option cannot be negative"),
        (lambda: data.DataLoader("a", num_workers=1.5), "num_workers should be an integer, but got num_workers=1.5"),
        (lambda: data.DataLoader("a", shuffle=True, sampler=data.SequentialSampler("a")), "exclusive with shuffle"),
        (lambda: data.DataLoader("a", 2, batch_sampler=[[0]]), "batch_sampler option is mutually exclusive"),
        (lambda: data.DataLoader("a", drop_last=True, batch_sampler=[[0]]), "batch_sampler option is mutually exclusive"),
    ],
)
def test_the_loader_refuses(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()


def test_attributes_are_fixed() -> None:
    loader = data.DataLoader("abc", collate_fn=list)
    for name in ("batch_size", "sampler", "drop_last"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set after DataLoader is initialized"):
            setattr(loader, name, 1)
    loader.num_workers = 1
    assert list(loader) == [["a"], ["b"], ["c"]]
