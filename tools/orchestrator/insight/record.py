"""The record of one build, logs/<time>-<pid>/events.jsonl, as spans of time. Light: every build draws its trace from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.front.owners import Owners
from orchestrator.memory import LOG, UnitMemory, read_memory
from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

    Events = Sequence[Mapping[str, Any]]

__all__ = ["EVENTS", "BuildRecord", "Span", "build_record", "read_events", "record_folders"]

EVENTS = "events.jsonl"
# Compiled when cmake ran, which it seldom does.
_MARK = r"-- (\S+): (configuring|configured)$"
_CMAKE_DONE = r"-- (Configuring|Generating) done"
_PACKED = ("apart", "waiting", "job")
_WAITING = 0.05  # seconds: less is the price of asking


class Span(Value):
    """Something that took time: `begin` in seconds since the build began. What overlaps in a lane has rows, from 0.

    `kind` of commands is compile, link, symbols, generate or configure; of other lanes it is the lane's name.
    """

    lane: str  # build, cmake, apart (libraries that are built apart), waiting, job
    kind: str
    name: str
    begin: float
    seconds: float
    library: str = ""
    detail: str = ""
    row: int = 0

    @property
    def end(self) -> float:
        """Seconds since the build began."""
        return self.begin + self.seconds


class BuildRecord(Value):
    """A build as it is remembered. `began` in Unix seconds; `status` and `seconds` are None where its end is not recorded.

    `spans` are in the order of their begins; `failed` are (seconds since the begin, output) of commands that failed; `cache`
    is a CacheAnswers as a dict (of several, the sum); `reasons` maps an output to why ninja made it; `memory` is what units
    needed, where a launcher measured it, with starts since the begin; `configured` says why cmake ran.
    """

    folder: Path
    began: float
    command: str
    config: str
    libraries: tuple[str, ...]
    status: int | None
    seconds: float | None
    predicted: float | None
    error: str
    jobs: int
    spans: tuple[Span, ...]
    failed: tuple[tuple[float, str], ...]
    cache: Mapping[str, Any] | None
    reasons: Mapping[str, str]
    memory: tuple[UnitMemory, ...]
    configured: tuple[str, ...]

    @property
    def commands(self) -> tuple[Span, ...]:
        """What ninja ran."""
        return tuple(span for span in self.spans if span.lane == "job")

    @property
    def end(self) -> float:
        """Seconds from the begin to the last thing that is known."""
        return max([self.seconds or 0.0, *(span.end for span in self.spans), *(when for when, _ in self.failed)])


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events of a record. Damaged lines (a killed build, a full disk) are left out."""
    events = []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            events.append(event)
    return events


def record_folders(build_dir: Path) -> list[Path]:
    """The folders of the builds that are remembered, the newest first."""
    return sorted(build_dir.glob("logs/[0-9]*/"), key=lambda folder: folder.name, reverse=True)


def build_record(folder: Path) -> BuildRecord | None:
    """The record in a folder; None if it does not even tell how it began."""
    events = read_events(folder / EVENTS)
    first = next((event for event in events if event["event"] == "Began"), None)
    if first is None:
        return None
    ended = next((event for event in events if event["event"] == "Ended"), {})
    timed = [event for event in events if event["event"] == "Timed"]
    owners = Owners(first.get("places"))
    zero = min([first["time"], *(step["begin"] for step in timed)])
    memory = _memory(folder, zero, events[-1]["time"] - zero)
    spans = [*_timed(timed, zero), *_steps(events, zero), *_cmake(events, zero), *_commands(events, zero, owners)]
    return BuildRecord(
        folder=folder,
        began=zero,
        command=first["command"],
        config=first["config"],
        libraries=tuple(first["libraries"]),
        status=ended.get("status"),
        seconds=ended["time"] - zero if ended else None,
        predicted=ended.get("predicted"),
        error=ended.get("error", ""),
        jobs=max((event["jobs"] for event in events if event["event"] == "Commands"), default=0),
        spans=tuple(_in_rows([*spans, *_held(memory, owners)])),
        failed=tuple(_failures(events, zero)),
        cache=_cache([event for event in events if event["event"] == "CacheAnswers"]),
        reasons={event["output"]: event["reason"] for event in reversed(events) if event["event"] == "Explained"},
        memory=memory,
        configured=tuple(reason for event in events if event["event"] == "Configured" for reason in event["reasons"]),
    )


