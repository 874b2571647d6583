"""Writes what the fast path compares: everything that the answer "nothing to do" depends on."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestrator.fastpath import FORMAT, record_path, stamp
from orchestrator.options import environment_names
from orchestrator.publish import MARKER, PublishedFile
from orchestrator.session import Session
from orchestrator.summary import headline
from orchestrator.tree import claim_tree, is_ours, remove_tree, write_json

__all__ = ["forget", "write"]

_FOLDER = "fast"


def write(
    session: Session,
    ninja: str,
    targets: Sequence[str],
    published: Iterable[PublishedFile],
    *,
    argv: Sequence[str],
    watch: Iterable[Path],
) -> None:
    """Records the state after a successful command; no record is written where the checkout is read-only."""
    path = Path(record_path(str(session.root), list(argv), session.request.command))
    files = [session.root / file.destination for file in published]
    watched = [*_inputs(session), *files, *_headers(session), *_tools(session), *watch]
    data = {
        "format": FORMAT,
        "argv": list(argv),
        "command": session.request.command,
        "cwd": os.getcwd(),
        "python": [sys.executable, sys.prefix, sys.version],
        "environment": {name: os.environ.get(name) for name in environment_names(session.specs())},
        "stamps": [[str(name), *stamp(str(name))] for name in dict.fromkeys(watched)],
        "absent": [str(session.products / MARKER)],
        "lock": str(session.build_dir / ".lock"),
        "ninja": [ninja, "-C", str(session.build_dir), "-n", *targets],
        "headline": headline(session),
    }
    try:
        claim_tree(path.parent)
        write_json(path, data)
    except OSError:
        return


def forget(build_base: Path, *, dry_run: bool) -> list[Path]:
    """Deletes all records."""
    folder = build_base / _FOLDER
    if not is_ours(folder):
        return []
    if not dry_run:
        remove_tree(folder)
    return [folder]


def _inputs(session: Session) -> Iterable[Path]:
    root = session.root
    yield session.manifest.path
    yield from (root / name for name in ("setup.py", "pyproject.toml"))
    yield from sorted({*Path(__file__).parent.rglob("*.py"), *(root / "tools").rglob("*.py")})
    # The commit is part of version.py. The reflog grows with each commit and checkout.
    yield from (root / ".git" / name for name in ("HEAD", "logs/HEAD"))
    yield session.build_dir / "configure.json"


def _headers(session: Session) -> Iterable[Path]:
    """Public headers that no unit includes are unknown to ninja; new ones show in their folder's time."""
    for library in session.graph.order:
        for source, _ in library.headers:
            folder = session.root / source
            yield folder
            yield from sorted(folder.rglob("*"))


def _tools(session: Session) -> Iterable[Path]:
    """Programs or packages that appear or vanish change the time of the folder that they stand in."""
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder)
    yield from {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
