"""A changed, added or removed option configures exactly the libraries that it affects, also after a failure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from orchestrator.detect import Detection, Found, Missing
from orchestrator.fingerprint import Fingerprint, fingerprint, texts
from orchestrator.manifest import Library
from orchestrator.options import BUILTIN, OptionSpec, OptionType
from orchestrator.session import BuildRequest, open_session

from .conftest import Family

_GREETING = OptionSpec("GREETING", OptionType.TEXT, "hello", "", scoped=True)
_SPECS = (*BUILTIN, _GREETING)
_FOUND: dict[str, Detection] = {
    "compiler": Found("compiler", "gcc 12.2.0", Path("/cc"), "PATH", {"c": sys.executable, "cxx": sys.executable}),
    "cmake": Found("cmake", "3.25.1", Path("/tools/cmake"), "PATH", {"program": "/tools/cmake"}),
    "ninja": Found("ninja", "1.13.2", Path("/tools/ninja"), "PATH", {"program": "/tools/ninja"}),
    "cuda": Missing("cuda", "off", required=False),
}


@dataclass
class World:
    """Where options are said: the environment, the command line, or the user's file."""

    family: Family
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        for spec in _SPECS:
            for name in spec.names():
                self.monkeypatch.delenv(name, raising=False)

    def say(self, origin: str, name: str, value: str | None) -> tuple[Fingerprint, tuple[Library, ...]]:
        """The fingerprint with this one thing said, or (None) nothing."""
        file = self.family.root / "build_options.toml"
        file.unlink(missing_ok=True)
        defines: tuple[str, ...] = ()
        if origin == "environment":
            self.monkeypatch.setenv(name, value) if value is not None else self.monkeypatch.delenv(name, raising=False)
        elif value is not None and origin == "command line":
            defines = (f"{name}={value}",)
        elif value is not None:
            file.write_text(f"[options]\n'{name}' = '{value}'\n", encoding="utf-8")
        session = open_session(BuildRequest(root=self.family.root, config="release", defines=defines))
        plan, found = session.plan(_FOUND, dry_run=True)
        return fingerprint(plan, found), session.graph.order


