"""TORCH_CUDA_ARCH_LIST: what each way of writing it means, what is refused, and what a machine with or without a GPU takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from orchestrator.detect import Found, Missing
from orchestrator.detect.gpuarchitectures import (
    Architecture,
    cmake_words,
    default_architectures,
    parse_architectures,
    supported_by,
)

from .test_detect import GCC, context, look_for, program

LISTING = "\n".join(f"compute_{number}" for number in (75, 80, 86, 87, 88, 89, 90, 100, 110, 103, 120, 121))
NVCC_13 = supported_by(LISTING)


def nobody() -> Sequence[Architecture]:
    return ()


def versions(text: str, present: Sequence[Architecture] = ()) -> str:
    return " ".join(item.version for item in parse_architectures(text, NVCC_13, lambda: present))


def test_what_nvcc_lists_is_sorted() -> None:
    text = "7.5 8.0 8.6 8.7 8.8 8.9 9.0 10.0 10.3 11.0 12.0 12.1"
    assert " ".join(item.version for item in NVCC_13) == text
    assert supported_by("nvcc fatal: unknown option") == ()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("9.0", "9.0"),
        ("12.0 9.0;8.0,9.0", "8.0 9.0 12.0"),
        ("8.0;9.0+PTX", "8.0 9.0+PTX"),
        ("9.0;9.0+ptx", "9.0+PTX"),
        ("9.0a", "9.0a"),
        ("9.0;9.0a;10.0f+PTX", "9.0 9.0a 10.0f+PTX"),
        ("Hopper", "9.0"),
        ("ampere+PTX", "8.0 8.6+PTX"),
        ("Turing Ada", "7.5 8.9"),
        ("all-major", "7.5 8.0 9.0 10.0 11.0 12.0"),
        ("all", "7.5 8.0 8.6 8.7 8.8 8.9 9.0 10.0 10.3 11.0 12.0 12.1"),
    ],
)
def test_a_list(text: str, meaning: str) -> None:
    assert versions(text) == meaning


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("6.1", "`6.1`: this nvcc compiles for 7.5, 8.0"),
        ("Pascal", r"`Pascal` \(6.0, 6.1\): this nvcc compiles for 7.5"),
        ("9.1", "`9.1`: this nvcc"),
        ("Hoper", "`Hoper` is no architecture. Did you mean Hopper"),
        ("9.0+SASS", r"`9.0\+SASS`: only \+PTX may follow"),
        ("sm_90", "`sm_90` is no architecture"),
        ("8.0a", "`8.0a`: the suffix a exists from 9.0 on"),
        ("9.0f", "`9.0f`: the suffix f exists from 10.0 on"),
        ("native", "nvidia-smi names no GPU"),
    ],
)
def test_what_cannot_be_met_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_architectures(text, NVCC_13, nobody)


def test_native_is_what_is_here() -> None:
    assert versions("native", [Architecture(9, 0)]) == "9.0"
    assert versions("native", [Architecture(8, 9), Architecture(13, 0)]) == "8.9 12.1+PTX"
    with pytest.raises(ValueError, match=r"the GPU of this machine \(6.1\)"):
        versions("native", [Architecture(6, 1)])


def test_the_default() -> None:
    chosen, reason = default_architectures(NVCC_13, [Architecture(9, 0)])
    assert cmake_words(chosen) == "90-real" and reason == "the GPUs of this machine: 9.0"
    chosen, reason = default_architectures(NVCC_13, ())
    assert cmake_words(chosen) == "75-real;80-real;90-real;100-real;110-real;120-real;120-virtual"
    assert reason == "no GPU here: one of each generation"


def nvcc(folder: Path, home: Path) -> Path:
    """A program that answers as nvcc does."""
    release = "Cuda compilation tools, release 13.0, V13.0.88"
    listing = LISTING.replace("\n", "\\n")
    cases = f"--version) echo '{release}';; --list-gpu-arch) printf '{listing}';; --dryrun) echo '#$ TOP={home}/bin/..';;"
    return program(folder / "nvcc", f'case "$1" in {cases} esac')


def test_the_detector_tells_home_and_architectures(tmp_path: Path) -> None:
    nvcc(tmp_path / "wrappers", tmp_path / "cuda-13.0")
    answer = look_for("cuda", context({"PATH": str(tmp_path / "wrappers")}, "TORCH_CUDA_ARCH_LIST=9.0a;8.0"))
    assert isinstance(answer, Found)
    assert answer.values["home"] == str(tmp_path / "cuda-13.0")
    assert answer.values["architectures"] == "80-real;90a-real"
    assert answer.how == "PATH; for 8.0 9.0a"
    assert answer.looked[-1].text() == "GPU architectures: 8.0 9.0a: as given"


def test_the_detector_asks_the_driver(tmp_path: Path) -> None:
    nvcc(tmp_path, tmp_path)
    program(tmp_path / "nvidia-smi", "printf '9.0\\n9.0\\n'")
    answer = look_for("cuda", context({"PATH": str(tmp_path)}))
    assert isinstance(answer, Found) and answer.values["architectures"] == "90-real"
    program(tmp_path / "nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
    answer = look_for("cuda", context({"PATH": str(tmp_path)}, "USE_CUDA=ON"))
    assert isinstance(answer, Found) and answer.values["architectures"].startswith("75-real;80-real")


def test_without_a_gpu_cuda_is_built_for_who_asks_for_it(tmp_path: Path) -> None:
    nvcc(tmp_path, tmp_path)
    answer = look_for("cuda", context({"PATH": str(tmp_path)}))
    assert isinstance(answer, Missing) and not answer.required
    assert (
        answer.reason == "off: nvcc 13.0 is here and no GPU; USE_CUDA=ON or TORCH_CUDA_ARCH_LIST=9.0 builds for other machines"
    )
    assert isinstance(look_for("cuda", context({"PATH": str(tmp_path)}, "TORCH_CUDA_ARCH_LIST=9.0")), Found)


def test_a_wrong_list_stops_the_build_with_its_reason(tmp_path: Path) -> None:
    nvcc(tmp_path, tmp_path)
    answer = look_for("cuda", context({"PATH": str(tmp_path)}, "TORCH_CUDA_ARCH_LIST=6.1"))
    assert isinstance(answer, Missing) and answer.required
    assert answer.reason.startswith("TORCH_CUDA_ARCH_LIST=6.1: `6.1`: this nvcc compiles for 7.5, 8.0")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "host_config.h:137: #error -- unsupported GNU version! gcc versions later than 15 are not supported! The nvcc",
            "nvcc refuses the host compiler {cxx} (gcc 13.2.1): unsupported GNU version! "
            "gcc versions later than 15 are not supported! Name another with CXX",
        ),
        (
            "cc1plus: fatal error: cuda_runtime.h: No such file or directory",
            "nvcc cannot read its own headers with the host compiler {cxx} (gcc 13.2.1): "
            "cc1plus: fatal error: cuda_runtime.h: No such file or directory",
        ),
    ],
)
@pytest.mark.parametrize(("option", "required"), [("USE_CUDA=ON", True), ("TORCH_CUDA_ARCH_LIST=9.0", True), ("", False)])
def test_what_nvcc_has_against_the_host_compiler(tmp_path: Path, said: str, reason: str, option: str, required: bool) -> None:
    """`option` "": a GPU is here, and nobody insists."""
    real = nvcc(tmp_path / "real", tmp_path)
    program(tmp_path / "nvcc", f'case "$*" in *-ccbin*) echo "{said}" >&2; exit 1;; esac\nexec {real} "$@"')
    program(tmp_path / "nvidia-smi", "echo 9.0")
    program(tmp_path / "gcc", GCC)
    cxx = program(tmp_path / "g++", GCC)
    answer = look_for("cuda", context({"PATH": str(tmp_path)}, *filter(None, [option])))
    assert isinstance(answer, Missing) and answer.required == required
    assert answer.reason == "off: " + reason.format(cxx=cxx)
