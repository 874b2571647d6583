"""Groups whose calls go through NCCL, between CUDA devices.

Processes meet and part over sockets as with the other backends; barriers run there as well. A group's communicator is made at
its first call, for the device of the first tensor. Calls return when they are queued on the device's current stream, those with
async_op on a stream of the group's that runs beside it; `nccl_watch` looks after them. Messages of two ranks have communicators
of their own (`nccl_links`), and so have lists of several devices in each process.
"""

from __future__ import annotations

import os
from contextlib import nullcontext

import torch
from torch.distributed.nccl_links import Link, Message
from torch.distributed.nccl_watch import Queued

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from torch import Tensor

_OPERATIONS = {"sum": "SUM", "product": "PROD", "min": "MIN", "max": "MAX"}
_DTYPES = ("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
_NAME_BYTES = 128


def _known(reduce: str) -> str:
    if reduce not in _OPERATIONS:
        raise ValueError(f"there is no '{reduce}' among the reductions of process groups")
    return reduce


def _written(tensor: Tensor, dense: Tensor) -> None:
    """What was made in `dense`, a contiguous stand-in, is the tensor's."""
    if dense.data_ptr() != tensor.data_ptr():
        tensor.data.copy_(dense)


def _all_reduce(communicator: Any, tensor: Tensor, _: Any, __: int, operation: int) -> Any:
    dense = tensor.detach().contiguous()
    communicator.all_reduce(dense, op=operation)
    _written(tensor, dense)
    return dense


def _reduce(communicator: Any, tensor: Tensor, _: Any, root: int, operation: int) -> Any:
    dense = tensor.detach().contiguous()
    communicator.reduce(dense, dense, root, operation)
    if root == communicator.rank:
        _written(tensor, dense)
    return dense


def _broadcast(communicator: Any, tensor: Tensor, _: Any, root: int, __: int) -> Any:
    dense = tensor.detach().contiguous()
    communicator.broadcast(dense, root)
    _written(tensor, dense)
    return dense


def _all_gather(communicator: Any, tensor: Tensor, outputs: Sequence[Tensor], _: int, __: int) -> Any:
    dense = tensor.detach().contiguous()
    flat = torch.empty(len(outputs) * dense.numel(), dtype=dense.dtype, device=dense.device)
    communicator.all_gather(dense, flat)
    for output, piece in zip(outputs, flat.split(dense.numel()) if dense.numel() else outputs, strict=True):
        output.data.copy_(piece.view(output.size()))
    return dense, flat


def _gather(communicator: Any, tensor: Tensor, outputs: Sequence[Tensor] | None, root: int, _: int) -> Any:
    dense = tensor.detach().contiguous()
    written = None if outputs is None else [output.detach().contiguous() for output in outputs]
    communicator.gather(dense, written, root)
    for output, piece in zip(outputs or [], written or [], strict=True):
        _written(output, piece)
    return dense, written


def _scatter(communicator: Any, tensor: Tensor, inputs: Sequence[Tensor] | None, root: int, _: int) -> Any:
    dense = tensor.detach().contiguous()
    given = None if inputs is None else [item.detach().contiguous() for item in inputs]
    communicator.scatter(dense, given, root)
    _written(tensor, dense)
    return dense, given


_CALLS: dict[str, Callable[[Any, Tensor, Any, int, int], Any]] = {
    "broadcast": _broadcast,
    "all_reduce": _all_reduce,
    "reduce": _reduce,
    "all_gather": _all_gather,
    "gather": _gather,
    "scatter": _scatter,
}
_ROOTED = ("broadcast", "reduce", "gather", "scatter")
_REDUCING = ("all_reduce", "reduce")


class NcclGroup:
    """A group of sockets, with the calls of communicators."""

    def __init__(self, sockets: Any, rank: int, watch: Any) -> None:
        self._sockets, self._rank, self._watch = sockets, rank, watch
        self.failure = ""  # why no call is possible any more
        self.size: int = sockets.size
        self.index_of = sockets.index_of
        self.rank_at = sockets.rank_at
        self.number: int = watch.number_of(self)
        self._calls = 0
        self.device: Any = None  # of this process: where its first tensor was
        self._communicator: Any = None
        self._aside: Any = None  # the stream of calls with async_op
        self._several: dict[tuple[int, ...], Any] = {}
        self._links: dict[tuple[str, int], Link] = {}
        self._compares = os.environ.get("TORCH_DISTRIBUTED_DEBUG", "").upper() == "DETAIL"

    def next_number(self) -> int:
        """Of a call."""
        self._calls += 1
        return self._calls - 1

    def check(self) -> None:
        """RuntimeError if the group has failed."""
        if self.failure:
            raise RuntimeError(self.failure)

    def abort(self, why: str) -> None:
        """No further calls, because of this; those that run on devices end."""
        self.failure = self.failure or why
        for each in [self._communicator, *self._several.values(), *self._links.values()]:
            if each is not None:
                each.abort()

    # --- who, and where ---------------------------------------------------------------------------------------------------

    def _name(self) -> bytes:
        """What a new communicator's members meet by: made by the one with index 0."""
        name = torch.zeros(_NAME_BYTES, dtype=torch.uint8)
        if self.index_of(self._rank) == 0:
            name = torch.tensor(list(torch.cuda.nccl.unique_id()), dtype=torch.uint8)
        self._sockets.run("broadcast", tensor=name, root=self.rank_at(0))
        self._sockets.run("barrier")  # NCCL has no time limit: all are here
        return bytes(name.tolist())

    def _place(self, op: str, tensor: Any) -> Any:
        """The device of a tensor, the same in every call."""
        if not isinstance(tensor, torch.Tensor) or not tensor.is_cuda or tensor.is_sparse:
            raise RuntimeError(
                f"[{op}] the backend 'nccl' carries dense tensors of CUDA devices: tensor.cuda(), or the backend 'gloo'"
            )
        index: Any = tensor.device.index
        if self.device is None:
            self.device = index
        if self.device != index:
            raise RuntimeError(
                f"[{op}] tensor is on cuda:{index}, but this process's first call in the group had one on "
                f"cuda:{self.device}: one device for each process"
            )
        return index

    def _on(self, op: str, tensor: Tensor) -> Any:
        """The communicator."""
        index = self._place(op, tensor)
        if self._communicator is None:
            name = self._name()
            self._communicator = torch.cuda.nccl.Communicator(self.size, name, self.index_of(self._rank), [index])
            self._aside = torch.cuda.Stream(index, -1)  # now: later, making it may wait for a call that runs
        return self._communicator

    def operation(self, reduce: str) -> int:
        """NCCL's number of a reduction."""
        number: int = getattr(torch.cuda.nccl, _OPERATIONS[_known(reduce)])
        return number

    def _root(self, op: str, root: int) -> int:
        index: int = self.index_of(root)
        if index < 0:
            raise RuntimeError(f"[{op}] root is rank {root}, which is none of the {self.size} members of the group")
        return index

    def _checked_list(self, op: str, given: Sequence[Tensor] | None, root: int) -> Sequence[Tensor] | None:
        if op in ("gather", "scatter") and root != self._rank:
            return None
        if op in ("all_gather", "gather", "scatter") and len(given or []) != self.size:
            raise RuntimeError(f"[{op}] list has {len(given or [])} tensors, needs one for each of the {self.size} members")
        return given

    def _compare(self, call: Queued, root: int, operation: int) -> None:
        """With TORCH_DISTRIBUTED_DEBUG=DETAIL: what the ranks are about to do, before a device is asked."""
        own = [call.number, list(_CALLS).index(call.kind), call.numel, _DTYPES.index(str(call.dtype)[6:]), root, operation]
        every = [torch.zeros(len(own), dtype=torch.int64) for _ in range(self.size)]
        self._sockets.run("all_gather", tensor=torch.tensor(own), list=every)
        for place, other in enumerate(row.tolist() for row in every):
            if other != own:
                theirs = (
                    f"{[*_CALLS][other[1]]} of {other[2]} elements of torch.{_DTYPES[other[3]]} (root {other[4]}, {other[5]})"
                )
                self.failure = (
                    f"[{call.kind}] ranks disagree in call {call.number} of the group: rank {self.rank_at(place)} is in call "
                    f"{other[0]}, {theirs}, rank {self._rank} in {call} (root {root}, {operation})"
                )
                self.check()

    # --- calls ------------------------------------------------------------------------------------------------------------

    def run(
        self,
        kind: str,
        tensor: Any = None,
        list: Sequence[Tensor] | None = None,
        root: int = -1,
        reduce: str = "sum",
    ) -> None:
        """As the sockets' groups."""
        if kind == "barrier":
            torch.cuda.synchronize(self.device)
            self.check()
            self._sockets.run("barrier")
            return
        self._queue(kind, tensor, list, root, _known(reduce), aside=False)

    def start(self, kind: str, **arguments: Any) -> Any:
        """The same on a stream of the group's, behind what was asked of the current one so far."""
        if kind == "barrier":
            torch.cuda.synchronize(self.device)
            self.check()
            return self._sockets.start("barrier")
        settings: dict[str, Any] = {"tensor": None, "list": None, "root": -1, "reduce": "sum", **arguments}
        _known(settings["reduce"])
        return self._queue(kind, *settings.values(), aside=True)

    def average(self, tensor: Tensor) -> Any:
        """As start("all_reduce"), but the sum divided by the number of ranks."""
        return self._queue("all_reduce", tensor, None, -1, "average", aside=True)

    def _queue(
        self, kind: str, tensor: Tensor, items: Sequence[Tensor] | None, root: int, reduce: str, *, aside: bool
    ) -> Queued:
        self.check()
        communicator = self._on(kind, tensor)
        operation = getattr(torch.cuda.nccl, _OPERATIONS.get(reduce, "AVG"))
        place = self._root(kind, root) if kind in _ROOTED else -1
        chosen = self._checked_list(kind, items, root)
        detail = f" with {reduce}" if kind in _REDUCING else f", root {root}" if kind in _ROOTED else ""
        call = Queued(self, kind, tensor, detail)
        if self._compares:
            self._compare(call, place, operation)
        self._watch.add(call)
        try:
            stream = self._stream(aside)
            with torch.cuda.stream(stream) if aside else nullcontext():
                kept = _CALLS[kind](communicator, tensor, chosen, place, operation)
            call.mark([stream], (tensor, kept, chosen) if aside else None)
        except BaseException:
            self._watch.drop(call)
            raise
        return call

    def _stream(self, aside: bool) -> Any:
        """Where a call goes, behind what was asked of the current stream."""
        current = torch.cuda.current_stream(self.device)
        if not aside:
            return current
        self._aside.wait_stream(current)
        return self._aside

    # --- several devices in each process ------------------------------------------------------------------------------------

    def _over(self, op: str, tensors: Sequence[Tensor]) -> Any:
        """The communicator of a list of devices."""
        devices: tuple[Any, ...] = tuple(tensor.device.index for tensor in tensors)
        if devices not in self._several:
            every = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
            self._sockets.run("all_gather", tensor=torch.tensor([len(devices)]), list=every)
            counts = [int(each) for each in every]
            other = next((i for i, count in enumerate(counts) if count != len(devices)), None)
            if other is not None:
                raise RuntimeError(
                    f"[{op}] {len(devices)} tensors here, and {counts[other]} on rank {self.rank_at(other)}: expected as many"
                )
            first = self.index_of(self._rank) * len(devices)
            made = torch.cuda.nccl.Communicator(self.size * len(devices), self._name(), first, devices)
            self._several[devices] = made
        return self._several[devices]

    def run_several(self, op: str, tensors: Sequence[Tensor], call: Callable[[Any, list[Tensor]], None]) -> None:
        """call(communicator, contiguous tensors), one on each of several devices, on their current streams."""
        self.check()
        for i, tensor in enumerate(tensors):
            if not isinstance(tensor, torch.Tensor) or not tensor.is_cuda or tensor.is_sparse:
                raise RuntimeError(f"[{op}] tensor_list[{i}]: expected a dense tensor of a CUDA device")
        if len({tensor.device for tensor in tensors}) != len(tensors):
            raise RuntimeError(f"[{op}] tensor_list: two tensors on one device, expected a device for each")
        communicator = self._over(op, tensors)
        queued = Queued(self, op, tensors[0])
        self._watch.add(queued)
        try:
            dense = [tensor.detach().contiguous() for tensor in tensors]
            call(communicator, dense)
            for tensor, result in zip(tensors, dense, strict=True):
                _written(tensor, result)
            queued.mark([torch.cuda.current_stream(tensor.device) for tensor in tensors])
        except BaseException:
            self._watch.drop(queued)
            raise

    # --- messages -----------------------------------------------------------------------------------------------------------

    def send(self, tensor: Tensor, to: int) -> Any:
        """Sends, on a stream of its own."""
        return self._message("send", tensor, to)

    def receive(self, tensor: Tensor, source: int) -> Any:
        """Receives, on a stream of its own, from a rank that has to be named."""
        if source < 0:
            raise RuntimeError("[recv] the backend 'nccl' does not receive from just any rank: give src")
        return self._message("recv", tensor, source)

    def _message(self, kind: str, tensor: Tensor, peer: int) -> Message:
        self.check()
        device = self._place(kind, tensor)
        if self.index_of(peer) < 0 or peer == self._rank:
            raise RuntimeError(f"[{kind}] rank {peer}, expected another of the {self.size} members of the group")
        link = self._links.get((kind, peer))
        if link is None:
            link = self._links[kind, peer] = Link(self, self._sockets, peer, kind, device)
        message = Message(self, kind, tensor, peer)
        self._watch.add(message)
        try:
            link.post(message)
        except BaseException:
            self._watch.drop(message)
            raise
        return message
