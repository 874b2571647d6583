"""From a list of samples to a batch."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.utils.data.batch_memory import BatchMemory

# In a worker process: where batches are put together, so that they need not be copied to be sent.
memory: BatchMemory | None = None


def default_collate(batch: Sequence[Any]) -> Any:
    """Samples of one kind as one value: what `DataLoader` does unless `collate_fn` is given.

    Tensors of one size are stacked along a new first dimension, and so are NumPy arrays and their scalars, to a tensor of
    their dtype. Python integers become an int64 tensor, floats a float64 tensor. Strings and bytes stay a list. Mappings
    become a dict, named tuples one of their kind and other sequences a list of what becomes of their parts.

    >>> from torch.utils.data.collate import default_collate
    >>> default_collate([{"x": torch.zeros(2), "name": "a"}, {"x": torch.ones(2), "name": "b"}])
    {'x': tensor([[0., 0.],
            [1., 1.]]), 'name': ['a', 'b']}
    >>> default_collate([(1, 0.5), (2, 1.5)])
    [tensor([1, 2]), tensor([0.5000, 1.5000], dtype=torch.float64)]
    """
    first = batch[0]
    if isinstance(first, _C.Tensor):
        return _stack(list(batch))
    if isinstance(first, (str, bytes)):  # NumPy's strings too
        return list(batch)
    if type(first).__module__ == "numpy":
        return _from_numpy(batch)
    if isinstance(first, int):
        return _C.ops.tensor([int(number) for number in batch], dtype=_C.int64, device="cpu")
    if isinstance(first, float):
        return _C.ops.tensor([float(number) for number in batch], dtype=_C.float64, device="cpu")
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError(f"each sample of the batch should have as many parts, got {[len(s) for s in batch]}")
        collated = [default_collate(parts) for parts in zip(*batch, strict=True)]
        return type(first)(*collated) if isinstance(first, tuple) and hasattr(first, "_fields") else collated
    raise TypeError(f"batch must contain tensors, numbers, dicts or lists; found {type(first)}")


def _stack(tensors: list[_C.Tensor]) -> _C.Tensor:
    if memory is not None and not any(getattr(tensor, "requires_grad", False) for tensor in tensors):
        out = memory.allocate([len(tensors), *tensors[0].size()], tensors[0].dtype)
        if out is not None:
            return _C.ops.stack(tensors, 0, out=out)
    return _C.ops.stack(tensors, 0)


def _from_numpy(batch: Sequence[Any]) -> _C.Tensor:
    dtype = batch[0].dtype
    if dtype.kind not in "biuf":
        raise TypeError(f"batch must contain tensors, numbers, dicts or lists; found {dtype}")
    numpy, kind = sys.modules["numpy"], getattr(_C, dtype.name, None)
    if memory is not None and isinstance(kind, _C.dtype) and all(sample.dtype == dtype for sample in batch):
        out = memory.allocate([len(batch), *batch[0].shape], kind)
        if out is not None:
            numpy.stack(batch, out=out.numpy())
            return out
    array = numpy.stack(batch)
    return _C.ops.from_numpy(array.astype("uint8") if dtype.kind == "b" else array)


def pinned(batch: Any) -> Any:
    """`batch` with the tensors of the host in it, also in mappings and sequences, page-locked; needs a CUDA device."""
    if isinstance(batch, _C.Tensor):
        return batch if batch.is_cuda else batch.pin_memory()
    if isinstance(batch, Mapping):
        return {key: pinned(part) for key, part in batch.items()}
    if isinstance(batch, Sequence) and not isinstance(batch, (str, bytes)):
        parts = [pinned(part) for part in batch]
        return type(batch)(*parts) if isinstance(batch, tuple) and hasattr(batch, "_fields") else parts
    return batch


def fetch(dataset: Any, indices: Sequence[Any], collate_fn: Callable[[list[Any]], Any]) -> Any:
    """The batch of the samples at `indices`."""
    try:
        return collate_fn([dataset[index] for index in indices])
    except StopIteration as error:
        raise RuntimeError("the data set or collate_fn raised StopIteration") from error