@pytest.fixture
def world(family: Family, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("one", "two"):
        (family.root / name).write_text(f"# {name}\n", encoding="utf-8")
    return World(family, monkeypatch)


def values(spec: OptionSpec, root: Path) -> tuple[str, str]:
    if spec.name == "CMAKE_TOOLCHAIN_FILE":
        return str(root / "one"), str(root / "two")
    demands = spec.type is OptionType.TRISTATE and "compiler" not in spec.affects  # ON is an error: nobody here has it
    return {
        OptionType.BOOL: ("OFF", "ON") if spec.default == "ON" else ("ON", "OFF"),
        OptionType.TRISTATE: ("OFF", "AUTO") if demands else ("ON", "OFF"),
        OptionType.INT: ("3", "4"),
    }.get(spec.type, ("/first", "/second"))


@pytest.mark.parametrize("origin", ["environment", "command line", "file"])
@pytest.mark.parametrize("spec", _SPECS, ids=lambda spec: spec.name)
def test_exactly_the_affected_libraries_change(world: World, spec: OptionSpec, origin: str) -> None:
    first, second = values(spec, world.family.root)
    steps = [None, first, second, None]
    states = [world.say(origin, spec.name, value) for value in steps]
    libraries = states[0][1]
    for (before, _), (after, _), said, now in zip(states, states[1:], steps, steps[1:], strict=False):
        changes = after.differences(before.to_json())
        differs = (said or spec.default) != (now or spec.default)
        expected = set(spec.affected(libraries)) if differs else set()
        assert {change.scope for change in changes if change.scope} == expected
        # An option explains what follows from it: no second line about the tree.
        assert [change.name for change in changes if not change.scope] == []
        for change in changes:
            assert (change.name, change.before, change.after) == (spec.name, said or spec.default, now or spec.default)
            assert change.cause.startswith(f"option {spec.name}, from ") and origin in change.cause


def scoped() -> Iterator[tuple[str, str, str, str]]:
    for spec in _SPECS:
        for library in ("Base", "Upper"):
            for origin in ("command line", "file") if spec.scoped and (spec is not _GREETING or library == "Base") else ():
                first, second = values(spec, Path("/"))
                yield origin, f"{library}:{spec.name}", first, second


@pytest.mark.parametrize(("origin", "name", "first", "second"), list(scoped()))
def test_what_is_said_for_one_library_changes_one(world: World, origin: str, name: str, first: str, second: str) -> None:
    states = [world.say(origin, name, value)[0] for value in (None, first, second, None)]
    for before, after in pairwise(states[:3]):
        assert {change.scope for change in after.differences(before.to_json())} == {name.partition(":")[0]}
    assert states[3].differences(states[0].to_json()) == ()


def test_the_same_change_in_several_libraries_is_one_line(world: World) -> None:
    before, after = world.say("environment", "WERROR", None)[0], world.say("environment", "WERROR", "1")[0]
    assert texts(after.differences(before.to_json())) == ("Base, Upper: WERROR OFF -> ON (environment WERROR)",)
    assert texts(before.differences(after.to_json())) == (
        "Base, Upper: WERROR ON -> OFF (the default, no longer environment WERROR)",
    )


def flags(family: Family, config: str = "release") -> dict[str, str]:
    data = json.loads((family.root / f"build/{config}/compile_commands.json").read_text(encoding="utf-8"))
    return {Path(item["file"]).name: item["command"] for item in data}


def test_one_library_in_debug_and_back(family: Family) -> None:
    family.built()
    done = family.built("-D", "Upper:DEBUG=1", "-D", "Upper:CFLAGS=-DEXTRA")
    assert "Upper: DEBUG is new: ON (command line)" in done.out and "Base:" not in done.out
    assert {step.split()[3].split("/")[0] for step in done.steps if step.startswith("Building")} == {"upper"}
    assert "-DEXTRA -g " in flags(family)["Upper.c"] and "-O3" not in flags(family)["Upper.c"]
    assert "-O3" in flags(family)["Base.c"] and "EXTRA" not in flags(family)["Base.c"]
    assert family.built("--again").steps == []
    assert "-DEXTRA" in flags(family)["Upper.c"]
    done = family.built()
    assert "Upper: DEBUG is gone; it was ON (the default, no longer command line)" in done.out
    assert "-O3" in flags(family)["Upper.c"] and "EXTRA" not in flags(family)["Upper.c"]


def test_the_user_s_file_comes_changes_and_goes(family: Family) -> None:
    family.built()
    family.built()  # the fast path has its record
    file = family.root / "build_options.toml"
    for text, greeting in (
        ('[options]\nGREETING = "one"\n', "one"),
        ('[Base]\nGREETING = "another"\n', "another"),
        ("", "hello"),
    ):
        file.write_text(text, encoding="utf-8")
        done = family.built()
        assert f"-> {greeting} (" in done.out and done.count("Building C object upper") == 0
        assert family.call("base.base_greeting()") == f"b'{greeting}'"
        assert "nothing to do" in family.built().out
    file.write_text('[options]\nGREETING = "last"\n', encoding="utf-8")
    family.built()
    file.unlink()
    assert "no longer file build_options.toml line 2" in family.built().out


def test_after_a_failed_configuration_the_next_one_happens(family: Family) -> None:
    family.built()
    family.edit(
        "base/CMakeLists.txt", "torch_export_library(Base)", 'message(FATAL_ERROR "no luck")\ntorch_export_library(Base)'
    )
    assert family.build("-D", "CMAKE_C_STANDARD=99", "-D", "GREETING=x").status == 6
    assert family.build().status == 6  # what was asked is what was built; what cmake knows is something else
    family.edit("base/CMakeLists.txt", 'message(FATAL_ERROR "no luck")\n', "")
    assert "did not come to its end" in family.built().out
    cache = (family.root / "build/release/CMakeCache.txt").read_text(encoding="utf-8")
    assert "CMAKE_C_STANDARD:" not in cache
    assert family.call("base.base_greeting()") == "b'hello'"
    (family.root / "build/release/libraries/Base.cmake").write_text("set(BASE_GREETING edited)\n", encoding="utf-8")
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 0;")
    family.built("-q", "--only", "Base", "-D", "MAX_JOBS=1")
    assert family.call("base.base_greeting()") == "b'hello'"


def test_fresh(family: Family) -> None:
    family.built()
    mine = family.root / "build/notes.txt"
    mine.write_text("mine", encoding="utf-8")
    done = family.built("--fresh", "Upper")
    assert "Upper is made anew, as --fresh asks" in done.out
    assert done.count("Building C object upper") == 1 and done.count("Building C object base") == 0
    assert (family.root / "build/release/upper/UpperConfig.cmake").is_file()
    done = family.built("--fresh", "-v")
    assert done.count("Building C object") == 3 and " --fresh " in done.out
    assert mine.read_text(encoding="utf-8") == "mine"
    assert family.build("--fresh", "Uper").status == 2
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"


def test_a_toolchain_file_and_its_content(family: Family) -> None:
    toolchain = family.root / "toolchain.cmake"
    toolchain.write_text("set(CMAKE_C_FLAGS_INIT -DFROM_TOOLCHAIN=1)\n", encoding="utf-8")
    asked = ("-v", "-D", "CMAKE_TOOLCHAIN_FILE=toolchain.cmake", "-D", "CFLAGS=-DMINE")
    family.built(*asked)
    assert "-DFROM_TOOLCHAIN=1 -DMINE" in flags(family)["Base.c"]
    assert "nothing to do" in family.built(*asked).out
    toolchain.write_text("set(CMAKE_C_FLAGS_INIT -DFROM_TOOLCHAIN=2)\n", encoding="utf-8")
    done = family.built(*asked)
    assert "toolchain file:" in done.out and " --fresh " in done.out
    assert "-DFROM_TOOLCHAIN=2 -DMINE" in flags(family)["Base.c"]
    assert "there is no such file" in family.build("-D", "CMAKE_TOOLCHAIN_FILE=gone.cmake").err
