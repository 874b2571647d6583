"""Work that overlaps under one budget of jobs: never more at once than allowed, and no token is lost for good."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from orchestrator.detect import Context, Missing, detect
from orchestrator.errors import BuildError
from orchestrator.events import Event, Note, Progress, Step, StepEnded
from orchestrator.jobserver import FIFO, PIPE, STATIC, Budget, JobServer, style_of
from orchestrator.options import BUILTIN, resolve
from orchestrator.overlap import TOKEN, Task, labelled, overlap, summed
from orchestrator.process import Command, Steps

CONTEXT = Context(resolve(BUILTIN, {}, ()), os.environ)
NOTE = "import os, sys, time; b = time.time(); time.sleep(0.05); open(sys.argv[1], 'a').write(f'{b} {time.time()}\\n')"


def command(*argv: str, budget: Budget | None = None, cwd: Path | None = None, lines: list[str] | None = None) -> Command:
    budget = budget or Budget()
    on_line = (lambda line: None) if lines is None else lines.append
    env = {**os.environ, **budget.variables}
    return Command((*argv, *budget.arguments), env, on_line, cwd, inherit=(0, *budget.inherit), what="build")


def most_at_once(log: Path) -> int:
    """Of the jobs that noted their beginnings and ends."""
    marks = []
    for line in log.read_text(encoding="utf-8").splitlines():
        begin, end = map(float, line.split())
        marks += [(begin, 1), (end, -1)]
    running = most = 0
    for _, change in sorted(marks):
        running += change
        most = max(most, running)
    return most


def program(name: str) -> str:
    context = Context(resolve(BUILTIN, {}, ()), os.environ)
    return detect([name], context)[name].values["program"]


@pytest.mark.parametrize("style", [FIFO, PIPE, STATIC])
def test_three_ninjas_share_three_jobs(tmp_path: Path, style: str) -> None:
    ninja = program("ninja")
    log = tmp_path / "log"
    for name in "abc":
        (tmp_path / name).mkdir()
        rows = [f"build {name}{number}: note" for number in range(5)]
        rule = f'rule note\n  command = {sys.executable} -c "{NOTE}" {log}\n'
        (tmp_path / name / "build.ninja").write_text(rule + "\n".join(rows) + "\n", encoding="utf-8")

    with JobServer(3, style=style, width=3) as server:

        def work(name: str) -> Steps[str]:
            status = yield command(ninja, budget=server.budget(), cwd=tmp_path / name)
            assert status == 0
            return name

        tasks = [Task(name, (), lambda name=name: work(name), name) for name in "abc"]
        outcome = overlap(tasks, server, lambda event: None)
        assert sorted(outcome.results) == ["a", "b", "c"]
        assert server.free() == 3
    assert len(log.read_text(encoding="utf-8").splitlines()) == 15
    assert most_at_once(log) <= 3


def test_make_joins_the_pool_as_well(tmp_path: Path) -> None:
    make = detect(["make"], Context(resolve(BUILTIN, {}, ()), os.environ))["make"]
    if "program" not in make.values:
        pytest.skip("no GNU make")
    names = " ".join(f"n{number}" for number in range(6))
    rule = f'all: {names}\n{names}:\n\t@{sys.executable} -c "{NOTE}" log\n'
    (tmp_path / "Makefile").write_text(rule, encoding="utf-8")
    with JobServer(2, style=make.values["jobserver"]) as server:
        lines: list[str] = []

        def work() -> Steps[int]:
            return (yield command(make.values["program"], budget=server.budget(), cwd=tmp_path, lines=lines))

        outcome = overlap([Task("make", (), work), Task("again", ("make",), work)], server, lambda event: None)
        assert outcome.results == {"make": 0, "again": 0}, lines
        assert server.free() == 2
    assert most_at_once(tmp_path / "log") == 2


def test_make_inside_of_ninja_stays_in_the_budget(tmp_path: Path) -> None:
    make = detect(["make"], Context(resolve(BUILTIN, {}, ()), os.environ))["make"]
    if "program" not in make.values:
        pytest.skip("no GNU make")
    names = " ".join(f"n{number}" for number in range(4))
    rule = f'all: {names}\n{names}:\n\t@{sys.executable} -c "{NOTE}" log\n'
    (tmp_path / "Makefile").write_text(rule, encoding="utf-8")
    rows = "".join(f"build {number}: make\n" for number in range(3))
    text = f"rule make\n  command = {make.values['program']} -s\n{rows}"
    (tmp_path / "build.ninja").write_text(text, encoding="utf-8")
    with JobServer(3, style=style_of(*(detect([name], CONTEXT)[name] for name in ("ninja", "make")))) as server:

        def work() -> Steps[int]:
            return (yield command(program("ninja"), budget=server.budget(), cwd=tmp_path))

        assert overlap([Task("a", (), work)], server, lambda event: None).results == {"a": 0}
        assert server.free() == 3
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == 12
    assert most_at_once(tmp_path / "log") <= 3


@pytest.mark.parametrize(
    ("ninja", "make", "style"),
    [
        ("pipe", "pipe", PIPE),
        ("pipe", "fifo", PIPE),
        ("pipe", None, PIPE),
        ("fifo", "fifo", FIFO),
        ("fifo", "", FIFO),  # make is not there
        ("fifo", "pipe", STATIC),
        ("fifo", None, STATIC),  # nobody looked for it
    ],
)
def test_the_style_that_fits_both(ninja: str, make: str | None, style: str) -> None:
    items = [None if word is None else Missing("x", "", (), {"jobserver": word}) for word in (ninja, make)]
    assert style_of(*items) == style


def test_tokens_of_a_killed_client_come_back() -> None:
    events: list[Event] = []
    with JobServer(2) as server:
        thief = f"import os, signal; os.read({server.fileno()}, 1); os.kill(os.getpid(), signal.SIGKILL)"

        def work(*argv: str) -> Steps[int]:
            return (yield Command(argv, dict(os.environ), lambda line: None, what="build"))

        os.set_inheritable(server.fileno(), True)
        tasks = [Task("thief", (), lambda: work(sys.executable, "-c", thief)), Task("next", ("thief",), lambda: work("true"))]
        outcome = overlap(tasks, server, events.append, keep_going=True)
        assert outcome.results == {"thief": -signal.SIGKILL, "next": 0}
        assert server.free() == 2
    assert any(isinstance(event, Note) and event.text.startswith("1 of 2 jobs were lost") for event in events)


def test_what_waits_for_the_budget_says_so() -> None:
    events: list[Event] = []

    def work() -> Steps[None]:
        yield command("sleep", "0.05")

    with JobServer(1) as server:
        overlap([Task(name, (), work, name) for name in "ab"], server, events.append)
    steps = [(event.library, event.phase) for event in events if isinstance(event, Step)]
    assert steps == [("a", "build"), ("b", TOKEN), ("b", "build")]
    waited = next(event for event in events if isinstance(event, StepEnded) and event.phase == TOKEN)
    assert waited.seconds >= 0.04


def failing() -> Generator[Command, int, None]:
    yield command("true")
    raise BuildError("no")


def test_a_failure_stops_what_runs_or_only_what_needs_it(tmp_path: Path) -> None:
    def slow() -> Steps[str]:
        status = yield command("sh", "-c", f"sleep {'5' if not going else '0.1'}; touch {tmp_path}/done")
        return str(status)

    for going in (False, True):
        tasks = [
            Task("slow", (), slow),
            Task("bad", (), failing),
            Task("needs", ("bad",), slow),
            Task("last", ("needs",), slow),
        ]
        with JobServer(3) as server:
            outcome = overlap(tasks, server, lambda event: None, keep_going=going)
            assert server.free() == 3
        assert list(outcome.failures) == ["bad"]
        assert outcome.unfinished == (("needs", "last") if going else ("slow", "needs", "last"))
        assert (tmp_path / "done").exists() is going


def test_the_longest_chain_starts_first() -> None:
    order: list[str] = []

    def work(name: str) -> Steps[None]:
        order.append(name)
        yield command("true")

    needs = {"leaf": (), "root": (), "middle": ("root",), "top": ("middle",)}
    with JobServer(1) as server:
        overlap([Task(name, need, lambda name=name: work(name)) for name, need in needs.items()], server, lambda event: None)
    assert order[0] == "root"


def test_events_of_a_library_carry_its_name(tmp_path: Path) -> None:
    events: list[Event] = []
    merged = summed(events.append)
    labelled(merged, "a", Path("sub/a"))(Progress(1, 2, "x"))
    labelled(merged, "b", Path("sub/b"))(Progress(3, 4, "y"))
    assert events == [Progress(1, 2, "x", "a"), Progress(4, 6, "y", "b")]


def test_how_clients_are_told() -> None:
    with JobServer(4, style=STATIC, width=3) as server:
        assert server.budget() == Budget(1, ("-j", "1"))
    with JobServer(4, style=FIFO) as server:
        flags = server.budget().variables["MAKEFLAGS"]
        assert re.fullmatch(rf" -j4 --jobserver-auth=fifo:/proc/{os.getpid()}/fd/\d+", flags)
    with JobServer(4, style=PIPE) as server:
        assert server.budget().variables["MAKEFLAGS"] == " -j4 --jobserver-auth=11,12"
