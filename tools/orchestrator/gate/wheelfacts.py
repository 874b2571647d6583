"""A wheel as the checks see it, and what the checkout says that it should be."""

from __future__ import annotations

import base64
import csv
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from orchestrator.errors import UsageError
from orchestrator.gate.elffacts import ElfFacts, elf_facts, is_elf
from orchestrator.gate.platformtag import PlatformReport

__all__ = ["Expected", "WheelFacts", "open_wheel"]


@dataclass(frozen=True)
class Expected:
    """What the checkout says.

    `members` are all files outside of the dist-info folder. `own` are the libraries and extensions among them that we link
    ourselves, each with the patterns of what it may export. `folders` are those of the machine that no file may name.
    `floor` is the oldest system that the wheel must run on (`manylinux_2_28`; empty: any), `budget` a number of bytes.
    """

    members: frozenset[str]
    own: Mapping[str, tuple[str, ...]]
    folders: tuple[str, ...]
    budget: int
    floor: str = ""


@dataclass(frozen=True)
class WheelFacts:
    """A wheel, read once. `contents` are all members by name. `platform` is auditwheel's answer, where it was asked already."""

    path: Path
    contents: Mapping[str, bytes] = field(repr=False)
    order: tuple[str, ...]
    platform: PlatformReport | None = None

    @property
    def name_parts(self) -> list[str]:
        """Distribution, version, Python, ABI and platform tag, as the file's name says."""
        return self.path.name.removesuffix(".whl").split("-")

    @property
    def dist_info(self) -> str:
        """The folder of the metadata."""
        return f"{self.name_parts[0]}-{self.name_parts[1]}.dist-info"

    @cached_property
    def libraries(self) -> dict[str, ElfFacts]:
        """What each shared library in it says about itself."""
        return {name: elf_facts(content) for name, content in self.contents.items() if is_elf(content)}

    @cached_property
    def record(self) -> dict[str, tuple[str, str]]:
        """Digest and size that RECORD gives for each member."""
        text = self.contents.get(f"{self.dist_info}/RECORD", b"").decode()
        return {row[0]: (row[1], row[2]) for row in csv.reader(text.splitlines()) if len(row) == 3}

    def recorded(self, name: str) -> tuple[str, str]:
        """What RECORD should say of a member."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(self.contents[name]).digest()).rstrip(b"=").decode()
        return f"sha256={digest}", str(len(self.contents[name]))


def open_wheel(path: Path, platform: PlatformReport | None = None) -> WheelFacts:
    """Reads the file. Raises UsageError if it is no wheel."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            contents = {name: archive.read(name) for name in names}
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} cannot be read as a wheel: {error}.", next_step="name a .whl file") from None
    if len(path.name.removesuffix(".whl").split("-")) not in (5, 6) or path.suffix != ".whl":
        raise UsageError(f"{path.name} is not named like a wheel.", next_step="name a .whl file")
    return WheelFacts(path.absolute(), contents, tuple(names), platform)
