"""The build benchmarks: the synthetic framework, the floor, the tables, and one tiny real run without peers."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(FOLDER / "build"))


@pytest.fixture
def generated() -> ModuleType:
    return importlib.import_module("generated")


def test_shapes_are_stable_and_only_grow(generated: ModuleType) -> None:
    small, large = generated.Shape(4, 3), generated.Shape(9, 3)
    assert small.table == large.table[:4] == generated.Shape(4, 3).table
    assert all(1 <= len(library.needs) <= 3 for library in large.table[1:])
    assert all(need < library.name for library in large.table for need in library.needs)
    assert small.total == 13


def test_users_of_the_header_are_counted_from_the_sources(generated: ModuleType) -> None:
    shape = generated.Shape(7, 5)
    files = dict(generated.sources(shape, generated.Values()))
    assert sum('#include "L000/L000.h"' in text for text in files.values()) == shape.header_users
    assert shape.changed_file in files and shape.changed_header in files


def test_an_edit_changes_one_file_and_nothing_else_is_written(generated: ModuleType, tmp_path: Path) -> None:
    shape = generated.Shape(2, 2)
    assert generated.write_files(tmp_path, generated.sources(shape, generated.Values())) == 7
    generated.change(tmp_path, shape.changed_file, "STEP", 5)
    assert generated.write_files(tmp_path, generated.sources(shape, generated.Values(step=5))) == 0
    generated.change(tmp_path, shape.changed_header, "L000_BASE", 6)
    assert generated.write_files(tmp_path, generated.sources(shape, generated.Values(step=5))) == 1
    with pytest.raises(ValueError, match="does not define NOTHING"):
        generated.change(tmp_path, shape.changed_file, "NOTHING", 1)


def test_every_form_names_every_unit(generated: ModuleType) -> None:
    forms = importlib.import_module("forms").FORMS
    shape = generated.Shape(3, 2)
    paths = [name for name, _ in generated.sources(shape, generated.Values()) if name.endswith(".c") and "/src/" in name]
    assert len(paths) == 6
    for form in ("ours", "raw", "meson-python"):
        text = "\n".join(content for name, content in forms[form](shape) if not name.startswith("tools/"))
        assert [path for path in paths if path.split("/", 1)[1] not in text] == [], form
    assert {name for name, _ in forms["raw"](shape)} < {name for name, _ in forms["scikit-build-core"](shape)}
    setup = dict(forms["setuptools"](shape))["setup.py"]
    assert "UNITS = 2" in setup and "'L002': " in setup
    compile(setup, "setup.py", "exec")


def test_the_longest_chain_of_a_graph() -> None:
    floor = importlib.import_module("floor")
    graph = (
        'digraph ninja {\n"1" [label="a.c"]\n"1" -> "2" [label=" CC"]\n"2" [label="a.o"]\n"3" [label="b.o"]\n'
        '"4" [label="LINK", shape=ellipse]\n"4" -> "5"\n"2" -> "4" [arrowhead=none]\n"3" -> "4" [arrowhead=none]\n'
        '"5" [label="lib.so"]\n}\n'
    )
    assert floor.chain_of(graph, {"a.o": 2.0, "b.o": 3.0, "lib.so": 0.5}) == 3.5
    assert floor.floor(cpu=10, cores=2, configure=1, chain=3.5) == 5
    assert floor.floor(cpu=4, cores=2, configure=1, chain=3.5) == 4.5


def _row(scenario: str, tool: str, seconds: list[float], **more: Any) -> dict[str, Any]:
    row = {"scenario": scenario, "tool": tool, "seconds": seconds, "expected": 0, "compiled": [0], "floor": []}
    return row | {"wrong": [], "notes": []} | more


def test_tables_pair_the_rounds_and_name_wrong_results() -> None:
    render = importlib.import_module("render")
    record = {
        "kind": "scenarios",
        "subject": "3 libraries",
        "machine": {"cpu": "a CPU", "cpus": "2", "jobs": "2", "python": "3.11.0"},
        "cleared": {"OMP_NUM_THREADS": "7"},
        "versions": {"peer": {"peer": "1.0"}},
        "rounds": 3,
        "rows": [
            _row("noop", "ours", [0.1, 0.2, 0.4]),
            _row("noop", "peer", [0.2, 0.8, 1.2]),  # ratios 2, 4, 3
            _row("file", "ours", [1.0], expected=1, compiled=[1]),
            _row("file", "peer", [3.0], expected=1, compiled=[6]),
            _row("cold", "ours", [12.0], expected=9, compiled=[9]),
            _row("cold", "peer", [11.0], expected=9, compiled=[9], floor=[10.0]),
            _row("option", "peer", [0.5], wrong=["the change of scale is not in the package"]),
            _row("again", "peer", [2.0]),
        ],
    }
    lines = render.markdown(record).splitlines()
    assert "Taken out of everyone's environment: OMP_NUM_THREADS=7." in lines
    assert "| nothing to do | 0.200 | 0.800 (3.00) |" in lines
    assert "| one C file changed | 1.00 | 3.00 (3.00) [1] |" in lines
    assert "| option of one library changed | - | 0.500 [2] |" in lines
    assert "1. peer, one C file changed: 6 C files compiled in the tree, 1 would have to be." in lines
    assert "2. peer: WRONG RESULT, the change of scale is not in the package." in lines
    assert any(line.endswith("of peer: 10.0 s; ours / floor 1.20, peer / floor 1.10.") for line in lines)
    assert "| peer | 2.00 |" in lines and lines[-1] == "Versions: peer: peer 1.0."


@pytest.mark.slow
def test_the_quick_run_measures_real_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each scenario that needs no peer and no package index, once, and each with the right outcome."""
    scenarios = importlib.import_module("scenarios")
    scenarios.main(
        ["--quick", "--tools", "ours", "raw", "--work", str(tmp_path / "work"), "--json", str(tmp_path / "quick.json")]
    )
    assert "| nothing to do |" in capsys.readouterr().out
    record = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))
    rows = {(row["scenario"], row["tool"]): row for row in record["rows"]}
    assert {scenario for scenario, _ in rows} == {"cold", "noop", "file", "header", "option"}
    assert {name: row["wrong"] for name, row in rows.items() if row["wrong"]} == {}
    assert {name: row["compiled"] for name, row in rows.items() if row["compiled"] != [row["expected"]]} == {}
    assert rows["cold", "cmake + ninja"]["floor"][0] > 0


