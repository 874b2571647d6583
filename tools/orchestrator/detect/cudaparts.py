"""Libraries on top of CUDA, cuDNN and NCCL: their headers, which bridges to them are compiled with.

A bridge opens the library itself at run time: to build it the headers suffice, and one wheel serves machines with and without.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.cachefolder import key_of
from orchestrator.detect.asking import stamp_of
from orchestrator.detect.cuda import detect_cuda
from orchestrator.detect.cudatoolkit import USUAL
from orchestrator.detect.folders import distribution, file_version, linker_folders, site_folders
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_cudnn", "detect_nccl"]


@dataclass(frozen=True)
class _Part:
    """What distinguishes cuDNN from NCCL. `packages` are distributions, named for a CUDA; `least` is the first major version
    that will do; `folder` stands in site-packages/nvidia.
    """

    name: str
    title: str
    least: int
    header: str
    version_headers: tuple[str, ...]
    macros: tuple[str, str, str]
    library: str
    variables: tuple[tuple[str, str], ...]  # (variable, what it names: "home", "include" or "lib")
    folder: str
    packages: tuple[str, ...]
    said: bytes = b""  # what stands before the version in the library itself; b"": only the name of its file tells


_CUDNN = _Part(
    "cudnn",
    "cuDNN",
    9,
    "cudnn.h",
    ("cudnn_version.h", "cudnn.h"),
    ("CUDNN_MAJOR", "CUDNN_MINOR", "CUDNN_PATCHLEVEL"),
    "libcudnn.so",
    (("CUDNN_HOME", "home"), ("CUDNN_ROOT_DIR", "home"), ("CUDNN_INCLUDE_DIR", "include"), ("CUDNN_LIB_DIR", "lib")),
    "cudnn",
    ("nvidia-cudnn-cu13", "nvidia-cudnn-cu12"),
)
_NCCL = _Part(
    "nccl",
    "NCCL",
    2,
    "nccl.h",
    ("nccl.h",),
    ("NCCL_MAJOR", "NCCL_MINOR", "NCCL_PATCH"),
    "libnccl.so",
    (("NCCL_HOME", "home"), ("NCCL_ROOT_DIR", "home"), ("NCCL_INCLUDE_DIR", "include"), ("NCCL_LIB_DIR", "lib")),
    "nccl",
    ("nvidia-nccl-cu13", "nvidia-nccl-cu12"),
    b"NCCL version ",
)


@dataclass(frozen=True)
class _Place:
    """Where headers and library may stand; what a Python package's metadata say of them, if it is one."""

    include: Path
    folders: Sequence[Path]
    how: str
    version: str = ""
    cuda: str = ""  # major version


def detect_cudnn(context: Context) -> Detection:
    """Headers of cuDNN 9, for the toolkit's CUDA. Values: include; library, which may be empty."""
    return _detect(context, _CUDNN)


def detect_nccl(context: Context) -> Detection:
    """Headers of NCCL 2, for the toolkit's CUDA. Values: include; library, which may be empty."""
    return _detect(context, _NCCL)


def _detect(context: Context, part: _Part) -> Detection:
    option = f"USE_{part.name.upper()}"
    wanted = context.option(option, "AUTO")
    if wanted == "OFF":
        return Missing(part.name, f"off: {option}=OFF", required=False)
    toolkit = detect_cuda(context)
    if isinstance(toolkit, Missing):
        return Missing(part.name, f"off: it needs CUDA, which is {toolkit.reason}", required=wanted == "ON")
    looked: list[Candidate] = []
    asked: list[Path] = []
    for place in _places(context, part):
        header = place.include / part.header
        asked += [header, *(place.include / name for name in part.version_headers if name != part.header)]
        label = f"{header} ({place.how})"
        if not header.is_file():
            looked.append(Candidate(label, "not there"))
            continue
        version = _header_version(place.include, part) or place.version
        if refusal := _refusal(part, place, version, toolkit):
            looked.append(Candidate(label, refusal, version))
            continue
        library = _library(place.folders, part.library, version)
        number = _library_version(context, library, part) if library else ""
        beside = f"with {library}" if library else f"headers only: no {part.library}* beside them, it is opened at run time"
        beside += "" if version.startswith(number) else f" ({number})"
        looked.append(Candidate(label, f"taken, {beside}", version, taken=True))
        values = {"include": str(place.include), "library": str(library or "")}
        warnings = _mismatch(part, header, version, library, number)
        return Found(part.name, version, header, place.how, values, looked=tuple(looked), asked=tuple(asked), warnings=warnings)
    reason = next((item.verdict for item in looked if item.verdict != "not there"), f"no {part.header} found")
    return Missing(part.name, f"off: {reason}", tuple(looked), required=wanted == "ON", asked=tuple(asked))


