"""Copies of the working tree to build in, so that benchmarks never touch the tree itself, and timed commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import ROOT, clean_environment

BUILD_DEPS = (sys.executable, "tools/build_deps.py")


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds of a command and its children."""

    wall: float
    cpu: float


def timed(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Timing:
    """Runs a command, from its start to its end; its output is shown only if it fails. `env` is added to the environment."""
    environment = {**clean_environment()[0], **(env or {})}
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return Timing(wall, cpu)


def copy_tree(target: Path) -> Path:
    """The files that git knows or would add, with their times, in a new folder."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def build_folder(tree: Path) -> Path:
    """The folder of the newest build in a tree."""
    found = sorted(tree.glob("build/*/build.ninja"), key=lambda file: file.stat().st_mtime)
    if not found:
        raise SystemExit(f"{tree} has no build: run python tools/build_deps.py first")
    return found[-1].parent


def cache_variables(build: Path) -> dict[str, str]:
    """What CMake was told in that build: on its command line, and by the files that each library includes."""
    variables = {}
    for line in (build / "CMakeCache.txt").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"([A-Za-z]\w*):(\w+)=(.*)", line)
        if match is None or match[2] == "STATIC":  # what CMake derives itself
            continue
        if match[1].startswith(("TORCH_", "TH_")) or match[1] in ("CMAKE_BUILD_TYPE", "CMAKE_MAKE_PROGRAM"):
            variables[match[1]] = match[3]
    for file in sorted(build.glob("libraries/*.cmake")):
        text = file.read_text(encoding="utf-8")
        for name, quoted, plain in re.findall(r"^set\((\w+) (?:\[=\[(.*)\]=\]|(\S+))\)$", text, re.MULTILINE):
            variables[name] = quoted or plain
    return variables


def tool(build: Path, variable: str) -> str:
    """A program that a build uses: CMAKE_COMMAND or CMAKE_MAKE_PROGRAM."""
    text = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    match = re.search(rf"^{variable}:\w+=(.+)$", text, re.MULTILINE)
    if match is None:
        raise SystemExit(f"{build / 'CMakeCache.txt'} does not name {variable}")
    return match[1]
