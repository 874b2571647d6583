"""doctor: word for word over a folder of tiny programs, and where there is nothing at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from orchestrator.detect import DETECTORS, Missing
from orchestrator.errors import ConfigureError
from orchestrator.insight.checkup import environment_group, future_files, machine_group, other_packages, tree_group
from orchestrator.insight.doctor import doctor
from orchestrator.machine import Machine
from orchestrator.session import BuildRequest
from orchestrator.tree import claim_tree, write_json

from .conftest import ROOT, Family

GCC = 'case "$1" in -print-prog-name=*) echo PLACE/ld;; *) printf "#define __GNUC__ MAJOR\\n#define __GNUC_MINOR__ 2\\n'
GCC += '#define __GNUC_PATCHLEVEL__ 0\\n";; esac'
EVERYTHING = """\
family 1.2.0 (release): what this machine has for its build

Tools
  C compiler       gcc 13.2.0 (BIN/gcc)
                     - BIN/cc: gcc 9.2.0 is older than 11.0
                     + BIN/gcc: gcc 13.2.0, taken: the first usable one on PATH
  C++ compiler     gcc 13.2.0 (BIN/g++)
                     - c++: not on PATH
                     + BIN/g++: gcc 13.2.0, taken: the first usable one on PATH
  linker           GNU ld 2.40 (BIN/ld; named by the C compiler)
                     + BIN/gcc -print-prog-name=ld: GNU ld 2.40, taken: BIN/ld
  cmake            no cmake >= 3.24 found
                     - BIN/cmake (beside this Python): a script that only starts the program
  ninja            no ninja >= 1.13 found
                     - BIN/ninja (beside this Python): not there
  compiler cache   none: neither ccache nor sccache found
                     - BIN/ccache: ccache version 3.7 is older than 4.0
                     - sccache: not on PATH
"""
PROBLEMS = """\
Problems
  1. cmake is missing: no cmake >= 3.24 found.
     What to do: python -m pip install 'cmake>=3.24'
  2. ninja is missing: no ninja >= 1.13 found.
     What to do: python -m pip install 'ninja>=1.13'
  3. OPENBLAS_CORETYPE=Haswell overrides what OpenBLAS would choose for this processor; that is most often slower.
     What to do: unset OPENBLAS_CORETYPE
  4. Environment variable USE_CUDDA=1 is no option and has no effect. Did you mean USE_CUDA?
     What to do: correct its name, or unset it

