"""Sums, copies and pieces of tensors over several CUDA devices, of one process or of many, through NVIDIA's NCCL.

Lists hold a contiguous tensor for each of several devices, all of one dtype and number of elements. Work goes behind what was
asked of each device's current stream before, and a call returns before it is done. int16 can only be moved. Where there is no
NCCL, every call raises RuntimeError, which says what to install; `torch.cuda.comm` then copies from device to device.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from torch import _C

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from torch import Tensor

__all__ = [
    "AVG",
    "MAX",
    "MIN",
    "PROD",
    "SUM",
    "Communicator",
    "all_gather",
    "all_reduce",
    "broadcast",
    "init_rank",
    "is_available",
    "reduce",
    "reduce_scatter",
    "unique_id",
    "version",
]

SUM, PROD, MAX, MIN, AVG = range(5)
"""The operations of reductions; AVG is the sum divided by the number of tensors, of whole numbers towards zero."""


def __dir__() -> list[str]:
    return sorted(__all__)


@cache
def _opens() -> bool:
    try:
        version()
    except RuntimeError:
        return False
    return True


def version() -> int:
    """NCCL's version, as it counts itself: 22809 is 2.28.9. RuntimeError says why there is none.

    >>> torch.cuda.nccl.version() >= 2000 if torch.cuda.nccl.is_available() else True
    True
    """
    return _C.nccl.version()


def is_available(tensors: Iterable[Tensor] = ()) -> bool:
    """Whether NCCL is here and can take these tensors: contiguous ones, each on a CUDA device of its own.

    >>> torch.cuda.nccl.is_available([torch.ones(2)])  # on the host
    False
    """
    devices = set()
    for tensor in tensors:
        if tensor.is_sparse or not tensor.is_cuda or not tensor.is_contiguous() or tensor.device in devices:
            return False
        devices.add(tensor.device)
    return _opens()


def all_reduce(inputs: Sequence[Tensor], outputs: Sequence[Tensor] | None = None, op: int = SUM) -> None:
    """outputs[i] = inputs[0] op inputs[1] op ...; into the inputs if `outputs` is None.

    >>> if torch.cuda.device_count() > 1 and torch.cuda.nccl.is_available():
    ...     x = [torch.ones(2, device=f"cuda:{i}") for i in range(2)]
    ...     torch.cuda.nccl.all_reduce(x)
    ...     assert x[0].tolist() == x[1].tolist() == [2.0, 2.0]
    """
    _C.nccl.all_reduce(inputs, inputs if outputs is None else outputs, op)


def reduce(inputs: Sequence[Tensor], outputs: Sequence[Tensor] | None = None, root: int = 0, op: int = SUM) -> None:
    """outputs[root] = inputs[0] op inputs[1] op ...; into the inputs if `outputs` is None.

    >>> if torch.cuda.device_count() > 1 and torch.cuda.nccl.is_available():
    ...     x = [torch.ones(2, device=f"cuda:{i}") for i in range(2)]
    ...     torch.cuda.nccl.reduce(x)
    ...     assert x[0].tolist() == [2.0, 2.0] and x[1].tolist() == [1.0, 1.0]
    """
    written = inputs if outputs is None else outputs
    if len(written) and not 0 <= root < len(written):
        raise ValueError(f"[reduce] root: {root}, expected one of 0 to {len(written) - 1}")
    _C.nccl.reduce(inputs, written[root] if len(written) else None, root, op)


def broadcast(inputs: Sequence[Tensor], root: int = 0) -> None:
    """inputs[i] = inputs[root]

    >>> if torch.cuda.device_count() > 1 and torch.cuda.nccl.is_available():
    ...     x = [torch.full((2,), i, device=f"cuda:{i}") for i in range(2)]
    ...     torch.cuda.nccl.broadcast(x, root=1)
    ...     assert x[0].tolist() == [1.0, 1.0]
    """
    _C.nccl.broadcast(inputs, root)


def all_gather(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """outputs[i], with as many times the elements as there are inputs, is inputs[0], inputs[1], ... one behind the other.

    >>> if torch.cuda.device_count() > 1 and torch.cuda.nccl.is_available():
    ...     x = [torch.full((1,), i, device=f"cuda:{i}") for i in range(2)]
    ...     y = [torch.empty(2, device=f"cuda:{i}") for i in range(2)]
    ...     torch.cuda.nccl.all_gather(x, y)
    ...     assert y[0].tolist() == y[1].tolist() == [0.0, 1.0]
    """
    _C.nccl.all_gather(inputs, outputs)


def reduce_scatter(inputs: Sequence[Tensor], outputs: Sequence[Tensor], op: int = SUM) -> None:
    """outputs[i] is the i-th of as many equal pieces of inputs[0] op inputs[1] op ... as there are inputs.

    >>> if torch.cuda.device_count() > 1 and torch.cuda.nccl.is_available():
    ...     x = [torch.arange(2, device=f"cuda:{i}") for i in range(2)]
    ...     y = [torch.empty(1, dtype=torch.int64, device=f"cuda:{i}") for i in range(2)]
    ...     torch.cuda.nccl.reduce_scatter(x, y)
    ...     assert y[0].tolist() == [0] and y[1].tolist() == [2]
    """
    _C.nccl.reduce_scatter(inputs, outputs, op)


def unique_id() -> bytes:
    """A name for a group of processes that is about to meet: one of them makes it and hands it to the others.

    >>> len(torch.cuda.nccl.unique_id()) if torch.cuda.nccl.is_available() else 128
    128
    """
    return _C.nccl.unique_id()


def _list(tensors: Tensor | Sequence[Tensor]) -> Sequence[Tensor]:
    return [tensors] if isinstance(tensors, _C.Tensor) else tensors


class Communicator:
    """One process's place in a group of `num_ranks`, with the current device; made by `init_rank` in each of them.

    Every process makes the same calls in the same order. As the target of a `with` it is closed at the end, or aborted if the
    body raises; a process that ends without either just ends.

    devices: numbers of several devices of this process, which become ranks `rank`, `rank` + 1, ...; the first five operations
    then take lists with a tensor on each.

    >>> if torch.cuda.is_available() and torch.cuda.nccl.is_available():
    ...     with torch.cuda.nccl.init_rank(1, torch.cuda.nccl.unique_id(), 0) as group:
    ...         x = torch.ones(2, device="cuda")
    ...         group.all_reduce(x)
    """

    def __init__(self, num_ranks: int, uid: bytes, rank: int, devices: Sequence[int] | None = None) -> None:
        places = [_C.cuda.current_device()] if devices is None else list(devices)
        self._handle = _C.nccl.Communicator(places, num_ranks, uid, rank)

    @property
    def rank(self) -> int:
        """This process's number in the group: that of its first device."""
        return self._handle.rank

    @property
    def size(self) -> int:
        """The number of devices of all processes."""
        return self._handle.size

    @property
    def device_index(self) -> int:
        """The device that tensors have to be on, the first where there are several."""
        return self._handle.device

    def all_reduce(
        self, input: Tensor | Sequence[Tensor], output: Tensor | Sequence[Tensor] | None = None, op: int = SUM
    ) -> None:
        """output = input of rank 0 op input of rank 1 op ...; into the input if `output` is None."""
        inputs = _list(input)
        self._handle.all_reduce(inputs, inputs if output is None else _list(output), op)

    def reduce(self, input: Tensor | Sequence[Tensor], output: Tensor | None = None, root: int = 0, op: int = SUM) -> None:
        """As `all_reduce`, for the process `root` alone."""
        inputs = _list(input)
        own = min(max(root - self.rank, 0), len(inputs) - 1)
        self._handle.reduce(inputs, inputs[own] if output is None else output, root, op)

    def broadcast(self, tensor: Tensor | Sequence[Tensor], root: int = 0) -> None:
        """tensor = the one of rank `root`"""
        self._handle.broadcast(_list(tensor), root)

    def all_gather(self, input: Tensor | Sequence[Tensor], output: Tensor | Sequence[Tensor]) -> None:
        """output, with `size` times the elements, is all inputs one behind the other."""
        self._handle.all_gather(_list(input), _list(output))

    def reduce_scatter(self, input: Tensor | Sequence[Tensor], output: Tensor | Sequence[Tensor], op: int = SUM) -> None:
        """output is the piece with this process's number of input of rank 0 op input of rank 1 op ..., cut in `size`."""
        self._handle.reduce_scatter(_list(input), _list(output), op)

    def gather(self, input: Tensor, outputs: Sequence[Tensor] | None = None, root: int = 0) -> None:
        """outputs[i] = input of rank i; `outputs`, a tensor for each rank, is given by rank `root` alone."""
        self._handle.gather(input, outputs, root)

    def scatter(self, output: Tensor, inputs: Sequence[Tensor] | None = None, root: int = 0) -> None:
        """output of rank i = inputs[i]; `inputs`, a tensor for each rank, is given by rank `root` alone."""
        self._handle.scatter(output, inputs, root)

    def send(self, tensor: Tensor, dst: int) -> None:
        """The tensor goes to rank `dst`, which calls `recv`. The stream's later work waits for that."""
        self._handle.send(tensor, dst)

    def recv(self, tensor: Tensor, src: int) -> None:
        """tensor = what rank `src` sends, of as many bytes"""
        self._handle.recv(tensor, src)

    def close(self) -> None:
        """Ends it when its work is done; every process of the group has to, or the others wait."""
        self._handle.close()

    def abort(self) -> None:
        """Ends it at once, with the work that still runs, whose results have no meaning: for when another process has failed.

        Another thread may call it while this one waits for the device. Later calls of it raise RuntimeError.
        """
        self._handle.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def init_rank(num_ranks: int, uid: bytes, rank: int) -> Communicator:
    """Joins the group of `num_ranks` processes with this name (`unique_id`), as number `rank`, with the current device.

    Waits until all of them have.

    >>> if torch.cuda.is_available() and torch.cuda.nccl.is_available():
    ...     group = torch.cuda.nccl.init_rank(1, torch.cuda.nccl.unique_id(), 0)
    ...     group.close()
    """
    return Communicator(num_ranks, uid, rank)
