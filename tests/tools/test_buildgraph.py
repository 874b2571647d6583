"""Reading build.ninja, .ninja_log and ninja's deps: every escape and section that CMake writes, and damage."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from orchestrator.insight.buildgraph import BuildGraph, Sources, load_graph, parse_graph
from orchestrator.insight.ninjalog import parse_deps, read_log
from orchestrator.ninja import keep_graph

TREE = Path("/a tree/build")
RULES = """\
rule C_COMPILER__Low_unscanned_Release
  depfile = $DEP_FILE
  deps = gcc
  command = ${LAUNCHER}cc $DEFINES $FLAGS -o $out -c $in
  description = Building C object $out
rule C_SHARED_LIBRARY_LINKER__Low_Release
  command = cc -shared -o $TARGET_FILE $in $LINK_LIBRARIES
rule CUSTOM_COMMAND
  command = $COMMAND
  description = $DESC
"""
TEXT = r"""# comment
ninja_required_version = 1.5
include CMakeFiles/rules.ninja
pool heavy
  depth = 1
cmake_ninja_workdir = /a$ tree/build/

build order: phony || .
build low/CMakeFiles/Low.dir/one.c.o: C_COMPILER__Low_unscanned_Release /a$ tree/low/one.c | gen/table.h || order
  DEFINES = -DNAME=\"x\" -DCOST=5$$
  FLAGS = -O2 $
      -g
  OBJECT_DIR = low/CMakeFiles/Low.dir
build low/CMakeFiles/Low.dir/od$:d.c.o: C_COMPILER__Low_unscanned_Release low/odd.c
build lib/libLow.so.1: C_SHARED_LIBRARY_LINKER__Low_Release low/CMakeFiles/Low.dir/one.c.o low/CMakeFiles/Low.dir/od$:d.c.o
  TARGET_FILE = lib/libLow.so.1
  LINK_LIBRARIES = -Wl,-rpath,"\$$ORIGIN"
  OBJECT_DIR = low/CMakeFiles/Low.dir
build gen/table.h | ${cmake_ninja_workdir}gen/table.h: CUSTOM_COMMAND /a$ tree/low/table.py |@ check
  COMMAND = cd "/a tree/build/low" && python table.py
  DESC = Generating the table
  restat = 1
build low/Low.symbols: CUSTOM_COMMAND lib/libLow.so.1
  COMMAND = cd "/a tree/build/low" && sh list.sh
  restat = 1
