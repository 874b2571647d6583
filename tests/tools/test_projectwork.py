"""Prediction where projects are built alone: their trees, configurations and installations in one schedule with the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import Family, last_event

ALONE = """\
cmake_minimum_required(VERSION 3.10)
project({name} C)
add_library({name} STATIC {name}.c)
install(TARGETS {name} ARCHIVE DESTINATION lib)
install(FILES {name}.h DESTINATION include)
"""


def plan(tree: Family, *arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What the verb says to programs."""
    answer = json.loads(tree.built("plan", "--json", *arguments, env=env).out)
    assert isinstance(answer, dict)
    return answer


def test_nothing_is_known_of_projects_that_nobody_configured(zoo: Family) -> None:
    answer = plan(zoo)
    assert answer["predicted"]["seconds"] is None and answer["predicted"]["commands"] == 0
    assert "sums is not configured yet: its commands are known after that" in answer["notes"]
    assert "time: nothing known yet" in zoo.built("plan").out
    zoo.built()
    ended = last_event(zoo, "Ended")
    assert ended is not None and ended["predicted"] is None


def test_an_edit_s_way_through_three_projects(zoo: Family) -> None:
    zoo.built()
    zoo.edit("sums/add.c", "a + b", "a + b + 1")
    answer = plan(zoo)
    chain = answer["predicted"]["critical_path"]
    assert chain[0] == "sub/sums/CMakeFiles/sums.dir/add.c.o" and chain[-1] == "shapes: install"
    assert [name for name in chain if name.endswith(": install")] == [
        f"{name}: install" for name in ("sums", "fables", "shapes")
    ]
    assert (answer["predicted"]["commands"], answer["at_most"]["commands"], answer["predicted"]["guessed"]) == (5, 7, 0)
    done = zoo.built()
    assert len(done.steps) == 5
    ended = last_event(zoo, "Ended")
    assert ended is not None and answer["predicted"]["seconds"] <= ended["predicted"] < 30
    assert f"(expected {ended['predicted']:.1f} s)" in done.out
    report = json.loads(zoo.built("report", "--json").out)
    assert [build["predicted"] for build in report["history"]] == [ended["predicted"], None]
    assert zoo.built("plan").out.endswith("nothing to do\n")


def test_an_installed_header_reaches_who_reads_it(zoo: Family) -> None:
    zoo.built()
    (zoo.root / "sums/sums.h").touch()  # nothing that others read becomes another
    assert "sub/fables/CMakeFiles/fables.dir/src/fables.cpp.o" not in plan(zoo)["predicted"]["critical_path"]
    zoo.edit("sums/sums.h", "int sums_add(", "extern int sums_add(")
    answer = plan(zoo)
    assert "sub/fables/CMakeFiles/fables.dir/src/fables.cpp.o" in answer["predicted"]["critical_path"]
    assert answer["predicted"]["commands"] == 7
    assert zoo.built().count("fables: Building CXX object CMakeFiles/fables.dir/src/fables.cpp.o") == 1


def test_another_option_and_another_configuration(zoo: Family) -> None:
    zoo.built()
    answer = plan(zoo, "-D", "LOUD=1")
    assert answer["predicted"]["commands"] == 0 and answer["predicted"]["critical_path"] == [
        "fables: configure",
        "fables: install",
    ]
    assert (answer["predicted"]["commands"], answer["at_most"]["commands"]) == (0, 6) and answer["at_most"]["seconds"] > answer[
        "predicted"
    ]["seconds"]
    zoo.built(env={"LOUD": "1"})
    ended = last_event(zoo, "Ended")
    assert ended is not None and ended["predicted"] > answer["predicted"]["seconds"]  # all that the definition reaches
    other = plan(zoo, "--config", "debug")
    assert (other["predicted"]["commands"], other["predicted"]["guessed"]) == (9, 0)  # as the other configuration took
    assert not (zoo.root / "build/debug").exists()
    fresh = plan(zoo, "--fresh", "fables", env={"LOUD": "1"})
    assert fresh["predicted"]["commands"] == 5 and "fables: configure" in fresh["predicted"]["critical_path"]


def test_projects_on_both_sides_of_the_one_graph(family: Family) -> None:
    """An edit in the first is followed through the graph, which includes its header, into the last."""
    for name in ("early", "late"):
        (family.root / name).mkdir()
        (family.root / name / "CMakeLists.txt").write_text(ALONE.format(name=name), encoding="utf-8")
        (family.root / name / f"{name}.c").write_text(f"int {name}(void) {{\n    return 1;\n}}\n", encoding="utf-8")
        (family.root / name / f"{name}.h").write_text("#define EARLY 40\n", encoding="utf-8")
    family.edit(
        "base/CMakeLists.txt", "torch_export_library", "target_include_directories(Base PRIVATE ${E})\ntorch_export_library"
    )
    family.edit("base/src/Base.c", "int base_add(", "#include <early.h>\n\nint base_add(")
    family.edit("libraries.toml", 'cmake = ["-D', 'needs = ["early"]\ncmake = ["-DE={prefix}/include", "-D')
    with (family.root / "libraries.toml").open("a", encoding="utf-8") as file:
        file.write('[project.early]\nsource = "early"\n[project.late]\nsource = "late"\nneeds = ["Base"]\n')
    family.built()
    units = json.loads((family.root / "compile_commands.json").read_text(encoding="utf-8"))
    assert {"early.c", "Base.c", "Greeting.c", "Upper.c", "late.c"} <= {Path(unit["file"]).name for unit in units}
    family.edit("early/early.h", "40", "41")
    chain = plan(family)["predicted"]["critical_path"]
    assert chain[0] == "early: install" and "base/CMakeFiles/Base.dir/src/Base.c.o" in chain
    family.built()
    ended = last_event(family, "Ended")
    assert ended is not None and ended["predicted"] > 0
    family.edit("late/late.c", "1;", "2;")
    answer = plan(family)
    assert answer["predicted"]["critical_path"][-1] == "late: install" and answer["predicted"]["commands"] == 2


def test_independent_projects_overlap(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CMakeLists.txt").write_text(ALONE.format(name=name), encoding="utf-8")
        (tmp_path / name / f"{name}.c").write_text(f"int {name};\n", encoding="utf-8")
        (tmp_path / name / f"{name}.h").touch()
    text = '[framework]\nname = "two"\nversion = "1"\n[project.one]\nsource = "one"\n[project.two]\nsource = "two"\n'
    (tmp_path / "libraries.toml").write_text(text, encoding="utf-8")
    tree = Family(tmp_path)
    tree.built("-j", "2")
    for name in ("one", "two"):
        (tmp_path / name / f"{name}.c").write_text(f"int {name} = 1;\n", encoding="utf-8")
    together, alone = (plan(tree, "-j", jobs)["predicted"] for jobs in ("2", "1"))
    assert together["commands"] == 4 and alone["seconds"] == alone["work_seconds"] > together["seconds"]
