"""The BLAS that a library opens at run time."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import mmap
from pathlib import Path

from orchestrator.detect.result import Context, Detection, Found, Missing

__all__ = ["blas_core", "detect_blas"]

_PACKAGE = "scipy_openblas32"
_NONE = {"library": "", "prefix": "", "carry": "OFF", "licence": ""}


def detect_blas(context: Context) -> Detection:
    """Option BLAS. Values: library, prefix of its symbols, carry (ON: shipped beside our libraries), licence (a file).

    Missing is no failure unless the option demanded a library: the plain C code stands in.
    """
    wanted = context.options["BLAS"].strip()
    if wanted.lower() in ("none", "off", "0"):
        return Missing("blas", "plain C (BLAS=none)", (), _NONE, required=False)
    if wanted.lower() in ("", "auto", "openblas"):
        return _openblas(required=wanted.lower() == "openblas")
    return _file(Path(wanted).expanduser())


def _openblas(*, required: bool) -> Detection:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        reason = "plain C: the Python package scipy-openblas32 is not installed"
        return Missing("blas", reason, (f"Python package {_PACKAGE}: not on sys.path",), _NONE, required)
    library = Path(spec.origin).parent / "lib" / "libscipy_openblas.so"
    distribution = importlib.metadata.distribution("scipy-openblas32")
    licence = next((str(file.locate()) for file in distribution.files or () if file.name.startswith("LICENSE")), "")
    if not library.is_file() or not licence:
        missing = "library" if not library.is_file() else "licence file"
        return Missing(
            "blas", f"plain C: scipy-openblas32 is installed without its {missing}", (str(library),), _NONE, required
        )
    values = {"library": str(library), "prefix": "scipy_", "carry": "ON", "licence": licence}
    return Found(
        "blas", f"OpenBLAS {distribution.version}", library, "Python package scipy-openblas32", values, ("library", "licence")
    )


def _file(path: Path) -> Detection:
    if not path.is_absolute() or not path.is_file():
        reason = f"BLAS={path} is neither auto, openblas, none nor the absolute path of a library"
        return Missing("blas", reason, (str(path),), _NONE)
    for prefix in ("", "scipy_"):
        if _contains(path, f"\0{prefix}cblas_sgemm\0".encode()):
            values = {"library": str(path), "prefix": prefix, "carry": "OFF", "licence": ""}
            return Found("blas", path.name, path, "BLAS", values)
    return Missing("blas", f"{path} has no symbol cblas_sgemm", (str(path),), _NONE)


def _contains(path: Path, text: bytes) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(text) >= 0


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
