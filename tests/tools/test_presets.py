"""CMakePresets.json: the same configurations as the orchestrator's, in trees of their own, usable by plain cmake."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from orchestrator.options.configurations import BUILTIN_CONFIGURATIONS, Configuration

from .conftest import ROOT, Family

PRESETS: dict[str, Any] = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
BY_NAME: dict[str, dict[str, Any]] = {preset["name"]: preset for preset in PRESETS["configurePresets"]}


def variables(name: str) -> dict[str, str]:
    """The cache variables of a preset, with what it inherits."""
    preset = BY_NAME[name]
    inherited = variables(preset["inherits"]) if "inherits" in preset else {}
    return {**inherited, **preset.get("cacheVariables", {})}


def differences(configuration: Configuration, given: Mapping[str, str]) -> list[str]:
    """Which variables of a preset are not those of the configuration."""
    wanted = {
        "CMAKE_BUILD_TYPE": configuration.build_type,
        "CMAKE_C_FLAGS": configuration.cflags,
        "CMAKE_CXX_FLAGS": configuration.cxxflags,
        "CMAKE_SHARED_LINKER_FLAGS": configuration.ldflags,
        "CMAKE_MODULE_LINKER_FLAGS": configuration.ldflags,
        "CMAKE_EXE_LINKER_FLAGS": configuration.ldflags,
    }
    return [f"{name}: {given.get(name, '')!r}, not {value!r}" for name, value in wanted.items() if given.get(name, "") != value]


@pytest.mark.parametrize("name", sorted(BUILTIN_CONFIGURATIONS))
def test_each_configuration_has_its_preset(name: str) -> None:
    assert differences(BUILTIN_CONFIGURATIONS[name], variables(name)) == []
    assert {"name": name, "configurePreset": name} in PRESETS["buildPresets"]
    assert any(preset["configurePreset"] == name for preset in PRESETS["testPresets"])


def test_a_difference_is_noticed() -> None:
    given = variables("asan")
    assert differences(BUILTIN_CONFIGURATIONS["tsan"], given) != []
    assert differences(BUILTIN_CONFIGURATIONS["asan"], {**given, "CMAKE_BUILD_TYPE": "Release"}) != []


def test_the_trees_are_not_the_orchestrators() -> None:
    assert BY_NAME["base"]["binaryDir"] == "${sourceDir}/build/ide/${presetName}"
    assert all("binaryDir" not in preset for name, preset in BY_NAME.items() if name != "base")


def test_plain_cmake_configures_builds_and_tests(family: Family) -> None:
    shutil.copy(ROOT / "CMakePresets.json", family.root)
    family.built("--config", "debug")
    for command in (
        ["cmake", "--preset", "debug"],
        ["cmake", "--build", "--preset", "debug"],
        ["cmake", "--build", "--preset", "debug", "--target", "Base_tests"],
        ["ctest", "--test-dir", "build/ide/debug/base", "--no-tests=error"],
    ):
        done = subprocess.run(command, cwd=family.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (family.root / "build/ide/debug/lib/libUpper.so.1").is_file()
    # Neither knows of the other.
    assert "nothing to do" in family.built("--config", "debug").out
    left = family.built("clean", "--dry-run").out
    assert f"left alone: {family.root / 'build/ide'}" in left
