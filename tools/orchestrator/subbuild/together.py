"""All work of one command where sub-builds are part of it: the one graph and the projects, as tasks that overlap."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.cache import CacheUse
from orchestrator.compiledb import link_compile_commands
from orchestrator.configure import configure_steps
from orchestrator.errors import BuildError
from orchestrator.events import Emit, Note, Started, timed
from orchestrator.front.failure import unfinished
from orchestrator.graph import Graph
from orchestrator.insight.projectwork import predict
from orchestrator.jobserver import JobServer, style_of
from orchestrator.ninja import NinjaRun, ninja_steps
from orchestrator.options.ledger import store_settings
from orchestrator.overlap import Outcome, Task, labelled, overlap, summed
from orchestrator.plan import Plan
from orchestrator.process import Steps
from orchestrator.publish import publish, read_journal
from orchestrator.session import Session
from orchestrator.subbuild.staging import installed_stamps
from orchestrator.subbuild.subplan import FOLDER, installed_plan
from orchestrator.subbuild.substate import Stamp
from orchestrator.subbuild.substeps import Shop, SubResult, install_steps, intact, sub_steps
from orchestrator.work import Done, Workshop

__all__ = ["GRAPH", "build_together"]

GRAPH = ""
"""The name of the task that builds the one graph."""


def build_together(session: Session, plan: Plan, workshop: Workshop) -> Done:
    """Builds everything of the plan. The first error is raised, with what else failed and what was not built because of it."""
    request = session.request
    workshop.emit(Started("build", ", ".join(plan.requested)))
    emit = summed(workshop.emit)
    store_settings(plan.build_dir, plan.config, plan.settings)
    _leave_out(plan, session.graph.names(), workshop.emit)
    with timed(workshop.emit, "predict"):
        expected = predict(session, plan, workshop.found)
    workshop.log.expect(time.monotonic() - workshop.begin, expected)
    width = len(plan.projects) + bool(plan.targets)
    with JobServer(
        session.jobs, style=style_of(workshop.found.get("ninja"), workshop.found.get("make")), width=width
    ) as server:
        budget = server.budget(*(("-k", "0") if request.keep_going else ()))
        shop = Shop(
            workshop.found,
            workshop.env,
            budget,
            workshop.lock,
            workshop.log_path,
            request.command,
            session.build_base,
            request.fresh,
        )
        tasks = _tasks(plan, session.graph, shop, emit)
        outcome = overlap(tasks, server, emit, keep_going=request.keep_going)
    if plan.publish:
        configured = any(result.reasons for result in outcome.results.values())
        link_compile_commands(plan.cmake_root, plan.build_dir, replace=configured)
    if outcome.failures:
        raise _combined(outcome, session.graph, plan)
    return _merged(plan, outcome.results)


def _leave_out(plan: Plan, names: Sequence[str], emit: Emit) -> None:
    """Takes what the manifest does not name any more out of the prefix, which is the tree's own, and its trees away."""
    if not plan.prefix.is_relative_to(plan.build_dir):
        return
    gone = {file.owner for file in read_journal(plan.prefix)}.difference(names)
    if gone:
        publish(plan.prefix, plan.prefix, (), owners=gone)
        emit(Note(f"not in the manifest any more, and taken out of the prefix: {', '.join(sorted(gone))}"))
    for tree in (plan.build_dir / FOLDER).glob("*/"):
        if tree.name not in names:
            shutil.rmtree(tree)


def _tasks(plan: Plan, graph: Graph, shop: Shop, emit: Emit) -> list[Task]:
    alone = {project.name for project in plan.projects}
    tasks = []
    for project in plan.projects:
        needs = tuple(dict.fromkeys(need if need in alone else GRAPH for need in project.needs if need in plan.requested))

        def start(project: Any = project) -> Steps[SubResult]:
            return sub_steps(project, shop, labelled(emit, project.name, Path(FOLDER, project.name)))

        tasks.append(Task(project.name, needs, start, project.name))
    if plan.targets:
        behind = {need for name in plan.graph for need in graph.behind(name)}
        needs = tuple(project.name for project in plan.projects if project.name in behind)
        wanted = [name for name in plan.graph if any(name in project.needs for project in plan.projects)]
        tasks.append(Task(GRAPH, needs, lambda: _graph_steps(plan, wanted, shop, emit)))
    return tasks


def _graph_steps(plan: Plan, wanted: Sequence[str], shop: Shop, emit: Emit) -> Steps[SubResult]:
    """The one graph; those `wanted` of it go into the prefix, where projects look for them."""
    reasons = yield from configure_steps(plan, shop.found, env=shop.env, emit=emit, lock=shop.lock, log=shop.log)
    run = yield from ninja_steps(
        shop.program("ninja"),
        plan.build_dir,
        plan.targets,
        budget=shop.budget,
        env=shop.env,
        emit=emit,
        lock=shop.lock,
        log=shop.log,
    )
    stamps: list[Stamp] = []
    for item in plan.libraries:
        if item.name in wanted:
            sub = installed_plan(item, plan.build_dir, plan.prefix)
            if reasons or run.edges or not intact(sub):
                yield from install_steps(sub, shop, emit)
            stamps += installed_stamps(sub.prefix, read_journal(sub.prefix), sub.name)
    return SubResult(GRAPH, tuple(stamps), reasons, run)


def _merged(plan: Plan, results: Mapping[str, Any]) -> Done:
    runs: list[NinjaRun] = []
    reasons: list[str] = []
    stamps: list[Stamp] = []
    changed: list[str] = []
    for name, result in results.items():
        reasons += (f"{name}: {reason}" if name else reason for reason in result.reasons)
        stamps += result.stamps
        if result.run is not None:
            runs.append(result.run)
        if result.change is not None:
            changed += (*result.change.changed, *result.change.removed)
    total = NinjaRun(edges=sum(run.edges for run in runs), compiled=sum(run.compiled for run in runs))
    total.linked = [name for run in runs for name in run.linked]
    total.cache = _cache_of([run.cache for run in runs if run.cache])
    return Done(total, tuple(reasons), tuple(stamps), tuple(changed))


def _cache_of(uses: Sequence[CacheUse]) -> CacheUse | None:
    if not uses:
        return None
    fields = {name: sum(getattr(use, name) for use in uses) for name in ("direct", "preprocessed", "missed", "uncacheable")}
    why = tuple(dict.fromkeys(reason for use in uses for reason in use.reasons))
    return CacheUse(uses[0].kind, **fields, reasons=why, shared=any(use.shared for use in uses))


def _combined(outcome: Outcome, graph: Graph, plan: Plan) -> BuildError:
    """The first error, with the names of all that failed, and of what is not built because of that."""
    (_, error), *others = outcome.failures.items()
    for _, more in others:
        error.what += f"\n\n{more.what}"
    failed = {name for name in outcome.failures if name != GRAPH}
    needs = {library.name: library.needs for library in graph.order}
    waiting = [each for each in unfinished(failed, needs, plan.requested) if each not in failed]
    stopped = [each for each in outcome.unfinished if each and each not in waiting]
    lines = [error.why] if error.why else []
    if failed:
        because = f"; not built because of it: {', '.join(waiting)}" if waiting else ""
        lines.append(f"Not finished: {', '.join(each for each in needs if each in failed)}{because}.")
    if stopped:
        lines.append(f"Stopped meanwhile: {', '.join(stopped)}. With --keep-going they are built to their end.")
    error.why = "\n".join(lines)
    return error
