"""What a build would find: which commands would run, and why. Reads and asks (ninja's dry run), and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestrator.detect import Detection
from orchestrator.errors import BuildError
from orchestrator.fingerprint import fingerprint
from orchestrator.insight.answer import Answer
from orchestrator.insight.apart import project_answers
from orchestrator.insight.buildgraph import BuildGraph, Edge, Sources, load_graph
from orchestrator.insight.causes import FIRST, Cause, Impact, Reasoner, age, change_causes, impact, merged
from orchestrator.insight.ninjalog import LogEntry, read_log
from orchestrator.insight.ninjaquery import ask_deps, ask_reasons
from orchestrator.ninja import BEFORE
from orchestrator.plan import Plan
from orchestrator.publish import PublishedFile, read_journal
from orchestrator.session import BuildRequest, Session, open_session
from orchestrator.tree import read_json

__all__ = ["Survey", "file_time", "pending_changes", "reaches_commands", "sources_of", "take_survey"]


@dataclass(frozen=True)
class Survey:
    """The state before a build. `configure` are the causes for which cmake would run first; `roots` maps outputs to causes."""

    session: Session
    plan: Plan
    ninja: str
    graph: BuildGraph | None
    log: Mapping[str, LogEntry]
    deps: Mapping[str, tuple[str, ...]]
    configure: tuple[Cause, ...]
    found: Mapping[str, Detection]
    roots: Mapping[str, tuple[Cause, ...]]
    stale: Mapping[str, Cause]
    journal: tuple[PublishedFile, ...]
    now: float = field(default_factory=time.time)
    projects: tuple[Answer, ...] = ()  # those that are built alone

    @cached_property
    def needed(self) -> tuple[Edge, ...]:
        """The edges behind what is requested."""
        return self.graph.needed(self.plan.targets) if self.graph else ()

    @cached_property
    def impact(self) -> Impact:
        """What would run, as far as the present graph can tell."""
        return impact(self.graph, self.roots, within=self.needed) if self.graph else Impact((), ())

    def causes(self) -> tuple[Cause, ...]:
        """All of them, what concerns everything first."""
        found = [*self.configure, *(cause for causes in self.roots.values() for cause in causes), *self.stale.values()]
        return merged(found)

    def roots_of(self, cause: Cause) -> tuple[str, ...]:
        """The outputs that a cause hits directly."""
        key = (cause.kind, cause.subject)
        return tuple(path for path, causes in self.roots.items() if any((c.kind, c.subject) == key for c in causes))


def take_survey(request: BuildRequest, *, clock: Callable[[], float] = time.time) -> Survey:
    """Raises what `open_session` and `make_plan` raise."""
    session = open_session(request)
    plan, found = session.plan(session.detect(), dry_run=True)
    build_dir, ninja = plan.build_dir, found["ninja"].values["program"]
    graph = load_graph(build_dir, sources_of(session))
    journal = read_journal(session.products)
    log = read_log(build_dir)
    now = clock()
    projects = project_answers(session, plan, found, now)
    if not plan.targets:  # there is no graph but theirs
        empty = BuildGraph(build_dir, (), {}, {})
        return Survey(session, plan, ninja, empty, {}, {}, (), found, {}, {}, journal, now, projects)
    configure = list(pending_changes(session, plan, found, now))
    if graph is None:
        return Survey(session, plan, ninja, None, log, {}, merged(configure or [FIRST]), found, {}, {}, journal, now, projects)
    deps = ask_deps(ninja, build_dir)
    graph = replace(graph, deps=deps)
    reasoner = Reasoner(
        graph,
        session.root,
        deps,
        frozenset(log),
        lambda path: file_time(build_dir / path),
        now,
        load_graph(build_dir, suffix=BEFORE),
    )
    reasons = ask_reasons(ninja, build_dir, plan.targets)
    roots: dict[str, tuple[Cause, ...]] = {}
    for reason in reasons:
        if reason.output == "build.ninja":
            found_in = (replace(cause, library=_owner(session, cause.subject)) for cause in reasoner.causes(reason))
            configure += found_in
        else:
            roots[graph.relative(reason.output)] = reasoner.causes(reason)
    stale = dict(_stale(session, plan, graph, journal, now, roots))
    links = _first_links(graph, roots)
    return Survey(session, plan, ninja, graph, log, deps, merged(configure), found, links, stale, journal, now, projects)


def _stale(
    session: Session,
    plan: Plan,
    graph: BuildGraph,
    journal: Sequence[PublishedFile],
    now: float,
    roots: dict[str, tuple[Cause, ...]],
) -> Iterator[tuple[str, Cause]]:
    """Published files that are not as they should be. What a build makes again before that is put into `roots`."""
    for destination, source, cause in _published(session, plan, journal, now):
        output = graph.relative(source)
        damaged = cause.kind == "damaged" and output in graph.by_output
        if damaged and (session.root / destination).samefile(source):
            roots[output] = (cause,)  # a build deletes it first, so that it is made again
        elif cause.kind != "earlier" or output not in roots:
            yield destination, cause


def _first_links(graph: BuildGraph, roots: Mapping[str, tuple[Cause, ...]]) -> dict[str, tuple[Cause, ...]]:
    """Without what is newer only because a command made it that runs again anyway."""
    running = {graph.by_output[path].output for path in roots if path in graph.by_output}
    found = {}
    for path, causes in roots.items():
        kept = tuple(
            cause for cause in causes if not (cause.kind == "earlier" and graph.by_output[cause.subject].output in running)
        )
        if kept:
            found[path] = kept
    return found


def _owner(session: Session, path: str) -> str:
    return sources_of(session).library_of(path)


def sources_of(session: Session) -> Sources:
    """The folders by which edges are given to libraries."""
    return Sources({library.source: library.name for library in session.graph.order})


def file_time(path: Path) -> int | None:
    """Modification time in nanoseconds; None for what is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def pending_changes(session: Session, plan: Plan, found: Mapping[str, Detection], now: float) -> tuple[Cause, ...]:
    """Why a build would run cmake first: the fingerprint of now against the one of the last configuration."""
    state, manifest = plan.build_dir / "configure.json", session.manifest.path
    old = read_json(state)
    if not old or not (plan.build_dir / "build.ninja").is_file():
        return (replace(FIRST, text="this build tree was not configured yet" if not old else "build.ninja is missing"),)
    changes = [_as_dict(change) for change in fingerprint(plan, found).differences(old)]
    causes = list(change_causes(changes))
    edited, configured = file_time(manifest) or 0, file_time(state) or 0
    said = f"{manifest.name} was modified {age(now - edited / 1e9)}"
    if edited > configured:
        causes = [replace(cause, details=(*cause.details, said)) for cause in causes]
    siblings = plan.build_dir / "siblings.cmake"
    if siblings.is_file() and siblings.read_text(encoding="utf-8") != plan.siblings:
        causes.append(Cause("file", manifest.name, f"{said}: names, versions or needs of the libraries differ"))
    return tuple(causes)