build low/Low_symbols: phony low/Low.symbols
build high/High.dir/two.c.o: C_COMPILER__High_unscanned_Release /a$ tree/high/two.c || order
build lib/libHigh.so.1: C_SHARED_LIBRARY_LINKER__High_Release high/High.dir/two.c.o | low/Low_symbols || lib/libLow.so.1
build CMakeFiles/edit_cache.util: CUSTOM_COMMAND
build all: phony lib/libHigh.so.1
build build.ninja: RERUN_CMAKE | /a$ tree/CMakeLists.txt
default all
"""
SOURCES = Sources({"low": "Low", "high": "High"})


@pytest.fixture(name="graph")
def parsed() -> BuildGraph:
    return parse_graph(TEXT, TREE, SOURCES, read={"CMakeFiles/rules.ninja": RULES}.__getitem__)


def test_edges_have_their_inputs_in_three_kinds(graph: BuildGraph) -> None:
    edge = graph.by_output["low/CMakeFiles/Low.dir/one.c.o"]
    assert edge.inputs == ("/a tree/low/one.c",)
    assert edge.implicit == ("gen/table.h",)
    assert edge.order_only == ("order",)
    assert edge.variables["DEFINES"] == r"-DNAME=\"x\" -DCOST=5$"
    assert edge.variables["FLAGS"] == "-O2 -g"


def test_escapes_and_paths_in_the_tree(graph: BuildGraph) -> None:
    assert "low/CMakeFiles/Low.dir/od:d.c.o" in graph.by_output
    assert graph.by_output["gen/table.h"].outputs == ("gen/table.h",)  # the absolute name is the same file
    assert graph.by_output["gen/table.h"].inputs == ("/a tree/low/table.py",)  # what is checked afterwards is no input


def test_kinds_and_libraries(graph: BuildGraph) -> None:
    kinds = {edge.output: (edge.kind, edge.library) for edge in graph.edges if not edge.phony}
    assert kinds == {
        "low/CMakeFiles/Low.dir/one.c.o": ("compile", "Low"),
        "low/CMakeFiles/Low.dir/od:d.c.o": ("compile", "Low"),
        "lib/libLow.so.1": ("link", "Low"),
        "gen/table.h": ("generate", "Low"),
        "low/Low.symbols": ("symbols", "Low"),
        "high/High.dir/two.c.o": ("compile", "High"),
        "lib/libHigh.so.1": ("link", "High"),
        "CMakeFiles/edit_cache.util": ("other", ""),
        "build.ninja": ("other", ""),
    }


def test_commands_and_descriptions(graph: BuildGraph) -> None:
    edge = graph.by_output["low/CMakeFiles/Low.dir/one.c.o"]
    assert graph.command(edge) == r"cc -DNAME=\"x\" -DCOST=5$ -O2 -g -o low/CMakeFiles/Low.dir/one.c.o -c /a tree/low/one.c"
    assert graph.description(edge) == "Building C object low/CMakeFiles/Low.dir/one.c.o"
    assert graph.description(graph.by_output["gen/table.h"]) == "Generating the table"
    assert r'-rpath,"\$ORIGIN"' in graph.command(graph.by_output["lib/libLow.so.1"])


def test_needed_and_consumers(graph: BuildGraph) -> None:
    assert {edge.output for edge in graph.needed(["low/Low_symbols"]) if not edge.phony} == {
        "low/CMakeFiles/Low.dir/one.c.o",
        "low/CMakeFiles/Low.dir/od:d.c.o",
        "lib/libLow.so.1",
        "gen/table.h",
        "low/Low.symbols",
    }
    assert [edge.output for edge in graph.real_consumers("low/Low.symbols")] == ["lib/libHigh.so.1"]  # through the phony name
    assert [edge.output for edge in graph.real_consumers("lib/libLow.so.1")] == ["low/Low.symbols"]  # order-only does not count


def test_a_tree_is_read_with_its_rules(tmp_path: Path) -> None:
    (tmp_path / "CMakeFiles").mkdir()
    (tmp_path / "CMakeFiles/rules.ninja").write_text(RULES, encoding="utf-8")
    (tmp_path / "build.ninja").write_text(TEXT, encoding="utf-8")
    graph = load_graph(tmp_path)
    assert graph is not None
    assert set(graph.rules) == {"C_COMPILER__Low_unscanned_Release", "C_SHARED_LIBRARY_LINKER__Low_Release", "CUSTOM_COMMAND"}
    assert load_graph(tmp_path / "nowhere") is None


def test_a_kept_graph_stays_when_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text("build a: phony\n", encoding="utf-8")
    for _ in range(2):  # the second time, both names are the same file
        keep_graph(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["build.ninja", "build.ninja.before"]
    new = tmp_path / "new"
    new.write_text("build b: phony\n", encoding="utf-8")
    new.replace(tmp_path / "build.ninja")
    before, now = load_graph(tmp_path, suffix=".before"), load_graph(tmp_path)
    assert before is not None and now is not None
    assert ([*before.by_output], [*now.by_output]) == (["a"], ["b"])


def test_the_graph_agrees_with_ninja(tmp_path: Path) -> None:
    """ninja's own parser is the oracle for inputs and command lines."""
    (tmp_path / "build.ninja").write_text(
        "rule CUSTOM_COMMAND\n  command = $COMMAND $in > $out\nflag = -x$$y\n"
        "build one$ two | thr$:ee: CUSTOM_COMMAND in$$put |  hid$ den  || late\n  COMMAND = touch $in ${flag} $\n      -z\n"
        "build in$$put hid$ den late: phony\n",
        encoding="utf-8",
    )
    done = subprocess.run(["ninja", "-t", "commands", "one two"], cwd=tmp_path, capture_output=True, text=True, check=True)
    query = subprocess.run(["ninja", "-t", "query", "one two"], cwd=tmp_path, capture_output=True, text=True, check=True)
    graph = load_graph(tmp_path)
    assert graph is not None
    edge = graph.by_output["one two"]
    assert edge.outputs == ("one two", "thr:ee")
    inputs = [line.strip().lstrip("| ") for line in query.stdout.splitlines() if line.startswith("    ")]
    assert [*edge.inputs, *edge.implicit, *edge.order_only] == inputs[:3]
    # ninja quotes what $in and $out hold, for the shell.
    assert graph.command(edge) == done.stdout.strip().replace("'", "")


def test_the_log_gives_the_last_run_and_survives_damage(tmp_path: Path) -> None:
    lines = [
        "# ninja log v7",
        "0\t100\t5\ta.o\tff",
        "half a li",
        "x\ty\t5\tb.o\tff",
        f"10\t250\t7\t{tmp_path}/a.o\tee",
        "1\t2\t3\tc",
    ]
    (tmp_path / ".ninja_log").write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\t1")
    log = read_log(tmp_path)
    assert list(log) == ["a.o"]
    assert (log["a.o"].seconds, log["a.o"].mtime, log["a.o"].command) == (0.24, 7, "ee")
    (tmp_path / ".ninja_log").write_text("# ninja log v99\n0\t1\t2\ta.o\tff\n", encoding="utf-8")
    assert read_log(tmp_path) == {}
    assert read_log(tmp_path / "nowhere") == {}


def test_deps_are_read_without_what_is_stale() -> None:
    text = (
        "a.o: #deps 2, deps mtime 5 (VALID)\n    /x/a.c\n    /tree/gen/t.h\n\n"
        "b.o: #deps 1, deps mtime 5 (STALE)\n    /x/b.c\n\nc.o: deps not found\n"
    )
    assert parse_deps(text, Path("/tree")) == {"a.o": ("/x/a.c", "gen/t.h")}
