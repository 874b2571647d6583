"""The ledger of options: who sets what, and who wins. A resolved option knows its value and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.errors import OptionError, nearest
from orchestrator.machine import processors
from orchestrator.options.optionspec import RUN, OptionSpec, OptionType, Taker
from orchestrator.options.optiontable import BUILTIN

__all__ = [
    "BUILTIN",
    "FAMILIES",
    "OptionSpec",
    "OptionType",
    "OptionValue",
    "Options",
    "Setting",
    "default_jobs",
    "environment_names",
    "resolve",
    "unknown_in",
]

FAMILIES = ("USE_", "WITH_", "NO_", "BUILD_")
"""How the names of switches begin."""
_LIST_STEP = "list the options with: python tools/build_deps.py options"
_CMAKE_TYPES = ("BOOL", "STRING", "PATH", "FILEPATH", "INTERNAL", "UNINITIALIZED")
# Definitions that an option stands for: given past it, the two would fight.
_OPTION_OF = {
    "CMAKE_BUILD_TYPE": "--config NAME, or DEBUG=1",
    "CMAKE_C_COMPILER": "CC",
    "CMAKE_CXX_COMPILER": "CXX",
    "CMAKE_C_FLAGS": "CFLAGS",
    "CMAKE_CXX_FLAGS": "CXXFLAGS",
    "CMAKE_EXE_LINKER_FLAGS": "LDFLAGS",
    "CMAKE_MODULE_LINKER_FLAGS": "LDFLAGS",
    "CMAKE_SHARED_LINKER_FLAGS": "LDFLAGS",
    "CMAKE_MAKE_PROGRAM": "NINJA",
}


@dataclass(frozen=True)
class Setting:
    """What somebody said: an option or a CMAKE_... definition, for one library (`scope`) or for all (an empty one)."""

    scope: str
    name: str
    text: str
    origin: str

    @property
    def label(self) -> str:
        """NAME or LIBRARY:NAME, as on the command line."""
        return f"{self.scope}:{self.name}" if self.scope else self.name


@dataclass(frozen=True)
class OptionValue:
    """A resolved option.

    `origin` says who set it: default, environment NAME, command line, file NAME line N, configuration NAME, or
    last build (ORIGIN).
    """

    spec: OptionSpec
    value: str
    origin: str

    @property
    def on(self) -> bool:
        """True for ON."""
        return self.value == "ON"


@dataclass(frozen=True)
class Options:
    """All options, resolved. `cmake` are `-D CMAKE_...` definitions that go to cmake as they are.

    `scoped` holds what was said for one library, by (library, option); `scoped_cmake` its definitions, by library.
    """

    values: Mapping[str, OptionValue]
    cmake: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    scoped: Mapping[tuple[str, str], OptionValue] = field(default_factory=dict)
    scoped_cmake: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    cmake_origins: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name].value

    def of(self, library: str, name: str) -> OptionValue:
        """The value that counts for the library: its own, else the one for all."""
        return self.scoped.get((library, name), self.values[name])

    def explicit(self, *, run: bool = True) -> tuple[Setting, ...]:
        """All that is not a default, in the ledger's order; without options of the run if `run` is False."""
        said = [Setting("", name, item.value, item.origin) for name, item in self.values.items() if item.origin != "default"]
        said += [Setting(scope, name, item.value, item.origin) for (scope, name), item in self.scoped.items()]
        said = [setting for setting in said if run or self.values[setting.name].spec.affects != (RUN,)]
        for scope, definitions in (("", self.cmake), *self.scoped_cmake.items()):
            said += [Setting(scope, name, value, self.cmake_origins[scope, name]) for name, value in definitions]
        return tuple(said)


def environment_names(specs: Iterable[OptionSpec]) -> tuple[str, ...]:
    """Each environment variable that can change a build."""
    return tuple(sorted({name for spec in specs for name in spec.names()} | {"PATH"}))


def resolve(
    specs: Sequence[OptionSpec],
    environ: Mapping[str, str],
    defines: Sequence[str],
    *,
    libraries: Sequence[Taker] = (),
    layers: Sequence[Sequence[Setting]] = (),
) -> Options:
    """Command line before environment before `layers` in their order before default; a library's own value before that for all.

    Raises OptionError for unknown names, wrong values, and two names of one option that disagree.
    """
    names = tuple(library.name for library in libraries)
    line = tuple(_read_define(define, names) for define in defines)
    known = {name for spec in specs for name in spec.names()}
    variables = tuple(Setting("", name, environ[name], f"environment {name}") for name in sorted(known) if environ.get(name))
    ordered = (line, variables, *layers)
    for setting in (*line, *(item for layer in layers for item in layer)):
        _check(setting, specs, known, libraries)
    slips = unknown_in(environ, known).items()
    values = {spec.name: _first(spec, "", ordered) or OptionValue(spec, spec.default, "default") for spec in specs}
    own = {(scope, spec.name): _first(spec, scope, ordered) for scope in names for spec in specs if spec.scoped}
    cmake: dict[tuple[str, str], Setting] = {}
    for layer in reversed(ordered):
        cmake |= {(item.scope, item.name): item for item in layer if item.name not in known}
    return Options(
        values,
        _definitions(cmake.values(), ""),
        tuple(f"environment variable {name}={environ[name]} is no option and has no effect.{hint}" for name, hint in slips),
        {key: item for key, item in own.items() if item is not None},
        {name: pairs for name in names if (pairs := _definitions(cmake.values(), name))},
        {key: item.origin for key, item in cmake.items()},
    )


