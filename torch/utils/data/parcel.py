"""How batches travel between processes: one pickle, then the memory of each small tensor; large ones lie in shared memory.

A data set that goes to a process which is not forked takes its tensors along in the shared memory of `torch.multiprocessing`.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
from multiprocessing import reduction
from multiprocessing.reduction import ForkingPickler

from torch import _C, _shared_memory
from torch.storage import Storage
from torch.utils.data.batch_memory import socket_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

    from torch.utils.data.batch_memory import BatchMemory, BorrowedMemory, Piece

_MANY = 64  # storages of a data set that are shared: each is a descriptor, of which a fork server takes 256


class _Packer(ForkingPickler):
    """Takes tensors out. Without `memory`, all are written into the pipe.

    In a tensor's place stand its number, dtype, size and requires_grad; for one in shared memory also the number of the piece,
    the offset there and the strides.
    """

    def __init__(self, file: io.BytesIO, memory: BatchMemory | None) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.tensors: list[_C.Tensor] = []
        self.pieces: list[Piece] = []
        self._memory = memory
        self._names: dict[int, tuple[tuple[Any, ...], Any]] = {}  # with what is held, so that no other object gets its id

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        if type(obj) is not _C.Tensor or obj.is_cuda:
            return None  # a subclass says itself what it is made of, a tensor of a device is a storage with its numbers
        if id(obj) not in self._names:
            if not obj.is_leaf:
                raise RuntimeError("a tensor with history cannot be sent to another process: send x.detach()")
            described = (len(self._names), str(obj.dtype).removeprefix("torch."), tuple(obj.size()), obj.requires_grad)
            there = self._shared(obj)
            if there is None:
                copy = obj.detach().contiguous()
                self.tensors.append(copy.clone() if copy.data_ptr() == obj.data_ptr() else copy)
                self._names[id(obj)] = described, obj
            else:
                place = (self.pieces[-1].number, there.storage_offset(), tuple(there.stride()))
                self._names[id(obj)] = (*described, *place), (obj, there)
        return self._names[id(obj)][0]

    def reducer_override(self, obj: Any) -> Any:
        """Device memory ends with its process: storages there travel as numbers, whatever `torch.multiprocessing` would do."""
        if isinstance(obj, Storage) and obj.is_cuda:
            return obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        return NotImplemented

    def _shared(self, tensor: _C.Tensor) -> _C.Tensor | None:
        """The tensor, or a copy of it, in the last of the pieces. None: it is small, or there is no shared memory."""
        if self._memory is None:
            return None
        piece = self._memory.place(tensor)
        if piece is None:
            copy = self._memory.allocate(tensor.size(), tensor.dtype)
            if copy is None:
                return None
            tensor = copy.copy_(tensor.detach())
            piece = self._memory.place(tensor)
            assert piece is not None
        self.pieces.append(piece)
        return tensor


class _Unpacker(pickle.Unpickler):
    """Puts tensors in their places: those without values yet, and those in shared memory."""

    def __init__(self, file: io.BytesIO, memory: BorrowedMemory | None) -> None:
        super().__init__(file)
        self.tensors: list[_C.Tensor] = []  # without values
        self._memory = memory
        self._found: dict[int, _C.Tensor] = {}

    def persistent_load(self, pid: tuple[Any, ...]) -> _C.Tensor:
        number, dtype, size, requires_grad, *place = pid
        if number not in self._found:
            if place:
                assert self._memory is not None
                piece, offset, stride = place
                self._found[number] = self._memory.tensor(piece, getattr(_C, dtype), offset, size, stride)
            else:
                self._found[number] = _C.ops.empty(list(size), dtype=getattr(_C, dtype), device="cpu")
                self.tensors.append(self._found[number])
        return self._found[number].requires_grad_(requires_grad)


class Packed:
    """An object ready to be sent: what it is changes no more when its tensors do."""

    def __init__(self, content: Any, memory: BatchMemory | None = None) -> None:
        file = io.BytesIO()
        packer = _Packer(file, memory)
        packer.dump(content)
        self._made, gone = memory.lend(packer.pieces) if memory is not None else ([], [])
        self._head = pickle.dumps(([(piece.number, piece.nbytes) for piece in self._made], gone)) + file.getvalue()
        self._tensors = packer.tensors

    def send(self, connection: Connection) -> None:
        """Blocks until all of it is in the pipe or taken out there."""
        connection.send_bytes(self._head)
        for piece in self._made:
            with socket_of(connection) as pipe:
                reduction.sendfds(pipe, [piece.fd])
            piece.close()
        for tensor in self._tensors:
            rest = _memory(tensor)
            while rest:
                rest = rest[os.write(connection.fileno(), rest) :]


def receive(connection: Connection, memory: BorrowedMemory) -> Any:
    """What `Packed.send` sent. EOFError or another OSError if the other side ends before that."""
    file = io.BytesIO(connection.recv_bytes())
    memory.update(connection, *pickle.load(file))
    unpacker = _Unpacker(file, memory)
    content = unpacker.load()
    for tensor in unpacker.tensors:
        rest = _memory(tensor)
        while rest:
            count = os.readv(connection.fileno(), [rest])
            if count == 0:
                raise EOFError("the other process ended within a message")
            rest = rest[count:]
    return content


class _Sharer(_Packer):
    """Moves tensors to shared memory, where `torch.multiprocessing` pickles them; takes out those that cannot move."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, None)
        self._storages: set[int] = set()

    def reducer_override(self, obj: Any) -> Any:
        """Device memory is shared: the data set's process outlives its workers."""
        return NotImplemented

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        if type(obj) is _C.Tensor and obj.is_leaf and not obj.is_cuda:
            storage = obj.storage()
            if storage._cdata in self._storages:
                return None
            if len(self._storages) < _MANY and len(storage):
                try:
                    _shared_memory.claimable(storage)
                except RuntimeError:  # an array looks at it, or there are too many open files
                    return super().persistent_id(obj)
                self._storages.add(storage._cdata)
                return None
        return super().persistent_id(obj)


class Parcel:
    """An argument of a process that is not forked: its tensors are shared, not pickled number by number."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __reduce__(self) -> tuple[Any, tuple[bytes, list[bytes]]]:
        from torch.multiprocessing import reductions

        reductions.install()
        file = io.BytesIO()
        sharer = _Sharer(file)
        sharer.dump(self.content)
        return _open, (file.getvalue(), [bytes(_memory(tensor)) for tensor in sharer.tensors])


def _open(head: bytes, memories: list[bytes]) -> Parcel:
    unpacker = _Unpacker(io.BytesIO(head), None)
    content = unpacker.load()
    for tensor, values in zip(unpacker.tensors, memories, strict=True):
        _memory(tensor)[:] = values
    return Parcel(content)


def _memory(tensor: _C.Tensor) -> memoryview:
    """The bytes of a contiguous tensor, which must outlive the result."""
    size = tensor.numel() * tensor.element_size()
    if size == 0:
        return memoryview(b"")
    return memoryview((ctypes.c_char * size).from_address(tensor.data_ptr())).cast("B")
