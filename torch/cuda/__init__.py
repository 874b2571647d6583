"""CUDA devices: which there are, which one is current, their memory and the order of their work.

Importing this, and asking whether there are any, needs neither a GPU nor a build with CUDA; what needs a device raises
`RuntimeError` with the reason where there is none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import _C
from torch.cuda.random import get_rng_state as get_rng_state
from torch.cuda.random import get_rng_state_all as get_rng_state_all
from torch.cuda.random import initial_seed as initial_seed
from torch.cuda.random import manual_seed as manual_seed
from torch.cuda.random import manual_seed_all as manual_seed_all
from torch.cuda.random import seed as seed
from torch.cuda.random import seed_all as seed_all
from torch.cuda.random import set_rng_state as set_rng_state
from torch.cuda.random import set_rng_state_all as set_rng_state_all
from torch.cuda.streams import Event as Event
from torch.cuda.streams import Stream as Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from torch.cuda import comm as comm
    from torch.cuda import nccl as nccl
    from torch.cuda import nvtx as nvtx
    from torch.cuda import sparse as sparse

__all__ = [
    "Event",
    "Stream",
    "comm",
    "current_device",
    "current_stream",
    "default_stream",
    "device",
    "device_count",
    "device_of",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_cached",
    "memory_allocated",
    "memory_cached",
    "nccl",
    "nvtx",
    "reset_max_memory_allocated",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state",
    "set_rng_state_all",
    "sparse",
    "stream",
    "synchronize",
]


def __dir__() -> list[str]:
    return sorted(__all__)


class _CudaType(type):
    """What `torch.cuda.FloatTensor` and its kin are: the tensors of one dtype on CUDA devices."""

    dtype: torch.dtype
    is_cuda = True

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, torch.Tensor) and instance.is_cuda and instance.dtype == cls.dtype

    def __call__(cls, *args: Any) -> torch.Tensor:
        return _C._legacy_new(cls.dtype, args, "cuda")

    def __repr__(cls) -> str:
        return f"<class 'torch.cuda.{cls.__name__}'>"


_LAZY = {"comm", "nccl", "nvtx", "sparse"}  # modules that few programs use


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return importlib.import_module(f"torch.cuda.{name}")
    from torch import _legacy_types

    if not name.endswith("Tensor") or name not in _legacy_types.__all__:
        raise AttributeError(f"module 'torch.cuda' has no attribute '{name}'")
    host = getattr(torch, name)
    globals()[name] = _CudaType(name, (), {"__module__": "torch.cuda", "__slots__": (), "dtype": host.dtype})
    return globals()[name]


def _ordinal(device: Any) -> int:
    """The number of a device given as a number, string or torch.device; None is the current one."""
    if device is None or device == -1:
        return current_device()
    chosen = torch.device(device)
    if chosen.type != "cuda":
        raise ValueError(f"expected a CUDA device, got {device!r}")
    return current_device() if chosen.index is None else chosen.index


def is_available() -> bool:
    """Whether tensors can live on a CUDA device. `unavailable_reason()` says why not.

    >>> torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device(type='cpu')
    """
    return device_count() > 0


def unavailable_reason() -> str:
    """Why there is no CUDA device; "" if there is one.

    >>> torch.cuda.is_available() or bool(torch.cuda.unavailable_reason())
    True
    """
    return _C.cuda.device_count()[1]


def device_count() -> int:
    """The number of CUDA devices; 0 without a GPU, a driver or a build with CUDA.

    >>> torch.cuda.device_count() > 0 or not torch.cuda.is_available()
    True
    """
    return _C.cuda.device_count()[0]


def init() -> None:
    """Opens the driver; raises RuntimeError, with the reason, where there is no device. The first use does it as well.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.init()
    """
    _C.cuda.current_device()


def current_device() -> int:
    """The index of this thread's current CUDA device.

    >>> torch.cuda.current_device() if torch.cuda.is_available() else None
    """
    return _C.cuda.current_device()


def set_device(device: Any) -> None:
    """Makes a device this thread's current one. `with torch.cuda.device(...)` gives the former one back at the end.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.set_device(0)
    """
    _C.cuda.set_device(_ordinal(device))


class device:
    """Makes a CUDA device current inside a `with`; None or a negative number changes nothing.

    >>> with torch.cuda.device(-1):
    ...     x = torch.zeros(2)
    """

    def __init__(self, device: Any) -> None:
        self.idx = -1 if device is None or (isinstance(device, int) and device < 0) else _ordinal(device)
        self.prev_idx = -1

    def __enter__(self) -> device:
        if self.idx >= 0:
            self.prev_idx = current_device()
            set_device(self.idx)
        return self

    def __exit__(self, *_: object) -> None:
        if self.prev_idx >= 0:
            set_device(self.prev_idx)


class device_of(device):
    """Makes the device of a tensor current inside a `with`; a tensor of the host changes nothing.

    >>> x = torch.zeros(2)
    >>> with torch.cuda.device_of(x):
    ...     y = x + 1
    """

    def __init__(self, obj: torch.Tensor) -> None:
        super().__init__(obj.device.index if obj.is_cuda else None)


def get_device_name(device: Any = None) -> str:
    """What a device calls itself: 'NVIDIA H100 80GB HBM3'.

    >>> torch.cuda.get_device_name() if torch.cuda.is_available() else "no device"
    'no device'
    """
    name: str = _C.cuda.properties(_ordinal(device))["name"]
    return name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """A device's compute capability, (major, minor).

    >>> torch.cuda.get_device_capability() if torch.cuda.is_available() else "no device"
    'no device'
    """
    found = _C.cuda.properties(_ordinal(device))
    return found["major"], found["minor"]


def synchronize(device: Any = None) -> None:
    """Waits for all work on a device.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.synchronize()
    """
    _C.cuda.synchronize(_ordinal(device))


def current_stream(device: Any = None) -> Stream:
    """The stream that this thread's work on a device goes to.

    >>> torch.cuda.current_stream() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return Stream._of(_C.cuda.current_stream(_ordinal(device)))


