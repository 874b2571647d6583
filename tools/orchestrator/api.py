"""The public functions of the orchestrator, used by setup.py, the build backend and the command line.

>>> from pathlib import Path
>>> from orchestrator import api
>>> result = api.build(api.BuildRequest(root=Path(".")))          # doctest: +SKIP
>>> [file.destination for file in result.published]               # doctest: +SKIP

All functions raise subclasses of `errors.BuildError`, each with its own `exit_code`.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import remember as _remember
from orchestrator.cache import CacheUse, start_daemon
from orchestrator.cachefolder import user_cache
from orchestrator.clock import settle
from orchestrator.detect import DETECTORS, Detection, Found
from orchestrator.environment import cleaned, removal_note
from orchestrator.errors import BuildError, CompileError, ConfigureError
from orchestrator.events import Began, Emit, Finished, Note, Planned, Timed, Warned, timed
from orchestrator.front.console import Console
from orchestrator.front.failure import complete
from orchestrator.front.log import BuildLog, add_event, logged
from orchestrator.front.owners import Owners, places
from orchestrator.front.summary import summary_lines
from orchestrator.graph import build_graph
from orchestrator.jobserver import style_of
from orchestrator.lock import locked
from orchestrator.manifest import load_manifest
from orchestrator.packaging.descriptions import package_files
from orchestrator.packaging.versionfile import git_version, version_text
from orchestrator.plan import Plan
from orchestrator.product import Delivery, Product
from orchestrator.publish import JOURNAL, PublishedFile, damage_note, deliver, discard_damaged, read_journal
from orchestrator.session import BuildRequest, Session, open_session
from orchestrator.tree import check_path, claim_tree, storage_trouble, sweep_partials, write_if_different
from orchestrator.work import Workshop, work

if TYPE_CHECKING:
    from orchestrator.clean import clean
    from orchestrator.ctests import test
    from orchestrator.insight.buildreport import build_report
    from orchestrator.insight.doctor import doctor
    from orchestrator.insight.explain import explain
    from orchestrator.insight.forecast import plan_report
    from orchestrator.insight.graphview import graph_report
    from orchestrator.options.ledger import options_report

__all__ = [
    "BuildRequest",
    "BuildResult",
    "PublishedFile",
    "build",
    "build_report",
    "clean",
    "doctor",
    "explain",
    "framework_name",
    "framework_version",
    "graph_report",
    "library_names",
    "options_report",
    "plan_report",
    "published",
    "recorded",
    "remember",
    "test",
]

# What answers a verb of its own: a build must not pay for loading it.
_ELSEWHERE = {
    "build_report": "insight.buildreport",
    "clean": "clean",
    "doctor": "insight.doctor",
    "explain": "insight.explain",
    "graph_report": "insight.graphview",
    "options_report": "options.ledger",
    "plan_report": "insight.forecast",
    "test": "ctests",
}


def __getattr__(name: str) -> Any:
    """The functions of other modules, when somebody asks for them."""
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"orchestrator.{_ELSEWHERE[name]}"), name)


@dataclass(frozen=True)
class BuildResult:
    """What a build did. `found` maps a detector's name to `detect.Found` or `detect.Missing`.

    `edges_run` counts commands of ninja, `compiled` those that compiled a unit, `linked` names what was linked. `seconds`
    is wall time, `predicted` what was expected of it before (None where nothing was known), `cache` what the compiler cache
    did (None without one), `log` the log for people. `reasons` say why cmake ran, if it did; `installed` are files of the
    prefix of sub-builds that changed. A dry run has no published files and no log.
    """

    config: str
    build_dir: Path
    published: tuple[PublishedFile, ...]
    edges_run: int
    seconds: float
    found: Mapping[str, Detection] = field(default_factory=dict)
    up_to_date: bool = False
    compiled: int = 0
    linked: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    predicted: float | None = None
    cache: CacheUse | None = None
    log: Path | None = None
    plan: Plan | None = None
    delivery: Delivery | None = None
    started: float = 0.0
    stamps: tuple[list[Any], ...] = ()
    installed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For `--json`; keys are stable. `published` are all files that builds made, `changed` those of this build."""
        return {
            "status": 0,
            "config": self.config,
            "build_dir": str(self.build_dir),
            "up_to_date": self.up_to_date,
            "libraries": list(self.plan.requested) if self.plan else [],
            "commands": self.edges_run,
            "compiled": self.compiled,
            "linked": list(self.linked),
            "configured_because": list(self.reasons),
            "published": [
                {"path": file.destination, "kind": file.kind, "owner": file.owner, "size": file.size} for file in self.published
            ],
            "changed": list(self.changed),
            "removed": list(self.removed),
            "installed": list(self.installed),
            "found": {name: _found_json(item) for name, item in self.found.items()},
            "seconds": round(self.seconds, 3),
            "predicted": self.predicted,
            "cache": self.cache.to_json() if self.cache else None,
            "log": str(self.log) if self.log else None,
        }


