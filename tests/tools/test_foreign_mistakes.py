"""Mistakes of and about other people's projects: each is named, with the manifest's line and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Family

HEAD = '[framework]\nname = "others"\nversion = "1.0"\n\n'
CMAKE = "cmake_minimum_required(VERSION 3.10)\nproject({name} NONE)\n"
INSTALLS = (
    'file(WRITE "${CMAKE_BINARY_DIR}/made.txt" "made")\ninstall(FILES "${CMAKE_BINARY_DIR}/made.txt" DESTINATION share)\n'
)

Others = Callable[..., Family]


@pytest.fixture
def others(tmp_path: Path) -> Others:
    """A family of projects without a language: name -> what its CMakeLists.txt holds after project()."""

    def make(manifest: str, **projects: str) -> Family:
        for name, text in projects.items():
            (tmp_path / "others" / name).mkdir(parents=True)
            (tmp_path / "others" / name / "CMakeLists.txt").write_text(CMAKE.format(name=name) + text, encoding="utf-8")
        (tmp_path / "others/libraries.toml").write_text(HEAD + manifest, encoding="utf-8")
        return Family(tmp_path / "others")

    return make


def told(family: Family, status: int, line: int, *words: str, arguments: tuple[str, ...] = ()) -> str:
    """Builds, and looks for the manifest's line and for words in the error."""
    done = family.build(*arguments)
    assert done.status == status, done.out + done.err
    assert f"error: {family.root / 'libraries.toml'}:{line}: " in done.err, done.err
    for word in words:
        assert word in done.err, done.err
    return done.err


def test_a_missing_install_rule_and_its_remedy(others: Others) -> None:
    family = others('[project.one]\nsource = "one"\n', one='file(WRITE "${CMAKE_BINARY_DIR}/made.txt" "made")\n')
    told(
        family, 8, 5, "one was built and installs nothing: it has no install rule.", 'install = { "libNAME.a" = "lib/libNAME.a"'
    )
    family.edit("libraries.toml", 'source = "one"', 'source = "one"\ninstall = { "made.txt" = "share/one.txt", "gone" = "x" }')
    told(family, 8, 7, "gone, which one should install, is neither in", "correct the left side")
    family.edit("libraries.toml", ', "gone" = "x"', "")
    family.built()
    assert (family.root / "build/release/prefix/share/one.txt").read_text(encoding="utf-8") == "made"


def test_what_is_installed_outside_of_the_prefix(others: Others) -> None:
    outside = 'install(FILES CMakeLists.txt DESTINATION "${PLACE}")\n'
    family = others('[project.one]\nsource = "one"\n', one=f"set(PLACE /etc/one CACHE PATH place)\n{outside}{INSTALLS}")
    told(family, 8, 5, "one installs outside of the prefix: /etc/one/CMakeLists.txt", '"-DITS_VARIABLE={prefix}/etc"')
    assert not (family.root / "build/release/prefix/share").exists()
    family.edit("libraries.toml", 'source = "one"', 'source = "one"\ncmake = ["-DPLACE={prefix}/etc"]')
    family.built()
    assert (family.root / "build/release/prefix/etc/CMakeLists.txt").is_file()


def test_a_product_that_never_appears(others: Others) -> None:
    family = others('[project.one]\nsource = "one"\nproduces = ["share/made.text"]\n', one=INSTALLS)
    told(family, 8, 7, "one should produce share/made.text, and did not.", "It installed share/made.txt.")


def test_two_projects_with_one_file(others: Others) -> None:
    text = '[project.one]\nsource = "one"\n[project.two]\nsource = "two"\nneeds = ["one"]\n'
    told(others(text, one=INSTALLS, two=INSTALLS), 8, 7, "two installs share/made.txt, which one has already installed")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["configure.ac"], "holds no CMakeLists.txt: its own build is GNU autotools"),
        (["meson.build"], "holds no CMakeLists.txt: its own build is Meson"),
        (["cmake/CMakeLists.txt"], "one of its folders does: write `one/cmake`"),
        ([], "holds no CMakeLists.txt"),
    ],
)
def test_a_project_that_is_not_cmake(others: Others, files: list[str], words: str) -> None:
    family = others('[project.one]\nsource = "one"\n', two="")
    (family.root / "one").mkdir()
    for name in files:
        (family.root / "one" / name).parent.mkdir(exist_ok=True)
        (family.root / "one" / name).touch()
    told(family, 4, 6, words)


def test_a_circle(others: Others) -> None:
    text = '[project.one]\nsource = "one"\nneeds = ["two"]\n[project.two]\nsource = "two"\nneeds = ["one"]\n'
    told(others(text, one="", two=""), 4, 7, "in a circle: one -> two -> one", "take one of these names out")