def reaches_commands(survey: Survey, option: str) -> bool:
    """Whether a definition for cmake follows from the option's value: found by planning with another one."""
    session, value = survey.session, survey.session.options.values[option]
    other = {"ON": "OFF", "OFF": "ON"}.get(value.value, f"{value.value}another")
    options = replace(session.options, values={**session.options.values, option: replace(value, value=other)})
    try:
        changed, _ = replace(session, options=options).plan(survey.found, dry_run=True)
    except BuildError:
        return True
    return changed.definitions != survey.plan.definitions


def _as_dict(change: object) -> Mapping[str, Any] | str:
    if isinstance(change, str):
        return change
    return {key: getattr(change, key) for key in ("scope", "name", "before", "after", "cause")}


def _published(session: Session, plan: Plan, journal: Sequence[PublishedFile], now: float) -> Iterator[tuple[str, str, Cause]]:
    """Destination, source and cause of each published file that is not as it should be. Damage to a linked file is to both."""
    root = session.root
    for file in journal:
        place, source = root / file.destination, file_time(file.source)
        if file_time(place) is None:
            text = f"{file.destination} is not there any more"
            yield file.destination, str(file.source), Cause("missing", file.destination, text)
        elif (place.stat().st_size, file_time(place)) != (file.size, file.mtime_ns):
            text = f"{file.destination} is not what was published"
            yield file.destination, str(file.source), Cause("damaged", file.destination, text)
        elif source is None and file.kind == "header":
            name = file.source.relative_to(root).as_posix()
            yield file.destination, str(file.source), Cause("gone", name, f"{name} is not there any more")
        elif source is not None and source != file.mtime_ns and file.kind == "header":
            name = file.source.relative_to(root).as_posix()
            yield file.destination, str(file.source), Cause("file", name, f"{name} was modified {age(now - source / 1e9)}")
        elif source is not None and source != file.mtime_ns and file.kind != "generated":
            text = f"{file.source.name} was made by a build that did not publish it"
            yield file.destination, str(file.source), Cause("earlier", file.destination, text)
    known = {file.destination for file in journal}
    for folder in plan.headers if journal else ():
        for path in sorted(folder.source.rglob("*")):
            destination = f"{folder.destination}/{path.relative_to(folder.source).as_posix()}"
            if path.is_file() and not path.name.startswith(".") and destination not in known:
                name = path.relative_to(root).as_posix()
                yield destination, str(path), Cause("new", name, f"{name} is new")
