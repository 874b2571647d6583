"""One log file for each build, with a link `latest`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

from orchestrator.events import Configured, Emit, Event, Note, Output, Progress, Published, Started, Warned

__all__ = ["BuildLog", "logged"]

_KEPT = 20


class BuildLog:
    """Writes events to `<folder>/<time>-<pid>.log`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        self._file = self.path.open("w", encoding="utf-8", buffering=1)
        latest = folder / f".latest.{os.getpid()}"
        latest.unlink(missing_ok=True)
        latest.symlink_to(self.path.name)
        latest.replace(folder / "latest")
        for old in sorted(folder.glob("2*.log"))[:-_KEPT]:
            old.unlink(missing_ok=True)

    def __enter__(self) -> BuildLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._file.write(f"\n{kind.__name__ if kind else ''}: {error}\n")
        self._file.close()

    def write(self, event: Event) -> None:
        """Appends an event as text."""
        match event:
            case Output(text) | Note(text):
                self._file.write(text + "\n")
            case Warned(text):
                self._file.write(f"warning: {text}\n")
            case Started(phase, detail):
                self._file.write(f"== {phase}: {detail}\n")
            case Configured(reasons, seconds):
                self._file.write("".join(f"configured because {reason}\n" for reason in reasons) + f"in {seconds:.2f} s\n")
            case Published(changed, removed):
                self._file.write("".join(f"published {name}\n" for name in changed))
                self._file.write("".join(f"removed {name}\n" for name in removed))
            case Progress():
                pass  # ninja's own line follows as Output
            case _:
                self._file.write(f"{event}\n")


def logged(log: BuildLog, emit: Emit) -> Emit:
    """Writes each event to the log, then hands it on."""

    def both(event: Event) -> None:
        log.write(event)
        emit(event)

    return both
