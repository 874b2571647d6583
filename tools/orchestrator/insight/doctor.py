"""`doctor`: what was found on this machine and where, what is missing, what is odd, and what to do about each.

It works where nothing is installed and raises nothing: what cannot be looked at is a row that says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.cachefolder import user_cache
from orchestrator.detect import DETECTORS, Candidate, Context, Detection, Found, Missing
from orchestrator.errors import BuildError
from orchestrator.insight.checkup import (
    Group,
    Problem,
    Row,
    environment_group,
    future_files,
    machine_group,
    other_packages,
    tree_group,
)
from orchestrator.machine import look
from orchestrator.options import BUILTIN, Options, resolve
from orchestrator.plan import what_to_do
from orchestrator.session import BuildRequest, Session, open_session

__all__ = ["DoctorReport", "doctor"]

_TITLES = {
    "compiler": "compiler",
    "linker": "linker",
    "cmake": "cmake",
    "ninja": "ninja",
    "cache": "compiler cache",
    "blas": "BLAS",
    "cuda": "CUDA",
    "cudnn": "cuDNN",
    "nccl": "NCCL",
    "python": "Python",
    "pybind11": "pybind11",
}
_GROUPS = {
    "Tools": ("compiler", "linker", "cmake", "ninja", "cache"),
    "Libraries": ("blas", "cuda", "cudnn", "nccl"),
    "Python": ("python", "pybind11"),
}
_OPTIONAL = ("cuda", "cudnn", "nccl")
_WIDTH = 16


@dataclass(frozen=True)
class DoctorReport:
    """Groups of rows, then problems. `exit_code` is 0 if a build could run."""

    title: str
    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    verbose: bool = False

    @property
    def exit_code(self) -> int:
        """That of the first problem that stops every build."""
        return next((problem.exit_code for problem in self.problems if problem.exit_code), 0)

    def lines(self) -> list[str]:
        """For people."""
        lines = [self.title]
        for group in self.groups:
            lines += ["", group.title]
            width = max(_WIDTH, *(len(row.name) for row in group.rows))
            for row in group.rows:
                lines.append(f"  {row.name:<{width}} {row.text}".rstrip() if row.name else f"  {row.text}")
                lines += [f"  {'':<{_WIDTH}}   {text}" for text in _places(row.looked, every=self.verbose)]
        lines += ["", "Problems" if self.problems else "No problems."]
        for number, problem in enumerate(self.problems, 1):
            first, *rest = problem.what.splitlines()
            lines += [f"  {number}. {first}", *(f"     {line}" for line in rest), f"     What to do: {problem.step}"]
        lines += ["", "A build can run." if not self.exit_code else "No build can run before this is corrected."]
        return lines

    def to_json(self) -> dict[str, Any]:
        """For programs; keys are stable."""
        return {
            "title": self.title,
            "can_build": not self.exit_code,
            "status": self.exit_code,
            "groups": [{"title": group.title, "rows": [_row_json(row) for row in group.rows]} for group in self.groups],
            "problems": [
                {"what": item.what, "next_step": item.step, "stops_builds": bool(item.exit_code)} for item in self.problems
            ],
        }


def _places(looked: tuple[Candidate, ...], *, every: bool) -> list[str]:
    """One line for each place; a run of places with nothing there is one line, unless that is all there was."""
    lines: list[str] = []
    empty: list[Candidate] = []

    def close() -> None:
        if len(empty) < 3:
            lines.extend(f"- {place.text()}" for place in empty)
        else:
            lines.append(f"- {empty[0].place} and {len(empty) - 1} places after it: {empty[0].verdict} (-v names them)")
        empty.clear()

    for place in looked:
        if place.verdict == "not there" and not every and any(item.taken for item in looked):
            empty.append(place)
            continue
        close()
        lines.append(f"{'+' if place.taken else '-'} {place.text()}")
    close()
    return lines


def _row_json(row: Row) -> dict[str, Any]:
    looked = [
        {"place": item.place, "verdict": item.verdict, "version": item.version, "taken": item.taken} for item in row.looked
    ]
    return {"name": row.name, "text": row.text, "looked": looked}


def doctor(
    request: BuildRequest,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
    system: Path = Path("/"),
) -> DoctorReport:
    """Looks at everything. `system` is where proc and sys stand."""
    problems: list[Problem] = []
    session: Session | None = None
    try:
        session = open_session(request)
        options = session.options
    except (BuildError, OSError) as error:
        step = getattr(error, "next_step", "") or "correct that and run doctor again"
        problems.append(Problem(getattr(error, "what", str(error)), step, getattr(error, "exit_code", 1)))
        options = resolve(BUILTIN, {}, ())
    context = session.context() if session else Context(options, environ, {}, user_cache(environ))
    used = {name for library in session.manifest.libraries for name in library.uses} if session else set()
    groups: list[Group] = []

    def add(title: str, examine: Callable[[], tuple[Group, list[Problem]]]) -> None:
        try:
            group, found = examine()
        except Exception as error:  # a report with a hole is better than none
            group, found = Group(title, (Row("", f"could not be looked at: {type(error).__name__}: {error}"),)), []
        groups.append(group)
        problems.extend(found)

    now = clock()
    for title, names in _GROUPS.items():
        add(title, lambda title=title, names=names: _detected(title, names, context, used))  # type: ignore[misc]
    if session:
        opened = session
        add("Packages", lambda: _packages(opened, environ))
    add("Machine", lambda: _machine(session, options, system))
    add("Environment", lambda: environment_group(environ))
    add("Options", lambda: _options(options))
    if session:
        add("Build trees", lambda: _trees(opened, now))
    return DoctorReport(_title(session, request), tuple(groups), tuple(problems), request.verbose > 0)


def _title(session: Session | None, request: BuildRequest) -> str:
    if session is None:
        return f"{request.root}: what this machine has for a build"
    framework = session.manifest.framework
    return f"{framework.name} {framework.version} ({session.config}): what this machine has for its build"


def _detected(title: str, names: tuple[str, ...], context: Context, used: set[str]) -> tuple[Group, list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for name in names:
        item = _safely(name, context)
        demanded = name in used or name in ("cmake", "ninja") or name == "cache"
        if name in _OPTIONAL and name not in used:
            item = _unused(item)
        rows += _rows(name, item)
        if isinstance(item, Missing) and item.required and demanded:
            text = f"{_TITLES[name]} is missing: {item.reason}."
            problems.append(Problem(text, what_to_do(item), 5))
        problems += [Problem(what, step) for what, step in (item.warnings if isinstance(item, Found) else ())]
    return Group(title, tuple(rows)), problems


def _safely(name: str, context: Context) -> Detection:
    """A detector has no business raising; if one does, the others still answer."""
    try:
        return DETECTORS[name](context)
    except Exception as error:
        return Missing(name, f"could not be looked at: {type(error).__name__}: {error}", required=False)


def _unused(item: Detection) -> Detection:
    reason = "off: nothing in the manifest uses it"
    if isinstance(item, Found):
        looked = tuple(replace(place, verdict="found, not used") if place.taken else place for place in item.looked)
        return Missing(item.name, f"{reason}; {item.version} is here ({item.path})", looked, required=False)
    return Missing(item.name, reason, item.looked, required=False)


def _rows(name: str, item: Detection) -> list[Row]:
    """Compilers are two rows: each language has its own."""
    if name != "compiler":
        return [Row(_TITLES[name], item.describe(), item.looked)]
    rows = []
    for what in ("C compiler", "C++ compiler"):
        looked = tuple(
            Candidate(place.place.removeprefix(f"{what} "), place.verdict, place.version, place.taken)
            for place in item.looked
            if place.place.startswith(f"{what} ")
        )
        taken = next((place for place in looked if place.taken), None)
        text = f"{taken.version} ({taken.place})" if taken else "no usable one found"
        rows.append(Row(what, text, looked))
    return rows


def _packages(session: Session, environ: Mapping[str, str]) -> tuple[Group, list[Problem]]:
    """The requirements of pyproject.toml, and other packages of our name. setup.py installs what is missing."""
    from orchestrator.packaging.bootstrap import installed_version, read_requirements

    rows = []
    package = session.manifest.framework.package
    problems = list(other_packages(package, session.root, environ))
    pyproject = session.root / "pyproject.toml"
    if pyproject.is_file():
        for requirement in read_requirements(pyproject, ["build"]):
            have = installed_version(requirement.name)
            text = f"{have or 'not installed'} (required: {requirement.text})"
            fits = have is not None and requirement.accepts(have)
            rows.append(Row(requirement.name, text if fits or not have else f"{text}: another version is needed"))
        problems += _foreign(session.root, package)
    return Group("Python packages", tuple(rows) or (Row("", "none are required"),)), problems


def _foreign(root: Path, package: str) -> list[Problem]:
    """Another distribution or folder of our name in this environment."""
    try:
        from orchestrator.packaging.editable import check_foreign
        from orchestrator.packaging.metadata import Metadata
    except ImportError:
        return []  # the packages above are missing, and said to be
    try:
        check_foreign(Metadata(root), package)
    except BuildError as error:
        what = f"{error.what} {error.why}".strip()
        return [Problem(what, error.next_step)]
    return []


def _machine(session: Session | None, options: Options, system: Path) -> tuple[Group, list[Problem]]:
    machine = look(system)
    chosen = options["MAX_JOBS"]
    if session and session.request.jobs:
        return machine_group(machine, session.request.jobs, "-j")
    if chosen:
        return machine_group(machine, int(chosen), f"MAX_JOBS, {options.values['MAX_JOBS'].origin}")
    return machine_group(machine, machine.usable, "the processors that may be used")


def _options(options: Options) -> tuple[Group, list[Problem]]:
    """What is not at its default, and names that look like slips."""
    rows = [Row(name, f"= {item.value} [{item.origin}]") for name, item in options.values.items() if item.origin != "default"]
    problems = [Problem(f"{text[0].upper()}{text[1:]}", "correct its name, or unset it") for text in options.warnings]
    return Group("Options", tuple(rows) or (Row("", "all at their defaults"),)), problems


def _trees(session: Session, now: float) -> tuple[Group, list[Problem]]:
    group, problems = tree_group(session.build_base, now=now)
    folders = [session.root / library.source for library in session.manifest.libraries]
    late = future_files(folders, now=now)
    if late:
        more = f" and {len(late) - 1} more" if len(late) > 1 else ""
        text = f"Sources were modified in the future: {late[0]}{more}. They would be built again each time."
        problems.append(Problem(text, f"correct the clock, then: find {session.root} -newermt now -exec touch {{}} +"))
    return group, problems