def test_what_is_not_wanted(others: Others) -> None:
    text = (
        '[option.WITH_ONE]\ntype = "bool"\ndefault = "OFF"\ndoc = "d"\n'
        '[project.one]\nsource = "one"\nwhen = ["WITH_ONE"]\n'
        '[project.two]\nsource = "two"\nconfigurations = ["debug"]\n'
        '[project.three]\nsource = "three"\n'
    )
    family = others(text, one=INSTALLS, two=INSTALLS.replace("made", "two"), three=INSTALLS.replace("made", "three"))
    assert "built three in" in family.built().out
    assert "one is not wanted here: WITH_ONE=OFF (default)." in family.build("one").err
    assert "built one, three in" in family.built("-D", "WITH_ONE=ON").out
    family.edit("libraries.toml", 'source = "three"', 'source = "three"\nneeds = ["two"]')
    told(family, 4, 17, "three needs two, which is not wanted here", "give three the same `when` and `configurations` as two")
    family.edit("libraries.toml", 'when = ["WITH_ONE"]', 'when = ["WITH_TWO"]')
    told(family, 4, 11, "one is wanted by the option WITH_TWO, which is not in this file. Did you mean WITH_ONE?")


def test_products_without_a_place(others: Others) -> None:
    text = '[project.one]\nsource = "one"\nproducts = { "share/made.txt" = "p/made.txt" }\n'
    told(others(text, one=INSTALLS), 4, 7, "one publishes `products`, and [framework] does not say where")


def test_a_project_fails_to_configure(others: Others) -> None:
    family = others('[project.one]\nsource = "one"\n', one='message(FATAL_ERROR "no such thing")\n')
    done = family.build()
    assert done.status == 6 and "cmake could not configure one" in done.err and "no such thing" in done.err
    line = (family.root / "libraries.toml").read_text(encoding="utf-8").splitlines().index("[project.one]") + 1
    assert f"name that one in `needs` of [project.one] ({family.root}/libraries.toml:{line})" in done.err


def test_a_graph_on_both_sides_of_a_project(family: Family) -> None:
    (family.root / "alone").mkdir()
    (family.root / "alone/CMakeLists.txt").write_text(CMAKE.format(name="alone") + INSTALLS, encoding="utf-8")
    with (family.root / "libraries.toml").open("a", encoding="utf-8") as file:
        file.write('[project.alone]\nsource = "alone"\nneeds = ["Base"]\n')
    family.edit("libraries.toml", 'needs = ["Base"]\nproducts', 'needs = ["Base", "alone"]\nproducts')
    line = len((family.root / "libraries.toml").read_text(encoding="utf-8").splitlines())
    told(family, 4, line, "alone is a project of its own between Base and Upper of the one graph")


def test_both_kinds_in_one_manifest(family: Family) -> None:
    """A project before the one graph, and one behind it that finds what the graph installs."""
    for name, text in {
        "early": "install(FILES early.h DESTINATION include)\n",
        "late": f"find_package(Base 1.2 CONFIG REQUIRED)\n{INSTALLS}",
    }.items():
        (family.root / name).mkdir()
        (family.root / name / "CMakeLists.txt").write_text(CMAKE.format(name=name) + text, encoding="utf-8")
    (family.root / "early/early.h").write_text("#define EARLY 40\n", encoding="utf-8")
    told_where = "target_include_directories(Base PRIVATE ${EARLY})"
    family.edit("base/CMakeLists.txt", "torch_export_library", f"{told_where}\ntorch_export_library")
    family.edit("base/src/Base.c", "int base_add(", "#include <early.h>\n\nint base_add(")
    family.edit("base/src/Base.c", "return a + b;", "return a + b + EARLY;")
    family.edit("libraries.toml", 'cmake = ["-D', 'needs = ["early"]\ncmake = ["-DEARLY={prefix}/include", "-D')
    with (family.root / "libraries.toml").open("a", encoding="utf-8") as file:
        file.write('[project.early]\nsource = "early"\n[project.late]\nsource = "late"\nneeds = ["Base"]\n')
        file.write('products = { "share/made.txt" = "family/lib/made.txt" }\n')
    done = family.built()
    assert family.call("upper.upper_mix(7, 5, 2)") == "50"
    assert list((family.root / "build/release/prefix").rglob("BaseConfig.cmake"))
    assert family.journal()["family/lib/made.txt"]["owner"] == "late"
    assert done.out.index("early: configured") < done.out.index("Building C object base") < done.out.index("late: configured")
    assert "nothing to do" in family.built().out
    (family.root / "early/early.h").write_text("#define EARLY 41\n", encoding="utf-8")
    done = family.built()
    assert done.count("Building C object base") == 1 and family.call("upper.upper_mix(7, 5, 2)") == "51"
    assert "late: configured" not in done.out


def test_the_example_is_in_the_manual() -> None:
    manual = (ROOT / "docs/manifest.md").read_text(encoding="utf-8")
    for line in (ROOT / "tests/packages/zoo/libraries.toml").read_text(encoding="utf-8").splitlines():
        assert line in manual
