"""find_package of a sibling is answered by the target in the tree, or refused; never by an installed copy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from orchestrator.detect.tools import _package_folders

from .conftest import Family


def cmake_program() -> str:
    folders = [folder / "data/bin/cmake" for folder in _package_folders("cmake")]
    return str(next((path for path in folders if path.is_file()), "cmake"))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def installed(family: Family, tmp_path: Path) -> Path:
    """A prefix with an installed Base 1.2.0."""
    prefix, build = tmp_path / "installed", tmp_path / "base build"
    cmake = cmake_program()
    assert run(cmake, "-S", str(family.root / "base"), "-B", str(build), f"-DCMAKE_INSTALL_PREFIX={prefix}").returncode == 0
    assert run(cmake, "--build", str(build), "--target", "install").returncode == 0
    return prefix


def test_an_undeclared_sibling_is_refused(family: Family) -> None:
    family.edit("libraries.toml", 'needs = ["Base"]', "needs = []")
    done = family.build()
    assert done.status == 6
    assert "asks for Base, which libraries.toml does not declare" in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("1.3", "older"),
        ("99", "older"),
        ("1.1", "another minor version"),
        ("1.1.9...<1.2", "range"),
        ("1.2.0.1 EXACT", "older"),
    ],
)
def test_versions_are_compared(family: Family, wanted: str, reason: str) -> None:
    family.edit("upper/CMakeLists.txt", "find_package(Base 1.2 ", f"find_package(Base {wanted} ")
    done = family.build()
    assert done.status == 6
    text = " ".join(done.err.split())
    assert "this tree has Base 1.2.0" in text and reason in text


@pytest.mark.parametrize("wanted", ["", "1.2.0", "1.2.0 EXACT", "1", "1.1...<1.3"])
def test_versions_that_do(family: Family, wanted: str) -> None:
    family.edit("upper/CMakeLists.txt", "find_package(Base 1.2 ", f"find_package(Base {wanted} ")
    family.built("Upper")


def test_an_installed_copy_does_not_stand_in(family: Family, installed: Path) -> None:
    # The order is wrong: Upper asks before Base exists. Without the provider the installed Base would be linked silently.
    build = family.root / "by hand"
    done = run(
        cmake_program(),
        "-S",
        str(family.root),
        "-B",
        str(build),
        "-DTORCH_PROJECTS=upper;base",
        f"-DCMAKE_PREFIX_PATH={installed}",
    )
    assert done.returncode != 0
    text = " ".join((done.stdout + done.stderr).split())
    assert "asks for" in text and "does not exist yet" in text


def test_the_root_opens_without_the_orchestrator(family: Family) -> None:
    build = family.root / "ide"
    done = run(cmake_program(), "-S", str(family.root), "-B", str(build))
    assert done.returncode == 0, done.stderr
    family.edit("upper/CMakeLists.txt", "find_package(Base 1.2 ", "find_package(Base 3 ")
    assert run(cmake_program(), "-S", str(family.root), "-B", str(build)).returncode != 0
