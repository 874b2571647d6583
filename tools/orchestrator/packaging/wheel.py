"""Writes wheels from the list of published files, with the same bytes for the same content."""

from __future__ import annotations

import base64
import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestrator.api import PublishedFile
from orchestrator.packaging.archive import Archive, Content, Member
from orchestrator.packaging.metadata import Metadata, source_date

__all__ = ["package_modules", "record_text", "wheel_members", "write_wheel"]

# Parts of the package folder that are sources or products of the native build: products come from the published list only.
_NOT_PYTHON = frozenset({"csrc", "lib", "share", "__pycache__"})


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
    dist_info: Mapping[str, bytes] | None = None,
    compress: bool = True,
    workers: int | None = None,
) -> str:
    """Writes `<name>-<version>-<tag>.whl` into `directory` and returns its file name.

    `members` maps archive names to files, `texts` archive names to contents, `dist_info` names inside the dist-info folder to
    contents; metadata and RECORD are added. Order, times, permission bits and compression depend neither on the file system
    nor on the number of workers, so equal content gives equal bytes (with the same zlib).
    """
    name = f"{metadata.stem}-{metadata.tag}.whl"
    directory.mkdir(parents=True, exist_ok=True)
    contents: list[tuple[str, Content]] = sorted([*members.items(), *(texts or {}).items()])
    about = {**metadata.dist_info_files(), **(dist_info or {})}
    contents += [(f"{metadata.dist_info}/{file}", content) for file, content in about.items()]
    # Made beside its place, so that a wheel under its own name is always whole.
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=directory) as partial:
        with Archive(Path(partial, name), date=source_date(), compress=compress, workers=workers) as archive:
            record = f"{metadata.dist_info}/RECORD"
            archive.add([(record, record_text(archive.add(contents), record))])
        Path(partial, name).replace(directory / name)
    return name


def record_text(members: Iterable[Member], own: str) -> bytes:
    """The text of RECORD, which cannot hold a digest of itself."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for member in members:
        digest = base64.urlsafe_b64encode(member.sha256).rstrip(b"=").decode()
        rows.writerow([member.name, f"sha256={digest}", member.size])
    rows.writerow([own, "", ""])
    return text.getvalue().encode()
