"""`DataLoader`: batches of a data set, prepared in the process itself or by worker processes."""

from __future__ import annotations

from torch import _C
from torch.utils.data.collate import default_collate, fetch, pinned
from torch.utils.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_FIXED = ("batch_size", "sampler", "drop_last")


class DataLoader:
    """Iterates over batches of `dataset`, as often as wanted; `len` is their number.

    dataset: anything with `__getitem__` and `__len__`. batch_size, shuffle, drop_last (leaves out a last batch that is
    smaller): or a `sampler` of indices in place of shuffle, or a `batch_sampler` of lists of indices in place of all four.
    collate_fn: makes a batch of a list of samples; `default_collate` stacks. pin_memory: copies the tensors of a batch, also in
    mappings, lists and tuples (which become lists), to page-locked memory; without effect where there is no CUDA device.

    num_workers: how many processes prepare batches ahead of time, two each; 0: this process, when a batch is asked for.
    The order of the batches does not depend on it. Workers start with each iteration and end with it. Large tensors of a batch
    lie in shared memory, where `default_collate` has put them together; a worker uses it again once nobody here looks at it any
    more. With spawn the tensors of the data set move to shared memory, so that all workers read the same ones. In worker k
    torch has one thread; torch, random and NumPy (if imported) are seeded with base_seed + k, where base_seed comes from
    torch's generator; then `worker_init_fn(k)` is called. timeout: seconds to wait for a batch from a worker; 0: for ever. An
    exception in a worker is raised here, with its traceback as text and of its type if possible; a worker that dies is named
    with its exit code or signal.

    multiprocessing_context: "fork", "spawn", "forkserver" or a context of `multiprocessing`; by default the start method that
    was set there, else fork. With spawn, data set, collate_fn and worker_init_fn are pickled, and the main script needs
    `if __name__ == "__main__":`.

    >>> data = torch.utils.data.TensorDataset(torch.arange(5), torch.arange(5) * 10)
    >>> for x, y in torch.utils.data.DataLoader(data, batch_size=2):
    ...     print(x.tolist(), y.tolist())
    [0, 1] [0, 10]
    [2, 3] [20, 30]
    [4] [40]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Sampler | None = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] = default_collate,
        pin_memory: bool = False,
        drop_last: bool | None = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], object] | None = None,
        *,
        multiprocessing_context: Any = None,
    ) -> None:
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if not hasattr(num_workers, "__index__"):  # NumPy's integers have it
            raise ValueError(f"num_workers should be an integer, but got num_workers={num_workers!r}")
        if num_workers < 0:
            raise ValueError("num_workers option cannot be negative; use num_workers=0 to disable multiprocessing.")
        if batch_sampler is not None:
            if batch_size not in (1, None) or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size = drop_last = None
        else:
            if sampler is not None and shuffle:
                raise ValueError("sampler option is mutually exclusive with shuffle")
            if sampler is None:
                sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)  # type: ignore[arg-type]  # it refuses None
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and self.__dict__.get("_initialized"):
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        object.__setattr__(self, name, value)

    def __iter__(self) -> LoaderIterator:
        if self.num_workers == 0:
            return _InProcess(self)
        from torch.utils.data.loader_iterator import WorkersIterator  # multiprocessing is heavy

        return WorkersIterator(self)

    def __len__(self) -> int:
        return len(self.batch_sampler)


class LoaderIterator:
    """One pass over the data."""

    def __init__(self, loader: DataLoader) -> None:
        self._loader = loader
        self._pins = loader.pin_memory and _C.cuda.device_count()[0] > 0
        self._batches: Iterator[list[Any]] = iter(loader.batch_sampler)
        # Drawn without workers too, so that shuffling does not depend on their number.
        self._base_seed = int(_C.ops.empty(1, dtype=_C.int64, device="cpu").random_().item())

    def __iter__(self) -> LoaderIterator:
        return self

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        batch = self._next()
        return pinned(batch) if self._pins else batch

    def _next(self) -> Any:
        raise NotImplementedError


class _InProcess(LoaderIterator):
    def _next(self) -> Any:
        return fetch(self._loader.dataset, next(self._batches), self._loader.collate_fn)
