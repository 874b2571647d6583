"""The verb `graph`: the libraries with what they need, use and declare, how much work each is, and the longest chain.

It answers as a tree of text, as DOT for Graphviz and all that reads it, and as an SVG that is drawn here: that one needs no
program, and is the same everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError
from orchestrator.insight.buildgraph import BuildGraph, Edge
from orchestrator.insight.estimate import durations_near, forecast_edges
from orchestrator.insight.graphdrawing import Drawn, draw
from orchestrator.insight.ninjalog import LogEntry
from orchestrator.insight.trees import load_log, load_trees, target_of
from orchestrator.manifest import Library
from orchestrator.session import BuildRequest, open_session

__all__ = ["FORMATS", "GraphDrawing", "GraphReport", "Node", "graph_drawing", "graph_report"]

FORMATS = ("text", "dot", "svg")


@dataclass(frozen=True)
class Node:
    """A library. `units` counts its commands by kind and `seconds` is their sum, both None before the first configuration.

    `critical` says that commands of it lie on the longest chain of a build from nothing.
    """

    library: Library
    needed_by: tuple[str, ...]
    units: Mapping[str, int] | None
    seconds: float | None
    critical: bool

    def title(self) -> str:
        """Kind and version; projects of others have none."""
        return f"{self.library.kind} {self.library.version}".rstrip()

    def facts(self) -> str:
        """One line: uses, options, work."""
        library = self.library
        parts = [f"uses {', '.join(library.uses)}"] if library.uses else []
        parts += [f"options {', '.join(library.options)}"] if library.options else []
        return "; ".join([*parts, *([self.work()] if self.work() else [])])

    def work(self) -> str:
        """How many units, and their time; empty before the first configuration."""
        if self.units is None:
            return ""
        count = self.units.get("compile", 0)
        took = f", {self.seconds:.1f} s of work" if self.seconds is not None else ""
        return f"{count} unit{'s' * (count != 1)}{took}"


@dataclass(frozen=True)
class GraphReport:
    """The libraries in build order.

    `wall` are the seconds of a build from nothing on `jobs` jobs, `chain` its longest chain of (seconds, output).
    """

    name: str
    nodes: tuple[Node, ...]
    jobs: int
    wall: float | None
    chain: tuple[tuple[float, str], ...]

    def lines(self) -> list[str]:
        """A tree: below each library stands what needs it; one that needs several stands below each, and once in full."""
        by_name = {node.library.name: node for node in self.nodes}
        text = [self.name]
        shown: set[str] = set()

        def show(name: str, prefix: str, last: bool) -> None:
            node = by_name[name]
            mark = " *" if node.critical else ""
            branch, more = ("`-- ", "    ") if last else ("|-- ", "|   ")
            if name in shown:
                text.append(f"{prefix}{branch}{name} (see above)")
                return
            shown.add(name)
            needs = f", needs {', '.join(node.library.needs)}" if len(node.library.needs) > 1 else ""
            text.append(f"{prefix}{branch}{name}{mark}  {node.title()}{needs}: {node.facts()}")
            for number, user in enumerate(node.needed_by, 1):
                show(user, prefix + more, number == len(node.needed_by))

        first = [node.library.name for node in self.nodes if not any(need in by_name for need in node.library.needs)]
        for number, name in enumerate(first, 1):
            show(name, "", number == len(first))
        return [*text, *self._chain_lines()]

    def _chain_lines(self) -> list[str]:
        if self.wall is None:
            return []
        total = sum(seconds for seconds, _ in self.chain)
        text = [f"from nothing: about {self.wall:.1f} s on {self.jobs} jobs; * longest chain, {total:.1f} s:"]
        return text + [f"  {seconds:6.2f} s  {output}" for seconds, output in self.chain]

    def dot(self) -> str:
        """The same for Graphviz: an arrow points from a library to what it needs; bold is the longest chain."""
        lines = [f"digraph {_quoted(self.name)} {{", "  rankdir=BT;", "  node [shape=box];"]
        critical = {node.library.name for node in self.nodes if node.critical}
        for node in self.nodes:
            label = _quoted(f"{node.library.name}\n{node.facts()}")
            style = ", style=bold" if node.critical else ""
            lines.append(f"  {_quoted(node.library.name)} [label={label}{style}];")
        for node in self.nodes:
            for need in node.library.needs:
                style = " [style=bold]" if node.critical and need in critical else ""
                lines.append(f"  {_quoted(node.library.name)} -> {_quoted(need)}{style};")
        return "\n".join([*lines, "}"])

    def svg(self) -> str:
        """The same as a drawing, in the order of building; a bar in each box is the library's share of all work."""
        whole = sum(node.seconds or 0 for node in self.nodes)
        drawn = [
            Drawn(
                node.library.name,
                tuple(line for line in (node.title(), node.work()) if line),
                node.library.needs,
                node.seconds / whole if whole and node.seconds is not None else None,
                node.critical,
            )
            for node in self.nodes
        ]
        if self.wall is None:
            return draw(self.name, drawn)
        chain = sum(seconds for seconds, _ in self.chain)
        return draw(
            self.name, drawn, f"from nothing: about {self.wall:.1f} s on {self.jobs} jobs; framed: longest chain, {chain:.1f} s"
        )

    def to_json(self) -> dict[str, Any]:
        """`dot` is the text for Graphviz."""
        return {
            "name": self.name,
            "jobs": self.jobs,
            "seconds": None if self.wall is None else round(self.wall, 3),
            "critical_path": [{"seconds": seconds, "output": output} for seconds, output in self.chain],
            "libraries": [
                {
                    "name": node.library.name,
                    "kind": node.library.kind,
                    "version": node.library.version,
                    "source": node.library.source,
                    "needs": list(node.library.needs),
                    "needed_by": list(node.needed_by),
                    "uses": list(node.library.uses),
                    "options": list(node.library.options),
                    "commands": None if node.units is None else dict(node.units),
                    "work_seconds": None if node.seconds is None else round(node.seconds, 3),
                    "critical": node.critical,
                }
                for node in self.nodes
            ],
            "dot": self.dot(),
        }


