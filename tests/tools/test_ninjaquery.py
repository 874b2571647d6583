"""Questions about a tree in which a build runs: they change nothing of it, and the build does not notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from orchestrator.insight.ninjaquery import ask_deps, ask_reasons

from .conftest import Family, cmake_and_ninja

QUESTIONS = (("plan",), ("explain",), ("explain", "--last"), ("report", "--json"), ("graph",))


@pytest.mark.parametrize("kind", ["family", "zoo"])
def test_what_another_ninja_is_writing_stays(kind: str, request: pytest.FixtureRequest) -> None:
    tree: Family = request.getfixturevalue(kind)
    tree.built()
    base = tree.root / "build/release"
    folders = [base] if kind == "family" else sorted(path for path in (base / "sub").iterdir() if path.is_dir())
    for folder in folders:
        for name, begun in ((".ninja_deps", b"\x10\x00\x00\x80half"), (".ninja_log", b"12\t40\t17")):
            with (folder / name).open("ab") as file:
                file.write(begun)
    tree.edit(*(("base/src/Base.c", "a + b", "b + a") if kind == "family" else ("sums/add.c", "a + b", "b + a")))
    logs = {path: path.read_bytes() for folder in folders for path in folder.glob(".ninja_*")}
    assert len(logs) == 2 * len(folders)
    for question in QUESTIONS:
        tree.built(*question)
        assert {path: path.read_bytes() for path in logs} == logs, question


def test_questions_while_a_build_runs(family: Family) -> None:
    for number in range(12):
        (family.root / f"base/src/More{number}.c").write_text(f"int base_more{number};\n", encoding="utf-8")
    more = " ".join(f"src/More{number}.c" for number in range(12))
    family.edit("base/CMakeLists.txt", "src/Base.c", f"src/Base.c {more}")
    family.built()
    family.edit("base/include/Base/Base.h", "#ifndef", "/* all of it */\n#ifndef")
    with subprocess.Popen(
        family.command("-D", "CFLAGS=-O2 -DALL", "-j", "2"), cwd=family.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as build:
        asked = 0
        while build.poll() is None or asked < len(QUESTIONS):
            family.built(*QUESTIONS[asked % len(QUESTIONS)])
            asked += 1
        assert build.stdout is not None
        assert build.returncode == 0, build.stdout.read().decode()
    assert "nothing to do" in family.built("-D", "CFLAGS=-O2 -DALL", "-j", "2").out
    _, ninja = cmake_and_ninja()
    deps = ask_deps(ninja, family.root / "build/release")
    assert sum(output.endswith(".o") for output in deps) == 15


def test_a_tree_that_is_not_configured_has_no_answers(tmp_path: Path) -> None:
    _, ninja = cmake_and_ninja()
    assert ask_deps(ninja, tmp_path) == {} and ask_reasons(ninja, tmp_path, ("all",)) == ()


def test_a_tree_without_a_rule_for_its_build_file(tmp_path: Path) -> None:
    _, ninja = cmake_and_ninja()
    rule = f"rule copy\n  command = {sys.executable} -c ''\nbuild made: copy given\n"
    (tmp_path / "build.ninja").write_text(rule, encoding="utf-8")
    (tmp_path / "given").touch()
    assert [reason.output for reason in ask_reasons(ninja, tmp_path, ("made",))] == ["made"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build.ninja", "given"]
