"""Finds which requirements of pyproject.toml are missing and installs them with pip, after saying so.

Standard library only: on a fresh CPython 3.12 environment nothing else exists yet. Runs only when somebody started setup.py
directly, and off the fast path (importlib.metadata alone costs 60 ms).
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator import process
from orchestrator.errors import BuildError

__all__ = [
    "EnvironmentLockedError",
    "InstallFailedError",
    "Requirement",
    "SystemLibrariesError",
    "UnsupportedPlatformError",
    "check_platform",
    "check_unlocked",
    "ensure",
    "groups_for",
    "missing",
    "read_requirements",
    "system_libraries",
]

# Commands that compile nothing need no compiler tools.
_LIGHT_COMMANDS = frozenset({"clean", "sdist", "egg_info", "--help", "-h", "--help-commands", "--version", "--name"})
_PYTHON = (3, 11)


class UnsupportedPlatformError(BuildError):
    """An operating system, processor or Python that the project does not build on."""

    exit_code = 9


class EnvironmentLockedError(BuildError):
    """pip may not change this environment (PEP 668), or there is no pip."""

    exit_code = 10


class InstallFailedError(BuildError):
    """pip ran and failed, mostly because it found no network."""

    exit_code = 11


class SystemLibrariesError(BuildError):
    """SYSTEM_LIBS=ON, and the system lacks something that the build needs."""

    exit_code = 16


@dataclass(frozen=True)
class Requirement:
    """One line of a requirement list: `name`, and the version rules that an installed version must satisfy."""

    text: str
    name: str
    rules: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Reads `name`, `name>=1.2` or `name==1.2,<3`: the forms that pyproject.toml's lists may use here."""
        match = re.fullmatch(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*((?:(?:>=|==|<)[0-9.]+\s*,?\s*)*)", text)
        if match is None:
            raise BuildError(
                f"pyproject.toml lists the requirement {text!r}, which cannot be read.",
                why="The lists hold names and rules with >=, == or < only: they must be readable without any package.",
                next_step="write it as name>=1.2 or name==1.2",
            )
        rules = re.findall(r"(>=|==|<)([0-9.]+)", match[2])
        return cls(text=text.strip(), name=match[1], rules=tuple((operator, version) for operator, version in rules))

    def accepts(self, version: str) -> bool:
        """Whether an installed `version` satisfies every rule. Pre-release parts are not looked at."""
        return all(_holds(_release(version), operator, _release(wanted)) for operator, wanted in self.rules)


def _release(version: str) -> tuple[int, ...]:
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    numbers = [int(part) for part in match[1].split(".")] if match else [0]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _holds(have: tuple[int, ...], operator: str, want: tuple[int, ...]) -> bool:
    if operator == ">=":
        return have >= want
    return have == want if operator == "==" else have < want


def read_requirements(pyproject: Path, groups: Iterable[str]) -> tuple[Requirement, ...]:
    """The requirements of `groups`: "build" is [build-system].requires, "setup" what importing the commands takes, any other
    name a [dependency-groups] list with its include-group entries."""
    try:
        table: dict[str, Any] = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{pyproject} cannot be read: {error}", next_step="correct that line and run again") from None
    texts: list[str] = []
    for group in groups:
        if group in {"build", "setup"}:
            build = table["build-system"]["requires"]
            tools = {"cmake", "ninja", "pybind11", "scipy-openblas32"} if group == "setup" else set()
            texts += [text for text in build if Requirement.parse(text).name not in tools]
        else:
            texts += _expand(table.get("dependency-groups", {}), group)
    return tuple(Requirement.parse(text) for text in dict.fromkeys(texts))


def _expand(groups: Mapping[str, list[Any]], name: str) -> list[str]:
    texts: list[str] = []
    for entry in groups.get(name, []):
        texts += [entry] if isinstance(entry, str) else _expand(groups, entry["include-group"])
    return texts


def groups_for(arguments: Sequence[str]) -> tuple[str, ...]:
    """Which lists the commands of a setup.py command line need."""
    if "develop" in arguments:
        return ("build", "dev")
    if "build_wheels" in arguments[:1]:
        return ("build", "wheels")
    words = [argument for argument in arguments if not argument.startswith("-") or argument in _LIGHT_COMMANDS]
    if not words or any(word in _LIGHT_COMMANDS for word in words):
        return ("setup",)
    return ("build",)


def installed_version(name: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def missing(
    requirements: Iterable[Requirement], version_of: Callable[[str], str | None] = installed_version
) -> tuple[tuple[Requirement, str], ...]:
    """The requirements that are not satisfied, each with the reason in words."""
    found = []
    for requirement in requirements:
        version = version_of(requirement.name)
        if version is None:
            found.append((requirement, "not installed"))
        elif not requirement.accepts(version):
            found.append((requirement, f"{version} is installed"))
    return tuple(found)


def check_platform(
    *, system: str | None = None, machine: str | None = None, python: tuple[int, ...] | None = None, name: str | None = None
) -> None:
    """Refuses what the project does not build on. The arguments replace what the interpreter reports."""
    system = system or platform.system()
    machine = machine or platform.machine()
    python = python or sys.version_info[:2]
    name = name or platform.python_implementation()
    reason = ""
    if system != "Linux":
        reason = f"The operating system is {system}; Linux with glibc is needed."
    elif machine not in {"x86_64", "aarch64"}:
        reason = f"The processor is {machine}; x86_64 or aarch64 is needed."
    elif name != "CPython" or python < _PYTHON:
        reason = f"The interpreter is {name} {'.'.join(map(str, python))}; CPython 3.11 or newer is needed."
    if reason:
        raise UnsupportedPlatformError(
            "This machine cannot build torch.", why=reason, next_step="use CPython 3.11 or newer on Linux (x86-64 or aarch64)."
        )


def _locked_reason() -> str:
    """Why pip may not install here, or nothing."""
    marker = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    outside_venv = sys.prefix == sys.base_prefix
    if outside_venv and marker.exists() and os.environ.get("PIP_BREAK_SYSTEM_PACKAGES", "0") in {"", "0"}:
        return f"The Python in {sys.prefix} belongs to the operating system ({marker} says so, PEP 668)."
    # Not importlib.util.find_spec: asked for pip, setuptools' finder hides its own distutils from this process for good.
    if importlib.machinery.PathFinder.find_spec("pip") is None:
        return f"The environment {sys.prefix} has no pip."
    return ""


def check_unlocked(what: str, root: Path, arguments: Sequence[str]) -> None:
    """Raises EnvironmentLockedError, saying `what` cannot be done, where pip may not change the running environment."""
    locked = _locked_reason()
    if locked:
        raise EnvironmentLockedError(what, why=locked, next_step=_make_environment(root, arguments))


def _make_environment(root: Path, arguments: Sequence[str]) -> str:
    command = shlex.join(["python", "setup.py", *arguments])
    return (
        "make an environment of your own and start again there:\n"
        f"    cd {shlex.quote(str(root))}\n"
        f"    {shlex.quote(sys.executable)} -m venv .venv\n"
        "    . .venv/bin/activate\n"
        f"    {command}"
    )


def ensure(root: Path, arguments: Sequence[str], *, say: Callable[[str], None]) -> bool:
    """Installs what the command line `arguments` needs and this environment lacks. True if something was installed.

    Raises EnvironmentLockedError or InstallFailedError; with SYSTEM_LIBS=ON nothing is ever installed, and SystemLibrariesError
    names what the system has to provide.
    """
    if system_libraries(arguments, os.environ):
        _check_system(root)
        return False
    requirements = read_requirements(root / "pyproject.toml", groups_for(arguments))
    lacking = missing(requirements)
    if not lacking:
        return False
    listing = "\n".join(f"    {requirement.text}  ({reason})" for requirement, reason in lacking)
    check_unlocked(f"{len(lacking)} requirements are missing and pip may not install them:\n{listing}", root, arguments)
    say(f"{len(lacking)} requirements of pyproject.toml are missing in {sys.prefix}:\n{listing}")
    _install(root, [requirement for requirement, _ in lacking], arguments, say=say)
    return True


def system_libraries(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether SYSTEM_LIBS is on, by the command line (-D SYSTEM_LIBS=ON, --define, --system-libs) or the environment."""
    text = environ.get("SYSTEM_LIBS", "")
    for argument in arguments:
        if argument == "--system-libs":
            text = "ON"
        for part in argument.removeprefix("--define=").removeprefix("-D").split(","):
            name, equals, value = part.strip().partition("=")
            if name == "SYSTEM_LIBS":
                text = value if equals else "ON"
    return text.strip().lower() in ("1", "on", "yes", "true", "y")


def _check_system(
    root: Path, which: Callable[[str], str | None] = shutil.which, version_of: Callable[[str], str | None] = installed_version
) -> None:
    """Programs come from PATH, Python packages from this interpreter; a BLAS is optional."""
    wanted = read_requirements(root / "pyproject.toml", ("build",))
    lacking = []
    for requirement, reason in missing(wanted, version_of):
        if requirement.name == "scipy-openblas32" or (requirement.name in ("cmake", "ninja") and which(requirement.name)):
            continue
        kind = "program on PATH" if requirement.name in ("cmake", "ninja") else f"Python package of {sys.executable}"
        lacking.append(f"    {requirement.text}  ({reason}; {kind})")
    if lacking:
        raise SystemLibrariesError(
            "SYSTEM_LIBS=ON: nothing is installed or downloaded, and this is missing:\n" + "\n".join(lacking),
            why="A distribution provides what a build needs; pip is not asked.",
            next_step="provide it (Debian: apt install cmake ninja-build python3-setuptools python3-packaging "
            "python3-pyproject-metadata python3-pathspec pybind11-dev python3-pybind11), or set SYSTEM_LIBS=OFF",
        )


def _install(root: Path, requirements: Sequence[Requirement], arguments: Sequence[str], *, say: Callable[[str], None]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *(r.text for r in requirements)]
    say("$ " + shlex.join(command))
    sys.stdout.flush()
    status = process.attached(command, cwd=root)
    importlib.invalidate_caches()
    still = missing(requirements)
    if status == 0 and not still:
        return
    names = " ".join(shlex.quote(requirement.text) for requirement, _ in still or missing(requirements))
    raise InstallFailedError(
        f"pip ended with status {status}; still missing: {names or 'nothing that can be named'}",
        why="Its own words stand above. Without a network, or behind an index that lacks a package, it cannot install them.",
        next_step="on a machine that reaches an index, or with --find-links FOLDER for a folder of wheels:\n"
        f"    {shlex.quote(sys.executable)} -m pip install {names}\n"
        f"    {shlex.join(['python', 'setup.py', *arguments])}",
    )
