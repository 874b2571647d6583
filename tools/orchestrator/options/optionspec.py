"""What an option is: its type, its names, its default, and what a change of it affects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from orchestrator.errors import OptionError, nearest

__all__ = ["DECLARED", "RUN", "TOOLS", "TREE", "OptionSpec", "OptionType", "Taker"]

_TRUE = ("1", "on", "yes", "true", "y")
_FALSE = ("0", "off", "no", "false", "n")

# Words of `OptionSpec.affects` beside the names of detectors.
RUN = "run"  # this run only: configures nothing
TREE = "tree"  # which configuration is built
TOOLS = "tools"  # with which programs: cmake runs again, no library's command does
DECLARED = "declared"  # the libraries that list the option


class OptionType(Enum):
    """How a value is read."""

    BOOL = "bool"  # ON or OFF
    TRISTATE = "tristate"  # AUTO: use it if it is there; ON: it must be there; OFF
    INT = "int"
    TEXT = "text"
    LIST = "list"  # separated by semicolons, commas or blanks; kept with semicolons
    CHOICE = "choice"


class Taker(Protocol):
    """What an option needs to know about a library."""

    @property
    def name(self) -> str: ...
    @property
    def uses(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class OptionSpec:
    """One option. It is also an environment variable of the same name. An alias that begins with `!` means the opposite.

    `affects` are names of detectors (the libraries that use one of them) or one of RUN, TREE, TOOLS, DECLARED. `scoped` options
    can be given to one library alone, as LIBRARY:NAME. `group` is its heading in lists and documents.
    """

    name: str
    type: OptionType
    default: str
    doc: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    group: str = "Libraries"
    affects: tuple[str, ...] = (DECLARED,)
    scoped: bool = False

    def names(self) -> tuple[str, ...]:
        """All names by which it can be set."""
        return (self.name, *(alias.removeprefix("!") for alias in self.aliases))

    def touches(self, library: Taker) -> bool:
        """True if another value changes how the library is built."""
        return self.name in library.options or any(detector in library.uses for detector in self.affects)

    def takes(self, library: Taker) -> bool:
        """True if the library can have a value of its own."""
        return self.scoped and (self.touches(library) or (self.affects == (TREE,) and "compiler" in library.uses))

    def affected(self, libraries: Iterable[Taker]) -> tuple[str, ...]:
        """Names of the libraries that another value makes configure anew."""
        return tuple(library.name for library in libraries if self.touches(library))

    def parse(self, text: str, *, where: str) -> str:
        """The normal form of a value, or an OptionError that says what is expected."""
        low = text.strip().lower()
        if self.type is OptionType.BOOL or (self.type is OptionType.TRISTATE and low != "auto"):
            if low in _TRUE:
                return "ON"
            if low in _FALSE:
                return "OFF"
            expected = "ON or OFF" if self.type is OptionType.BOOL else "AUTO, ON or OFF"
            raise OptionError(f"{where}: {self.name} must be {expected}, found {text!r}.", next_step=self._meaning())
        if self.type is OptionType.TRISTATE:
            return "AUTO"
        if self.type is OptionType.INT:
            if not low.isdigit() or int(low) < 1:
                raise OptionError(
                    f"{where}: {self.name} must be a whole number of at least 1, found {text!r}.", next_step=self._meaning()
                )
            return str(int(low))
        if self.type is OptionType.LIST:
            return ";".join(item for item in text.replace(",", ";").replace(" ", ";").split(";") if item)
        if self.type is OptionType.CHOICE and text not in self.choices:
            hint = nearest(text, self.choices)
            raise OptionError(f"{where}: {self.name} must be one of {', '.join(self.choices)}, found {text!r}.{hint}")
        return text

    def _meaning(self) -> str:
        return f"give such a value; {self.name} means: {self.doc}"
