"""`explain --last`: what the last build did, and why, from its record (logs/latest/events.jsonl)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError
from orchestrator.insight.answer import Answer, Chain, ExplainReport, Step, edge_steps
from orchestrator.insight.apart import project_history
from orchestrator.insight.buildgraph import BuildGraph, load_graph
from orchestrator.insight.causes import FIRST, Cause, Reason, Reasoner, age, change_causes, impact, merged, parse_reason
from orchestrator.insight.explain import Aim, aim_at, relevant
from orchestrator.insight.record import read_events
from orchestrator.insight.survey import Survey, file_time, sources_of, take_survey
from orchestrator.ninja import BEFORE
from orchestrator.publish import damage_note
from orchestrator.session import BuildRequest
from orchestrator.subbuild.subplan import FOLDER

__all__ = ["LastBuild", "explain_last"]

EVENTS = "logs/latest/events.jsonl"


@dataclass(frozen=True)
class LastBuild:
    """What a record tells: causes of the configuration, causes by output, what ran, what was published."""

    configure: tuple[Cause, ...]
    roots: Mapping[str, tuple[Cause, ...]]
    ran: frozenset[str]
    published: Mapping[str, Cause | None]  # None: by way of a command that ran

    def causes(self) -> tuple[Cause, ...]:
        """Each once, the configuration's first."""
        placed = (cause for cause in self.published.values() if cause is not None)
        return merged([*self.configure, *(cause for causes in self.roots.values() for cause in causes), *placed])


def explain_last(request: BuildRequest, targets: Sequence[str], *, clock: Callable[[], float]) -> ExplainReport:
    """The report about the last build of the configuration. A BuildError where none is recorded."""
    survey = take_survey(request, clock=clock)
    record = survey.plan.build_dir / EVENTS
    events = read_events(record)
    if not events or survey.graph is None:
        text = f"No build is recorded in {survey.plan.build_dir}."
        raise BuildError(text, next_step="build first: python tools/build_deps.py")
    graph_events = [event for event in events if not str(event.get("output", "")).startswith(f"{FOLDER}/")]
    build = _interpret(survey, survey.graph, graph_events, _previous_end(record))
    apart = {answer.target: answer for answer in project_history(survey.plan, events)}
    answers = [
        apart.get(name) or _answer(survey, survey.graph, build, aim_at(survey, name)) for name in targets or ("everything",)
    ]
    if not targets:
        answers = [*(answers if survey.plan.targets or not apart else ()), *apart.values()]
    return ExplainReport(tuple(answers), True, (_heading(events, survey.now),))


def _heading(events: Sequence[Mapping[str, Any]], now: float) -> str:
    ended = next((event for event in reversed(events) if event["event"] == "Ended"), None)
    begin = float(events[0].get("time", now))
    if ended is None:
        return f"the last build began {age(now - begin)}; its end is not recorded"
    error = f": {ended['error']}" if ended.get("error") else ""
    predicted = f", {ended['predicted']:.1f} s were predicted" if ended.get("predicted") is not None else ""
    return f"the last build began {age(now - begin)}, took {ended['seconds']:.1f} s{predicted}, status {ended['status']}{error}"


def _previous_end(record: Path) -> int:
    """When the build before the last one wrote its last event (nanoseconds); 0 if none is recorded."""
    folder = record.parent.resolve()
    older = sorted(path for path in folder.parent.iterdir() if path.name[:1].isdigit() and path.name < folder.name)
    return (file_time(older[-1] / "events.jsonl") or 0) if older else 0


def _interpret(survey: Survey, graph: BuildGraph, events: Sequence[Mapping[str, Any]], previous: int) -> LastBuild:
    session, build_dir = survey.session, survey.plan.build_dir
    before = load_graph(build_dir, suffix=BEFORE)
    reasoner = Reasoner(
        graph,
        session.root,
        survey.deps,
        frozenset(survey.log),
        lambda path: file_time(build_dir / path),
        float(events[0].get("time", survey.now)),
        before,
        "before the build",
    )
    reasons = [r for event in events if event["event"] == "Explained" and (r := parse_reason(str(event["reason"])))]
    configure: list[Cause] = []
    for event in events:
        if event["event"] == "Configured" and not event.get("library"):
            configure += change_causes(event.get("changes") or event["reasons"])
    for reason in reasons:
        if reason.output == "build.ninja":
            owner = sources_of(session).library_of
            configure += (replace(cause, library=owner(cause.subject)) for cause in reasoner.causes(reason))
    damaged = _damaged(survey, graph, events)
    roots = {
        graph.relative(reason.output): _causes(reasoner, reason, merged(configure), damaged)
        for reason in reasons
        if reason.output != "build.ninja"
    }
    descriptions = {graph.description(edge): edge.output for edge in graph.edges if not edge.phony}
    ran = {descriptions.get(str(event["text"]), "") for event in events if event["event"] == "Progress"} - {""}
    everything = any(cause.kind == "first" for cause in configure)
    published = {} if everything else _published(survey, graph, events, ran, configure or roots, previous)
    return LastBuild(merged(configure), roots, frozenset(ran), published)


