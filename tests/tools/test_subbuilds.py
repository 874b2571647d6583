"""Other people's CMake projects: built alone, in order and overlapping, into one prefix; exactly the work that is needed."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from orchestrator.detect import Found
from orchestrator.session import BuildRequest, open_session
from orchestrator.subbuild.draft import draft

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


def test_plan_and_explain_name_the_causes(zoo: Family) -> None:
    assert "sums will be built again\n  because it was not configured yet" in zoo.built("plan").out
    zoo.built()
    assert zoo.built("explain").out == "the next build has nothing to do\n"
    zoo.edit("fables/src/fables.cpp", "met", "meet")
    (zoo.root / "sums/more.c").touch()
    said = zoo.built("plan", env={"LOUD": "1"}).out
    assert "sums will be built again\n  because source files came or went\n    -> configure sums" in said
    assert "fables will be built again\n  because LOUD OFF -> ON (environment LOUD)" in said or "option LOUD" in said
    assert "because src/fables.cpp was modified" in said and "shapes will be looked at again" in said
    zoo.built()
    last = zoo.built("explain", "--last").out
    assert "sums ran 2 commands\n  because source files came or went\n    -> compile CMakeFiles/sums.dir/more.c.o" in last
    assert "fables ran 3 commands\n  because src/fables.cpp was modified" in last and "animals.cpp" not in last


def test_verbs_of_one_project(zoo: Family) -> None:
    zoo.built()
    done = zoo.built("test")
    assert "shapes      1 passed" in done.out and "C tests (release): 1 of 1 passed" in done.out
    prefix = zoo.root / "build/release/prefix"
    zoo.built("clean", "fables")
    assert not list(prefix.glob("lib/libfables*")) and (prefix / "lib/libsums.a").is_file()
    assert not (zoo.root / "build/release/sub/fables").exists()
    done = zoo.built()
    assert done.count("fables: Building CXX object") == 2 and done.count("sums: ") == 0
    done = zoo.built("--fresh", "sums")
    assert "sums is made anew, as --fresh asks" in done.out and done.count("sums: Building C object") == 2
    done = zoo.built("--prefix", str(zoo.root / "elsewhere"))
    assert (zoo.root / "elsewhere/lib/libfables.so.2.1").is_file() and "sums" in done.out
    elsewhere = str(zoo.root.parent / "trees")
    zoo.built("--config", "debug", "--build-dir", elsewhere, "shapes")
    assert (zoo.root.parent / "trees/debug/prefix/lib/libsums.a").is_file()
    assert "nothing to do" in zoo.built("--config", "debug", "--build-dir", elsewhere, "shapes").out
    zoo.built("clean", "--build-dir", elsewhere)
    assert not (zoo.root.parent / "trees").exists()


def test_editors_find_the_units_of_all_projects(zoo: Family) -> None:
    def units() -> list[str]:
        commands = json.loads((zoo.root / "compile_commands.json").read_text(encoding="utf-8"))
        assert all(Path(unit["directory"]).is_dir() and unit["command"] for unit in commands)
        return sorted(Path(unit["file"]).relative_to(zoo.root).as_posix() for unit in commands)

    zoo.edit("shapes/test.cpp", "int main", "int mean")
    zoo.build()
    every = ["fables/src/animals.cpp", "fables/src/fables.cpp", "shapes/test.cpp", "sums/add.c", "sums/version.c"]
    assert units() == every  # also where something failed
    (zoo.root / "sums/more.c").touch()
    zoo.build("build", "sums")
    assert units() == sorted([*every, "sums/more.c"])
    link = zoo.root / "compile_commands.json"
    zoo.built("--config", "debug", "sums")
    assert link.readlink() == Path("build/debug/sub/compile_commands.json")
    assert units() == ["sums/add.c", "sums/more.c", "sums/version.c"]
    zoo.built("clean", "--config", "debug")
    assert not link.is_symlink()


def test_what_the_manifest_does_not_name_any_more_leaves_the_prefix(zoo: Family) -> None:
    zoo.built()
    prefix = zoo.root / "build/release/prefix"
    zoo.edit("libraries.toml", "[project.sums]", "[project.total]")
    zoo.edit("libraries.toml", 'needs = ["sums"]', 'needs = ["total"]')
    done = zoo.built()  # installs the same files under another name
    assert "not in the manifest any more, and taken out of the prefix: sums" in done.out
    assert (prefix / "lib/libsums.a").is_file() and not (zoo.root / "build/release/sub/sums").exists()
    assert tell(zoo) == "3 corners: 4 animals met."
    text = (zoo.root / "libraries.toml").read_text(encoding="utf-8")
    (zoo.root / "libraries.toml").write_text(text.partition("# Headers only")[0], encoding="utf-8")
    zoo.built()
    assert not (prefix / "include/shapes").exists() and (prefix / "include/sums.h").is_file()
    assert "nothing to do" in zoo.built().out


def test_a_draft_is_a_manifest_that_builds(zoo: Family) -> None:
    (zoo.root / "libraries.toml").unlink()
    (zoo.root / "old").mkdir()
    (zoo.root / "old/configure.ac").touch()
    init = [*zoo.command()[:2], "init", str(zoo.root)]
    done = subprocess.run(init, capture_output=True, text=True, check=True)
    text = (zoo.root / "libraries.toml").read_text(encoding="utf-8")
    assert "left out: old holds no CMakeLists.txt: its own build is GNU autotools" in done.stdout
    assert '[project.SUMS]\nsource = "sums"\n' in text and '[project.shapes]\nsource = "shapes"\nneeds = ["fables"]\n' in text
    assert 'needs = ["SUMS"]\n' in text and '# "-DFABLES_LOUD=OFF",  # An exclamation mark at the end' in text
    for name, value in (("INCLUDE_PATH", "include"), ("LIBRARY", "lib/libsums.a")):
        zoo.edit("libraries.toml", f'# "-DSUMS_{name}={{prefix}}/..."', f'"-DSUMS_{name}={{prefix}}/{value}"')
    zoo.built()
    assert tell(zoo) == "3 corners: 4 animals met."
    again = subprocess.run(init, capture_output=True, text=True, check=False)
    assert again.returncode == 2 and "is there already" in again.stderr


def test_a_draft_knows_libraries_that_are_searched_for(tmp_path: Path) -> None:
    for name, text in {
        "Dots": "add_library(dot STATIC dot.c)\ninstall(TARGETS dot)\n",
        "user": "find_library(MATH m)\nfind_library(DOT NAMES dots dot REQUIRED)\n",
        "other": "find_library(DOT\n  dot)\n",
        "none": "find_library(DOT NAMES spot)\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "CMakeLists.txt").write_text(f"project({name} C)\n{text}", encoding="utf-8")
    found = draft(tmp_path)
    assert found.needs == {"Dots": (), "none": (), "other": ("Dots",), "user": ("Dots",)}
    assert f"--manifest {tmp_path}/libraries.toml" in found.lines()[-1]


def test_a_source_of_the_future_does_not_build_forever(zoo: Family) -> None:
    zoo.built("sums")
    later = time.time() + 3600
    os.utime(zoo.root / "sums/add.c", (later, later))
    done = zoo.built("sums")
    assert "sums: dated in the future" in done.out and "add.c" in done.out
    assert "nothing to do" in zoo.built("sums").out


def test_a_project_that_uses_cuda_is_told_for_what(zoo: Family) -> None:
    manifest = zoo.root / "libraries.toml"
    zoo.edit("libraries.toml", 'source = "sums"', 'source = "sums"\nuses = ["compiler", "cuda"]')
    session = open_session(BuildRequest(root=zoo.root, manifest=manifest, defines=("TORCH_NVCC_FLAGS=-lineinfo",)))
    found = session.detect()
    for version, flags in (("13.0", "-jobserver -lineinfo"), ("12.4", "-lineinfo")):
        values = {"home": "/cuda", "nvcc": "/cuda/bin/nvcc", "architectures": "80-real;90"}
        found["cuda"] = Found("cuda", version, Path("/cuda"), "test", values)
        plan, _ = session.plan(found, dry_run=True)
        sums, fables, _ = plan.projects
        assert (sums.definitions["CMAKE_CUDA_ARCHITECTURES"], sums.definitions["CMAKE_CUDA_FLAGS"]) == ("80-real;90", flags)
        assert "CMAKE_CUDA_FLAGS" not in fables.definitions
