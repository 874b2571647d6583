"""The answer of a detector: Found or Missing. Detectors never print and never raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.options import Options

__all__ = ["Context", "Detection", "Found", "Missing"]


@dataclass(frozen=True)
class Found:
    """Something that is there. `values` fill the placeholders `{name.key}` of the manifest.

    `temporary` are the keys of values whose files may vanish with the environment that they were found in (pip deletes an
    isolated build's): they are copied into the build tree before anything is compiled against them.
    """

    name: str
    version: str
    path: Path
    how: str
    values: Mapping[str, str] = field(default_factory=dict)
    temporary: tuple[str, ...] = ()

    def describe(self) -> str:
        """For the summary."""
        return f"{self.version} ({self.path}; {self.how})"


@dataclass(frozen=True)
class Missing:
    """Something that is not there, or was switched off (then nothing was searched).

    `required` False: what uses it has something to stand in, and the user did not insist.
    """

    name: str
    reason: str
    searched: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    required: bool = True

    def describe(self) -> str:
        """For the summary."""
        return self.reason


Detection = Found | Missing


@dataclass(frozen=True)
class Context:
    """What detectors look at. `remembered` are the tools that the build tree was made with, by name."""

    options: Options
    environ: Mapping[str, str]
    remembered: Mapping[str, str] = field(default_factory=dict)

    def path_folders(self) -> list[Path]:
        """The folders of PATH."""
        return [Path(folder) for folder in self.environ.get("PATH", "").split(":") if folder]
