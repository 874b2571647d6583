"""find_package(Torch), pkg-config and the headers, as somebody with an installed and moved wheel uses them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from orchestrator import api
from stranger import Stranger

A_STEP = "power 13:\n[ 0.866 -0.500]\n[ 0.500  0.866]\n"


@pytest.fixture(scope="module")
def example(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example in a folder with a blank."""
    return Path(shutil.copytree(root / "examples/extension_c_program", tmp_path_factory.mktemp("c") / "a program"))


def prefix(stranger: Stranger, cwd: Path) -> str:
    """What Python says that CMAKE_PREFIX_PATH has to be."""
    found = stranger.python("-c", "import torch; print(torch.utils.cmake_prefix_path)", cwd=cwd).strip()
    assert Path(found) == stranger.package / "share/cmake"
    return found


def configure(stranger: Stranger, source: Path, build: Path, *definitions: str) -> subprocess.CompletedProcess[str]:
    ninja = f"-DCMAKE_MAKE_PROGRAM={stranger.tool('ninja')}"
    return stranger.attempt(
        stranger.tool("cmake"), "-G", "Ninja", ninja, "-S", source, "-B", build, *definitions, cwd=source
    )  # fmt: skip


def test_a_c_program_by_cmake(stranger: Stranger, example: Path, tmp_path: Path) -> None:
    build = tmp_path / "b"
    done = configure(stranger, example, build, f"-DCMAKE_PREFIX_PATH={prefix(stranger, tmp_path)}")
    assert done.returncode == 0, done.stdout
    stranger.run(stranger.tool("ninja"), "-C", build, cwd=tmp_path)
    assert A_STEP in stranger.run(build / "matrix_power", cwd=tmp_path)
    needed = stranger.run("readelf", "-d", build / "matrix_power", cwd=tmp_path)
    assert "Shared library: [libTH.so.1]" in needed and str(stranger.root) not in needed


def test_a_c_program_by_pkg_config_and_make(stranger: Stranger, example: Path, tmp_path: Path) -> None:
    # make knows no paths with blanks: the same package, seen through a link.
    package = tmp_path / "torch"
    package.symlink_to(stranger.package)
    search = {"PKG_CONFIG_PATH": str(package / "lib/pkgconfig")}
    stranger.run("make", "-C", example, cwd=tmp_path, **search)
    assert A_STEP in stranger.run(example / "matrix_power", cwd=tmp_path)
    assert stranger.run("pkg-config", "--print-requires", "THNN", cwd=tmp_path, **search) == "TH\n"
    assert stranger.run("pkg-config", "--modversion", "TH", cwd=tmp_path, **search) == "0.4.0\n"


ASK = """\
cmake_minimum_required(VERSION 3.24)
project(Ask LANGUAGES C CXX)
find_package({request} CONFIG REQUIRED)
foreach(target IN ITEMS {targets})
  get_target_property(place ${{target}} LOCATION)
  message(STATUS "${{target}} -> ${{place}}")
endforeach()
"""


@pytest.mark.parametrize(
    ("request_", "targets", "says"),
    [
        ("Torch 0.4.0 EXACT", "TH::TH THNN::THNN THD::THD", ""),
        ("Torch 0.3...<0.5", "TH::TH", ""),
        ("THNN 0.4", "THNN::THNN", ""),
        ("Torch 0", "TH::TH", ""),
        ("Torch 0.5", "", "The following configuration files were considered but not accepted"),
        ("Torch 0.3", "", "considered but not accepted"),
        ("Torch 0.1...<0.4", "", "considered but not accepted"),
        ("Torch 0.4 COMPONENTS THX", "", "Torch has no library THX; it has TH, THNN, "),
    ],
)
def test_requests(stranger: Stranger, tmp_path: Path, request_: str, targets: str, says: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(ASK.format(request=request_, targets=targets).replace("LANGUAGES C CXX", "NONE"))
    done = configure(stranger, tmp_path, tmp_path / "b", f"-DCMAKE_PREFIX_PATH={stranger.package / 'share/cmake'}")
    if says:
        assert done.returncode != 0 and says in re.sub(r"\s+", " ", done.stdout), done.stdout
        return
    assert done.returncode == 0, done.stdout
    for target in targets.split():
        name = target.partition("::")[0]
        assert f"{target} -> {stranger.package / 'lib'}/lib{name}.so.1" in done.stdout


def test_a_library_that_is_gone_is_named(stranger: Stranger, tmp_path: Path) -> None:
    package = Path(shutil.copytree(stranger.package / "share", tmp_path / "torch/share")).parent
    (tmp_path / "p").mkdir()
    (tmp_path / "p/CMakeLists.txt").write_text(ASK.format(request="Torch", targets="").replace("LANGUAGES C CXX", "NONE"))
    done = configure(stranger, tmp_path / "p", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={package}")
    assert done.returncode != 0
    assert f"TH: {package}/lib/libTH.so.1 is not there; install torch anew." in re.sub(r"\s+", " ", done.stdout)


@pytest.mark.parametrize(("language", "standard"), [("c", "c11"), ("c++", "c++17")])
def test_every_header_compiles_alone(stranger: Stranger, tmp_path: Path, language: str, standard: str) -> None:
    """All but the two of C++ in both languages, each as a unit of its own."""
    include = stranger.package / "lib/include"
    headers = [
        path for path in sorted(include.rglob("*.h")) if language == "c++" or path.name not in ("extension.h", "pybind.h")
    ]
    without = {"pybind.h"} if language == "c++" else {"pybind.h", "extension.h"}  # pybind.h needs pybind11: see test_pybind11
    headers = [path for path in sorted(include.rglob("*.h")) if path.name not in without]
    assert len(headers) > 25
    command = [
        {"c": "cc", "c++": "c++"}[language],
        f"-std={standard}",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsyntax-only",
        f"-I{include}",
    ]
    command += [f"-I{sysconfig.get_path('include')}", "-x", language]
    stranger.run(*command, *headers, cwd=tmp_path)


def test_the_files_tell_no_place(stranger: Stranger, built: api.BuildResult) -> None:
    described = [file for file in built.published if file.destination.endswith((".cmake", ".pc"))]
    assert len(described) >= 9
    for file in described:
        text = (stranger.package.parent / file.destination).read_text()
        assert not re.search(r'[" =](?:-[IL])?/\w', text), (file.destination, text)
