"""Helpers beside tensors and networks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.utils import checkpoint as checkpoint
    from torch.utils import data as data
    from torch.utils import dlpack as dlpack


def __getattr__(name: str) -> Any:
    if name in ("checkpoint", "data", "dlpack"):  # imported when they are first used
        import importlib

        return importlib.import_module(f"torch.utils.{name}")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
