"""The ledger: types, origins, aliases, and names that nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orchestrator.errors import OptionError
from orchestrator.options import BUILTIN, OptionSpec, OptionType, environment_names, resolve

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


@given(st.sampled_from([spec for spec in SPECS if spec.type is OptionType.BOOL]), st.booleans(), st.booleans())
def test_any_switch_from_any_origin(spec: OptionSpec, outer: bool, inner: bool) -> None:
    environ = {spec.name: str(int(outer))}
    resolved = resolve(SPECS, environ, [f"{spec.name}={int(inner)}"]).values[spec.name]
    assert resolved.on is inner and resolved.origin == "command line"
    assert resolve(SPECS, environ, ()).values[spec.name].on is outer
