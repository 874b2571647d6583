"""The default random generators of CUDA devices.

`torch.manual_seed` seeds them all; from one seed the host makes the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import _C

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import torch

__all__ = [
    "get_rng_state",
    "get_rng_state_all",
    "initial_seed",
    "manual_seed",
    "manual_seed_all",
    "seed",
    "seed_all",
    "set_rng_state",
    "set_rng_state_all",
]


def _generator(device: Any = None) -> _C.Generator:
    from torch import cuda

    return _C.cuda.generator(cuda._ordinal(device))


def _all() -> list[_C.Generator]:
    return [_C.cuda.generator(device) for device in range(_C.cuda.device_count()[0])]


def get_rng_state(device: Any = None) -> torch.Tensor:
    """The state of a device's generator, as a uint8 tensor of the host.

    >>> if torch.cuda.is_available():
    ...     state = torch.cuda.get_rng_state()
    """
    return _generator(device).get_state()


def set_rng_state(new_state: torch.Tensor, device: Any = None) -> None:
    """Sets a device's generator to where it was at `get_rng_state`.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.set_rng_state(torch.cuda.get_rng_state())
    """
    _generator(device).set_state(new_state)


def get_rng_state_all() -> list[torch.Tensor]:
    """The states of the generators of all devices.

    >>> len(torch.cuda.get_rng_state_all()) == torch.cuda.device_count()
    True
    """
    return [generator.get_state() for generator in _all()]


def set_rng_state_all(new_states: Sequence[torch.Tensor]) -> None:
    """Sets the generators of all devices to where they were at `get_rng_state_all`.

    >>> torch.cuda.set_rng_state_all(torch.cuda.get_rng_state_all())
    """
    generators = _all()
    if len(new_states) != len(generators):
        raise ValueError(f"[set_rng_state_all] new_states, {len(new_states)} of them: there are {len(generators)} devices")
    for generator, state in zip(generators, new_states, strict=True):
        generator.set_state(state)


def manual_seed(seed: int) -> None:
    """Seeds the current device's generator; without a device, nothing.

    >>> torch.cuda.manual_seed(1)
    """
    if _C.cuda.device_count()[0] > 0:
        _generator().manual_seed(seed)


def manual_seed_all(seed: int) -> None:
    """Seeds the generators of all devices; without a device, nothing.

    >>> torch.cuda.manual_seed_all(1)
    """
    for generator in _all():
        generator.manual_seed(seed)


def seed() -> None:
    """Seeds the current device's generator from the operating system's entropy.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.seed()
    """
    _generator().seed()


def seed_all() -> None:
    """Seeds the generators of all devices with one number from the operating system's entropy.

    >>> torch.cuda.seed_all()
    """
    generators = _all()
    if generators:
        number = generators[0].seed()
        for generator in generators[1:]:
            generator.manual_seed(number)


def initial_seed() -> int:
    """The seed that the current device's stream began with.

    >>> torch.cuda.initial_seed() if torch.cuda.is_available() else "no device"
    'no device'
    """
    return _generator().initial_seed()
