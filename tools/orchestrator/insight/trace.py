"""A build in Chrome's trace-event format, which Perfetto (https://ui.perfetto.dev) and chrome://tracing open. Light.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU ("Trace Event Format").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestrator.insight.record import BuildRecord, Span, build_record
from orchestrator.memory import UnitMemory

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TRACE", "held", "sums", "trace_of", "write_trace"]

TRACE = "trace.json"
_PROCESS = 1
# Lanes in the order in which they are shown: the number of the first row, and its name.
_LANES = {
    "build": (1, "orchestrator"),
    "cmake": (2, "cmake, by library"),
    "apart": (100, "built apart {}"),
    "waiting": (1000, "waiting {}"),
    "job": (10000, "job {}"),
}


def trace_of(record: BuildRecord) -> dict[str, Any]:
    """The trace as the object that becomes JSON. Times are microseconds since the build began."""
    events = [*_names(record), *_slices(record.spans)]
    busy = ((span.begin, span.end, 1) for span in record.commands)
    events += (_counter("commands", "running", when, count) for when, count in sums(busy))
    events += (_counter("memory, by peaks", "bytes", when, size) for when, size in sums(held(record.memory)))
    events += (_failure(when, output) for when, output in record.failed)
    return {
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {
            "command": record.command,
            "config": record.config,
            "libraries": ", ".join(record.libraries),
            "began": record.began,
            "status": record.status,
            "predicted_seconds": record.predicted,
            "error": record.error,
        },
    }


def write_trace(folder: Path) -> None:
    """Writes trace.json beside the record in `folder`."""
    record = build_record(folder)
    if record is not None:
        text = json.dumps(trace_of(record), separators=(",", ":"))
        (folder / TRACE).write_text(text, encoding="utf-8", errors="backslashreplace")


def sums(amounts: Iterable[tuple[float, float, int]]) -> Iterator[tuple[float, int]]:
    """(begin, end, amount) of things that overlap -> (second, sum of what is there from now on) at each change.

    >>> list(sums([(0.0, 2.0, 5), (1.0, 3.0, 1)]))
    [(0.0, 5), (1.0, 6), (2.0, 1), (3.0, 0)]
    """
    changes: dict[float, int] = {}
    for begin, end, amount in amounts:
        changes[begin] = changes.get(begin, 0) + amount
        changes[end] = changes.get(end, 0) - amount
    total = 0
    for when in sorted(changes):
        if changes[when]:
            total += changes[when]
            yield when, total


def held(memory: Iterable[UnitMemory]) -> Iterator[tuple[float, float, int]]:
    """(begin, end, peak in bytes) of each unit that ran."""
    for unit in memory:
        begin = unit.start + unit.wait_seconds
        yield begin, begin + unit.seconds, unit.peak_bytes


def _lane(span: Span) -> int:
    return _LANES[span.lane][0] + span.row


def _names(record: BuildRecord) -> Iterator[dict[str, Any]]:
    title = f"{record.command} {record.config}: {', '.join(record.libraries)}"
    yield {"ph": "M", "name": "process_name", "pid": _PROCESS, "tid": 0, "args": {"name": title}}
    used = {_lane(span): _LANES[span.lane][1].format(span.row + 1) for span in record.spans}
    for lane, name in sorted(used.items()):
        yield {"ph": "M", "name": "thread_name", "pid": _PROCESS, "tid": lane, "args": {"name": name}}
        yield {"ph": "M", "name": "thread_sort_index", "pid": _PROCESS, "tid": lane, "args": {"sort_index": lane}}


def _slices(spans: Iterable[Span]) -> Iterator[dict[str, Any]]:
    """Complete events. Viewers drop one that begins within another and ends after it: rounding must not make such a one."""
    open_until: dict[int, list[int]] = {}
    for span in spans:
        lane, begin, end = _lane(span), _micro(span.begin), _micro(span.end)
        ends = open_until.setdefault(lane, [])
        while ends and (ends[-1] <= begin or ends[-1] < end):
            begin = max(begin, min(ends.pop(), end))
        ends.append(end)
        about = {"library": span.library, "detail": span.detail}
        yield {
            "ph": "X",
            "name": span.name,
            "cat": span.kind,
            "pid": _PROCESS,
            "tid": lane,
            "ts": begin,
            "dur": end - begin,
            "args": {key: value for key, value in about.items() if value},
        }


def _counter(name: str, unit: str, when: float, amount: int) -> dict[str, Any]:
    return {"ph": "C", "name": name, "pid": _PROCESS, "tid": 0, "ts": _micro(when), "args": {unit: amount}}


def _failure(when: float, output: str) -> dict[str, Any]:
    where = {"pid": _PROCESS, "tid": _LANES["build"][0], "ts": _micro(when)}
    return {"ph": "i", "name": f"failed: {output}", "cat": "failed", "s": "p", **where}


def _micro(seconds: float) -> int:
    return round(seconds * 1e6)
