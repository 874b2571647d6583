"""How batches travel between processes: one pickle, then the memory of each tensor as it is.

Nothing is shared: each tensor is copied once when it is packed, once into the pipe and once out of it.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
from multiprocessing.reduction import ForkingPickler

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

_Name = tuple[int, str, tuple[int, ...], bool]


class _Packer(ForkingPickler):
    """Takes tensors out: in their place stands (number, dtype, size, requires_grad)."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.tensors: list[_C.Tensor] = []
        self._numbers: dict[int, tuple[int, Any]] = {}

    def persistent_id(self, obj: Any) -> _Name | None:
        if type(obj) is not _C.Tensor:
            return None  # a subclass says itself what it is made of
        if id(obj) not in self._numbers:
            if not obj.is_leaf:
                raise RuntimeError("a tensor with history cannot be sent to another process: send x.detach()")
            copy = obj.detach().contiguous()
            self._numbers[id(obj)] = (len(self.tensors), obj)  # held, so that no other object gets its id
            self.tensors.append(copy.clone() if copy.data_ptr() == obj.data_ptr() else copy)
        return (self._numbers[id(obj)][0], str(obj.dtype).removeprefix("torch."), tuple(obj.size()), obj.requires_grad)


class _Unpacker(pickle.Unpickler):
    """Puts tensors without values yet in their places."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.tensors: dict[int, _C.Tensor] = {}

    def persistent_load(self, pid: _Name) -> _C.Tensor:
        number, dtype, size, requires_grad = pid
        if number not in self.tensors:
            self.tensors[number] = _C.ops.empty(list(size), dtype=getattr(_C, dtype))
        return self.tensors[number].requires_grad_(requires_grad)


class Packed:
    """An object ready to be sent: what it is changes no more when its tensors do."""

    def __init__(self, content: Any) -> None:
        file = io.BytesIO()
        packer = _Packer(file)
        packer.dump(content)
        self.head = file.getvalue()
        self.tensors = packer.tensors

    def send(self, connection: Connection) -> None:
        """Blocks until all of it is in the pipe or taken out there."""
        connection.send_bytes(self.head)
        for tensor in self.tensors:
            rest = _memory(tensor)
            while rest:
                rest = rest[os.write(connection.fileno(), rest) :]


def receive(connection: Connection) -> Any:
    """What `Packed.send` sent. EOFError or another OSError if the other side ends before that."""
    unpacker = _Unpacker(io.BytesIO(connection.recv_bytes()))
    content = unpacker.load()
    for number in range(len(unpacker.tensors)):
        rest = _memory(unpacker.tensors[number])
        while rest:
            count = os.readv(connection.fileno(), [rest])
            if count == 0:
                raise EOFError("the other process ended within a message")
            rest = rest[count:]
    return content


class Parcel:
    """An argument of a process that is not forked: it is pickled with the tensors' memory as bytes, not number by number."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __reduce__(self) -> tuple[Any, tuple[bytes, list[bytes]]]:
        packed = Packed(self.content)
        return _open, (packed.head, [bytes(_memory(tensor)) for tensor in packed.tensors])


def _open(head: bytes, memories: list[bytes]) -> Parcel:
    unpacker = _Unpacker(io.BytesIO(head))
    content = unpacker.load()
    for number, values in enumerate(memories):
        _memory(unpacker.tensors[number])[:] = values
    return Parcel(content)


def _memory(tensor: _C.Tensor) -> memoryview:
    """The bytes of a contiguous tensor, which must outlive the result."""
    size = tensor.numel() * tensor.element_size()
    if size == 0:
        return memoryview(b"")
    return memoryview((ctypes.c_char * size).from_address(tensor.data_ptr())).cast("B")
