"""Runs cmake, and only if what it depends on differs from the last successful run."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping
from pathlib import Path

from orchestrator.detect import Detection
from orchestrator.errors import ConfigureError
from orchestrator.events import Configured, Emit, Output, Started
from orchestrator.fingerprint import fingerprint
from orchestrator.plan import Plan
from orchestrator.process import stream
from orchestrator.tree import read_json, write_if_different, write_json

__all__ = ["configure", "remembered_tools"]

_STATE = "configure.json"


def remembered_tools(build_dir: Path) -> dict[str, str]:
    """Paths of the cmake and ninja that the tree was made with."""
    tools = read_json(build_dir / _STATE).get("tools", {})
    return {name: text.rpartition(" ")[0] for name, text in tools.items() if name in ("cmake", "ninja")}


def configure(
    plan: Plan, found: Mapping[str, Detection], *, env: Mapping[str, str], emit: Emit, lock: int, log: Path
) -> tuple[str, ...]:
    """Returns the reasons for which cmake ran; none means that it did not have to."""
    state = plan.build_dir / _STATE
    now = fingerprint(plan, found)
    old = read_json(state)
    write_if_different(plan.build_dir / "siblings.cmake", plan.siblings)
    if not old or not (plan.build_dir / "build.ninja").is_file():
        reasons = ["this build tree was not configured yet" if not old else "build.ninja is missing"]
    else:
        reasons = now.differences(old)
    if not reasons:
        return ()
    gone = sorted(set(old.get("definitions", {})) - set(plan.definitions))
    command = [found["cmake"].values["program"], "-S", str(plan.cmake_root), "-B", str(plan.build_dir), "-G", "Ninja"]
    # A cache made by another compiler or in another place cannot be updated.
    if old.get("identity") != now.identity:
        command.append("--fresh")
    command += [f"-U{name}" for name in gone]
    command += [f"-D{name}={value}" for name, value in plan.definitions.items()]
    # While cmake runs, and if it is killed, the tree counts as not configured.
    state.unlink(missing_ok=True)
    begin = time.monotonic()
    emit(Started("configure", reasons[0] if len(reasons) == 1 else f"{len(reasons)} changes"))
    emit(Output("$ " + shlex.join(command)))
    output: list[str] = []

    def on_line(line: str) -> None:
        output.append(line)
        emit(Output(line))

    status = stream(command, env=env, cwd=plan.build_dir, on_line=on_line, inherit=(lock,))
    if status != 0:
        text = f"cmake could not configure the libraries (status {status}).\n{_first_error(output)}"
        raise ConfigureError(text, why=f"Log: {log}", next_step=f"correct that and run again, or try alone: {_short(command)}")
    write_json(state, now.to_json())
    emit(Configured(tuple(reasons), time.monotonic() - begin))
    return tuple(reasons)


def _first_error(lines: list[str]) -> str:
    for number, line in enumerate(lines):
        if line.startswith("CMake Error"):
            block = [line]
            for following in lines[number + 1 :]:
                if following and not following.startswith(" "):
                    break
                block.append(following)
            return "\n".join(block).rstrip()
    return "\n".join(lines[-15:])


def _short(command: list[str]) -> str:
    """The command without -D and -U, which the cache of the tree remembers."""
    return shlex.join(word for word in command if not re.match(r"-[DU]\w", word) and word != "--fresh")