def _refusal(part: _Part, place: _Place, version: str, toolkit: Found) -> str:
    """Why these headers will not do; "" if they will."""
    if not version:
        return f"{part.header} does not say {part.macros[0]}"
    if int(version.partition(".")[0]) < part.least:
        return f"{part.title} {version} is too old: {part.least}.0 or later is needed"
    cuda = toolkit.version.partition(".")[0]
    if place.cuda and place.cuda != cuda:
        instead = part.packages[0].rpartition("-cu")[0]
        return f"{part.title} {version} is for CUDA {place.cuda}, nvcc is {toolkit.version}: install {instead}-cu{cuda}"
    return ""


def _mismatch(part: _Part, header: Path, version: str, library: Path | None, number: str) -> tuple[tuple[str, str], ...]:
    """Headers promise what a library of another major version, or an older one, does not have."""
    if library is None or not number:
        return ()
    has, promised = ([int(word) for word in text.split(".")] for text in (number, version))
    if has[0] == promised[0] and has >= promised[: len(has)]:
        return ()
    what = f"{header} is of {part.title} {version}, and {library} beside it is {number}."
    names = " and ".join(dict.fromkeys(name for name, _ in part.variables[:1]))
    return ((what, f"install one {part.title} whole, or name another with {names}; what is opened at run time has to fit"),)


def _library_version(context: Context, library: Path, part: _Part) -> str:
    """Of its file's name, or, where that tells only a part, as it says itself."""
    named = file_version(library)
    if named.count(".") > 1 or not part.said:
        return named
    key = key_of([stamp_of(library), part.said.decode()])
    kept = context.memory.read("tools", key)
    if kept is None:
        kept = {"version": _said(library, part.said)}
        context.memory.write("tools", key, kept)
    return str(kept.get("version", "")) or named


def _said(library: Path, words: bytes) -> str:
    """The version behind `words` in a file of hundreds of megabytes."""
    try:
        with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            place = content.find(words)
            while place >= 0:
                match = re.match(rb"\d+\.\d+\.\d+", content[place + len(words) : place + len(words) + 32])
                if match:
                    return match[0].decode()
                place = content.find(words, place + 1)
    except (OSError, ValueError):  # ValueError: an empty file
        pass
    return ""


def _places(context: Context, part: _Part) -> Iterator[_Place]:
    """The first that will do wins; what variables name is the only one."""
    named = {name: context.option(name) or context.environ.get(name, "") for name, _ in part.variables}
    given = {what: (named[name], name) for name, what in reversed(part.variables) if named[name]}
    if given:
        yield _given(given)
        return
    system = context.option(f"USE_SYSTEM_{part.name.upper()}", "AUTO")
    if system != "OFF":
        yield from _system_places(context)
    if system != "ON":
        yield from _packages(part)


def _system_places(context: Context) -> Iterator[_Place]:
    multiarch = f"{os.uname().machine}-linux-gnu"
    homes = [(context.option("CUDA_HOME"), "CUDA_HOME"), *((home, home) for home in (str(USUAL), "/usr", "/usr/local"))]
    for home, how in homes:
        if home:
            base = Path(home)
            folders = [base / "lib64", base / "lib", *(linker_folders() if home == "/usr" else ())]
            yield _Place(base / "include", folders, how)
            if home == "/usr":
                yield _Place(base / "include" / multiarch, [base / "lib" / multiarch], how)


def _packages(part: _Part) -> Iterator[_Place]:
    for site in site_folders():
        for name in (part.folder, "cu13", "cu12"):
            folder = site / "nvidia" / name
            if folder.is_dir():
                version, cuda = _metadata(part)
                yield _Place(folder / "include", [folder / "lib"], f"Python package nvidia/{name}", version, cuda)


def _given(given: Mapping[str, tuple[str, str]]) -> _Place:
    names = ", ".join(name for _, name in given.values())
    home = Path(given["home"][0]) if "home" in given else None
    include = Path(given["include"][0]) if "include" in given else (home / "include" if home else Path("/usr/include"))
    if "lib" in given:
        folders = [Path(given["lib"][0])]
    elif home:
        folders = [home / "lib64", home / "lib"]
    else:
        folders = [include.parent / "lib64", include.parent / "lib"]
    return _Place(include, folders, names)


def _metadata(part: _Part) -> tuple[str, str]:
    """(version, CUDA's major version) of the installed distribution, "" if there is none."""
    for name in part.packages:
        found = distribution(name)
        if found is not None:
            return str(found.version), name.rpartition("-cu")[2]
    return "", ""


def _header_version(include: Path, part: _Part) -> str:
    for name in part.version_headers:
        try:
            text = (include / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        numbers = [re.search(rf"^#define\s+{macro}\s+(\d+)", text, re.MULTILINE) for macro in part.macros]
        if all(numbers):
            return ".".join(number[1] for number in numbers if number)
    return ""


def _library(folders: Sequence[Path], name: str, version: str) -> Path | None:
    """One of the header's major version where there are several."""
    found = [path for folder in folders for path in (folder / name, *sorted(folder.glob(f"{name}.*"))) if path.is_file()]
    major = version.partition(".")[0]
    return next((path for path in found if file_version(path).partition(".")[0] == major), found[0] if found else None)
