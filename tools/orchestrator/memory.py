"""What units of a build needed of memory: the records that the launcher leaves in the build tree, beside ninja's log.

`<build tree>/.memory_log` (of each sub-build in its own tree) is one JSON object for each command that ran, in the order of
their ends; a repeated command has a new line. What a compiler cache answered ran no compiler and has none.

    {"output": "lib/TH/CMakeFiles/TH.dir/src/a.c.o", "peak_bytes": 41943040, "wait_seconds": 0.0, "start": 1790000000.25,
     "seconds": 0.41}

`start` (seconds since 1970) is when the command asked to run, `wait_seconds` how long it was then held back for memory, and
`seconds` what it took after that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.values import Value

__all__ = ["LOG", "TABLE", "UnitMemory", "begin_memory", "read_memory"]

LOG = ".memory_log"
TABLE = ".memory_table"
"""What runs now, in the build tree of the whole: the launcher's own."""
_LONG = 1 << 18


class UnitMemory(Value):
    """One run of one command. `output` is as in ninja's log; `peak_bytes` the largest resident set of its processes."""

    output: str
    peak_bytes: int
    wait_seconds: float
    start: float
    seconds: float


def read_memory(build_dir: Path) -> tuple[UnitMemory, ...]:
    """All records of a build tree, in the file's order. Damaged lines (a killed command's) are left out."""
    try:
        text = (build_dir / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(_records(text))


def begin_memory(build_dir: Path) -> None:
    """Before a build, under the tree's lock: nothing runs, and of a long log only the last record of each command stays."""
    (build_dir / TABLE).unlink(missing_ok=True)
    log = build_dir / LOG
    try:
        if log.stat().st_size < _LONG:
            return
    except OSError:
        return
    last = {unit.output: unit for unit in read_memory(build_dir)}
    partial = log.with_name(f"{LOG}.{os.getpid()}")
    partial.write_text("".join(json.dumps(vars(unit)) + "\n" for unit in last.values()), encoding="utf-8")
    partial.replace(log)


def _records(text: str) -> Iterator[UnitMemory]:
    for line in text.splitlines():
        try:
            data = json.loads(line)
            yield UnitMemory(
                str(data["output"]),
                int(data["peak_bytes"]),
                float(data["wait_seconds"]),
                float(data["start"]),
                float(data["seconds"]),
            )
        except (ValueError, KeyError, TypeError):
            continue
