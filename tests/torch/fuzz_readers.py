"""Feeds torch.load and from_dlpack with made files, guided by which code of the readers an input reaches (atheris, libFuzzer).

A libFuzzer program: `python tests/torch/fuzz_readers.py -max_total_time=600 CORPUS`; `--seeds FOLDER` writes inputs to begin
with. tests/lib/fuzz.py does both.
The first byte of an input says what the others are: a file of PyTorch 0.4, a zip archive, the pickle inside of either, or the
description of an array that another library hands over.

A fault is any exception but those that `load` promises, a tensor outside of its storage, a crash, a hang, or more memory than
the file is worth.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["torch"]):
    import torch
    from torch import _checkpoint_zip, _sparse_files, _unpickler, _utils, serialization  # noqa: F401
    from torch.utils import dlpack

STORAGE_BYTES = bytes(range(64))


def seeds() -> list[bytes]:
    """Inputs that hold what `save` writes: to begin with."""
    base = torch.arange(12).float()
    objects: list[Any] = [
        base.view(3, 4),
        {"a": base[2:8:2], "b": base.view(3, 4).t(), "c": [1, 2.5, "text", None, True, (1, 2)]},
        torch.nn.Linear(2, 3).state_dict(),
        torch.nn.Parameter(torch.zeros(2)),
        [torch.zeros(0), torch.ones(()).half(), torch.tensor([1, 2]), torch.Size([2, 3]), torch.float64],
        torch.sparse_coo_tensor(torch.tensor([[0, 2], [1, 0]]), torch.tensor([1.0, 2.0]), (3, 3)),
    ]
    found = []
    for thing in objects:
        for kind in (False, True):
            file = io.BytesIO()
            torch.save(thing, file, _use_new_zipfile_serialization=kind)
            found.append(bytes([int(kind)]) + file.getvalue())
            if kind:
                with zipfile.ZipFile(file) as archive:
                    inside = next(name for name in archive.namelist() if name.endswith("data.pkl"))
                    found.append(b"\x02" + archive.read(inside))
    for protocol in range(6):
        found.append(b"\x03" + pickle.dumps([{"a": (1, 2.5, "b")}, [b"x", {1, 2}, frozenset([3])], 1 << 70], protocol))
    for place in range(8):
        found.append(bytes([4, place]) + struct.pack("<iiBBHQqqqqq", 1, 2, 2, 32, 1, 0, 2, 3, 3, 1, 0))
    return found


def whole_file(data: bytes) -> Any:
    return torch.load(io.BytesIO(data))


def pickle_in_archive(data: bytes) -> Any:
    """The pickle of a zip archive, whose check sums are right, with three storages beside it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/byteorder", "little")
        for key in range(3):
            archive.writestr(f"archive/data/{key}", STORAGE_BYTES)
        archive.writestr("archive/version", "3\n")
    return whole_file(file.getvalue())


def pickle_in_legacy(data: bytes) -> Any:
    """The pickle of a file of 0.4, with the right head and a storage behind it."""
    head: tuple[Any, ...] = (
        serialization.MAGIC_NUMBER,
        serialization.PROTOCOL_VERSION,
        {"protocol_version": 1001, "little_endian": sys.byteorder == "little", "type_sizes": {}},
    )
    parts = [pickle.dumps(each, 2) for each in head]
    keys = pickle.dumps([] if b"storage" not in data else ["0"], 2)
    return whole_file(b"".join([*parts, data, keys, struct.pack("<q", 16), STORAGE_BYTES]))


class _Tensor(ctypes.Structure):
    """DLTensor, in a DLManagedTensor."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    ]


_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype, _capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


def array_of_another(data: bytes) -> Any:
    """Sizes and strides that fit the memory are right; all others have to be refused, or never read from."""
    place, device, ndim, code, bits, lanes, offset, *numbers = struct.unpack("<BiiBBHQqqqqq", data.ljust(61, b"\0")[:61])
    ndim = ndim if abs(ndim) <= 2 or ndim > 64 or ndim < -64 else 2  # the array of sizes is as long as it says
    memory = ctypes.create_string_buffer(4096)
    shape = (ctypes.c_int64 * 2)(*numbers[:2])
    strides = (ctypes.c_int64 * 2)(*numbers[2:4])
    given = _Tensor(ctypes.addressof(memory) if place & 1 == 0 else None, device, 0, ndim, code, bits, lanes, shape)
    given.strides = strides if place & 2 == 0 else None
    given.byte_offset = offset
    made = dlpack.from_dlpack(_capsule(ctypes.addressof(given), b"dltensor", None))
    reach = sum((size - 1) * stride for size, stride in zip(made.size(), made.stride(), strict=True)) + 1
    if made.numel() and (place & 1 or offset + reach * made.element_size() > 4096):
        return None  # the caller's description is false: memory of that size may exist, and from_dlpack cannot know
    result = made.clone()
    del made
    return result


READERS: list[Callable[[bytes], Any]] = [whole_file, whole_file, pickle_in_archive, pickle_in_legacy, array_of_another]


def look_at(value: Any, depth: int = 0) -> None:
    """Reads what was made: tensors to their last element."""
    if isinstance(value, torch.Tensor):
        if not value.is_sparse and value.numel() < 100_000:
            value.contiguous().view(-1).tolist()
        repr(value.size())
    elif isinstance(value, dict) and depth < 20:
        for item in (*value.keys(), *value.values()):
            look_at(item, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 20:
        for item in value:
            look_at(item, depth + 1)


def one_input(data: bytes) -> None:
    """What libFuzzer calls."""
    if not data:
        return
    try:
        look_at(READERS[data[0] % len(READERS)](data[1:]))
    except (RuntimeError, NotImplementedError) as error:
        if isinstance(error, RecursionError):
            raise
    except (ValueError, TypeError, BufferError, OverflowError):
        if READERS[data[0] % len(READERS)] is not array_of_another:  # load() promises RuntimeError
            raise


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--seeds":
        for data in seeds():
            Path(sys.argv[2], hashlib.sha1(data).hexdigest()).write_bytes(data)
        return
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
