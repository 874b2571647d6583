"""Holds wheels against what the checkout says, and says which check each one passed."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Container, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.detect import Found
from orchestrator.errors import OptionError
from orchestrator.gate.checks import CHECKS
from orchestrator.gate.findings import Finding, raise_for
from orchestrator.gate.platformtag import stated_floor
from orchestrator.gate.wheelfacts import Expected, WheelFacts
from orchestrator.packaging.descriptions import package_files
from orchestrator.packaging.wheel import package_modules
from orchestrator.publish import header_products
from orchestrator.session import BuildRequest, Session, open_session

__all__ = ["CheckReport", "Limits", "Passed", "expected_of", "inspect", "read_limits"]


@dataclass(frozen=True)
class Limits:
    """The `floor` of systems (a platform tag; empty: none), and the bytes that a wheel may have.

    `smoke` is a program that has to run with the installed package, `suite` what pytest is given for the whole test.
    """

    floor: str
    size_budget: int
    smoke: str = ""
    suite: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passed:
    """A wheel that passed, and the checks in their order."""

    wheel: Path
    checks: tuple[str, ...]

    def line(self) -> str:
        """For people."""
        return f"{self.wheel.name}: passed {', '.join(self.checks)}"


@dataclass(frozen=True)
class CheckReport:
    """All wheels that were looked at."""

    passed: tuple[Passed, ...]

    def lines(self) -> list[str]:
        """One for each wheel."""
        return [item.line() for item in self.passed]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"status": 0, "wheels": [{"path": str(item.wheel), "passed": list(item.checks)} for item in self.passed]}


def read_limits(pyproject: Path) -> Limits:
    """What [tool.build_wheels] states; without it nothing is limited."""
    if not pyproject.is_file():
        raise OptionError(f"{pyproject} is not there.", next_step="run from a checkout; the manifest stands beside it")
    table: Mapping[str, Any] = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {}).get("build_wheels", {})
    floor, budget = table.get("floor", ""), table.get("size-budget", sys.maxsize)
    if not isinstance(floor, str) or not isinstance(budget, int):
        text = f"{pyproject}: [tool.build_wheels] needs a text as `floor` and a number of bytes as `size-budget`."
        raise OptionError(text, next_step='write floor = "manylinux_2_28" and size-budget = 15_000_000')
    return Limits(stated_floor(floor), budget, table.get("smoke", ""), tuple(table.get("suite", ())))


def expected_of(request: BuildRequest, python: Path, limits: Limits) -> Expected:
    """What a wheel for `python` has to be, as the plan of a whole build says. Nothing is built."""
    session = open_session(replace(request, libraries=(), python=python))
    found = session.detect()
    plan, _ = session.plan(found, dry_run=True)
    framework = session.manifest.framework
    members = {product.destination for product in (*plan.products, *header_products(plan.headers))}
    members |= {*package_modules(session.root, framework.package), *package_files(session.manifest, plan)}
    if framework.version_file:
        members.add(framework.version_file)
    exports = {library.name: library.exports for library in session.graph.order}
    own = {
        product.destination: exports[product.owner]
        for product in plan.products
        if product.kind in ("library", "extension") and product.owner in exports
    }
    return Expected(frozenset(members), own, _folders(session, found), limits.size_budget, limits.floor)


def _folders(session: Session, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Where this machine keeps the checkout, its builds, the tools and the interpreter."""
    places = [session.root, session.build_base, Path(sys.prefix), Path.home()]
    python = found.get("python")
    if isinstance(python, Found):
        places.append(Path(python.values["include"]).parent.parent)
    usual = {"/", "/usr", "/usr/local"}
    return tuple(dict.fromkeys(str(place) for place in places if str(place) not in usual))


def inspect(facts: WheelFacts, expected: Expected, *, without: Container[str] = ()) -> Passed:
    """Runs the checks. Raises the error of the first finding, which names all of them."""
    checks = {name: check for name, check in CHECKS.items() if name not in without}
    _ = facts.libraries  # read once, before several ask
    with ThreadPoolExecutor() as pool:  # some of the checks start programs
        found = pool.map(lambda check: list(check(facts, expected)), checks.values())
        findings: list[Finding] = [finding for part in found for finding in part]
    raise_for(facts.path.name, findings)
    return Passed(facts.path, tuple(checks))
