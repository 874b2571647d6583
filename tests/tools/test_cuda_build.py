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
def test_a_host_compiler_that_nvcc_refuses_is_named_before_anything_is_compiled(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "gpu")
    new = tmp_path / "a new c++"
    new.write_text(f'#!/bin/sh\nexec {shutil.which("g++")} "$@" -U__GNUC__ -D__GNUC__=99\n', encoding="utf-8")
    new.chmod(0o755)
    link = tmp_path / "new-c++"
    link.symlink_to(new)
    environment = {"TORCH_CUDA_ARCH_LIST": "9.0", "CXX": str(link)}
    refused = gpu.build(env=environment)
    assert refused.status == 5 and f"nvcc refuses the host compiler {link} (gcc 99." in refused.err, refused.err
    assert "unsupported GNU version!" in refused.err and not (gpu.root / "build/release/build.ninja").exists()
    assert "built Plain in" in gpu.built(env={"CXX": str(link), "USE_CUDA": "OFF"}).out


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


SECRETS = """#include <cassert>
#include <cstdio>
#include "Own.cuh"
static __constant__ float table[4];
static __device__ float factor = 2;
namespace {
struct Twice { __device__ float operator()(float x) const { assert(x > 0); return own(x) * factor; } };
__global__ void scale(float *x) { x[threadIdx.x] *= table[threadIdx.x]; printf("%s", __FILE__); }
} // namespace
extern "C" __attribute__((visibility("default"))) const char *secrets(float *x)
{
    scale<<<1, 1>>>(x);
    apply<<<1, 1>>>(Twice(), x);
    return __FILE__;
}
"""
OWN = """#pragma once
namespace {
__device__ float own(float x) { return x + 1; }
} // namespace
template <typename F> static __global__ void apply(F f, float *x) { x[threadIdx.x] = f(x[threadIdx.x]); }
"""


def add_secrets(gpu: Family) -> None:
    """A unit all of whose device code is its own: nvcc calls such things after the path of their file."""
    (gpu.root / "axpy/src/Secrets.cu").write_text(SECRETS, encoding="utf-8")
    (gpu.root / "axpy/src/Own.cuh").write_text(OWN, encoding="utf-8")
    gpu.edit("axpy/CMakeLists.txt", "SOURCES src/Axpy.cu", "SOURCES src/Axpy.cu src/Secrets.cu")


@needs_nvcc
def test_objects_are_the_same_in_every_folder(tmp_path: Path) -> None:
    """Without a compiler cache, which would answer for the second folder, and without our own launcher; and with a cache."""
    plain = {"TORCH_CUDA_ARCH_LIST": "9.0", "USE_CCACHE": "OFF"}
    ways = {"one": plain, "another and longer and bare": plain | {"HOLD_MEMORY": "OFF"}}
    if shutil.which("ccache"):
        ways["cached"] = {"TORCH_CUDA_ARCH_LIST": "9.0", "USE_CCACHE": "ON"}
    made: dict[str, dict[str, bytes]] = {}
    for place, environment in ways.items():
        gpu = copy_gpu(tmp_path / place / "gpu")
        add_secrets(gpu)
        assert gpu.built(env=environment).count("Building CUDA object") == 2
        names = (OBJECT, OBJECT.replace("Axpy.cu", "Secrets.cu"), "gpu/lib/libAxpy.so.1")
        made[place] = {name: (gpu.root / name).read_bytes() for name in names}
    first = made.pop("one")
    assert not [name for name, content in first.items() if str(tmp_path).encode() in content]
    for place, others in made.items():
        assert [name for name, content in others.items() if content != first[name]] == [], place
    secrets = first[OBJECT.replace("Axpy.cu", "Secrets.cu")]
    assert len(set(re.findall(rb"_GLOBAL__N__[0-9a-f]{8}_", secrets))) == 1  # host and device mean the same