@dataclass(frozen=True)
class GraphDrawing:
    """The report in another format. `path` is the file that was written, if one was asked for."""

    report: GraphReport
    text: str
    path: Path | None = None

    def lines(self) -> list[str]:
        """The drawing, or where it is."""
        return [f"written: {self.path}"] if self.path else self.text.splitlines()

    def to_json(self) -> dict[str, Any]:
        """The report's."""
        return self.report.to_json()


def graph_drawing(report: GraphReport, format: str, path: Path | None = None) -> GraphDrawing:
    """The report as text, dot or svg; written into `path`, if that is given."""
    text = {"dot": report.dot, "svg": report.svg}.get(format, lambda: "\n".join(report.lines()))()
    if path is not None:
        try:
            path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        except OSError as error:
            said = f"{path} cannot be written: {error.strerror}."
            raise BuildError(said, next_step="choose another file: --output FILE") from None
    return GraphDrawing(report, text, path)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def graph_report(request: BuildRequest) -> GraphReport:
    """The libraries that the request names, with what they need. Searches for nothing and runs nothing."""
    session = open_session(request)
    framework = session.manifest.framework
    chosen = session.graph.closure(request.libraries, only=request.only)
    built = load_trees(session)
    name = f"{framework.name} {framework.version} ({session.config})"
    if built is None:
        return GraphReport(name, tuple(_node(library, chosen, None, None, False) for library in chosen), session.jobs, None, ())
    return _measured(name, built, load_log(session), chosen, session.jobs)


def _measured(name: str, built: BuildGraph, log: Mapping[str, LogEntry], chosen: Sequence[Library], jobs: int) -> GraphReport:
    durations = durations_near(built.build_dir, log)
    needed = built.needed([target_of(library) for library in chosen])
    edges = [edge for edge in needed if not edge.phony and edge.kind != "other"]
    forecast = forecast_edges(built, edges, durations, jobs)
    critical = forecast.schedule.critical if forecast.known else ()
    owners = {built.by_output[output].library for output in critical}
    nodes = tuple(_node(library, chosen, edges, durations.own, library.name in owners) for library in chosen)
    chain = tuple((durations.of(built.by_output[output], {})[0], output) for output in critical)
    return GraphReport(name, nodes, jobs, forecast.schedule.wall if forecast.known else None, chain)


def _node(
    library: Library, chosen: Sequence[Library], edges: Sequence[Edge] | None, own: Mapping[str, float] | None, critical: bool
) -> Node:
    users = tuple(other.name for other in chosen if library.name in other.needs)
    if edges is None or own is None:
        return Node(library, users, None, None, critical)
    mine = [edge for edge in edges if edge.library == library.name]
    known = [own[edge.output] for edge in mine if edge.output in own]
    seconds = sum(known) if known and len(known) == len(mine) else None
    return Node(library, users, Counter(edge.kind for edge in mine), seconds, critical)
