"""Short tables of what `kernels.py --json` wrote: the best peer's time over ours for each operation, and what falls short.

python benchmarks/kernels/digest.py FILE.jsonl ...
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import format_seconds

SHORT = 0.95  # the budget: no slower than the better peer within 5 %
_NAME = re.compile(r"(?P<operation>.*) \((?P<dtype>\w+), (?P<size>\w+)\)")


@dataclass(frozen=True)
class Measured:
    """One row of one record: ours and the better peer's, in seconds."""

    name: str
    threads: int
    ours: float
    best: float
    peer: str

    @property
    def ratio(self) -> float:
        return self.best / self.ours


def measured(lines: Iterable[str]) -> list[Measured]:
    """All rows with a peer; where a row was measured again, the last time counts."""
    found: dict[tuple[str, int], Measured] = {}
    for line in lines:
        record = json.loads(line)
        threads = int(re.sub(r"\D", "", record["title"]))
        for result in record["results"]:
            seconds = dict(result["seconds"])
            ours = seconds.pop("torch", None)
            if ours and seconds:
                peer = min(seconds, key=lambda label: seconds[label])
                found[result["name"], threads] = Measured(result["name"], threads, ours, seconds[peer], peer)
    return list(found.values())


def _cell(values: dict[int, list[float]]) -> str:
    return " / ".join(" ".join(f"{ratio:.2f}" for ratio in values[threads]) for threads in sorted(values)) or "-"


def ratios(rows: list[Measured]) -> str:
    """Operations measured in several sizes: a line for each, a column for each dtype; in a cell the sizes as they come, one
    thread before the slash and two behind it. Then all others, one by one."""
    sized: dict[str, dict[str, dict[int, list[float]]]] = {}
    single: dict[str, dict[int, list[float]]] = {}
    matches = {row.name: _NAME.fullmatch(row.name) for row in rows}
    forms = Counter(match.group("operation", "dtype") for match in matches.values() if match)
    for row in rows:
        match = matches[row.name]
        if match and forms[match.group("operation", "dtype")] > 1:
            cell = sized.setdefault(match["operation"], {}).setdefault(match["dtype"], {})
        else:
            cell = single.setdefault(row.name, {})
        cell.setdefault(row.threads, []).append(row.ratio)
    dtypes = list(dict.fromkeys(dtype for cells in sized.values() for dtype in cells))
    first = [["operation", *dtypes], *([name, *(_cell(cells.get(d, {})) for d in dtypes)] for name, cells in sized.items())]
    second = [["row", "ratio"], *([name, _cell(cell)] for name, cell in single.items())]
    return "\n\n".join(_table(lines) for lines in (first, second) if len(lines) > 1)


def _table(lines: list[list[str]]) -> str:
    head, *body = lines
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *body))


def shortfalls(rows: list[Measured]) -> str:
    """What is slower than the better peer by more than 5 %, the worst first."""
    lines = [["row", "threads", "torch", "the better peer", "peer / torch"]]
    for row in sorted(rows, key=lambda row: row.ratio):
        if row.ratio < SHORT:
            best = f"{format_seconds(row.best)} ({row.peer})"
            lines.append([row.name, str(row.threads), format_seconds(row.ours), best, f"{row.ratio:.2f}"])
    return _table(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what --json wrote")
    rows = measured(line for file in options.parse_args().files for line in file.read_text(encoding="utf-8").splitlines())
    print(ratios(rows), shortfalls(rows), sep="\n\n")


if __name__ == "__main__":
    main()
