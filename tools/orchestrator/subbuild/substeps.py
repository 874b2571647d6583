"""The work of one sub-build: cmake if what it was configured with differs, ninja, install rules, prefix; or nothing at all."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestrator.cache import remember_cache
from orchestrator.cachefolder import user_cache
from orchestrator.clock import correct_future, forget_future
from orchestrator.configure import cmake_steps
from orchestrator.detect import Detection, Found
from orchestrator.errors import CompileError, ConfigureError
from orchestrator.events import Configured, Emit, Output, Warned
from orchestrator.fastpath import stamp
from orchestrator.insight.buildgraph import load_graph
from orchestrator.insight.ninjaquery import ask_deps
from orchestrator.jobserver import Budget
from orchestrator.ninja import NinjaRun, keep_graph, ninja_steps
from orchestrator.probes import keep, seed
from orchestrator.process import Command, Steps
from orchestrator.publish import Transaction, deliver, read_journal
from orchestrator.subbuild.staging import InstallRuleError, clear_stage, delivery_of, installed_stamps, staged
from orchestrator.subbuild.subplan import SubPlan
from orchestrator.subbuild.substate import (
    Inputs,
    Stamp,
    SubState,
    begin_build,
    begin_configure,
    end_build,
    end_configure,
    look,
    read_state,
)

__all__ = ["Shop", "SubResult", "install_steps", "intact", "sub_steps"]

_RERUN = re.compile(r"^build build\.ninja(?: [^:]*)?: RERUN_CMAKE \|? ?(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Shop:
    """What all sub-builds of a command share; `without` is the folder of build trees, which hold no sources."""

    found: Mapping[str, Detection]
    env: Mapping[str, str]
    budget: Budget
    lock: int
    log: Path
    command: str
    without: Path
    fresh: tuple[str, ...] | None = None

    def program(self, name: str) -> str:
        """The path of cmake or ninja."""
        return self.found[name].values["program"]


@dataclass(frozen=True)
class SubResult:
    """What a sub-build did. `stamps` are the files that "nothing to do" depends on next time."""

    name: str
    stamps: tuple[Stamp, ...]
    reasons: tuple[str, ...] = ()
    run: NinjaRun | None = None
    change: Transaction | None = None


def sub_steps(sub: SubPlan, shop: Shop, emit: Emit) -> Steps[SubResult]:
    """Raises what cmake's, ninja's and the install rules' failures are, with the name of the project in them."""
    start = time.time()
    state = read_state(sub)
    now = look(sub, shop.found, read_journal(sub.prefix), without=shop.without)
    if state.current(now):
        return SubResult(sub.name, (*now.folders, *state.stamps()))
    sub.build_dir.mkdir(parents=True, exist_ok=True)
    late = [path for path, mtime, _ in now.sources if mtime > start * 1e9]
    if notes := [*forget_future(sub.build_dir, start), *correct_future(late, start)]:
        for note in notes:
            emit(Warned(f"{sub.name}: {note}"))
        now = look(sub, shop.found, read_journal(sub.prefix), without=shop.without)
    reasons = yield from _configure(sub, state, now, shop, emit)
    relink = state.relinks(now)
    begin_build(sub)
    if relink and not reasons:
        _forget_links(sub.build_dir)
    ninja = shop.program("ninja")
    try:
        run = yield from ninja_steps(
            ninja, sub.build_dir, ("all",), budget=shop.budget, env=shop.env, emit=emit, lock=shop.lock, log=shop.log
        )
    except CompileError as error:
        error.what = f"{sub.name}: {error.what}"
        raise
    change = yield from install_steps(sub, shop, emit)  # also without a command of ninja's: a header is installed as it is
    journal = read_journal(sub.prefix)
    known = [path for path, _, _ in state.built["others"]] if state.built and not (reasons or run.edges) else None
    others = [_settled(path, start, sub.prefix) for path in (known or sorted(_read_elsewhere(sub, ninja)))]
    installed = installed_stamps(sub.prefix, journal, sub.name)
    end_build(sub, now, others, installed)
    return SubResult(sub.name, (*now.folders, *now.sources, *others, *installed), reasons, run, change)


def _settled(path: str, start: float, prefix: Path) -> Stamp:
    """What was written since the build began may have been read before: the next one looks again."""
    mtime, size = stamp(path)
    return [path, mtime, size] if mtime < start * 1e9 or path.startswith(f"{prefix}/") else [path, -1, 0]


