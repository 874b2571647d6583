"""The text at the end of a build: what was done, what was found and where, how long, what to do next."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrator.ninja import NinjaRun
from orchestrator.publish import Transaction

if TYPE_CHECKING:
    from orchestrator.detect import Detection
    from orchestrator.plan import Plan
    from orchestrator.session import Session

__all__ = ["headline", "result_lines", "summary_lines"]

_TITLES = {
    "compiler": "compiler",
    "blas": "BLAS",
    "cuda": "CUDA",
    "python": "Python",
    "pybind11": "pybind11",
    "cmake": "cmake",
    "ninja": "ninja",
}


def headline(session: Session) -> str:
    """Name, version and configuration."""
    framework = session.manifest.framework
    return f"{framework.name} {framework.version} ({session.config})"


def summary_lines(
    session: Session, plan: Plan, found: Mapping[str, Detection], run: NinjaRun, change: Transaction, seconds: float
) -> list[str]:
    """Short if there was nothing to do."""
    from orchestrator.detect.blas import blas_core  # the next function has to load without it

    lines = result_lines(headline(session), plan.requested, session.manifest.framework.package, run, change, seconds)
    if len(lines) == 1:
        return lines
    lines += [f"  {title:<11} {found[name].describe()}" for name, title in _TITLES.items() if name in found]
    if core := blas_core(found["blas"]) if "blas" in found else "":
        by = "OPENBLAS_CORETYPE in the environment" if os.environ.get("OPENBLAS_CORETYPE") else "OpenBLAS on this machine"
        lines.append(f"  BLAS core   {core} (chosen by {by})")
    for spec in session.manifest.options:
        value = session.options.values[spec.name]
        lines.append(f"  {spec.name:<11} {value.value} [{value.origin}]")
    lines.append(f"  build tree  {plan.build_dir}, log: logs/latest")
    if session.request.command == "build_deps":
        lines.append(
            "  next        python tools/build_deps.py test [LIB ...] runs the C tests; `options` lists what can be chosen"
        )
    return lines


def result_lines(
    title: str, requested: Sequence[str], package: str, run: NinjaRun, change: Transaction, seconds: float
) -> list[str]:
    """What was done; one line if that is nothing."""
    if not (run.edges or change.changed or change.removed):
        return [f"{title}: nothing to do ({seconds:.2f} s)"]
    linked = ", ".join(run.linked) or "nothing"
    return [
        f"{title}: built {', '.join(requested)} in {seconds:.1f} s",
        f"  commands    {run.edges} run, {run.compiled} of them compilations; linked: {linked}",
        f"  published   {len(change.changed)} of {len(change.files)} files changed in {package}/",
    ]
