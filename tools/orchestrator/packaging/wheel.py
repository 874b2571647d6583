"""Writes wheels from the list of published files, with the same bytes for the same content."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wheel.wheelfile import WheelFile

from orchestrator.api import PublishedFile
from orchestrator.packaging.metadata import Metadata, source_date

__all__ = ["package_modules", "wheel_members", "write_wheel"]

# Parts of the package folder that are sources or products of the native build: products come from the published list only.
_NOT_PYTHON = frozenset({"csrc", "lib", "share", "__pycache__"})


class _ReproducibleWheel(WheelFile):
    """The wheel library's archive (it writes RECORD), with time and mode of every member fixed."""

    def writestr(self, name: str | zipfile.ZipInfo, data: bytes | str, compress_type: int | None = None) -> None:
        # RECORD itself arrives here as a plain name, and would get the time of day.
        if isinstance(name, str):
            entry = zipfile.ZipInfo(name, date_time=time.gmtime(source_date())[:6])
            # Never the mode bits of the file: they follow the umask of whoever made it.
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3
            entry.compress_type = self.compression
            name = entry
        super().writestr(name, data, compress_type)


def package_modules(root: Path, package: str = "torch") -> list[str]:
    """The Python modules, stubs and py.typed of the package, relative to `root`, sorted."""
    modules = []
    for folder, folders, names in os.walk(root / package):
        folders[:] = [name for name in folders if name not in _NOT_PYTHON]
        modules += [Path(folder, name) for name in names if name.endswith((".py", ".pyi")) or name == "py.typed"]
    return sorted(module.relative_to(root).as_posix() for module in modules)


def wheel_members(root: Path, published: Iterable[PublishedFile], package: str = "torch") -> dict[str, Path]:
    """Name in the wheel -> file to read: the published files and the package's own modules.

    A product that lies in the package folder but is not in the list is not packaged.
    """
    members = {name: root / name for name in package_modules(root, package)}
    members.update({file.destination: file.place(root) for file in published})
    return dict(sorted(members.items()))


def write_wheel(
    directory: Path,
    metadata: Metadata,
    members: Mapping[str, Path],
    *,
    texts: Mapping[str, bytes] | None = None,
    compress: bool = True,
) -> str:
    """Writes `<name>-<version>-<tag>.whl` into `directory` and returns its file name.

    `members` maps archive names to files, `texts` archive names to contents; dist-info and RECORD are added. Order, times and
    permission bits do not depend on the file system, so equal content gives equal bytes (with the same zlib).
    """
    name = f"{metadata.stem}-{metadata.tag}.whl"
    directory.mkdir(parents=True, exist_ok=True)
    logging.getLogger("wheel").setLevel(logging.WARNING)  # it would name each file
    contents: dict[str, Any] = {**members, **(texts or {})}
    # The archive takes name and version from its file's name, so it is written under that name beside its place, then moved.
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=directory) as partial:
        method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        with _ReproducibleWheel(Path(partial, name), "w", compression=method) as archive:
            for member, content in sorted(contents.items()):
                archive.writestr(member, content.read_bytes() if isinstance(content, Path) else content)
            for file, content in metadata.dist_info_files().items():
                archive.writestr(f"{metadata.dist_info}/{file}", content)
        Path(partial, name).replace(directory / name)
    return name
