"""Other people's CMake projects: built alone, in order and overlapping, into one prefix; exactly the work that is needed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .conftest import Family


def tell(zoo: Family) -> str:
    """What the program of the last project says, which is linked against the first two."""
    program = zoo.root / "build/release/sub/shapes/shapes_test"
    return subprocess.run([program], capture_output=True, text=True, check=False).stdout.strip()


def records(zoo: Family) -> int:
    """How many builds left a record; the fast path leaves none."""
    return len(list((zoo.root / "build/release/logs").glob("[0-9]*")))


def whose(zoo: Family, steps: list[str]) -> list[str]:
    """The projects that the steps belong to, in order, each once."""
    return list(dict.fromkeys(step.partition(":")[0] for step in steps))


def test_three_unrelated_projects_go_into_one_prefix(zoo: Family) -> None:
    done = zoo.built()
    assert whose(zoo, done.steps) == ["sums", "fables", "shapes"]
    prefix = zoo.root / "build/release/prefix"
    files = {path.relative_to(prefix).as_posix() for path in prefix.rglob("*") if path.is_file()}
    assert {"lib/libsums.a", "include/sums.h", "lib/cmake/fables/fables-config.cmake", "include/shapes/shapes.hpp"} <= files
    assert (prefix / "lib/libfables.so").readlink() == Path("libfables.so.2")
    assert tell(zoo) == "3 corners: 4 animals met."
    before = records(zoo)
    assert "nothing to do" in zoo.built().out and records(zoo) == before  # one pass of stat calls, no process
    zoo.edit("sums/add.c", "a + b", "a + b + 1")
    done = zoo.built()
    assert done.count("sums: Building C object") == 1 and done.count("fables: Building") == 0
    assert tell(zoo) == "3 corners: 5 animals met."  # linked again, though no command of fables reads add.c
    events = [json.loads(line) for line in (zoo.root / "build/release/logs/latest/events.jsonl").read_text().splitlines()]
    phases = [(event["library"], event["phase"]) for event in events if event["event"] == "Step"]
    assert ("sums", "build") in phases and ("sums", "install") in phases and ("sums", "configure") not in phases


def test_each_kind_of_change_is_seen(zoo: Family) -> None:
    zoo.built()
    (zoo.root / "sums/more.c").write_text("int sums_more(void) {\n    return 1;\n}\n", encoding="utf-8")
    done = zoo.built()
    assert "sums: configured" in done.out and "source files came or went" in done.out
    assert done.count("sums: Building C object CMakeFiles/sums.dir/more.c.o") == 1
    done = zoo.built(env={"LOUD": "1"})
    assert "fables: configured" in done.out and "LOUD: OFF -> ON (environment LOUD)" in done.out
    assert "sums: configured" not in done.out and tell(zoo) == "3 corners: 4 animals met!"
    prefix = zoo.root / "build/release/prefix"
    (prefix / "include/sums.h").unlink()
    done = zoo.built("--again")
    assert "installed   1 files changed" in done.out and (prefix / "include/sums.h").is_file()
    (zoo.root / "sums/more.c").unlink()
    zoo.edit("shapes/include/shapes/shapes.hpp", "corners", "edges")
    assert tell(zoo) and zoo.built("--again").status == 0
    assert tell(zoo) == "3 edges: 4 animals met!"
    assert "edges" in (prefix / "include/shapes/shapes.hpp").read_text(encoding="utf-8")


def test_a_failure_stops_only_what_needs_it(zoo: Family) -> None:
    with (zoo.root / "libraries.toml").open("a", encoding="utf-8") as file:
        file.write('[project.alone]\nsource = "alone"\ninstall = { "a.txt" = "share/a.txt" }\n')
    (zoo.root / "alone").mkdir()
    (zoo.root / "alone/CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.10)\nproject(alone NONE)\n")
    (zoo.root / "alone/a.txt").touch()
    zoo.edit("sums/add.c", "a + b;", "a + c;")
    done = zoo.build("--keep-going")
    assert done.status == 7
    assert "error: sums: The build failed at" in done.err and "add.c:4" in done.err
    assert "Not finished: sums; not built because of it: fables, shapes." in done.err
    assert (zoo.root / "build/release/prefix/share/a.txt").is_file()
    assert not (zoo.root / "build/release/prefix/lib/libsums.a").exists()
