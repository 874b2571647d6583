"""The answer of a detector: Found or Missing, with every place that was looked at. Detectors never print and never raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.cachefolder import CacheFolder
from orchestrator.options import Options

__all__ = ["Candidate", "Context", "Detection", "Found", "Missing", "account"]


@dataclass(frozen=True)
class Candidate:
    """One place that was looked at: what was there, its version if it could be told, and why it was taken or not."""

    place: str
    verdict: str
    version: str = ""
    taken: bool = False

    def text(self) -> str:
        """One line."""
        version = f"{self.version}, " if self.version and self.version not in self.verdict else ""
        return f"{self.place}: {version}{self.verdict}"


@dataclass(frozen=True)
class Found:
    """Something that is there. `values` fill the placeholders `{name.key}` of the manifest.

    `temporary` are the keys of values whose files may vanish with the environment that they were found in (pip deletes an
    isolated build's): they are copied into the build tree before anything is compiled against them. `looked` are all places
    in the order in which they were looked at. `asked` are files besides `path` that may give another answer when they come,
    change or go. `warnings` are pairs of what is odd and what to do about it: it will do, but perhaps not for what is wanted.
    """

    name: str
    version: str
    path: Path
    how: str
    values: Mapping[str, str] = field(default_factory=dict)
    temporary: tuple[str, ...] = ()
    looked: tuple[Candidate, ...] = ()
    asked: tuple[Path, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()

    def describe(self) -> str:
        """For the summary."""
        return f"{self.version} ({self.path}; {self.how})"


@dataclass(frozen=True)
class Missing:
    """Something that is not there, or was switched off.

    `required` False: what uses it has something to stand in, and the user did not insist. `asked`: as in Found. `step` is what
    to do about it, where that is not to install it.
    """

    name: str
    reason: str
    looked: tuple[Candidate, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    required: bool = True
    asked: tuple[Path, ...] = ()
    step: str = ""

    def describe(self) -> str:
        """For the summary."""
        return self.reason


Detection = Found | Missing


@dataclass(frozen=True)
class Context:
    """What detectors look at. `remembered` are the tools that the build tree was made with, by name.

    `memory` keeps what programs said about themselves, as long as they are the same files. `python` is the interpreter to build
    for; None: the running one. `known` are answers that other detectors build on, so that nothing is looked for twice.
    """

    options: Options
    environ: Mapping[str, str]
    remembered: Mapping[str, str] = field(default_factory=dict)
    memory: CacheFolder = field(default_factory=CacheFolder)
    python: Path | None = None
    known: dict[str, Detection] = field(default_factory=dict)

    def path_folders(self) -> list[Path]:
        """The folders of PATH."""
        return [Path(folder) for folder in self.environ.get("PATH", "").split(":") if folder]

    def option(self, name: str, default: str = "") -> str:
        """An option's value; `default` where the ledger has no such option."""
        return self.options[name] if name in self.options.values else default


def account(looked: tuple[Candidate, ...]) -> str:
    """The places as a text, for an error and for doctor. Empty if there are none."""
    return "\n".join(["Places searched:", *(f"  {candidate.text()}" for candidate in looked)]) if looked else ""
