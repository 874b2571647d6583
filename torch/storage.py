"""Storages: the memory behind tensors, as `torch.FloatStorage` and its kin. Tensors that share memory share their storage."""

from __future__ import annotations

import sys
import weakref

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Self

__all__ = [
    "ByteStorage",
    "CharStorage",
    "DoubleStorage",
    "FloatStorage",
    "HalfStorage",
    "IntStorage",
    "LongStorage",
    "ShortStorage",
]


def __dir__() -> list[str]:
    return sorted(__all__)


# The one object of each storage that has one, so that copies and pickles know it again.
_objects: weakref.WeakValueDictionary[int, Storage] = weakref.WeakValueDictionary()


class Storage(_C.StorageBase):
    """A run of elements of one dtype.

    FloatStorage() is empty, FloatStorage(3) has three elements of undefined value, FloatStorage([1, 2]) those of a sequence.

    >>> storage = torch.arange(4.).view(2, 2).storage()
    >>> storage[2] = 9
    >>> storage.tolist()
    [0.0, 1.0, 9.0, 3.0]
    """

    __slots__ = ("__weakref__",)
    dtype: _C.dtype
    is_sparse = False

    def __new__(cls, values: int | Sequence[Any] = 0) -> Self:
        if isinstance(values, int):
            return cls._of(_C.ops.empty(values, dtype=cls.dtype, device="cpu"))
        return cls._of(_C.ops.tensor(values, dtype=cls.dtype, device="cpu").view(-1))

    @classmethod
    def _from_bytes(cls, data: bytes, device: str | None = None) -> Self:
        storage = cls(len(data) // cls.dtype.itemsize)
        memoryview(storage._tensor()).cast("B")[:] = data
        return storage if device is None else storage.cuda(device)

    @classmethod
    def from_buffer(cls, buffer: Any, byte_order: str = "native", count: int = -1, offset: int = 0) -> Self:
        """A copy of `count` (default: all) elements of a buffer, from byte `offset` on; byte_order: native, little or big.

        >>> import struct
        >>> torch.FloatStorage.from_buffer(struct.pack("<2f", 1, 2), byte_order="little").tolist()
        [1.0, 2.0]
        """
        swap = {"native": False, sys.byteorder: False}.get(byte_order, byte_order in ("little", "big") or None)
        if swap is None:
            raise ValueError(f"from_buffer(): byte_order must be 'native', 'little' or 'big', not {byte_order!r}")
        data, size = memoryview(buffer).cast("B")[offset:], cls.dtype.itemsize
        if offset < 0 or offset > memoryview(buffer).nbytes or count * size > len(data) or (count < 0 and len(data) % size):
            raise ValueError(f"from_buffer(): {count} elements of {size} bytes from {offset} on: the buffer ends within one")
        data = data if count < 0 else data[: count * size]
        if not swap:
            return cls._from_bytes(bytes(data))
        return cls._from_bytes(b"".join(bytes(data[i : i + size])[::-1] for i in range(0, len(data), size)))

    @classmethod
    def from_file(cls, filename: str, shared: bool = False, size: int = 0) -> Self:
        """The first `size` elements of a file. Writes reach the file if it is `shared`, which also makes it where
        there is none, and makes it long enough.

        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     _ = file.write(bytes(4))
        ...     file.flush()
        ...     torch.ByteStorage.from_file(file.name, size=4).tolist()
        [0, 0, 0, 0]
        """
        import mmap
        import os

        if size <= 0:
            raise ValueError(f"from_file(): size must be positive, not {size}")
        nbytes = size * cls.dtype.itemsize
        with open(os.open(filename, os.O_RDWR | os.O_CREAT if shared else os.O_RDONLY), "r+b" if shared else "rb") as file:
            if shared and file.seek(0, 2) < nbytes:
                file.truncate(nbytes)
            if file.seek(0, 2) < nbytes:
                raise ValueError(f"from_file(): {filename} has fewer than {size} elements of {cls.dtype}")
            if shared:
                from torch import _shared_memory

                return cls._of(_shared_memory.mapped(os.dup(file.fileno()), nbytes).tensor(cls.dtype))
            mapping = memoryview(mmap.mmap(file.fileno(), nbytes, access=mmap.ACCESS_COPY))
        return cls._of(_C._from_buffer(mapping.cast(_FORMATS[cls.dtype])))  # type: ignore[call-overload]

    def element_size(self) -> int:
        """Bytes of one element.

        >>> torch.DoubleStorage(3).element_size()
        8
        """
        return self.dtype.itemsize

    def share_memory_(self) -> Self:
        """Moves the elements to memory that other processes can share, forked ones and those that are sent it.

        Does nothing if they lie there, as those of a CUDA device do, or if there are none. How:
        `torch.multiprocessing.set_sharing_strategy`.

        >>> torch.FloatStorage([1, 2]).share_memory_().is_shared()
        True
        """
        if len(self) and not self.is_shared() and not self.is_cuda:
            from torch import _shared_memory

            _shared_memory.claimable(self)
        return self

    def tolist(self) -> list[Any]:
        """The elements as Python numbers.

        >>> torch.FloatStorage([1, 2]).tolist()
        [1.0, 2.0]
        """
        values: list[Any] = self._tensor().tolist()
        return values

    def clone(self) -> Self:
        """A copy. Of all elements, in memory of its own.

        >>> x = torch.FloatStorage([1, 2])
        >>> x.clone().fill_(7).tolist(), x.tolist()
        ([7.0, 7.0], [1.0, 2.0])
        """
        return type(self)._of(self._tensor().clone())

    def new(self, *args: Any) -> Self:
        """A new storage of this type, as its constructor makes it.

        >>> torch.FloatStorage([1, 2]).new(3).size()
        3
        """
        return type(self)(*args)

    def fill_(self, value: float) -> Self:
        """All elements become `value`.

        >>> torch.FloatStorage(2).fill_(7).tolist()
        [7.0, 7.0]
        """
        self._tensor().fill_(value)
        return self

    def copy_(self, source: Storage, non_blocking: bool = False) -> Self:
        """Takes over the elements of a storage of the same size, converted.

        >>> torch.IntStorage(2).copy_(torch.FloatStorage([1.7, -1.7])).tolist()
        [1, -1]
        """
        if len(source) != len(self):
            raise RuntimeError(f"copy_(): the source has {len(source)} elements, this storage {len(self)}")
        self._tensor().copy_(source._tensor())
        return self

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Without an argument the name, "torch.FloatStorage"; else a storage of that type (a class or its name).

        >>> x = torch.FloatStorage([1.7, 2])
        >>> x.type(), x.type(torch.IntStorage).tolist()
        ('torch.FloatStorage', [1, 2])
        """
        if dtype is None:
            return f"torch.{type(self).__name__}"
        kind = globals().get(dtype.removeprefix("torch.")) if isinstance(dtype, str) else dtype
        if not (isinstance(kind, type) and issubclass(kind, Storage) and kind is not Storage):
            raise TypeError(f"type(): {dtype!r} is not a storage type, such as torch.FloatStorage")
        return self if type(self) is kind else kind._of(self._tensor().to(kind.dtype))

    @property
    def is_cuda(self) -> bool:
        """Whether the memory is on a CUDA device.

        >>> torch.FloatStorage(2).is_cuda
        False
        """
        return bool(self._tensor().is_cuda)

    def get_device(self) -> int:
        """The index of the CUDA device; RuntimeError for the host's memory.

        >>> torch.FloatStorage(2).cuda().get_device() if torch.cuda.is_available() else "no device"
        'no device'
        """
        return self._tensor().get_device()

    def cpu(self) -> Self:
        """This storage if it is in the host's memory, else a copy there.

        >>> x = torch.FloatStorage(2)
        >>> x.cpu() is x
        True
        """
        return type(self)._of(self._tensor().cpu()) if self.is_cuda else self

    def cuda(self, device: Any = None, non_blocking: bool = False) -> Self:
        """A copy on a CUDA device (the current one if None); itself if it is there. RuntimeError if there is none.

        >>> torch.FloatStorage(2).cuda() if torch.cuda.is_available() else "no device"
        'no device'
        """
        own = self._tensor()
        moved = own.cuda(device, non_blocking)
        return self if moved is own else type(self)._of(moved)

    def pin_memory(self) -> Self:
        """A copy in page-locked memory, from which copies to a CUDA device overlap with work.

        >>> torch.FloatStorage(2).pin_memory() if torch.cuda.is_available() else "no device"
        'no device'
        """
        return type(self)._of(self._tensor().pin_memory())

    def is_pinned(self) -> bool:
        """Whether the memory is page-locked for copies to a CUDA device.

        >>> torch.FloatStorage(2).is_pinned()
        False
        """
        return self._tensor().is_pinned()

    def __getitem__(self, key: int | slice) -> Any:
        if not isinstance(key, slice):
            return self._tensor()[key].item()
        start, stop, step = key.indices(len(self))
        if step != 1:
            raise ValueError(f"a slice of a storage has step 1, not {step}")
        return self._slice(start, max(start, stop))

    def __setitem__(self, key: int | slice, value: float) -> None:
        self._tensor()[key] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __repr__(self) -> str:
        return "".join(f" {value}\n" for value in self.tolist()) + f"[{self.type()} of size {len(self)}]"

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[Any, Any]) -> Self:
        key = ("storage", self._cdata)
        if key not in memo:
            memo[key] = self.clone()
            memo[id(memo)] = [*memo.get(id(memo), []), self]  # keeps it, and with it the key, while the memo lives
        copy: Self = memo[key]
        return copy

    def __reduce_ex__(self, protocol: object) -> tuple[Any, tuple[Any, ...]]:
        data = memoryview(self.cpu()._tensor()).tobytes()
        return type(self)._from_bytes, (data, f"cuda:{self.get_device()}") if self.is_cuda else (data,)


def _make(name: str, dtype: _C.dtype) -> type[Storage]:
    return type(name, (Storage,), {"dtype": dtype, "__module__": "torch", "__slots__": (), "__doc__": Storage.__doc__})


FloatStorage = _make("FloatStorage", _C.float32)
DoubleStorage = _make("DoubleStorage", _C.float64)
HalfStorage = _make("HalfStorage", _C.float16)
ByteStorage = _make("ByteStorage", _C.uint8)
CharStorage = _make("CharStorage", _C.int8)
ShortStorage = _make("ShortStorage", _C.int16)
IntStorage = _make("IntStorage", _C.int32)
LongStorage = _make("LongStorage", _C.int64)

CLASSES = {
    kind.dtype: kind
    for kind in (
        FloatStorage, DoubleStorage, HalfStorage, ByteStorage, CharStorage, ShortStorage, IntStorage, LongStorage,
    )
}  # fmt: skip
_FORMATS = dict(zip(CLASSES, "fdeBbhiq", strict=True))


def of(tensor: _C.Tensor) -> Storage:
    """The storage that `tensor` looks into; the same object while somebody holds it."""
    made = CLASSES[tensor.dtype]._of(tensor)
    return _objects.setdefault(made._cdata, made)
