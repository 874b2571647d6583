"""Detectors: each looks for one thing and answers Found or Missing with every place it looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestrator.detect.blas import detect_blas
from orchestrator.detect.compiler import detect_compiler
from orchestrator.detect.cuda import detect_cuda
from orchestrator.detect.python import detect_pybind11, detect_python
from orchestrator.detect.result import Context, Detection, Found, Missing
from orchestrator.detect.tools import detect_cmake, detect_ninja

__all__ = ["DETECTORS", "Context", "Detection", "Found", "Missing", "detect"]

DETECTORS: dict[str, Callable[[Context], Detection]] = {
    "compiler": detect_compiler,
    "cmake": detect_cmake,
    "ninja": detect_ninja,
    "python": detect_python,
    "pybind11": detect_pybind11,
    "blas": detect_blas,
    "cuda": detect_cuda,
}


def detect(names: Iterable[str], context: Context) -> dict[str, Detection]:
    """Runs the named detectors, in the order of the table."""
    wanted = set(names)
    return {name: detector(context) for name, detector in DETECTORS.items() if name in wanted}
