"""Runs cmake, and only if what it depends on differs from the last successful run."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestrator.cache import remember_cache
from orchestrator.cachefolder import user_cache
from orchestrator.compiledb import link_compile_commands
from orchestrator.detect import Detection, Found
from orchestrator.errors import ConfigureError
from orchestrator.events import Configured, Emit, Output, Started, timed
from orchestrator.fingerprint import FORMAT, Change, fingerprint, nvcc, texts
from orchestrator.ninja import keep_graph
from orchestrator.options.ledger import store_settings
from orchestrator.plan import Plan
from orchestrator.probes import keep, seed
from orchestrator.process import Command, Steps, drive
from orchestrator.tree import read_json, write_if_different, write_json

__all__ = ["cmake_steps", "configure", "configure_steps", "first_error", "pending", "remembered_tools"]

_STATE = "configure.json"


def remembered_tools(build_dir: Path) -> dict[str, str]:
    """Paths of the cmake and ninja that the tree was made with."""
    tools = read_json(build_dir / _STATE).get("tools", {})
    return {name: text.rpartition(" ")[0] for name, text in tools.items() if name in ("cmake", "ninja")}


def pending(plan: Plan, found: Mapping[str, Detection]) -> tuple[tuple[str, ...], tuple[Change, ...]]:
    """Why cmake has to run, as texts and as differences; both empty: it has not. Reads the tree and changes nothing."""
    old = _read(plan.build_dir)
    changes = fingerprint(plan, found).differences(old) if old else ()
    reasons: list[str] = []
    if not old:
        reasons.append("this build tree was not configured yet")
    elif plan.fresh is not None:
        reasons.append(f"{', '.join(plan.fresh) or 'everything'} is made anew, as --fresh asks")
    elif not (plan.build_dir / "build.ninja").is_file():
        reasons.append("build.ninja is missing")
    elif old.get("unfinished"):
        reasons.append("the last configuration did not come to its end")
    reasons += texts(changes)
    if not reasons:
        differing = [name for name, text in plan.files().items() if _text(plan.build_dir / name) != text]
        reasons += [f"{name} is not what it was" for name in differing]
    return tuple(reasons), changes


def configure(
    plan: Plan, found: Mapping[str, Detection], *, env: Mapping[str, str], emit: Emit, lock: int, log: Path
) -> tuple[str, ...]:
    """Returns the reasons for which cmake ran; none means that it did not have to."""
    return drive(configure_steps(plan, found, env=env, emit=emit, lock=lock, log=log))


def configure_steps(
    plan: Plan, found: Mapping[str, Detection], *, env: Mapping[str, str], emit: Emit, lock: int, log: Path
) -> Steps[tuple[str, ...]]:
    """The same as work that can overlap with other work."""
    reasons, changes = pending(plan, found)
    if not reasons:
        store_settings(plan.build_dir, plan.config, plan.settings)
        if plan.publish:
            link_compile_commands(plan.cmake_root, plan.build_dir, replace=False)
        return ()
    old, now = _read(plan.build_dir), fingerprint(plan, found)
    kept = user_cache(env)
    # A cache made by another compiler, in another place, or in an unknown way cannot be updated.
    anew = plan.fresh == () or old.get("identity") != now.identity
    _begin(old, plan, anew=anew)
    if anew:  # a compiler upgraded in place leaves each command line as it was: without its log, ninja makes everything again
        (plan.build_dir / ".ninja_log").unlink(missing_ok=True)
    command = [found["cmake"].values["program"], "-S", str(plan.cmake_root), "-B", str(plan.build_dir), "-G", "Ninja"]
    other_cuda = _other_cuda(old, plan, found)
    if other_cuda:  # one upgraded in place leaves each command line as it was
        for path in plan.build_dir.rglob("*.cu.o"):
            path.unlink(missing_ok=True)
    if (anew and (plan.fresh == () or not seed(plan, found, env, kept))) or other_cuda:
        command.append("--fresh")
    command += [f"-U{name}" for name in sorted({*old.get("cached", ())} - {*plan.definitions})]
    command += [f"-D{name}={value}" for name, value in plan.definitions.items()]
    keep_graph(plan.build_dir)
    for name, text in plan.files().items():
        write_if_different(plan.build_dir / name, text)
    begin = time.monotonic()
    emit(Started("configure", reasons[0] if len(reasons) == 1 else f"{len(reasons)} changes"))
    with timed(emit, "configure", reasons[0] if len(reasons) == 1 else f"{len(reasons)} changes"):
        yield from cmake_steps(command, plan.build_dir, found, env=env, emit=emit, lock=lock, log=log)
    keep(plan, found, env, kept)
    cache = found.get("cache")
    remember_cache(plan.build_dir, cache.values if isinstance(cache, Found) else {})
    write_json(plan.build_dir / _STATE, {**now.to_json(), "cached": sorted(plan.definitions)})
    store_settings(plan.build_dir, plan.config, plan.settings)
    if plan.publish:
        link_compile_commands(plan.cmake_root, plan.build_dir)
    emit(Configured(reasons, time.monotonic() - begin, tuple(asdict(change) for change in changes)))
    return reasons


def _read(build_dir: Path) -> dict[str, Any]:
    """What the last configuration recorded; nothing if none did, or in another format."""
    old = read_json(build_dir / _STATE)
    return old if old.get("format") == FORMAT else {}


def _other_cuda(old: Mapping[str, Any], plan: Plan, found: Mapping[str, Detection]) -> bool:
    """The cache holds another nvcc. cmake would throw such a cache away half-way, and with it what was defined for this run."""
    name = "CMAKE_CUDA_COMPILER"
    pairs = (
        (old.get("definitions", {}).get(name), plan.definitions.get(name)),
        (old.get("tools", {}).get("nvcc"), nvcc(found).get("nvcc")),
    )
    return any(before and after and before != after for before, after in pairs)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _begin(old: Mapping[str, Any], plan: Plan, *, anew: bool) -> None:
    """Marks the tree: until cmake has succeeded, each build configures, and knows every definition that the cache may hold."""
    if old:
        cached = sorted({*old["cached"], *plan.definitions})
        identity = {} if anew else old["identity"]
        write_json(plan.build_dir / _STATE, {**old, "unfinished": True, "cached": cached, "identity": identity})


def cmake_steps(
    command: list[str],
    build_dir: Path,
    found: Mapping[str, Detection],
    *,
    env: Mapping[str, str],
    emit: Emit,
    lock: int,
    log: Path,
    what: str = "the libraries",
    inherit: tuple[int, ...] = (),
) -> Steps[None]:
    """Runs cmake in the tree; its failure is a ConfigureError with its first error and what was found.

    `inherit` are descriptors that `env` tells of, beside the lock.
    """
    emit(Output("$ " + shlex.join(command)))
    output: list[str] = []

    def on_line(line: str) -> None:
        output.append(line)
        emit(Output(line))

    status = yield Command(tuple(command), env, on_line, cwd=build_dir, inherit=(lock, *inherit), what="configure")
    if status != 0:
        text = f"cmake could not configure {what} (status {status}).\n{first_error(output)}"
        step = f"correct that and run again, or try alone: {_short(command)}"
        raise ConfigureError(text, why=f"{_found_text(found)}\nLog: {log}", next_step=step)


def _found_text(found: Mapping[str, Detection]) -> str:
    """What cmake worked with."""
    titles = {"blas": "BLAS", "cuda": "CUDA"}
    rows = [f"  {titles.get(name, name):<11} {item.describe()}" for name, item in found.items() if name != "memory"]
    return "\n".join(["What was found:", *rows])


def first_error(lines: list[str]) -> str:
    """The first error that cmake printed; its last lines if it printed none."""
    for number, line in enumerate(lines):
        if line.startswith("CMake Error"):
            block = [line]
            for following in lines[number + 1 :]:
                if following and not following.startswith(" "):
                    break
                block.append(following)
            return _without_dry_runs("\n".join(block).rstrip())
    return "\n".join(lines[-15:])


def _without_dry_runs(text: str) -> str:
    """cmake shows all that nvcc -v said: a page of commands before the line that tells what failed."""
    if "\n  #$ " not in text:
        return text
    return "\n".join(part for part in text.split("\n\n") if part.strip() and not part.lstrip().startswith("#$"))


def _short(command: list[str]) -> str:
    """The command without -D and -U, which the cache of the tree remembers."""
    return shlex.join(word for word in command if not re.match(r"-[DU]\w", word) and word != "--fresh")
