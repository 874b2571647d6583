"""Where only sources changed, ninja and publication run alone, and the outcome is that of the long path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Family

# Runs the rebuild alone; prints its answer, and whether it loaded what only the long path needs.
ASK = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from orchestrator.rebuild import try_rebuild
status = try_rebuild(sys.argv[2], sys.argv[3:], "build_deps")
heavy = {"orchestrator.plan", "orchestrator.manifest", "orchestrator.detect", "argparse", "tomllib", "setuptools"}
print(status, *sorted(heavy & (set(sys.modules) - before)))
"""


def ask(family: Family, *arguments: str, env: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-c", ASK, str(ROOT / "tools"), str(family.root), *family.command(*arguments)[2:]]
    done = subprocess.run(command, cwd=family.root, env=os.environ | (env or {}), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.fixture
def ready(family: Family) -> Family:
    """A family that was just built."""
    family.built()
    return family


def test_a_body(ready: Family) -> None:
    ready.edit("base/src/Base.c", "return a + b;", "return a + b + 1000;")
    assert ask(ready) == "0"
    assert ready.call("upper.upper_mix(7, 5, 2)") == "1010"
    assert "nothing to do" in ready.built().out


def test_public_headers_that_change_appear_and_vanish(ready: Family) -> None:
    published = ready.root / "family/lib/include/Base"
    (ready.root / "base/include/Base/New.h").write_text("#define NEW 1\n", encoding="utf-8")
    assert ask(ready) == "0" and (published / "New.h").is_file()
    ready.edit("base/include/Base/New.h", "NEW 1", "NEW 2")
    assert ask(ready) == "0" and "NEW 2" in (published / "New.h").read_text(encoding="utf-8")
    (ready.root / "base/include/Base/New.h").unlink()
    assert ask(ready) == "0" and not (published / "New.h").exists()
    assert "nothing to do" in ready.built().out


def test_a_new_file_in_cmake_code(ready: Family) -> None:
    (ready.root / "base/src/More.c").write_text("int base_more(void);\nint base_more(void) { return 3; }\n", encoding="utf-8")
    ready.edit("base/CMakeLists.txt", "src/Base.c", "src/Base.c src/More.c")
    assert ask(ready) == "0"
    assert (ready.root / "build/release/base/CMakeFiles/Base.dir/src/More.c.o").is_file()


def test_a_compile_error_is_told_and_keeps_the_package(ready: Family) -> None:
    ready.edit("base/src/Base.c", "return a + b;", "return a + nothing;")
    assert ask(ready) == "7"
    failed = ready.build()
    assert failed.status == 7 and "Base.c" in failed.err and "nothing" in failed.err
    assert ready.call("upper.upper_mix(7, 5, 2)") == "10"
    ready.edit("base/src/Base.c", "return a + nothing;", "return a + b + 1;")
    assert ask(ready) == "0"
    assert ready.call("upper.upper_mix(7, 5, 2)") == "11"


def test_products_that_nobody_published_yet(ready: Family) -> None:
    """As after ninja by hand, or a kill between ninja and publication: the fast path must see it as well."""
    ready.edit("base/src/Base.c", "return a + b;", "return a + b + 5;")
    ninja = next(Path(word) for word in _ninja_command(ready) if word.endswith("ninja"))
    subprocess.run([ninja, "-C", ready.root / "build/release"], check=True, capture_output=True)
    assert ready.call("upper.upper_mix(7, 5, 2)") == "10"
    assert "nothing to do" not in ready.built().out
    assert ready.call("upper.upper_mix(7, 5, 2)") == "15"


def _ninja_command(family: Family) -> list[str]:
    cache = (family.root / "build/release/CMakeCache.txt").read_text(encoding="utf-8")
    return [line.partition("=")[2] for line in cache.splitlines() if line.startswith("CMAKE_MAKE_PROGRAM:")]


def test_a_library_that_somebody_wrote_into(ready: Family) -> None:
    library = ready.root / "family/lib/libBase.so.1"
    with library.open("r+b") as file:
        file.write(b"damaged")
    assert ask(ready) == "0"
    assert ready.call("upper.upper_mix(7, 5, 2)") == "10"


def test_a_part_of_the_family(ready: Family) -> None:
    ready.built("Base")
    ready.edit("base/src/Base.c", "return a + b;", "return a + b + 1000;")
    ready.edit("upper/include/Upper/Upper.h", "/* Returns", "/* Gives")
    assert ask(ready, "Base") == "0"
    assert "Gives" not in (ready.root / "family/lib/include/Upper/Upper.h").read_text(encoding="utf-8")
    assert ask(ready) == "0"
    assert "Gives" in (ready.root / "family/lib/include/Upper/Upper.h").read_text(encoding="utf-8")
    assert ready.call("upper.upper_mix(7, 5, 2)") == "1010"


CHANGES: dict[str, Callable[[Family], object]] = {
    "the manifest": lambda family: os.utime(family.root / "libraries.toml", ns=(1, 1)),
    "the version file's source": lambda family: (family.root / "build/release/family/version.py").unlink(),
    "an interrupted publication": lambda family: (family.root / "family/lib/.publishing").write_text("{}", encoding="utf-8"),
    "the configuration": lambda family: (family.root / "build/release/configure.json").unlink(),
    "the build file": lambda family: (family.root / "build/release/build.ninja").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_changes_are_left_to_the_long_path(ready: Family, change: str) -> None:
    ready.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    CHANGES[change](ready)
    assert ask(ready) == "None"
    ready.built()
    assert ready.call("upper.upper_mix(7, 5, 2)") == "11"


@pytest.mark.parametrize("name", ["DEBUG", "GREETING", "CFLAGS", "PATH"])
def test_variables_of_the_ledger_are_left_to_the_long_path(ready: Family, name: str) -> None:
    assert ask(ready, env={name: "/changed"}) == "None"
