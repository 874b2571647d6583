"""Builds the same wheels twice, under circumstances that must not show, and names the first difference and its class."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from orchestrator.errors import BuildError
from orchestrator.events import Emit, Started
from orchestrator.gate.findings import GateError
from orchestrator.packaging.sdist import source_files
from orchestrator.process import attached

__all__ = ["Circumstances", "Difference", "ReproductionError", "VerifyReport", "first_difference", "verify"]


class ReproductionError(GateError):
    """Two builds of the same sources gave different wheels."""

    exit_code = 29
    remedy = "what each class means stands in docs/wheels.md"


@dataclass(frozen=True)
class Difference:
    """The first place in which two wheels differ. `kind` is its class, `member` is empty for the archive as a whole."""

    kind: str
    member: str
    text: str

    def line(self) -> str:
        """For people."""
        return f"{self.kind}: {self.member + ': ' if self.member else ''}{self.text}"


@dataclass(frozen=True)
class Circumstances:
    """What one of the two builds is given, and must not show."""

    folder: str
    umask: int
    jobs: int
    modified: int
    environment: Mapping[str, str]


@dataclass(frozen=True)
class VerifyReport:
    """The wheels that came out the same, with their digests."""

    wheels: tuple[tuple[str, str], ...]

    def lines(self) -> list[str]:
        """One for each wheel."""
        return [f"{name}: twice the same bytes (SHA-256 {digest})" for name, digest in self.wheels]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"status": 0, "wheels": [{"name": name, "sha256": digest} for name, digest in self.wheels]}


def circumstances(jobs: int) -> tuple[Circumstances, Circumstances]:
    """Two that differ in folder, permissions, number of jobs, age of the sources, time zone, language and hash seed."""
    return (
        Circumstances("one", 0o022, jobs, 1_500_000_000, {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        Circumstances(
            "the other one/with a longer name",
            0o077,
            jobs + 3,
            1_600_000_000,
            {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
        ),
    )


def verify(manifest: Path, tool: Path, arguments: Sequence[str], *, jobs: int, emit: Emit) -> VerifyReport:
    """Copies the sources beside `manifest` to two places and runs `tool` (build_wheels.py) for both, without a compiler cache.

    Raises ReproductionError.
    """
    with tempfile.TemporaryDirectory(prefix="verify-") as temporary:
        places, outputs = [], []
        for number, item in enumerate(circumstances(jobs), 1):
            place, out = Path(temporary, item.folder), Path(temporary, f"wheels-{number}")
            emit(Started("verify", f"build in {place}"))
            _copy(manifest.parent, place, item.modified)
            given = ["--manifest", str(place / manifest.name), "--out", str(out)]
            _build([sys.executable, str(tool), *given, *arguments], place, item)
            places.append(str(place))
            outputs.append(out)
        first, second = ({path.name: path for path in out.glob("*.whl")} for out in outputs)
        if first.keys() != second.keys() or not first:
            text = f"The builds made different wheels: {sorted(first)} and {sorted(second)}."
            raise ReproductionError(text, next_step=ReproductionError.remedy)
        for name in sorted(first):
            found = first_difference(first[name], second[name], places)
            if found is not None:
                text = f"{name} came out differently:\n  {found.line()}"
                raise ReproductionError(text, next_step=ReproductionError.remedy)
        digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(first.items())}
        return VerifyReport(tuple(digests.items()))


def _copy(root: Path, place: Path, modified: int) -> None:
    for name in source_files(root):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, target)
        os.utime(target, (modified, modified))


def _build(command: Sequence[str], place: Path, item: Circumstances) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    env = {**kept, **item.environment, "XDG_CACHE_HOME": str(place / "cache")}
    before = os.umask(item.umask)
    try:
        status = attached([*command, "-D", "USE_CCACHE=OFF", "-j", str(item.jobs)], env=env, cwd=place)
    finally:
        os.umask(before)
    if status != 0:
        raise BuildError(f"The build in {place} failed (status {status}).", next_step="its own words stand above")


def first_difference(first: Path, second: Path, folders: Sequence[str]) -> Difference | None:
    """Compares two archives: members, their order, contents, and then what is around them."""
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        ours, theirs = one.namelist(), other.namelist()
        if set(ours) != set(theirs):
            name = min(set(ours) ^ set(theirs))
            return Difference("member", name, f"stands only in the {'first' if name in ours else 'second'}")
        record = [name for name in ours if name.endswith(".dist-info/RECORD")]  # which only repeats what differs
        for name in [*(name for name in ours if name not in record), *record]:
            contents = one.read(name), other.read(name)
            if contents[0] != contents[1]:
                return classify(name, contents[0], contents[1], folders)
        if ours != theirs:
            place = next(index for index, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
            return Difference("order", ours[place], f"is member {place}; in the second that is {theirs[place]}")
        for name in ours:
            found = _around(one.getinfo(name), other.getinfo(name))
            if found is not None:
                return found
    if first.read_bytes() != second.read_bytes():
        return Difference("archive", "", "the bytes around the members differ")
    return None


def _around(one: zipfile.ZipInfo, other: zipfile.ZipInfo) -> Difference | None:
    for kind, attribute in (("time", "date_time"), ("mode", "external_attr"), ("compression", "compress_size")):
        values = getattr(one, attribute), getattr(other, attribute)
        if values[0] != values[1]:
            shown = [oct(value >> 16) if kind == "mode" else str(value) for value in values]
            return Difference(kind, one.filename, f"{shown[0]} and {shown[1]}")
    return None


_IDENTITY = ".note.gnu.build-id"
_CLOCK = re.compile(rb"\b\d{1,2}:\d{2}:\d{2}\b|\b\d{4}-\d{2}-\d{2}\b|\b1[5-9]\d{8}\b")


def classify(name: str, one: bytes, other: bytes, folders: Sequence[str]) -> Difference:
    """What kind of cause makes two contents of a member differ.

    >>> classify("a.py", b"built in /x/one", b"built in /y/two", ["/x/one", "/y/two"]).kind
    'path'
    >>> classify("a.py", b"at 10:02:03", b"at 10:02:05", []).kind
    'time'
    >>> classify("a.txt", b"one\\ntwo\\n", b"two\\none\\n", []).kind
    'order'
    """
    for index, folder in enumerate(folders):
        if folder.encode() in (one, other)[index]:
            return Difference("path", name, f"holds {folder}")
    section, one, other = _part(one, other)
    if section == _IDENTITY:
        return Difference("build-id", name, "only the build-id differs: something that was stripped does")
    where = f"section {section}: " if section else ""
    if _CLOCK.sub(b"", one) == _CLOCK.sub(b"", other):
        return Difference("time", name, f"{where}holds the time of the build")
    if sorted(one.splitlines()) == sorted(other.splitlines()):
        return Difference("order", name, f"{where}the same lines in another order")
    place = next((index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return Difference("content", name, f"{where}byte {place}: {one[place : place + 24]!r} and {other[place : place + 24]!r}")


def _part(one: bytes, other: bytes) -> tuple[str, bytes, bytes]:
    """The section of a library in which the first difference lies (of several, not the build-id); of other files, all."""
    if one[:4] != b"\x7fELF" or other[:4] != b"\x7fELF":
        return "", one, other
    parts = _sections(one), _sections(other)
    differing = [name for name in parts[0] if parts[1].get(name) != parts[0][name]]
    chosen = next((name for name in differing if name != _IDENTITY), differing[0] if differing else "")
    return (chosen, parts[0][chosen], parts[1].get(chosen, b"")) if chosen else ("", one, other)


def _sections(content: bytes) -> dict[str, bytes]:
    return {section.name: section.data() for section in ELFFile(io.BytesIO(content)).iter_sections()}
