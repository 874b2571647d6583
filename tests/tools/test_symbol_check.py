"""cmake/check-symbols.sh: an extension that needs what nobody defines fails its link, not its import."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT

LIBRARY = "int lower_add(int a, int b) { return a + b; }\n"
EXTENSION = """
#include <stdio.h>
extern int PyLong_Check(void), _Py_Dealloc(void), lower_add(int a, int b);
extern int lower_maybe(void) __attribute__((weak));
int entry(void);
int entry(void) { return printf("x") + PyLong_Check() + _Py_Dealloc() + lower_add(1, 2) + (lower_maybe ? lower_maybe() : 0); }
"""


def link(folder: Path, extension: str) -> tuple[Path, Path]:
    """A library and an extension that may lack symbols, as torch/csrc/CMakeLists.txt links it."""
    library, product = folder / "libLower.so.1", folder / "an extension.so"
    (folder / "lower.c").write_text(LIBRARY, encoding="utf-8")
    (folder / "extension.c").write_text(extension, encoding="utf-8")
    common = ["cc", "-shared", "-fPIC", "-o"]
    subprocess.run([*common, str(library), str(folder / "lower.c")], check=True)
    options = ["-Wl,--no-undefined", "-Wl,--unresolved-symbols=ignore-in-object-files"]
    subprocess.run([*common, str(product), str(folder / "extension.c"), str(library), *options], check=True)
    return library, product


def check(product: Path, *libraries: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "cmake/check-symbols.sh"), "readelf", str(product), *map(str, libraries)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_python_the_system_and_the_libraries_define_what_is_needed(tmp_path: Path) -> None:
    library, product = link(tmp_path, EXTENSION)
    done = check(product, library)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert product.is_file()


def test_the_runtime_of_a_sanitizer_comes_with_the_program(tmp_path: Path) -> None:
    library, product = link(tmp_path, EXTENSION)
    with_it = ["cc", "-shared", "-fPIC", "-fsanitize=address,undefined", "-o", str(product), str(tmp_path / "extension.c")]
    options = ["-Wl,--no-undefined", "-Wl,--unresolved-symbols=ignore-in-object-files"]
    subprocess.run([*with_it, str(library), *options], check=True)
    done = check(product, library)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", ["lower_lost", "_ZN5torch4lostEv"])
def test_a_symbol_that_nobody_defines_is_named(tmp_path: Path, name: str) -> None:
    library, product = link(tmp_path, EXTENSION.replace("lower_add", name))
    done = check(product, library)
    assert done.returncode == 1
    assert ("torch::lost()" if name.startswith("_Z") else name) in done.stdout
    assert "printf" not in done.stdout and "PyLong" not in done.stdout and "lower_maybe" not in done.stdout
    assert not product.exists()


def test_a_library_that_is_not_named_defines_nothing(tmp_path: Path) -> None:
    _, product = link(tmp_path, EXTENSION)
    done = check(product)
    assert done.returncode == 1 and "lower_add" in done.stdout


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    library, _ = link(tmp_path, EXTENSION)
    assert check(tmp_path / "missing.so", library).returncode != 0
