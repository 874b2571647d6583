"""What happens during a build, as values. Whoever builds emits them; the console and the log read them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "Began",
    "CacheAnswers",
    "Commands",
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
    "Step",
    "StepEnded",
    "Timed",
    "Waiting",
    "Warned",
    "timed",
]


class Event(Value):
    """Base of all events."""


class Began(Event):
    """A command starts: `options` are those that differ from their defaults, as (name, value, origin).

    `places` tells which library a path belongs to (front/owners.py).
    """

    command: str
    argv: tuple[str, ...]
    config: str
    libraries: tuple[str, ...]
    options: tuple[tuple[str, str, str], ...]
    places: dict[str, str] = {}  # noqa: RUF012 - a default of a frozen value, never changed


class Ended(Event):
    """A command ends, with its exit status. Seconds are wall time; `predicted` is None where nothing was known.

    `error` is the first sentence of what went wrong.
    """

    status: int
    seconds: float
    predicted: float | None = None
    error: str = ""


class Explained(Event):
    """Why ninja runs a command: its words about `output`, which is relative to the build tree."""

    output: str
    reason: str


class Timed(Event):
    """Work of the orchestrator's own that has ended. `begin` in Unix seconds; `detail` says what it was about."""

    name: str
    begin: float
    seconds: float
    detail: str = ""


class Commands(Event):
    """The commands that ended well in one call of ninja, in that order: (kind, first output, begin in Unix seconds, seconds).

    `kind` is compile, link, symbols, generate or configure; `jobs` is how many could run at once. `library`: of a build of
    its own, in whose tree the outputs are; else empty.
    """

    jobs: int
    runs: tuple[tuple[str, str, float, float], ...]
    library: str = ""


class CacheAnswers(Event):
    """What the compiler cache did: counts, and for each compilation its source and `hit`, `miss`, or why neither."""

    kind: str
    hits: int
    misses: int
    uncacheable: int
    units: tuple[tuple[str, str], ...] = ()


class Note(Event):
    """Something worth knowing."""

    text: str


class Warned(Event):
    """Something that is probably not what the user wants."""

    text: str


class Waiting(Event):
    """Another build holds the tree."""

    holder: str


class Planned(Event):
    """A dry run's answer."""

    lines: tuple[str, ...]


class Configured(Event):
    """cmake ran, for these reasons. `changes` are the same as dicts of `fingerprint.Change`; `library` as in `Output`."""

    reasons: tuple[str, ...]
    seconds: float
    changes: tuple[dict[str, Any], ...] = ()
    library: str = ""


class Started(Event):
    """A phase (configure, build, publish, test) begins."""

    phase: str
    detail: str


class Step(Event):
    """Work on one library, apart from the others', enters `phase`; those of several libraries overlap.

    Phases: token (waits for the job budget), configure, build, install (into the prefix). `library` is empty for the one
    graph. Where units waited for memory stands in the records of `memory.py`.
    """

    library: str
    phase: str


class StepEnded(Event):
    """The end of a `Step` of the same library and phase. `seconds` of wall time; `status` 0 is success."""

    library: str
    phase: str
    seconds: float
    status: int = 0


class Progress(Event):
    """`done` of `total` commands have ended; `text` describes the last. `library`: of a build of its own, else empty."""

    done: int
    total: int
    text: str
    library: str = ""


class Output(Event):
    """A line that a tool printed. `library`: in the build of that library alone, else empty."""

    text: str
    library: str = ""


class Published(Event):
    """Files that changed in the package."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Finished(Event):
    """The end of a successful command."""

    lines: tuple[str, ...]


Emit = Callable[[Event], None]


@contextlib.contextmanager
def timed(emit: Emit, name: str, detail: str = "") -> Iterator[None]:
    """Emits a Timed about what is done inside, also where that fails."""
    begin, clock = time.time(), time.monotonic()
    try:
        yield
    finally:
        emit(Timed(name, round(begin, 6), round(time.monotonic() - clock, 6), detail))