def default_stream(device: Any = None) -> Stream:
    """The stream that work goes to unless another is chosen.

    >>> torch.cuda.default_stream() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return Stream._of(_C.cuda.default_stream(_ordinal(device)))


@contextmanager
def stream(stream: Stream | None) -> Iterator[None]:
    """This thread's work on the stream's device goes to it inside the `with`; None changes nothing.

    >>> with torch.cuda.stream(None):
    ...     x = torch.zeros(2)
    """
    if stream is None:
        yield
        return
    before = _C.cuda.current_stream(stream.device_index)
    _C.cuda.set_stream(stream._handle)
    try:
        yield
    finally:
        _C.cuda.set_stream(before)


def empty_cache() -> None:
    """Gives memory that no tensor uses back to the devices, for other programs; without a device, nothing.

    >>> torch.cuda.empty_cache()
    """
    import sys

    sharing = sys.modules.get("torch.multiprocessing._device_memory")
    if sharing is not None:
        sharing.collect()  # what other processes do not use any more
    if is_available():
        _C.cuda.empty_cache()


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors hold on a device.

    >>> torch.cuda.memory_allocated() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return _C.cuda.memory_use(_ordinal(device))["allocated"]


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that tensors have held on a device.

    >>> torch.cuda.max_memory_allocated() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return _C.cuda.memory_use(_ordinal(device))["max_allocated"]


def memory_cached(device: Any = None) -> int:
    """Bytes that are taken from a device, for tensors there are and for later ones.

    >>> torch.cuda.memory_cached() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return _C.cuda.memory_use(_ordinal(device))["cached"]


def max_memory_cached(device: Any = None) -> int:
    """The most bytes that were taken from a device.

    >>> torch.cuda.max_memory_cached() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return _C.cuda.memory_use(_ordinal(device))["max_cached"]


def reset_max_memory_allocated(device: Any = None) -> None:
    """The highest values count from now on.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.reset_max_memory_allocated()
    """
    _C.cuda.reset_peak_memory(_ordinal(device))
