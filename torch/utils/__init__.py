"""Helpers beside tensors and networks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.utils import data as data


def __getattr__(name: str) -> Any:
    if name == "data":  # imported when it is first used
        import importlib

        return importlib.import_module("torch.utils.data")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
