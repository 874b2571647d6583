"""The detector of cuDNN and NCCL over trees of tiny files: what is taken, what is refused and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from orchestrator.detect import Context, Found, Missing

from .test_detect import context, look_for, program, write

CUDNN = "#define CUDNN_MAJOR {}\n#define CUDNN_MINOR 5\n#define CUDNN_PATCHLEVEL 1\n"
NCCL = "#define NCCL_MAJOR 2\n#define NCCL_MINOR 21\n#define NCCL_PATCH 5\n"


@pytest.fixture
def tools(tmp_path: Path) -> str:
    """A PATH with an nvcc 13.0 and nothing else."""
    cases = '--version) echo "release 13.0";; --list-gpu-arch) echo compute_90;; *) echo "#$ TOP=/cuda" >&2;;'
    return str(program(tmp_path / "bin/nvcc", f'case "$1" in {cases} esac').parent)


def here(tools: str, *defines: str) -> Context:
    return context({"PATH": tools}, "TORCH_CUDA_ARCH_LIST=9.0", *defines)


def package(site: Path, name: str, version: str, header: str, text: str) -> Path:
    """An installed package of NVIDIA: nvidia-NAME, whose headers lie in site-packages/nvidia."""
    folder = name.split("-")[1]
    write(site / f"nvidia/{folder}/lib/lib{folder}.so.9")
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    write(site / f"{name.replace('-', '_')}-{version}.dist-info/METADATA", metadata)
    return write(site / f"nvidia/{folder}/include/{header}", text)


def test_headers_named_by_a_variable(tmp_path: Path, tools: str) -> None:
    home = tmp_path / "a place"
    there = here(tools, f"CUDNN_HOME={home}")
    answer = look_for("cudnn", there)
    assert isinstance(answer, Missing) and not answer.required and answer.reason == "off: no cudnn.h found"
    assert [place.text() for place in answer.looked] == [f"{home}/include/cudnn.h (CUDNN_HOME): not there"]
    assert answer.asked == (home / "include/cudnn.h", home / "include/cudnn_version.h")
    write(home / "include/cudnn.h")
    answer = look_for("cudnn", there)
    assert isinstance(answer, Missing) and answer.reason == "off: cudnn.h does not say CUDNN_MAJOR"
    write(home / "include/cudnn_version.h", CUDNN.format(8))
    answer = look_for("cudnn", there)
    assert isinstance(answer, Missing) and answer.reason == "off: cuDNN 8.5.1 is too old: 9.0 or later is needed"
    write(home / "include/cudnn_version.h", CUDNN.format(9))
    answer = look_for("cudnn", there)
    assert isinstance(answer, Found) and (answer.version, answer.values["library"]) == ("9.5.1", "")
    assert "headers only: no libcudnn.so* beside them" in answer.looked[0].verdict
    library = write(home / "lib/libcudnn.so.9")
    answer = look_for("cudnn", there)
    assert isinstance(answer, Found)
    assert answer.values == {"include": str(home / "include"), "library": str(library)}


def test_a_python_package_for_this_cuda(tmp_path: Path, tools: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site-packages"
    header = package(site, "nvidia-nccl-cu13", "2.21.5", "nccl.h", NCCL)
    monkeypatch.setattr(sys, "path", [str(site)])
    answer = look_for("nccl", here(tools, f"NCCL_HOME={header.parent.parent}"))
    assert isinstance(answer, Found) and answer.how == "NCCL_HOME"
    answer = look_for("nccl", here(tools))
    taken = [place for place in answer.looked if place.taken]
    assert isinstance(answer, Found) and len(taken) == 1
    if str(site) in taken[0].place:  # unless the machine has one of its own
        assert (answer.version, answer.how) == ("2.21.5", "Python package nvidia/nccl")


def test_a_package_for_another_cuda_is_refused(tmp_path: Path, tools: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site-packages"
    package(site, "nvidia-cudnn-cu12", "9.5.1.17", "cudnn.h", CUDNN.format(9))
    monkeypatch.setattr(sys, "path", [str(site)])
    answer = look_for("cudnn", here(tools, "USE_CUDNN=ON"))
    refused = [place.verdict for place in answer.looked if str(site) in place.place]
    if isinstance(answer, Missing):  # unless the machine has one of its own
        assert answer.required and refused == ["cuDNN 9.5.1 is for CUDA 12, nvcc is 13.0: install nvidia-cudnn-cu13"]
        assert answer.reason == f"off: {refused[0]}"


@pytest.mark.parametrize("wanted", ["AUTO", "ON"])
def test_without_cuda_there_is_no_bridge(tools: str, wanted: str) -> None:
    answer = look_for("cudnn", context({"PATH": tools}, "USE_CUDA=OFF", f"USE_CUDNN={wanted}"))
    assert isinstance(answer, Missing) and answer.required == (wanted == "ON")
    assert answer.reason == "off: it needs CUDA, which is off: USE_CUDA=OFF"
    answer = look_for("cudnn", here(tools, "USE_CUDNN=OFF"))
    assert isinstance(answer, Missing) and answer.reason == "off: USE_CUDNN=OFF" and not answer.looked


def test_an_nvcc_that_comes_later_counts(tmp_path: Path, tools: str) -> None:
    home = tmp_path / "no toolkit"
    absent = look_for("cuda", context({"PATH": tools}, f"CUDA_HOME={home}"))
    assert isinstance(absent, Missing) and absent.asked == (home / "bin/nvcc",)
    found = look_for("cuda", here(tools))
    assert isinstance(found, Found) and found.asked[0] == found.path
