"""Samplers: the order in which the samples of a data set are read."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


def _positive(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} should be a positive integeral value, but got {name}={value}")
    return value


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} should be a boolean value, but got {name}={value}")
    return value


class Sampler:
    """Base class: subclasses define `__iter__()`, over indices of samples, and `__len__()`, how many that are.

    >>> class Backwards(torch.utils.data.Sampler):
    ...     def __init__(self, data_source):
    ...         self.data_source = data_source
    ...     def __iter__(self):
    ...         return iter(range(len(self.data_source) - 1, -1, -1))
    ...     def __len__(self):
    ...         return len(self.data_source)
    >>> list(Backwards("abc"))
    [2, 1, 0]
    """

    def __init__(self, data_source: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__}: __iter__() is not defined")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: __len__() is not defined")


class SequentialSampler(Sampler):
    """0, 1, 2, ... always in this order.

    >>> list(torch.utils.data.SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """All indices in random order; with `replacement`, `num_samples` (default: as many) independent uniform ones.

    >>> sorted(torch.utils.data.RandomSampler("abcd"))
    [0, 1, 2, 3]
    """

    def __init__(self, data_source: Any, replacement: bool = False, num_samples: int | None = None) -> None:
        self.data_source = data_source
        self.replacement = _boolean("replacement", replacement)
        if num_samples is not None and not replacement:
            raise ValueError(
                "With replacement=False, num_samples should not be specified, since a random permute will be performed."
            )
        self._num_samples = None if num_samples is None else _positive("num_samples", num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices an iteration gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)
        if self.replacement:
            return iter(_C.ops.randint(count, [self.num_samples], dtype=_C.int64, device="cpu").tolist())
        return iter(_C.ops.randperm(count, device="cpu").tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in random order, each once.

    >>> sorted(torch.utils.data.SubsetRandomSampler([7, 3, 5]))
    [3, 5, 7]
    """

    def __init__(self, indices: Sequence[int]) -> None:
        self.indices = indices

    def __iter__(self) -> Iterator[int]:
        return (self.indices[i] for i in _C.ops.randperm(len(self.indices), device="cpu").tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """`num_samples` of the indices 0 ... len(weights) - 1, each drawn with a probability proportional to its weight.

    weights: not negative; they need not sum to 1. Without `replacement` an index that was drawn is taken out before the next
    draw (as one sort by exponential times of these rates: Efraimidis and Spirakis, Information Processing Letters 97, 2006).

    >>> sampler = torch.utils.data.WeightedRandomSampler([0.0, 1.0, 3.0], 4)
    >>> len(list(sampler)), 0 in list(sampler)
    (4, False)
    """

    def __init__(self, weights: Sequence[float] | _C.Tensor, num_samples: int, replacement: bool = True) -> None:
        self.num_samples = _positive("num_samples", num_samples)
        self.replacement = _boolean("replacement", replacement)
        values = weights.tolist() if isinstance(weights, _C.Tensor) else [float(weight) for weight in weights]
        self.weights = _C.ops.tensor(values, dtype=_C.float64, device="cpu")
        if not all(0 <= weight < math.inf for weight in values) or not 0 < sum(values) < math.inf:
            raise ValueError("weights should be finite, not negative, and not all of them 0")
        possible = sum(weight > 0 for weight in values)
        if not replacement and num_samples > possible:
            raise ValueError(f"num_samples={num_samples} without replacement: only {possible} weights are more than 0")

    def __iter__(self) -> Iterator[int]:
        weights = self.weights.tolist()
        if self.replacement:
            return self._with_replacement(weights)
        draws = _C.ops.rand(len(weights), dtype=_C.float64, device="cpu").tolist()
        times = [
            (-math.log1p(-draw) / weight, i) for i, (draw, weight) in enumerate(zip(draws, weights, strict=True)) if weight
        ]
        return iter([i for _, i in sorted(times)[: self.num_samples]])

    def _with_replacement(self, weights: list[float]) -> Iterator[int]:
        sums = list(accumulate(weights))
        last = bisect_right(sums, math.nextafter(sums[-1], 0.0))  # the last index with a weight: a draw may round up to the sum
        for draw in _C.ops.rand(self.num_samples, dtype=_C.float64, device="cpu").tolist():
            yield min(bisect_right(sums, draw * sums[-1]), last)

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of `batch_size` indices of another sampler. drop_last: leaves out a last list that is shorter.

    >>> sampler = torch.utils.data.SequentialSampler(range(7))
    >>> list(torch.utils.data.BatchSampler(sampler, batch_size=3, drop_last=False))
    [[0, 1, 2], [3, 4, 5], [6]]
    """

    def __init__(self, sampler: Sampler, batch_size: int, drop_last: bool) -> None:
        if not isinstance(sampler, Sampler):
            raise ValueError(f"sampler should be an instance of torch.utils.data.Sampler, but got sampler={sampler}")
        self.sampler = sampler
        self.batch_size = _positive("batch_size", batch_size)
        self.drop_last = _boolean("drop_last", drop_last)

    def __iter__(self) -> Iterator[list[Any]]:
        batch = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
