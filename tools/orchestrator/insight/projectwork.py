"""What a build would run in the trees of projects that are built alone, as edges of one graph together with the rest.

Their configurations and installations become edges, too, so that one schedule holds all that waits for each other.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.configure import pending
from orchestrator.detect import Detection
from orchestrator.insight.buildgraph import BuildGraph, Edge, load_graph
from orchestrator.insight.causes import impact
from orchestrator.insight.estimate import STEPS, Durations, durations_near, forecast_edges, siblings
from orchestrator.insight.ninjalog import read_log
from orchestrator.insight.ninjaquery import ask_deps, ask_reasons
from orchestrator.insight.record import EVENTS, record_folders
from orchestrator.insight.survey import sources_of
from orchestrator.insight.trees import moved, within
from orchestrator.ninjaruns import LOG
from orchestrator.plan import Plan
from orchestrator.publish import PublishedFile, read_journal
from orchestrator.session import Session
from orchestrator.subbuild.subplan import FOLDER, SubPlan
from orchestrator.subbuild.substate import look, read_state, source_files

__all__ = ["Whole", "predict", "whole_work"]

GRAPH = ""
"""The one graph's name among the projects."""


@dataclass(frozen=True)
class _Project:
    """One project. `tree` is its graph, or that of another configuration; None where nobody configured it yet.

    `sure` and `most` are outputs of the tree that are made in any case, and at most; `begun` says whether anything is done in
    any case, `reopened` that what it reads decides. `links` and `headers` (files of the prefix) are what others see of it.
    `anew` says that a definition decides about each command.
    """

    name: str
    tree: BuildGraph | None
    configures: bool = False
    anew: bool = False
    begun: bool = False
    reopened: bool = False
    sure: frozenset[str] = frozenset()
    most: frozenset[str] = frozenset()
    links: bool = False
    headers: frozenset[str] = frozenset()

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its edges that are no command of ninja's and run in any case."""
        wanted = (self.configures, self.begun)
        return tuple(_step_name(self.name, phase) for phase, runs in zip(STEPS, wanted, strict=True) if runs)


def _step_name(library: str, phase: str) -> str:
    """What the edge of a phase is called, as in a trace."""
    return f"{library or 'the graph'}: {phase}"


def _of_graph(
    session: Session, name: str, source: str, prefix: Path, journal: Iterable[PublishedFile], sure: Sequence[Edge]
) -> _Project:
    """What projects that need it see of a library of the one graph."""
    mine = [edge for edge in sure if edge.library == name]
    files = source_files(session.root / source, without=session.build_base)
    changing = _changing(prefix, [file for file in journal if file.owner == name], files)
    return _Project(name, None, begun=bool(mine), links=any(edge.kind == "link" for edge in mine), headers=changing)


def _work(
    session: Session,
    sub: SubPlan,
    found: Mapping[str, Detection],
    ninja: str,
    journal: Sequence[PublishedFile],
    works: Mapping[str, _Project],
) -> _Project:
    """Looks at files, and asks ninja what it would run in the tree if it has to be built."""
    behind = [works[name] for name in sub.needs if name in works]
    fresh = session.request.fresh
    state, now = read_state(sub), look(sub, found, journal, without=session.build_base)
    again = fresh is not None and (not fresh or sub.name in fresh)
    configured = (sub.build_dir / "build.ninja").is_file()
    texts, changes = state.reasons(now)
    own = again or not configured or not state.current(now)
    reopened = any(work.begun or work.reopened for work in behind)
    if not (own or reopened):
        return _Project(sub.name, None)
    tree = _tree(sub, session.build_dir, configured=configured)
    work = _Project(sub.name, tree, bool(texts) or again or not configured, bool(changes), own, reopened)
    if tree is None:
        return replace(work, links=True)
    runs = [edge for edge in tree.needed(["all"]) if not edge.phony]
    every = frozenset(edge.output for edge in runs)
    if again or not configured or state.identity != now.identity:
        return replace(work, sure=every, most=every, links=True, begun=True)
    tree = replace(tree, deps=ask_deps(ninja, sub.build_dir))
    roots = [tree.relative(reason.output) for reason in ask_reasons(ninja, sub.build_dir, ("all",))] if own else []
    woken, perhaps = _woken(tree, runs, behind, sub.prefix)
    linking = [edge.output for edge in runs if edge.kind == "link" and "STATIC_LIBRARY" not in edge.rule]
    if state.relinks(now) or any(work.links for work in behind):  # whatever it links
        woken += linking
    hit = impact(tree, [*roots, *woken], within=runs)
    surely = frozenset(edge.output for edge in hit.sure)
    reach = impact(tree, [*roots, *woken, *perhaps, *(linking if reopened else ())], within=runs)
    most = every if work.configures else surely | {edge.output for edge in (*reach.sure, *reach.perhaps, *hit.perhaps)}
    mine = [file for file in journal if file.owner == sub.name]
    return replace(
        work,
        tree=tree,
        begun=own or bool(surely),
        sure=surely,
        most=most,
        links=any(edge.kind == "link" for edge in hit.sure),
        headers=_changing(sub.prefix, mine, (path for path, _, _ in now.sources)) if own else frozenset(),
    )


