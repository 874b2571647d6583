"""The BLAS that a library opens at run time."""

from __future__ import annotations

import ctypes
import importlib.util
import mmap
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestrator.detect.folders import distribution, linker_folders
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["blas_core", "detect_blas", "system_blas"]

_PACKAGE = "scipy_openblas32"
_NONE = {"library": "", "prefix": "", "carry": "OFF", "licence": ""}
# In the order in which SYSTEM_LIBS takes them.
_SYSTEM = (("libopenblas.so.0", "OpenBLAS"), ("libblas.so.3", "BLAS"))
_OTHERS = (*_SYSTEM, ("libmkl_rt.so.2", "MKL"), ("libmkl_rt.so.3", "MKL"), ("libmkl_rt.so", "MKL"), ("libblis.so.4", "BLIS"))


def detect_blas(context: Context, folders: Sequence[Path] | None = None) -> Detection:
    """Option BLAS. Values: library, prefix of its symbols, carry (ON: shipped beside our libraries), licence (a file).

    Missing is no failure unless the option demanded a library: the plain C code stands in. With SYSTEM_LIBS the system's
    library is taken and never the Python package's. `folders` are the dynamic linker's, for tests.
    """
    wanted = context.options["BLAS"].strip()
    folders = [*linker_folders(), Path(sys.prefix) / "lib"] if folders is None else folders
    if wanted.lower() in ("none", "off", "0"):
        return Missing("blas", "plain C (BLAS=none)", _seen(folders, "not chosen: BLAS=none"), _NONE, required=False)
    if wanted.lower() in ("", "auto", "openblas"):
        required = wanted.lower() == "openblas"
        if context.option("SYSTEM_LIBS", "OFF") == "ON":
            return system_blas(folders, required=required)
        return _openblas(folders, required=required)
    return _file(Path(wanted).expanduser())


def _openblas(folders: Sequence[Path], *, required: bool) -> Detection:
    place = f"Python package {_PACKAGE}"
    others = _seen(folders, "not chosen: SYSTEM_LIBS=ON or BLAS=<its path> takes it")
    spec = importlib.util.find_spec(_PACKAGE)
    found = distribution("scipy-openblas32")
    if spec is None or spec.origin is None or found is None:
        reason = "plain C: the Python package scipy-openblas32 is not installed"
        return Missing("blas", reason, (Candidate(place, "not on sys.path"), *others), _NONE, required)
    library = Path(spec.origin).parent / "lib" / "libscipy_openblas.so"
    licence = next((str(file.locate()) for file in found.files or () if file.name.startswith("LICENSE")), "")
    if not library.is_file() or not licence:
        missing = "library" if not library.is_file() else "licence file"
        look = Candidate(str(library), f"installed without its {missing}", found.version)
        reason = f"plain C: scipy-openblas32 is installed without its {missing}"
        return Missing("blas", reason, (look, *others), _NONE, required)
    values = {"library": str(library), "prefix": "scipy_", "carry": "ON", "licence": licence}
    looked = (Candidate(f"{place} ({library})", "taken", found.version, taken=True), *others)
    how = "Python package scipy-openblas32"
    return Found("blas", f"OpenBLAS {found.version}", library, how, values, ("library", "licence"), looked)


def system_blas(folders: Sequence[Path], *, required: bool) -> Detection:
    """The first of the system's libraries that holds the C interface; it stays where it is."""
    looked: list[Candidate] = []
    for name, kind in _SYSTEM:
        places = [folder / name for folder in folders if (folder / name).is_file()]
        if not places:
            looked.append(Candidate(name, f"not in {', '.join(map(str, folders))}"))
        for path in places:
            if not _contains(path, b"\0cblas_sgemm\0"):
                looked.append(Candidate(str(path), "has no symbol cblas_sgemm"))
                continue
            version = _version(path, kind)
            looked.append(Candidate(str(path), "taken: SYSTEM_LIBS=ON", version, taken=True))
            values = {"library": str(path), "prefix": "", "carry": "OFF", "licence": ""}
            return Found("blas", version, path, "SYSTEM_LIBS", values, looked=tuple(looked))
    looked.append(Candidate(f"Python package {_PACKAGE}", "not asked: SYSTEM_LIBS=ON never takes it"))
    return Missing("blas", "plain C: SYSTEM_LIBS=ON, and the system has no OpenBLAS or BLAS", tuple(looked), _NONE, required)


def _seen(folders: Sequence[Path], verdict: str) -> tuple[Candidate, ...]:
    """The system's BLAS libraries as alternatives. One file counts once, whatever it is called."""
    real: dict[Path, Candidate] = {}
    for name, kind in _OTHERS:
        for folder in folders:
            path = folder / name
            if path.is_file():
                real.setdefault(path.resolve(), Candidate(str(path), verdict, kind))
    return tuple(real.values())


def _version(path: Path, kind: str) -> str:
    """OpenBLAS holds its version as a text."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        number = re.search(rb"OpenBLAS (\d+\.\d+\.\d+)", content)
        return f"OpenBLAS {number[1].decode()}" if number else kind


def _file(path: Path) -> Detection:
    if not path.is_absolute() or not path.is_file():
        reason = f"BLAS={path} is neither auto, openblas, none nor the absolute path of a library"
        return Missing(
            "blas", reason, (Candidate(str(path), "no such file" if path.is_absolute() else "no absolute path"),), _NONE
        )
    for prefix in ("", "scipy_"):
        if _contains(path, f"\0{prefix}cblas_sgemm\0".encode()):
            values = {"library": str(path), "prefix": prefix, "carry": "OFF", "licence": ""}
            looked = (Candidate(str(path), "taken: BLAS says so", taken=True),)
            return Found("blas", path.name, path, "BLAS", values, looked=looked)
    verdict = "has no symbol cblas_sgemm"
    return Missing("blas", f"{path} {verdict}", (Candidate(str(path), verdict),), _NONE)


def _contains(path: Path, text: bytes) -> bool:
    try:
        if path.stat().st_size == 0:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(text) >= 0
    except OSError:
        return False


def blas_core(item: Detection) -> str:
    """The kernels that an OpenBLAS chooses on this machine; empty for another library.

    Loads the library, which starts its threads: for the end of a build, not for every detection.
    """
    if not isinstance(item, Found):
        return ""
    try:
        core = getattr(ctypes.CDLL(item.values["library"]), f"{item.values['prefix']}openblas_get_corename")
    except (OSError, AttributeError):
        return ""
    core.restype = ctypes.c_char_p
    name: bytes = core()
    return name.decode("ascii", "replace")
