"""CMake's questions to the compilers: asked once for all trees, and again as soon as an answer could differ."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from .conftest import Family, copy_family

ASKED = "compiler identification is"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that no other test has filled."""
    return tmp_path / "cache of its own"


def configured(family: Family, cache: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Builds Base and returns what cmake printed: the text of the log before ninja starts."""
    config = arguments[arguments.index("--config") + 1] if "--config" in arguments else "release"
    family.built("Base", *arguments, env={"XDG_CACHE_HOME": str(cache), **(env or {})})
    return (family.root / "build" / config / "logs/latest/build.log").read_text(encoding="utf-8")


def entries(cache: Path) -> list[Path]:
    return sorted((cache / "build_deps/probes").glob("*.json"))


def graph(family: Family, config: str = "release") -> str:
    """build.ninja without where it stands, what cmake read, and the names that only its first run in a tree writes."""
    text = (family.root / "build" / config / "build.ninja").read_text(encoding="utf-8")
    text = text.replace(str(family.root).replace(" ", "$ "), "ROOT").replace(str(family.root), "ROOT")
    return "\n".join(line for line in text.splitlines() if not re.search("RERUN_CMAKE|/Modules/|_PDB = ", line))


def test_a_second_configuration_and_a_second_clone_ask_nothing(family: Family, cache: Path, tmp_path: Path) -> None:
    assert ASKED in configured(family, cache)
    assert len(entries(cache)) == 1
    assert ASKED not in configured(family, cache, "--config", "debug")
    clone = copy_family(tmp_path / "another place")
    assert ASKED not in configured(clone, cache)
    assert graph(clone) == graph(family)  # the same commands, whoever asked
    assert len(entries(cache)) == 1
    assert "nothing to do" in clone.built("Base", env={"XDG_CACHE_HOME": str(cache)}).out


def test_other_flags_are_another_question(family: Family, cache: Path, tmp_path: Path) -> None:
    configured(family, cache)
    flags = ("-D", "CMAKE_C_FLAGS_INIT=-fno-plt")
    assert ASKED in configured(copy_family(tmp_path / "2"), cache, *flags)
    assert ASKED not in configured(copy_family(tmp_path / "3"), cache, *flags)
    # The option CFLAGS belongs to the libraries: CMake asks its questions without it.
    assert ASKED not in configured(copy_family(tmp_path / "4"), cache, "-D", "CFLAGS=-fno-plt")


def test_damage_is_ignored_and_replaced(family: Family, cache: Path, tmp_path: Path) -> None:
    configured(family, cache)
    (entry,) = entries(cache)
    whole = entry.read_text(encoding="utf-8")
    entry.write_text(whole.replace("GNU", "GNX"), encoding="utf-8")
    assert ASKED in configured(copy_family(tmp_path / "damaged"), cache)
    assert json.loads(entry.read_text(encoding="utf-8"))["content"] == json.loads(whole)["content"]


def test_a_compiler_that_changed_is_asked_again(family: Family, cache: Path, tmp_path: Path) -> None:
    """A copy of the compiler's driver, which finds everything else relative to itself."""
    compiler = tmp_path / "prefix/bin/my-cc"
    compiler.parent.mkdir(parents=True)
    real = Path(str(shutil.which("cc"))).resolve()
    shutil.copy2(real, compiler)
    for name in ("lib", "lib64", "libexec"):
        if (real.parent.parent / name).is_dir():
            (tmp_path / "prefix" / name).symlink_to(real.parent.parent / name)
    assert ASKED in configured(family, cache, "-D", f"CC={compiler}")
    assert ASKED not in configured(copy_family(tmp_path / "2"), cache, "-D", f"CC={compiler}")
    os.utime(compiler, ns=(0, compiler.stat().st_mtime_ns + 1_000_000_000))
    assert ASKED in configured(copy_family(tmp_path / "3"), cache, "-D", f"CC={compiler}")


def test_a_script_in_front_of_a_compiler_is_asked_each_time(family: Family, cache: Path, tmp_path: Path) -> None:
    script = tmp_path / "my-cc"
    script.write_text('#!/bin/sh\nexec cc "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    assert ASKED in configured(family, cache, "-D", f"CC={script}")
    assert ASKED in configured(copy_family(tmp_path / "2"), cache, "-D", f"CC={script}")
    assert entries(cache) == []


def test_a_cache_that_cannot_be_written_is_no_error(family: Family, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    assert ASKED in configured(family, blocked)
    env = {"HOME": "", "XDG_CACHE_HOME": "", "CCACHE_DIR": str(tmp_path / "ccache")}
    assert ASKED in configured(copy_family(tmp_path / "2"), blocked, env=env)
