"""The verb `plan`: what a build would run, why, and how long that takes, judged by what the same commands took before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestrator.insight.answer import Answer, edge_steps
from orchestrator.insight.buildgraph import BuildGraph, Edge, load_graph
from orchestrator.insight.causes import Cause, impact
from orchestrator.insight.estimate import Forecast, durations_near, forecast_edges, siblings, typical_seconds
from orchestrator.insight.projectwork import whole_work
from orchestrator.insight.record import EVENTS, read_events, record_folders
from orchestrator.insight.survey import Survey, sources_of, take_survey
from orchestrator.session import BuildRequest, Session

__all__ = ["PlanReport", "plan_report"]

_SHOWN = 5


@dataclass(frozen=True)
class PlanReport:
    """What a build would do. `sure` runs in any case; `perhaps` where a command before it, or cmake, decides.

    `groups` are (library, reason, steps); `seconds` of a step are measured durations.
    """

    headline: str
    configure: tuple[Cause, ...]
    groups: tuple[tuple[str, str, tuple[Any, ...]], ...]
    publish: tuple[str, ...]
    sure: Forecast
    most: Forecast
    jobs: int
    notes: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    configure_seconds: float | None = None
    projects: tuple[Answer, ...] = ()

    def lines(self) -> list[str]:
        """For people."""
        text = [self.headline]
        if self.configure:
            text.append("configure, because")
            for cause in self.configure:
                text += [f"  {cause.text}", *(f"      {detail}" for detail in cause.details)]
        for (library), members in groupby(self.groups, key=lambda group: group[0]):
            text.append(library or "the framework")
            for _, reason, steps in members:
                text += [f"  because {reason}", *(f"    {step.line()}" for step in steps)]
        if self.publish:
            more = f", and {len(self.publish) - _SHOWN} more" if len(self.publish) > _SHOWN else ""
            text.append(f"publish {', '.join(self.publish[:_SHOWN])}{more}")
        text += [line for answer in self.projects for line in answer.lines()]
        if not (self.configure or self.groups or self.publish or self.projects):
            text.append("nothing to do")
        return [*text, *self._times(), *self.notes, *self.definitions]

    def _times(self) -> list[str]:
        most = self.most
        text = [f"time of cmake: about {self.configure_seconds:.1f} s"] if self.configure_seconds is not None else []
        if not most.schedule.critical:
            return [*text, "time: nothing known yet"] if self.configure and not text else text
        if not most.known:
            if not most.commands:
                return [*text, "time: nothing known yet"]
            return [*text, f"time: nothing known yet ({most.commands} commands, and no earlier build to judge by)"]
        low, high = self.sure.schedule.wall, most.schedule.wall
        wall = f"about {low:.1f} s" if high - low < 0.05 else f"about {low:.1f} s, {high:.1f} s if all that may run does"
        count = f"{self.sure.commands}" + (f" to {most.commands}" if most.commands > self.sure.commands else "")
        guessed = f"; {most.guessed} of them never measured, so guessed" if most.guessed else ""
        text.append(f"time: {wall} on {self.jobs} jobs ({count} commands{guessed})")
        critical = (self.sure if self.sure.schedule.critical else most).schedule
        text.append(f"longest chain, {critical.critical_seconds:.1f} s:")
        longest = sorted(critical.critical, key=lambda name: -self.seconds.get(name, 0))[:_SHOWN]
        return text + [f"  {self.seconds.get(name, 0):6.2f} s  {name}" for name in critical.critical if name in longest]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "headline": self.headline,
            "configure": [cause.to_json() for cause in self.configure],
            "groups": [
                {"library": library, "reason": reason, "steps": [step.to_json() for step in steps]}
                for library, reason, steps in self.groups
            ],
            "publish": list(self.publish),
            "jobs": self.jobs,
            "configure_seconds": self.configure_seconds,
            "predicted": self.sure.to_json(),
            "at_most": self.most.to_json(),
            "notes": list(self.notes),
            "projects": [answer.to_json() for answer in self.projects],
        }


def plan_report(request: BuildRequest) -> PlanReport:
    """What `build` with the same request would do. Changes nothing on disk. Raises what opening a session raises."""
    survey = take_survey(request)
    session, jobs = survey.session, survey.session.jobs
    durations = durations_near(session.build_dir, survey.log)
    sure, most, notes = _commands(survey)
    graph = survey.graph
    if graph is None:
        graph, most = _borrowed(session)
        sure, notes = most, [_fresh_note(bool(most))]
    nothing_known = graph.build_dir == session.build_dir and survey.graph is None
    if survey.plan.projects:
        configures = bool(survey.plan.targets and survey.configure)
        whole = whole_work(session, survey.plan, survey.found, graph, sure, most, configures=configures)
        graph, sure, most, durations = whole.graph, whole.sure, whole.most, whole.durations
        notes += [f"{name} is not configured yet: its commands are known after that" for name in whole.unknown]
        nothing_known |= bool(whole.unknown)
    typical = typical_seconds(most, durations)
    seconds = {edge.output: durations.of(edge, typical)[0] for edge in most}
    framework = session.manifest.framework
    return PlanReport(
        headline=f"{framework.name} {framework.version} ({session.config}) in {session.build_dir}",
        configure=survey.configure,
        groups=tuple(_groups(survey)),
        publish=_publications(survey),
        sure=_unless(nothing_known, forecast_edges(graph, sure, durations, jobs)),
        most=_unless(nothing_known, forecast_edges(graph, most, durations, jobs)),
        jobs=jobs,
        notes=tuple(notes),
        definitions=tuple(survey.plan.lines()) if request.verbose else (),
        seconds=seconds,
        # With projects it is one of the things that overlap.
        configure_seconds=_configure_seconds(session.build_dir) if survey.configure and not survey.plan.projects else None,
        projects=tuple(answer for answer in survey.projects if answer.chains),
    )


def _unless(nothing_known: bool, forecast: Forecast) -> Forecast:
    return replace(forecast, known=False) if nothing_known else forecast


def _configure_seconds(build_dir: Path) -> float | None:
    """What cmake took when a build ran it last, in this tree or (a first configuration) in another."""
    for tree in (build_dir, *siblings(build_dir)):
        for folder in record_folders(tree):
            for event in read_events(folder / EVENTS):
                if event["event"] == "Configured" and not event.get("library"):
                    return float(event["seconds"])
    return None


def _fresh_note(known: bool) -> str:
    if known:
        return "nothing is configured yet: the commands are those of the build tree of another configuration"
    return "nothing is configured yet: which commands there are is known after the first configuration"


def _commands(survey: Survey) -> tuple[tuple[Edge, ...], tuple[Edge, ...], list[str]]:
    """The commands of the one graph that run surely, all that may run, and what has to be said about that."""
    sure, perhaps, notes = survey.impact.sure, list(survey.impact.perhaps), []
    if survey.graph is not None and survey.configure:
        libraries = {cause.library for cause in survey.configure}
        names = {edge.output for edge in (*sure, *perhaps)}
        perhaps += [
            edge
            for edge in survey.needed
            if not edge.phony and edge.output not in names and ("" in libraries or edge.library in libraries)
        ]
        reach = "all libraries" if "" in libraries else ", ".join(sorted(libraries))
        notes.append(f"cmake runs first: which commands change is known after it; at most those of {reach} and what follows")
        found = impact(survey.graph, [edge.output for edge in perhaps], within=survey.needed)
        known = {edge.output for edge in (*sure, *perhaps)}
        perhaps += [edge for edge in (*found.sure, *found.perhaps) if edge.output not in known]
    chosen = {edge.output for edge in (*sure, *perhaps)}
    return sure, tuple(edge for edge in survey.needed if edge.output in chosen), notes


def _borrowed(session: Session) -> tuple[BuildGraph, tuple[Edge, ...]]:
    """The commands of another configuration's tree, for a tree that has none yet."""
    requested = session.graph.closure(session.request.libraries, only=session.request.only)
    for tree in siblings(session.build_dir):
        graph = load_graph(tree, sources_of(session))
        if graph is not None:
            edges = graph.needed([f"{library.source}/all" for library in requested])
            return graph, tuple(edge for edge in edges if not edge.phony)
    return BuildGraph(session.build_dir, (), {}, {}), ()


