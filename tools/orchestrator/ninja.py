"""Runs ninja, reads its progress, and finds the first error."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.errors import CompileError
from orchestrator.events import Emit, Output, Progress
from orchestrator.process import stream

__all__ = ["NinjaRun", "run_ninja"]

# Marks that no compiler prints, so that progress is told from output.
_STATUS = re.compile(r"^\x02(\d+)/(\d+)\x03 (.*)")
_DIAGNOSTIC = re.compile(r"^(?P<where>[^\s:][^:]*:\d+(:\d+)?): (fatal )?error: |undefined reference|: error: |Error")
_BLOCK_LINES = 40


@dataclass
class NinjaRun:
    """What a run did: `edges` commands, of which `compiled` units, and the files that were `linked`."""

    edges: int = 0
    compiled: int = 0
    linked: list[str] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    last_lines: list[str] = field(default_factory=list)


def run_ninja(
    ninja: str,
    build_dir: Path,
    targets: Sequence[str],
    *,
    jobs: int,
    env: Mapping[str, str],
    emit: Emit,
    lock: int,
    log: Path,
) -> NinjaRun:
    """Builds the targets. A failed command is a CompileError with the first error and how to repeat it."""
    run = NinjaRun()
    in_failure = False

    def on_line(line: str) -> None:
        nonlocal in_failure
        status = _STATUS.match(line)
        if status:
            in_failure = False
            _count(run, int(status[1]), status[3])
            emit(Progress(int(status[1]), int(status[2]), status[3]))
            line = f"[{status[1]}/{status[2]}] {status[3]}"
        elif line.startswith("FAILED: "):
            in_failure = True
            run.failed.append([line])
        elif line.startswith("ninja: "):
            in_failure = False
        elif in_failure:
            run.failed[-1].append(line)
        run.last_lines[:] = [*run.last_lines[-14:], line]
        emit(Output(line))

    command = [ninja, "-C", str(build_dir), "-j", str(jobs), *targets]
    emit(Output("$ " + shlex.join(command)))
    status = stream(command, env={**env, "NINJA_STATUS": "\x02%f/%t\x03 "}, cwd=build_dir, on_line=on_line, inherit=(lock,))
    if status != 0:
        raise _failure(run, ninja, build_dir, status, log)
    return run


def _count(run: NinjaRun, done: int, text: str) -> None:
    run.edges = max(run.edges, done)
    if text.startswith("Building "):
        run.compiled += 1
    linked = re.match(r"Linking \w+ (?:shared|static|) ?(?:library|module|executable) (.+)", text)
    if linked:
        run.linked.append(linked[1])


def _failure(run: NinjaRun, ninja: str, build_dir: Path, status: int, log: Path) -> CompileError:
    """The first failed command's output from its first error on."""
    why = f"Log: {log}"
    if not run.failed:
        text = "\n".join(line for line in run.last_lines if line)
        return CompileError(f"ninja failed (status {status}):\n{text}", why=why, next_step="see the log")
    head, *rest = run.failed[0]
    output = head.removeprefix("FAILED: ")
    target = re.sub(r"^\[code=\d+\] ", "", output).split()[0]
    lines = rest[1:]  # the first is the command itself
    start = next((number for number, line in enumerate(lines) if _DIAGNOSTIC.search(line)), 0)
    found = _DIAGNOSTIC.search(lines[start]) if lines else None
    where = found["where"] if found and found["where"] else target
    block = "\n".join(lines[start : start + _BLOCK_LINES])
    more = f"\n({len(run.failed) - 1} more commands failed.)" if len(run.failed) > 1 else ""
    text = f"The build failed at {where}\n{block}{more}"
    return CompileError(
        text,
        why=why,
        next_step=f"correct that and build again; this command alone: "
        f"{shlex.join([ninja, '-C', str(build_dir), '-v', target])}",
    )
