"""The CUDA toolkit."""

from __future__ import annotations

import os
import re
from pathlib import Path

from orchestrator.detect.result import Context, Detection, Found, Missing
from orchestrator.process import capture

__all__ = ["detect_cuda"]


def detect_cuda(context: Context) -> Detection:
    """nvcc of CUDA_HOME, of PATH, or of /usr/local/cuda. Values: home."""
    if context.options["USE_CUDA"] == "OFF":
        return Missing("cuda", "off: USE_CUDA=OFF", required=False)
    home = context.options["CUDA_HOME"]
    folders = [Path(home) / "bin"] if home else [*context.path_folders(), Path("/usr/local/cuda/bin")]
    searched = []
    for folder in folders:
        nvcc = folder / "nvcc"
        if not os.access(nvcc, os.X_OK):
            searched.append(f"{nvcc}: not there")
            continue
        done = capture([str(nvcc), "--version"])
        number = re.search(r"release (\d+\.\d+)", done.output)
        if done.status == 0 and number:
            return Found("cuda", number[1], nvcc, "CUDA_HOME" if home else "PATH", {"home": str(folder.parent)})
        searched.append(f"{nvcc}: `--version` failed with status {done.status}")
    return Missing("cuda", "off: no nvcc found", tuple(searched), required=context.options["USE_CUDA"] == "ON")
