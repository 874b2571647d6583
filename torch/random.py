"""The default random generator: seeds and state. Streams do not depend on threads, CPU level or device."""

from __future__ import annotations

from torch import _C

__all__ = ["get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]


def __dir__() -> list[str]:
    return sorted(__all__)


get_rng_state = _C.ops.get_rng_state
initial_seed = _C.ops.initial_seed
manual_seed = _C.ops.manual_seed
seed = _C.ops.seed
set_rng_state = _C.ops.set_rng_state
