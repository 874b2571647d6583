"""One build as a picture: lanes of bars, and below them what ran at once and its memory. Pure; the page draws it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.insight.record import BuildRecord, Span
from orchestrator.insight.trace import held, sums

__all__ = ["Area", "Bar", "Lane", "Mark", "Timeline", "bytes_text", "moment_text", "seconds_text", "short", "timeline_of"]

_LANES = {"build": "orchestrator", "cmake": "cmake", "apart": "built apart {}", "waiting": "waiting {}", "job": "job {}"}


@dataclass(frozen=True)
class Bar:
    """A span as a box: `left` and `width` are shares of the whole time."""

    kind: str
    name: str
    label: str
    begin: float
    left: float
    width: float


@dataclass(frozen=True)
class Lane:
    """A row of bars that do not overlap, except where one lies within another."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Area:
    """An amount over time, as an SVG path in a box of 1000 by 100; `line` is the height of what there is at most."""

    name: str
    label: str
    path: str
    line: float


@dataclass(frozen=True)
class Mark:
    """Something at one moment."""

    left: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """One build as lanes. `kinds` are (kind, count, seconds) of its commands; `choice` is its name in the list of builds."""

    title: str
    choice: str
    summary: str
    seconds: float
    ticks: tuple[float, ...]
    lanes: tuple[Lane, ...]
    areas: tuple[Area, ...]
    failures: tuple[Mark, ...]
    kinds: tuple[tuple[str, int, float], ...]


def moment_text(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def seconds_text(value: float) -> str:
    """Seconds with as many digits as they deserve.

    >>> seconds_text(0.0123), seconds_text(1.5), seconds_text(75.25), seconds_text(0.0)
    ('0.012 s', '1.50 s', '75.3 s', '0 s')
    """
    if value == 0:
        return "0 s"
    return f"{value:.3f} s" if value < 0.1 else f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def bytes_text(size: float) -> str:
    """
    >>> bytes_text(512), bytes_text(41_943_040), bytes_text(3.2e9)
    ('512 B', '42 MB', '3.2 GB')
    """
    for power, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= power:
            return f"{size / power:.1f} {unit}" if size < 10 * power else f"{size / power:.0f} {unit}"
    return f"{size:.0f} B"


def timeline_of(record: BuildRecord) -> Timeline:
    """The build's spans on lanes, with the commands that ran at once and their memory as areas below."""
    total = record.end or 1.0
    rows: dict[tuple[int, int], list[Span]] = {}
    order = list(_LANES)
    for span in record.spans:
        rows.setdefault((order.index(span.lane), span.row), []).append(span)
    many = {lane for lane, row in rows if row}
    lanes = []
    for (lane, row), spans in sorted(rows.items()):
        name = _LANES[order[lane]].format(row + 1 if lane in many or order[lane] == "job" else "").rstrip()
        lanes.append(Lane(name, tuple(_bar(span, name, total) for span in spans)))
    commands = record.commands
    kinds: dict[str, list[float]] = {}
    for span in commands:
        kinds.setdefault(span.kind, []).append(span.seconds)
    took = seconds_text(record.seconds) if record.seconds is not None else "end not recorded"
    what = f"{len(commands)} commands" if len(commands) != 1 else "1 command"
    state = {0: "", None: ", not ended"}.get(record.status, f", status {record.status}")
    return Timeline(
        title=f"{record.command} of {moment_text(record.began)}: {what}, {took}{state}",
        choice=f"{moment_text(record.began)} · {what} · {took}{state}",
        summary=f"{len(record.spans)} pieces of work. Point at one, or go to it with the keys, to see what it was.",
        seconds=total,
        ticks=tuple(_ticks(total)),
        lanes=tuple(lanes),
        areas=tuple(_areas(record, total)),
        failures=tuple(Mark(min(1.0, when / total), f"failed: {output}") for when, output in record.failed),
        kinds=tuple(sorted(((kind, len(each), sum(each)) for kind, each in kinds.items()), key=lambda item: -item[2])),
    )


def _bar(span: Span, lane: str, total: float) -> Bar:
    whose = f" of {span.library}" if span.library and span.library != span.name else ""
    label = f"{span.name}: {span.kind}{whose}, {seconds_text(span.seconds)}, from {seconds_text(span.begin)}, {lane}"
    if span.detail and span.detail != span.name:
        label += f". {span.detail}"
    return Bar(span.kind, span.name, label, round(span.begin, 4), span.begin / total, span.seconds / total)


def _ticks(total: float) -> Iterator[float]:
    """About eight round numbers of seconds from 0 on.

    >>> list(_ticks(2.2))
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """
    rough = total / 8
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    for number in range(math.ceil(total / step)):
        yield round(number * step, 6)


def _areas(record: BuildRecord, total: float) -> Iterator[Area]:
    busy = list(sums((span.begin, span.end, 1) for span in record.commands))
    if busy:
        most = max(record.jobs, *(count for _, count in busy))
        yield Area(
            "commands", f"commands that ran at once, {most} at most", _steps(busy, total, most), 100 - 94 * record.jobs / most
        )
    used = list(sums(held(record.memory)))
    if used:
        peak = max(size for _, size in used)
        text = f"memory {bytes_text(peak)}"
        yield Area(text, f"sum of the peaks of what ran at once, {bytes_text(peak)} at most", _steps(used, total, peak), 6)


def _steps(points: Sequence[tuple[float, int]], total: float, most: int) -> str:
    """An SVG path of a step function; its largest value stands 6 below the top.

    >>> _steps([(0.0, 1), (1.0, 0)], 2.0, 1)
    'M0 100H0V6H500V100H1000V100Z'
    """
    path = ["M0 100"]
    for when, amount in points:
        path.append(f"H{short(1000 * when / total)}V{short(100 - 94 * amount / max(1, most))}")
    return "".join([*path, "H1000V100Z"])


def short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
