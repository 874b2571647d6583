"""What happens during a build, as values. Whoever builds emits them; the console and the log read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "Began",
    "Configured",
    "Emit",
    "Ended",
    "Event",
    "Explained",
    "Finished",
    "Note",
    "Output",
    "Planned",
    "Progress",
    "Published",
    "Started",
    "Waiting",
    "Warned",
]


@dataclass(frozen=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True)
class Began(Event):
    """A command starts: `options` are those that differ from their defaults, as (name, value, origin)."""

    command: str
    argv: tuple[str, ...]
    config: str
    libraries: tuple[str, ...]
    options: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Ended(Event):
    """A command ends, with its exit status. Seconds are wall time; `predicted` is None where nothing was known."""

    status: int
    seconds: float
    predicted: float | None = None


@dataclass(frozen=True)
class Explained(Event):
    """Why ninja runs a command: its words about `output`, which is relative to the build tree."""

    output: str
    reason: str


@dataclass(frozen=True)
class Note(Event):
    """Something worth knowing."""

    text: str


@dataclass(frozen=True)
class Warned(Event):
    """Something that is probably not what the user wants."""

    text: str


@dataclass(frozen=True)
class Waiting(Event):
    """Another build holds the tree."""

    holder: str


@dataclass(frozen=True)
class Planned(Event):
    """A dry run's answer."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Configured(Event):
    """cmake ran, for these reasons."""

    reasons: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Started(Event):
    """A phase (configure, build, publish, test) begins."""

    phase: str
    detail: str


@dataclass(frozen=True)
class Progress(Event):
    """`done` of `total` commands have ended; `text` describes the last."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Output(Event):
    """A line that a tool printed."""

    text: str


@dataclass(frozen=True)
class Published(Event):
    """Files that changed in the package."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Finished(Event):
    """The end of a successful command."""

    lines: tuple[str, ...]


Emit = Callable[[Event], None]
