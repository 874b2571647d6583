"""The record of a build as spans and as a trace: pure parts on written records, then real builds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from orchestrator.insight.record import BuildRecord, Span, build_record
from orchestrator.insight.trace import sums, trace_of
from orchestrator.ninja import kind_of
from orchestrator.ninjaruns import CommandRun, last_runs, placed

from .conftest import Family

# The part of Chrome's trace-event format that viewers rely on: complete events, counters, instants and names.
_COMMON = {"pid": {"type": "integer"}, "tid": {"type": "integer"}, "name": {"type": "string", "minLength": 1}}
_TIME = {"type": "integer", "minimum": 0}


def _event(phase: str, required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["ph", "pid", "tid", "name", *required],
        "properties": {"ph": {"const": phase}, **_COMMON, **properties},
        "additionalProperties": False,
    }


SCHEMA = {
    "type": "object",
    "required": ["traceEvents", "displayTimeUnit"],
    "properties": {
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object"},
        "traceEvents": {
            "type": "array",
            "minItems": 1,
            "items": {
                "oneOf": [
                    _event("X", ["ts", "dur", "cat"], ts=_TIME, dur=_TIME, cat={"type": "string"}, args={"type": "object"}),
                    _event("C", ["ts", "args"], ts=_TIME, args={"additionalProperties": {"type": "number"}}),
                    _event("i", ["ts", "s"], ts=_TIME, s={"enum": ["g", "p", "t"]}, cat={"type": "string"}),
                    _event("M", ["args"], args={"type": "object"}),
                ]
            },
        },
    },
}


def check_trace(trace: dict[str, Any]) -> None:
    """The schema, and what it cannot say: spans of a lane lie beside or inside each other."""
    jsonschema.validate(trace, SCHEMA)
    lanes: dict[int, list[tuple[int, int]]] = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            lanes.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    assert lanes
    for spans in lanes.values():
        for (begin, end), (start, stop) in pairwise(sorted(spans, key=lambda span: (span[0], -span[1]))):
            assert start >= end or stop <= end, (begin, end, start, stop)


def written(folder: Path, events: Iterable[dict[str, Any]]) -> BuildRecord:
    """The record that these events are read as."""
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events.jsonl").write_text(text + '{"event": "Outp', encoding="utf-8")  # a killed build's last line
    record = build_record(folder)
    assert record is not None
    return record


EVENTS: list[dict[str, Any]] = [
    {"event": "Began", "time": 100.5, "command": "it", "argv": [], "config": "release", "libraries": ["A", "B"], "options": []}
    | {"places": {"a/": "A", "b/": "B"}},
    {"event": "Timed", "time": 100.5, "name": "options", "begin": 100.0, "seconds": 0.25, "detail": ""},
    {"event": "Timed", "time": 100.5, "name": "lock", "begin": 100.25, "seconds": 0.2, "detail": ""},
    {"event": "Output", "time": 101.0, "text": "-- A: configuring"},
    {"event": "Output", "time": 101.5, "text": "-- A: configured"},
    {"event": "Output", "time": 101.6, "text": "-- Configuring done (0.6s)"},
    {"event": "Output", "time": 101.8, "text": "-- Generating done (0.1s)"},
    {"event": "Configured", "time": 101.9, "reasons": ["it is new"], "seconds": 1.0, "changes": []},
    {"event": "Explained", "time": 102.0, "output": "a/one.o", "reason": "output a/one.o doesn't exist"},
    {"event": "Output", "time": 103.5, "text": "FAILED: [code=1] b/two.o "},
    {
        "event": "Commands",
        "time": 104.0,
        "jobs": 2,
        "runs": [
            ["compile", "a/one.o", 102.0, 1.0],
            ["generate", "a/x.h", 102.5, 1.0],
            ["link", "a/lib.so", 103.0, 0.5],
        ],
    },
    {"event": "Ended", "time": 104.0, "status": 7, "seconds": 3.5, "predicted": 3.0, "error": "The build failed"},
]


APART: list[dict[str, Any]] = [
    {"event": "StepEnded", "time": 102.0, "library": "C", "phase": "token", "seconds": 1.0, "status": 0},
    {"event": "StepEnded", "time": 103.0, "library": "C", "phase": "build", "seconds": 1.0, "status": 0},
    {"event": "StepEnded", "time": 103.5, "library": "D", "phase": "build", "seconds": 1.0, "status": 0},
]


def memory_log(folder: Path) -> None:
    """What units needed of memory: one waits for it, and the last belongs to another build."""
    units = [("a/one.o", 5_000_000, 0.5, 102.0, 1.0), ("a/two.o", 1_000_000, 0.0, 102.0, 1.0), ("a/one.o", 1, 0.0, 3.0, 1.0)]
    names = ("output", "peak_bytes", "wait_seconds", "start", "seconds")
    text = "".join(json.dumps(dict(zip(names, unit, strict=True))) + "\n" for unit in units)
    (folder / ".memory_log").write_text(text, encoding="utf-8")


def test_a_record_becomes_spans_on_lanes(tmp_path: Path) -> None:
    record = written(tmp_path / "20260101-000000-1", EVENTS)
    assert (record.began, record.status, record.seconds, record.predicted, record.jobs) == (100.0, 7, 4.0, 3.0, 2)
    assert [(s.lane, s.kind, s.name, s.begin, round(s.seconds, 6), s.library) for s in record.spans] == [
        ("build", "options", "options", 0.0, 0.25, ""),
        ("waiting", "lock", "another build", 0.25, 0.2, ""),
        ("cmake", "library", "A", 1.0, 0.5, "A"),
        ("cmake", "generation", "build.ninja", pytest.approx(1.6), pytest.approx(0.2), ""),
        ("job", "compile", "one.o", 2.0, 1.0, "A"),
        ("job", "generate", "x.h", 2.5, 1.0, "A"),
        ("job", "link", "lib.so", 3.0, 0.5, "A"),
    ]
    assert [span.row for span in record.commands] == [0, 1, 0]
    assert (record.failed, record.reasons) == (((3.5, "b/two.o"),), {"a/one.o": "output a/one.o doesn't exist"})
    assert list(sums((span.begin, span.end, 1) for span in record.commands)) == [(2.0, 1), (2.5, 2), (3.5, 0)]


def test_its_trace_keeps_to_the_format(tmp_path: Path) -> None:
    trace = trace_of(written(tmp_path / "one", EVENTS))
    check_trace(trace)
    names = {event["tid"]: event["args"]["name"] for event in trace["traceEvents"] if event["name"] == "thread_name"}
    assert names == {1: "orchestrator", 2: "cmake, by library", 1000: "waiting 1", 10000: "job 1", 10001: "job 2"}
    compiled = next(event for event in trace["traceEvents"] if event["name"] == "one.o")
    assert (compiled["ts"], compiled["dur"], compiled["cat"]) == (2_000_000, 1_000_000, "compile")
    assert compiled["args"] == {"library": "A", "detail": "a/one.o"}
    assert [event["name"] for event in trace["traceEvents"] if event["ph"] == "i"] == ["failed: b/two.o"]


def test_what_rounding_lets_overlap_is_put_behind_each_other(tmp_path: Path) -> None:
    record = written(tmp_path / "one", EVENTS)
    spans = (
        Span("build", "a", "a", 0.0, 1.00001),
        Span("build", "b", "b", 1.0, 1.0),
        Span("build", "inside", "inside", 1.2, 0.5),
        Span("build", "c", "c", 1.99999, 1.0),
    )
    trace = trace_of(BuildRecord(**{**vars(record), "spans": spans}))
    check_trace(trace)
    slices = [(event["name"], event["ts"], event["dur"]) for event in trace["traceEvents"] if event["ph"] == "X"]
    assert slices == [
        ("a", 0, 1_000_010),
        ("b", 1_000_010, 999_990),
        ("inside", 1_200_000, 500_000),
        ("c", 2_000_000, 999_990),
    ]


def test_the_check_of_traces_can_fail(tmp_path: Path) -> None:
    trace = trace_of(written(tmp_path / "one", EVENTS))
    complete = next(event for event in trace["traceEvents"] if event["ph"] == "X")
    with pytest.raises(jsonschema.ValidationError):
        check_trace({**trace, "traceEvents": [{**complete, "ts": -1}]})
    with pytest.raises(AssertionError):
        check_trace({**trace, "traceEvents": [{**complete, "ts": 0, "dur": 9000}, {**complete, "ts": 5000, "dur": 9000}]})


def test_memory_and_libraries_built_apart_have_lanes(tmp_path: Path) -> None:
    memory_log(tmp_path)
    (tmp_path / "logs").mkdir()
    record = written(tmp_path / "logs/one", [*EVENTS[:-1], *APART, EVENTS[-1]])
    assert [(s.lane, s.kind, s.name, s.row) for s in record.spans if s.lane in ("apart", "waiting")] == [
        ("waiting", "lock", "another build", 0),
        ("waiting", "token", "C: token", 0),
        ("apart", "build", "C: build", 0),
        ("waiting", "memory", "one.o", 0),
        ("apart", "build", "D: build", 1),
    ]
    trace = trace_of(record)
    check_trace(trace)
    memory = [(event["ts"], event["args"]["bytes"]) for event in trace["traceEvents"] if event["name"] == "memory, by peaks"]
    assert memory == [(2_000_000, 1_000_000), (2_500_000, 6_000_000), (3_000_000, 5_000_000), (3_500_000, 0)]


def test_what_no_end_is_recorded_of_is_still_told(tmp_path: Path) -> None:
    record = written(tmp_path / "one", EVENTS[:4])
    assert (record.status, record.seconds, record.commands) == (None, None, ())
    assert build_record(tmp_path / "nothing") is None


LOG = """\
# ninja log v7
0\t50\t1\told.o\taaaa
0\t40\t1\tone.h\tbbbb
0\t40\t1\tone.c\tbbbb
damaged line
10\t90\t1\t/tree/two.o\tcccc
"""


def test_the_last_runs_of_a_log(tmp_path: Path) -> None:
    (tmp_path / ".ninja_log").write_text(LOG.replace("/tree", str(tmp_path)), encoding="utf-8")
    assert last_runs(tmp_path, 2) == [CommandRun("one.h", 0, 40), CommandRun("two.o", 10, 90)]
    assert [run.output for run in last_runs(tmp_path, 9)] == ["old.o", "one.h", "two.o"]
    assert last_runs(tmp_path, 0) == []
    assert last_runs(tmp_path / "nothing", 1) == []


def test_the_quickest_report_tells_when_ninja_began() -> None:
    runs = [CommandRun("build.ninja", 5, 505), CommandRun("a.o", 0, 400), CommandRun("b.o", 100, 900)]
    reports = [("configure", 10.005), ("compile", 11.41), ("compile", 11.9)]
    assert placed(runs, reports) == [
        ("configure", "build.ninja", 10.005, 0.5),
        ("compile", "a.o", 11.0, 0.4),
        ("compile", "b.o", 11.1, 0.8),
    ]


def test_kinds_are_told_from_cmake_s_words() -> None:
    said = ["Building CXX object a.o", "Linking C static library b.a", "Listing the symbols of A", "Re-running CMake...", "x"]
    assert [kind_of(text) for text in said] == ["compile", "link", "symbols", "configure", "generate"]


def _trace(family: Family, config: str = "release") -> tuple[Path, dict[str, Any]]:
    folder = (family.root / "build" / config / "logs/latest").resolve()
    return folder, json.loads((folder / "trace.json").read_text(encoding="utf-8"))


def _spans(trace: dict[str, Any]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            names.setdefault(event["cat"], []).append(event["name"])
    return names


def test_each_build_leaves_its_trace(family: Family) -> None:
    family.built("-j", "2")
    first, trace = _trace(family)
    check_trace(trace)
    spans = _spans(trace)
    assert list(spans)[:2] == ["options", "detect"]
    assert spans["library"] == ["Base", "Upper"] and spans["generation"] == ["build.ninja"]
    assert sorted(spans["compile"]) == ["Base.c.o", "Greeting.c.o", "Upper.c.o"]
    assert sorted(spans["link"]) == ["libBase.so.1", "libUpper.so.1"]
    assert {"configure", "build", "publish", "symbols"} <= spans.keys()
    build = next(event for event in trace["traceEvents"] if event.get("cat") == "build")
    for event in trace["traceEvents"]:
        if event["ph"] == "X" and event["tid"] >= 10000:  # the commands lie inside of ninja's time, up to a few milliseconds
            assert build["ts"] - 20_000 <= event["ts"] and event["ts"] + event["dur"] <= build["ts"] + build["dur"] + 20_000

    family.built("-j", "2")
    assert _trace(family)[0] == first  # the fast path leaves no record

    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    family.built("-j", "2")
    folder, trace = _trace(family)
    check_trace(trace)
    assert folder != first
    spans = _spans(trace)
    assert spans["compare"] == ["compare"] and spans["compile"] == ["Base.c.o"] and spans["link"] == ["libBase.so.1"]

    family.edit("base/src/Base.c", "return a + b + 1;", "return a + nothing;")
    assert family.build("-j", "2").status == 7
    _, trace = _trace(family)
    check_trace(trace)
    assert "failed: base/CMakeFiles/Base.dir/src/Base.c.o" in [event["name"] for event in trace["traceEvents"]]
    assert trace["otherData"]["status"] == 7