def _found_json(item: Detection) -> dict[str, Any]:
    if isinstance(item, Found):
        return {"found": True, "version": item.version, "path": str(item.path), "how": item.how, "said": item.describe()}
    return {"found": False, "reason": item.reason, "required": item.required, "said": item.describe()}


def build(request: BuildRequest) -> BuildResult:
    """Configures if needed, builds and publishes; with `dry_run` prints the plan and changes nothing.

    >>> build(BuildRequest(root=Path("."), libraries=("TH",), quiet=True)).edges_run      # doctest: +SKIP
    0
    """
    begin, now = time.monotonic(), time.time()
    session = open_session(request)
    resolved = Timed("options", now, time.monotonic() - begin)
    with open_console(request, session) as console:
        for warning in session.options.warnings:
            console(Warned(warning))
        if request.dry_run:
            found = session.detect()
            _warn(found, console)
            plan, found = session.plan(found, dry_run=True)
            console(Planned(tuple(plan.lines())))
            return BuildResult(session.config, session.build_dir, (), 0, time.monotonic() - begin, found, plan=plan)
        for folder in (session.root, session.build_dir):
            check_path(folder)
        with storage_trouble(session.build_base):
            kept = user_cache(os.environ).folder
            if session.build_base.parent == kept:  # a read-only checkout is built there: it is to stay the cache's folder
                claim_tree(kept)
            claim_tree(session.build_dir)
        start_daemon(session.build_dir, session.cache_server())
        owners = Owners(places(session.manifest.libraries))
        asked = time.time()
        with (
            storage_trouble(session.build_dir),
            locked(session.build_dir / ".lock", request.command, console) as lock,
            BuildLog(session.build_dir / "logs", owners=owners, began=began(session)) as log,
        ):
            log.write(resolved)
            log.write(Timed("lock", asked, time.time() - asked))
            try:
                result, lines = _build_locked(session, lock, log, console, begin)
            except (CompileError, ConfigureError) as error:
                _say_consequences(error, session, owners)
                raise
        console(Finished(tuple(lines)))
        return result


def open_console(request: BuildRequest, session: Session | None = None) -> Console:
    """The console that the request asks for. With `json` it prints to stderr: stdout is for the answer."""
    owners = Owners(places(session.manifest.libraries)) if session else None
    stream = sys.stderr if request.json else None
    return Console(
        verbose=session.verbose if session else request.verbose,
        quiet=request.quiet,
        stream=stream,
        color=request.color,
        owners=owners,
    )


def began(session: Session) -> Began:
    """The event with which a build's record begins."""
    options = tuple((item.label, item.text, item.origin) for item in session.options.explicit())
    request = session.request
    names = request.libraries or session.graph.names()
    return Began(request.command, request.argv, session.config, names, options, places(session.manifest.libraries))


def _warn(found: Mapping[str, Detection], emit: Emit) -> None:
    """What was found and may not do what is wanted of it."""
    for item in found.values():
        for what, step in item.warnings if isinstance(item, Found) else ():
            emit(Warned(f"{what} What to do: {step}"))


def _say_consequences(error: BuildError, session: Session, owners: Owners) -> None:
    framework = session.manifest.framework
    complete(
        error,
        owners=owners,
        needs={library.name: library.needs for library in session.graph.order},
        requested=[library.name for library in session.graph.closure(session.request.libraries, only=session.request.only)],
        package=framework.package,
        published=(session.products / JOURNAL).is_file(),
    )


def _build_locked(session: Session, lock: int, log: BuildLog, console: Console, begin: float) -> tuple[BuildResult, list[str]]:
    emit = logged(log, console)
    env, removed = cleaned(os.environ)
    if removed:
        emit(Note(removal_note(removed)))
    sweep_partials(session.build_dir, session.build_dir / "logs", session.build_base / _remember.RECORDS)
    for note in settle(session.build_dir, _remember.edited(session)):
        emit(Warned(note))
    for name in discard_damaged(session.root, session.products, session.build_dir):
        emit(Note(damage_note(name)))
    with timed(emit, "detect"):
        detected = session.detect()
    _warn(detected, emit)
    with timed(emit, "plan"):
        plan, found = session.plan(detected, dry_run=False)
    done = work(session, plan, Workshop(found, env, emit, lock, log, begin))
    reasons, run = done.reasons, done.run
    with timed(emit, "publish"):
        delivery = _delivery(session, plan, found)
        change = deliver(delivery, session.request.command, emit, private=not plan.publish)
    lines = _install(session, plan, found, env, emit, lock)
    result = BuildResult(
        config=session.config,
        build_dir=session.build_dir,
        published=change.files,
        edges_run=run.edges,
        seconds=time.monotonic() - begin,
        found=found,
        up_to_date=not (reasons or run.edges or change.changed or change.removed or done.changed),
        compiled=run.compiled,
        linked=tuple(run.linked),
        reasons=tuple(reasons),
        changed=change.changed,
        removed=change.removed,
        predicted=log.predicted,
        cache=run.cache,
        log=log.path,
        plan=plan,
        delivery=delivery,
        started=time.time() - (time.monotonic() - begin),
        stamps=done.stamps,
        installed=done.changed,
    )
    return result, [*summary_lines(session, plan, found, run, change, result), *lines]


