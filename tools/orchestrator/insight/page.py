"""Draws the page of the verb `report`: one HTML file that needs nothing beside itself. jinja2 fills the template."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError, ToolMissingError
from orchestrator.insight.buildreport import PAGE, BuildReport, phases
from orchestrator.insight.costs import why
from orchestrator.insight.record import BuildRecord
from orchestrator.insight.timeline import Timeline, bytes_text, moment_text, seconds_text, short, timeline_of

__all__ = ["page_text", "write_page"]

FOLDER = Path(__file__).with_name("page")
_BARS = 6000
"""Timelines of older builds are left out of the page when together they have more bars."""
_ROWS = 400
_SECTIONS = (
    ("timeline", "Timeline"),
    ("jobs", "Parallel efficiency"),
    ("path", "Critical path"),
    ("libraries", "Libraries"),
    ("units", "Slowest units"),
    ("headers", "Costliest headers"),
    ("cache", "Compiler cache"),
    ("history", "Predicted and actual"),
    ("why", "Why it ran"),
)
_PHASES = ("prepare", "waiting", "configure", "build", "publish", "test", "package", "other")


def write_page(report: BuildReport, path: Path | None = None) -> BuildReport:
    """Writes the page into `path`, or into the build tree, and notes where. Raises what `page_text` raises, and BuildError."""
    path = (path or report.build_dir / PAGE).absolute()
    text = page_text(report)
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise BuildError(
            f"{path} cannot be written: {error.strerror}.", next_step="choose another file: --output FILE"
        ) from None
    return replace(report, page=path)


def page_text(report: BuildReport) -> str:
    """The HTML. Raises ToolMissingError without jinja2."""
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError:
        text = "The page needs the Python package jinja2, which is not installed."
        raise ToolMissingError(text, next_step="python -m pip install 'jinja2>=3.1' (or: report --json)") from None
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters |= _FILTERS
    inline = {"drawing": Markup(report.libraries.svg())}
    inline |= {name: Markup((FOLDER / f"report.{name}").read_text("utf-8")) for name in ("css", "js")}
    return environment.get_template("report.html.jinja").render(**_content(report), **inline)


def _content(report: BuildReport) -> dict[str, Any]:
    """What the template fills in."""
    record, usage = report.record, report.usage
    headers = [cost for cost in report.headers if cost.origin != "elsewhere"]
    absent = {"jobs", "path"} if usage is None else set()
    return {
        "report": report,
        "record": record,
        "usage": usage,
        "began": moment_text(record.began),
        "made": moment_text(report.now),
        "sections": [section for section in _SECTIONS if section[0] not in absent],
        "cards": list(_cards(report)),
        "timelines": list(_timelines(report)),
        "path": list(_path(report)),
        "ran": sum(span.kind != "configure" for span in record.commands),
        "slowest": max((unit.seconds for unit in report.units), default=1.0) or 1.0,
        "compiling": sum(unit.seconds for unit in report.units) or 1.0,
        "headers": headers,
        "foreign": len(report.headers) - len(headers),
        "asked": sum(record.cache[key] for key in ("hits", "misses", "uncacheable")) if record.cache else 0,
        "history": [_history(build) for build in report.builds],
        "phase_names": [name for name in _PHASES if any(name in phases(build) for build in report.builds)],
        "plot": _plot(report.builds),
        "reasons": _reasons(report),
        "most": _ROWS,
    }


def _percent(share: float) -> str:
    """For a style sheet: enough digits for a bar of a millisecond in an hour.

    >>> _percent(0.5), _percent(1 / 3)
    ('50%', '33.33333%')
    """
    return f"{100 * share:.5f}".rstrip("0").rstrip(".") + "%"


def unit_name(output: str) -> str:
    """An object's path without CMake's folders: the target and the source.

    >>> unit_name("lib/TH/CMakeFiles/TH_x.dir/src/a.c.o")
    'lib/TH: TH_x: src/a.c'
    """
    folder, made, rest = output.partition("/CMakeFiles/")
    target, inside, source = rest.partition(".dir/")
    return f"{folder}: {target}: {source.removesuffix('.o')}" if made and inside else output


_FILTERS: Mapping[str, Callable[..., str]] = {
    "seconds": seconds_text,
    "bytes": bytes_text,
    "percent": _percent,
    "round_percent": lambda share: f"{100 * share:.0f} %",
    "unit_name": unit_name,
}


def _cards(report: BuildReport) -> Iterator[dict[str, str]]:
    record, usage = report.record, report.usage
    predicted = f"{seconds_text(record.predicted)} were predicted" if record.predicted is not None else "no prediction"
    yield _card("Wall time", seconds_text(record.seconds) if record.seconds is not None else "unknown", predicted)
    compiled = sum(span.kind == "compile" for span in record.commands)
    yield _card("Commands", str(len(record.commands)), f"{compiled} of them compilations")
    if usage:
        yield _card("Jobs in use", f"{100 * usage.efficiency:.0f} %", f"of {usage.jobs} jobs, for {seconds_text(usage.wall)}")
        chain = usage.schedule
        yield _card(
            "Longest chain", seconds_text(chain.critical_seconds), f"{len(chain.critical)} commands, one after the other"
        )
    if record.cache:
        asked = sum(record.cache[key] for key in ("hits", "misses", "uncacheable"))
        about = f"of {asked} compilations from {record.cache['kind']}"
        yield _card("Cache hits", f"{100 * record.cache['hits'] / max(1, asked):.0f} %", about)
    if peak := max((unit.peak_bytes for unit in record.memory), default=0):
        yield _card("Largest unit", bytes_text(peak), "peak of memory of one command")


def _card(title: str, figure: str, about: str) -> dict[str, str]:
    return {"title": title, "figure": figure, "about": about}


def _timelines(report: BuildReport) -> Iterator[Timeline]:
    """The report's own build, then the others, the newest first, as long as the page stays small."""
    bars = 0
    for record in (report.record, *(build for build in report.builds if build is not report.record)):
        bars += len(record.spans)
        if record.spans and (bars <= _BARS or record is report.record):
            yield timeline_of(record)


