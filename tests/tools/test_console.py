"""The console without a build: events in, text out, with the clock, the environment and the terminal given."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from orchestrator.events import Configured, Event, Finished, Note, Output, Progress, Published, Started, Waiting, Warned
from orchestrator.front.console import Console
from orchestrator.front.owners import Owners
from orchestrator.front.terminal import GitLabFolds, annotation, colored, strip

WARNING = "/elsewhere/a.c:3:5: warning: unused variable 'x' [-Wunused-variable]"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    *events: Event,
    terminal: bool = False,
    environ: dict[str, str] | None = None,
    verbose: int = 0,
    quiet: bool = False,
    clock: Callable[[], float] = lambda: 0.0,
) -> list[str]:
    stream = Terminal() if terminal else io.StringIO()
    owners = Owners({"base/": "Base"})
    with Console(
        verbose=verbose, quiet=quiet, stream=stream, environ=environ or {}, clock=clock, owners=owners, color="never"
    ) as console:
        for event in events:
            console(event)
    return stream.getvalue().removesuffix("\n").split("\n")


def steps(total: int) -> list[Event]:
    return [Progress(number, total, f"unit {number}") for number in range(1, total + 1)]


def test_a_small_build_shows_each_command_and_a_large_one_each_twentieth() -> None:
    assert len(shown(*steps(40))) == 40
    lines = shown(*steps(300))
    assert lines[0] == "[1/300] unit 1" and lines[-1] == "[300/300] unit 300"
    assert len(lines) == 21
    assert lines[1] == "[16/300] unit 16"


def test_a_slow_large_build_gives_signs_of_life() -> None:
    now = iter(range(0, 100000, 8))
    lines = shown(*steps(300), clock=lambda: float(next(now)))
    assert 100 < len(lines) <= 300


def test_verbose_shows_what_the_tools_print_and_no_lines_of_its_own() -> None:
    events = [Progress(1, 1, "unit"), Output("[1/1] unit"), Output(WARNING), Output("plain")]
    assert shown(*events, verbose=1) == ["[1/1] unit", WARNING, "plain"]
    assert shown(*events) == ["[1/1] unit", WARNING]


@pytest.mark.parametrize("terminal", [False, True])
def test_warnings_of_compilers_are_shown_once_each(terminal: bool) -> None:
    lines = shown(*steps(12), Output(WARNING), Output(WARNING), Output("    3 |   int x;"), terminal=terminal)
    assert [strip(line).rpartition("\r")[2] for line in lines if "warning:" in line] == [WARNING]


def test_quiet_keeps_warnings_of_the_build_and_waiting_only() -> None:
    events = [
        Started("configure", "x"),
        Output(WARNING),
        *steps(3),
        Warned("careful"),
        Waiting("process 7"),
        Finished(("done",)),
    ]
    assert shown(*events, quiet=True) == ["warning: careful", "waiting: the build tree is in use by process 7"]


def test_warnings_of_cmake_are_one_line() -> None:
    events = [Output("CMake Warning at base/CMakeLists.txt:3 (message):"), Output("  old"), Output(""), Output("-- fine")]
    assert shown(*events) == ["base/CMakeLists.txt:3: warning: old"]


def test_a_phase_without_lines_has_no_heading_if_it_is_the_build() -> None:
    assert shown(Started("build", "Base"), Finished(("nothing to do",))) == ["nothing to do"]
    assert shown(Started("build", "Base"), *steps(1)) == ["build: Base", "[1/1] unit 1"]
    assert shown(Started("configure", "it is new"), Configured(("it is new",), 1.26)) == [
        "configure: it is new",
        "  configured in 1.3 s",
    ]


def test_several_reasons_are_listed() -> None:
    assert shown(Started("configure", "2 changes"), Configured(("A: 1 -> 2", "B is new: 3"), 0.5))[1:3] == [
        "  A: 1 -> 2",
        "  B is new: 3",
    ]


def test_what_left_the_package_is_said_and_what_came_only_if_asked() -> None:
    event = Published(("lib/a",), ("lib/b",))
    assert shown(event) == ["  removed lib/b, which nothing makes any more"]
    assert shown(event, verbose=1)[0] == "  published lib/a"


def test_github_folds_phases_and_leaves_the_summary_outside() -> None:
    events = [Started("configure", "new"), Configured(("new",), 0), Started("build", "A"), *steps(1), Finished(("done",))]
    assert shown(*events, environ={"GITHUB_ACTIONS": "true"}) == [
        "::group::configure: new",
        "  configured in 0.0 s",
        "::endgroup::",
        "::group::build: A",
        "[1/1] unit 1",
        "::endgroup::",
        "done",
    ]


def test_a_fold_ends_when_the_build_fails() -> None:
    stream = io.StringIO()
    with pytest.raises(RuntimeError), Console(stream=stream, environ={"GITHUB_ACTIONS": "true"}) as console:
        console(Started("build", "A"))
        console(Note("a line"))
        raise RuntimeError
    assert stream.getvalue().splitlines()[-1] == "::endgroup::"


def test_an_error_stands_after_the_fold_with_a_mark_at_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(environ={"GITHUB_ACTIONS": "true"})
    console(Started("build", "A"))
    console(Note("a line"))
    console.error("It failed.\nsrc/a.c:3:5: error: 50% of\nWhat to do: look")
    out, err = capsys.readouterr()
    assert out.endswith("::endgroup::\n")
    assert err.splitlines()[:2] == ["::error file=src/a.c,line=3,col=5::50%25 of", "error: It failed."]


def test_gitlab_sections_have_names_of_their_own() -> None:
    folds = GitLabFolds(now=lambda: 7.4)
    first, second = folds.begin("build", "b"), folds.begin("build", "b")
    assert first != second and "section_start:7:build_" in first[0] and "[collapsed=true]\r\x1b[0Kb" in first[0]


def test_marks_at_lines() -> None:
    assert annotation("no place here") == ""
    assert annotation("x\nCMake Error at a/CMakeLists.txt:3 (message):\n  no luck") == (
        "::error file=a/CMakeLists.txt,line=3::no luck"
    )


def test_a_terminal_gets_one_progress_line() -> None:
    texts = [Progress(number, 30, f"Building C object base/src/{number}.c.o") for number in range(1, 31)]
    (line,) = shown(*texts, terminal=True)
    frames = [frame for frame in strip(line).split("\r") if frame.strip()]
    assert frames and all(frame.startswith("[") and "/30 " in frame for frame in frames)
    assert "Base: " in frames[-1] and ".c.o" in frames[-1]
    assert not line.split("\r")[-1].strip()  # nothing of it stays
    assert shown(*steps(3), terminal=True) == [f"[{number}/3] unit {number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("choice", "terminal", "environ", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours(choice: str, terminal: bool, environ: dict[str, str], expected: bool) -> None:
    assert colored(choice, terminal=terminal, environ=environ) is expected
