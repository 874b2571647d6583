"""tests/packages/gpu: a CUDA library beside a plain one, with the real nvcc. Nothing here needs a GPU."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from .conftest import ROOT, Family

needs_nvcc = pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc on PATH: nothing can compile CUDA here")
OBJECT = "build/release/axpy/CMakeFiles/Axpy.dir/src/Axpy.cu.o"


def copy_gpu(root: Path) -> Family:
    shutil.copytree(ROOT / "tests/packages/gpu", root)
    shutil.copytree(ROOT / "cmake", root / "cmake")
    return Family(root)


def test_without_cuda_the_other_library_is_built(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "one/gpu")
    done = gpu.built(env={"USE_CUDA": "OFF"})
    assert "built Plain in" in done.out and "CUDA        off: USE_CUDA=OFF" in done.out
    assert "cuda = None" in (gpu.root / "gpu/version.py").read_text(encoding="utf-8")
    named = gpu.build("Axpy", env={"USE_CUDA": "OFF"})
    assert named.status == 5 and "cuda, which Axpy needs, is missing: off: USE_CUDA=OFF" in named.err
    demanded = gpu.build(env={"USE_CUDA": "ON", "CUDA_HOME": str(tmp_path)})
    assert demanded.status == 5 and f"{tmp_path}/bin/nvcc: not there" in demanded.err


@needs_nvcc
def test_a_cuda_library(tmp_path: Path) -> None:
    first = copy_gpu(tmp_path / "one/gpu")
    done = first.built(env={"TORCH_CUDA_ARCH_LIST": "9.0"})
    assert done.count("Building CUDA object") == 1 and "for 9.0)" in done.out
    assert "nothing to do" in first.built(env={"TORCH_CUDA_ARCH_LIST": "9.0"}).out
    assert re.search(r"^cuda = '\d+\.\d+'$", (first.root / "gpu/version.py").read_text(encoding="utf-8"), re.MULTILINE)

    # A clone in another folder shares the compiler cache, and so the bytes.
    if shutil.which("ccache"):
        second = copy_gpu(tmp_path / "two/gpu")
        assert "2 of 2 compilations from ccache" in second.built(env={"TORCH_CUDA_ARCH_LIST": "9.0"}).out
        for name in (OBJECT, "gpu/lib/libAxpy.so.1"):
            assert (first.root / name).read_bytes() == (second.root / name).read_bytes(), name

    # Another list: the CUDA library and no other.
    done = first.built(env={"TORCH_CUDA_ARCH_LIST": "Ampere+PTX 9.0a"})
    assert "configure: Axpy: TORCH_CUDA_ARCH_LIST 9.0 -> Ampere+PTX 9.0a (environment TORCH_CUDA_ARCH_LIST)" in done.out
    assert done.count("Building CUDA object") == 1 and done.count("Building C object") == 0
    command = (first.root / "build/release/compile_commands.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(?:sm|compute)_\w+", command.partition("code=")[2])) >= {"sm_80", "compute_86", "sm_86", "sm_90a"}
    assert "compute_80]" not in command and "sm_90," not in command

    refused = first.build(env={"TORCH_CUDA_ARCH_LIST": "3.5"})
    assert refused.status == 5 and "TORCH_CUDA_ARCH_LIST=3.5: `3.5`: this nvcc compiles for" in refused.err
