"""Runs ninja, reads its progress and its reasons, and finds the first error. Light: the rebuild of an edit imports it."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from orchestrator.cache import CacheUse, begin, used
from orchestrator.errors import BuildError, CompileError, ConfigureError
from orchestrator.events import CacheAnswers, Commands, Emit, Explained, Output, Progress
from orchestrator.insight.expectation import Expectation
from orchestrator.jobserver import STATIC, Budget, JobServer
from orchestrator.ninjaruns import last_runs, placed
from orchestrator.process import Command, Steps, drive

__all__ = [
    "BEFORE",
    "EXPLAIN",
    "NinjaRun",
    "explained_output",
    "keep_graph",
    "kind_of",
    "ninja_steps",
    "placed_line",
    "run_ninja",
]

EXPLAIN = "ninja explain: "
BEFORE = ".before"
"""Ending of the copies of build.ninja and rules.ninja that stood before cmake ran last."""

# Marks that no compiler prints, so that progress is told from output.
_STATUS = re.compile(r"^\x02(\d+)/(\d+)\x03 (.*)")
_KINDS = (
    ("Building ", "compile"),
    ("Linking ", "link"),
    ("Listing the symbols ", "symbols"),
    ("Re-running CMake", "configure"),
)
_DIAGNOSTIC = r"^(?P<where>[^\s:][^:]*:\d+(:\d+)?): (fatal )?error: |undefined reference|: error: |Error"
_NVCC = (
    r"^(?P<file>[^\s:()][^:()]*)\((?P<line>\d+)\): (?P<kind>catastrophic error|error|warning)(?: (?P<number>#[\w-]+))?: "
    r"(?P<text>.*)$"
)
_BLOCK_LINES = 40
_JOBSERVER = ("ninja: Jobserver mode detected", "ninja: warning: Jobserver 'pipe' mode")
# How ninja names the output that it explains. "X is dirty" names an input, and so says nothing that the graph does not.
_EXPLAINED = re.compile(
    r"(?:restat of output|output|recorded mtime of) (.+?)(?= older than | of phony edge | doesn't exist)"
    r"|command line (?:changed|not found in log) for (.+)"
    r"|(?:deps for|depfile|stored deps info out of date for) '(.+?)'"
)


class NinjaRun:
    """What a run did: `edges` commands, of which `compiled` units, and the files that were `linked`.

    `reconfigured` says that ninja ran cmake, because a file that cmake had read was newer; `cmake` is what that printed.
    `reports` are kind and Unix time of each line in which ninja told of a command that did not fail. `explained` are the
    outputs that ninja gave a reason for; `expected` is how many seconds were to be expected, None where nothing was known.
    """

    def __init__(
        self, *, edges: int = 0, compiled: int = 0, linked: Sequence[str] = (), failed: Sequence[list[str]] = ()
    ) -> None:
        self.edges = edges
        self.compiled = compiled
        self.linked = list(linked)
        self.failed = list(failed)
        self.last_lines: list[str] = []
        self.reconfigured = False
        self.cmake: list[str] = []
        self.cache: CacheUse | None = None
        self.reports: list[tuple[str, float]] = []
        self.explained: list[str] = []
        self.expected: float | None = None


def keep_graph(build_dir: Path) -> None:
    """Keeps build.ninja and its rules under another name before cmake replaces them, to show how commands changed."""
    for name in ("build.ninja", "CMakeFiles/rules.ninja"):
        kept, partial = build_dir / f"{name}{BEFORE}", build_dir / f"{name}{BEFORE}.{os.getpid()}"
        try:
            partial.hardlink_to(build_dir / name)  # cmake renames a new file into place
            partial.replace(kept)
            partial.unlink(missing_ok=True)  # still there if both were the same file already
        except OSError:
            continue


def explained_output(reason: str) -> str:
    """The output that a reason of ninja's is about; empty for one that only says that an input will be made again."""
    match = _EXPLAINED.match(reason)
    return next((name for name in match.groups() if name), "") if match else ""


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
    style: str = STATIC,
    more: Sequence[str] = (),
) -> NinjaRun:
    """Builds the targets, with a job server for what commands start. `more` are arguments of ninja.

    A failed command is a CompileError with the first error and how to repeat it.
    """
    with JobServer(jobs, style=style) as server:
        server.take()  # the one that ninja need not ask for
        expectation = Expectation(build_dir, targets, jobs)
        steps = ninja_steps(ninja, build_dir, targets, budget=server.budget(*more), env=env, emit=emit, lock=lock, log=log)
        run = drive(steps, meanwhile=expectation.prepare)
        run.expected = expectation.seconds(run.explained)
        return run


def ninja_steps(
    ninja: str,
    build_dir: Path,
    targets: Sequence[str],
    *,
    budget: Budget,
    env: Mapping[str, str],
    emit: Emit,
    lock: int,
    log: Path,
) -> Steps[NinjaRun]:
    """The same as work that can overlap with other work, within their common budget."""
    run = NinjaRun()
    on_line = _reader(run, build_dir, emit)
    command = [ninja, "-C", str(build_dir), "-d", "explain", *budget.arguments, *targets]
    emit(Output("$ " + shlex.join(command)))
    counting = begin(build_dir)
    variables = {**env, **budget.variables, "NINJA_STATUS": "\x02%f/%t\x03 "}
    try:
        status = yield Command(tuple(command), variables, on_line, inherit=(lock, *budget.inherit), what="build")
    finally:
        run.cache = used(build_dir, counting)
        _record(run, build_dir, budget.jobs, emit)
    if status != 0:
        raise _failure(run, ninja, build_dir, status, log)
    return run


