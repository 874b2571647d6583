"""`torch.save` and `torch.load`: objects with tensors in files, the sharing of storages kept.

Two formats are written and read, those of PyTorch 0.4 (the default) and of PyTorch from 1.6 on. Loading runs no code of the
file: what it may name is plain data, tensors and what `add_safe_globals` adds. Only `weights_only=False`, or a `pickle_module`
that the caller hands over, lets the file name anything, as pickle does: for files that you trust as much as a program.
"""

from __future__ import annotations

import collections
import io
import os
import pickle
import struct
import sys

from torch import _C, _sparse_files, _utils, storage
from torch._unpickler import Allowed, SafeUnpickler, UnpicklingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

    _File = str | os.PathLike[str] | IO[bytes]
    _MapLocation = Callable[[storage.Storage, str], storage.Storage | None] | _C.device | str | dict[str, str] | None

__all__ = ["add_safe_globals", "load", "save"]


def __dir__() -> list[str]:
    return sorted(__all__)


MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
_PICKLE_PROTOCOL = 2
_SIZES = {"short": 2, "int": 4, "long": 4}

_safe_globals: dict[tuple[str, str], Allowed] = {}


def add_safe_globals(classes: list[type | Callable[..., Any]]) -> None:
    """Lets files that `load` reads safely make objects of these classes, and call these functions.

    >>> import collections, io
    >>> file = io.BytesIO()
    >>> torch.save(collections.Counter("aab"), file)
    >>> torch.serialization.add_safe_globals([collections.Counter])
    >>> _ = file.seek(0)
    >>> torch.load(file)
    Counter({'a': 2, 'b': 1})
    """
    for item in classes:
        new = item.__new__ if isinstance(item, type) else None
        maker = None if new is None else (lambda *args, cls=item, make=new: make(cls, *args))
        _safe_globals[item.__module__, item.__qualname__] = Allowed(item, call=item, new=maker)


def save(
    obj: object,
    f: _File,
    pickle_module: Any = pickle,
    pickle_protocol: int = _PICKLE_PROTOCOL,
    _use_new_zipfile_serialization: bool = False,
) -> None:
    """Writes `obj` with the tensors in it to `f`, a path or a binary file.

    The format is that of PyTorch 0.4, which all versions read, or with `_use_new_zipfile_serialization` that of 1.6 and later,
    whose parts carry check sums.

    >>> import io
    >>> file = io.BytesIO()
    >>> torch.save({"weight": torch.ones(2), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    {'weight': tensor([1., 1.]), 'epoch': 3}
    """
    from torch import _checkpoint_writer

    write = _checkpoint_writer.write_zip if _use_new_zipfile_serialization else _checkpoint_writer.write_legacy
    if isinstance(f, (str, os.PathLike)):
        with open(f, "wb") as file:
            write(obj, file, pickle_module, pickle_protocol)
        return
    if not hasattr(f, "write"):
        raise TypeError(f"save(): argument 'f' must be a path or a file to write bytes to, not {type(f).__name__}")
    write(obj, f, pickle_module, pickle_protocol)


def load(f: _File, map_location: _MapLocation = None, pickle_module: Any = None, *, weights_only: bool | None = None) -> Any:
    """Reads what `save` of this or of PyTorch's wrote to `f`, a path or a binary file.

    map_location says where storages go: a device, its name, a table of names, or a function that gets the storage (in the
    host's memory) and the name of its device, and returns a storage or None. Otherwise they go where they were saved; on a
    machine without that GPU such files need map_location="cpu". Without `weights_only=False` and `pickle_module`, no code of
    the file runs. A damaged file is a RuntimeError.

    >>> import io
    >>> file = io.BytesIO()
    >>> torch.save({"weight": torch.ones(2), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    {'weight': tensor([1., 1.]), 'epoch': 3}
    """
    trusted = weights_only is False or (pickle_module is not None and weights_only is None)
    if weights_only and pickle_module is not None:
        raise RuntimeError("load(): weights_only=True reads without any pickle_module: give one of them")
    module = (pickle_module or pickle) if trusted else None
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return _load(file, _restorer(map_location), module)
    if not hasattr(f, "read") or hasattr(f, "encoding"):
        raise TypeError(f"load(): argument 'f' must be a path or a file to read bytes from, not {type(f).__name__}")
    if not (hasattr(f, "seek") and hasattr(f, "tell") and hasattr(f, "readline")):
        f = io.BytesIO(f.read())
    return _load(f, _restorer(map_location), module)


def _load(file: IO[bytes], restore: Callable[[storage.Storage, str], storage.Storage], module: Any) -> Any:
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    try:
        if head == b"PK\x03\x04":
            from torch import _checkpoint_zip

            return _sparse_files.checking(lambda: _checkpoint_zip.read(file, restore, module))
        return _sparse_files.checking(lambda: _read_legacy(file, restore, module))
    except (UnpicklingError, pickle.UnpicklingError, EOFError, struct.error, RecursionError) as error:
        if "is not plain data" in str(error):
            raise UnpicklingError(
                f"load(): {error}. Nothing else is read unless you say so: torch.serialization.add_safe_globals([...]) allows "
                "classes by name; weights_only=False lets the file run any code, as pickle does."
            ) from None
        raise UnpicklingError(f"load(): the file is damaged, or was not written by torch.save: {error}") from error


