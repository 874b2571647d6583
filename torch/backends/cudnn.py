"""cuDNN, NVIDIA's library of layers: whether convolutions and recurrent networks on CUDA devices are its, and how it computes.

`enabled`, `benchmark`, `deterministic` and `allow_tf32` are switches of the process, read and set as attributes:

>>> torch.backends.cudnn.benchmark = True
>>> torch.backends.cudnn.benchmark
True
>>> torch.backends.cudnn.benchmark = False

- `enabled` (True): cuDNN does what it can; else torch's own kernels do everything.
- `benchmark` (False): the first convolution of each shape measures the ways to compute it, and later ones take the fastest.
- `deterministic` (False): only ways that give the same bits each time. Recurrent networks then run on torch's own kernels.
- `allow_tf32` (False): products of float32 may round their factors to 10 bits of mantissa, which tensor cores multiply several
  times as fast. As long as it is False, float32 means float32.

Without a device, or without cuDNN, the switches keep what they are set to and torch's own kernels do the work;
`unavailable_reason()` says why.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from torch import _C

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

__all__ = ["flags", "is_acceptable", "is_available", "plans", "set_flags", "unavailable_reason", "version"]

_SWITCHES = ("enabled", "benchmark", "deterministic", "allow_tf32")

if TYPE_CHECKING:  # the properties of the module's class, below
    enabled: bool
    benchmark: bool
    deterministic: bool
    allow_tf32: bool


def __dir__() -> list[str]:
    return sorted((*__all__, *_SWITCHES))


def is_available() -> bool:
    """Whether cuDNN does work. `unavailable_reason()` says why not.

    >>> torch.backends.cudnn.is_available() == (torch.backends.cudnn.version() is not None)
    True
    """
    return not unavailable_reason()


def unavailable_reason() -> str:
    """Why cuDNN does no work: no device, a build without it, or what to install; "" if it does.

    >>> torch.backends.cudnn.is_available() or bool(torch.backends.cudnn.unavailable_reason())
    True
    """
    return _C.cudnn.unavailable_reason()


def version() -> int | None:
    """cuDNN's version as it counts, 90501 being 9.5.1; None without cuDNN.

    >>> torch.backends.cudnn.version() is None or torch.backends.cudnn.version() >= 90000
    True
    """
    return None if unavailable_reason() else _C.cudnn.version()


def is_acceptable(tensor: Tensor) -> bool:
    """Whether layers of this tensor go to cuDNN: a floating tensor on a device, with cuDNN there and enabled.

    >>> torch.backends.cudnn.is_acceptable(torch.ones(2))
    False
    """
    return tensor.is_cuda and tensor.is_floating_point() and _C.cudnn.switches()[0] and is_available()


def plans() -> dict[str, int]:
    """How often a way to compute was known ("hits"), was looked for ("misses"), was not there ("refusals"); how many are kept.

    >>> sorted(torch.backends.cudnn.plans())
    ['hits', 'kept', 'misses', 'refusals']
    """
    return _C.cudnn.plans()


def set_flags(
    enabled: bool | None = None,
    benchmark: bool | None = None,
    deterministic: bool | None = None,
    allow_tf32: bool | None = None,
) -> tuple[bool, bool, bool, bool]:
    """Sets the switches that are given and returns what all four were.

    >>> before = torch.backends.cudnn.set_flags(benchmark=True)
    >>> torch.backends.cudnn.set_flags(*before)
    (True, True, False, False)
    """
    before = _C.cudnn.switches()
    wanted = (enabled, benchmark, deterministic, allow_tf32)
    _C.cudnn.set_switches(*(old if new is None else bool(new) for new, old in zip(wanted, before, strict=True)))
    return before


@contextmanager
def flags(
    enabled: bool = False, benchmark: bool = False, deterministic: bool = False, allow_tf32: bool = False
) -> Iterator[None]:
    """The four switches as given, as long as the `with` block lasts. What is not given is off.

    >>> with torch.backends.cudnn.flags(enabled=True, deterministic=True):
    ...     torch.backends.cudnn.deterministic
    True
    >>> torch.backends.cudnn.deterministic
    False
    """
    before = set_flags(enabled, benchmark, deterministic, allow_tf32)
    try:
        yield
    finally:
        set_flags(*before)


def _switch(index: int) -> property:
    def get(_: object) -> bool:
        return _C.cudnn.switches()[index]

    def put(_: object, value: bool) -> None:
        set_flags(**{_SWITCHES[index]: value})

    return property(get, put)


class _Switches(ModuleType):
    """This module, with its switches: an assignment to an attribute of a module can be heard only by its class."""

    enabled = _switch(0)
    benchmark = _switch(1)
    deterministic = _switch(2)
    allow_tf32 = _switch(3)


sys.modules[__name__].__class__ = _Switches