No build can run before this is corrected.
"""


def bare(family: Family, folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """doctor under a Python that has no packages and stands in `folder`, which is all of PATH."""
    folder.mkdir(exist_ok=True)
    python = folder / "python3"
    if not python.exists():
        python.symlink_to(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    command = [
        str(python),
        "-S",
        str(ROOT / "tools/build_deps.py"),
        "doctor",
        "--manifest",
        str(family.root / "libraries.toml"),
    ]
    env = {"PATH": str(folder), "HOME": str(folder), **environ}
    done = subprocess.run([*command, *arguments], env=env, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.replace(str(folder), "BIN") + done.stderr


def script(path: Path, body: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def test_the_whole_text(family: Family, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    script(folder / "cc", GCC.replace("PLACE", str(folder)).replace("MAJOR", "9"))
    for name in ("gcc", "g++"):
        script(folder / name, GCC.replace("PLACE", str(folder)).replace("MAJOR", "13"))
    script(folder / "ld", "echo 'GNU ld (GNU Binutils) 2.40'")
    script(folder / "cmake", "echo cmake version 3.30.0")
    script(folder / "ccache", "echo ccache version 3.7")
    status, text = bare(family, folder, OPENBLAS_CORETYPE="Haswell", USE_CUDDA="1")
    assert text.startswith(EVERYTHING), text
    assert text.endswith(PROBLEMS), text
    assert "  OPENBLAS_CORETYPE = Haswell: OpenBLAS uses the kernels of this processor" in text
    assert re.search(r"^  BLAS +plain C: the Python package scipy-openblas32 is not installed$", text, re.MULTILINE)
    assert re.search(r"^  cuDNN +off: nothing in the manifest uses it", text, re.MULTILINE)
    assert re.search(r"^Build trees\n  none in ", text, re.MULTILINE)
    assert status == 5


def test_it_works_where_nothing_is(family: Family, tmp_path: Path) -> None:
    status, text = bare(family, tmp_path / "empty", "--json")
    answer = json.loads(text)
    assert (status, answer["status"], answer["can_build"]) == (5, 5, False)
    stopping = [item["what"].split(" is missing")[0] for item in answer["problems"] if item["stops_builds"]]
    assert stopping == ["compiler", "cmake", "ninja"]
    assert all(item["next_step"] for item in answer["problems"])
    rows = {row["name"]: row for group in answer["groups"] for row in group["rows"]}
    assert [place["verdict"] for place in rows["C compiler"]["looked"]] == ["not on PATH"] * 3


def test_it_answers_for_a_broken_manifest(family: Family, tmp_path: Path) -> None:
    (family.root / "libraries.toml").write_text("[framework\n", encoding="utf-8")
    report = doctor(BuildRequest(root=family.root))
    assert report.exit_code == 4
    assert "libraries.toml" in report.problems[0].what
    assert [group.title for group in report.groups][:3] == ["Tools", "Libraries", "Python"]


def test_a_machine_that_can_build(family: Family) -> None:
    report = doctor(BuildRequest(root=family.root))
    assert report.exit_code == 0, report.lines()
    assert report.lines()[-1] == "A build can run."
    assert json.dumps(report.to_json())


def test_a_detector_that_raises_is_a_row(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(context: object) -> Missing:
        raise RuntimeError("a slip")

    monkeypatch.setitem(DETECTORS, "nccl", broken)
    lines = doctor(BuildRequest(root=family.root)).lines()
    assert any("nothing in the manifest uses it" in line for line in lines if "NCCL" in line)
    monkeypatch.setitem(DETECTORS, "blas", broken)
    lines = doctor(BuildRequest(root=family.root)).lines()
    assert any(re.fullmatch("  BLAS +could not be looked at: RuntimeError: a slip", line) for line in lines)


def test_the_machine_and_its_limits() -> None:
    group, problems = machine_group(Machine(64, 8, 1.5, 64 << 30, 1 << 30), 8, "-j")
    assert [row.text for row in group.rows] == [
        "64, of which this process may use 8, quota of the control group 1.5",
        "64.0 GiB, limit of the control group 1.0 GiB",
        "8 at once (-j)",
    ]
    assert [problem.step for problem in problems] == ["build with fewer: -j 2, or MAX_JOBS"]
    assert machine_group(Machine(2, 2, None, 8 << 30, None), 2, "-j")[1] == []


def test_each_variable_has_its_effect() -> None:
    group, problems = environment_group(
        {"CPATH": "/x", "MKL_NUM_THREADS": "1", "TH_CPU_LEVEL": "BASE", "HOME": "/h", "OMP_X": ""}
    )
    assert [row.name for row in group.rows] == ["MKL_NUM_THREADS", "TH_CPU_LEVEL", "CPATH"]
    assert problems == []
    assert [item.step for item in environment_group({"CCACHE_DISABLE": "1"})[1]] == ["unset CCACHE_DISABLE"]


def test_each_variable_that_our_libraries_read_is_known() -> None:
    from orchestrator.insight.settings import effects

    names = {
        name
        for path in (ROOT / "lib").rglob("*.c")
        if "tests" not in path.parts
        for name in re.findall(r'getenv\("(\w+)"\)', path.read_text(encoding="utf-8"))
    }
    assert names
    assert {name for name, _, _ in effects(dict.fromkeys(names, "1"))} == names


def test_another_package_on_pythonpath(tmp_path: Path) -> None:
    for folder in ("theirs/torch", "ours/torch"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
    path = os.pathsep.join([str(tmp_path / "theirs"), str(tmp_path / "ours"), str(tmp_path / "nothing")])
    found = list(other_packages("torch", tmp_path / "ours", {"PYTHONPATH": path}))
    assert [problem.step for problem in found] == [f"take {tmp_path / 'theirs'} out of PYTHONPATH"]


def test_build_trees(tmp_path: Path) -> None:
    tree = tmp_path / "release"
    claim_tree(tree)
    (tmp_path / "not a tree").mkdir()
    write_json(tree / "configure.json", {"identity": {"build folder": "/elsewhere/build/release"}})
    (tree / "logs/latest").mkdir(parents=True)
    now = time.time()
    record = f'damaged\n{{"event":"Ended","time":{now - 7200},"status":7,"seconds":3.0}}\n'
    (tree / "logs/latest/events.jsonl").write_text(record, encoding="utf-8")
    (tree / "build.ninja").touch()
    os.utime(tree / "build.ninja", (now + 3600, now + 3600))
    group, problems = tree_group(tmp_path, now=now)
    assert [row.name for row in group.rows] == ["release"]
    assert group.rows[0].text.endswith("last build: failed with status 7, 2 h ago")
    assert "was made in /elsewhere/build/release" in problems[0].what
    assert problems[1].step.endswith(f"touch {tree / 'build.ninja'}")
    assert future_files([tree], now=now) == [tree / "build.ninja"]


def test_a_failed_configuration_says_what_was_found(family: Family) -> None:
    family.edit("base/CMakeLists.txt", "project(", "message(FATAL_ERROR broken)\nproject(")
    done = family.build()
    assert done.status == ConfigureError.exit_code
    assert re.search(r"^  compiler +gcc|^  compiler +clang", done.err, re.MULTILINE), done.err
    assert re.search(r"^  cmake +\d", done.err, re.MULTILINE), done.err
