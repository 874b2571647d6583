"""The compiler cache, with a real ccache: what is shared, what is counted, and that the bytes do not tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from orchestrator.cache import CacheUse, launcher, parse_log

from .conftest import Family, copy_family


@pytest.fixture
def ccache(tmp_path: Path) -> dict[str, str]:
    """The environment of a build with a cache of its own. Without ccache the test is skipped, in CI it fails."""
    if shutil.which("ccache") is None:
        text = "ccache is not installed (Debian: apt-get install -y ccache); the tests of the compiler cache need it"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return {"CCACHE_DIR": str(tmp_path / "the cache"), "CCACHE_CONFIGPATH": os.devnull}


def reused(out: str) -> str:
    found = re.search(r"^  reused +(.+)$", out, re.MULTILINE)
    return found[1] if found else ""


def test_a_log_is_counted() -> None:
    lines = [
        "# a.c",
        "cache_miss",
        "direct_cache_miss",
        "local_storage_write",
        "# b.c",
        "direct_cache_hit",
        "local_storage_hit",
    ]
    lines += ["# c.c", "direct_cache_miss", "preprocessed_cache_hit", "# d.c", "unsupported_compiler_option"]
    use = parse_log(lines)
    units = (("a.c", "miss"), ("b.c", "hit"), ("c.c", "hit"), ("d.c", "unsupported compiler option"))
    assert use == CacheUse("ccache", 1, 1, 1, 1, ("unsupported compiler option",), units=units)
    assert use.line() == (
        "2 of 4 compilations from ccache (1 direct, 1 preprocessed), 1 new, 1 not cacheable (unsupported compiler option)"
    )
    assert parse_log([]).asked == 0 and parse_log(["stray"]).asked == 0


def test_the_settings_are_part_of_the_command() -> None:
    values = {"kind": "ccache", "program": "/bin/ccache", "env": "/bin/env"}
    assert ";".join(launcher(values, Path("/a b"), Path("/a b/build/release"))) == (
        "/bin/env;CCACHE_BASEDIR=/a b;CCACHE_ABSSTDERR=1;CCACHE_STATSLOG=/a b/build/release/compiler-cache.log;/bin/ccache"
    )
    assert launcher({**values, "kind": "sccache", "program": "/bin/sccache"}, Path("/a"), Path("/b")) == ["/bin/sccache"]


def test_two_checkouts_share(family: Family, ccache: dict[str, str], tmp_path: Path) -> None:
    first = family.built(env=ccache)
    assert reused(first.out) == "0 of 3 compilations from ccache, 3 new"
    other = copy_family(tmp_path / "elsewhere" / "with" / "more folders")
    assert reused(other.built(env=ccache).out) == "3 of 3 compilations from ccache, 0 new"
    # With debug information, which holds paths.
    assert reused(family.built("--config", "debug", env=ccache).out).startswith("0 of 3")
    assert reused(other.built("--config", "debug", env=ccache).out).startswith("3 of 3")


def test_the_bytes_are_the_same_without_a_cache(family: Family, ccache: dict[str, str], tmp_path: Path) -> None:
    text = "\nBASE_API const char *base_file(void) {\n    return __FILE__;\n}\n"
    for root in (family.root, copy_family(tmp_path / "plain").root):
        with (root / "base/src/Base.c").open("a", encoding="utf-8") as file:
            file.write(text)
    plain = Family(tmp_path / "plain")
    for config in ("release", "debug"):
        family.built("--config", config, env=ccache)
        without = plain.built("--config", config, "-D", "USE_CCACHE=OFF")
        assert reused(without.out) == ""
        for name in ("libBase.so.1", "libUpper.so.1"):
            ours, theirs = (item.root / "build" / config / "lib" / name for item in (family, plain))
            assert ours.read_bytes() == theirs.read_bytes()


def test_back_to_a_branch_compiles_nothing(family: Family, ccache: dict[str, str]) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *words], cwd=family.root, check=True, capture_output=True)

    (family.root / ".gitignore").write_text("build/\nfamily/\n", encoding="utf-8")
    git("init", "-b", "a")
    git("add", ".")
    git("commit", "-m", "a")
    family.built(env=ccache)
    git("checkout", "-b", "b")
    family.edit("base/include/Base/Base.h", "#define BASE_H", "#define BASE_H\n#define BASE_B 1")
    family.edit("base/src/Base.c", "return a + b;", "return b + a;")
    git("commit", "-am", "b")
    assert reused(family.built(env=ccache).out).startswith("0 of ")
    for branch in ("a", "b"):
        git("checkout", branch)
        done = family.built(env=ccache)
        found = re.match(r"(\d+) of (\d+) compilations from ccache, 0 new", reused(done.out))
        assert found and found[1] == found[2] != "0", done.out


def test_an_edit_on_the_short_way_is_counted_too(family: Family, ccache: dict[str, str]) -> None:
    family.built(env=ccache)
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    assert reused(family.built(env=ccache).out) == "0 of 1 compilations from ccache, 1 new"
    family.edit("base/src/Base.c", "return a + b + 1;", "return a + b;")
    assert reused(family.built(env=ccache).out) == "1 of 1 compilations from ccache, 0 new"


def test_warnings_name_files_as_without_a_cache(family: Family, ccache: dict[str, str]) -> None:
    family.edit("base/src/Base.c", "return a + b;", "int unused;\n    return a + b;")
    done = family.built(env=ccache)
    assert "base/src/Base.c:" in done.out and "../base/src" not in done.out


def test_a_launcher_in_cc_stays_the_only_one(family: Family, ccache: dict[str, str]) -> None:
    family.built("-D", "CC=ccache gcc", env=ccache)
    text = (family.root / "build/release/build.ninja").read_text(encoding="utf-8")
    assert re.search(r"^  LAUNCHER = \S*ccache *$", text, re.MULTILINE)
    assert "CCACHE_BASEDIR" not in text
