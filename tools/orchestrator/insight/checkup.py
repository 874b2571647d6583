"""What doctor looks at beside detectors: machine, environment, Python packages, build trees. Each answer is a group of rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.detect.result import Candidate
from orchestrator.insight.settings import effects
from orchestrator.machine import Machine
from orchestrator.tree import is_ours, read_json

__all__ = ["Group", "Problem", "Row", "environment_group", "future_files", "machine_group", "other_packages", "tree_group"]

_SLACK = 2.0  # seconds; file systems round and servers differ
_RECORDS = "fast"


@dataclass(frozen=True)
class Row:
    """One thing: name, what it is, and the places that were looked at."""

    name: str
    text: str
    looked: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Group:
    """Rows under a title."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong, with what to do. `exit_code` is not 0 if no build can run because of it."""

    what: str
    step: str
    exit_code: int = 0


def machine_group(machine: Machine, jobs: int, why: str) -> tuple[Group, list[Problem]]:
    """Processors, memory, commands at once."""
    quota = f", quota of the control group {machine.quota:g}" if machine.quota is not None else ""
    limit = f", limit of the control group {_size(machine.memory_limit)}" if machine.memory_limit is not None else ""
    rows = (
        Row("processors", f"{machine.cores}, of which this process may use {machine.allowed}{quota}"),
        Row("memory", f"{_size(machine.memory)}{limit}"),
        Row("commands", f"{jobs} at once ({why})"),
    )
    problems = []
    if 0 < machine.usable_memory < jobs * (1 << 29):
        text = f"{jobs} commands at once share {_size(machine.usable_memory)} of memory: less than 512 MiB each."
        problems.append(Problem(text, f"build with fewer: -j {max(1, machine.usable_memory >> 29)}, or MAX_JOBS"))
    return Group("Machine", rows), problems


def environment_group(environ: Mapping[str, str]) -> tuple[Group, list[Problem]]:
    """Variables that are set and have an effect."""
    rows = [Row(name, f"= {value}: {effect}") for name, value, effect in effects(environ)]
    problems = []
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if environ.get(name):
            text = f"{name}={environ[name]} overrides what OpenBLAS would choose for this processor; that is most often slower."
            problems.append(Problem(text, f"unset {name}"))
    if environ.get("PYTHONDONTWRITEBYTECODE"):
        problems.append(Problem("PYTHONDONTWRITEBYTECODE makes every import slower.", "unset PYTHONDONTWRITEBYTECODE"))
    if environ.get("CCACHE_DISABLE"):
        problems.append(Problem("CCACHE_DISABLE switches the compiler cache off.", "unset CCACHE_DISABLE"))
    return Group("Environment", tuple(rows) or (Row("", "no variable is set that changes speed or results"),)), problems


def other_packages(package: str, root: Path, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Folders of PYTHONPATH, and the working folder, that hold another package of the same name."""
    entries = [entry for entry in environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    for entry in entries:
        place = Path(entry) / package
        try:
            foreign = (place / "__init__.py").is_file() and place.resolve() != (root / package).resolve()
        except OSError:
            continue
        if foreign:
            text = f"PYTHONPATH leads to another package {package}: {place}. It hides this one from `import {package}`."
            yield Problem(text, f"take {entry} out of PYTHONPATH")


def tree_group(base: Path, *, now: float) -> tuple[Group, list[Problem]]:
    """Each build tree with its size, the outcome of its last build, and whether it was moved."""
    rows: list[Row] = []
    problems: list[Problem] = []
    trees = sorted(base.glob("*")) if base.is_dir() else []
    for tree in trees:
        if tree.name == _RECORDS or not is_ours(tree):
            continue
        rows.append(Row(tree.name, f"{_size(_usage(tree))}; {_last_build(tree, now)}"))
        made_in = read_json(tree / "configure.json").get("identity", {}).get("build folder", "")
        if made_in and made_in != str(tree):
            text = f"The build tree {tree} was made in {made_in}: the checkout was moved or copied."
            problems.append(Problem(text, f"nothing: the next build configures it anew; or delete it: rm -r {tree}"))
        for name in ("build.ninja", ".ninja_log", "configure.json"):
            if _modified(tree / name) > now + _SLACK:
                text = f"{tree / name} was modified in the future: clock or file system disagree, and ninja may build too much."
                problems.append(Problem(text, f"correct the clock, then: touch {tree / name}"))
    return Group("Build trees", tuple(rows) or (Row("", f"none in {base}"),)), problems


def future_files(folders: Sequence[Path], *, now: float, most: int = 20000) -> list[Path]:
    """Files of the sources that were modified in the future; each would be built again and again. Looks at `most` files."""
    found: list[Path] = []
    for folder in folders:
        for base, names, files in os.walk(folder):
            names[:] = [name for name in names if not name.startswith(".") and name not in ("build", "__pycache__")]
            for name in files:
                most -= 1
                if _modified(Path(base, name)) > now + _SLACK:
                    found.append(Path(base, name))
            if most < 0:
                return found
    return found


def _last_build(tree: Path, now: float) -> str:
    try:
        with (tree / "logs/latest/events.jsonl").open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65536))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        configured = (tree / "build.ninja").is_file()
        return "configured; no record of a build" if configured else "not configured"
    event = next((item for line in reversed(lines) if (item := _event(line)).get("event") == "Ended"), None)
    if event is None:
        return "last build: still running, or killed"
    age = f"{_age(now - float(event.get('time', now)))} ago"
    if event.get("status") == 0:
        return f"last build: succeeded in {float(event.get('seconds', 0.0)):.1f} s, {age}"
    return f"last build: failed with status {event.get('status')}, {age}"


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _usage(tree: Path) -> int:
    total = 0
    for base, _, files in os.walk(tree):
        for name in files:
            try:
                total += os.lstat(os.path.join(base, name)).st_size  # noqa: PTH118 - thousands of files
            except OSError:
                continue
    return total


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(size: int) -> str:
    """Bytes for people."""
    value = float(size)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def _age(seconds: float) -> str:
    for length, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
