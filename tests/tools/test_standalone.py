"""Each library is a complete CMake project: THNN, THD and a program build against an installed TH, also one that was moved."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from orchestrator.environment import cleaned

from .conftest import cmake_and_ninja

ROOT = Path(__file__).resolve().parents[2]

# Baseline kernels without optimisation: what is tested is the packages, not the speed. Kernels name a level of their own, so
# that only the last word of a command counts.
QUICK = ("-DCMAKE_BUILD_TYPE=Release", "-DTORCH_CPU_LEVELS=BASE", "-DTORCH_BUILD_TESTS=OFF")
PLAIN = '#!/bin/sh\nexec "$@" -O0\n'


def run(*command: str) -> None:
    env, _ = cleaned(os.environ)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def install(source: Path, build: Path, prefix: Path, *definitions: str) -> None:
    cmake, ninja = cmake_and_ninja()
    launcher = build.parent / "plain"
    launcher.write_text(PLAIN, encoding="utf-8")
    launcher.chmod(0o755)
    definitions += (f"-DCMAKE_C_COMPILER_LAUNCHER={launcher}",)
    tools = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}", f"-DCMAKE_INSTALL_PREFIX={prefix}"]
    run(cmake, "-S", str(source), "-B", str(build), *tools, *QUICK, *definitions)
    run(ninja, "-C", str(build), "-j", "2", "install")


@pytest.mark.slow
def test_libraries_alone_against_an_installed_and_moved_th(tmp_path: Path) -> None:
    first = tmp_path / "first prefix"
    install(ROOT / "lib/TH", tmp_path / "th", first)
    moved = tmp_path / "moved prefix"
    first.rename(moved)
    for name in ("THNN", "THD"):
        install(ROOT / "lib" / name, tmp_path / name, moved, f"-DCMAKE_PREFIX_PATH={moved}")
        assert (moved / "include/TH/TH.h").is_file() and (moved / "include" / name / f"{name}.h").is_file()
    for name in ("libTH.so.1", "libTHNN.so.1", "libTHD.so.1"):
        content = (moved / "lib" / name).read_bytes()
        assert str(tmp_path).encode() not in content, f"{name} holds a path of the builder"
    last = tmp_path / "last prefix"
    moved.rename(last)
    environment = {**os.environ, "PKG_CONFIG_PATH": str(last / "lib/pkgconfig")}
    asked = ["pkg-config", "--print-requires", "THNN"]
    assert subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout == "TH\n"
    example = shutil.copytree(ROOT / "examples/extension_c_program", tmp_path / "a program")
    made = subprocess.run(["make", "-C", example], env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    said = subprocess.run([example / "matrix_power"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("libTH 0.4.0") and "[ 0.866 -0.500]" in said
    for name in ("libTHNN.so.1", "libTHD.so.1"):
        run(sys.executable, "-c", f"import ctypes; ctypes.CDLL({str(last / 'lib' / name)!r}, mode=2)")