def _causes(reasoner: Reasoner, reason: Reason, configure: Sequence[Cause], damaged: Mapping[str, Cause]) -> tuple[Cause, ...]:
    """The causes of one command: a changed command line comes from the configuration that the same build made."""
    output = reasoner.graph.relative(reason.output)
    if reason.kind == "missing" and output in damaged:
        return (damaged[output],)
    if any(cause.kind == "first" for cause in configure):
        return (next(cause for cause in configure if cause.kind == "first"),)
    edge = reasoner.graph.by_output.get(output)
    is_new = reasoner.before is not None and output not in reasoner.before.by_output
    if configure and (reason.kind in ("command", "deps", "unlogged") or (reason.kind == "missing" and is_new)):
        near = [cause for cause in configure if edge is not None and cause.library in ("", edge.library)]
        return tuple(near or configure)
    if reason.kind in ("deps", "unlogged"):
        return (Cause("new", output, f"{output} was not made before"),)
    if reason.kind == "missing":
        return (Cause("missing", output, f"{output} was not there"),)
    return reasoner.causes(reason)


def _damaged(survey: Survey, graph: BuildGraph, events: Sequence[Mapping[str, Any]]) -> dict[str, Cause]:
    notes = {str(event["text"]) for event in events if event["event"] == "Note"}
    return {
        graph.relative(str(file.source)): Cause("damaged", file.destination, f"{file.destination} was not what was published")
        for file in survey.journal
        if damage_note(file.destination) in notes
    }


def _published(
    survey: Survey, graph: BuildGraph, events: Sequence[Mapping[str, Any]], ran: set[str], others: object, previous: int
) -> dict[str, Cause | None]:
    """Destination -> the cause of its publication; None where a command that ran explains it."""
    files = {file.destination: file for file in survey.journal}
    root = survey.session.root
    found: dict[str, Cause | None] = {}
    for event in events:
        if event["event"] != "Published":
            continue
        for name in event["changed"]:
            file = files.get(name)
            edge = graph.by_output.get(graph.relative(str(file.source))) if file else None
            if file is None or (edge is not None and edge.output in ran):
                found[name] = None
            elif file.kind == "generated" and edge is None:
                text = f"the text of {name} changed: version, commit, or what was found"
                found[name] = None if others else Cause("generated", name, text)
            elif file.mtime_ns > previous:
                source = file.source.relative_to(root).as_posix() if file.source.is_relative_to(root) else str(file.source)
                found[name] = Cause("file", source, f"{source} was modified")
            else:
                found[name] = Cause("missing", name, f"{name} was not there, or not what was published")
        found |= {name: Cause("gone", name, f"nothing makes {name} any more") for name in event["removed"]}
    return found


def _answer(survey: Survey, graph: BuildGraph, build: LastBuild, aim: Aim) -> Answer:
    if aim.kind in ("source", "option", "package"):
        chosen = [cause for cause in build.causes() if cause.subject == aim.name]
        chains = [Chain(cause, tuple(_steps(survey, graph, build, cause))) for cause in chosen]
        return Answer(aim.name, aim.kind, "was a cause" if chains else "was no cause of what the last build did", tuple(chains))
    upstream = survey.needed if aim.kind == "everything" else graph.needed(aim.outputs)
    inside = {edge.output for edge in upstream}
    chains = []
    for cause in build.causes():
        hit = _hit(build, cause)
        touches = any(graph.by_output[path].output in inside for path in hit if path in graph.by_output)
        placed = any(_is(other, cause) for place, other in build.published.items() if place in aim.destinations)
        reaches = cause in build.configure and relevant(survey.session, cause, aim.library)
        if aim.kind == "everything" or touches or placed or (reaches and (hit or inside & build.ran)):
            chains.append(Chain(cause, tuple(_steps(survey, graph, build, cause))))
    if aim.kind == "everything":
        what = f"ran {_count(len(build.ran))}" if build.ran else "ran no command"
        return Answer("the last build", aim.kind, what, tuple(chains))
    return Answer(aim.name, aim.kind, _verdict(graph, build, aim), tuple(chains))


def _count(number: int) -> str:
    return f"{number} command{'s' * (number != 1)}"


def _verdict(graph: BuildGraph, build: LastBuild, aim: Aim) -> str:
    ends = {graph.by_output[path].output for path in aim.outputs if path in graph.by_output}
    if ends & build.ran:
        return "was made again"
    return "was published again" if set(aim.destinations) & set(build.published) else "did not have to be made again"


def _is(other: Cause | None, cause: Cause) -> bool:
    return other is not None and (other.kind, other.subject) == (cause.kind, cause.subject)


def _hit(build: LastBuild, cause: Cause) -> list[str]:
    return [path for path, causes in build.roots.items() if any(_is(other, cause) for other in causes)]


def _steps(survey: Survey, graph: BuildGraph, build: LastBuild, cause: Cause) -> list[Step]:
    """What ran because of the cause, what did not have to, and what was published."""
    steps = [Step("configure", cause.library, (), "cmake configured")] if cause in build.configure else []
    if cause.kind == FIRST.kind:
        steps += edge_steps([edge for edge in survey.needed if edge.output in build.ran], survey.log)
        return steps
    found = impact(graph, _hit(build, cause), within=survey.needed)
    ran = [edge for edge in (*found.sure, *found.perhaps) if edge.output in build.ran]
    steps += edge_steps(ran, survey.log)
    spared = [edge for edge in found.perhaps if edge.output not in build.ran and edge.kind != "symbols"]
    if spared and ran:
        steps += edge_steps(spared, {}, sure=False, beginning="nothing they read changed, so not run: ")
    sources = {str(survey.plan.build_dir / output) for edge in ran for output in edge.outputs}
    made = {file.destination for file in survey.journal if str(file.source) in sources}
    places = [place for place, other in build.published.items() if _is(other, cause) or (other is None and place in made)]
    if places:
        steps.append(Step("publish", "", tuple(places), f"published {', '.join(places)}"))
    return steps
