"""The verb `report`: what is known about the builds of a tree, gathered for one page and for programs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.configure import remembered_tools
from orchestrator.errors import BuildError
from orchestrator.insight.buildgraph import BuildGraph
from orchestrator.insight.causes import age
from orchestrator.insight.costs import CacheRow, HeaderCost, Unit, Usage, cache_rows, header_costs, unit_costs, usage_of
from orchestrator.insight.graphview import GraphReport, graph_report
from orchestrator.insight.record import BuildRecord, build_record, record_folders
from orchestrator.insight.trace import TRACE
from orchestrator.insight.trees import load_log, load_peaks, load_trees
from orchestrator.session import BuildRequest, Session, open_session

__all__ = ["PAGE", "BuildReport", "build_report", "phases"]

PAGE = "report.html"
_SHOWN = 3
_PHASES = {
    "options": "prepare",
    "compare": "prepare",
    "detect": "prepare",
    "plan": "prepare",
    "predict": "prepare",
    "configure": "configure",
    "build": "build",
    "publish": "publish",
    "install": "publish",
    "test": "test",
    "package": "package",
}


@dataclass(frozen=True)
class BuildReport:
    """`record` is the build that the report is about: the last one that ran commands. `builds` are all, the newest first.

    `usage` is None where that build ran no command. `page` is the file that was written, None before.
    """

    headline: str
    build_dir: Path
    root: Path
    record: BuildRecord
    builds: tuple[BuildRecord, ...]
    units: tuple[Unit, ...]
    headers: tuple[HeaderCost, ...]
    cache: tuple[CacheRow, ...]
    usage: Usage | None
    libraries: GraphReport
    now: float
    page: Path | None = None

    @property
    def trace(self) -> Path:
        """The trace of the build."""
        return self.record.folder / TRACE

    def lines(self) -> list[str]:
        """Where the page is, and the most important figures."""
        record, usage = self.record, self.usage
        took = f"{record.seconds:.1f} s" if record.seconds is not None else "its end is not recorded"
        text = [f"{self.headline}: the build of {age(self.now - record.began)}, {took}{_expected(record)}"]
        text += [_row("page", str(self.page))] if self.page else []
        text.append(_row("trace", f"{self.trace} (https://ui.perfetto.dev opens it)"))
        if usage:
            used = f"{usage.efficiency:.0%} of {usage.jobs} jobs' time used for {len(record.commands)} commands"
            text.append(_row("jobs", f"{used}; {usage.wall:.1f} s, at best {usage.bound:.1f} s"))
            text.append(_row("chain", f"{usage.schedule.critical_seconds:.1f} s, ending in {usage.schedule.critical[-1]}"))
        if cache := record.cache:
            asked = cache["hits"] + cache["misses"] + cache["uncacheable"]
            text.append(_row("cache", f"{cache['hits']} of {asked} compilations from {cache['kind']}"))
        slow = [f"{unit.seconds:6.2f} s  {unit.output}" for unit in self.units[:_SHOWN]]
        mine = [cost for cost in self.headers if cost.origin != "elsewhere"][:_SHOWN]
        dear = [f"{cost.seconds:6.2f} s  {cost.path} (read by {cost.units} unit{'s' * (cost.units != 1)})" for cost in mine]
        for title, rows in (("slowest", slow), ("headers", dear)):
            text += [_row(title if number == 0 else "", row) for number, row in enumerate(rows)]
        return text

    def to_json(self) -> dict[str, Any]:
        """For programs: all units, headers and builds. Seconds are rounded to milliseconds."""
        usage = self.usage
        return {
            "headline": self.headline,
            "build_dir": str(self.build_dir),
            "page": str(self.page) if self.page else None,
            "trace": str(self.trace),
            "build": _build_json(self.record),
            "jobs": None
            if usage is None
            else {
                "jobs": usage.jobs,
                "efficiency": round(usage.efficiency, 3),
                "seconds": round(usage.wall, 3),
                "work_seconds": round(usage.work, 3),
                "bound_seconds": round(usage.bound, 3),
                "critical_seconds": round(usage.schedule.critical_seconds, 3),
                "critical_path": list(usage.schedule.critical),
            },
            "units": [{**vars(unit), "seconds": round(unit.seconds, 3)} for unit in self.units],
            "headers": [
                {**vars(cost), "seconds": round(cost.seconds, 3), "libraries": list(cost.libraries)} for cost in self.headers
            ],
            "cache": [vars(row) for row in self.cache],
            "history": [_build_json(record) for record in self.builds],
        }


def _expected(record: BuildRecord) -> str:
    return f" ({record.predicted:.1f} s were predicted)" if record.predicted is not None else ""


def _row(title: str, text: str) -> str:
    return f"  {title:<11} {text}"


def _build_json(record: BuildRecord) -> dict[str, Any]:
    return {
        "folder": str(record.folder),
        "began": record.began,
        "command": record.command,
        "libraries": list(record.libraries),
        "status": record.status,
        "seconds": None if record.seconds is None else round(record.seconds, 3),
        "predicted": record.predicted,
        "error": record.error,
        "commands": len(record.commands),
        "phases": {name: round(seconds, 3) for name, seconds in phases(record).items()},
        "configured_because": list(record.configured),
    }


def phases(record: BuildRecord) -> dict[str, float]:
    """The seconds of a build by phase: prepare, configure, build, publish, test, package, and `other`, which no step claims."""
    found: dict[str, float] = {}
    for span in record.spans:
        if span.lane in ("build", "waiting"):
            name = _PHASES.get(span.kind, "other") if span.lane == "build" else "waiting"
            found[name] = found.get(name, 0.0) + span.seconds
    rest = (record.seconds or 0.0) - sum(seconds for name, seconds in found.items() if name != "package")
    return {**found, "other": found.get("other", 0.0) + max(0.0, rest)}


def build_report(request: BuildRequest, *, now: float | None = None) -> BuildReport:
    """Reads the records of the configuration, and asks ninja for the headers that units read. Changes nothing."""
    session = open_session(request)
    builds = [record for folder in record_folders(session.build_dir) if (record := build_record(folder))]
    if not builds:
        text = f"No build is recorded in {session.build_dir}."
        raise BuildError(text, next_step="build first: python tools/build_deps.py")
    record = next((build for build in builds if build.commands or build.failed), builds[0])
    graph = load_trees(session, ninja=_ninja(session)) or BuildGraph(session.build_dir, (), {}, {})
    log, framework = load_log(session), session.manifest.framework
    return BuildReport(
        headline=f"{framework.name} {framework.version} ({session.config})",
        build_dir=session.build_dir,
        root=session.root,
        record=record,
        builds=tuple(builds),
        units=unit_costs(graph, log, session.root, load_peaks(session)),
        headers=header_costs(graph, log, session.root),
        cache=cache_rows(record, graph, session.root),
        usage=usage_of(record, graph),
        libraries=graph_report(replace(request, libraries=())),
        now=time.time() if now is None else now,
    )


def _ninja(session: Session) -> str:
    """The one that the tree was made with, or the one that a build would take; empty if there is none."""
    remembered = remembered_tools(session.build_dir).get("ninja", "")
    return remembered if Path(remembered).is_file() else session.detect()["ninja"].values.get("program", "")
