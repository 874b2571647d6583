"""cmake and ninja: the real programs, not the Python scripts of the same name that cost 95 ms a call; and make.

What ninja and make understand of a job server is their value `jobserver`: fifo (a path), or pipe (inherited descriptors).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from orchestrator.detect.asking import ask
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_cmake", "detect_make", "detect_ninja"]


def detect_cmake(context: Context) -> Detection:
    """cmake >= 3.24."""
    return _detect(context, "cmake", (3, 24), "data/bin/cmake")


def detect_ninja(context: Context) -> Detection:
    """ninja >= 1.13. The one from PyPI joins both kinds of job servers, and so says it knows pipes."""
    item = _detect(context, "ninja", (1, 13), "data/bin/ninja")
    if isinstance(item, Found):
        said = ask(context, [item.values["program"], "--version"]).output
        item = replace(item, values={**item.values, "jobserver": "pipe" if "jobserver-pipe" in said else "fifo"})
    return item


def detect_make(context: Context) -> Detection:
    """GNU make, which some projects start in the middle of their build; before 4.4 it knows pipes only."""
    program = shutil.which("make", path=context.environ.get("PATH", ""))
    if program is None:
        return Missing("make", "not on PATH", (), required=False)
    number = re.match(r"GNU Make (\d+)\.(\d+)", ask(context, [program, "--version"]).output)
    if number is None:
        return Missing("make", f"{program} is no GNU make", (), required=False)
    knows = "fifo" if (int(number[1]), int(number[2])) >= (4, 4) else "pipe"
    return Found("make", f"{number[1]}.{number[2]}", Path(program), "PATH", {"program": program, "jobserver": knows})


def _detect(context: Context, name: str, minimum: tuple[int, int], inside: str) -> Detection:
    looked: list[Candidate] = []
    seen: set[Path] = set()
    for path, how in _candidates(context, name, inside):
        if path in seen:
            continue
        seen.add(path)
        problem, version = _judge(context, path, minimum)
        looked.append(Candidate(f"{path} ({how})", problem or "taken", version, taken=not problem))
        if not problem:
            return Found(name, version, path, how, {"program": str(path)}, looked=tuple(looked))
    wanted = ".".join(map(str, minimum))
    return Missing(name, f"no {name} >= {wanted} found", tuple(looked))


def _candidates(context: Context, name: str, inside: str) -> Iterator[tuple[Path, str]]:
    chosen = context.options[name.upper()]
    if chosen:
        yield Path(chosen), name.upper()
        return
    # Another version on the same tree would relink everything, so the tree's own comes first while it exists.
    if context.remembered.get(name):
        yield Path(context.remembered[name]), "made this build tree"
    for folder in _package_folders(name):
        yield folder / inside, f"Python package {name}"
        # Newer packages hold the program as a script: <prefix>/bin, beside <prefix>/lib/pythonX.Y/site-packages/<name>. It need
        # not be this interpreter's prefix, if that sees the packages of another environment.
        for prefix in list(folder.resolve().parents)[3:4]:
            yield prefix / "bin" / name, f"Python package {name}"
    # A wheel's scripts folder: <prefix>/bin, or the overlay of an isolated build, which stands on PATH.
    yield Path(sys.executable).parent / name, "beside this Python"
    for folder in context.path_folders():
        yield folder / name, "PATH"


def _package_folders(name: str) -> list[Path]:
    """Folders of the installed Python package; a plain folder of that name on sys.path is none."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None or spec.origin is None or not spec.submodule_search_locations:
        return []
    return [Path(location) for location in spec.submodule_search_locations]


def _judge(context: Context, path: Path, minimum: tuple[int, int]) -> tuple[str, str]:
    """("", version) or (why not, version if it could be told)."""
    try:
        if not path.is_file():
            return "not there", ""
        if not os.access(path, os.X_OK):
            return "not executable", ""
        with path.open("rb") as file:
            if file.read(2) == b"#!":
                return "a script that only starts the program", ""
    except OSError as error:
        return f"cannot be read: {error.strerror}", ""
    done = ask(context, [str(path), "--version"])
    number = re.search(r"(\d+)\.(\d+)(\.\d+)*", done.output)
    if done.status != 0 or number is None:
        return f"`--version` failed with status {done.status}", ""
    if (int(number[1]), int(number[2])) < minimum:
        return f"{number[0]} is older than {'.'.join(map(str, minimum))}", number[0]
    return "", number[0]
