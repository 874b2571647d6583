"""The type stub of the extension module."""

from __future__ import annotations

from .model import Op


def emit(ops: tuple[Op, ...]) -> dict[str, str]:
    """`_C.pyi`."""
    return {"_C.pyi": ""}
