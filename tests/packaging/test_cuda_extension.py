"""Extensions with CUDA sources, by the real nvcc, from an installed wheel. A GPU is used where there is one, and not needed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from stranger import Stranger

pytestmark = pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc on PATH: nothing can compile CUDA here")
HAS_GPU = Path("/dev/nvidia0").exists()

KERNEL = """\
#include <cuda_runtime.h>
#include "factor.cuh"
#include "kernel.h"
__global__ void scale(float *x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= FACTOR;
}
int factor() { return FACTOR; }
int toolkit() { int version = 0; return cudaRuntimeGetVersion(&version) == cudaSuccess ? version : -1; }
bool scales() {
  float *x = nullptr, host[3] = {1, 2, 3};
  if (cudaMalloc(&x, sizeof host) != cudaSuccess) return false;
  cudaMemcpy(x, host, sizeof host, cudaMemcpyHostToDevice);
  scale<<<1, 32>>>(x, 3);
  cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
  cudaFree(x);
  return host[2] == 3 * FACTOR;
}
"""
HEADER = "int factor();\nint toolkit();\nbool scales();\n"
BINDING = """\
#include <torch/pybind.h>
#include "kernel.h"
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("factor", &factor);
  m.def("toolkit", &toolkit);
  m.def("scales", &scales);
}
"""
SETUP = """\
import setuptools
from torch.utils.cpp_extension import BuildExtension, CUDAExtension
FLAGS = {"cxx": ["-O0"], "nvcc": ["--use_fast_math"]}
extension = CUDAExtension("scaled", ["binding.cpp", "kernel.cu"], extra_compile_args=FLAGS)
setuptools.setup(name="scaled", py_modules=[], ext_modules=[extension], cmdclass={"build_ext": BuildExtension})
"""
LOAD = """\
from torch.utils.cpp_extension import load
m = load("scaled_at_run_time", ["binding.cpp", "kernel.cu"], extra_cflags=["-O0"])
print(m.factor(), m.toolkit(), m.scales())
"""
INLINE = """\
from torch.utils.cpp_extension import load_inline
cuda = "__global__ void nothing() {} int64_t version() { int v = 0; cudaRuntimeGetVersion(&v); return v; }"
m = load_inline("inline_cuda", "int64_t version();", cuda_sources=cuda, functions=["version"])
print(m.version())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    folder.mkdir()
    files = {"kernel.cu": KERNEL, "kernel.h": HEADER, "factor.cuh": "#define FACTOR 2\n", "binding.cpp": BINDING}
    for name, text in {**files, "setup.py": SETUP, "use.py": LOAD, "inline.py": INLINE}.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def toolkit() -> str:
    """13000 for CUDA 13.0."""
    said = subprocess.run(["nvcc", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"release (\d+)\.(\d+)", said)
    assert found is not None
    return str(int(found[1]) * 1000 + int(found[2]) * 10)


def test_setuptools(stranger: Stranger, project: Path, toolkit: str) -> None:
    build = ("setup.py", "-q", "build_ext", "--inplace")
    program = "import torch, scaled; print(scaled.factor(), scaled.toolkit(), scaled.scales())"
    stranger.python(*build, cwd=project, TORCH_CUDA_ARCH_LIST="9.0")
    assert stranger.python("-c", program, cwd=project) == f"2 {toolkit} {HAS_GPU}\n"
    objects = {path.name: path.stat().st_mtime_ns for path in (project / "build").rglob("*.o")}
    (project / "factor.cuh").write_text("#define FACTOR 5\n")
    stranger.python(*build, cwd=project, TORCH_CUDA_ARCH_LIST="9.0")
    assert stranger.python("-c", program, cwd=project) == f"5 {toolkit} {HAS_GPU}\n"
    changed = [path.name for path in (project / "build").rglob("*.o") if objects[path.name] != path.stat().st_mtime_ns]
    assert len(changed) == 1 and changed[0].startswith("kernel"), changed


def test_at_run_time(stranger: Stranger, project: Path, toolkit: str) -> None:
    assert stranger.python("use.py", cwd=project, TORCH_CUDA_ARCH_LIST="9.0") == f"2 {toolkit} {HAS_GPU}\n"
    (project / "factor.cuh").write_text("#define FACTOR 7\n")
    assert stranger.python("use.py", cwd=project, TORCH_CUDA_ARCH_LIST="9.0") == f"7 {toolkit} {HAS_GPU}\n"
    assert stranger.python("inline.py", cwd=project, TORCH_CUDA_ARCH_LIST="9.0") == f"{toolkit}\n"


def test_what_nvcc_says_is_in_the_error(stranger: Stranger, project: Path) -> None:
    (project / "kernel.cu").write_text(KERNEL.replace("x[i] *= FACTOR", "y[i] *= FACTOR"))
    (project / "binding.cpp").write_text("")
    done = stranger.attempt(stranger.environment.python, "use.py", cwd=project, TORCH_CUDA_ARCH_LIST="9.0")
    assert done.returncode == 1 and 'identifier "y" is undefined' in done.stdout, done.stdout
