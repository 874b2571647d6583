"""What a build would do, or did, about projects that are built alone: an answer for each, with causes and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from orchestrator.detect import Detection
from orchestrator.fastpath import stamp
from orchestrator.insight.answer import Answer, Chain, Step, edge_steps
from orchestrator.insight.buildgraph import Sources, load_graph
from orchestrator.insight.causes import FIRST, Cause, Reason, age, change_causes, impact, parse_reason
from orchestrator.insight.ninjalog import read_log
from orchestrator.plan import Plan
from orchestrator.publish import read_journal
from orchestrator.session import Session
from orchestrator.subbuild.subplan import FOLDER, SubPlan
from orchestrator.subbuild.substate import Inputs, Stamp, SubState, look, read_state

__all__ = ["KIND", "project_answers", "project_history"]

KIND = "project"


def project_answers(session: Session, plan: Plan, found: Mapping[str, Detection], now: float) -> tuple[Answer, ...]:
    """The next build, project by project in build order. Looks at files, and starts nothing."""
    journal = read_journal(plan.prefix)
    answers: dict[str, Answer] = {}
    for sub in plan.projects:
        inputs = look(sub, found, journal, without=session.build_base)
        state = read_state(sub)
        behind = [name for name in sub.needs if name in answers and answers[name].chains]
        configure = tuple(_configure_causes(sub, state, inputs))
        causes = [*configure, *_file_causes(sub, state, inputs, now)]
        chains = [Chain(cause, tuple(_steps(sub, cause in configure))) for cause in causes]
        chains += [Chain(Cause("earlier", name, f"{name}, which it needs, is built first"), (_LOOK,)) for name in behind]
        verdict = "is up to date" if not chains else "will be built again" if causes else "will be looked at again"
        answers[sub.name] = Answer(sub.name, KIND, verdict, tuple(chains))
    return tuple(answers.values())


_LOOK = Step("other", "", (), "built again only if what it reads in the prefix changes", sure=False)


def _steps(sub: SubPlan, configures: bool) -> Iterator[Step]:
    if configures:
        yield Step("configure", sub.name, (), f"configure {sub.name}")
    yield Step("other", sub.name, (), f"run what follows from it in {FOLDER}/{sub.name}, then its install rules")


def _configure_causes(sub: SubPlan, state: SubState, now: Inputs) -> Iterator[Cause]:
    texts, changes = state.reasons(now)
    if not state.configured:
        yield replace(FIRST, library=sub.name, text="it was not configured yet")
        return
    for cause in change_causes([asdict(change) for change in changes]):
        yield replace(cause, library=sub.name)
    said = {change.text() for change in changes}
    yield from (Cause("file", text, text, library=sub.name) for text in texts if text not in said)


def _file_causes(sub: SubPlan, state: SubState, now: Inputs, clock: float) -> Iterator[Cause]:
    """Files that differ from what the last build read or installed."""
    if not state.built:
        if state.configured:
            yield Cause("earlier", sub.name, "the last build of it did not come to its end", library=sub.name)
        return
    before = {path: (mtime, size) for path, mtime, size in state.built["sources"]}
    for path, mtime, size in now.sources:
        if path in before and before[path] != (mtime, size):
            name = Path(path).relative_to(sub.source).as_posix()
            yield Cause("file", name, f"{name} was modified {age(clock - mtime / 1e9)}", library=sub.name)
    for name, key in now.linked.items():
        if state.built["linked"].get(name) != key:
            yield Cause("earlier", name, f"{name}, which it needs, was built anew", library=sub.name)
    yield from _elsewhere(sub, state.built["others"], "was modified")
    yield from _elsewhere(sub, state.built["installed"], "is not what was installed")


def _elsewhere(sub: SubPlan, stamps: Iterable[Stamp], words: str) -> Iterator[Cause]:
    for path, mtime, size in stamps:
        if stamp(path) != [mtime, size]:
            name = path.removeprefix(f"{sub.prefix}/")
            yield Cause("damaged" if "installed" in words else "file", name, f"{name} {words}", library=sub.name)


def project_history(plan: Plan, events: Sequence[Mapping[str, Any]]) -> tuple[Answer, ...]:
    """What the last build did about each project that it did something about, from its record."""
    answers = []
    for sub in plan.projects:
        place = f"{FOLDER}/{sub.name}/"
        mine = [event for event in events if event.get("library") == sub.name]
        causes = [
            Cause("unknown", text, str(text), library=sub.name)
            for event in mine
            if event["event"] == "Configured"
            for text in event["reasons"]
        ]
        explained = [str(event["reason"]) for event in events if str(event.get("output", "")).startswith(place)]
        reasons = [reason for text in explained if (reason := parse_reason(text))]
        newer = dict.fromkeys(reason.path for reason in reasons if reason.kind == "newer")
        causes += [Cause("file", path, f"{_short(sub, path)} was modified", library=sub.name) for path in newer]
        ran = [event for event in mine if event["event"] == "Progress"]
        if causes or ran:
            steps = tuple(_history_steps(sub, reasons))
            chains = tuple(Chain(cause, steps) for cause in causes)
            verdict = f"ran {len(ran)} command{'s' * (len(ran) != 1)}"
            answers.append(Answer(sub.name, KIND, verdict, chains, (), () if chains else steps))
    return tuple(answers)


def _history_steps(sub: SubPlan, reasons: Sequence[Reason]) -> list[Step]:
    graph = load_graph(sub.build_dir, Sources({}))
    if graph is None:
        return []
    found = impact(graph, [graph.relative(reason.output) for reason in reasons], within=graph.needed(["all"]))
    edges = [replace(edge, library=sub.name) for edge in found.sure]
    return edge_steps(edges, read_log(sub.build_dir))


def _short(sub: SubPlan, path: str) -> str:
    for folder in (sub.source, sub.prefix, sub.build_dir):
        path = path.removeprefix(f"{folder}/")
    return path