@pytest.mark.slow
def test_the_benchmark_of_a_checkout(generated: ModuleType, tmp_path: Path) -> None:
    """project.py in a small checkout: both sides build, the edit is found in both products."""
    root, shape = tmp_path / "checkout", generated.Shape(2, 1)
    generated.write_files(root, generated.sources(shape, generated.Values()))
    generated.write_files(root, importlib.import_module("forms").ours(shape))
    shutil.copytree(FOLDER / "build", root / "benchmarks/build", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("common.py", "rows.py"):
        shutil.copy2(FOLDER / name, root / "benchmarks" / name)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    places = ["--file", shape.changed_file, "--header", shape.changed_header, "--product", f"lib/lib{shape.changed.name}.so.1"]
    command = [sys.executable, "benchmarks/build/project.py", "--rounds", "1", "--scenarios", "cold", "file", *places]
    subprocess.run([*command, "--json", str(tmp_path / "project.json")], cwd=root, check=True, capture_output=True)
    rows = json.loads((tmp_path / "project.json").read_text(encoding="utf-8"))["rows"]
    found = {(row["scenario"], row["tool"]): (row["compiled"], row["expected"], row["wrong"]) for row in rows}
    sides = ("ours", "cmake + ninja")
    assert found == {("cold", side): ([3], 3, []) for side in sides} | {("file", side): ([1], 1, []) for side in sides}


def test_a_build_that_missed_a_change_is_named(generated: ModuleType, tmp_path: Path) -> None:
    """The check must be able to fail: a tool whose builds do nothing, and an extension that answers with old values."""
    builders, scenarios = importlib.import_module("builders"), importlib.import_module("scenarios")

    class Idle(builders.Tool):  # type: ignore[misc, name-defined]
        name, form = "idle", "raw"

        def update(self, tree: Path) -> list[Any]:
            return [builders.Step((sys.executable, "-c", "pass"))]

        def probe(self, tree: Path) -> Any:
            return builders.Step((sys.executable, "-c", "print([1, 1, 1, 0])"), inside=False)

    shape, said = generated.Shape(2, 2), []
    bench = scenarios.Bench(shape, [Idle(sys.executable)], tmp_path, said.append)
    generated.write_files(bench.places[0].tree, generated.sources(shape, generated.Values()))
    bench.run("noop", 1)
    bench.run("file", 1)
    assert [row.wrong for row in bench.rows.values()] == [[], ["the change of step is not in the package"]]
    assert said[1].endswith("0 of 1 compiled, the change of step is not in the package")


def test_the_diamond_builds_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diamond = importlib.import_module("diamond")
    monkeypatch.setattr(diamond, "TERMS", 2)
    rows = diamond.family_rows(tmp_path, 1, 1, 2)
    assert all(len(seconds) == 1 for seconds in rows.values()) and len(rows) == 5
    for prefix in (tmp_path / "script-prefix", tmp_path / "build/release/prefix"):
        assert {path.name for path in (prefix / "lib").glob("*.so")} == {f"lib{name}.so" for name in diamond.NEEDS}