def _path(report: BuildReport) -> Iterator[dict[str, Any]]:
    """The links of the longest chain, with their places in it."""
    spans = {span.detail: span for span in report.record.commands}
    schedule = report.usage.schedule if report.usage else None
    before = 0.0
    for output in schedule.critical if schedule else ():
        span, whole = spans[output], schedule.critical_seconds if schedule and schedule.critical_seconds else 1.0
        share = span.seconds / whole
        yield {
            "output": unit_name(output),
            "library": span.library,
            "kind": span.kind,
            "took": span.seconds,
            "before": before,
            "share": share,
        }
        before += share


def _history(record: BuildRecord) -> dict[str, Any]:
    found = phases(record)
    whole = sum(found.values()) or 1.0
    parts = [(name, found[name]) for name in _PHASES if found.get(name)]
    return {
        "when": moment_text(record.began),
        "good": record.status == 0,
        "status": "not ended" if record.status is None else f"status {record.status}",
        "commands": len(record.commands),
        "predicted": record.predicted,
        "seconds": record.seconds,
        "shares": [(name, seconds / whole) for name, seconds in parts],
        "parts": ", ".join(f"{name} {seconds_text(seconds)}" for name, seconds in parts),
    }


def _plot(builds: Sequence[BuildRecord]) -> dict[str, Any] | None:
    """Points of predicted and actual seconds on two logarithmic scales."""
    pairs = [(b.predicted, b.seconds, b.began) for b in builds if b.predicted and b.seconds and b.status == 0]
    if not pairs:
        return None
    low = math.floor(math.log10(min(min(pair[:2]) for pair in pairs)))
    high = max(low + 1, math.ceil(math.log10(max(max(pair[:2]) for pair in pairs))))

    def place(seconds: float) -> float:
        return (math.log10(seconds) - low) / (high - low)

    points = [
        (
            short(50 + 360 * place(predicted)),
            short(260 - 250 * place(actual)),
            f"{moment_text(began)}: predicted {seconds_text(predicted)}, took {seconds_text(actual)}",
        )
        for predicted, actual, began in pairs
    ]
    marks = [((power - low) / (high - low), f"{10.0**power:g} s") for power in range(low, high + 1)]
    return {"points": points, "marks": marks, "label": f"Predicted against actual seconds of {len(points)} builds"}


def _reasons(report: BuildReport) -> list[tuple[str, list[str]]]:
    """ninja's reasons, each with the outputs that it was given for, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for output, said in report.record.reasons.items():
        groups.setdefault(why(said, report.build_dir, report.root) or "another reason", []).append(output)
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:12]
