"""Configurations: what is compiled how. Each has a build tree of its own, build/NAME, beside the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.errors import BuildError, nearest
from orchestrator.options import Setting

__all__ = [
    "BUILD_TYPES",
    "BUILTIN_CONFIGURATIONS",
    "Configuration",
    "Described",
    "all_configurations",
    "describe",
    "with_lines",
]

BUILD_TYPES = ("Release", "Debug", "RelWithDebInfo", "MinSizeRel")
# Folders beside the build trees that are something else.
_RESERVED = ("fast", "ide", "wheels")


@dataclass(frozen=True)
class Configuration:
    """Build type and flags of a build tree.

    `cflags`, `cxxflags` and `ldflags` come before the options of these names. `preload` are runtime libraries of the compiler
    that must be loaded first into a program that was not built with them (Python), `environment` what its runs should be given.
    `settings` are options that it sets.
    """

    name: str
    summary: str
    build_type: str
    cflags: str = ""
    cxxflags: str = ""
    ldflags: str = ""
    preload: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    settings: tuple[Setting, ...] = ()
    origin: str = "built in"

    def to_json(self) -> dict[str, Any]:
        """What decides how things are compiled."""
        return {"build_type": self.build_type, "cflags": self.cflags, "cxxflags": self.cxxflags, "ldflags": self.ldflags}

    def describe(self) -> str:
        """One line: build type and flags."""
        flags = {"C": self.cflags, "C++": self.cxxflags, "link": self.ldflags}
        if self.cflags == self.cxxflags:
            flags = {"C and C++": self.cflags, "link": self.ldflags}
        said = [f"{title}: {text}" for title, text in flags.items() if text]
        return "; ".join([self.build_type, *said])


def _instrumented(name: str, summary: str, flags: str, preload: str = "", **environment: str) -> Configuration:
    compile_flags = f"-O1 -fno-omit-frame-pointer {flags}" if preload else flags
    pairs = tuple(environment.items())
    # With the C++ runtime, which the sanitizer's has to find before the first exception is thrown.
    runtimes = (preload, "libstdc++.so") if preload else ()
    return Configuration(name, summary, "Debug", compile_flags, compile_flags, flags.split()[0], runtimes, pairs)


# Debug: the checks that NDEBUG removes belong to a run under a sanitizer. Python is not built with it and does not free all at
# its end, hence the preloaded runtime and detect_leaks=0.
BUILTIN_CONFIGURATIONS: Mapping[str, Configuration] = {
    configuration.name: configuration
    for configuration in (
        Configuration("release", "optimised; what ships", "Release"),
        Configuration("debug", "no optimisation, all checks, debug information", "Debug"),
        Configuration("relwithdebinfo", "optimised, with debug information", "RelWithDebInfo"),
        _instrumented("asan", "finds wrong memory accesses", "-fsanitize=address", "libasan.so", ASAN_OPTIONS="detect_leaks=0"),
        _instrumented(
            "ubsan",
            "finds undefined behaviour",
            "-fsanitize=undefined -fno-sanitize-recover=undefined",
            "libubsan.so",
            UBSAN_OPTIONS="print_stacktrace=1",
        ),
        _instrumented("tsan", "finds data races", "-fsanitize=thread", "libtsan.so", TSAN_OPTIONS="halt_on_error=1"),
        _instrumented("coverage", "counts which lines run, for gcov", "--coverage -fprofile-update=atomic"),
    )
}


def with_lines(configuration: Configuration) -> Configuration:
    """The same code with tables of source lines: the least that a debugger needs to show a place, and no byte that runs."""
    return replace(
        configuration, cflags=f"{configuration.cflags} -g1".strip(), cxxflags=f"{configuration.cxxflags} -g1".strip()
    )


@dataclass(frozen=True)
class Described:
    """A configuration as a file describes it. `fail` makes the file's error for a key."""

    name: str
    inherits: str
    table: Mapping[str, Any]
    settings: tuple[Setting, ...]
    origin: str
    fail: Callable[[str, str], BuildError]


def describe(
    name: str, table: Mapping[str, Any], settings: tuple[Setting, ...], origin: str, fail: Callable[[str, str], BuildError]
) -> Described:
    """Checks what stands in [config.NAME]; keys and types are checked by the reader of the file."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise fail("", f"`{name}` cannot name a configuration: small letters, digits, - and _, because a folder has this name")
    if name in _RESERVED:
        raise fail("", f"`{name}` cannot name a configuration: build/{name} is something else")
    if name in BUILTIN_CONFIGURATIONS:
        raise fail("", f"`{name}` is a built-in configuration; choose another name and write inherits = {name!r}")
    kind = table.get("build-type", "")
    if kind and kind not in BUILD_TYPES:
        raise fail(
            "build-type", f"`build-type` must be one of {', '.join(BUILD_TYPES)}, found {kind!r}.{nearest(kind, BUILD_TYPES)}"
        )
    return Described(name, table.get("inherits") or "release", table, settings, origin, fail)


def all_configurations(described: Iterable[Described]) -> dict[str, Configuration]:
    """The built-in ones and those of the files, each with what it inherits. A later file may not take an earlier name."""
    made = dict(BUILTIN_CONFIGURATIONS)
    pending: dict[str, Described] = {}
    for item in described:
        if item.name in pending:
            raise item.fail("", f"the configuration `{item.name}` is already described in {pending[item.name].origin}")
        pending[item.name] = item

    def make(name: str, asked: tuple[str, ...]) -> Configuration:
        if name in made:
            return made[name]
        item = pending[name]
        parent = item.inherits
        if parent in (*asked, name):
            raise item.fail("inherits", f"configurations inherit in a circle: {' -> '.join((*asked, name, parent))}")
        if parent not in made and parent not in pending:
            known = [*made, *pending]
            raise item.fail("inherits", f"there is no configuration `{parent}`.{nearest(parent, known)}")
        made[name] = _inherit(make(parent, (*asked, name)), item)
        return made[name]

    for name in pending:
        make(name, ())
    return made


def _inherit(parent: Configuration, item: Described) -> Configuration:
    table = item.table
    own = {(setting.scope, setting.name) for setting in item.settings}
    kept = tuple(setting for setting in parent.settings if (setting.scope, setting.name) not in own)
    return replace(
        parent,
        name=item.name,
        summary=table.get("summary") or f"like {parent.name}",
        build_type=table.get("build-type") or parent.build_type,
        cflags=f"{parent.cflags} {table.get('cflags', '')}".strip(),
        cxxflags=f"{parent.cxxflags} {table.get('cxxflags', '')}".strip(),
        ldflags=f"{parent.ldflags} {table.get('ldflags', '')}".strip(),
        settings=(*kept, *item.settings),
        origin=item.origin,
    )
