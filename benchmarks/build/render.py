"""Markdown of the figures that the build benchmarks write as JSON.

python benchmarks/build/render.py results/*.json
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

OURS = "ours"
NAMES = {
    "cold": "first build, configure included",
    "noop": "nothing to do",
    "file": "one C file changed",
    "header": "public header of the lowest library changed",
    "option": "option of one library changed",
    "again": "editable install again, nothing changed",
    "clone": "second checkout, warm compiler cache",
    "import": "import with rebuild-on-import, nothing to do",
    "hold": "first build, memory measured and held back for",
}


def markdown(record: Mapping[str, Any]) -> str:
    """A heading, how it was taken, the tables, and what a reader has to know about single figures."""
    rows: list[dict[str, Any]] = record["rows"]
    machine, cleared = record["machine"], record["cleared"]
    lines = [
        f"### {record['subject']}",
        "",
        f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['jobs']} jobs, Python {machine['python']}; "
        f"medians of {record['rounds']} interleaved rounds, seconds; in brackets: the median ratio to ours in the same round.",
        "Taken out of everyone's environment: "
        + (", ".join(f"{name}={value}" for name, value in sorted(cleared.items())) or "nothing was set")
        + ".",
        "",
        *(_growth(rows) if record["kind"] == "growth" else _scenarios(rows)),
    ]
    versions = [
        f"{tool}: {', '.join(f'{name} {version}' for name, version in found.items())}"
        for tool, found in record["versions"].items()
    ]
    return "\n".join([*lines, *(["", "Versions: " + "; ".join(versions) + "."] if versions else [])])


def _scenarios(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    tools = list(dict.fromkeys(row["tool"] for row in rows if row["scenario"] != "again"))
    found = {(row["scenario"], row["tool"]): row for row in rows}
    marks: list[str] = []
    lines = [_line(["what", *tools]), _line(["---"] * (len(tools) + 1))] if tools else []
    for scenario, name in NAMES.items():
        if scenario != "again" and any(row["scenario"] == scenario for row in rows):
            ours = found.get((scenario, OURS))
            lines.append(_line([name, *(_cell(found.get((scenario, tool)), ours, marks) for tool in tools)]))
    lines += _floor(found)
    again = [row for row in rows if row["scenario"] == "again"]
    if again:
        lines += [*([""] if lines else []), _line([NAMES["again"], "seconds"]), _line(["---", "---"])]
        lines += [_line([row["tool"], _cell(row, None, marks)]) for row in again]
    return [*lines, *(["", *(f"{number}. {mark}" for number, mark in enumerate(marks, 1))] if marks else [])]


def _cell(row: Mapping[str, Any] | None, ours: Mapping[str, Any] | None, marks: list[str]) -> str:
    if row is None:
        return "-"
    text = seconds(statistics.median(row["seconds"]))
    if ours is not None and ours is not row:
        text += f" ({paired(row['seconds'], ours['seconds']):.2f})"
    for mark in remarks(row):
        if mark not in marks:
            marks.append(mark)
        text += f" [{marks.index(mark) + 1}]"
    return text


def remarks(row: Mapping[str, Any]) -> list[str]:
    """What a reader has to know: work that a build did not do, or did without need."""
    found = [f"{row['tool']}: WRONG RESULT, {text}." for text in row["wrong"]]
    compiled = round(statistics.median(row["compiled"]))
    if row["expected"] not in (None, compiled) and not row["wrong"]:
        what = NAMES[row["scenario"]]
        found.append(f"{row['tool']}, {what}: {compiled} C files compiled in the tree, {row['expected']} would have to be.")
    if row["notes"]:
        found.append(f"{row['tool']}: {row['notes'][-1]}.")
    return found


def _floor(found: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    ours = found.get(("cold", OURS))
    raw = next((row for (name, _), row in found.items() if name == "cold" and row["floor"]), None)
    if ours is None or raw is None:
        return []
    ratio, other = paired(ours["seconds"], raw["floor"]), paired(raw["seconds"], raw["floor"])
    return [
        "",
        f"Floor of the first build, max(CPU seconds / cores, configuration and longest chain) of {raw['tool']}: "
        f"{seconds(statistics.median(raw['floor']))} s; ours / floor {ratio:.2f}, {raw['tool']} / floor {other:.2f}.",
    ]


def _growth(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    found = {(row["units"], row["tool"]): row for row in rows}
    marks: list[str] = []
    lines = [_line(["C files", *tools]), _line(["---"] * (len(tools) + 1))]
    for units in dict.fromkeys(row["units"] for row in rows):
        ours = found.get((units, OURS))
        lines.append(_line([str(units), *(_cell(found.get((units, tool)), ours, marks) for tool in tools)]))
    return [*lines, *(["", *(f"{number}. {mark}" for number, mark in enumerate(marks, 1))] if marks else [])]


def paired(values: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of samples that were taken in the same round."""
    return statistics.median(a / b for a, b in zip(values, others, strict=True))


def seconds(value: float) -> str:
    """Three digits."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Markdown of the figures that the build benchmarks write as JSON.")
    parser.add_argument("files", nargs="+", type=Path)
    for path in parser.parse_args().files:
        print(markdown(json.loads(path.read_text(encoding="utf-8"))) + "\n")


if __name__ == "__main__":
    main()
