"""The memory launcher (`memory_launcher.c`): compiled once by the compiler that was found, and put before commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestrator.cachefolder import CacheFolder, key_of
from orchestrator.detect import Detection, Found, Missing
from orchestrator.errors import BuildError
from orchestrator.memory import LOG, TABLE
from orchestrator.process import capture
from orchestrator.tree import claim_tree, read_json, write_json

__all__ = ["find_launcher", "launcher_arguments", "launcher_variables"]

_SOURCE = Path(__file__).with_name("memory_launcher.c")
_WAYS = (("-static",), ())  # a static program starts in half the time; it does too little for -O2 to be felt
_OFF = "HOLD_MEMORY=OFF"


def find_launcher(
    found: Mapping[str, Detection], kept: CacheFolder, build_dir: Path, *, wanted: bool, dry_run: bool
) -> Detection:
    """The program, compiled anew if its source changed. A dry run only says where it would be.

    Its path stays the same: it is part of every command, and another command would be another build. All checkouts of a user
    share it, whatever compiler each uses: it is compiled for this machine by the first that asks.
    """
    compiler = found.get("compiler")
    if not isinstance(compiler, Found):
        return Missing("memory", "no compiler", (), required=False)
    if not wanted:
        return Missing("memory", _OFF, (), required=False)
    folder = kept.folder / "launcher" if kept.folder else build_dir / "deps" / "launcher"
    program = folder / "memory_launcher"
    item = Found("memory", "", program, "compiled for it", {"program": str(program)})
    source = _SOURCE.read_text(encoding="utf-8")
    key = key_of([source, os.uname().machine])
    record = folder / "launcher.json"
    if dry_run or (program.is_file() and read_json(record).get("key") == key):
        return item
    try:
        if kept.folder:
            claim_tree(kept.folder)
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".memory_launcher.{os.getpid()}"
        for way in _WAYS:
            done = capture([compiler.values["c"], "-O0", *way, "-o", str(partial), str(_SOURCE)])
            if done.status == 0:
                partial.replace(program)
                write_json(record, {"key": key})
                return item
    except (OSError, BuildError) as error:  # full, read-only, or somebody else's folder: a build goes on without it
        return Missing("memory", f"{folder} cannot be written: {error}", (), required=False)
    return Missing("memory", f"{compiler.values['c']} could not compile {_SOURCE.name}", (), required=False)


def launcher_arguments(item: Detection | None, build_dir: Path, table_dir: Path) -> list[str]:
    """What stands before a command of the tree: nothing where there is no launcher. `table_dir` is that of the whole build."""
    if not isinstance(item, Found):
        return []
    return [item.values["program"], f"--log={build_dir / LOG}", f"--table={table_dir / TABLE}"]


def launcher_variables(item: Detection | None, build_dir: Path, table_dir: Path) -> list[str]:
    """The same for ccache, which puts it before the compiler where it has no answer of its own, and gives it no arguments.

    ccache takes its prefix apart at spaces.
    """
    if not isinstance(item, Found) or " " in item.values["program"]:
        return []
    places = [f"BUILD_MEMORY_LOG={build_dir / LOG}", f"BUILD_MEMORY_TABLE={table_dir / TABLE}"]
    return [f"CCACHE_PREFIX={item.values['program']}", *places]
