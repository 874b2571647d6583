"""The record of each build: one folder with a log for people, one log for each library, and every event as JSON.

`<build tree>/logs/<YYYYmmdd-HHMMSS>-<pid>/` holds `build.log`, `<library>.log`, `events.jsonl` and, drawn from the latter,
`trace.json`; `logs/latest` points to the newest. A log that cannot be written (a full disk) is said once and never fails a
build.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from orchestrator.events import (
    Began,
    CacheAnswers,
    Commands,
    Configured,
    Emit,
    Ended,
    Event,
    Explained,
    Note,
    Output,
    Progress,
    Published,
    Started,
    Step,
    StepEnded,
    Timed,
    Waiting,
    Warned,
)
from orchestrator.front.owners import Owners

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["KEPT", "BuildLog", "add_event", "logged"]

KEPT = 20
"""How many builds are remembered, this one included."""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=str).encode


def _open(path: Path) -> TextIO:
    # A killed build leaves a whole record. What stands in a library's log stands in build.log as well: that one may wait.
    whole = path.name in ("build.log", "events.jsonl")
    return path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1 if whole else -1)


class BuildLog:
    """Writes events into a folder of its own below `folder`. `path` is the log for people.

    With `began`, the record begins with that event and ends with an `Ended`, whose status is that of the error, if there is
    one; `expect` says until then what was predicted. `trouble` says why nothing can be written, and is empty if all is well.
    """

    def __init__(
        self,
        folder: Path,
        *,
        owners: Owners | None = None,
        began: Began | None = None,
        kept: int = KEPT,
        open_file: Callable[[Path], TextIO] = _open,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.predicted: float | None = None
        self.trouble = ""
        self._owners = owners or Owners()
        self._began = began
        self._open = open_file
        self._now = now
        self._start = now()
        self._files: dict[str, TextIO] = {}
        self._library = ""
        self.folder = folder / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(self._start))}-{os.getpid()}"
        while self.folder.exists():  # the same process, in the same second
            self.folder = self.folder.with_name(self.folder.name + "+")
        self.path = self.folder / "build.log"
        try:
            self.folder.mkdir(parents=True)
            _point(folder / "latest", self.folder.name)
            _forget(folder, kept)
        except OSError as error:
            self._give_up(error)
        if began is not None:
            self.write(began)

    def __enter__(self) -> BuildLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._line("build", f"\nerror: {error or (kind.__name__ if kind else '')}")
        if self._began is not None:
            text = "" if error is None else str(getattr(error, "what", error)).partition("\n")[0] or type(error).__name__
            self.write(Ended(_status(error), round(self._now() - self._start, 3), self.predicted, text))
        self._close()
        if self._began is not None and not self.trouble:
            _draw(self.folder)

    def expect(self, elapsed: float, seconds: float | None) -> None:
        """What the build should take in all: `elapsed` had passed when `seconds` more were to be expected."""
        self.predicted = None if seconds is None else round(elapsed + seconds, 3)

    def write(self, event: Event) -> None:
        """Appends an event to all files that it belongs to."""
        self._line("events", _as_json(event, self._now()))
        if isinstance(event, Progress):  # ninja's own line follows as Output
            self._library = "" if event.library else self._owners.of(event.text)
            return
        for line in _text(event):
            self._line("build", line)
            if isinstance(event, Output) and (library := event.library or self._library):
                self._line(library, event.text)
        if isinstance(event, Started | Configured | Published):
            self._library = ""

    def _line(self, name: str, text: str) -> None:
        if self.trouble:
            return
        try:
            file = self._files.get(name)
            if file is None:
                path = self.folder / ("events.jsonl" if name == "events" else f"{name}.log")
                file = self._files[name] = self._open(path)
            file.write(text + "\n")
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.trouble = f"the log in {self.folder} cannot be written: {error.strerror or error}"
        self._close()

    def _close(self) -> None:
        files, self._files = self._files, {}
        for file in files.values():
            try:
                file.close()
            except OSError as error:
                self.trouble = self.trouble or str(error)


def add_event(log: Path | None, event: Event) -> None:
    """Appends an event to the record of a build that has ended. `log` is its `path`; None, or a full disk: nothing happens."""
    if log is not None:
        with contextlib.suppress(OSError):
            with (log.parent / "events.jsonl").open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(_as_json(event, time.time()) + "\n")
            _draw(log.parent)


def _as_json(event: Event, now: float) -> str:
    return _encode({"event": type(event).__name__, "time": round(now, 6), **event.__dict__})


def _draw(folder: Path) -> None:
    from orchestrator.insight.trace import write_trace  # reads what was just written

    with contextlib.suppress(OSError):
        write_trace(folder)


def _status(error: BaseException | None) -> int:
    if error is None:
        return 0
    return int(getattr(error, "exit_code", 130 if isinstance(error, KeyboardInterrupt) else 1))


def _text(event: Event) -> list[str]:
    """What the log for people says about an event."""
    match event:
        case Output(text, library) if library:
            return [f"{library}: {text}"]
        case Output(text) | Note(text):
            return [text]
        case Warned(text):
            return [f"warning: {text}"]
        case Waiting(holder):
            return [f"waiting: the build tree is in use by {holder}"]
        case Began(command, argv, config, libraries, options):
            said = [f"{name}={value} [{origin}]" for name, value, origin in options]
            return [f"== {' '.join([command, *argv])}", f"configuration {config}: {', '.join(libraries)}", *said]
        case Started(phase, detail):
            return [f"== {phase}: {detail}"]
        case Step(library, phase):
            return [f"== {library or 'the graph'}: {phase}"]
        case StepEnded(library, phase, seconds, status):
            how = f"failed with status {status}" if status else "done"
            return [f"== {library or 'the graph'}: {phase} {how} after {seconds:.2f} s"]
        case Explained(output, reason):
            return [f"because {output}: {reason}"]
        case Configured(reasons, seconds, _, library):
            which = f"{library}: " if library else ""
            lines = [*(f"configured because {reason}" for reason in reasons), f"configured in {seconds:.2f} s"]
            return [which + line for line in lines]
        case Published(changed, removed):
            return [*(f"published {name}" for name in changed), *(f"removed {name}" for name in removed)]
        case Timed() | Commands() | CacheAnswers():  # for programs
            return []
        case Ended(status, seconds):
            return [f"== ended with status {status} after {seconds:.2f} s"]
        case _:
            return [f"{event}"]


def _point(link: Path, name: str) -> None:
    """Lets the link point to the newest folder, in one step."""
    partial = link.with_name(f".{link.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    partial.symlink_to(name)
    partial.replace(link)


def _forget(folder: Path, kept: int) -> None:
    """Deletes what is older than the newest `kept`; names begin with their time."""
    for old in sorted(path for path in folder.iterdir() if path.name[:1].isdigit())[:-kept]:
        if old.is_dir():
            for file in old.iterdir():
                file.unlink(missing_ok=True)
            old.rmdir()
        else:
            old.unlink(missing_ok=True)


def logged(log: BuildLog, emit: Emit) -> Emit:
    """Writes each event to the log, then hands it on. The first event that cannot be written is followed by a warning."""
    said = False

    def both(event: Event) -> None:
        nonlocal said
        log.write(event)
        emit(event)
        if log.trouble and not said:
            said = True
            emit(Warned(log.trouble))

    return both