def _definitions(settings: Iterable[Setting], scope: str) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.text) for item in settings if item.scope == scope)


def _read_define(define: str, libraries: Sequence[str]) -> Setting:
    """NAME=VALUE, NAME, LIBRARY:NAME=VALUE, or cmake's NAME:TYPE=VALUE."""
    name, equals, value = define.partition("=")
    name = name.strip().removeprefix("-D")
    value = value if equals else "ON"
    scope, colon, rest = name.partition(":")
    if not colon:
        return Setting("", name, value, "command line")
    if scope in libraries:
        return Setting(scope, rest, value, "command line")
    if rest in _CMAKE_TYPES:
        return Setting("", scope, value, "command line")
    text = f"-D {define}: there is no library {scope}.{nearest(scope, libraries)}"
    raise OptionError(text, next_step=f"libraries: {', '.join(libraries)}")


def _check(setting: Setting, specs: Sequence[OptionSpec], known: Iterable[str], libraries: Sequence[Taker]) -> None:
    where = f"-D {setting.label}={setting.text}" if setting.origin == "command line" else f"{setting.origin}: {setting.label}"
    spec = next((spec for spec in specs if setting.name in spec.names()), None)
    if spec is None:
        if setting.name in _OPTION_OF:
            text = f"{where}: {setting.name} is set by the option {_OPTION_OF[setting.name]}."
            raise OptionError(text, next_step=f"use {_OPTION_OF[setting.name]} instead")
        if not setting.name.startswith("CMAKE_"):
            text = f"{where}: there is no option {setting.name}.{nearest(setting.name, known)}"
            raise OptionError(text, next_step=_LIST_STEP)
    library = next((library for library in libraries if library.name == setting.scope), None)
    if setting.scope and library is None:
        text = f"{where}: there is no library {setting.scope}.{nearest(setting.scope, [item.name for item in libraries])}"
        raise OptionError(text, next_step=f"libraries: {', '.join(item.name for item in libraries)}")
    if spec and library:
        if not spec.scoped:
            text = f"{where}: {spec.name} is one for all libraries, not for {setting.scope} alone."
            raise OptionError(text, next_step=f"set {spec.name} without `{setting.scope}:`")
        if not spec.takes(library):
            takers = [other.name for other in libraries if spec.takes(other)]
            text = f"{where}: {setting.scope} does not take the option {spec.name}."
            raise OptionError(text, next_step=f"libraries that take it: {', '.join(takers) or 'none'}")


def _first(spec: OptionSpec, scope: str, layers: Sequence[Sequence[Setting]]) -> OptionValue | None:
    names = spec.names()
    for layer in layers:
        given = {item.name: item for item in layer if item.scope == scope and item.name in names}  # the last of a name counts
        decided = _decide(spec, [given[name] for name in names if name in given])
        if decided is not None:
            return decided
    return None


def _decide(spec: OptionSpec, settings: list[Setting]) -> OptionValue | None:
    inverted = {alias[1:] for alias in spec.aliases if alias.startswith("!")}
    decided: OptionValue | None = None
    for setting in settings:
        value = spec.parse(setting.text, where=setting.origin)
        if setting.name in inverted:
            if value != "ON":  # NO_X=0 says nothing
                continue
            value = "OFF"
        if decided is not None and decided.value != value:
            said = f"{setting.origin} says {spec.name}={value} (by {setting.name})"
            text = f"{decided.origin} says {spec.name}={decided.value}, but {said}."
            raise OptionError(text, next_step=f"set only one of {', '.join(spec.names())}")
        decided = decided or OptionValue(spec, value, setting.origin)
    return decided


def unknown_in(environ: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """USE_FOO that nobody reads is most often a slip: such variables, each with the option that may have been meant.

    Names that resemble none of ours belong to other programs.
    """
    known = set(known)
    strangers = [name for name in sorted(environ) if name.startswith(FAMILIES) and name not in known]
    return {name: hint for name in strangers if (hint := nearest(name, known, cutoff=0.7))}


def default_jobs() -> int:
    """Processors that this process may use: affinity and the quota of its control group."""
    return processors()
