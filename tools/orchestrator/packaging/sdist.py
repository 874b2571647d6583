"""Writes the source distribution: every source, no product, with the same bytes for the same content."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from orchestrator.packaging.metadata import Metadata, source_date
from orchestrator.packaging.scmversion import ARCHIVAL, git

__all__ = ["source_files", "write_sdist"]


def source_files(root: Path) -> list[str]:
    """The sources of the checkout relative to `root`, sorted: what git does not ignore, or, without git (an unpacked sdist),
    what .gitignore does not name."""
    names = _git_files(root)
    if names is None:
        names = list(_walk(root))
    # PKG-INFO is written anew; it says the version, which the other one says in a tarball of git only.
    return sorted(name for name in set(names) if (root / name).is_file() and name not in ("PKG-INFO", ARCHIVAL))


def _git_files(root: Path) -> list[str] | None:
    """Tracked and new files as git sees them; None unless `root` itself is a git checkout and there is a git."""
    listing = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if listing is None else [name for name in listing.split("\0") if name]


def _walk(root: Path) -> Iterator[str]:
    ignore = root / ".gitignore"
    spec = GitIgnoreSpec.from_lines(ignore.read_text().splitlines() if ignore.exists() else [])
    for folder, folders, names in os.walk(root):
        base = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if name != ".git" and not spec.match_file(f"{(base / name).as_posix()}/")]
        for name in names:
            relative = (base / name).as_posix()
            if not spec.match_file(relative):
                yield relative


def write_sdist(directory: Path, metadata: Metadata) -> str:
    """Writes `<name>-<version>.tar.gz` into `directory` and returns its file name."""
    root, name = metadata.root, f"{metadata.stem}.tar.gz"
    directory.mkdir(parents=True, exist_ok=True)
    inside = directory.resolve()
    with tempfile.TemporaryDirectory(prefix=".sdist-", dir=directory) as partial:
        target = Path(partial, name)
        with (
            target.open("wb") as raw,
            # The name inside the gzip header stays empty: it would be the temporary one.
            gzip.GzipFile("", "wb", mtime=source_date(), fileobj=raw) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            _add(archive, f"{metadata.stem}/PKG-INFO", metadata.metadata_text().encode(), executable=False)
            for relative in source_files(root):
                path = root / relative
                if root.resolve() in inside.parents and inside in path.resolve().parents:
                    continue  # earlier archives, when `directory` lies in the checkout and is not ignored
                executable = bool(path.stat().st_mode & 0o100)
                _add(archive, f"{metadata.stem}/{relative}", path.read_bytes(), executable=executable)
        target.replace(directory / name)
    return name


def _add(archive: tarfile.TarFile, name: str, content: bytes, *, executable: bool) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mtime = source_date()
    entry.mode = 0o755 if executable else 0o644
    archive.addfile(entry, io.BytesIO(content))
