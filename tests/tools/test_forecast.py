"""Prediction: the scheduler on graphs whose optimum is known, history, and a plan that changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from orchestrator.insight.buildgraph import Sources, parse_graph
from orchestrator.insight.causes import impact
from orchestrator.insight.estimate import Durations, forecast_edges
from orchestrator.insight.schedule import Task, simulate

from .conftest import Family, last_event


def test_one_job_takes_the_sum() -> None:
    schedule = simulate([Task("a", 3), Task("b", 4, ("a",)), Task("c", 5)], jobs=1)
    assert (schedule.wall, schedule.work) == (12, 12)


def test_enough_jobs_take_the_longest_chain() -> None:
    tasks = [Task("a", 3), Task("b", 4, ("a",)), Task("c", 5), Task("d", 1, ("b", "c"))]
    schedule = simulate(tasks, jobs=9)
    assert (schedule.wall, schedule.critical_seconds, schedule.critical) == (8, 8, ("a", "b", "d"))


def test_the_longest_chain_goes_first() -> None:
    """In the order of the list, 8 would be needed: the chain a-b would start last."""
    tasks = [Task("x", 2), Task("y", 2), Task("a", 1), Task("b", 5, ("a",))]
    assert simulate(tasks, jobs=2).wall == 6
    assert simulate(list(reversed(tasks)), jobs=2).wall == 6


def test_independent_tasks_are_spread() -> None:
    assert simulate([Task(str(number), 2) for number in range(7)], jobs=3).wall == 6


def test_a_job_waits_while_nothing_may_start() -> None:
    tasks = [Task("wide", 4), *(Task(f"leaf{number}", 1, ("wide",)) for number in range(4))]
    assert simulate(tasks, jobs=2).wall == 6


def test_foreign_names_count_as_done_and_cycles_are_errors() -> None:
    assert simulate([Task("a", 1, ("elsewhere",))], jobs=1).wall == 1
    assert simulate([], jobs=2).wall == 0
    with pytest.raises(ValueError, match="a, b"):
        simulate([Task("a", 1, ("b",)), Task("b", 1, ("a",))], jobs=1)


GRAPH = parse_graph(
    """\
build one.o: C_COMPILER__X one.c || names
build two.o: C_COMPILER__X two.c || names
build names: phony || gen.h
build gen.h: CUSTOM_COMMAND gen.py
  restat = 1
build lib.so: C_SHARED_LIBRARY_LINKER__X one.o two.o
build lib.symbols: CUSTOM_COMMAND lib.so
  restat = 1
build user.so: C_SHARED_LIBRARY_LINKER__X lib.symbols
""",
    Path("/tree"),
    Sources(),
)


def test_edges_wait_through_phony_names_and_edges_that_do_not_run() -> None:
    edges = [edge for edge in GRAPH.edges if not edge.phony]
    durations = Durations({"one.o": 2.0, "two.o": 4.0, "gen.h": 1.0, "lib.so": 0.5, "lib.symbols": 0.25, "user.so": 0.5}, {})
    forecast = forecast_edges(GRAPH, edges, durations, jobs=2)
    assert forecast.schedule.wall == 1 + 4 + 0.5 + 0.25 + 0.5
    assert forecast.schedule.critical == ("gen.h", "two.o", "lib.so", "lib.symbols", "user.so")
    some = [edge for edge in edges if edge.output in ("gen.h", "lib.so")]  # two.o stands between them and does not run
    assert forecast_edges(GRAPH, some, durations, jobs=2).schedule.wall == 1.5


def test_history_own_then_others_then_the_kind_s_median_then_nothing() -> None:
    edges = [edge for edge in GRAPH.edges if edge.kind == "compile"]
    forecast = forecast_edges(GRAPH, edges, Durations({"one.o": 3.0}, {"one.o": 100.0, "two.o": 5.0}), jobs=1)
    assert (forecast.schedule.wall, forecast.guessed) == (8.0, 0)
    forecast = forecast_edges(GRAPH, edges, Durations({"one.o": 3.0}, {}), jobs=1)
    assert (forecast.schedule.wall, forecast.guessed, forecast.known) == (6.0, 1, True)
    forecast = forecast_edges(GRAPH, edges, Durations({}, {}), jobs=1)
    assert (forecast.guessed, forecast.known) == (2, False)


def test_what_stands_behind_a_list_or_a_generator_is_not_sure() -> None:
    found = impact(GRAPH, ["one.o"])
    assert [edge.output for edge in found.sure] == ["one.o", "lib.so", "lib.symbols"]
    assert [edge.output for edge in found.perhaps] == ["user.so"]


def _state(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(root.rglob("*"))}


def test_a_plan_names_work_and_time_and_changes_nothing(family: Family) -> None:
    before = _state(family.root)
    fresh = json.loads(family.built("plan", "--json").out)
    assert _state(family.root) == before
    assert fresh["at_most"]["seconds"] is None
    assert [cause["kind"] for cause in fresh["configure"]] == ["first"]
    assert "nothing known yet" in family.built("plan").out
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    before = _state(family.root)
    report = json.loads(family.built("plan", "--json").out)
    assert _state(family.root) == before
    assert [group["library"] for group in report["groups"]] == ["Base", "Upper"]
    assert (report["predicted"]["commands"], report["at_most"]["commands"]) == (3, 5)
    assert report["predicted"]["seconds"] > 0 and report["predicted"]["guessed"] == 0
    assert report["publish"] == ["family/lib/libBase.so.1"]
    done = family.built()
    assert len(done.steps) == 3
    other = json.loads(family.built("plan", "--json", "--config", "debug").out)
    assert (other["predicted"]["commands"], other["predicted"]["guessed"]) == (7, 0)  # as the other configuration took
    assert not (family.root / "build/debug").exists()
    assert "nothing to do" in family.built("plan").out


def test_a_plan_of_another_option_says_what_it_reaches(family: Family) -> None:
    family.built()
    report = json.loads(family.built("plan", "--json", "-D", "GREETING=hi").out)
    assert len(report["configure"]) == 1 and "hello -> hi" in report["configure"][0]["text"]
    assert report["predicted"]["commands"] == 0 and report["at_most"]["commands"] >= 4
    assert report["configure_seconds"] > 0


@pytest.mark.parametrize("arguments", [(), ("-j", "2")])
def test_a_build_records_what_was_predicted(family: Family, arguments: tuple[str, ...]) -> None:
    """On the way of an edit, and (with other arguments than the last build's) on the long one."""
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    took = json.loads(family.built("plan", "--json").out)["predicted"]["seconds"]
    done = family.built(*arguments)
    ended = last_event(family, "Ended")
    assert ended is not None
    assert (last_event(family, "Timed", name="options") is None) == (not arguments)
    assert took <= ended["predicted"] < took + ended["seconds"]
    assert f"(expected {ended['predicted']:.1f} s)" in done.out
