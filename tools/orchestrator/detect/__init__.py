"""Detectors: each looks for one thing and answers Found or Missing with every place it looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestrator.detect.blas import detect_blas
from orchestrator.detect.compiler import detect_compiler, detect_linker
from orchestrator.detect.compilercache import detect_cache
from orchestrator.detect.cuda import detect_cuda
from orchestrator.detect.cudaparts import detect_cudnn, detect_nccl
from orchestrator.detect.python import detect_pybind11, detect_python
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing, account
from orchestrator.detect.tools import detect_cmake, detect_make, detect_ninja

__all__ = ["DETECTORS", "Candidate", "Context", "Detection", "Found", "Missing", "account", "detect"]

DETECTORS: dict[str, Callable[[Context], Detection]] = {
    "compiler": detect_compiler,
    "linker": detect_linker,
    "cmake": detect_cmake,
    "ninja": detect_ninja,
    "make": detect_make,
    "cache": detect_cache,
    "python": detect_python,
    "pybind11": detect_pybind11,
    "blas": detect_blas,
    "cuda": detect_cuda,
    "cudnn": detect_cudnn,
    "nccl": detect_nccl,
}


def detect(names: Iterable[str], context: Context) -> dict[str, Detection]:
    """Runs the named detectors, in the order of the table."""
    wanted = set(names)
    return {name: detector(context) for name, detector in DETECTORS.items() if name in wanted}
