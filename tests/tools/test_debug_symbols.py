"""What debuggers and profilers find in published libraries: function names in each configuration, lines in debug."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Family


def test_published_libraries_keep_their_symbol_table(family: Family) -> None:
    """nm without -D reads .symtab, which strip would remove: with it, internal functions have names in a profile."""
    family.edit("base/src/Base.c", "int base_add(int a, int b) {\n", INTERNAL)
    family.built()
    done = subprocess.run(
        ["nm", "--defined-only", str(family.root / "family/lib/libBase.so.1")], capture_output=True, text=True, check=True
    )
    assert " t internal_of_base" in done.stdout and " T base_add" in done.stdout


@pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed; .ci/run installs it")
def test_gdb_finds_functions_and_in_debug_their_lines(family: Family) -> None:
    family.built()
    family.built("--config", "debug")
    assert '"base_add" is at 0x' in gdb(family.root, "build/release/lib/libBase.so.1", "info address base_add")
    assert "Line 3 of " in gdb(family.root, "build/debug/lib/libBase.so.1", "info line base_add")
    # The paths in the file are relative, so that builds are reproducible: gdb finds the source from the checkout's root.
    assert "return a + b" in gdb(family.root, "build/debug/lib/libBase.so.1", "list base_add")


INTERNAL = """\
__attribute__((noinline)) static int internal_of_base(int a, int b) { return a * b; }
int base_add(int a, int b) {
    if (a > 1000000) return internal_of_base(a, b);
"""


def gdb(root: Path, file: str, command: str) -> str:
    """What gdb says, without anybody's settings and without asking servers for symbols."""
    words = ["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", command, file]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
