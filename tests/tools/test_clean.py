"""The verb `clean`: what it lists is what it deletes, and nothing of anybody else's."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from orchestrator.clean import CleanReport, Removal, age_text, clean, only_of, size_text, targets_of
from orchestrator.errors import BuildError
from orchestrator.session import BuildRequest
from orchestrator.tree import claim_tree

from .conftest import Family

DAY = 86400.0


def request(family: Family, **changes: object) -> BuildRequest:
    return BuildRequest(root=family.root, quiet=True, **changes)  # type: ignore[arg-type]


def aged(tree: Path, days: float) -> None:
    """Sets the times by which a tree's age is told."""
    then = time.time() - days * DAY
    for name in (".ninja_log", "configure.json", "logs", "CACHEDIR.TAG"):
        if (tree / name).exists():
            os.utime(tree / name, (then, then))


def test_sizes_and_ages() -> None:
    assert [size_text(size) for size in (0, 999, 1000, 1234567, 999_950_000, 2_500_000_000)] == [
        "0 B", "999 B", "1.0 kB", "1.2 MB", "1.0 GB", "2.5 GB",
    ]  # fmt: skip
    assert [age_text(age) for age in (None, 3, 61, 7200, 86400 * 3)] == [
        "unknown",
        "less than a minute",
        "1 minute",
        "2 hours",
        "3 days",
    ]


def test_the_report_in_words() -> None:
    files = [Removal(Path(f"p/{name}"), "published", 1000) for name in "abcd"]
    removals = (Removal(Path("build/debug"), "tree", 2_000_000, 3 * DAY), *files)
    assert CleanReport(removals, False, ("left alone: build/notes",)).lines() == [
        "deleted build/debug (2.0 MB, last built 3 days ago)",
        "deleted 4 published files (4.0 kB)",
        "left alone: build/notes",
        "2.0 MB in all",
    ]
    assert "would delete p/c (1.0 kB)" in CleanReport(removals, True).lines()
    assert CleanReport((), True).lines() == ["nothing to clean"]
    data = CleanReport(removals, True).to_json()
    assert data["bytes"] == 2_004_000 and data["removals"][0]["age_seconds"] == 3 * DAY
    assert json.loads(json.dumps(data)) == data


def test_which_outputs_belong_to_a_library_alone() -> None:
    listing = "lib/a.o: C_COMPILER__A\nlib/all: phony\nlib/b.o: C_COMPILER__B\nbuild.ninja: RERUN_CMAKE\nC$:/x: phony\n"
    assert targets_of(listing) == ["lib/a.o", "lib/b.o"]
    mine = ["lib/a.o", "lib/b.o", "../src/a.c", "lib/a.o"]
    assert only_of(mine, ["lib/b.o", "../src/b.c"], ["lib/a.o", "lib/b.o", "../src/a.c"]) == ["lib/a.o"]


def test_a_library_is_cleaned_without_what_it_needs(family: Family) -> None:
    family.built()
    family.built("test", "Base")
    tree = family.root / "build/release"
    listed = clean(request(family, libraries=("Upper",), dry_run=True))
    names = {path.relative_to(tree).as_posix() for path in listed.paths}
    assert names == {"lib/libUpper.so.1", "upper/CMakeFiles/Upper.dir/src/Upper.c.o", "upper/Upper.symbols"}
    assert all(path.is_file() for path in listed.paths)
    assert clean(request(family, libraries=("Upper",))).paths == listed.paths
    assert not any(path.exists() for path in listed.paths) and (tree / "lib/libBase.so.1").is_file()
    again = family.built()
    assert (again.count("Building"), again.count("Linking")) == (1, 1)
    cleaned = clean(request(family, libraries=("Base",))).paths
    assert tree / "tests/test_base" in cleaned and tree / "lib/libBase.so.1" in cleaned
    assert tree / "lib/libUpper.so.1" not in cleaned
    assert family.built().count("Building") == 2


def test_one_configuration_and_the_package_that_came_from_another(family: Family) -> None:
    family.built("--config", "debug")
    family.built()
    listed = family.built("clean", "--config", "debug", "--dry-run").out
    assert "would delete" in listed and "build/debug (" in listed and "last built" in listed
    assert "libBase" not in listed and "the package stays: it was published from" in listed
    family.built("clean", "--config", "debug")
    assert not (family.root / "build/debug").exists()
    assert (family.root / "family/lib/libBase.so.1").is_file() and (family.root / "build/release").is_dir()
    family.built("clean", "--config", "release")
    assert not (family.root / "family/lib/libBase.so.1").exists()


def test_old_trees_and_logs_go_and_the_used_one_stays(family: Family) -> None:
    for config in ("debug", "relwithdebinfo", "release"):
        family.built("--config", config)
    family.edit("base/src/Base.c", "a + b", "b + a")
    family.built()
    build = family.root / "build"
    for name in ("debug", "release"):
        aged(build / name, 30)
    (mine := build / "mine").mkdir()
    logs = sorted((build / "release/logs").glob("[0-9]*"))
    os.utime(logs[0], (time.time() - 20 * DAY,) * 2)
    report = clean(request(family), old=14)
    assert build / "debug" in report.paths and logs[0] in report.paths
    assert not (build / "debug").exists() and not logs[0].exists() and logs[-1].is_dir()
    assert mine.is_dir() and (build / "relwithdebinfo").is_dir() and (build / "release").is_dir()
    assert any("release stays" in note for note in report.notes)
    kept = clean(request(family), keep=0)
    assert kept.paths[0] == build / "relwithdebinfo" and (build / "release").is_dir()
    with pytest.raises(BuildError, match="cannot be combined"):
        clean(request(family), keep=1, old=1)


def test_a_size_counts_a_linked_file_once(family: Family) -> None:
    family.built()
    tree = family.root / "build/release"
    report = clean(request(family, dry_run=True))
    size = next(item.size for item in report.removals if item.path == tree)
    (tree / "one").write_bytes(bytes(1_000_000))
    (tree / "two").hardlink_to(tree / "one")
    again = next(item.size for item in clean(request(family, dry_run=True)).removals if item.path == tree)
    assert again - size == 1_000_000


def test_the_cache_of_the_user_goes_only_when_asked(family: Family, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache/build_deps"
    claim_tree(folder)
    clean(request(family))
    assert folder.is_dir()
    assert clean(request(family), cache=True).paths == [folder]
    assert not folder.exists()
    folder.mkdir()
    assert clean(request(family), cache=True).paths == [] and folder.is_dir()
