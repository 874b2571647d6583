"""What a terminal, a file and the logs of CI services want: colours, folds, and marks at source lines. Prints nothing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Protocol

    class Folds(Protocol):
        """How a CI service folds the lines of a phase. Both functions return lines to print."""

        def begin(self, name: str, title: str) -> list[str]:
            """Before the lines of the phase `name`."""
            ...

        def end(self) -> list[str]:
            """After them."""
            ...


__all__ = ["GitHubFolds", "GitLabFolds", "annotation", "choose_folds", "colored", "paint", "strip"]

_CODES = {"red": "31;1", "yellow": "33", "bold": "1", "dim": "2"}
# Compiled when the first one is needed, which an edit seldom does.
_ESCAPES = r"\x1b\[[0-9;?]*[A-Za-z]"
_PLACE = r"(?m)^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:(?P<column>\d+):)? (?:fatal )?error: (?P<text>.*)$"
_CMAKE_PLACE = r"(?m)^CMake Error at (?P<file>[^:\n]+):(?P<line>\d+) (?P<column>)\(.*\):\n\s+(?P<text>.*)$"


def colored(choice: str, *, terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether to colour: `always`, `never`, or (`auto`) as the environment says, and on terminals otherwise.

    >>> colored("auto", terminal=True, environ={}), colored("auto", terminal=True, environ={"NO_COLOR": "1"})
    (True, False)
    >>> colored("auto", terminal=False, environ={"FORCE_COLOR": "1"}), colored("never", terminal=True, environ={})
    (True, False)
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"


def paint(text: str, color: str) -> str:
    """The text between the codes of red, yellow, bold or dim."""
    return f"\x1b[{_CODES[color]}m{text}\x1b[0m"


def strip(text: str) -> str:
    """The text without the codes of a terminal."""
    return re.sub(_ESCAPES, "", text)


class GitHubFolds:
    """GitHub Actions: folds as they are documented under `workflow commands`."""

    def begin(self, name: str, title: str) -> list[str]:
        return [f"::group::{title}"]

    def end(self) -> list[str]:
        return ["::endgroup::"]


class GitLabFolds:
    """GitLab: collapsed sections, whose names have to be unique in a job."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._name = ""
        self._count = 0

    def begin(self, name: str, title: str) -> list[str]:
        self._count += 1
        self._name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}_{os.getpid()}_{self._count}"
        return [f"\x1b[0Ksection_start:{self._now():.0f}:{self._name}[collapsed=true]\r\x1b[0K{title}"]

    def end(self) -> list[str]:
        return [f"\x1b[0Ksection_end:{self._now():.0f}:{self._name}\r\x1b[0K"]


def choose_folds(environ: Mapping[str, str]) -> Folds | None:
    """The folds of the CI service in which this runs, if there is one that has folds."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return GitHubFolds()
    if environ.get("GITLAB_CI") == "true":
        return GitLabFolds()
    return None


def annotation(text: str) -> str:
    """GitHub's mark at the source line that the first error in `text` names; empty if it names none."""
    found = re.search(_PLACE, text) or re.search(_CMAKE_PLACE, text)
    if found is None:
        return ""
    file = os.path.relpath(found["file"]) if os.path.isabs(found["file"]) else found["file"]  # noqa: PTH117
    column = f",col={found['column']}" if found["column"] else ""
    return f"::error file={_escaped(file)},line={found['line']}{column}::{_escaped(found['text'])}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
