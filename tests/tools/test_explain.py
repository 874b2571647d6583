"""`explain`: one change of each kind, and exactly that cause (and no other) before the build and, with --last, after it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from orchestrator.insight.buildgraph import Sources, parse_graph
from orchestrator.insight.causes import Reasoner, age, change_causes, flag_difference, parse_reason
from orchestrator.insight.record import read_events

from .conftest import ROOT, Family

OBJECT = "core/CMakeFiles/Core.dir/src/Sum.c.o"


# Pure parts.


@pytest.mark.parametrize(
    ("text", "kind", "output", "path"),
    [
        ("output a b.o older than most recent input /x/a b.c (1 vs 2)", "newer", "a b.o", "/x/a b.c"),
        ("recorded mtime of lib.so older than most recent input a.o (1 vs 2)", "newer", "lib.so", "a.o"),
        ("restat of output t.h older than most recent input t.py (1 vs 2)", "newer", "t.h", "t.py"),
        ("output lib/a b.so doesn't exist", "missing", "lib/a b.so", ""),
        ("command line changed for a.o", "command", "a.o", ""),
        ("command line not found in log for a.o", "unlogged", "a.o", ""),
        ("deps for 'a b.o' are missing", "deps", "a b.o", ""),
        ("depfile 'a.o.d' is missing", "deps", "a.o.d", ""),
        ("stored deps info out of date for 'a.o' (3 vs 4)", "deps", "a.o", ""),
    ],
)
def test_each_sentence_of_ninja_is_understood(text: str, kind: str, output: str, path: str) -> None:
    reason = parse_reason(text)
    assert reason is not None
    assert (reason.kind, reason.output, reason.path) == (kind, output, path)


def test_what_the_graph_says_as_well_is_no_reason() -> None:
    assert parse_reason("base/a.o is dirty") is None


def test_all_newer_inputs_are_named_and_not_only_the_newest() -> None:
    graph = parse_graph("build a.o: C_COMPILER__X /r/a.c | /r/old.h\n", Path("/r/build"), Sources())
    times = {"/r/a.c": 150, "/r/old.h": 90, "/r/new.h": 200}
    reasoner = Reasoner(graph, Path("/r"), {"a.o": ("/r/new.h",)}, frozenset({"a.o"}), times.get, 2e-7)
    reason = parse_reason("output a.o older than most recent input /r/new.h (100 vs 200)")
    assert reason is not None
    assert [cause.subject for cause in reasoner.causes(reason)] == ["a.c", "new.h"]


def test_the_flags_that_differ_are_shown() -> None:
    assert flag_difference("cc -O2 -DA=1 -c x", "cc -O3 -DA=2 -g -c x") == "-DA=1 -> -DA=2, without -O2, with -O3, with -g"
    assert flag_difference("cc -a -b", "cc -b -a") == ""


def test_several_definitions_of_one_option_are_one_cause() -> None:
    changes = [
        {"scope": "", "name": f"CMAKE_{kind}_LINKER_FLAGS", "before": "", "after": "-s", "cause": "option LDFLAGS, from -D"}
        for kind in ("SHARED", "MODULE")
    ]
    (cause,) = change_causes(changes)
    assert (cause.kind, cause.subject, len(cause.details)) == ("option", "LDFLAGS", 2)
    assert "(empty) -> -s" in cause.text


def test_ages_are_in_words() -> None:
    assert [age(seconds) for seconds in (3, 150, 7300, 400000, -5)] == [
        "3 s ago",
        "2 min ago",
        "2 h ago",
        "5 days ago",
        "5 s in the future",
    ]


def test_a_damaged_record_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event":"Began"}\nnonsense\n[1]\n\xff\n{"event":"Ended","status":0}\n{"event":"Expl')
    assert [event["event"] for event in read_events(path)] == ["Began", "Ended"]
    assert read_events(tmp_path / "nothing") == []


# Real builds. One tree serves all changes: each begins where nothing is to be done, and ends with its build.


@dataclass(frozen=True)
class Foundry(Family):
    """tests/packages/foundry: a generator, headers, an extension."""

    def report(self, *arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer of `explain` as JSON."""
        answer: dict[str, Any] = json.loads(self.built("explain", "--json", *arguments, env=env).out)
        return answer

    def causes(self, *arguments: str, env: dict[str, str] | None = None) -> list[tuple[str, str]]:
        """Kind and subject of each cause that `explain` names; with several targets, each must have the same causes."""
        report = self.report(*arguments, env=env)
        found = [[(cause["kind"], cause["subject"]) for cause in answer["causes"]] for answer in report["targets"]]
        assert found == found[:1] * len(found)
        return found[0]


