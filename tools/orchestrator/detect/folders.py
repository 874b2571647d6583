"""Where shared libraries and Python packages stand."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["distribution", "file_version", "linker_folders", "site_folders"]


def linker_folders(root: Path = Path("/")) -> list[Path]:
    """The folders of the dynamic linker: ld.so.conf with what it includes, then the usual ones. Only those that exist."""
    found = [*_configured(root / "etc/ld.so.conf", root, 0)]
    found += [root / name for name in ("lib64", "usr/lib64", "lib", "usr/lib")]
    real: dict[Path, Path] = {}
    for folder in found:
        if folder.is_dir():
            real.setdefault(folder.resolve(), folder)
    return list(real.values())


def _configured(file: Path, root: Path, depth: int) -> Iterator[Path]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        text = line.partition("#")[0].strip()
        if text.startswith("include ") and depth < 4:
            for pattern in text.split()[1:]:
                base = root if pattern.startswith("/") else file.parent
                for other in sorted(base.glob(pattern.lstrip("/"))):
                    yield from _configured(other, root, depth + 1)
        elif text.startswith("/"):
            yield root / text.lstrip("/")


def site_folders() -> list[Path]:
    """The folders of sys.path that hold installed packages, in order."""
    return [Path(entry) for entry in dict.fromkeys(sys.path) if entry.endswith(("site-packages", "dist-packages"))]


def distribution(name: str) -> importlib.metadata.Distribution | None:
    """An installed distribution; None if there is none or its metadata is damaged."""
    try:
        found = importlib.metadata.distribution(name)
        return found if found.version else None
    except (importlib.metadata.PackageNotFoundError, ValueError, KeyError, OSError):
        return None


def file_version(library: Path) -> str:
    """The numbers in a shared library's file name, links followed: 9.28.1 of libcudnn.so.9.28.1; "" if it has none."""
    match = re.search(r"\.so\.(\d+(?:\.\d+)*)$", library.resolve().name)
    return match[1] if match else ""