def _install(
    session: Session, plan: Plan, found: Mapping[str, Detection], env: Mapping[str, str], emit: Emit, lock: int
) -> list[str]:
    """Installs what was built into `prefix`, if the request names one. Returns what to say about it."""
    prefix = session.request.prefix
    if prefix is None:
        return []
    from orchestrator.packaging.install import install

    chosen = [library for library in session.graph.order if library.name in plan.requested]
    with timed(emit, "install", str(prefix)):
        report = install(
            found["cmake"].values["program"],
            plan.build_dir,
            [(library.name, library.source) for library in chosen if library.kind == "library"],
            prefix,
            env=env,
            destdir=os.environ.get("DESTDIR", ""),
            emit=emit,
            lock=lock,
            skipped=[library.name for library in chosen if library.kind == "extension"],
            copied=[(library.name, plan.prefix) for library in chosen if library.alone],
        )
    return report.lines() if plan.publish else []


def _delivery(session: Session, plan: Plan, found: Mapping[str, Detection]) -> Delivery:
    """What the plan publishes, the files about the whole family included, which are written here."""
    framework = session.manifest.framework
    products = list(plan.products)
    if plan.complete:
        texts = package_files(session.manifest, plan)
        if framework.version_file:
            git = git_version(session.root)
            texts[framework.version_file] = version_text(session.manifest, plan, session.options, found, git=git)
        for destination, text in texts.items():
            write_if_different(plan.build_dir / destination, text)
            products.append(Product(plan.build_dir / destination, destination, "generated", framework.name))
    owners = {*(item.owner for item in products), *(item.owner for item in plan.headers), *plan.requested}
    return Delivery(
        session.root, session.products, tuple(products), plan.headers, None if plan.complete else tuple(sorted(owners))
    )


def published(request: BuildRequest) -> tuple[PublishedFile, ...]:
    """The files that the last build published: the one list that wheel, sdist, editable and clean read."""
    return read_journal(open_session(request).products)


def remember(request: BuildRequest, result: BuildResult, *, argv: Sequence[str], watch: Sequence[Path] = ()) -> None:
    """Lets `fastpath.try_fast(root, argv, request.command)` answer next time, as long as nothing that it depends on changed.

    `watch` are further files whose change (or disappearance) must take the long path, such as the files of an editable
    registration. Call it at the very end of a successful command.
    What must not be skipped next time is not remembered: `fresh`, `again`, `prefix`, `json`.
    """
    again = request.again and request.command != "import"  # which has its own rules for when a record counts (importhook.py)
    if request.fresh is not None or again or request.prefix or request.json:
        return
    if result.plan is None or result.delivery is None:
        raise ValueError("only what was built can be remembered, not a dry run")
    session = open_session(request)
    tools = [Path(item.path) for item in result.found.values() if isinstance(item, Found)]
    tools += [path for item in result.found.values() for path in item.asked]
    ninja = result.found["ninja"].values["program"]
    data = vars(began(session))
    _remember.write(
        session,
        ninja,
        result.plan,
        result.delivery,
        result.published,
        argv=argv,
        watch=[*tools, *watch],
        began=data,
        started=result.started,
        stamps=result.stamps,
        style=style_of(result.found["ninja"], result.found.get("make")),
    )


@contextlib.contextmanager
def recorded(result: BuildResult | None, name: str, detail: str = "") -> Iterator[None]:
    """Adds what is done inside, such as making a wheel of what was built, to the record of that build, if there was one."""
    log = result.log if result else None
    with timed(lambda event: add_event(log, event), name, detail):
        yield


def library_names(root: Path, manifest: Path | None = None) -> tuple[str, ...]:
    """Names of libraries and extensions in build order, for command aliases."""
    return build_graph(load_manifest(manifest or root / "libraries.toml", detectors=tuple(DETECTORS))).names()


def framework_name(root: Path, manifest: Path | None = None) -> str:
    """What the manifest builds."""
    return load_manifest(manifest or root / "libraries.toml", detectors=tuple(DETECTORS)).framework.name


def framework_version(root: Path, manifest: Path | None = None) -> str:
    """The framework's version."""
    return load_manifest(manifest or root / "libraries.toml", detectors=tuple(DETECTORS)).framework.version
