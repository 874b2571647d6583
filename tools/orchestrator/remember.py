"""Writes what the fast path and the rebuild compare: everything that the answer "nothing to do" depends on."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestrator.fastpath import FORMAT, record_path, stamp
from orchestrator.options import environment_names
from orchestrator.plan import Plan
from orchestrator.product import Delivery
from orchestrator.publish import MARKER, PublishedFile
from orchestrator.rebuild import outcome
from orchestrator.session import Session
from orchestrator.summary import headline
from orchestrator.tree import claim_tree, is_ours, remove_tree, write_json

__all__ = ["RECORDS", "forget", "write"]

RECORDS = "fast"


def write(
    session: Session,
    ninja: str,
    plan: Plan,
    delivery: Delivery,
    published: Iterable[PublishedFile],
    *,
    argv: Sequence[str],
    watch: Iterable[Path],
) -> None:
    """Records the state after a successful command; no record is written where the checkout is read-only."""
    path = Path(record_path(str(session.root), list(argv), session.request.command))
    not_by_ninja = [item.built for item in delivery.products if item.owner not in plan.requested]
    watched = [*_inputs(session), *_tools(session), *not_by_ninja, *watch]
    data = {
        "format": FORMAT,
        "argv": list(argv),
        "command": session.request.command,
        "cwd": os.getcwd(),
        "python": [sys.executable, sys.prefix, sys.version],
        "environment": {name: os.environ.get(name) for name in environment_names(session.specs())},
        "inputs": [[str(name), *stamp(str(name))] for name in dict.fromkeys(watched)],
        "absent": [str(session.products / MARKER)],
        "lock": str(session.build_dir / ".lock"),
        "headline": headline(session),
        # What rebuild.py needs besides.
        "ninja": ninja,
        "build_dir": str(plan.build_dir),
        "targets": plan.targets,
        "jobs": session.request.jobs or int(session.options["MAX_JOBS"] or 0),
        "verbose": session.request.verbose,
        "quiet": session.request.quiet,
        "requested": plan.requested,
        "package": session.manifest.framework.package,
        "delivery": delivery.to_json(),
        **outcome(delivery, published),
    }
    try:
        claim_tree(path.parent)
        write_json(path, data)
    except OSError:
        return


def forget(build_base: Path, *, dry_run: bool) -> list[Path]:
    """Deletes all records."""
    folder = build_base / RECORDS
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


def _tools(session: Session) -> Iterable[Path]:
    """Programs or packages that appear or vanish change the time of the folder that they stand in."""
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder)
    yield from {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