# --- places ----------------------------------------------------------------------


def _restorer(map_location: _MapLocation) -> Callable[[storage.Storage, str], storage.Storage]:
    if map_location is None:
        return _default_restore
    if isinstance(map_location, dict):
        table = map_location
        return lambda found, location: _default_restore(found, table.get(location, location))
    if isinstance(map_location, (str, _C.device)):
        place = str(map_location)
        return lambda found, location: _default_restore(found, place)
    if not callable(map_location):
        raise TypeError(
            f"load(): argument 'map_location' must be a device, its name, a dict or a function, not {map_location!r}"
        )
    function = map_location

    def restore(found: storage.Storage, location: str) -> storage.Storage:
        mapped = function(found, location)
        return _default_restore(found, location) if mapped is None else mapped

    return restore


def _default_restore(found: storage.Storage, location: str) -> storage.Storage:
    if location == "cpu":
        return found
    if location.startswith("cuda"):
        return _to_cuda(found, location)
    raise RuntimeError(f"don't know how to restore data location of {location!r}: it is neither 'cpu' nor a CUDA device")


def _to_cuda(found: storage.Storage, location: str) -> storage.Storage:
    from torch import cuda

    if not cuda.is_available():
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a "
            "CPU-only machine, please use torch.load with map_location='cpu' to map your storages to the CPU."
        )
    device = _C.device(location)
    if device.index is not None and device.index >= cuda.device_count():
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {device.index} but torch.cuda.device_count() is "
            f"{cuda.device_count()}. Please use torch.load with map_location to map your storages to an existing device."
        )
    return found.cuda(device)


# --- what a safe file may name ----------------------------------------------------------------------


class StorageType:
    """What `torch.FloatStorage` in a file stands for: how long its elements are, and what becomes of them here."""

    __slots__ = ("dtype", "name")

    def __init__(self, name: str, dtype: _C.dtype | None) -> None:
        self.name, self.dtype = name, dtype

    def make(self, numel: Any, left: int | None) -> storage.Storage:
        """A storage of `numel` elements of undefined value; `left`: how many bytes there are for them."""
        if self.dtype is None:
            raise UnpicklingError(f"it holds a {self.name}, and there is no such dtype here: convert it where it was written")
        if type(numel) is not int or numel < 0 or (left is not None and numel * self.dtype.itemsize > left):
            raise UnpicklingError(f"a storage of {numel} elements is longer than the file")
        return storage.CLASSES[self.dtype](numel)


_STORAGE_TYPES = {kind.__name__: dtype for dtype, kind in storage.CLASSES.items()} | {"BoolStorage": _C.uint8}
_UNKNOWN = ("BFloat16Storage", "ComplexFloatStorage", "ComplexDoubleStorage")


def storage_type(kind: Any) -> StorageType:
    """The StorageType of what a persistent identifier names."""
    if isinstance(kind, StorageType):
        return kind
    name = getattr(kind, "__name__", "")
    if name not in _STORAGE_TYPES:
        raise UnpicklingError(f"{kind!r} is no storage type")
    return StorageType(name, _STORAGE_TYPES[name])


def _get_layout(name: str) -> _C.layout:
    found = getattr(_C, name.removeprefix("torch."), None)
    if not isinstance(found, _C.layout):
        raise UnpicklingError(f"it names the layout {name}, and there is none such here")
    return found


def _parameter(data: Any, requires_grad: Any = True, hooks: Any = None) -> Any:
    return _utils._rebuild_parameter(data, bool(requires_grad))


def _typed(function: Any, kind: Any, arguments: Any, state: Any) -> Any:
    """PyTorch's form for tensors with attributes: its maker is named in turn, and has been made safe by then."""
    made = _FUNCTIONS.get(function)
    if made is None:
        raise UnpicklingError("a tensor with attributes is made by something that makes no tensors")
    return made(*arguments)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    name: getattr(_utils, name)
    for name in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter", "_rebuild_sparse_tensor")
}


def _home(module: str, name: str) -> str:
    """The module of a class: PyTorch's files of layers have other names than those here, and torch.nn has all layers."""
    if not module.startswith("torch.nn.modules."):
        return module
    from torch import nn

    return str(getattr(getattr(nn, name, None), "__module__", module))


def allowed(module: str, name: str) -> Allowed | None:
    """What a file may name, besides what the user has added."""
    module = _home(module, name)
    if (module, name) in _safe_globals:
        return _safe_globals[module, name]
    if module in ("torch", "torch.cuda", "torch.storage"):
        if name in _STORAGE_TYPES or name in _UNKNOWN:
            return Allowed(StorageType(name, _STORAGE_TYPES.get(name)))
        if module == "torch" and isinstance(value := getattr(_C, name, None), (_C.dtype, _C.layout)):
            return Allowed(value)
    if module == "torch._utils" and name in _FUNCTIONS:
        return Allowed(name, call=_FUNCTIONS[name])
    makers = _MAKERS.get((module, name))
    return None if makers is None else Allowed(name, call=makers, new=makers)


_MAKERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("torch", "Size"): _C.Size,
    ("torch", "device"): _C.device,
    ("torch.serialization", "_get_layout"): _get_layout,
    ("torch._tensor", "_rebuild_from_type_v2"): _typed,
    ("torch.nn.parameter", "Parameter"): _parameter,
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("collections", "Counter"): collections.Counter,
    **{
        (module, kind.__name__): kind for module in ("builtins", "__builtin__") for kind in (set, frozenset, bytearray, complex)
    },
    ("_codecs", "encode"): lambda text, encoding: text.encode(encoding) if encoding in ("latin1", "utf-8") else b"",
}


def build(target: Any, state: Any) -> bool:
    """Sets the state of an object that a safe file made: attributes of an OrderedDict, and what the user has allowed."""
    if isinstance(target, collections.OrderedDict) and isinstance(state, dict):
        target.__dict__.update(state)
        return True
    if not any(isinstance(known.value, type) and type(target) is known.value for known in _safe_globals.values()):
        return False
    if hasattr(target, "__setstate__"):
        target.__setstate__(state)
    elif isinstance(state, dict):
        target.__dict__.update(state)
    else:
        return False
    return True


def read_pickle(file: IO[bytes], persistent: Callable[[Any], Any], module: Any) -> Any:
    """One pickle: of plain data, or, if a `module` is given, of anything."""
    if module is None:
        return SafeUnpickler(file, allowed, persistent, build).load()

    class Unpickler(module.Unpickler):  # type: ignore[misc]
        def persistent_load(self, identifier: Any) -> Any:
            return persistent(identifier)

        def find_class(self, module_name: str, name: str) -> Any:
            known = allowed(module_name, name) if name.endswith("Storage") else None  # also those of dtypes that are not here
            return super().find_class(_home(module_name, name), name) if known is None else known.value

    return Unpickler(file).load()


# --- the format of 0.4 ----------------------------------------------------------------------


def bytes_left(file: IO[bytes]) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


class _LegacyStorages:
    """The storages that a pickle names, by key; their contents come behind it."""

    def __init__(self, restore: Callable[[storage.Storage, str], storage.Storage], left: int) -> None:
        self._restore, self._left = restore, left
        self.by_key: dict[str, tuple[storage.Storage, storage.Storage]] = {}  # as read, and where it goes
        self._views: dict[str, storage.Storage] = {}

    def __call__(self, identifier: Any) -> Any:
        match identifier:
            case ("module", cls, *_):
                return cls
            case ("storage", kind, str(key), str(location), numel, *rest):
                if key not in self.by_key:
                    made = storage_type(kind).make(numel, self._left)
                    self.by_key[key] = (made, self._restore(made, location))
                found = self.by_key[key][1]
                match rest[0] if rest else None:
                    case None:
                        return found
                    case (str(view), int(offset), int(size)) if offset >= 0 and size >= 0 and offset + size <= len(found):
                        return self._views.setdefault(view, found[offset : offset + size])
        raise UnpicklingError("it names an object from outside in a way that is none of torch.save's")


def _read_legacy(file: IO[bytes], restore: Callable[[storage.Storage, str], storage.Storage], module: Any) -> Any:
    def nothing(identifier: Any) -> Any:
        raise UnpicklingError("its head names something from outside")

    if read_pickle(file, nothing, None) != MAGIC_NUMBER:
        raise UnpicklingError("it does not begin with the number that torch.save writes")
    version = read_pickle(file, nothing, None)
    if version != PROTOCOL_VERSION:
        raise UnpicklingError(f"its protocol version is {version}, not {PROTOCOL_VERSION}")
    system = read_pickle(file, nothing, None)
    if not isinstance(system, dict) or system.get("little_endian") != (sys.byteorder == "little"):
        raise UnpicklingError("it was written by a machine of another byte order")
    storages = _LegacyStorages(restore, bytes_left(file))
    result = read_pickle(file, storages, module)
    keys = read_pickle(file, nothing, None)
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(storages.by_key):
        raise UnpicklingError("its list of storages is not that of the tensors in it")
    for key in keys:
        _fill(file, *storages.by_key[key])
    return result


def _fill(file: IO[bytes], made: storage.Storage, target: storage.Storage) -> None:
    (numel,) = struct.unpack("<q", file.read(8))
    if numel != len(made):
        raise UnpicklingError(f"a storage of {len(made)} elements is followed by {numel}")
    read_into(file, made)
    if target is not made:
        target.copy_(made)


def read_into(file: IO[bytes], target: storage.Storage) -> None:
    """Fills `target` with the next bytes of the file."""
    place = memoryview(target._tensor()).cast("B") if len(target) else memoryview(bytearray())
    done = 0
    while done < len(place):
        piece = file.read(min(len(place) - done, 1 << 24))
        if not piece:
            raise UnpicklingError("it ends within the elements of a tensor")
        place[done : done + len(piece)] = piece
        done += len(piece)
