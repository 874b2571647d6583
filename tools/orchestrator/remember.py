"""Writes what the fast path and the rebuild compare: everything that the answer "nothing to do" depends on."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.clock import sources
from orchestrator.fastpath import FORMAT, head_commit, listing, record_path, ref_stamps, stamp, tag_names
from orchestrator.front.summary import headline
from orchestrator.jobserver import STATIC
from orchestrator.options import FAMILIES, environment_names, unknown_in
from orchestrator.packaging.scmversion import git
from orchestrator.plan import Plan
from orchestrator.product import Delivery
from orchestrator.publish import MARKER, PublishedFile
from orchestrator.rebuild import outcome
from orchestrator.session import Session
from orchestrator.tree import claim_tree, is_ours, remove_tree, write_json

__all__ = ["RECORDS", "edited", "forget", "write"]

RECORDS = "fast"
_MARGIN = 0.02
"""Seconds: file systems take their time from a coarser clock."""


def write(
    session: Session,
    ninja: str,
    plan: Plan,
    delivery: Delivery,
    published: Iterable[PublishedFile],
    *,
    argv: Sequence[str],
    watch: Iterable[Path],
    began: Mapping[str, Any],
    started: float,
    stamps: Iterable[Sequence[Any]] = (),
    style: str = STATIC,
) -> None:
    """Records the state after a successful command; no record is written where the checkout is read-only.

    `started` (seconds of the epoch) is when the command began. What was edited since then may have been read before: then
    nothing is remembered, and the next command looks again. `stamps` are those of the files that sub-builds read and made: a
    difference takes the long path, which asks the sub-build concerned and no other. `style` is that of the job server.
    """
    if any(stamp(str(name))[0] > (started - _MARGIN) * 1e9 for name in _inputs(session)):
        return
    path = Path(record_path(str(session.root), list(argv), session.request.command))
    not_by_ninja = [item.built for item in delivery.products if item.owner not in plan.requested]
    watched = [*_inputs(session), session.build_dir / "configure.json", *not_by_ninja, *watch]
    framework = session.manifest.framework
    data = {
        "format": FORMAT,
        "argv": list(argv),
        "command": session.request.command,
        "cwd": os.getcwd(),
        "python": [sys.executable, sys.prefix, sys.version],
        **_environment(session),
        "inputs": [*([str(name), *stamp(str(name))] for name in dict.fromkeys(watched)), *stamps],
        "folders": [[str(name), stamp(str(name))[0], listing(str(name))] for name in _folders()],
        "edited": edited(session),
        "root": str(session.root),
        "refs": ref_stamps(str(session.root)),  # before the two that it stands for
        "commit": head_commit(str(session.root)),
        "tags": tag_names(str(session.root)),
        "tagged": bool(git(session.root, "tag", "--list", "v[0-9]*")),
        "version": str(plan.build_dir / framework.version_file) if framework.version_file else "",
        "absent": [str(session.products / MARKER)],
        "lock": str(session.build_dir / ".lock"),
        "headline": headline(session),
        "style": style,
        "began": began,
        **_for_rebuild(session, ninja, plan),
        "delivery": delivery.to_json(),
        **outcome(delivery, published),
    }
    try:
        claim_tree(path.parent)
        write_json(path, data, compact=True)
    except OSError:
        return


def _environment(session: Session) -> dict[str, Any]:
    """The variables that count; and those that look like switches, but are other programs' and no slips."""
    known = environment_names(session.specs())
    slips = unknown_in(os.environ, known)
    return {
        "environment": {name: os.environ.get(name) for name in known},
        "families": () if session.request.again else FAMILIES,  # --again does not ask the environment
        "strangers": sorted(name for name in os.environ if name.startswith(FAMILIES) and name not in slips),
    }


def _for_rebuild(session: Session, ninja: str, plan: Plan) -> dict[str, Any]:
    """What rebuild.py needs besides, to build and to tell about it."""
    return {
        "ninja": ninja,
        "build_dir": str(plan.build_dir),
        "targets": plan.targets,
        "jobs": session.request.jobs or int(session.options["MAX_JOBS"] or 0),
        "verbose": session.verbose,
        "quiet": session.request.quiet,
        "color": session.request.color,
        "requested": plan.requested,
        "package": session.manifest.framework.package,
        "needs": {library.name: library.needs for library in session.graph.order},
    }


def edited(session: Session) -> list[str]:
    """The files of the checkout that ninja and cmake compare by time."""
    root = session.root
    folders = [root / "cmake", *(root / library.source for library in session.manifest.libraries if not library.alone)]
    if all(library.alone for library in session.manifest.libraries):
        return []
    top = (root / session.manifest.framework.cmake).resolve() / "CMakeLists.txt"
    return list(dict.fromkeys([str(top), *sources(folders, without=session.build_base)]))


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
    yield from session.inputs()
    yield from (root / name for name in ("setup.py", "pyproject.toml"))
    yield from sorted({*Path(__file__).parent.rglob("*.py"), *(root / "tools").rglob("*.py")})
    # The commit is part of version.py. Where only git can read it, the reflog grows with each commit and checkout.
    if not head_commit(str(root)):
        yield from (root / ".git" / name for name in ("HEAD", "logs/HEAD", "reftable/tables.list"))


def _folders() -> Iterable[Path]:
    """Programs or packages that appear or vanish change the time of the folder that they stand in."""
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder)
    yield from {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