def _groups(survey: Survey) -> Iterable[tuple[str, str, tuple[Any, ...]]]:
    """Each command once, under the first cause that reaches it, by library."""
    if survey.graph is None:
        return
    given: set[str] = set()
    rows: list[tuple[str, str, tuple[Any, ...]]] = []
    order = ["", *(library.name for library in survey.session.graph.order)]
    found = [(cause, impact(survey.graph, survey.roots_of(cause), within=survey.needed)) for cause in survey.causes()]
    for cause, edges, sure in (
        *((cause, each.sure, True) for cause, each in found),
        *((cause, each.perhaps, False) for cause, each in found),
    ):
        mine = sorted((edge for edge in edges if edge.output not in given), key=lambda edge: order.index(edge.library))
        given |= {edge.output for edge in mine}
        for library, group in groupby(mine, key=lambda edge: edge.library):
            beginning = "" if sure else "only if what it reads changes: "
            rows.append((library, cause.text, tuple(edge_steps(list(group), survey.log, sure=sure, beginning=beginning))))
    rows.sort(key=lambda row: order.index(row[0]))
    for (library, reason), members in groupby(rows, key=lambda row: row[:2]):
        yield library, reason, tuple(step for row in members for step in row[2])


def _publications(survey: Survey) -> tuple[str, ...]:
    made = {str(survey.plan.build_dir / output) for edge in survey.impact.sure for output in edge.outputs}
    products = survey.plan.products
    names = [item.destination for item in products if str(item.built) in made or not survey.journal]
    return tuple(dict.fromkeys([*names, *survey.stale]))
