"""Builds the C tests of libraries and runs them with ctest. The package is left as it is: tests run in the build tree."""

from __future__ import annotations

import os
import re
import shlex
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.configure import configure
from orchestrator.environment import cleaned
from orchestrator.errors import BuildError
from orchestrator.events import Emit, Output, Progress, Started, timed
from orchestrator.front.log import BuildLog, logged
from orchestrator.front.owners import Owners, places
from orchestrator.lock import locked
from orchestrator.manifest import Library
from orchestrator.ninja import run_ninja
from orchestrator.process import stream
from orchestrator.session import BuildRequest, Session, open_session
from orchestrator.subbuild.subplan import FOLDER
from orchestrator.tree import claim_tree
from orchestrator.work import Workshop, work

__all__ = ["CaseResult", "FailedTestsError", "TestReport", "merge_junit", "read_junit", "sanitizer_environment", "test"]

_SLOWEST = 3
_OUTPUT_LINES = 60
_STATUS = re.compile(r"^\s*(\d+)/(\d+) Test\s+#\d+: (\S+) [.\s]*(?:\*{3})?(.+?)\s+([\d.]+) sec")
# What a run under a sanitizer wants unless the user says otherwise; without a sanitizer nobody reads these.
_SANITIZERS = {
    # Tests ask for more memory than there is, and measure what goes back to the system: a quarantine would hold that.
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1:"
    "quarantine_size_mb=16",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    # Tests of fork start threads in the child.
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:allocator_may_return_null=1:die_after_fork=0",
}


class FailedTestsError(BuildError):
    """A C test failed. The command line ends with this status after the report."""

    exit_code = 14


@dataclass(frozen=True)
class CaseResult:
    """One test that ctest ran. `seconds` is wall time; `output` is what the test printed."""

    library: str
    name: str
    passed: bool
    seconds: float
    output: str = ""
    again: str = ""
    """The command that runs this test alone."""


