"""Runs work on many libraries at once: each starts when what it needs is done, and all share one budget of jobs.

One thread, one loop: work is a generator of commands (`process.Steps`), and the loop reads the output of all that run. Every
command holds a token of the job server as long as it runs.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError, InterruptedBuildError, ToolMissingError
from orchestrator.events import Commands, Emit, Event, Explained, Note, Progress, Step, StepEnded
from orchestrator.jobserver import JobServer
from orchestrator.process import Command, Steps, spawn, stop, terminated_as_interrupt

__all__ = ["TOKEN", "Outcome", "Task", "labelled", "overlap", "summed"]

TOKEN = "token"
"""The phase in which a library waits for the budget."""


@dataclass(frozen=True)
class Task:
    """Work on one library, or on the one graph; `needs` are tasks that must have succeeded. `label` is for events."""

    name: str
    needs: tuple[str, ...]
    start: Callable[[], Steps[Any]]
    label: str = ""


@dataclass
class Outcome:
    """Results and errors by task, in the order of their ends; `unfinished` were not started, or stopped on the way."""

    results: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, BuildError] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()


def overlap(tasks: Sequence[Task], server: JobServer, emit: Emit, *, keep_going: bool = False) -> Outcome:
    """Runs the tasks. A failure stops everything; with `keep_going` only what needs it."""
    loop = _Loop(tasks, server, emit, keep_going=keep_going)
    try:
        with terminated_as_interrupt():
            return loop.run()
    except KeyboardInterrupt:
        text = "Interrupted: all that was running was stopped."
        raise InterruptedBuildError(text, next_step="run the same command again: finished work is kept") from None
    finally:
        loop.stop()


@dataclass
class _Running:
    """A command with its process, and what of its output has no end of line yet."""

    task: Task
    steps: Steps[Any]
    command: Command
    pid: int
    reader: int
    begin: float
    rest: bytes = b""


class _Loop:
    def __init__(self, tasks: Sequence[Task], server: JobServer, emit: Emit, *, keep_going: bool) -> None:
        self._tasks = {task.name: task for task in tasks}
        self._server = server
        self._emit = emit
        self._keep_going = keep_going
        self._outcome = Outcome()
        self._pending = _by_weight(tasks)
        self._waiting: list[tuple[Task, Steps[Any], Command, float]] = []
        self._running: dict[int, _Running] = {}
        self._selector = selectors.DefaultSelector()
        self._listening = False

    def run(self) -> Outcome:
        """Until nothing runs and nothing can be started."""
        self._start_ready()
        while self._running or self._waiting:
            self._spawn_waiting()
            self._listen(bool(self._waiting))
            for key, _ in self._selector.select():
                if key.data is not None:
                    self._read(key.data)
            if self._outcome.failures and not self._keep_going:
                break
        stopped = [*(item.task.name for item in self._running.values()), *(item[0].name for item in self._waiting)]
        self.stop()
        self._outcome.unfinished = tuple(name for name in self._tasks if name in stopped or name in self._pending)
        return self._outcome

    def stop(self) -> None:
        """Ends everything that runs."""
        for _, steps, _, _ in self._waiting:
            steps.close()
        self._waiting.clear()
        for item in self._running.values():
            self._selector.unregister(item.reader)
            os.close(item.reader)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(item.pid, signal.SIGINT)
        while self._running:
            _, item = self._running.popitem()
            stop(item.pid)
            item.steps.close()
            self._server.give()
            self._emit(StepEnded(item.task.label, item.command.what, round(time.monotonic() - item.begin, 3), 130))
        self._listen(False)

    def _listen(self, wanted: bool) -> None:
        """Whether a token that becomes free wakes the loop."""
        if wanted != self._listening:
            self._listening = wanted
            if wanted:
                self._selector.register(self._server, selectors.EVENT_READ)
            else:
                self._selector.unregister(self._server)

    def _start_ready(self) -> None:
        started = True
        while started:  # work without commands is done at once, and others may wait for it
            started = False
            for name in list(self._pending):
                task = self._tasks[name]
                if name in self._pending and all(need in self._outcome.results for need in task.needs):
                    self._pending.remove(name)
                    self._advance(task, task.start(), None)
                    started = True

    def _advance(self, task: Task, steps: Steps[Any], status: int | None) -> None:
        """Lets the work go on to its next command or its end."""
        try:
            command = next(steps) if status is None else steps.send(status)
        except StopIteration as end:
            self._outcome.results[task.name] = end.value
        except BuildError as error:
            self._outcome.failures[task.name] = error
        else:
            self._waiting.append((task, steps, command, time.monotonic()))

    def _spawn_waiting(self) -> None:
        """Starts what there are tokens for."""
        if not self._running and self._waiting and (missing := self._server.refill()):
            self._emit(Note(f"{missing} of {self._server.jobs} jobs were lost with programs that were killed: refilled"))
        late: list[tuple[Task, Steps[Any], Command, float]] = []
        for task, steps, command, since in self._waiting:
            if not self._server.take():
                if since > 0:
                    self._emit(Step(task.label, TOKEN))
                late.append((task, steps, command, -abs(since)))
                continue
            now = time.monotonic()
            if since < 0:
                self._emit(StepEnded(task.label, TOKEN, round(now + since, 3)))
            self._emit(Step(task.label, command.what))
            try:
                pid, reader = spawn(command.argv, command.env, command.cwd, command.inherit)
            except FileNotFoundError:
                text = f"{command.argv[0]} is not there any more."
                raise ToolMissingError(text, next_step="run the same command again: tools are then searched anew") from None
            item = _Running(task, steps, command, pid, reader, now)
            self._running[pid] = item
            self._selector.register(reader, selectors.EVENT_READ, item)
        self._waiting = late

    def _read(self, item: _Running) -> None:
        chunk = os.read(item.reader, 65536)
        *lines, item.rest = (item.rest + chunk).split(b"\n")
        if not chunk and item.rest:
            lines, item.rest = [item.rest], b""
        for line in lines:
            item.command.on_line(line.decode("utf-8", "replace"))
        if not chunk:
            self._end(item)

    def _end(self, item: _Running) -> None:
        self._selector.unregister(item.reader)
        os.close(item.reader)
        status = os.waitstatus_to_exitcode(os.waitpid(item.pid, 0)[1])
        del self._running[item.pid]
        self._server.give()
        self._emit(StepEnded(item.task.label, item.command.what, round(time.monotonic() - item.begin, 3), status))
        self._advance(item.task, item.steps, status)
        self._start_ready()


def _by_weight(tasks: Iterable[Task]) -> list[str]:
    """Names, those first that the longest chain of others waits for."""
    by_name = {task.name: task for task in tasks}
    weight: dict[str, int] = dict.fromkeys(by_name, 0)
    for _ in by_name:
        for task in by_name.values():
            for need in task.needs:
                weight[need] = max(weight[need], weight[task.name] + 1)
    return sorted(by_name, key=lambda name: -weight[name])


def summed(emit: Emit) -> Emit:
    """Progress of builds that overlap as one count."""
    counts: dict[str, tuple[int, int]] = {}

    def merged(event: Event) -> None:
        if isinstance(event, Progress):
            counts[event.library] = (event.done, event.total)
            done, total = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
            event = Progress(done, total, event.text, event.library)
        emit(event)

    return merged


def labelled(emit: Emit, library: str, folder: Path) -> Emit:
    """Events of the build of one library in a tree of its own, as those of the tree that it stands in (`folder` below it)."""

    def marked(event: Event) -> None:
        if isinstance(event, Explained):
            event = Explained(f"{folder}/{event.output}", event.reason)
        elif isinstance(event, Commands):
            runs = ((kind, f"{folder}/{output}", begin, seconds) for kind, output, begin, seconds in event.runs)
            event = Commands(event.jobs, tuple(runs), library)
        elif "library" in vars(event):
            event = type(event)(**{**vars(event), "library": library})
        emit(event)

    return marked
