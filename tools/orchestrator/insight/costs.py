"""Where a build's time goes: units, headers, the compiler cache, and how well the jobs were used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.insight.buildgraph import BuildGraph, Edge, tree_path
from orchestrator.insight.causes import parse_reason
from orchestrator.insight.estimate import Durations, forecast_edges
from orchestrator.insight.ninjalog import LogEntry
from orchestrator.insight.record import BuildRecord, Span
from orchestrator.insight.schedule import Schedule

__all__ = [
    "CacheRow",
    "HeaderCost",
    "Unit",
    "Usage",
    "cache_rows",
    "header_costs",
    "unit_costs",
    "usage_of",
    "why",
]

_WORDS = {
    "missing": "it had no object yet",
    "command": "its command line changed",
    "unlogged": "its command was never run",
    "deps": "ninja's record of its headers was incomplete",
    "other": "ninja found it out of date",
}


@dataclass(frozen=True)
class Unit:
    """A compiled unit: what its last compilation took, and how many files that read beside the source.

    `peak_bytes` is the memory that its compiler needed when it ran last; None where that was not measured.
    """

    output: str
    source: str
    library: str
    seconds: float
    headers: int
    peak_bytes: int | None = None


@dataclass(frozen=True)
class HeaderCost:
    """A header: the units that read it, and the sum of their last compile times. That is what an edit of it compiles again.

    It is no measure of the time inside of the header: a unit counts in full for each header that it reads. `origin` is
    project, generated (in the build tree) or elsewhere.
    """

    path: str
    origin: str
    units: int
    seconds: float
    libraries: tuple[str, ...]


@dataclass(frozen=True)
class CacheRow:
    """What the compiler cache answered for one source, which may be compiled to several objects. `why` explains what missed."""

    source: str
    library: str
    hits: int
    misses: int
    uncacheable: int
    why: str


@dataclass(frozen=True)
class Usage:
    """How the jobs were used: `wall` seconds from the first command's begin to the last one's end, on `jobs` jobs.

    `schedule` is what the same commands would have needed at best: in ninja's order, without any pause.
    """

    jobs: int
    wall: float
    work: float
    schedule: Schedule

    @property
    def efficiency(self) -> float:
        """The share of the jobs' time in which commands ran, from 0 to 1."""
        return self.work / (self.wall * self.jobs) if self.wall > 0 and self.jobs else 0.0

    @property
    def bound(self) -> float:
        """No build with so many jobs is quicker: the longest chain, or the work divided by the jobs."""
        return max(self.schedule.critical_seconds, self.work / max(1, self.jobs))


def unit_costs(
    graph: BuildGraph, log: Mapping[str, LogEntry], root: Path, peaks: Mapping[str, int] | None = None
) -> tuple[Unit, ...]:
    """All compiled units whose times are known, the slowest first. `peaks` are bytes of memory by output."""
    known = peaks or {}
    units = []
    for edge in graph.edges:
        if edge.kind == "compile" and (entry := log.get(edge.output)) and edge.inputs:
            headers = max(0, len(graph.deps.get(edge.output, ())) - 1)
            source = _shown(edge.inputs[0], root)
            units.append(Unit(edge.output, source, edge.library, entry.seconds, headers, known.get(edge.output)))
    return tuple(sorted(units, key=lambda unit: (-unit.seconds, unit.output)))


def header_costs(graph: BuildGraph, log: Mapping[str, LogEntry], root: Path) -> tuple[HeaderCost, ...]:
    """All headers that units were seen to read, the costliest first."""
    readers: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        if edge.kind == "compile" and edge.output in log:
            for path in {*graph.deps.get(edge.output, ())} - {*edge.inputs}:
                readers.setdefault(path, []).append(edge)
    costs = [
        HeaderCost(
            _shown(path, root),
            _origin(path, root),
            len(edges),
            sum(log[edge.output].seconds for edge in edges),
            tuple(dict.fromkeys(edge.library for edge in edges if edge.library)),
        )
        for path, edges in readers.items()
    ]
    return tuple(sorted(costs, key=lambda cost: (-cost.seconds, cost.path)))


def _shown(path: str, root: Path) -> str:
    return path.removeprefix(f"{root}/")


def _origin(path: str, root: Path) -> str:
    if not path.startswith("/"):  # in the build tree; what was found elsewhere and copied stands in `deps`
        return "elsewhere" if path.startswith("deps/") else "generated"
    return "project" if path.startswith(f"{root}/") else "elsewhere"


def cache_rows(record: BuildRecord, graph: BuildGraph, root: Path) -> tuple[CacheRow, ...]:
    """A row for each source that came to the cache, what missed first.

    A cache does not say why it has no answer; ninja said why the unit was compiled at all, and that is shown.
    """
    outputs: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        if edge.kind == "compile" and edge.inputs:
            outputs.setdefault(_shown(edge.inputs[0], root), []).append(edge)
    answers: dict[str, list[str]] = {}
    for source, answer in record.cache["units"] if record.cache else ():
        answers.setdefault(_shown(graph.relative(source), root), []).append(answer)
    rows = []
    for source, given in answers.items():
        edges = outputs.get(source, [])
        others = [answer for answer in given if answer not in ("hit", "miss")]
        words = list(dict.fromkeys(others))
        if "miss" in given:
            words += dict.fromkeys(
                said for edge in edges if (said := why(record.reasons.get(edge.output, ""), graph.build_dir, root))
            )
        library = edges[0].library if edges else ""
        rows.append(CacheRow(source, library, given.count("hit"), given.count("miss"), len(others), "; ".join(words)))
    return tuple(sorted(rows, key=lambda row: (-row.misses - row.uncacheable, row.source)))


def why(said: str, build_dir: Path, root: Path) -> str:
    """ninja's reason for a command in a few words; empty for none."""
    reason = parse_reason(said) if said else None
    if reason is None:
        return ""
    newer = _shown(tree_path(reason.path, f"{build_dir}/"), root)
    return f"{newer} is newer" if reason.kind == "newer" else _WORDS[reason.kind]


def usage_of(record: BuildRecord, graph: BuildGraph) -> Usage | None:
    """How the jobs of a build were used; None if it ran no command that the graph knows."""
    took = {span.detail: span.seconds for span in record.commands}
    edges = [edge for edge in graph.edges if edge.output in took and edge.output != "build.ninja"]
    ran = [span for span in record.commands if span.kind != "configure"]
    if not edges or not ran:
        return None
    jobs = max(1, record.jobs)
    schedule = forecast_edges(graph, edges, Durations(took, {}), jobs).schedule
    return Usage(jobs, _wall(ran), sum(span.seconds for span in ran), schedule)


def _wall(spans: Sequence[Span] | Iterable[Span]) -> float:
    spans = list(spans)
    return max(span.end for span in spans) - min(span.begin for span in spans)
