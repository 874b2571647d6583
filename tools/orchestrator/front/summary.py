"""The text at the end of a build: what was done, what was found and why, what is not default, how long, what to do next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from orchestrator.ninja import NinjaRun
from orchestrator.publish import Transaction

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from orchestrator.api import BuildResult
    from orchestrator.detect import Detection
    from orchestrator.plan import Plan
    from orchestrator.session import Session

__all__ = ["headline", "result_lines", "summary_lines"]

_TITLES = {
    "compiler": "compiler",
    "linker": "linker",
    "cache": "cache",
    "blas": "BLAS",
    "cuda": "CUDA",
    "cudnn": "cuDNN",
    "nccl": "NCCL",
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
    session: Session, plan: Plan, found: Mapping[str, Detection], run: NinjaRun, change: Transaction, result: BuildResult
) -> list[str]:
    """All that was found and chosen if cmake ran (or with -v); else what was done."""
    package = session.manifest.framework.package
    lines = result_lines(headline(session), plan.requested, package, run, change, result.seconds, predicted=result.predicted)
    if result.installed:
        if len(lines) == 1 and not result.changed:
            did = f"built {', '.join(plan.requested)}" if result.reasons else "installed again"
            lines = [f"{headline(session)}: {did} in {result.seconds:.1f} s"]
        lines.append(_row("installed", f"{len(result.installed)} files changed in {plan.prefix}"))
    # The thin builds of further Pythons would repeat what the first one said.
    if len(lines) == 1 or not ((result.reasons and session.request.prebuilt is None) or session.verbose):
        return lines
    lines += [_row(title, found[name].describe()) for name, title in _TITLES.items() if name in found]
    lines += [_row(name, item.describe()) for name, item in found.items() if name not in (*_TITLES, "memory")]
    lines += _core(found)
    lines += _chosen(session)
    if session.verbose:
        lines += _compile_times(session, plan)
    lines.append(_row("build tree", str(plan.build_dir)))
    if result.log:
        lines.append(_row("log", str(result.log)))
    if session.request.command == "build_deps":
        lines.append(_row("next", "python tools/build_deps.py test [LIB ...] runs the C tests; `options` lists the choices"))
    return lines


def _row(title: str, text: str) -> str:
    return f"  {title:<11} {text}"


def _core(found: Mapping[str, Detection]) -> Iterable[str]:
    from orchestrator.detect.blas import blas_core  # result_lines has to load without it

    if core := blas_core(found["blas"]) if "blas" in found else "":
        by = "OPENBLAS_CORETYPE in the environment" if os.environ.get("OPENBLAS_CORETYPE") else "OpenBLAS on this machine"
        yield _row("BLAS core", f"{core} (chosen by {by})")


def _chosen(session: Session) -> Iterable[str]:
    """The options that are not at their defaults, and who said so."""
    for item in session.options.explicit():
        yield _row("option", f"{item.label}={item.text} [{item.origin}]")


def _compile_times(session: Session, plan: Plan) -> Iterable[str]:
    """The last compilation of each unit, summed for each library, the dearest first."""
    from orchestrator.front.owners import Owners, places
    from orchestrator.insight.ninjalog import read_log

    owners, seconds = Owners(places(session.manifest.libraries)), dict[str, float]()
    for output, entry in read_log(plan.build_dir).items():
        if output.endswith(".o") and (owner := owners.of(output)):
            seconds[owner] = seconds.get(owner, 0.0) + entry.seconds
    if seconds:
        dearest = sorted(seconds.items(), key=lambda item: -item[1])
        yield _row("compiling", ", ".join(f"{name} {took:.1f} s" for name, took in dearest))


def result_lines(
    title: str,
    requested: Sequence[str],
    package: str,
    run: NinjaRun,
    change: Transaction,
    seconds: float,
    *,
    predicted: float | None = None,
) -> list[str]:
    """What was done; one line if that is nothing."""
    if not (run.edges or change.changed or change.removed):
        return [f"{title}: nothing to do ({seconds:.2f} s)"]
    expected = f" (expected {predicted:.1f} s)" if predicted is not None else ""
    lines = [f"{title}: built {', '.join(requested)} in {seconds:.1f} s{expected}"]
    if run.edges:
        linked = ", ".join(run.linked) or "nothing"
        lines.append(_row("commands", f"{run.edges} run, {run.compiled} of them compilations; linked: {linked}"))
    if run.cache:
        lines.append(_row("reused", run.cache.line()))
    if change.changed or change.removed:
        removed = f", {len(change.removed)} removed" if change.removed else ""
        lines.append(_row("published", f"{len(change.changed)} of {len(change.files)} files changed{removed} in {package}/"))
    return lines
