"""Bad input gets a clear error with its own exit code, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Family


def test_a_compile_error_is_shown_with_file_line_log_and_command(family: Family) -> None:
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + c;")
    done = family.build()
    assert done.status == 7
    assert f"The build failed at {family.root}/base/src/Base.c:4:16" in done.err
    assert "undeclared" in done.err
    log = family.root / "build/release/logs/latest/build.log"
    assert "undeclared" in log.read_text(encoding="utf-8")
    assert f"Log: {log.resolve()}" in done.err
    assert "-v base/CMakeFiles/Base.dir/src/Base.c.o" in done.err
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"
    family.edit("base/src/Base.c", "return a + c;", "return a + b;")
    family.built()


def test_an_error_in_cmake_code(family: Family) -> None:
    family.edit("base/CMakeLists.txt", "torch_export_library(Base)", 'message(FATAL_ERROR "no such luck")')
    done = family.build()
    assert done.status == 6
    assert "no such luck" in done.err and "base/CMakeLists.txt:" in done.err


def test_a_tree_whose_configuration_failed_is_configured_again(family: Family) -> None:
    family.edit("base/CMakeLists.txt", "torch_export_library(Base)", 'message(FATAL_ERROR "no such luck")')
    assert family.build().status == 6
    family.edit("base/CMakeLists.txt", 'message(FATAL_ERROR "no such luck")', "torch_export_library(Base)")
    family.built()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["Bsae"], 2, "no verb and no library `Bsae`. Did you mean Base?"),
        (["biuld"], 2, "Did you mean build?"),
        (["--config", "relese"], 2, "no configuration `relese`. Did you mean release?"),
        (["-D", "GREETNG=x"], 3, "no option GREETNG. Did you mean GREETING?"),
        (["-D", "USE_CUDA=ON"], 3, "no library of libraries.toml uses CUDA"),
        (["test", "Upper"], 1, "None of the named libraries has C tests"),
    ],
)
def test_unknown_names_and_impossible_options(family: Family, arguments: list[str], status: int, words: str) -> None:
    done = family.build(*arguments)
    assert done.status == status
    assert words in done.err
    assert not (family.root / "build").exists()


def test_no_compiler(family: Family, tmp_path: Path) -> None:
    done = family.build(env={"PATH": str(tmp_path)})
    assert done.status == 5
    assert "compiler, which Base needs, is missing: no usable C compiler found" in done.err
    assert "cc: not on PATH" in done.err and "apt install gcc g++" in done.err


def test_a_compiler_that_is_none(family: Family) -> None:
    done = family.build(env={"CC": "/bin/true"})
    assert done.status == 5
    assert "/bin/true: neither gcc nor clang" in done.err


def test_flags_beside_the_compiler_are_refused_and_launchers_are_not(family: Family, tmp_path: Path) -> None:
    done = family.build(env={"CC": "cc -m32"})
    assert done.status == 5
    assert "CC=cc -m32: more than a program; give flags in CFLAGS" in done.err
    launcher = tmp_path / "ccache"
    launcher.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/launched"\nexec "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    family.built(env={"CC": f"{launcher} cc"})
    assert "Base.c" in (tmp_path / "launched").read_text(encoding="utf-8")


def test_a_product_that_never_appears(family: Family) -> None:
    family.edit("libraries.toml", '{ "lib/libUpper.so.1" =', '{ "lib/libUper.so.1" =')
    done = family.build()
    assert done.status == 8
    assert "Upper should make" in done.err and "libUper.so.1" in done.err


def test_a_placeholder_without_a_value(family: Family) -> None:
    family.edit("libraries.toml", "{option.GREETING}", "{option.GREETINGS}")
    done = family.build()
    assert done.status == 4
    assert f"{family.root / 'libraries.toml'}:15: Base has the placeholder {{option.GREETINGS}}" in done.err


def test_a_slip_in_the_environment_is_reported(family: Family) -> None:
    done = family.built(env={"USE_CUDDA": "1", "BUILD_NUMBER": "7"})
    assert "warning: environment variable USE_CUDDA=1 is no option and has no effect. Did you mean USE_CUDA?" in done.out
    assert "BUILD_NUMBER" not in done.out
