"""Writes the formats of `torch.save`: that of PyTorch 0.4, and the zip archive of 1.6 and later."""

from __future__ import annotations

import io
import struct
import sys
import zipfile

from torch import serialization, storage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

_ALIGNMENT = 64  # of storages in an archive, so that they can be mapped
_LOCAL_HEADER = 30  # bytes before the name of a record
_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first day: equal objects give equal files


class _Storages:
    """The storages that were met, each once; they are held, so that no other gets the address of one that is gone."""

    def __init__(self, *, views: bool) -> None:
        self.by_key: dict[str, storage.Storage] = {}
        self._keys: dict[int, str] = {}
        self._views = views

    def identifier(self, obj: object) -> tuple[Any, ...] | None:
        """What stands in the pickle for a storage; None for anything else, which is pickled."""
        if not isinstance(obj, storage.Storage):
            return None
        key = self._keys.setdefault(obj._cdata, str(len(self._keys)))
        self.by_key[key] = obj
        place = f"cuda:{obj.get_device()}" if obj.is_cuda else "cpu"
        found = ("storage", type(obj), key, place, len(obj))
        return (*found, None) if self._views else found


def _pickled(obj: object, storages: _Storages, module: Any, protocol: int) -> bytes:
    if protocol < 1:
        raise ValueError(f"save(): pickle_protocol must be 1 or more, not {protocol}: text cannot name storages")
    file = io.BytesIO()
    pickler = type("_Pickler", (module.Pickler,), {"persistent_id": lambda self, item: storages.identifier(item)})
    pickler(file, protocol).dump(obj)
    return file.getvalue()


def _memory(source: storage.Storage) -> memoryview:
    return memoryview(source.cpu()._tensor()).cast("B") if len(source) else memoryview(b"")


def write_legacy(obj: object, file: IO[bytes], module: Any, protocol: int) -> None:
    """A head, the pickle, the keys of the storages, and each storage's length and elements."""
    storages = _Storages(views=True)
    body = _pickled(obj, storages, module, protocol)
    system = {"protocol_version": serialization.PROTOCOL_VERSION, "little_endian": sys.byteorder == "little"}
    system["type_sizes"] = {"short": 2, "int": 4, "long": 4}  # type: ignore[assignment]
    for head in (serialization.MAGIC_NUMBER, serialization.PROTOCOL_VERSION, system):
        file.write(module.dumps(head, protocol=protocol))
    file.write(body)
    file.write(module.dumps(list(storages.by_key), protocol=protocol))
    for found in storages.by_key.values():
        file.write(struct.pack("<q", len(found)))
        file.write(_memory(found))


def _record(archive: zipfile.ZipFile, name: str, data: Any) -> None:
    """Stored, not compressed, and padded so that it begins at a multiple of _ALIGNMENT."""
    info = zipfile.ZipInfo(f"archive/{name}", _EPOCH)
    begin = (archive.fp.tell() if archive.fp else 0) + _LOCAL_HEADER + len(info.filename)
    padding = -(begin + 4) % _ALIGNMENT
    info.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
    archive.writestr(info, data)


def write_zip(obj: object, file: IO[bytes], module: Any, protocol: int) -> None:
    """The pickle, and a record for each storage."""
    storages = _Storages(views=False)
    body = _pickled(obj, storages, module, protocol)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _record(archive, "data.pkl", body)
        _record(archive, "byteorder", sys.byteorder)
        for key, found in storages.by_key.items():
            _record(archive, f"data/{key}", _memory(found))
        _record(archive, "version", "3\n")
