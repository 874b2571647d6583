"""Copies of what was found in an environment that may vanish, kept in the build tree under a name made of the content."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from orchestrator.detect import Detection, Found

__all__ = ["stage_all"]


def stage_all(found: Mapping[str, Detection], build_dir: Path, *, dry_run: bool = False) -> dict[str, Detection]:
    """The same detections, their temporary values pointing below `<build_dir>/deps`. `dry_run` computes without copying."""
    return {name: _stage(item, build_dir, dry_run) if isinstance(item, Found) else item for name, item in found.items()}


def _stage(found: Found, build_dir: Path, dry_run: bool) -> Found:
    sources = {key: Path(found.values[key]) for key in found.temporary}
    if not sources:
        return found
    folder = build_dir / "deps" / f"{found.name}-{_digest(sources)}"
    if not folder.is_dir() and not dry_run:
        # Made beside and renamed, so that a folder under its final name is always complete.
        partial = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for source in sources.values():
            if source.is_dir():
                shutil.copytree(source, partial / source.name)
            else:
                shutil.copy2(source, partial / source.name)
        partial.rename(folder)
    staged = {key: str(folder / source.name) for key, source in sources.items()}
    return replace(found, values={**found.values, **staged})


def _digest(sources: Mapping[str, Path]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for key, source in sorted(sources.items()):
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            digest.update(f"{key}\0{path.relative_to(source.parent)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
