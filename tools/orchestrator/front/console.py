"""The only part of the orchestrator that prints while it builds.

On a terminal: one progress line. Elsewhere: a line for each command of a small build, one for each twentieth of a large one. In
GitHub's and GitLab's logs the lines of a phase are folded. Warnings of compilers are shown everywhere, errors go to stderr.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType

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
from orchestrator.front.owners import Owners
from orchestrator.front.terminal import GitHubFolds, annotation, choose_folds, colored, paint

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any, TextIO

    from tqdm import tqdm

__all__ = ["Console"]

_SMALL = 40  # commands: every one gets its line
_PARTS = 20
_SILENCE = 15.0  # seconds after which a sign of life is due
_BAR = 5  # commands: fewer are over before a bar is drawn
# Compiled when the first one is needed, which an edit seldom does.
_WARNING = r"^(?P<place>[^\s:][^:]*:\d+(?::\d+)?): warning: (?P<text>.*)$"
_CMAKE_WARNING = r"^CMake (?:Deprecation )?Warning(?: \(dev\))? at (?P<place>[^\s:][^:]*:\d+) "


class Console:
    """Prints events to `stream` (stdout). `quiet` keeps warnings and waiting only; `verbose` shows all that tools print.

    Used as a context manager, it ends the progress line and the fold however the build ends.
    """

    def __init__(
        self,
        *,
        verbose: int = 0,
        quiet: bool = False,
        stream: TextIO | None = None,
        color: str = "auto",
        owners: Owners | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._verbose = verbose
        self._quiet = quiet
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty() and environ.get("TERM") != "dumb"
        self._color = colored(color, terminal=self._terminal, environ=environ)
        self._error_color = colored(color, terminal=sys.stderr.isatty(), environ=environ)
        self._folds = choose_folds(environ)
        self._owners = owners or Owners()
        self._clock = clock
        self._bar: tqdm[Any] | None = None
        self._header = ""  # of the phase, as long as it has no lines
        self._folded = False
        self._shown = 0  # the command of the last progress line
        self._shown_at = clock()
        self._seen: set[str] = set()
        self._cmake_place = ""

    def __enter__(self) -> Console:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end_phase()

    def __call__(self, event: Event) -> None:
        match event:
            case Warned(text):
                self._warn(text)
            case Waiting(holder):
                self._line(f"waiting: the build tree is in use by {holder}", always=True)
            case Note(text):
                self._line(text)
            case Planned(lines):
                self._end_phase()
                for line in lines:
                    self._line(line, always=True)
            case Finished(lines):
                self._end_phase()
                for number, line in enumerate(lines):
                    self._line(self._painted(line, "bold") if number == 0 else line)
            case Started(phase, detail):
                self._begin_phase(phase, detail)
            case Configured(reasons, seconds, _, library) if library:
                why = reasons[0] if len(reasons) == 1 else f"{len(reasons)} changes"
                self._line(f"  {library}: configured in {seconds:.1f} s: {why}")
            case Configured(reasons, seconds):
                for reason in reasons if len(reasons) > 1 else ():  # a single one is the heading
                    self._line(f"  {reason}")
                self._line(f"  configured in {seconds:.1f} s")
            case Progress():
                self._progress(event)
            case Output(text):
                self._output(text)
            case Published(changed, removed):
                for name in changed if self._verbose else ():
                    self._line(f"  published {name}")
                for name in removed:
                    self._line(f"  removed {name}, which nothing makes any more")

    def error(self, text: str) -> None:
        """Prints an error to stderr, after the progress line and outside of folds."""
        self._end_phase()
        self._stream.flush()
        if isinstance(self._folds, GitHubFolds) and (mark := annotation(text)):
            print(mark, file=sys.stderr)
        if self._error_color:
            text = re.sub(r"^What to do:", lambda found: paint(found[0], "bold"), text, flags=re.MULTILINE)
        print(f"{paint('error:', 'red') if self._error_color else 'error:'} {text}", file=sys.stderr, flush=True)

    def _painted(self, text: str, color: str) -> str:
        return paint(text, color) if self._color else text

    def _line(self, text: str, *, always: bool = False) -> None:
        if self._quiet and not always:
            return
        if not always:
            self._show_header()
        self._print(text)

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    def _show_header(self) -> None:
        header, self._header = self._header, ""
        if not header:
            return
        self._folded = self._folds is not None
        for line in self._folds.begin(header.partition(":")[0], header) if self._folds else [self._painted(header, "bold")]:
            self._print(line)

    def _begin_phase(self, phase: str, detail: str) -> None:
        """The heading waits for the first line of a phase in which perhaps nothing happens."""
        self._end_phase()
        self._shown, self._shown_at = 0, self._clock()
        self._header = f"{phase}: {detail}"
        if phase != "build" and not self._quiet:
            self._show_header()

    def _end_phase(self) -> None:
        self._header = ""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if self._folded and self._folds is not None:
            self._folded = False
            for line in self._folds.end():
                self._print(line)

    def _warn(self, text: str) -> None:
        self._line(f"{self._painted('warning:', 'yellow')} {text}", always=True)

    def _output(self, text: str) -> None:
        """Tools' lines are for -v; of the others only warnings, once each, on one line."""
        if self._verbose:
            self._line(text)
            return
        if self._quiet:
            return
        if self._cmake_place and text.strip():
            place, self._cmake_place = self._cmake_place, ""
            self._warn_at(place, text.strip())
        elif "Warning" in text and (found := re.match(_CMAKE_WARNING, text)):
            self._cmake_place = found["place"]
        elif ": warning: " in text and (found := re.match(_WARNING, text)):
            self._warn_at(found["place"], found["text"])

    def _warn_at(self, place: str, text: str) -> None:
        here = os.getcwd() + "/"  # noqa: PTH109 - pathlib is slower, and this is per line
        line = f"{place.removeprefix(here)}: {self._painted('warning:', 'yellow')} {text}"
        if line not in self._seen:
            self._seen.add(line)
            self._line(line)

    def _progress(self, event: Progress) -> None:
        if self._quiet or self._verbose:
            return
        if self._terminal and (self._bar is not None or event.total > _BAR):
            self._draw(event)
        elif self._due(event):
            self._shown, self._shown_at = event.done, self._clock()
            whose = f"{event.library}: " if event.library else ""
            self._line(f"[{event.done}/{event.total}] {whose}{event.text}")

    def _due(self, event: Progress) -> bool:
        if event.total <= _SMALL or event.done in (1, event.total):
            return True
        enough = (event.done - self._shown) * _PARTS >= event.total
        return enough or self._clock() - self._shown_at >= _SILENCE

    def _draw(self, event: Progress) -> None:
        if self._bar is None:
            self._show_header()
            self._bar = _new_bar(self._stream, event.total)
        if self._bar is None:
            self._terminal = False
            self._progress(event)
            return
        self._bar.total = event.total
        owner, last = event.library or self._owners.of(event.text), event.text.rpartition("/")[2]
        self._bar.set_description_str(f"{owner}: {last}" if owner else event.text, refresh=False)
        first = self._bar.n == 0
        self._bar.update(event.done - self._bar.n)
        if first:
            self._bar.refresh()


def _new_bar(stream: TextIO, total: int) -> tqdm[Any] | None:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    tqdm.monitor_interval = 0  # a thread of its own would outlive the build
    bar: tqdm[Any] = tqdm(
        total=total,
        delay=1e-9,  # no line before the first command has ended
        file=stream,
        unit="",
        leave=False,
        dynamic_ncols=True,
        mininterval=0.05,
        bar_format="[{n_fmt}/{total_fmt} {percentage:3.0f}% {rate_noinv_fmt} {elapsed}<{remaining}] {desc}",
    )
    return bar
