"""Reads what ninja remembers: how long each command took (.ninja_log), and which headers each unit read (its deps log)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.insight.buildgraph import tree_path
from orchestrator.ninjaruns import LOG, parse_line

__all__ = ["LogEntry", "parse_deps", "parse_log", "read_log"]

_VERSIONS = range(5, 8)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The last run of the command that makes an output. `start` and `end` are milliseconds since that build began.

    `mtime` (nanoseconds) is the time that ninja compares the inputs with; `command` a hash of the command line.
    """

    start: int
    end: int
    mtime: int
    command: str

    @property
    def seconds(self) -> float:
        """Wall time of the command."""
        return max(0, self.end - self.start) / 1000


def read_log(build_dir: Path) -> Mapping[str, LogEntry]:
    """Output -> its last entry. Damaged lines are left out; no log, or one of an unknown version, is empty."""
    try:
        return parse_log((build_dir / LOG).read_text(encoding="utf-8", errors="surrogateescape"), build_dir)
    except OSError:
        return {}


def parse_log(text: str, build_dir: Path) -> Mapping[str, LogEntry]:
    """The same, of the text of a log."""
    head, *lines = text.split("\n")
    version = head.removeprefix("# ninja log v")
    if not version.isdigit() or int(version) not in _VERSIONS:
        return {}
    tree = f"{build_dir}/"
    entries: dict[str, LogEntry] = {}
    for line in lines:
        if found := parse_line(line):
            start, end, mtime, output, command = found
            entries[output.removeprefix(tree)] = LogEntry(start, end, mtime, command)
    return entries


def parse_deps(text: str, build_dir: Path) -> Mapping[str, tuple[str, ...]]:
    """The answer of `ninja -t deps`: output -> the files that its command read. Paths in the build tree become relative."""
    tree = f"{build_dir}/"
    deps: dict[str, tuple[str, ...]] = {}
    for block in text.split("\n\n"):
        head, *lines = block.strip("\n").split("\n")
        output, found, rest = head.partition(": #deps ")
        if found and "STALE" not in rest:
            deps[output] = tuple(tree_path(line.strip(), tree) for line in lines)
    return deps