def _reader(run: NinjaRun, build_dir: Path, emit: Emit) -> Callable[[str], None]:
    """What takes ninja's lines: puts them into `run`, and emits what they say."""
    in_failure = False

    def on_line(line: str) -> None:
        nonlocal in_failure
        if line.startswith(EXPLAIN):
            _explain(run, line, build_dir, emit)
            return
        if "): " in line:
            line = placed_line(line, build_dir)
        if line.startswith(_JOBSERVER):
            return
        status = _STATUS.match(line)
        if status:
            in_failure = False
            _count(run, int(status[1]), status[3])
            run.reports.append((kind_of(status[3]), time.time()))
            emit(Progress(int(status[1]), int(status[2]), status[3]))
            line = f"[{status[1]}/{status[2]}] {status[3]}"
        elif line.startswith("FAILED: "):
            in_failure = True
            run.failed.append([line])
            del run.reports[-1:]
        elif line.startswith("ninja: "):
            in_failure = False
        elif in_failure:
            run.failed[-1].append(line)
        elif run.reconfigured and not run.edges:
            run.cmake.append(line)
        run.last_lines[:] = [*run.last_lines[-14:], line]
        emit(Output(line))

    return on_line


def placed_line(line: str, build_dir: Path) -> str:
    """What nvcc says about a place, said as gcc says it, which editors and services understand; other lines as they are.

    >>> placed_line("../../a/b.cu(16): error: expected a ;", Path("/r/build/release"))
    '/r/a/b.cu:16: error: expected a ;'
    """
    found = re.match(_NVCC, line)
    if found is None:
        return line
    file = os.path.normpath(build_dir / found["file"])
    kind = "fatal error" if found["kind"].startswith("catastrophic") else found["kind"]
    number = f" [{found['number']}]" if found["number"] else ""
    return f"{file}:{found['line']}: {kind}: {found['text']}{number}"


def _record(run: NinjaRun, build_dir: Path, jobs: int, emit: Emit) -> None:
    """Leaves in the record when each command ran, and what the compiler cache said."""
    if run.reports and (runs := placed(last_runs(build_dir, len(run.reports)), run.reports)):
        emit(Commands(jobs, tuple(runs)))
    if use := run.cache:
        emit(CacheAnswers(use.kind, use.hits, use.missed, use.uncacheable, use.units))


def kind_of(text: str) -> str:
    """What a command does, told from CMake's description of it.

    >>> kind_of("Building C object one.o"), kind_of("Linking C shared library lib/libone.so"), kind_of("Writing table.h")
    ('compile', 'link', 'generate')
    """
    return next((kind for beginning, kind in _KINDS if text.startswith(beginning)), "generate")


def _explain(run: NinjaRun, line: str, build_dir: Path, emit: Emit) -> None:
    """ninja says why before it says that a command ran (cmake: that it starts)."""
    reason = line.removeprefix(EXPLAIN)
    output = explained_output(reason)
    if output == "build.ninja" and not run.reconfigured:
        run.reconfigured = True
        keep_graph(build_dir)
    if output:
        run.explained.append(output)
        emit(Explained(output, reason))


def _count(run: NinjaRun, done: int, text: str) -> None:
    run.edges = max(run.edges, done)
    run.compiled += kind_of(text) == "compile"
    linked = re.match(r"Linking \w+ (?:shared|static|) ?(?:library|module|executable) (.+)", text)
    if linked:
        run.linked.append(linked[1])


def _failure(run: NinjaRun, ninja: str, build_dir: Path, status: int, log: Path) -> BuildError:
    """The first failed command's output from its first error on."""
    why = f"Log: {log}"
    if run.failed and _target(run.failed[0][0]) == "build.ninja":
        from orchestrator.configure import first_error  # rare, and not light

        text = f"cmake could not configure the libraries again.\n{first_error(run.cmake)}"
        return ConfigureError(text, why=why, next_step="correct that and build again")
    if not run.failed:
        text = "\n".join(line for line in run.last_lines if line)
        return CompileError(f"ninja failed (status {status}):\n{text}", why=why, next_step="see the log")
    head, *rest = run.failed[0]
    output = head.removeprefix("FAILED: ")
    target = re.sub(r"^\[code=\d+\] ", "", output).split()[0]
    lines = rest[1:]  # the first is the command itself
    start = next((number for number, line in enumerate(lines) if re.search(_DIAGNOSTIC, line)), 0)
    found = re.search(_DIAGNOSTIC, lines[start]) if lines else None
    where = found["where"] if found and found["where"] else target
    block = "\n".join(lines[start : start + _BLOCK_LINES])
    more = f"\n({len(run.failed) - 1} more commands failed.)" if len(run.failed) > 1 else ""
    text = f"The build failed at {where}\n{block}{more}"
    return CompileError(
        text,
        why=why,
        next_step=f"correct that and build again; this command alone: "
        f"{shlex.join([ninja, '-C', str(build_dir), '-v', target])}",
        targets=tuple(_target(block[0]) for block in run.failed),
    )


def _target(head: str) -> str:
    """The first output that a line `FAILED: [code=1] OUTPUT ...` names."""
    return re.sub(r"^FAILED: (\[code=\d+\] )?", "", head).split()[0]