def _woken(tree: BuildGraph, runs: Iterable[Edge], behind: Sequence[_Project], prefix: Path) -> tuple[list[str], list[str]]:
    """The outputs made of what surely changes in the prefix, and those made of anything there that may change."""
    place = f"{tree.relative(str(prefix))}/"
    changes = {tree.relative(path) for work in behind for path in work.headers}
    links = any(work.links for work in behind)
    opened = any(work.begun or work.reopened for work in behind)
    sure, perhaps = list[str](), list[str]()
    for edge in runs:
        read = (*edge.inputs, *edge.implicit, *tree.deps.get(edge.output, ()))
        installed = [path for path in read if path.startswith(place)]
        if changes.intersection(installed) or (links and installed and edge.kind == "link"):
            sure.append(edge.output)
        elif opened and installed:
            perhaps.append(edge.output)
    return sure, perhaps


def _tree(sub: SubPlan, build_dir: Path, *, configured: bool) -> BuildGraph | None:
    """The project's own graph, or before its first configuration that of another configuration of the family."""
    if configured:
        return load_graph(sub.build_dir)
    found = (load_graph(tree) for tree in siblings(build_dir, f"{FOLDER}/{sub.name}/{LOG}"))
    return next((graph for graph in found if graph is not None), None)


def _changing(prefix: Path, installed: Iterable[PublishedFile], sources: Iterable[str]) -> frozenset[str]:
    """The installed files that have sources of their name, none of which has their content: the next installation differs."""
    by_name: dict[str, list[str]] = {}
    for name in sources:
        by_name.setdefault(name.rpartition("/")[2], []).append(name)
    changing = set()
    for file in installed:
        path = prefix / file.destination
        same = [name for name in by_name.get(path.name, ()) if Path(name).is_file()]
        if same and path.is_file() and not any(filecmp.cmp(path, name, shallow=False) for name in same):
            changing.add(str(path))
    return frozenset(changing)


def _joined(session: Session, plan: Plan, graph: BuildGraph, works: Sequence[_Project]) -> BuildGraph:
    """All trees as one graph: each project's commands stand between its configuration and its installation.

    The one graph is configured when all projects that it needs are installed, and projects wait for all of it.
    """
    behind = {need for name in plan.graph for need in session.graph.behind(name)}
    before = [_step_name(sub.name, "install") for sub in plan.projects if sub.name in behind]
    edges = [*_framed(GRAPH, before, plan.targets)]
    gate = _step_name(GRAPH, "configure")
    edges += (edge if edge.phony else replace(edge, order_only=(*edge.order_only, gate)) for edge in graph.edges)
    around = f"{session.build_dir}/"
    projects = {sub.name: sub for sub in plan.projects}
    for work in works:
        needs = (_step_name(need if need in projects else GRAPH, "install") for need in projects[work.name].needs)
        edges += _framed(work.name, list(dict.fromkeys(needs)), (f"{FOLDER}/{work.name}/all",))
        if work.tree is not None:
            edges += moved(work.tree, work.name, around, [_step_name(work.name, "configure")]).edges
    return replace(graph, build_dir=session.build_dir, edges=tuple(edges))


def _framed(library: str, before: Sequence[str], targets: Sequence[str]) -> Iterator[Edge]:
    """The two edges around the commands of a tree."""
    gate = _step_name(library, "configure")
    yield Edge((gate,), "", (), (), tuple(before), {}, library, "configure")
    yield Edge((_step_name(library, "install"),), "", tuple(targets), (), (gate,), {}, library, "install")


@dataclass(frozen=True)
class Whole:
    """All work of a build: edges of one graph, and how long they took. `unknown` are projects that nobody configured yet.

    `sure` runs in any case, `most` at most; `expected` is what to count on: where definitions differ, all that they reach.
    """

    graph: BuildGraph
    sure: tuple[Edge, ...]
    most: tuple[Edge, ...]
    expected: tuple[Edge, ...]
    durations: Durations
    unknown: tuple[str, ...]


def whole_work(
    session: Session,
    plan: Plan,
    found: Mapping[str, Detection],
    graph: BuildGraph,
    sure: Sequence[Edge],
    most: Sequence[Edge],
    *,
    configures: bool,
) -> Whole:
    """Adds the projects to what is known of the one graph, which is configured first if `configures`."""
    journal, ninja = read_journal(plan.prefix), found["ninja"].values["program"]
    works: dict[str, _Project] = {}
    late = [sub for sub in plan.projects if set(sub.needs) & {*plan.graph}]
    for sub in plan.projects:
        if sub not in late:
            works[sub.name] = _work(session, sub, found, ninja, journal, works)
    sure, most = _with_woken(plan, graph, sure, most, list(works.values()))
    seen = {item.name: _of_graph(session, item.name, item.source, plan.prefix, journal, sure) for item in plan.libraries}
    for sub in late:
        works[sub.name] = _work(session, sub, found, ninja, journal, {**seen, **works})
    return _whole(session, plan, graph, sure, most, list(works.values()), configures=configures)


