"""Which files the house tests look at: sources of the checkout, never products."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Products, caches and foreign folders. Named by place, so that the tests need neither git nor a build.
_SKIPPED_NAMES = {
    ".git",
    "__pycache__",
    "build",
    "dist",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "shared",
}
_SKIPPED_PATHS = {"torch/lib", "torch/share", "torch/version.py", "torch/_C.pyi", "torch/_functions.pyi"}


def sources(*suffixes: str, under: str = "") -> Iterator[Path]:
    """Files below `under` whose names end in one of `suffixes`, sorted, relative to the root."""
    yield from (path.relative_to(ROOT) for path in _walk(ROOT / under) if path.name.endswith(suffixes))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        relative = path.relative_to(ROOT).as_posix()
        hidden_environment = path.name.startswith((".venv", "venv")) or path.name.endswith(".egg-info")
        built = path.name in _SKIPPED_NAMES and path.is_dir() and relative != "benchmarks/build"
        if path.is_symlink() or built or relative in _SKIPPED_PATHS or hidden_environment:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def text(path: Path) -> str:
    """The content of a source."""
    return (ROOT / path).read_text(encoding="utf-8")
