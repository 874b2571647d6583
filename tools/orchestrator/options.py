"""The ledger of options: each one typed and documented once. A resolved option knows its value and where it came from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from orchestrator.errors import OptionError, nearest

__all__ = ["BUILTIN", "OptionSpec", "OptionType", "OptionValue", "Options", "default_jobs", "environment_names", "resolve"]

_TRUE = ("1", "on", "yes", "true", "y")
_FALSE = ("0", "off", "no", "false", "n")
_FAMILIES = ("USE_", "WITH_", "NO_", "BUILD_")


class OptionType(Enum):
    """How a value is read."""

    BOOL = "bool"  # ON or OFF
    TRISTATE = "tristate"  # AUTO: use it if it is there; ON: it must be there; OFF
    INT = "int"
    TEXT = "text"
    LIST = "list"  # separated by semicolons, commas or blanks; kept with semicolons
    CHOICE = "choice"


@dataclass(frozen=True)
class OptionSpec:
    """One option. It is also an environment variable of the same name. An alias that begins with `!` means the opposite."""

    name: str
    type: OptionType
    default: str
    doc: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """All names by which it can be set."""
        return (self.name, *(alias.removeprefix("!") for alias in self.aliases))

    def parse(self, text: str, *, where: str) -> str:
        """The normal form of a value, or an OptionError that says what is expected."""
        low = text.strip().lower()
        if self.type is OptionType.BOOL or (self.type is OptionType.TRISTATE and low != "auto"):
            if low in _TRUE:
                return "ON"
            if low in _FALSE:
                return "OFF"
            expected = "ON or OFF" if self.type is OptionType.BOOL else "AUTO, ON or OFF"
            raise OptionError(f"{where}: {self.name} must be {expected}, found {text!r}.", next_step=self.doc)
        if self.type is OptionType.TRISTATE:
            return "AUTO"
        if self.type is OptionType.INT:
            if not low.isdigit() or int(low) < 1:
                raise OptionError(
                    f"{where}: {self.name} must be a whole number of at least 1, found {text!r}.", next_step=self.doc
                )
            return str(int(low))
        if self.type is OptionType.LIST:
            return ";".join(item for item in text.replace(",", ";").replace(" ", ";").split(";") if item)
        if self.type is OptionType.CHOICE and text not in self.choices:
            hint = nearest(text, self.choices)
            raise OptionError(f"{where}: {self.name} must be one of {', '.join(self.choices)}, found {text!r}.{hint}")
        return text


@dataclass(frozen=True)
class OptionValue:
    """A resolved option. `origin` is "default", "environment NAME" or "command line"."""

    spec: OptionSpec
    value: str
    origin: str

    @property
    def on(self) -> bool:
        """True for ON."""
        return self.value == "ON"


@dataclass(frozen=True)
class Options:
    """All options, resolved. `cmake` are `-D CMAKE_...` definitions that go to cmake as they are."""

    values: Mapping[str, OptionValue]
    cmake: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        return self.values[name].value


def _text(name: str, doc: str, *, default: str = "") -> OptionSpec:
    return OptionSpec(name, OptionType.TEXT, default, doc)


BUILTIN: tuple[OptionSpec, ...] = (
    OptionSpec("DEBUG", OptionType.BOOL, "OFF", "Build the configuration `debug`: no optimisation, all checks."),
    OptionSpec("REL_WITH_DEB_INFO", OptionType.BOOL, "OFF", "Build the configuration `relwithdebinfo`."),
    OptionSpec("MAX_JOBS", OptionType.INT, "", "Commands that run at once; default: the processors that this process may use."),
    OptionSpec("WERROR", OptionType.BOOL, "OFF", "Warnings of the compiler are errors."),
    OptionSpec(
        "BUILD_TESTS", OptionType.BOOL, "ON", "Describe the C tests (they are built on demand).", ("BUILD_TEST", "!NO_TEST")
    ),
    OptionSpec("USE_CUDA", OptionType.TRISTATE, "AUTO", "The CUDA libraries of the manifest.", ("WITH_CUDA", "!NO_CUDA")),
    _text("BLAS", "auto, openblas (the package scipy-openblas32), none (plain C), or the path of a library.", default="auto"),
    _text("CC", "The C compiler."),
    _text("CXX", "The C++ compiler."),
    _text("CFLAGS", "Flags for each C compilation."),
    _text("CXXFLAGS", "Flags for each C++ compilation."),
    _text("LDFLAGS", "Flags for each link."),
    _text("CMAKE", "The cmake program."),
    _text("NINJA", "The ninja program."),
    _text("CMAKE_PREFIX_PATH", "Prefixes in which cmake looks for packages."),
    _text("CUDA_HOME", "The CUDA toolkit."),
)


def environment_names(specs: Iterable[OptionSpec]) -> tuple[str, ...]:
    """Each environment variable that can change a build."""
    return tuple(sorted({name for spec in specs for name in spec.names()} | {"PATH"}))


def resolve(specs: Sequence[OptionSpec], environ: Mapping[str, str], defines: Sequence[str]) -> Options:
    """Command line before environment before default. Two names of one option that disagree are an error."""
    given, cmake = _command_line(specs, defines)
    values = {}
    for spec in specs:
        from_line = [(name, given[name], "command line") for name in spec.names() if name in given]
        from_environment = [(name, environ[name], f"environment {name}") for name in spec.names() if environ.get(name)]
        values[spec.name] = (
            _decide(spec, from_line) or _decide(spec, from_environment) or OptionValue(spec, spec.default, "default")
        )
    return Options(values, cmake, tuple(_unknown_in(environ, specs)))


def _command_line(specs: Sequence[OptionSpec], defines: Sequence[str]) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    known = {name for spec in specs for name in spec.names()}
    given: dict[str, str] = {}
    cmake: dict[str, str] = {}
    for define in defines:
        name, equals, value = define.partition("=")
        name = name.strip().removeprefix("-D")
        if not equals:
            value = "ON"
        if name in known:
            given[name] = value
        elif name.startswith("CMAKE_"):
            cmake[name] = value
        else:
            text = f"-D {define}: there is no option {name}.{nearest(name, known)}"
            raise OptionError(text, next_step="list the options with: python tools/build_deps.py options")
    return given, tuple(cmake.items())


def _decide(spec: OptionSpec, settings: list[tuple[str, str, str]]) -> OptionValue | None:
    inverted = {alias[1:] for alias in spec.aliases if alias.startswith("!")}
    decided: OptionValue | None = None
    for name, text, origin in settings:
        value = spec.parse(text, where=origin)
        if name in inverted:
            if value != "ON":  # NO_X=0 says nothing
                continue
            value = "OFF"
        if decided is not None and decided.value != value:
            text = f"{decided.origin} says {spec.name}={decided.value}, but {origin} says {spec.name}={value} (by {name})."
            raise OptionError(text, next_step=f"set only one of {', '.join(spec.names())}")
        decided = decided or OptionValue(spec, value, origin)
    return decided


def _unknown_in(environ: Mapping[str, str], specs: Sequence[OptionSpec]) -> Iterable[str]:
    """USE_FOO that nobody reads is most often a slip; names that resemble none of ours belong to other programs."""
    known = {name for spec in specs for name in spec.names()}
    for name in sorted(environ):
        if name.startswith(_FAMILIES) and name not in known:
            hint = nearest(name, known, cutoff=0.7)
            if hint:
                yield f"environment variable {name}={environ[name]} is no option and has no effect.{hint}"


def default_jobs() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))
