"""Sizes of files and functions: a file that fits the mind, a function that fits the eye."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lizard
from sources import ROOT, sources, text

PYTHON = (".py",)
NATIVE = (".c", ".h", ".cpp", ".cu", ".cuh")
FILE_LINES = {".py": 400} | dict.fromkeys(NATIVE, 500)
FUNCTION_LINES = {".py": 50} | dict.fromkeys(NATIVE, 60)
LONGEST_LINE = 128


def allowed(kind: str) -> dict[str, dict[str, Any]]:
    """The exceptions of budgets.toml."""
    with (ROOT / "tests/house/budgets.toml").open("rb") as stream:
        table: dict[str, dict[str, Any]] = tomllib.load(stream)[kind]
    return table


def measured_files() -> Iterator[tuple[str, int, int]]:
    """Name, lines, budget."""
    for path in sources(*PYTHON, *NATIVE):
        yield path.as_posix(), len(text(path).splitlines()), FILE_LINES[path.suffix]


def measured_functions() -> Iterator[tuple[str, int, int]]:
    """path::name, lines, budget. Functions of the same name in a file count as one: the longest.

    Files that are shorter than a function may be are not taken apart.
    """
    longest: dict[tuple[str, int], int] = {}
    for path in sources(*PYTHON, *NATIVE):
        if len(text(path).splitlines()) <= FUNCTION_LINES[path.suffix]:
            continue
        sizes = python_functions(text(path)) if path.suffix == ".py" else native_functions(path)
        for name, lines in sizes:
            key = (f"{path.as_posix()}::{name}", FUNCTION_LINES[path.suffix])
            longest[key] = max(lines, longest.get(key, 0))
    for (name, budget), lines in longest.items():
        yield name, lines, budget


def python_functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each function, from `def` on, without its docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, lines


def native_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of each C or C++ function. Tokens and conditions are not counted: that takes as long as all else."""
    analyze = lizard.FileAnalyzer([lizard.preprocessing, lizard.comment_counter, lizard.line_counter])
    for function in analyze(str(ROOT / path)).function_list:
        yield function.name, function.end_line - function.start_line + 1


def verdict(measured: list[tuple[str, int, int]], exceptions: dict[str, dict[str, Any]]) -> list[str]:
    """What is over its budget without an entry, and which entries are not exact or not needed any more."""
    complaints = []
    sizes = {name: (lines, budget) for name, lines, budget in measured}
    for name, (lines, budget) in sizes.items():
        entry = exceptions.get(name)
        if entry is None and lines > budget:
            complaints.append(f"{name}: {lines} lines, the budget is {budget}: split it")
        elif entry is not None and lines <= budget:
            complaints.append(f"{name}: {lines} lines are within the budget again: remove its entry")
        elif entry is not None and lines > entry["lines"]:
            complaints.append(f"{name}: grew from {entry['lines']} to {lines} lines: the list may only shrink")
        elif entry is not None and lines < entry["lines"]:
            complaints.append(f"{name}: shrank from {entry['lines']} to {lines} lines: lower its entry")
    complaints += [f"{name}: has an entry and is not there" for name in exceptions if name not in sizes]
    complaints += [f"{name}: its entry says no reason" for name, entry in exceptions.items() if not entry.get("why")]
    return complaints


def test_files_are_within_their_budget() -> None:
    measured = list(measured_files())
    assert len(measured) > 50
    assert verdict(measured, allowed("files")) == []


def test_functions_are_within_their_budget() -> None:
    measured = list(measured_functions())
    assert len(measured) > 100
    assert verdict(measured, allowed("functions")) == []


def test_lines_are_short_enough() -> None:
    long = [
        f"{path}:{number}"
        for path in sources(*PYTHON, *NATIVE, ".cmake", "CMakeLists.txt")
        for number, line in enumerate(text(path).splitlines(), 1)
        if len(line) > LONGEST_LINE and "http" not in line
    ]
    assert long == []


def test_the_verdict_notices_each_kind_of_breach() -> None:
    exceptions = {"grown": {"lines": 60, "why": "x"}, "shrunk": {"lines": 60, "why": "x"}, "fits": {"lines": 60, "why": "x"}}
    exceptions |= {"gone": {"lines": 60, "why": "x"}, "silent": {"lines": 60, "why": ""}}
    sizes = {"over": 51, "grown": 61, "shrunk": 59, "fits": 50, "silent": 60, "small": 3}
    complaints = verdict([(name, lines, 50) for name, lines in sizes.items()], exceptions)
    assert sorted(complaint.split(":")[0] for complaint in complaints) == ["fits", "gone", "grown", "over", "shrunk", "silent"]


def test_functions_are_measured() -> None:
    source = 'def f():\n    """Says\n    little."""\n    a = 1\n    return a\n'
    assert list(python_functions(source)) == [("f", 3)]