@pytest.fixture(scope="module", name="tree")
def built_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foundry]:
    root = tmp_path_factory.mktemp("explain") / "a foundry"
    shutil.copytree(ROOT / "tests/packages/foundry", root)
    shutil.copytree(ROOT / "cmake", root / "cmake")
    tree = Foundry(root)
    assert tree.causes() == [("first", "build tree")]
    tree.built()
    assert tree.causes("--last") == [("first", "build tree")]
    yield tree


@pytest.fixture(name="foundry")
def settled(tree: Foundry) -> Foundry:
    """Nothing is to be done: what the last test did was built, and nothing else seems to be left."""
    assert tree.causes() == []
    return tree


def _edit(name: str, old: str, new: str) -> Callable[[Foundry], None]:
    return lambda foundry: foundry.edit(name, old, new)


def _touch(foundry: Foundry) -> None:
    os.utime(foundry.root / "core/src/Sum.c")


def _damage(foundry: Foundry) -> None:
    (foundry.root / "foundry/lib/libCore.so.1").write_bytes(b"damaged")


_DEFINE = ("torch_export", "target_compile_definitions(Core PRIVATE MORE=1)\ntorch_export")
CHANGES = {
    "body": (_edit("core/src/Sum.c", "a + b", "b + a"), "Core", ("file", "core/src/Sum.c")),
    "touched": (_touch, OBJECT, ("file", "core/src/Sum.c")),
    "header": (
        _edit("core/include/Core/Core.h", "int a, int b", "int x, int y"),
        "front",
        ("file", "core/include/Core/Core.h"),
    ),
    "cmake": (_edit("core/CMakeLists.txt", *_DEFINE), "Core", ("file", "core/CMakeLists.txt")),
    "manifest": (_edit("libraries.toml", '"plain"', '"grave"'), "Core", ("option", "TONE")),
    "declaration": (_edit("core/squares.txt", "9", "9, 16"), "foundry/lib/libCore.so.1", ("file", "core/squares.txt")),
    "generator": (_edit("core/squares.sh", "const int", "int const"), "foundry/lib/libCore.so.1", ("file", "core/squares.sh")),
    "same output": (_edit("core/squares.sh", "set -eu", "set -e -u"), "core/table.h", ("file", "core/squares.sh")),
    "deleted": (
        lambda foundry: (foundry.root / "build/release/lib/front.so").unlink(),
        "front",
        ("missing", "lib/front.so"),
    ),
    "unpublished": (
        lambda foundry: (foundry.root / "foundry/front.so").unlink(),
        "foundry/front.so",
        ("missing", "foundry/front.so"),
    ),
    "damaged": (_damage, "Core", ("damaged", "foundry/lib/libCore.so.1")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_the_one_cause(foundry: Foundry, name: str) -> None:
    change, target, cause = CHANGES[name]
    change(foundry)
    assert foundry.causes("everything", target) == [cause]
    foundry.built()
    assert foundry.causes("--last", "everything", target) == [cause]


@pytest.mark.parametrize(
    ("arguments", "env", "cause", "commands"),
    [
        (("-D", "TONE=loud"), {}, ("option", "TONE"), "compile core/CMakeFiles/Core.dir/src/Tone.c.o"),
        ((), {"TONE": "low"}, ("option", "TONE"), "compile core/CMakeFiles/Core.dir/src/Tone.c.o"),
        ((), {"CFLAGS": "-DUNUSED=1"}, ("option", "CFLAGS"), "compile 3 units of Core: Sum.c.o, Table.c.o, Tone.c.o"),
    ],
    ids=["-D", "environment", "compiler flags"],
)
def test_an_option_and_its_removal_are_the_one_cause(
    foundry: Foundry, arguments: tuple[str, ...], env: dict[str, str], cause: tuple[str, str], commands: str
) -> None:
    assert foundry.causes("everything", "Core", *arguments, env=env) == [cause]
    foundry.built(*arguments, env=env)
    report = foundry.report("--last", *arguments, env=env)
    assert [(item["kind"], item["subject"]) for item in report["causes"]] == [cause]
    steps = [step["text"] for step in report["targets"][0]["causes"][0]["steps"]]
    assert commands in steps
    # Without it: the removed option is the cause.
    assert foundry.causes() == [cause]
    foundry.built()
    assert foundry.causes("--last") == [cause]


def test_the_text_of_a_chain(foundry: Foundry) -> None:
    foundry.edit("core/src/Sum.c", "int core_sum", "/* */ int core_sum")
    lines = [
        re.sub(r"\d+ s ago", "N s ago", line) for line in foundry.built("explain", "foundry/lib/libCore.so.1").out.splitlines()
    ]
    lines = [re.sub(r" +\(\d+\.\d s last time\)", "", line) for line in lines]
    assert lines == [
        "foundry/lib/libCore.so.1 will be made again",
        "  because core/src/Sum.c was modified N s ago",
        f"    -> compile {OBJECT}",
        "    -> link lib/libCore.so.1",
        "    -> list the symbols in core/Core.symbols",
        "    -> only if the exported symbols change: link lib/front.so",
        "    -> publish foundry/lib/libCore.so.1: goes into the wheel",
    ]
    assert foundry.report("front")["targets"][0]["verdict"] == "will be made again only if what it is made from changes"
    foundry.built()
    text = foundry.built("explain", "--last", "front").out
    assert "front did not have to be made again" in text
    assert "nothing they read changed, so not run: link lib/front.so" in text


def test_what_would_follow_from_a_file_and_an_option(foundry: Foundry) -> None:
    (answer,) = foundry.report("core/include/Core/Core.h")["targets"]
    assert answer["causes"] == [] and answer["verdict"] == "has not changed since it was used"
    assert [(step["kind"], step["library"], len(step["outputs"])) for step in answer["steps"]][:2] == [
        ("compile", "Core", 3),
        ("link", "Core", 1),
    ]
    assert "foundry/lib/include/Core/Core.h" in answer["steps"][-1]["outputs"]
    (answer,) = foundry.report("TONE")["targets"]
    assert answer["verdict"] == "= plain [default]" or answer["verdict"].startswith("= grave [")
    assert "declared by Core" in answer["notes"][1]
    (answer,) = foundry.report("wheel")["targets"]
    assert answer["verdict"] == "is up to date"
    (answer,) = foundry.report("core/CMakeLists.txt")["targets"]
    assert answer["notes"][0].startswith("cmake reads it")


def test_a_changed_command_line_shows_its_flags(foundry: Foundry) -> None:
    """The configuration came from a build that failed before the unit was compiled."""
    foundry.edit("core/CMakeLists.txt", "torch_export", "target_compile_definitions(Core PRIVATE LATE=1)\ntorch_export")
    foundry.edit("core/squares.sh", "set -e", "exit 1\nset -e")
    assert foundry.build("-j", "1").status == 7
    foundry.edit("core/squares.sh", "exit 1\nset -e", "set -e")
    causes = foundry.report("core/CMakeFiles/Core.dir/src/Tone.c.o")["causes"]
    texts = {cause["kind"]: cause["text"] for cause in causes}
    assert "with -DLATE=1" in texts.get("command", "")
    foundry.built()


def test_a_file_s_name_is_enough_where_one_file_has_it(foundry: Foundry) -> None:
    answers = foundry.report("libCore.so.1", "Sum.c.o", "Sum.c")["targets"]
    assert [answer["target"] for answer in answers] == ["foundry/lib/libCore.so.1", OBJECT, "core/src/Sum.c"]


def test_an_unknown_target_is_an_error_with_a_suggestion(foundry: Foundry) -> None:
    done = foundry.build("explain", "Cor")
    assert done.status == 2
    assert "Did you mean Core?" in done.err
