"""The ledger: types, origins, aliases, and names that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orchestrator.detect import DETECTORS
from orchestrator.errors import OptionError
from orchestrator.manifest import load_manifest
from orchestrator.options import BUILTIN, OptionSpec, OptionType, environment_names, resolve
from orchestrator.options.optionspec import RUN, TOOLS, TREE
from orchestrator.options.optiontable import GROUPS
from orchestrator.plan import check_features

LEVELS = OptionSpec("LEVELS", OptionType.LIST, "A;B", "Levels.")
MODE = OptionSpec("MODE", OptionType.CHOICE, "fast", "Mode.", choices=("fast", "small"))
SPECS = (*BUILTIN, LEVELS, MODE)


def value(name: str, environ: dict[str, str] | None = None, *defines: str) -> tuple[str, str]:
    option = resolve(SPECS, environ or {}, defines).values[name]
    return option.value, option.origin


def test_the_command_line_wins_over_the_environment_over_the_default() -> None:
    assert value("BLAS") == ("auto", "default")
    assert value("BLAS", {"BLAS": "none"}) == ("none", "environment BLAS")
    assert value("BLAS", {"BLAS": "none"}, "BLAS=openblas") == ("openblas", "command line")


@pytest.mark.parametrize("text", ["0", "off", "no", "False", "N"])
def test_classic_ways_to_say_off(text: str) -> None:
    assert value("DEBUG", {"DEBUG": text})[0] == "OFF"


@pytest.mark.parametrize("text", ["1", "on", "YES", "true", "y"])
def test_classic_ways_to_say_on(text: str) -> None:
    assert value("DEBUG", {"DEBUG": text})[0] == "ON"


def test_an_empty_variable_is_not_set() -> None:
    assert value("DEBUG", {"DEBUG": ""}) == ("OFF", "default")


def test_aliases_and_their_opposites() -> None:
    assert value("USE_CUDA", {"WITH_CUDA": "1"}) == ("ON", "environment WITH_CUDA")
    assert value("USE_CUDA", {"NO_CUDA": "1"}) == ("OFF", "environment NO_CUDA")
    assert value("USE_CUDA", {"NO_CUDA": "0"}) == ("AUTO", "default")


def test_two_names_that_disagree() -> None:
    with pytest.raises(OptionError, match="environment USE_CUDA says USE_CUDA=ON, but environment NO_CUDA says USE_CUDA=OFF"):
        value("USE_CUDA", {"USE_CUDA": "1", "NO_CUDA": "1"})


def test_lists_and_choices() -> None:
    assert value("LEVELS", None, "LEVELS=A, C")[0] == "A;C"
    with pytest.raises(OptionError, match=r"must be one of fast, small, found 'smal'\. Did you mean small\?"):
        value("MODE", None, "MODE=smal")


@pytest.mark.parametrize(
    ("define", "words"), [("DEBUG=maybe", "must be ON or OFF"), ("MAX_JOBS=0", "whole number of at least 1")]
)
def test_wrong_values(define: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        value("DEBUG", None, define)


def test_unknown_names() -> None:
    with pytest.raises(OptionError, match=r"there is no option USE_CUDE\. Did you mean USE_CUDA\?"):
        value("DEBUG", None, "USE_CUDE=1")
    (warning,) = resolve(SPECS, {"USE_CUDNA": "1", "BUILD_NUMBER": "7", "NO_COLOR": "1"}, ()).warnings
    assert warning == "environment variable USE_CUDNA=1 is no option and has no effect. Did you mean USE_CUDA?"


def test_cmake_definitions_pass_through() -> None:
    assert resolve(SPECS, {}, ["CMAKE_C_COMPILER_LAUNCHER=ccache"]).cmake == (("CMAKE_C_COMPILER_LAUNCHER", "ccache"),)


def test_each_name_is_watched_and_unique() -> None:
    names = [name for spec in SPECS for name in spec.names()]
    assert len(names) == len(set(names))
    assert set(names) <= set(environment_names(SPECS))


class One:
    name, uses, options = "One", ("compiler", "blas"), ("LEVELS",)


class Two:
    name, uses, options = "Two", ("compiler",), ()


def scoped(*defines: str) -> dict[tuple[str, str], str]:
    options = resolve((*BUILTIN, replace(LEVELS, scoped=True)), {}, defines, libraries=(One(), Two()))
    return {key: item.value for key, item in options.scoped.items()}


def test_a_value_for_one_library() -> None:
    assert scoped("One:LEVELS=A,B", "Two:DEBUG") == {("One", "LEVELS"): "A;B", ("Two", "DEBUG"): "ON"}
    options = resolve(BUILTIN, {}, ("Two:CMAKE_C_STANDARD=99", "CMAKE_X:BOOL=ON"), libraries=(One(), Two()))
    assert options.scoped_cmake == {"Two": (("CMAKE_C_STANDARD", "99"),)} and options.cmake == (("CMAKE_X", "ON"),)


@pytest.mark.parametrize(
    ("define", "words"),
    [
        ("Tow:DEBUG=1", r"there is no library Tow\. Did you mean Two\?"),
        ("Two:LEVELS=A", r"Two does not take the option LEVELS\."),
        ("Two:CC=gcc", "CC is one for all libraries, not for Two alone"),
        ("Two:DEBGU=1", r"there is no option DEBGU\. Did you mean DEBUG\?"),
        ("CMAKE_BUILD_TYPE=Debug", "CMAKE_BUILD_TYPE is set by the option --config NAME, or DEBUG=1"),
        ("Two:CMAKE_C_FLAGS=-g", "CMAKE_C_FLAGS is set by the option CFLAGS"),
    ],
)
def test_mistakes_about_one_library(define: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        scoped(define)


def test_each_option_says_what_it_affects() -> None:
    for spec in BUILTIN:
        words = {RUN, TREE, TOOLS, "distributed", *DETECTORS}
        assert spec.affects and set(spec.affects) <= words, spec.name
        assert spec.group in GROUPS and spec.doc.endswith(".")
        assert spec.default == "" or spec.parse(spec.default, where="") == spec.default


@pytest.mark.parametrize("name", ["USE_CUDA", "WITH_CUDNN", "USE_NCCL", "USE_DISTRIBUTED"])
def test_features_that_nobody_has(write_manifest: Callable[[str], Path], name: str) -> None:
    text = '[framework]\nname = "f"\npackage = "f"\nproducts = "f/lib"\nversion = "1.0"\n[library.One]\nsummary = "s"\n'
    manifest = load_manifest(
        write_manifest(text + 'source = "one"\nversion = "1.0"\nproducts = {}\n'), detectors=tuple(DETECTORS)
    )
    demanded = resolve(BUILTIN, {name: "1"}, ())
    with pytest.raises(OptionError, match=rf"=ON \(environment {name}\), but no library of libraries.toml uses"):
        check_features(manifest, demanded)
    check_features(manifest, resolve(BUILTIN, {name: "0"}, ()))
    check_features(manifest, resolve(BUILTIN, {"NO_CUDA": "1", "NO_CUDNN": "1", "NO_NCCL": "1", "NO_DISTRIBUTED": "1"}, ()))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # which is about the machine
@given(st.sampled_from([spec for spec in SPECS if spec.type is OptionType.BOOL]), st.booleans(), st.booleans())
def test_any_switch_from_any_origin(spec: OptionSpec, outer: bool, inner: bool) -> None:
    environ = {spec.name: str(int(outer))}
    resolved = resolve(SPECS, environ, [f"{spec.name}={int(inner)}"]).values[spec.name]
    assert resolved.on is inner and resolved.origin == "command line"
    assert resolve(SPECS, environ, ()).values[spec.name].on is outer
