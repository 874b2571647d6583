"""Data sets: samples that are read by their number."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


class Dataset:
    """Base class: subclasses define `__getitem__(index)`, a sample, and `__len__()`. `a + b` is `ConcatDataset([a, b])`.

    >>> class Squares(torch.utils.data.Dataset):
    ...     def __getitem__(self, index):
    ...         return index * index
    ...     def __len__(self):
    ...         return 5
    >>> len(Squares()), Squares()[3], list(torch.utils.data.DataLoader(Squares(), batch_size=2))
    (5, 9, [tensor([0, 1]), tensor([4, 9]), tensor([16])])
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: __getitem__() is not defined")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: __len__() is not defined")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """Sample i is the tuple of row i of each tensor; all have the same size(0).

    >>> data = torch.utils.data.TensorDataset(torch.zeros(4, 2), torch.arange(4))
    >>> len(data), data[3]
    (4, (tensor([0., 0.]), tensor(3)))
    """

    def __init__(self, *tensors: _C.Tensor) -> None:
        if not tensors or any(tensor.dim() == 0 or tensor.size(0) != tensors[0].size(0) for tensor in tensors):
            sizes = [tuple(tensor.size()) for tensor in tensors]
            raise ValueError(f"TensorDataset takes tensors of one size(0), got {sizes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[_C.Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].size(0)


class ConcatDataset(Dataset):
    """Several data sets, one after the other. cumulative_sizes: where each one ends.

    >>> both = torch.utils.data.ConcatDataset(["ab", "cde"])
    >>> len(both), both[2], both[-1]
    (5, 'c', 'e')
    """

    datasets: list[Any]
    cumulative_sizes: list[int]

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("datasets should not be an empty iterable")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: int) -> Any:
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"index {index} is out of range: the data sets have {len(self)} samples together")
        number = bisect_right(self.cumulative_sizes, position)
        before = self.cumulative_sizes[number - 1] if number else 0
        return self.datasets[number][position - before]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    @property
    def cummulative_sizes(self) -> list[int]:
        """Deprecated: use `cumulative_sizes`."""
        import warnings

        warnings.warn("cummulative_sizes attribute is renamed to cumulative_sizes", DeprecationWarning, stacklevel=2)
        return self.cumulative_sizes


class Subset(Dataset):
    """The samples of `dataset` at `indices`.

    >>> list(torch.utils.data.Subset("abcde", [4, 0]))
    ['e', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[Any]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[int]) -> list[Subset]:
    """Subsets of the given lengths, whose sum must be that of the data set; each sample is in one of them, by chance.

    >>> parts = torch.utils.data.random_split(range(10), [7, 3])
    >>> [len(part) for part in parts], sorted(list(parts[0]) + list(parts[1])) == list(range(10))
    ([7, 3], True)
    """
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = _C.ops.randperm(len(dataset), device="cpu").tolist()
    ends = accumulate(lengths)
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
