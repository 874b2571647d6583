"""The lines of .ninja_log, and the runs that one call of ninja added to it. Light: every build imports it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orchestrator.values import Value

__all__ = ["LOG", "CommandRun", "last_runs", "parse_line", "placed"]

LOG = ".ninja_log"
CMAKE = "build.ninja"
"""The output whose command is cmake."""


class CommandRun(Value):
    """A command that ended well: its first output, and `start` and `end` in milliseconds since its ninja started."""

    output: str
    start: int
    end: int


def parse_line(line: str) -> tuple[int, int, int, str, str] | None:
    """Start, end (milliseconds), time for comparisons (nanoseconds), output and hash of the command; None if it is damaged.

    >>> parse_line("3\\t40\\t1700000000000000000\\tone.o\\tcafe")
    (3, 40, 1700000000000000000, 'one.o', 'cafe')
    >>> parse_line("3\\t40\\tone.o") is None, parse_line("# ninja log v7") is None
    (True, True)
    """
    fields = line.split("\t")
    if len(fields) != 5 or not fields[3]:
        return None
    try:
        return int(fields[0]), int(fields[1]), int(fields[2]), fields[3], fields[4]
    except ValueError:
        return None


def last_runs(build_dir: Path, count: int) -> list[CommandRun]:
    """The `count` commands that were logged last, in the order of their ends; fewer where the log has fewer.

    A command with several outputs has a line for each of them, one after the other.
    """
    try:
        text = (build_dir / LOG).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    tree = f"{build_dir}/"
    runs: list[CommandRun] = []
    same: tuple[int, int, str] | None = None
    stop = len(text)
    while stop > 0:
        begin = text.rfind("\n", 0, stop - 1) + 1
        found = parse_line(text[begin:stop].rstrip("\n"))
        stop = begin
        if found is None:
            continue
        start, end, _, output, command = found
        if (start, end, command) != same:
            if len(runs) == count:
                break
            same = (start, end, command)
            runs.append(CommandRun(output, start, end))
        else:
            runs[-1] = CommandRun(output, start, end)  # the first of its lines names it, as in build.ninja
    runs = [CommandRun(run.output.removeprefix(tree), run.start, run.end) for run in runs]
    return runs[::-1]


def placed(runs: Sequence[CommandRun], reports: Sequence[tuple[str, float]]) -> list[tuple[str, str, float, float]]:
    """Each run as (kind, output, begin, seconds), `begin` in Unix seconds like the times of the reports.

    ninja counts from its own start, which nobody reports: of all reports the quickest gives it away. A ninja that ran cmake
    (which it reports when that begins) starts again, so its later commands count from a later start. Nothing is known, and
    the answer is empty, if both lists do not belong together.

    >>> placed([CommandRun("a.o", 0, 400), CommandRun("b.o", 100, 900)], [("compile", 10.5), ("compile", 10.9)])
    [('compile', 'a.o', 10.0, 0.4), ('compile', 'b.o', 10.1, 0.8)]
    >>> placed([CommandRun("a.o", 0, 400)], [])
    []
    """
    if len(runs) != len(reports):
        return []
    cut = next((number for number, run in enumerate(runs, 1) if run.output == CMAKE), 0)
    answer: list[tuple[str, str, float, float]] = []
    for part in (slice(0, cut), slice(cut, None)):
        pairs = list(zip(runs[part], reports[part], strict=True))
        if pairs:
            zero = min(time - (run.start if run.output == CMAKE else run.end) / 1000 for run, (_, time) in pairs)
            for run, (kind, _) in pairs:
                answer.append((kind, run.output, round(zero + run.start / 1000, 3), (run.end - run.start) / 1000))
    return answer