def _configure(sub: SubPlan, state: SubState, now: Inputs, shop: Shop, emit: Emit) -> Steps[tuple[str, ...]]:
    """Returns the reasons for which cmake ran."""
    reasons, changes = state.reasons(now)
    if shop.fresh is not None and (not shop.fresh or sub.name in shop.fresh):
        reasons = (f"{sub.name} is made anew, as --fresh asks",)
    if not reasons and not (sub.build_dir / "build.ninja").is_file():
        reasons = ("build.ninja is missing",)
    if not reasons:
        return ()
    begin = time.monotonic()
    anew = state.identity != now.identity
    begin_configure(sub)
    kept = user_cache(shop.env)
    command = [shop.program("cmake"), "-S", str(sub.source), "-B", str(sub.build_dir), "-G", "Ninja", "--no-warn-unused-cli"]
    if anew:
        (sub.build_dir / ".ninja_log").unlink(missing_ok=True)
        if not seed(sub, shop.found, shop.env, kept):
            command.append("--fresh")
    old = state.configured.get("definitions", {})
    command += [f"-U{name}" for name in sorted({*old} - {*sub.definitions})]
    command += [f"-D{name}={value}" for name, value in sub.definitions.items()]
    keep_graph(sub.build_dir)
    try:
        yield from cmake_steps(
            command,
            sub.build_dir,
            shop.found,
            env={**shop.env, **shop.budget.variables},
            emit=emit,
            lock=shop.lock,
            log=shop.log,
            what=sub.name,
            inherit=shop.budget.inherit,
        )
    except ConfigureError as error:
        error.next_step += (
            f".\nIf it looks for what another project installs, name that one in `needs` of [project.{sub.name}] "
            f"({sub.places['']}), and say in `cmake` what it asks for"
        )
        raise
    keep(sub, shop.found, shop.env, kept)
    cache = shop.found.get("cache")
    remember_cache(sub.build_dir, cache.values if isinstance(cache, Found) else {})
    end_configure(sub, now)
    emit(Configured(reasons, time.monotonic() - begin, tuple(asdict(change) for change in changes)))
    return reasons


def install_steps(sub: SubPlan, shop: Shop, emit: Emit) -> Steps[Transaction]:
    """Runs the install rules into the stage, and publishes that into the prefix."""
    clear_stage(sub)
    command = (shop.program("cmake"), "--install", str(sub.build_dir), "--prefix", str(sub.prefix))
    emit(Output("$ " + shlex.join([f"DESTDIR={sub.stage}", *command])))
    said: list[str] = []

    def on_line(line: str) -> None:
        said.append(line)
        emit(Output(line))

    env = {**shop.env, **shop.budget.variables, "DESTDIR": str(sub.stage)}
    inherit = (shop.lock, *shop.budget.inherit)
    status = yield Command(command, env, on_line, cwd=sub.build_dir, inherit=inherit, what="install")
    if status != 0:
        words = "\n".join(line for line in said if line and not line.startswith("-- "))
        raise InstallRuleError(
            f"{sub.places['']}: the install rules of {sub.name} failed:\n{words}",
            why=f"Log: {shop.log}",
            next_step="correct them, or tell the project other folders in `cmake`",
        )
    return deliver(delivery_of(sub, staged(sub)), shop.command, emit)


def intact(sub: SubPlan) -> bool:
    """Whether all that was installed is still so, in the prefix and in the stage."""
    own = [file for file in read_journal(sub.prefix) if file.owner == sub.name]
    paths = ((sub.prefix / file.destination, file.source) for file in own)
    wanted = (file for file in own for _ in range(2))
    return bool(own) and all(
        _same(path, file.mtime_ns, file.size) for path, file in zip((p for pair in paths for p in pair), wanted, strict=True)
    )


def _same(path: Path, mtime_ns: int, size: int) -> bool:
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return False
    return (status.st_mtime_ns, status.st_size) == (mtime_ns, size)


def _forget_links(build_dir: Path) -> None:
    """Lets ninja link again: a library that a project names as `-lNAME` is no input of the link."""
    graph = load_graph(build_dir)
    for edge in graph.edges if graph else ():
        if edge.kind == "link" and "STATIC_LIBRARY" not in edge.rule:
            for output in edge.outputs:
                (build_dir / output).unlink(missing_ok=True)


def _read_elsewhere(sub: SubPlan, ninja: str) -> Iterator[str]:
    """Files outside of the source folder and the tree that commands or cmake read, without those that belong to cmake."""
    within = (f"{sub.source}/", f"{sub.build_dir}/")
    deps = ask_deps(ninja, sub.build_dir)
    for path in {path for paths in deps.values() for path in paths}:
        if path.startswith("/") and not path.startswith(within):
            yield path
    try:
        text = (sub.build_dir / "build.ninja").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    for line in _RERUN.findall(text):
        for word in re.split(r"(?<!\$) ", line.partition("||")[0]):
            path = re.sub(r"\$(.)", r"\1", word)
            if path.startswith("/") and not path.startswith(within) and "/share/cmake" not in path:
                yield path
