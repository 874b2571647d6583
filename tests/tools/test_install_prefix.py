"""`--prefix` and DESTDIR: libraries, headers and CMake packages for others, found wherever the folder is moved to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from orchestrator.compiledb import link_compile_commands

from .conftest import Family

USER = """\
cmake_minimum_required(VERSION 3.24)
project(User LANGUAGES C)
find_package(Upper 1.2 CONFIG REQUIRED)
add_executable(user main.c)
target_link_libraries(user PRIVATE Upper::Upper)
"""
MAIN = "#include <Upper/Upper.h>\nint main(void) { return upper_mix(4, 2, 1); }\n"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_moved_prefix_is_found_by_a_consumer(family: Family, tmp_path: Path) -> None:
    done = family.built("build", "Upper", "--prefix", str(tmp_path / "first"))
    assert "installed into" in done.out and "Base        7 files, 7 of them written" in done.out
    assert {
        "lib/libBase.so.1",
        "lib/libUpper.so.1",
        "include/Upper/Upper.h",
        "share/cmake/Base/BaseConfig.cmake",
        "lib/pkgconfig/Base.pc",
    } <= files(tmp_path / "first")
    again = family.built("build", "Upper", "--prefix", str(tmp_path / "first"))
    assert "7 files, 0 of them written" in again.out

    (tmp_path / "first").rename(tmp_path / "moved")
    # The libraries must not lean on the tree that they come from.
    shutil.rmtree(family.root / "build")
    shutil.rmtree(family.root / "family")
    user = tmp_path / "user"
    user.mkdir()
    (user / "CMakeLists.txt").write_text(USER, encoding="utf-8")
    (user / "main.c").write_text(MAIN, encoding="utf-8")
    for command in (
        ["cmake", "-S", str(user), "-B", str(user / "b"), "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={tmp_path / 'moved'}"],
        ["cmake", "--build", str(user / "b")],
    ):
        done_cmake = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done_cmake.returncode == 0, done_cmake.stdout + done_cmake.stderr
    assert subprocess.run([str(user / "b/user")], check=False).returncode == 5


def test_destdir_goes_before_the_prefix(family: Family, tmp_path: Path) -> None:
    done = family.built("build", "Base", "--prefix", "/opt/family", env={"DESTDIR": str(tmp_path / "stage")})
    assert f"installed into /opt/family below DESTDIR={tmp_path / 'stage'}" in done.out
    assert "lib/libBase.so.1" in files(tmp_path / "stage/opt/family")
    assert not any("Upper" in name for name in files(tmp_path / "stage"))
    targets = (tmp_path / "stage/opt/family/share/cmake/Base/BaseTargets-release.cmake").read_text(encoding="utf-8")
    assert str(tmp_path) not in targets and "${_IMPORT_PREFIX}/lib/libBase.so.1" in targets


def test_a_prefix_that_cannot_be_written(family: Family, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = family.build("build", "Base", "--prefix", str(tmp_path / "file/inside"))
    assert done.status == 15, done.out + done.err
    assert "Base could not be installed" in done.err and "DESTDIR=DIR" in done.err


def test_compile_commands_follow_the_last_configured_tree(family: Family) -> None:
    link = family.root / "compile_commands.json"
    family.built()
    assert link.is_symlink() and link.readlink() == Path("build/release/compile_commands.json")
    assert "Greeting.c" in link.read_text(encoding="utf-8")
    before = link.lstat().st_mtime_ns
    family.built()
    assert link.lstat().st_mtime_ns == before
    family.built("--config", "debug")
    assert link.readlink() == Path("build/debug/compile_commands.json")
    family.built("clean", "--config", "debug")
    assert not link.is_symlink()


def test_compile_commands_of_somebody_else_stay(tmp_path: Path) -> None:
    (tmp_path / "build/release").mkdir(parents=True)
    assert not link_compile_commands(tmp_path, tmp_path / "build/release")
    (tmp_path / "build/release/compile_commands.json").write_text("[]")
    (tmp_path / "compile_commands.json").write_text("mine")
    assert not link_compile_commands(tmp_path, tmp_path / "build/release")
    assert (tmp_path / "compile_commands.json").read_text() == "mine"
    (tmp_path / "compile_commands.json").unlink()
    (tmp_path / "compile_commands.json").symlink_to("gone.json")
    assert link_compile_commands(tmp_path, tmp_path / "build/release", replace=False), "a link into nothing is no use"