def _cache(answers: Events) -> dict[str, Any] | None:
    """The answers of all builds that overlapped, as one."""
    if not answers:
        return None
    counts = {name: sum(answer[name] for answer in answers) for name in ("hits", "misses", "uncacheable")}
    return {"kind": answers[0]["kind"], **counts, "units": [unit for answer in answers for unit in answer["units"]]}


def _timed(timed: Events, zero: float) -> Iterator[Span]:
    """The orchestrator's own work, one thing after the other."""
    for step in timed:
        name, begin, seconds = step["name"], max(0.0, step["begin"] - zero), step["seconds"]
        if name != "lock":
            yield Span("build", name, name, begin, seconds, detail=step["detail"])
        elif seconds > _WAITING:
            yield Span("waiting", name, "another build", begin, seconds, detail="the build tree was in use")


def _steps(events: Events, zero: float) -> Iterator[Span]:
    """Work on libraries that are built apart from the others."""
    for event in events:
        if event["event"] == "StepEnded" and (library := event["library"]):
            begin, phase = max(0.0, event["time"] - event["seconds"] - zero), event["phase"]
            lane = "waiting" if phase == "token" else "apart"
            yield Span(lane, phase, f"{library}: {phase}", begin, event["seconds"], library)


def _cmake(events: Events, zero: float) -> Iterator[Span]:
    """What cmake did for each library, and its generation of build.ninja, from the times of the lines that it printed."""
    begun: dict[str, float] = {}
    for event in events:
        text = event["text"] if event["event"] == "Output" else ""
        if not text.startswith("-- "):
            continue
        now = event["time"] - zero
        if mark := re.match(_MARK, text):
            if mark[2] == "configuring":
                begun[mark[1]] = now
            elif mark[1] in begun:
                begin = begun.pop(mark[1])
                yield Span("cmake", "library", mark[1], begin, now - begin, mark[1])
        elif done := re.match(_CMAKE_DONE, text):
            if done[1] == "Configuring":
                begun[""] = now
            elif "" in begun:
                begin = begun.pop("")
                yield Span("cmake", "generation", "build.ninja", begin, now - begin)


def _commands(events: Events, zero: float, owners: Owners) -> Iterator[Span]:
    """What ninja ran."""
    for event in events:
        for kind, output, begin, seconds in event["runs"] if event["event"] == "Commands" else ():
            library = event.get("library") or owners.of(output)
            yield Span("job", kind, output.rpartition("/")[2], max(0.0, begin - zero), seconds, library, output)


def _held(memory: Iterable[UnitMemory], owners: Owners) -> Iterator[Span]:
    """Units that were held back for memory."""
    for unit in memory:
        if unit.wait_seconds > _WAITING:
            name = unit.output.rpartition("/")[2]
            yield Span("waiting", "memory", name, unit.start, unit.wait_seconds, owners.of(unit.output), unit.output)


def _in_rows(spans: Iterable[Span]) -> list[Span]:
    """In the order of their begins. What overlaps in a lane gets rows: each span takes the first that is free."""
    free: dict[str, list[float]] = {}
    placed = []
    for span in sorted(spans, key=lambda span: (span.begin, -span.seconds)):
        rows = free.setdefault(span.lane, [])
        row = next((number for number, end in enumerate(rows) if end <= span.begin + 1e-4), len(rows))
        if span.lane in _PACKED:
            rows[row:] = [span.end, *rows[row + 1 :]]
            span = Span(**{**vars(span), "row": row})
        placed.append(span)
    return placed


def _memory(folder: Path, zero: float, end: float) -> tuple[UnitMemory, ...]:
    """What units of this build needed, their starts in seconds since its begin."""
    tree = folder.parents[1]
    found = []
    for log in (tree / LOG, *sorted(tree.glob(f"sub/*/{LOG}"))):  # of projects that are built alone, too
        prefix = "" if log.parent == tree else f"{log.parent.relative_to(tree)}/"
        for unit in read_memory(log.parent):
            if zero <= unit.start <= zero + end:
                found.append(UnitMemory(**{**vars(unit), "output": prefix + unit.output, "start": unit.start - zero}))
    return tuple(found)


def _failures(events: Events, zero: float) -> Iterable[tuple[float, str]]:
    for event in events:
        if event["event"] == "Output" and event["text"].startswith("FAILED: "):
            words = event["text"].removeprefix("FAILED: ").split()
            yield event["time"] - zero, next((word for word in words if not word.startswith("[code=")), "")
