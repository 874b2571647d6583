"""Reads the format of `torch.save` from PyTorch 1.6 on: a zip archive of a pickle and one file for each storage."""

from __future__ import annotations

import io
import zipfile
import zlib

from torch._unpickler import UnpicklingError
from torch.serialization import read_into, read_pickle, storage_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

    from torch.storage import Storage


_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # torch.save only stores; who packs an archive anew deflates
_ENCRYPTED = 1


class _Archive:
    """The records of an archive, which all lie in one folder."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file)
        pickles = [name for name in self._zip.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise UnpicklingError("a zip archive without data.pkl: not one of torch.save's (torch.jit.save writes others)")
        self._folder = pickles[0].removesuffix("data.pkl")

    def has(self, name: str) -> bool:
        return self._folder + name in self._zip.NameToInfo

    def open(self, name: str) -> IO[bytes]:
        """The record; its length stands in no doubt, its check sum is compared at its end."""
        info = self._info(name)
        if info.compress_type not in _PACKINGS or info.flag_bits & _ENCRYPTED:
            raise UnpicklingError(f"its record {name} is encrypted, or packed by another method than deflation")
        return self._zip.open(info)

    def size(self, name: str) -> int:
        return self._info(name).file_size

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self._zip.NameToInfo.get(self._folder + name)
        if info is None:
            raise UnpicklingError(f"its record {name} is missing")
        return info

    def read(self, name: str) -> bytes:
        with self.open(name) as record:
            return record.read()


class _Storages:
    """The storages that the pickle names, read when they are named first."""

    def __init__(self, archive: _Archive, restore: Callable[[Storage, str], Storage]) -> None:
        self._archive, self._restore = archive, restore
        self._by_key: dict[str, Storage] = {}

    def __call__(self, identifier: Any) -> Any:
        match identifier:
            case ("storage", kind, str(key), str(location), numel):
                if key not in self._by_key:
                    self._by_key[key] = self._restore(self._read(storage_type(kind), key, numel), location)
                return self._by_key[key]
        raise UnpicklingError("it names an object from outside in a way that is none of torch.save's")

    def _read(self, kind: Any, key: str, numel: Any) -> Storage:
        made: Storage = kind.make(numel, self._archive.size(f"data/{key}"))
        with self._archive.open(f"data/{key}") as record:
            read_into(record, made)
            if record.read(1):
                raise UnpicklingError(f"its record data/{key} is longer than the {numel} elements that it should hold")
        return made


def read(file: IO[bytes], restore: Callable[[Storage, str], Storage], module: Any) -> Any:
    """The object in the archive."""
    try:
        archive = _Archive(file)
        if archive.has("byteorder") and archive.read("byteorder") != b"little":
            raise UnpicklingError("it was written by a machine of another byte order")
        return read_pickle(io.BytesIO(archive.read("data.pkl")), _Storages(archive, restore), module)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise UnpicklingError(str(error)) from error
