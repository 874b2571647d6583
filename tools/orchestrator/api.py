"""The public functions of the orchestrator, used by setup.py, the build backend and the command line.

>>> from pathlib import Path
>>> from orchestrator import api
>>> result = api.build(api.BuildRequest(root=Path(".")))          # doctest: +SKIP
>>> [file.destination for file in result.published]               # doctest: +SKIP

All functions raise subclasses of `errors.BuildError`, each with its own `exit_code`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator import remember as _remember
from orchestrator.configure import configure
from orchestrator.console import Console
from orchestrator.detect import DETECTORS, Detection, Found
from orchestrator.environment import cleaned, removal_note
from orchestrator.errors import BuildError
from orchestrator.events import Emit, Finished, Note, Planned, Started, Warned
from orchestrator.graph import build_graph
from orchestrator.lock import locked
from orchestrator.log import BuildLog, logged
from orchestrator.manifest import load_manifest
from orchestrator.ninja import run_ninja
from orchestrator.plan import Plan
from orchestrator.process import stream
from orchestrator.product import Delivery, Product
from orchestrator.publish import PublishedFile, damage_note, deliver, discard_damaged, read_journal, withdraw
from orchestrator.session import BuildRequest, Session, open_session
from orchestrator.summary import summary_lines
from orchestrator.tree import claim_tree, is_ours, remove_tree, write_if_different
from orchestrator.versionfile import git_version, version_text

__all__ = [
    "BuildRequest",
    "BuildResult",
    "PublishedFile",
    "build",
    "clean",
    "framework_version",
    "library_names",
    "option_lines",
    "published",
    "remember",
    "test",
]


@dataclass(frozen=True)
class BuildResult:
    """What a build did. `found` maps a detector's name to `detect.Found` or `detect.Missing`."""

    config: str
    build_dir: Path
    published: tuple[PublishedFile, ...]
    edges_run: int
    seconds: float
    found: Mapping[str, Detection] = field(default_factory=dict)
    up_to_date: bool = False
    compiled: int = 0
    linked: tuple[str, ...] = ()
    plan: Plan | None = None
    delivery: Delivery | None = None


def build(request: BuildRequest) -> BuildResult:
    """Configures if needed, builds and publishes; with `dry_run` prints the plan and changes nothing."""
    begin = time.monotonic()
    console = Console(verbose=request.verbose, quiet=request.quiet)
    session = open_session(request)
    for warning in session.options.warnings:
        console(Warned(warning))
    if request.dry_run:
        found = session.detect()
        plan, found = session.plan(found, dry_run=True)
        console(Planned(tuple(plan.lines())))
        return BuildResult(session.config, session.build_dir, (), 0, time.monotonic() - begin, found, plan=plan)
    claim_tree(session.build_dir)
    with (
        locked(session.build_dir / ".lock", request.command, console) as lock,
        BuildLog(session.build_dir / "logs") as log,
    ):
        result, lines = _build_locked(session, lock, log, console, begin)
    console(Finished(tuple(lines)))
    return result


def _build_locked(session: Session, lock: int, log: BuildLog, console: Console, begin: float) -> tuple[BuildResult, list[str]]:
    emit = logged(log, console)
    env, removed = cleaned(os.environ)
    if removed:
        emit(Note(removal_note(removed)))
    for name in discard_damaged(session.root, session.products, session.build_dir):
        emit(Note(damage_note(name)))
    plan, found = session.plan(session.detect(), dry_run=False)
    reasons = configure(plan, found, env=env, emit=emit, lock=lock, log=log.path)
    ninja = found["ninja"].values["program"]
    run = run_ninja(ninja, plan.build_dir, plan.targets, jobs=session.jobs, env=env, emit=emit, lock=lock, log=log.path)
    delivery = _delivery(session, plan, found)
    change = deliver(delivery, session.request.command, emit)
    seconds = time.monotonic() - begin
    result = BuildResult(
        config=session.config,
        build_dir=session.build_dir,
        published=change.files,
        edges_run=run.edges,
        seconds=seconds,
        found=found,
        up_to_date=not (reasons or run.edges or change.changed or change.removed),
        compiled=run.compiled,
        linked=tuple(run.linked),
        plan=plan,
        delivery=delivery,
    )
    return result, summary_lines(session, plan, found, run, change, seconds)


