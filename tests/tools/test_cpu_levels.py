"""cmake/TorchKernels.cmake: which levels of a kernel file are compiled for which CPU_LEVELS."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

import pytest
from orchestrator.environment import cleaned

from .conftest import cmake_and_ninja

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """\
cmake_minimum_required(VERSION 3.24)
project(levels C)
list(APPEND CMAKE_MODULE_PATH "{cmake}")
include(TorchKernels)
add_library(both STATIC)
torch_add_kernels(both TABLE Two FILE two.c DTYPES Float LEVELS BASE AVX2)
torch_add_kernels(both TABLE Three FILE three.c DTYPES Float LEVELS BASE AVX2 AVX512)
torch_add_kernels(both TABLE Some FILE some.c DTYPES Byte Float LEVELS BASE AVX2 AVX512 WIDE Float)
"""
pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="this processor family has one level")


def configure(folder: Path, levels: str) -> subprocess.CompletedProcess[str]:
    cmake, ninja = cmake_and_ninja()
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT.format(cmake=(ROOT / "cmake").as_posix()), encoding="utf-8")
    for name in ("two.c", "three.c", "some.c"):
        (folder / name).write_text("", encoding="utf-8")
    command = [cmake, "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    command += ["-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", f"-DTORCH_CPU_LEVELS={levels}"]
    env, _ = cleaned(os.environ)
    return subprocess.run([str(word) for word in command], env=env, capture_output=True, text=True, check=False)


def compiled(folder: Path, levels: str) -> dict[str, list[str]]:
    """File -> levels that it is compiled for; `some.c Byte` and `some.c Float` apart, because they differ."""
    done = configure(folder, levels)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[str]] = {"two.c": [], "three.c": [], "some.c Byte": [], "some.c Float": []}
    for command in json.loads((folder / "build/compile_commands.json").read_text(encoding="utf-8")):
        words = dict(word[2:].split("=") for word in command["command"].split() if word.startswith("-DTH_"))
        name = Path(command["file"]).name
        name += " " + words["TH_DTYPE"] if name == "some.c" else ""
        if name in found:
            found[name].append(words["TH_CPU"])
    return found


def processor() -> list[str]:
    """The levels that this machine runs, as the kernel of the system says."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    flags = set(next(line for line in text.splitlines() if line.startswith("flags")).split())
    needed = {"BASE": set[str](), "AVX2": {"avx2", "fma", "f16c"}, "AVX512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
    return [level for level, names in needed.items() if names <= flags]


def test_named_levels_and_the_lowest(tmp_path: Path) -> None:
    two, three = ["BASE", "AVX2"], ["BASE", "AVX2", "AVX512"]
    every = {"two.c": two, "three.c": three, "some.c Byte": two, "some.c Float": three}
    assert compiled(tmp_path / "all", "BASE;AVX2;AVX512") == every
    only = {"two.c": ["BASE"], "three.c": ["BASE", "AVX512"], "some.c Byte": ["BASE"], "some.c Float": ["BASE", "AVX512"]}
    assert compiled(tmp_path / "one", "AVX512") == only


def test_native_compiles_each_file_once(tmp_path: Path) -> None:
    here = processor()
    narrow = [level for level in here if level != "AVX512"][-1:]
    best = {"two.c": narrow, "three.c": here[-1:], "some.c Byte": narrow, "some.c Float": here[-1:]}
    assert compiled(tmp_path / "native", "native") == best


def test_native_stands_alone(tmp_path: Path) -> None:
    done = configure(tmp_path / "mixed", "BASE;native")
    assert done.returncode != 0 and "CPU_LEVELS: native stands alone, not in BASE;native" in " ".join(done.stderr.split())
