"""Asks programs about themselves, and a program that did not change only once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from orchestrator.cachefolder import key_of
from orchestrator.detect.result import Context
from orchestrator.process import Completed, capture

__all__ = ["ask", "is_plain_program", "stamp_of"]

# Programs that run another one, which may change while they do not.
_FRONTS = ("ccache", "sccache", "distcc", "icecc", "busybox", "env")
# What can change the answer of a program that stays the same.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "LD_PRELOAD", "GCC_EXEC_PREFIX", "COMPILER_PATH", "CCC_OVERRIDE_OPTIONS", "LANG", "LC_ALL")


def ask(context: Context, command: Sequence[str]) -> Completed:
    """Runs a short command; its first word is a program's path. Success is kept as long as the program is the same file."""
    program = Path(command[0])
    stamp = stamp_of(program) if is_plain_program(program) else None
    if stamp is None:
        return capture(command, env=context.environ)
    settings = {name: context.environ[name] for name in _ENVIRONMENT if name in context.environ}
    key = key_of([list(command), stamp, settings])
    kept = context.memory.read("tools", key)
    if kept is not None and isinstance(kept.get("output"), str):
        return Completed(0, kept["output"])
    done = capture(command, env=context.environ)
    if done.status == 0:
        context.memory.write("tools", key, {"command": list(command), "output": done.output})
    return done


def stamp_of(program: Path) -> list[str | int] | None:
    """What tells one state of a program's file from another; None if it is not there."""
    try:
        real = program.resolve()
        status = real.stat()
    except (OSError, RuntimeError):
        return None
    return [str(real), status.st_size, status.st_mtime_ns, status.st_ino]


def is_plain_program(path: Path) -> bool:
    """True for a file whose behaviour is its own: no script, and nothing that runs a program of another name."""
    try:
        real = path.resolve()
        if real.name in _FRONTS or not os.access(real, os.X_OK):
            return False
        with real.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except (OSError, RuntimeError):
        return False
