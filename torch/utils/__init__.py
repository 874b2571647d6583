"""Helpers beside tensors and networks."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.utils import checkpoint as checkpoint
    from torch.utils import cpp_extension as cpp_extension
    from torch.utils import data as data
    from torch.utils import dlpack as dlpack
    from torch.utils import hooks as hooks

#: For CMAKE_PREFIX_PATH: find_package(Torch), or of one library, finds this installation there.
cmake_prefix_path = f"{os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}/share/cmake"  # noqa: PTH100, PTH120

__all__ = ["checkpoint", "cmake_prefix_path", "cpp_extension", "data", "dlpack", "hooks"]


def __dir__() -> list[str]:
    return sorted(__all__)


_LAZY = ("checkpoint", "cpp_extension", "data", "dlpack", "hooks")


def __getattr__(name: str) -> Any:
    if name in _LAZY:  # imported when it is first used
        import importlib

        return importlib.import_module(f"torch.utils.{name}")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
