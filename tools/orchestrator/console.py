"""The only part of the orchestrator that prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TextIO

from orchestrator.events import (
    Configured,
    Event,
    Finished,
    Note,
    Output,
    Planned,
    Progress,
    Published,
    Started,
    Waiting,
    Warned,
)

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Console"]


class Console:
    """Prints events: a progress bar on a terminal, plain lines elsewhere. `quiet` keeps warnings and waiting only."""

    def __init__(self, *, verbose: int = 0, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._verbose = verbose
        self._quiet = quiet
        self._stream = stream or sys.stdout
        self._bar: tqdm[Any] | None = None
        self._terminal = self._stream.isatty()

    def __call__(self, event: Event) -> None:
        match event:
            case Warned(text):
                self._line(f"warning: {text}", always=True)
            case Waiting(holder):
                self._line(f"waiting: the build tree is in use by {holder}", always=True)
            case Note(text):
                self._line(text)
            case Planned(lines) | Finished(lines):
                self._close()
                for line in lines:
                    self._line(line, always=isinstance(event, Planned))
            case Started(phase, detail):
                self._line(f"{phase}: {detail}")
            case Configured(reasons, seconds):
                for reason in reasons:
                    self._line(f"  {reason}")
                self._line(f"  configured in {seconds:.1f} s")
            case Progress():
                self._progress(event)
            case Output(text):
                if self._verbose:
                    self._line(text)
            case Published(changed, removed):
                for name in changed if self._verbose else ():
                    self._line(f"  published {name}")
                for name in removed:
                    self._line(f"  removed {name}, which nothing makes any more")

    def error(self, text: str) -> None:
        """Prints an error to stderr."""
        self._close()
        print(f"error: {text}", file=sys.stderr, flush=True)

    def _line(self, text: str, *, always: bool = False) -> None:
        if self._quiet and not always:
            return
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    def _progress(self, event: Progress) -> None:
        if self._quiet or self._verbose:
            return
        if not self._terminal:
            self._line(f"[{event.done}/{event.total}] {event.text}")
            return
        if self._bar is None:
            self._bar = _new_bar(self._stream)
        if self._bar is None:
            self._terminal = False
            self._line(f"[{event.done}/{event.total}] {event.text}")
            return
        self._bar.total = event.total
        self._bar.set_description_str(event.text[-60:].ljust(60), refresh=False)
        self._bar.update(event.done - self._bar.n)
        if event.done == event.total:
            self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _new_bar(stream: TextIO) -> tqdm[Any] | None:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar: tqdm[Any] = tqdm(
        total=0, file=stream, unit="", leave=False, bar_format="[{n_fmt}/{total_fmt} {elapsed}<{remaining}] {desc}"
    )
    return bar