def replaceable(home: Path) -> Path:
    """CUDA_HOME of a toolkit like nvcc's own whose program can be replaced: what counts is the program that nvcc names."""
    real = shutil.which("nvcc")
    own = home / "bin/nvcc"
    own.parent.mkdir(parents=True)
    answer = f"{real} \"$@\" 2>&1 | sed 's|^#[$] TOP=.*|#$ TOP={home}/bin/..|' >&2"
    own.write_text(
        f'#!/bin/sh\ncase "$*" in "--dryrun -x cu /dev/null") {answer};; *) exec {real} "$@";; esac\n', encoding="utf-8"
    )
    own.chmod(0o755)
    return own


@needs_nvcc
def test_an_edit_compiles_what_it_must_and_an_upgrade_all_of_cuda(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "gpu")
    add_secrets(gpu)
    nvcc = replaceable(tmp_path / "toolkit")
    environment = {"TORCH_CUDA_ARCH_LIST": "9.0", "CUDA_HOME": str(tmp_path / "toolkit"), "USE_CCACHE": "OFF"}
    assert gpu.built(env=environment).count("Building CUDA object") == 2
    assert "nothing to do" in gpu.built(env=environment).out

    gpu.edit("axpy/src/Own.cuh", "x + 1", "x + 2")
    unit = "axpy/CMakeFiles/Axpy.dir/src/Secrets.cu.o"
    planned = gpu.built("plan", env=environment).out
    assert "because axpy/src/Own.cuh was modified" in planned and planned.count("-> compile ") == 1, planned
    assert re.search(
        rf"because axpy/src/Own.cuh was modified .*\n +-> compile {unit}", gpu.built("explain", env=environment).out
    )
    done = gpu.built(env=environment)
    assert done.count("Building CUDA object") == 1 and done.count("Building C object") == 0 and f"object {unit}" in done.out
    gpu.edit("axpy/src/Axpy.cu", "256", "128")
    done = gpu.built(env=environment)
    assert done.count("Building CUDA object") == 1 and "src/Axpy.cu.o" in done.out

    nvcc.write_text(nvcc.read_text(encoding="utf-8") + "# another build of it, with the same command line\n", encoding="utf-8")
    done = gpu.built(env=environment)
    assert done.count("Building CUDA object") == 2 and done.count("Building C object") == 0, done.out
    assert re.search(rf"^configure: nvcc: {nvcc} .* -> {nvcc} ", done.out, re.MULTILINE), done.out


@needs_nvcc
def test_a_broken_unit_explains_itself(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "a gpu")
    gpu.edit("axpy/src/Axpy.cu", "y[i] +=", "y[unknown] +=")
    for cache in ("OFF", "AUTO"):
        environment = {"TORCH_CUDA_ARCH_LIST": "9.0", "USE_CCACHE": cache, "GITHUB_ACTIONS": "true"}
        failed = gpu.build(env=environment)
        assert failed.status == 7 and f"The build failed at {gpu.root}/axpy/src/Axpy.cu:7\n" in failed.err, failed.err
        assert f'{gpu.root}/axpy/src/Axpy.cu:7: error: identifier "unknown" is undefined\n' in failed.err
        assert "Not finished: Axpy." in failed.err and "this command alone: " in failed.err
        assert "::error file=axpy/src/Axpy.cu,line=7::identifier" in failed.out + failed.err


RING = """
[library.Ring]
summary = "a bridge to NCCL, of which it needs the header"
source = "ring"
version = "0.1.0"
needs = []
uses = ["compiler", "cuda", "nccl"]
cmake = ["-DRING_INCLUDE_DIR={nccl.include}"]
products = { "lib/libRing.so.1" = "gpu/lib/libRing.so.1" }
headers = { "ring/include/Ring" = "gpu/lib/include/Ring" }
"""
RING_PROJECT = """\
cmake_minimum_required(VERSION 3.24)
project(Ring VERSION 0.1.0 LANGUAGES C)
include("${CMAKE_CURRENT_LIST_DIR}/../cmake/TorchLibrary.cmake")
torch_add_library(Ring VERSION 0.1.0 ABI 1 SOURCES src/Ring.c PRIVATE_INCLUDES "${RING_INCLUDE_DIR}")
torch_export_library(Ring)
"""