@dataclass(frozen=True)
class TestReport:
    """What the tests of some libraries gave. `seconds` is the wall time of running them, without building."""

    __test__ = False  # for pytest: not a class of tests

    config: str
    libraries: tuple[str, ...]
    cases: tuple[CaseResult, ...]
    seconds: float
    junit: Path | None

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Tests that did not pass."""
        return tuple(case for case in self.cases if not case.passed)

    @property
    def exit_code(self) -> int:
        """0, or that of FailedTestsError."""
        return FailedTestsError.exit_code if self.failed else 0

    def lines(self) -> list[str]:
        """Output and command of each test that failed, then the figures."""
        text = [line for case in self.failed for line in _failure_lines(case)]
        for name in self.libraries:
            cases = [case for case in self.cases if case.library == name]
            bad = sum(not case.passed for case in cases)
            text.append(f"  {name:<11} {len(cases) - bad} passed, {bad} failed")
        slowest = sorted(self.cases, key=lambda case: -case.seconds)[:_SLOWEST]
        text.append(f"  slowest     {', '.join(f'{case.name} {case.seconds:.2f} s' for case in slowest)}")
        if self.junit is not None:
            text.append(f"  JUnit       {self.junit}")
        passed, total = len(self.cases) - len(self.failed), len(self.cases)
        text.append(f"C tests ({self.config}): {passed} of {total} passed in {self.seconds:.1f} s")
        return text

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "config": self.config,
            "libraries": list(self.libraries),
            "passed": len(self.cases) - len(self.failed),
            "failed": len(self.failed),
            "seconds": self.seconds,
            "junit": None if self.junit is None else str(self.junit),
            "exit_code": self.exit_code,
            "tests": [
                {
                    "library": case.library,
                    "name": case.name,
                    "passed": case.passed,
                    "seconds": case.seconds,
                    "output": case.output,
                    "again": case.again,
                }
                for case in self.cases
            ],
        }


def _failure_lines(case: CaseResult) -> list[str]:
    output = case.output.splitlines()
    cut = len(output) - _OUTPUT_LINES
    shown = output[:_OUTPUT_LINES] + ([f"... {cut} more lines, see the log"] if cut > 0 else [])
    return [
        f"FAILED {case.name} ({case.seconds:.2f} s)",
        *(f"    {line}" for line in shown or ["(it printed nothing)"]),
        f"  this test alone: {case.again}",
        "",
    ]


def test(request: BuildRequest) -> TestReport:
    """Builds and runs the C tests of `request.libraries` (all that have tests, if empty).

    A test that fails is no exception: see `TestReport.exit_code`. With `dry_run` nothing is built or run.
    """
    session = open_session(request)
    chosen = session.graph.closure(request.libraries, only=bool(request.libraries))
    libraries = [library for library in chosen if library.tests]
    if not libraries:
        raise BuildError("None of the named libraries has C tests.", next_step="see `tests` in libraries.toml")
    if session.options["BUILD_TESTS"] == "OFF":
        origin = session.options.values["BUILD_TESTS"].origin
        raise BuildError(f"The C tests are switched off: BUILD_TESTS=OFF ({origin}).", next_step="leave BUILD_TESTS alone")
    names = tuple(library.name for library in libraries)
    if request.dry_run:
        return TestReport(session.config, names, (), 0.0, None)
    from orchestrator import api  # which offers this function, too

    claim_tree(session.build_dir)
    owners = Owners(places(session.manifest.libraries))
    with (
        api.open_console(request, session) as console,
        locked(session.build_dir / ".lock", request.command, console) as lock,
        BuildLog(session.build_dir / "logs", owners=owners, began=api.began(session)) as log,
    ):
        return _test_locked(session, libraries, lock, log, logged(log, console))


def _test_locked(session: Session, libraries: Sequence[Library], lock: int, log: BuildLog, emit: Emit) -> TestReport:
    ctest, libraries = _build(session, libraries, lock, log, emit)
    begin = time.monotonic()
    cases: list[CaseResult] = []
    reports: list[Path] = []
    env = sanitizer_environment(cleaned(os.environ)[0])
    for library in libraries:
        reports.append(log.folder / f"{library.name}-tests.xml")
        folder = session.build_dir / (f"{FOLDER}/{library.name}" if library.alone else library.source)
        with timed(emit, "test", library.name):
            cases += _run(library.name, folder, ctest, session.jobs, reports[-1], env, emit, lock)
    junit = log.folder / "tests.xml"
    merge_junit(reports, junit)
    names = tuple(library.name for library in libraries)
    return TestReport(session.config, names, tuple(cases), time.monotonic() - begin, junit)


def _build(
    session: Session, libraries: Sequence[Library], lock: int, log: BuildLog, emit: Emit
) -> tuple[str, Sequence[Library]]:
    """Configures if needed and builds the test programs with what they link. Returns the path of ctest, and the libraries
    without those that were not named and lack something here (CUDA)."""
    env, _ = cleaned(os.environ)
    with timed(emit, "detect"):
        plan, found = session.plan(session.detect(), dry_run=False)
    present = {*plan.configured, *(project.name for project in plan.projects)}
    libraries = [library for library in libraries if library.name in present]
    if any(library.alone for library in libraries):
        work(session, plan, Workshop(found, env, emit, lock, log, time.monotonic()))
    else:
        configure(plan, found, env=env, emit=emit, lock=lock, log=log.path)
    emit(Started("tests", ", ".join(library.name for library in libraries)))
    trees: dict[Path, list[str]] = {}
    for library in libraries:
        trees.setdefault(plan.build_dir / FOLDER / library.name if library.alone else plan.build_dir, []).append(library.tests)
    ninja = found["ninja"].values["program"]
    for tree, targets in trees.items():
        with timed(emit, "build", ", ".join(targets)):
            run_ninja(ninja, tree, targets, jobs=session.jobs, env=env, emit=emit, lock=lock, log=log.path)
    return str(Path(found["cmake"].values["program"]).with_name("ctest")), libraries


def _run(
    library: str, folder: Path, ctest: str, jobs: int, junit: Path, env: Mapping[str, str], emit: Emit, lock: int
) -> list[CaseResult]:
    """Runs one library's tests, `jobs` at once."""
    junit.unlink(missing_ok=True)
    command = [ctest, "--test-dir", str(folder), "-j", str(jobs), "--no-tests=error", "--output-junit", str(junit)]
    emit(Output("$ " + shlex.join([*command, "--output-on-failure"])))

    def on_line(line: str) -> None:
        emit(Output(line))
        status = _STATUS.match(line)
        if status:
            emit(Progress(int(status[1]), int(status[2]), f"{status[3]} {status[4].lower()} ({status[5]} s)"))

    status = stream([*command, "--output-on-failure"], env=env, cwd=folder, on_line=on_line, inherit=(lock,))
    alone = [ctest, "--test-dir", str(folder), "--output-on-failure", "-R"]
    cases = read_junit(junit, library, alone)
    if not cases or (status != 0 and all(case.passed for case in cases)):
        raise BuildError(
            f"ctest ended with status {status} in {folder} and reported {len(cases)} tests.",
            why="It could not run them; its words are in the log.",
            next_step=f"see what it says: {shlex.join(command[:3])}",
        )
    return cases


def read_junit(path: Path, library: str, alone: Sequence[str]) -> list[CaseResult]:
    """The cases of a file that ctest wrote; none if it wrote none. `alone` is the command that takes a test's pattern."""
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return []
    cases = []
    for node in root.iter("testcase"):
        name = node.get("name", "")
        output = (node.findtext("system-out") or "").strip("\n")
        passed = node.get("status") == "run"
        again = shlex.join([*alone, f"^{re.escape(name)}$"])
        cases.append(CaseResult(library, name, passed, float(node.get("time", "0")), output, again))
    return cases


def merge_junit(parts: Iterable[Path], path: Path) -> None:
    """Writes one <testsuites> with the <testsuite> of each part, as continuous-integration servers read it."""
    top = xml.Element("testsuites")
    for part in parts:
        top.append(xml.parse(part).getroot())
    xml.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def sanitizer_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a test run: a finding ends the test. What the user sets counts after it, option by option."""
    merged = dict(environ)
    for name, options in _SANITIZERS.items():
        merged[name] = f"{options}:{environ[name]}" if environ.get(name) else options
    return merged