def _with_woken(
    plan: Plan, graph: BuildGraph, sure: Sequence[Edge], most: Sequence[Edge], works: Sequence[_Project]
) -> tuple[Sequence[Edge], Sequence[Edge]]:
    """The commands of the one graph, with those that run because of a project before it."""
    needed = [edge for edge in graph.needed(plan.targets) if not edge.phony]
    woken, perhaps = _woken(graph, needed, works, plan.prefix)
    if not (woken or perhaps):
        return sure, most
    hit = impact(graph, [*woken, *(edge.output for edge in sure)], within=needed)
    reach = impact(graph, [*woken, *perhaps, *(edge.output for edge in most)], within=needed)
    names = {edge.output for edge in (*reach.sure, *reach.perhaps, *hit.perhaps)}
    return hit.sure, [edge for edge in needed if edge.output in names]


def _whole(
    session: Session,
    plan: Plan,
    graph: BuildGraph,
    sure: Sequence[Edge],
    most: Sequence[Edge],
    works: Sequence[_Project],
    *,
    configures: bool,
) -> Whole:
    whole = _joined(session, plan, graph, works)
    installs = sure and any(name in project.needs for project in plan.projects for name in plan.graph)
    own = {_step_name(GRAPH, "configure")} if configures else set[str]()
    own |= {_step_name(GRAPH, "install")} if installs else set()

    def edges(
        base: Sequence[Edge], outputs: Callable[[_Project], Iterable[str]], *, reopened: bool = False
    ) -> tuple[Edge, ...]:
        names = own | {edge.output for edge in base}
        for work in works:
            names |= {within(f"{FOLDER}/{work.name}/", output) for output in outputs(work)}
            names.update(work.steps)
            if reopened and work.reopened:
                names.add(_step_name(work.name, "install"))
        return tuple(edge for edge in whole.edges if edge.output in names)

    return Whole(
        whole,
        edges(sure, lambda work: work.sure),
        edges(most, lambda work: work.most, reopened=True),
        edges(most if configures else sure, lambda work: work.most if work.anew else work.sure),
        _with_steps(session, plan, durations_near(session.build_dir, read_log(session.build_dir))),
        tuple(work.name for work in works if work.begun and work.tree is None),
    )


def _with_steps(session: Session, plan: Plan, durations: Durations) -> Durations:
    """The same, with what commands in projects' trees took, and their configurations and installations."""
    own, others = dict(durations.own), dict(durations.others)
    for sub in plan.projects:
        place = f"{FOLDER}/{sub.name}/"
        own |= {within(place, output): entry.seconds for output, entry in read_log(sub.build_dir).items()}
        for tree in siblings(session.build_dir, f"{place}{LOG}"):
            others = {within(place, output): entry.seconds for output, entry in read_log(tree).items()} | others
    wanted = {_step_name(name, phase) for name in (GRAPH, *(sub.name for sub in plan.projects)) for phase in STEPS}
    own |= _step_seconds(session.build_dir, wanted)
    for tree in siblings(session.build_dir, "logs"):
        if missing := wanted - {*own} - {*others}:
            others |= _step_seconds(tree, missing)
    return Durations(own, others)


def _step_seconds(build_dir: Path, wanted: Iterable[str]) -> dict[str, float]:
    """What each step took when it succeeded last, from the records of the tree's builds; of several commands the sum."""
    missing, took = set(wanted), dict[str, float]()
    for folder in record_folders(build_dir):
        if not missing:
            break
        found: dict[str, float] = {}
        for event in _ended_steps(folder / EVENTS):
            name = _step_name(event["library"], event["phase"])
            if name in missing and event["status"] == 0:
                found[name] = found.get(name, 0.0) + event["seconds"]
        missing -= found.keys()
        took |= found
    return took


def _ended_steps(record: Path) -> Iterator[dict[str, Any]]:
    """The ends of steps in a record, most of whose lines are what tools printed."""
    try:
        text = record.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        if line.startswith('{"event":"StepEnded"'):
            with contextlib.suppress(ValueError):  # a killed build's last line
                yield json.loads(line)


def predict(session: Session, plan: Plan, found: Mapping[str, Detection]) -> float | None:
    """Seconds that a build of everything in the plan will need; None where nothing is known or to be done."""
    empty = BuildGraph(plan.build_dir, (), {}, {})
    graph = load_graph(plan.build_dir, sources_of(session)) if plan.targets else empty
    if graph is None:
        return None
    needed = [edge for edge in graph.needed(plan.targets) if not edge.phony]
    reasons = ask_reasons(found["ninja"].values["program"], plan.build_dir, plan.targets) if plan.targets else ()
    hit = impact(graph, [graph.relative(reason.output) for reason in reasons], within=needed)
    graph = replace(graph, deps=ask_deps(found["ninja"].values["program"], plan.build_dir)) if plan.targets else graph
    configures = bool(plan.targets) and bool(pending(plan, found)[0])
    whole = whole_work(session, plan, found, graph, hit.sure, needed, configures=configures)
    forecast = forecast_edges(whole.graph, whole.expected, whole.durations, session.jobs)
    return forecast.schedule.wall if forecast.known and whole.expected and not whole.unknown else None
