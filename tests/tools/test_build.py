"""One build after another over the family: exactly the right work, and nothing else, each time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from orchestrator.detect import DETECTORS, Context, Found
from orchestrator.options import BUILTIN, resolve

from .conftest import Family


def test_the_first_build_publishes_everything(family: Family) -> None:
    done = family.built()
    assert done.count("Building C object") == 3
    assert set(family.journal()) == {
        "family/lib/libBase.so.1",
        "family/lib/libUpper.so.1",
        "family/lib/include/Base/Base.h",
        "family/lib/include/Upper/Upper.h",
        "family/version.py",
    }
    assert all((family.root / name).is_file() for name in family.journal())
    assert family.call("upper.upper_mix(7, 5, 2), base.base_greeting()") == "10 b'hello'"
    assert "built Base, Upper" in done.out


def test_the_second_build_does_nothing_and_says_so(family: Family) -> None:
    family.built()
    before = {name: (family.root / name).stat().st_ino for name in family.journal()}
    for _ in range(2):  # the first may be the long path, the second is the fast one
        done = family.built()
        assert done.steps == []
        assert "nothing to do" in done.out
    assert {name: (family.root / name).stat().st_ino for name in family.journal()} == before


def test_the_edit_of_a_body_relinks_one_library(family: Family) -> None:
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1000;")
    done = family.built()
    assert done.count("Building C object") == 1
    assert [step for step in done.steps if step.startswith("Linking")] == ["Linking C shared library lib/libBase.so.1"]
    assert family.call("upper.upper_mix(7, 5, 2)") == "1010"
    assert "nothing to do" in family.built().out


def test_a_new_symbol_relinks_the_consumer(family: Family) -> None:
    family.built()
    family.edit("base/src/Base.c", "int base_add(", "BASE_API int base_new(void) {\n    return 1;\n}\n\nint base_add(")
    done = family.built()
    assert done.count("Linking C shared library lib/libUpper.so.1") == 1


def test_a_removed_symbol_fails_at_the_link_and_keeps_the_package(family: Family) -> None:
    family.built()
    family.edit("base/src/Base.c", "int base_subtract(", "static __attribute__((unused)) int hidden_subtract(")
    family.edit("base/include/Base/Base.h", "BASE_API int base_subtract(int a, int b);", "int base_subtract(int a, int b);")
    done = family.build()
    assert done.status == 7
    assert "base_subtract" in done.err
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"


def test_headers_follow_their_sources(family: Family) -> None:
    family.built()
    extra = family.root / "base/include/Base/BaseExtra.h"
    extra.write_text("#define BASE_EXTRA 1\n", encoding="utf-8")
    published = family.root / "family/lib/include/Base/BaseExtra.h"
    family.built()
    assert published.read_text(encoding="utf-8") == "#define BASE_EXTRA 1\n"
    extra.write_text("#define BASE_EXTRA 22\n", encoding="utf-8")
    assert family.built().steps == []  # no unit includes it
    assert published.read_text(encoding="utf-8") == "#define BASE_EXTRA 22\n"
    extra.unlink()
    assert "removed family/lib/include/Base/BaseExtra.h" in family.built().out
    assert not published.exists()


def test_a_published_header_is_no_link_to_its_source(family: Family) -> None:
    family.built()
    published, source = family.root / "family/lib/include/Base/Base.h", family.root / "base/include/Base/Base.h"
    assert not published.samefile(source)
    published.write_text("damaged", encoding="utf-8")
    family.built()
    assert published.read_text(encoding="utf-8") == source.read_text(encoding="utf-8")


def test_a_deleted_or_damaged_product_comes_back(family: Family) -> None:
    family.built()
    library = family.root / "family/lib/libBase.so.1"
    library.unlink()
    assert family.built().steps == []  # the build tree still has it
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"
    library.write_bytes(b"damaged")  # and with it, the linked file of the build tree
    done = family.built()
    assert done.count("Linking C shared library lib/libBase.so.1") == 1
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"


def test_what_a_failed_build_had_finished_is_kept(family: Family) -> None:
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    family.edit("upper/src/Upper.c", "base_add(a, b)", "base_add(a, d)")
    assert family.build("-v").status == 7
    family.built("Base")
    family.edit("upper/src/Upper.c", "base_add(a, d)", "base_add(a, b)")
    done = family.built()
    assert done.count("Building C object base") == 0 and done.count("Linking C shared library lib/libBase") == 0
    assert family.call("upper.upper_mix(7, 5, 2)") == "11"


def test_an_option_reaches_the_library_and_is_explained(family: Family) -> None:
    family.built()
    done = family.built(env={"GREETING": "good day"})
    assert "Base: GREETING hello -> good day (environment GREETING)" in done.out
    assert "base/CMakeFiles/Base.dir/src/Greeting.c.o" in done.out and done.count("Building C object upper") == 0
    assert family.call("base.base_greeting()") == "b'good day'"
    done = family.built()
    assert "Base: GREETING good day -> hello (the default, no longer environment GREETING)" in done.out
    assert family.call("base.base_greeting()") == "b'hello'"


def test_a_definition_that_is_no_longer_given_is_taken_back(family: Family) -> None:
    family.built("-D", "CMAKE_C_STANDARD=99")
    done = family.built()
    assert "CMAKE_C_STANDARD is gone; it was 99" in done.out
    cache = (family.root / "build/release/CMakeCache.txt").read_text(encoding="utf-8")
    assert "CMAKE_C_STANDARD:" not in cache


def test_one_library_with_and_without_its_needs(family: Family) -> None:
    family.built("Base")
    assert "family/lib/libBase.so.1" in family.journal() and "family/lib/libUpper.so.1" not in family.journal()
    done = family.built("--only", "Upper")
    assert done.count("Building C object upper") == 1
    assert "configure" not in done.out  # another selection is no other configuration
    assert "family/lib/libUpper.so.1" in family.journal() and "family/lib/libBase.so.1" in family.journal()


def test_configurations_stand_side_by_side(family: Family) -> None:
    family.built()
    family.built("--config", "debug")
    assert "debug = True" in (family.root / "family/version.py").read_text(encoding="utf-8")
    done = family.built()
    assert done.steps == []
    assert "debug = False" in (family.root / "family/version.py").read_text(encoding="utf-8")
    assert "debug = True" not in family.built(env={"DEBUG": "0"}).out


def test_another_build_folder(family: Family) -> None:
    family.built("--build-dir", str(family.root / "else where"))
    assert (family.root / "else where/release/build.ninja").is_file()
    assert not (family.root / "build").exists()
    assert family.call("upper.upper_mix(1, 1, 1)") == "1"


def test_a_library_that_leaves_the_manifest_leaves_the_package(family: Family) -> None:
    family.built()
    text = (family.root / "libraries.toml").read_text(encoding="utf-8")
    (family.root / "libraries.toml").write_text(text[: text.index("[library.Upper]")], encoding="utf-8")
    family.built()
    assert not (family.root / "family/lib/libUpper.so.1").exists()
    assert not (family.root / "family/lib/include/Upper").exists()


def test_a_moved_checkout_builds_again(family: Family) -> None:
    family.built()
    moved = Family(family.root.with_name("moved"))
    family.root.rename(moved.root)
    done = moved.built()
    assert "source folder:" in done.out
    assert moved.call("upper.upper_mix(7, 5, 2)") == "10"


def test_a_dry_run_changes_nothing(family: Family) -> None:
    done = family.built("--dry-run", "-v")
    assert "publish family/lib/libBase.so.1 (library of Base)" in done.out
    assert not (family.root / "build").exists() and not (family.root / "family").exists()


def test_clean_deletes_only_what_builds_wrote(family: Family) -> None:
    family.built()
    family.built("--config", "debug")
    mine = family.root / "family/lib/mine.txt"
    mine.write_text("mine", encoding="utf-8")
    (family.root / "build/notes").mkdir()
    listed = family.built("clean", "--dry-run").out
    lines = listed.splitlines()
    assert len(lines) == len(set(lines))
    assert f"would delete {family.root / 'family/lib/libBase.so.1'}" in listed and (family.root / "build/release").is_dir()
    family.built("clean")
    assert mine.is_file() and (family.root / "build/notes").is_dir()
    assert sorted(path.name for path in (family.root / "family").rglob("*") if path.is_file()) == ["mine.txt"]
    assert [path.name for path in (family.root / "build").iterdir()] == ["notes"]


def test_a_foreign_folder_is_not_taken_for_a_build_tree(family: Family) -> None:
    shutil.copytree(family.root / "base", family.root / "build/release")
    done = family.build()
    assert done.status == 1
    assert "but not the tag CACHEDIR.TAG" in done.err


def test_c_tests_run_on_demand(family: Family) -> None:
    done = family.built("test", "Base")
    assert "1 of 1 passed" in done.out
    family.edit("base/tests/test_base.c", "== 5", "== 6")
    done = family.build("test", "Base")
    assert done.status != 0
    assert "0 of 1 passed" in done.out and done.status == 14


def test_quiet_builds_print_nothing(family: Family) -> None:
    done = family.built("-q")
    assert (done.out, done.err) == ("", "")


def test_tools_of_another_temporary_environment_recompile_nothing(family: Family, tmp_path: Path) -> None:
    context = Context(resolve(BUILTIN, os.environ, ()), os.environ)
    for place in ("one", "two"):
        folder = tmp_path / place
        folder.mkdir()
        for name in ("cmake", "ninja"):
            tool = DETECTORS[name](context)
            assert isinstance(tool, Found)
            (folder / name).symlink_to(tool.path)
        done = family.built(env={"CMAKE": str(folder / "cmake"), "NINJA": str(folder / "ninja")})
        shutil.rmtree(folder)
    assert done.steps == []
    assert f"ninja: {tmp_path}/one/ninja" in done.out and f"-> {tmp_path}/two/ninja" in done.out
