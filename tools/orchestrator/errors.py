"""One class of error for each cause, each with its own exit code.

Every error says what happened, why, and what to do next. Exit codes are stable: scripts may rely on them.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BuildError",
    "CompileError",
    "ConfigureError",
    "InterruptedBuildError",
    "ManifestError",
    "OptionError",
    "PublishError",
    "ToolMissingError",
    "UnknownNameError",
    "UsageError",
    "nearest",
]


class BuildError(Exception):
    """Base of all errors. `next_step` is a sentence or a command to paste."""

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(self.why)
        if self.next_step:
            lines.append(f"What to do: {self.next_step}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"what": self.what, "why": self.why, "next_step": self.next_step, "exit_code": self.exit_code}


class UnknownNameError(BuildError):
    """A library, command or configuration that does not exist."""

    exit_code = 2


class UsageError(UnknownNameError):
    """A command line that cannot be understood."""


class OptionError(BuildError):
    """An option is unknown, has a value of the wrong type, or demands what is not there."""

    exit_code = 3


class ManifestError(BuildError):
    """libraries.toml cannot be understood."""

    exit_code = 4


class ToolMissingError(BuildError):
    """A compiler, cmake, ninja or something else that the build needs was not found."""

    exit_code = 5


class ConfigureError(BuildError):
    """cmake failed."""

    exit_code = 6


class CompileError(BuildError):
    """ninja failed: a compilation, a link or a generator. `targets` are the outputs of the commands that failed."""

    exit_code = 7

    def __init__(self, what: str, *, why: str = "", next_step: str = "", targets: tuple[str, ...] = ()) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.targets = targets


class PublishError(BuildError):
    """Products could not be put into the package."""

    exit_code = 8


class InterruptedBuildError(BuildError):
    """Ctrl-C or SIGTERM."""

    exit_code = 130


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """` Did you mean X?` with the most similar of `known`, or nothing."""
    import difflib  # mistakes only: every build loads this module

    lower = {candidate.lower(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=cutoff)
    return f" Did you mean {lower[matches[0]]}?" if matches else ""