def _delivery(session: Session, plan: Plan, found: Mapping[str, Detection]) -> Delivery:
    """What the plan publishes, the version file included, which is written here."""
    framework = session.manifest.framework
    products = list(plan.products)
    if framework.version_file and plan.complete:
        text = version_text(session.manifest, plan, session.options, found, git=git_version(session.root))
        source = plan.build_dir / framework.version_file
        write_if_different(source, text)
        products.append(Product(source, framework.version_file, "generated", framework.name))
    owners = {*(item.owner for item in products), *(item.owner for item in plan.headers), *plan.requested}
    return Delivery(
        session.root, session.products, tuple(products), plan.headers, None if plan.complete else tuple(sorted(owners))
    )


def test(request: BuildRequest) -> int:
    """Builds and runs the C tests of `request.libraries` (all that have tests, if empty). Returns ctest's exit status."""
    session = open_session(request)
    chosen = session.graph.closure(request.libraries, only=bool(request.libraries))
    libraries = [library for library in chosen if library.tests]
    if not libraries:
        raise BuildError("None of the named libraries has C tests.", next_step="see `tests` in libraries.toml")
    result = build(request)
    if request.dry_run:
        return 0
    console = Console(verbose=request.verbose, quiet=request.quiet)
    env, _ = cleaned(os.environ)
    with locked(session.build_dir / ".lock", request.command, console) as lock, BuildLog(session.build_dir / "logs") as log:
        emit = logged(log, console)
        ninja = result.found["ninja"].values["program"]
        targets = [library.tests for library in libraries]
        emit(Started("tests", ", ".join(targets)))
        run_ninja(ninja, session.build_dir, targets, jobs=session.jobs, env=env, emit=emit, lock=lock, log=log.path)
        status = 0
        for library in libraries:
            status = _run_ctest(result, session.build_dir / library.source, env, emit) or status
    return status


def _run_ctest(result: BuildResult, folder: Path, env: Mapping[str, str], emit: Emit) -> int:
    cmake = Path(result.found["cmake"].values["program"])
    command = [str(cmake.with_name("ctest")), "--output-on-failure", "--no-tests=error", "--test-dir", str(folder)]
    return stream(command, env=env, cwd=folder, on_line=lambda line: emit(Note(line)))


def clean(request: BuildRequest, *, dry_run: bool = False) -> list[Path]:
    """Deletes what builds wrote (published files, build trees behind their tag) and returns the list; `dry_run` only lists.

    With `config`, only that configuration's tree goes.
    """
    session = open_session(request)
    trees = [session.build_dir] if request.config else sorted(session.build_base.glob("*"))
    trees = [tree for tree in trees if is_ours(tree) and tree.name != _remember.RECORDS]
    gone = withdraw(session.root, session.products, dry_run=dry_run)
    for tree in trees:
        gone.append(tree)
        if not dry_run:
            with locked(tree / ".lock", request.command, Console(quiet=request.quiet)):
                remove_tree(tree)
    gone += _remember.forget(session.build_base, dry_run=dry_run)
    if not dry_run and session.build_base.is_dir() and not any(session.build_base.iterdir()):
        session.build_base.rmdir()
    return gone


def published(request: BuildRequest) -> tuple[PublishedFile, ...]:
    """The files that the last build published: the one list that wheel, sdist, editable and clean read."""
    return read_journal(open_session(request).products)


def remember(request: BuildRequest, result: BuildResult, *, argv: Sequence[str], watch: Sequence[Path] = ()) -> None:
    """Lets `fastpath.try_fast(root, argv, request.command)` answer next time, as long as nothing that it depends on changed.

    `watch` are further files whose change (or disappearance) must take the long path, such as the files of an editable
    registration. Call it at the very end of a successful command.
    """
    if result.plan is None or result.delivery is None:
        raise ValueError("only what was built can be remembered, not a dry run")
    session = open_session(request)
    tools = [Path(item.path) for item in result.found.values() if isinstance(item, Found)]
    ninja = result.found["ninja"].values["program"]
    _remember.write(session, ninja, result.plan, result.delivery, result.published, argv=argv, watch=[*tools, *watch])


def option_lines(request: BuildRequest) -> list[str]:
    """Each option with its value, where that came from, and what it is for."""
    session = open_session(request)
    lines = []
    for name, value in sorted(session.options.values.items()):
        shown = value.value or "(empty)"
        lines += [f"{name} = {shown}  [{value.origin}]", f"    {value.spec.doc} ({value.spec.type.value})"]
    return lines


def library_names(root: Path, manifest: Path | None = None) -> tuple[str, ...]:
    """Names of libraries and extensions in build order, for command aliases."""
    return build_graph(load_manifest(manifest or root / "libraries.toml", detectors=tuple(DETECTORS))).names()


def framework_version(root: Path, manifest: Path | None = None) -> str:
    """The framework's version."""
    return load_manifest(manifest or root / "libraries.toml", detectors=tuple(DETECTORS)).framework.version
