"""What happens during a build, as values. Whoever builds emits them; the console and the log read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "Configured",
    "Emit",
    "Event",
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
