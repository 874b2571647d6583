"""How long commands take, judged by what the same commands took before. Light: each edit asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.insight.buildgraph import BuildGraph, Edge
from orchestrator.insight.causes import impact
from orchestrator.insight.ninjalog import LogEntry, read_log
from orchestrator.insight.schedule import Schedule, Task, simulate
from orchestrator.ninjaruns import LOG

__all__ = ["STEPS", "Durations", "Expected", "Forecast", "durations_near", "forecast_edges", "siblings", "typical_seconds"]

STEPS = ("configure", "install")
"""Kinds of edges that are no command of ninja's."""


@dataclass(frozen=True)
class Durations:
    """What commands took: `own` in this tree, `others` in trees of other configurations. Seconds by output."""

    own: Mapping[str, float]
    others: Mapping[str, float]

    def of(self, edge: Edge, typical: Mapping[str, float]) -> tuple[float, bool]:
        """Seconds, and whether this very command was measured; otherwise the middle of its kind."""
        for known in (self.own, self.others):
            if edge.output in known:
                return known[edge.output], True
        return typical.get(edge.kind, typical.get("", 0.0)), False


@dataclass(frozen=True)
class Forecast:
    """A schedule of `commands`, of which `guessed` were never measured. `known` is false where there is no history at all."""

    schedule: Schedule
    commands: int
    guessed: int
    known: bool

    def to_json(self) -> dict[str, Any]:
        """For programs; `seconds` is None where nothing is known."""
        return {
            "seconds": round(self.schedule.wall, 3) if self.known else None,
            "work_seconds": round(self.schedule.work, 3) if self.known else None,
            "commands": self.commands,
            "guessed": self.guessed,
            "critical_seconds": round(self.schedule.critical_seconds, 3) if self.known else None,
            "critical_path": list(self.schedule.critical) if self.known else [],
        }


def durations_near(build_dir: Path, log: Mapping[str, LogEntry]) -> Durations:
    """What this tree and the trees beside it (other configurations) remember."""
    others: dict[str, float] = {}
    for tree in siblings(build_dir):
        others = {output: entry.seconds for output, entry in read_log(tree).items()} | others
    return Durations({output: entry.seconds for output, entry in log.items()}, others)


def siblings(build_dir: Path, having: str = LOG) -> list[Path]:
    """The folders of a file of this name in the trees of other configurations."""
    try:
        found = build_dir.parent.glob(f"*/{having}")
        return sorted(path.parent for path in found if not path.is_relative_to(build_dir))
    except OSError:
        return []


def typical_seconds(edges: Iterable[Edge], durations: Durations) -> dict[str, float]:
    """The median of each kind of command; under the empty name that of all."""
    measured: dict[str, list[float]] = {}
    for edge in edges:
        seconds, known = durations.of(edge, {})
        if known:
            measured.setdefault(edge.kind, []).append(seconds)
            measured.setdefault("", []).append(seconds)
    if not measured and (every := [*durations.own.values(), *durations.others.values()]):
        measured[""] = every
    return {kind: sorted(values)[len(values) // 2] for kind, values in measured.items()}


def forecast_edges(graph: BuildGraph, edges: Sequence[Edge], durations: Durations, jobs: int) -> Forecast:
    """Schedules the edges on `jobs` workers; edges that were never measured take the median of their kind."""
    typical = typical_seconds((edge for edge in graph.edges if not edge.phony), durations) if edges else {}
    return _scheduled(graph, edges, durations, typical, jobs)


def _scheduled(
    graph: BuildGraph, edges: Sequence[Edge], durations: Durations, typical: Mapping[str, float], jobs: int
) -> Forecast:
    waits = _waits(graph, {edge.output for edge in edges})
    tasks, guessed = [], 0
    for edge in edges:
        seconds, known = durations.of(edge, typical)
        guessed += not known
        tasks.append(Task(edge.output, seconds, waits(edge)))
    commands = sum(edge.kind not in STEPS for edge in edges)
    return Forecast(simulate(tasks, jobs), commands, guessed, bool(typical) or not edges)


def _waits(graph: BuildGraph, chosen: set[str]) -> Any:
    """A function from an edge to the chosen edges that it waits for, through phony names and edges that do not run."""
    memo: dict[str, frozenset[str]] = {}

    def behind(path: str) -> frozenset[str]:
        edge = graph.by_output.get(path)
        if edge is None:
            return frozenset()
        if edge.output in chosen:
            return frozenset((edge.output,))
        if edge.output not in memo:
            memo[edge.output] = frozenset()
            inputs = (*edge.inputs, *edge.implicit, *edge.order_only)
            memo[edge.output] = frozenset().union(*map(behind, inputs))
        return memo[edge.output]

    def waits(edge: Edge) -> tuple[str, ...]:
        found = frozenset().union(*map(behind, (*edge.inputs, *edge.implicit, *edge.order_only)))
        return tuple(found - {edge.output})

    return waits


class Expected:
    """The schedule of what follows from some outputs. All that does not depend on these is worked out at once."""

    def __init__(self, graph: BuildGraph, targets: Iterable[str], durations: Durations, jobs: int) -> None:
        self._graph = graph
        self._needed = graph.needed(targets)
        self._durations = durations
        self._typical = typical_seconds((edge for edge in graph.edges if not edge.phony), durations)
        self._jobs = jobs
        _ = graph.consumers  # which keeps the answer

    def seconds(self, outputs: Iterable[str]) -> float | None:
        """How long making the outputs, and what follows from them, takes; None where nothing is known.

        Commands behind a list of symbols count as not run: they seldom do.
        """
        found = impact(self._graph, [self._graph.relative(output) for output in outputs], within=self._needed)
        forecast = _scheduled(self._graph, found.sure, self._durations, self._typical, self._jobs)
        return forecast.schedule.wall if forecast.known and found.sure else None
