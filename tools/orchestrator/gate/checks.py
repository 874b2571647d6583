"""What is looked at inside a wheel, without installing it: one function for each question, and the table of them."""

from __future__ import annotations

import fnmatch
import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

from orchestrator.gate.findings import (
    BinaryError,
    ContentsError,
    Finding,
    LeakedPathError,
    MetadataError,
    PlatformTagError,
    SizeError,
)
from orchestrator.gate.platformtag import glibc_of, platform_report
from orchestrator.gate.wheelfacts import Expected, WheelFacts
from orchestrator.process import capture

__all__ = ["CHECKS", "raised_by"]

_SBOM = "sboms/*.cdx.json"
_OPTIONAL = (_SBOM, "entry_points.txt")
_INFO = ("METADATA", "WHEEL", "RECORD", "licenses/*", *_OPTIONAL)
# Libraries that every Linux with glibc has (PEP 600), by the beginning of their names.
_SYSTEM = ("libc.so.", "libm.so.", "libpthread.so.", "libdl.so.", "librt.so.", "ld-linux", "libgcc_s.so.", "libstdc++.so.")
_NAMED = 4
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")


def contents(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """Exactly the files that the checkout says."""
    info = f"{wheel.dist_info}/"
    names = set(wheel.order)
    needless = {name for name in names - expected.members if not name.startswith(info)}
    lacking = set(expected.members - names)
    for pattern in _INFO:
        found = fnmatch.filter(names, info + pattern)
        names -= set(found)
        if not found and pattern not in _OPTIONAL:
            lacking.add(info + pattern)
    needless |= {name for name in names if name.startswith(info)}
    yield from (Finding(ContentsError, f"{name} is missing") for name in sorted(lacking))
    yield from (Finding(ContentsError, f"{name} is in it, and nothing says that it should be") for name in sorted(needless))
    if len(set(wheel.order)) != len(wheel.order):
        yield Finding(ContentsError, "a name stands in it twice")


def record(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """RECORD names each file, with its size and digest."""
    for name in wheel.order:
        if name != f"{wheel.dist_info}/RECORD" and wheel.record.get(name) != wheel.recorded(name):
            yield Finding(ContentsError, f"{name} is not what RECORD says")
    missing = sorted(wheel.record.keys() - {*wheel.order})
    yield from (Finding(ContentsError, f"RECORD names {name}, which is missing") for name in missing)


def size(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """The file is within its budget; if not, its largest members are named."""
    total = wheel.path.stat().st_size
    if total > expected.budget:
        largest = sorted(wheel.contents, key=lambda name: -len(wheel.contents[name]))[:3]
        listing = ", ".join(f"{name} {len(wheel.contents[name]) / 1e6:.1f} MB" for name in largest)
        text = f"it has {total / 1e6:.2f} MB, and the budget is {expected.budget / 1e6:.2f} MB (largest, unpacked: {listing})"
        yield Finding(SizeError, text)


def paths(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """No file names a folder of the machine that built it."""
    for name, content in wheel.contents.items():
        leaks = (leak for folder in expected.folders if (leak := _leak(content, folder.encode())))
        if leak := next(leaks, ""):
            yield Finding(LeakedPathError, f"{name} names {leak}")


def _leak(content: bytes, folder: bytes) -> str:
    """The first path in `content` that begins with `folder`."""
    place = content.find(folder)  # many times faster than a pattern
    while place >= 0:
        match = re.compile(rb"(?<![\w.-])[^\0\n\"']{1,100}").match(content, place)
        if match:
            return match[0].decode(errors="replace")
        place = content.find(folder, place + 1)
    return ""


def symbols(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """Our libraries export what their allow-lists say, and hold no symbols for debuggers."""
    for name, patterns in expected.own.items():
        facts = wheel.libraries.get(name)
        if facts is None:
            continue  # `contents` says that it is missing
        foreign = [item for item in facts.exports if not any(fnmatch.fnmatchcase(item, pattern) for pattern in patterns)]
        if patterns and foreign:
            more = f" and {len(foreign) - _NAMED} more" if len(foreign) > _NAMED else ""
            allowed = ", ".join(patterns)
            yield Finding(BinaryError, f"{name} exports {', '.join(foreign[:_NAMED])}{more}; it may export {allowed}")
        if ".symtab" in facts.sections or any(section.startswith(".debug") for section in facts.sections):
            yield Finding(BinaryError, f"{name} was not stripped: it holds symbols for debuggers")


def search_paths(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """Libraries find each other by DT_RPATH, relative to themselves, inside the wheel; all else is the system's."""
    for name, facts in wheel.libraries.items():
        if facts.runpath:
            said = ":".join(facts.runpath)
            yield Finding(BinaryError, f"{name} has a DT_RUNPATH ({said}): LD_LIBRARY_PATH would win over it")
        places = []
        for folder in facts.rpath:
            inside = posixpath.normpath(folder.replace("$ORIGIN", posixpath.dirname(name), 1))
            if not folder.startswith("$ORIGIN") or inside.startswith(("..", "/")):
                yield Finding(BinaryError, f"{name} looks for libraries in {folder}, outside of the wheel")
            places.append(inside)
        for needed in facts.needed:
            carried = any(f"{place}/{needed}" in wheel.contents for place in places)
            if not carried and not needed.startswith(_SYSTEM):
                where = ", ".join(places) or "nowhere"
                yield Finding(BinaryError, f"{name} needs {needed}, which is neither the system's nor where it looks ({where})")


def tags(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """The name, the WHEEL file and the extension modules agree about Python, ABI and platform."""
    tag = "-".join(wheel.name_parts[-3:])
    said = re.findall(r"^Tag: (.+)$", wheel.contents.get(f"{wheel.dist_info}/WHEEL", b"").decode(), re.MULTILINE)
    platforms = [f"{'-'.join(wheel.name_parts[-3:-1])}-{platform}" for platform in wheel.name_parts[-1].split(".")]
    if sorted(said) != sorted(platforms):
        yield Finding(MetadataError, f"WHEEL says {', '.join(said) or 'no tag'}, and the file is named for {tag}")
    python = wheel.name_parts[-3].removeprefix("cp")
    for name in wheel.libraries:
        match = re.search(r"\.cpython-(\d+)-", name)
        if match and match[1] != python:
            yield Finding(MetadataError, f"{name} is for CPython {match[1]}, and the wheel for {tag}")


def platform(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """The platform tag holds, and is not above the floor. Names the symbols that raise it."""
    report = wheel.platform or platform_report(wheel.path)
    claimed = min((glibc_of(part) for part in wheel.name_parts[-1].split(".")), default=None)
    limits = [(claimed, f"the name says {wheel.name_parts[-1]}")] if claimed and claimed < (99, 0) else []
    if expected.floor:
        limits.append((glibc_of(expected.floor), f"the floor is {expected.floor}"))
    for limit, said in limits:
        if report.glibc > limit:
            yield Finding(PlatformTagError, f"{said}, and {report.tag} is what holds: {raised_by(wheel, limit)}")


def raised_by(wheel: WheelFacts, limit: tuple[int, int]) -> str:
    """The symbols because of which a wheel needs more than the glibc `limit`: of each library those of the newest version."""
    return "; ".join(_raised(wheel, limit)) or "; ".join(_newest(wheel))


def _raised(wheel: WheelFacts, limit: tuple[int, int]) -> Iterator[str]:
    for name, facts in wheel.libraries.items():
        numbers = {
            (int(match[1]), int(match[2])): version for version in facts.versions if (match := _GLIBC.fullmatch(version))
        }
        newest = max(numbers, default=limit)
        if newest > limit:
            used = facts.versions[numbers[newest]]
            more = f" and {len(used) - _NAMED} more" if len(used) > _NAMED else ""
            yield f"{name} uses {', '.join(used[:_NAMED])}{more} of {numbers[newest]}"


def _newest(wheel: WheelFacts) -> Iterator[str]:
    """Where glibc is not what raises it: the newest that is used of the compiler's libraries."""
    for name, facts in wheel.libraries.items():
        for family in ("GLIBCXX", "CXXABI", "GCC"):
            used = [version for version in facts.versions if re.fullmatch(rf"{family}_[\d.]+", version)]
            if used:
                newest = max(used, key=lambda version: [int(part) for part in version.partition("_")[2].split(".")])
                yield f"{name} uses {facts.versions[newest][0]}@{newest}"


def metadata(wheel: WheelFacts, expected: Expected) -> Iterator[Finding]:
    """What twine and check-wheel-contents say."""
    for command in (["twine", "check", "--strict"], ["check_wheel_contents"]):
        done = capture([sys.executable, "-m", *command, str(wheel.path)])
        if done.status != 0:
            words = " ".join(done.output.replace(str(wheel.path), "").split()).removeprefix(": ")
            yield Finding(MetadataError, f"{command[0]}: {words}")


Check = Callable[[WheelFacts, Expected], Iterable[Finding]]

CHECKS: Mapping[str, Check] = {
    "contents": contents,
    "record": record,
    "size": size,
    "paths": paths,
    "symbols": symbols,
    "search paths": search_paths,
    "tags": tags,
    "platform": platform,
    "metadata": metadata,
}
"""In the order in which they run and are reported."""