def add_ring(gpu: Family) -> None:
    """One more library: RING."""
    manifest = gpu.root / "libraries.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + RING, encoding="utf-8")
    (gpu.root / "ring/src").mkdir(parents=True)
    (gpu.root / "ring/include/Ring").mkdir(parents=True)
    for name in ("Ring.h", "Old.h"):
        (gpu.root / "ring/include/Ring" / name).write_text("int ring(void);\n", encoding="utf-8")
    (gpu.root / "ring/CMakeLists.txt").write_text(RING_PROJECT, encoding="utf-8")
    (gpu.root / "ring/src/Ring.c").write_text("#include <nccl.h>\nint ring(void);\nint ring(void) { return NCCL_MINOR; }\n")


def test_a_bridge_that_is_demanded_is_not_left_out_with_cuda(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "gpu")
    add_ring(gpu)
    refused = gpu.build(env={"USE_CUDA": "OFF", "USE_NCCL": "ON"})
    assert refused.status == 5
    assert "nccl, which Ring needs, is missing: off: it needs CUDA, which is off: USE_CUDA=OFF." in refused.err
    assert "choose USE_NCCL=AUTO, or turn on what it needs" in refused.err
    gpu.built("Plain", env={"USE_CUDA": "OFF", "USE_NCCL": "ON"})  # which has nothing to do with either


@needs_nvcc
def test_a_bridge_is_built_where_its_header_is(tmp_path: Path) -> None:
    gpu = copy_gpu(tmp_path / "gpu")
    add_ring(gpu)
    home = tmp_path / "a place"
    environment = {"TORCH_CUDA_ARCH_LIST": "9.0", "NCCL_HOME": str(home)}

    done = gpu.built(env=environment)
    assert "build: Plain, Axpy\n" in done.out and "off: no nccl.h found" in done.out, done.out
    assert not (gpu.root / "gpu/lib/libRing.so.1").exists()
    assert "'nccl': 'off: no nccl.h found'" in (gpu.root / "gpu/version.py").read_text(encoding="utf-8")
    demanded = gpu.build(env=environment | {"USE_NCCL": "ON"})
    assert demanded.status == 5 and "nccl, which Ring needs, is missing: off: no nccl.h found" in demanded.err
    assert f"{home}/include/nccl.h (NCCL_HOME): not there" in demanded.err and "NCCL_INCLUDE_DIR" in demanded.err

    # The header comes where it was looked for, and its owner's headers go with it.
    (home / "include").mkdir(parents=True)
    header = home / "include/nccl.h"
    header.write_text("#define NCCL_MAJOR 2\n#define NCCL_MINOR 21\n#define NCCL_PATCH 5\n")
    gpu.built(env=environment)
    published = gpu.root / "gpu/lib/include/Ring"
    assert (gpu.root / "gpu/lib/libRing.so.1").is_file() and (published / "Old.h").is_file()
    assert "'nccl': '2.21.5 (NCCL_HOME)'" in (gpu.root / "gpu/version.py").read_text(encoding="utf-8")
    assert "nothing to do" in gpu.built(env=environment).out
    (gpu.root / "ring/include/Ring/Old.h").unlink()
    assert "removed gpu/lib/include/Ring/Old.h" in gpu.built(env=environment).out
    assert [path.name for path in published.iterdir()] == ["Ring.h"]
    header.unlink()
    assert "off: no nccl.h found" in gpu.built(env=environment).out
    assert not published.exists() and not (gpu.root / "gpu/lib/libRing.so.1").exists()
