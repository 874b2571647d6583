"""Tries a wheel as a stranger would: installs it into an empty environment, imports it, replaces an older one, removes it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.gate.findings import TrialError
from orchestrator.gate.wheelfacts import WheelFacts
from orchestrator.packaging.archive import Archive
from orchestrator.packaging.metadata import source_date
from orchestrator.packaging.sdist import source_files
from orchestrator.packaging.wheel import record_text
from orchestrator.process import attached, capture

__all__ = ["Environment", "TrialReport", "older", "run_suite", "try_wheel"]

_OLD = "0.0.1"
_RELIC = "relic_of_the_old_version.py"
# Another environment's settings must not leak in; only where pip may fetch the tests' requirements from is the user's affair.
_INDEX = "(EXTRA_)?INDEX_URL|FIND_LINKS|NO_INDEX|PROXY|CERT|CLIENT_CERT|TRUSTED_HOST|CACHE_DIR|RETRIES|(DEFAULT_)?TIMEOUT"
_UNSET = re.compile(rf"^(PYTHON|VIRTUAL_ENV|PIP_(?!({_INDEX})$)|LD_LIBRARY_PATH|LD_PRELOAD)")


@dataclass(frozen=True)
class TrialReport:
    """What was tried with each wheel, in words."""

    tried: tuple[tuple[str, tuple[str, ...]], ...]

    def lines(self) -> list[str]:
        """One for each wheel."""
        return [f"{name}: {', '.join(steps)}" for name, steps in self.tried]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"status": 0, "wheels": [{"name": name, "tried": list(steps)} for name, steps in self.tried]}


@dataclass(frozen=True)
class Environment:
    """A virtual environment in a temporary folder. Every command that fails is a TrialError."""

    folder: Path
    subject: str

    @classmethod
    def make(cls, python: Path, folder: Path, subject: str) -> Environment:
        """Makes it with nothing in it, not even pip: ours installs."""
        environment = cls(folder, subject)
        environment._run([str(python), "-m", "venv", "--without-pip", str(folder)], "make an environment")
        return environment

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin/python")

    def pip(self, *words: str | Path, what: str) -> None:
        """Runs our pip for it."""
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        self._run([*pip, *map(str, words)], what)

    def call(self, code: str, what: str) -> None:
        """Runs code that sees the environment and nothing else."""
        self._run([self.python, "-I", "-W", "error", "-c", code], what)

    def files(self) -> set[str]:
        """Everything in it."""
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")}

    def _run(self, command: Sequence[str], what: str) -> None:
        done = capture(command, env=clean(), cwd=self.folder.parent)
        if done.status != 0:
            said = "\n".join(done.output.strip().splitlines()[-12:])
            text = f"{self.subject}: cannot {what} (status {done.status})."
            raise TrialError(text, why=said, next_step=TrialError.remedy)


def clean() -> dict[str, str]:
    """The environment variables that a trial runs with."""
    return {name: value for name, value in os.environ.items() if not _UNSET.match(name)}


def try_wheel(wheel: WheelFacts, python: Path, package: str, smoke: str) -> tuple[str, ...]:
    """Installs, imports, upgrades and uninstalls. Returns what was tried; raises TrialError.

    `smoke` is a small program that has to run with the installed package.
    """
    program = smoke or f"import {package}"
    with tempfile.TemporaryDirectory(prefix="trial-") as temporary:
        folder = Path(temporary)
        environment = Environment.make(python, folder / "environment", wheel.path.name)
        before = environment.files()
        environment.pip("install", "--no-index", "--no-deps", wheel.path, what="install it")
        environment.call(program, "import and use it")
        environment.pip("check", what="agree with its metadata")
        fresh = environment.files()
        environment.pip("uninstall", "--yes", wheel.name_parts[0], what="remove it")
        _same(environment, before, "removing it leaves")
        environment.pip("install", "--no-index", "--no-deps", older(wheel, folder, package), what="install an older one")
        environment.pip("install", "--no-index", "--no-deps", "--upgrade", wheel.path, what="replace an older one")
        environment.call(program, "use it in place of an older one")
        _same(environment, fresh, "replacing an older one leaves")
        environment.pip("uninstall", "--yes", wheel.name_parts[0], what="remove it")
        _same(environment, before, "removing it leaves")
    return ("installed", "imported and used", "replaced an older one", "removed without a trace")


def _same(environment: Environment, expected: set[str], said: str) -> None:
    left = sorted(environment.files() - expected)
    if left:
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""
        text = f"{environment.subject}: {said} {', '.join(left[:5])}{more} behind."
        raise TrialError(text, next_step=TrialError.remedy)


def older(wheel: WheelFacts, folder: Path, package: str) -> Path:
    """The same wheel as an older version, with one module more."""
    name, version = wheel.name_parts[:2]
    info = f"{name}-{_OLD}.dist-info"
    contents = {member.replace(wheel.dist_info, info, 1): content for member, content in wheel.contents.items()}
    metadata = contents[f"{info}/METADATA"].replace(f"\nVersion: {version}".encode(), f"\nVersion: {_OLD}".encode(), 1)
    contents |= {f"{info}/METADATA": metadata, f"{package}/{_RELIC}": b""}
    del contents[f"{info}/RECORD"]
    path = folder / wheel.path.name.replace(f"-{version}-", f"-{_OLD}-", 1)
    with Archive(path, date=source_date(), compress=False) as archive:
        members = archive.add(contents.items())
        archive.add([(f"{info}/RECORD", record_text(members, f"{info}/RECORD"))])
    return path


def run_suite(
    wheel: WheelFacts, python: Path, root: Path, package: str, requirements: Sequence[str], arguments: Sequence[str]
) -> None:
    """Runs tests of the checkout `root` against the installed wheel. Raises TrialError if one fails.

    They run in a copy of the checkout that lacks the package itself. pip installs `requirements`; `arguments` go to pytest.
    """
    with tempfile.TemporaryDirectory(prefix="suite-") as temporary:
        folder = Path(temporary)
        environment = Environment.make(python, folder / "environment", wheel.path.name)
        environment.pip("install", wheel.path, *requirements, what="install it with what the tests need")
        away = folder / "away"
        for name in source_files(root):
            if not (name.startswith(f"{package}/") and name.endswith(".py")):
                (away / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, away / name)
        command = [environment.python, "-P", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        status = attached(command, env=clean(), cwd=away)
        if status != 0:
            text = f"{wheel.path.name}: tests fail against the installed wheel (pytest ended with status {status})."
            raise TrialError(text, next_step="the same tests against the checkout: python -m pytest " + " ".join(arguments))
