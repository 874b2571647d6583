"""What building is, between plan and publication: the one graph alone, or with projects of their own beside it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.configure import configure
from orchestrator.detect import Detection
from orchestrator.events import Emit, Started, timed
from orchestrator.front.log import BuildLog
from orchestrator.jobserver import style_of
from orchestrator.memory import begin_memory
from orchestrator.ninja import NinjaRun, run_ninja
from orchestrator.plan import Plan
from orchestrator.session import Session
from orchestrator.subbuild.substate import Stamp

__all__ = ["Done", "Workshop", "work"]


@dataclass(frozen=True)
class Workshop:
    """What all work of one command shares: what was found, the cleaned environment, the tree's lock, and the record.

    `begin` is when the command began, on the monotonic clock.
    """

    found: Mapping[str, Detection]
    env: Mapping[str, str]
    emit: Emit
    lock: int
    log: BuildLog
    begin: float

    @property
    def log_path(self) -> Path:
        """The log for people."""
        return self.log.path


@dataclass(frozen=True)
class Done:
    """`run` sums up all ninjas, `reasons` say why cmake ran.

    `stamps` are the files that sub-builds depend on, `changed` what they changed in the prefix.
    """

    run: NinjaRun
    reasons: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    changed: tuple[str, ...] = ()


def work(session: Session, plan: Plan, shop: Workshop) -> Done:
    """Configures what has to be, and builds. Projects' files go into the prefix; nothing is published yet."""
    for tree in (plan.build_dir, *(project.build_dir for project in plan.projects)):
        begin_memory(tree)
    if not plan.projects:
        return _graph_alone(session, plan, shop)
    from orchestrator.subbuild.together import build_together  # a framework without projects need not load it

    with timed(shop.emit, "build", ", ".join(plan.requested)):
        return build_together(session, plan, shop)


def _graph_alone(session: Session, plan: Plan, shop: Workshop) -> Done:
    reasons = configure(plan, shop.found, env=shop.env, emit=shop.emit, lock=shop.lock, log=shop.log_path)
    ninja = shop.found["ninja"].values["program"]
    shop.emit(Started("build", ", ".join(plan.requested)))
    elapsed = time.monotonic() - shop.begin
    with timed(shop.emit, "build", ", ".join(plan.requested)):
        run = run_ninja(
            ninja,
            plan.build_dir,
            plan.targets,
            jobs=session.jobs,
            env=shop.env,
            emit=shop.emit,
            lock=shop.lock,
            log=shop.log_path,
            style=style_of(shop.found["ninja"], shop.found.get("make")),
            more=("-k", "0") if session.request.keep_going else (),
        )
    shop.log.expect(elapsed, run.expected)
    return Done(run, reasons)
