"""What stands around nvcc, over trees of tiny files: its parts, what is opened at run time, the driver, what does not fit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from orchestrator.definitions import tree_definitions
from orchestrator.detect import Candidate, Found, Missing
from orchestrator.options.configurations import BUILTIN_CONFIGURATIONS

from .test_cudaparts import CUDNN, NCCL
from .test_detect import GCC, context, look_for, program, write

LISTING = "compute_75\\ncompute_90\\n"


def toolkit(home: Path, release: str = "13.0", *, headers: str = "", without: str = "", runtime: str = "lib64") -> Path:
    """A toolkit whose nvcc tells what the real one does. `headers` are of that release, if it is another one; the runtime's
    library stands in the folder `runtime`, and nvcc looks in lib64.
    """
    include = home / "targets/include"
    write(home / runtime / "libcudart_static.a")
    major, minor = (headers or release).split(".")
    write(include / "cuda_runtime_api.h", f"#define CUDART_VERSION  {int(major) * 1000 + int(minor) * 10}\n")
    write(include / "cccl/cub/version.cuh", "#define CUB_VERSION 300103 // a number\n")
    program(home / "nvvm/bin/cicc", "exit 0")
    if without:
        (home / without).unlink()
    lines = (
        f"TOP={home}/bin/..",
        f"CICC_PATH={home}/nvvm/bin",
        f'INCLUDES=\\"-I{home}/targets/include\\"',
        f'LIBRARIES=  \\"-L{home}/lib64/stubs\\" \\"-L{home}/lib64\\"',
        f'SYSTEM_INCLUDES=\\"-isystem\\" \\"{home}/targets/include/cccl\\"',
    )
    told = "; ".join(f'echo "#$ {line}"' for line in lines)
    cases = f"--version) echo 'release {release}, V{release}.88';; --list-gpu-arch) printf '{LISTING}';; --dryrun) {told};;"
    return program(home / "bin/nvcc", f'case "$1" in {cases} esac')


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with a host compiler."""
    for name in ("gcc", "g++"):
        program(tmp_path / "path" / name, GCC)
    return str(tmp_path / "path")


def look(home: Path, path: str, *defines: str) -> Found | Missing:
    return look_for("cuda", context({"PATH": path}, f"CUDA_HOME={home}", *defines))


def test_each_part_has_a_line(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home, site = tmp_path / "cuda", tmp_path / "site-packages"
    toolkit(home)
    blas = write(site / "nvidia/cu13/lib/libcublas.so.13")
    write(site / "nvidia_cublas-13.1.0.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: nvidia-cublas\nVersion: 13.1.0.3\n")
    solver = write(home / "lib64/libcusolver.so.12.0.7")
    monkeypatch.setattr(sys, "path", [str(site)])
    monkeypatch.setattr("orchestrator.detect.cudatoolkit.linker_folders", list)
    answer = look(home, path, "TORCH_CUDA_ARCH_LIST=9.0")
    assert isinstance(answer, Found) and answer.values["program"] == f"{home}/bin/nvcc" and not answer.warnings
    lines = [place.text() for place in answer.looked]
    assert lines[0] == f"{home}/bin/nvcc: 13.0, taken: CUDA_HOME"
    assert lines[1:4] == [
        f"runtime headers {home}/targets/include/cuda_runtime_api.h: 13.0, taken",
        f"CCCL headers {home}/targets/include/cccl/cub/version.cuh: 3.1, taken",
        f"runtime library {home}/lib64/libcudart_static.a: taken",
    ]
    assert f"cuBLAS {blas} (Python package nvidia/cu13): 13.1.0.3, opened at run time" in lines
    assert f"cuSOLVER {solver} (CUDA_HOME): 12.0.7, opened at run time" in lines
    assert lines[-2:] == ["driver: none: no nvidia-smi on PATH; building needs none", "GPU architectures: 9.0: as given"]
    files = {f"{home}/{name}" for name in ("bin/nvcc", "nvvm/bin/cicc", "targets/include/cuda_runtime_api.h")}
    assert files <= {str(file) for file in answer.asked}  # a build looks again when one changes


@pytest.mark.parametrize(
    ("headers", "without", "reason"),
    [
        ("13.5", "", "its runtime headers are 13.5 ({include}/cuda_runtime_api.h)"),
        ("12.9", "", "its runtime headers are 12.9 ({include}/cuda_runtime_api.h)"),
        (
            "",
            "targets/include/cuda_runtime_api.h",
            "it lacks its runtime headers (cuda_runtime_api.h in {include}, {include}/cccl)",
        ),
        (
            "",
            "targets/include/cccl/cub/version.cuh",
            "it lacks its CCCL headers (cub/version.cuh in {include}, {include}/cccl)",
        ),
        (
            "",
            "lib64/libcudart_static.a",
            "it lacks its runtime library (libcudart_static.a in {home}/lib64/stubs, {home}/lib64)",
        ),
        ("", "nvvm/bin/cicc", "it lacks its device compiler {home}/nvvm/bin/cicc"),
    ],
)
@pytest.mark.parametrize(("option", "required"), [("USE_CUDA=ON", True), ("TORCH_CUDA_ARCH_LIST=9.0", True), ("", False)])
def test_what_nvcc_lacks(
    tmp_path: Path, path: str, headers: str, without: str, reason: str, option: str, required: bool
) -> None:
    """`option` "": a GPU is here, and nobody insists."""
    home = tmp_path / "cuda"
    toolkit(home, headers=headers, without=without)
    program(Path(path) / "nvidia-smi", "echo 9.0")
    answer = look(home, path, *filter(None, [option]))
    assert isinstance(answer, Missing) and answer.required == required
    assert answer.reason == "off: nvcc is 13.0, and " + reason.format(home=home, include=f"{home}/targets/include")
    assert answer.step == "install the whole toolkit of CUDA 13.0, or name another with CUDA_HOME"
    if without:
        assert any(place.verdict.startswith("not there, and nvcc needs") for place in answer.looked)
        toolkit(home)  # what is looked at again, as soon as it is there
        assert {file for file in answer.asked if file.name == Path(without).name and file.exists()}


@pytest.mark.parametrize("flags", ["", "-lineinfo"])
def test_libraries_where_nvcc_does_not_look(tmp_path: Path, path: str, flags: str) -> None:
    """nvcc of the wheels of CUDA 13.0 wants lib64, and they have lib."""
    home = tmp_path / "the toolkit"
    toolkit(home, runtime="lib")
    environment = {"PATH": path} | ({"CUDAFLAGS": flags} if flags else {})
    answer = look_for("cuda", context(environment, f"CUDA_HOME={home}", "USE_CUDA=ON"))
    assert isinstance(answer, Found) and answer.values["flags"] == f"{flags} -L'{home}/lib'".strip()
    ninja = Found("ninja", "1.13.2", Path("/ninja"), "PATH", {"program": "/ninja"})
    found = {"cuda": answer, "ninja": ninja}
    definitions = tree_definitions(context({}).options, found, BUILTIN_CONFIGURATIONS["release"])
    assert definitions["CMAKE_CUDA_FLAGS"] == answer.values["flags"]
    toolkit(home)
    answer = look_for("cuda", context(environment, f"CUDA_HOME={home}", "USE_CUDA=ON"))
    assert isinstance(answer, Found) and "flags" not in answer.values


def test_packages_of_another_release_beside_nvcc(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """nvidia-cuda-nvcc lets pip install whatever nvvm and crt there are."""
    site = tmp_path / "site-packages"
    home = site / "nvidia/cu13"
    toolkit(home)
    header = write(home / "include/crt/host_config.h")
    monkeypatch.setattr(sys, "path", [str(site)])
    for name, number in (("nvvm", "13.0.88"), ("cuda_crt", "13.0.96")):
        dashed = f"nvidia-{name.replace('_', '-')}"
        metadata = f"Metadata-Version: 2.1\nName: {dashed}\nVersion: {number}\n"
        write(site / f"nvidia_{name}-{number}.dist-info/METADATA", metadata)
    lines = [place.text() for place in look(home, path, "USE_CUDA=ON").looked]
    assert f"device compiler {home}/nvvm/bin/cicc (Python package nvidia-nvvm): 13.0.88, taken" in lines
    assert f"headers for the host compiler {header} (Python package nvidia-cuda-crt): 13.0.96, taken" in lines
    for name in ("cuda_crt", "nvvm"):
        folder = next(site.glob(f"nvidia_{name}-*"))
        dashed = f"nvidia-{name.replace('_', '-')}"
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dashed}\nVersion: 13.5.37\n", encoding="utf-8")
    answer = look(home, path, "USE_CUDA=ON")
    what = f"its device compiler is 13.5 ({home}/nvvm/bin/cicc); its headers for the host compiler are 13.5 ({header})"
    assert isinstance(answer, Missing) and answer.reason == f"off: nvcc is 13.0, and {what}"
    assert answer.step == "python -m pip install 'nvidia-nvvm==13.0.*' 'nvidia-cuda-crt==13.0.*'"
    refused = [place.verdict for place in answer.looked if not place.taken]
    assert refused == ["another release than nvcc's, 13.0"] * 2
    other = tmp_path / "cuda"  # whose own parts have nothing to do with those packages
    toolkit(other)
    assert isinstance(look(other, path, "USE_CUDA=ON"), Found)


def test_an_nvcc_that_will_not_do_has_its_reason(tmp_path: Path, path: str) -> None:
    home = tmp_path / "cuda"
    answer = look(home, path, "USE_CUDA=ON")
    assert isinstance(answer, Missing) and answer.required and answer.reason == f"off: CUDA_HOME={home} has no bin/nvcc"
    nvcc = toolkit(home, "11.8")
    answer = look(home, path)
    assert isinstance(answer, Missing) and not answer.required and answer.reason == f"off: {nvcc}: 11.8 is older than 12.0"
    assert answer.looked == (Candidate(str(nvcc), "11.8 is older than 12.0", "11.8"),)
    program(nvcc, "echo 'cannot open shared object file' >&2; exit 127")
    answer = look(home, path)
    said = "`--version` failed with status 127: cannot open shared object file"
    assert isinstance(answer, Missing) and answer.reason == f"off: {nvcc}: {said}"
    program(nvcc, "exit 0")
    assert look(home, path).describe() == f"off: {nvcc}: `--version` failed with status 0: it says nothing"
    nvcc.chmod(0o644)
    assert look(home, path).describe() == f"off: {nvcc}: not a program: it may not be executed"


def test_the_first_that_will_do_is_taken(tmp_path: Path, path: str) -> None:
    old, new = toolkit(tmp_path / "old", "11.8"), toolkit(tmp_path / "new")
    answer = look_for("cuda", context({"PATH": f"{old.parent}:{new.parent}:{path}"}, "TORCH_CUDA_ARCH_LIST=9.0"))
    assert isinstance(answer, Found) and answer.path == new and answer.version == "13.0"
    assert answer.looked[0] == Candidate(str(old), "11.8 is older than 12.0", "11.8")


@pytest.mark.parametrize(
    ("said", "release", "line", "warning"),
    [
        ("9.0, 580.95.05", "13.0", "driver: 580.95.05, taken", ""),
        ("9.0, 535.104.05", "12.4", "driver: 535.104.05, taken", ""),
        (
            "9.0, 535.104.05",
            "13.0",
            "driver: 535.104.05, too old for what this nvcc makes",
            "The driver of this machine, 535.104.05, is too old for nvcc 13.0: CUDA 13 needs 580 or later.",
        ),
        ("9.0", "13.0", "driver: of an unknown version, taken", ""),
        ("9.0, 535.104.05", "14.2", "driver: 535.104.05, taken", ""),
    ],
)
def test_a_driver_that_is_older_than_the_toolkit(
    tmp_path: Path, path: str, said: str, release: str, line: str, warning: str
) -> None:
    toolkit(tmp_path / "cuda", release)
    program(Path(path) / "nvidia-smi", f"echo '{said}'")
    answer = look(tmp_path / "cuda", path)
    assert isinstance(answer, Found) and answer.values["architectures"] == "90-real"
    assert line in [place.text() for place in answer.looked]
    assert [what for what, _ in answer.warnings] == ([warning] if warning else [])
    if warning:
        assert "name a toolkit of CUDA 12 with CUDA_HOME" in answer.warnings[0][1]


def test_a_driver_that_does_not_answer(tmp_path: Path, path: str) -> None:
    toolkit(tmp_path / "cuda")
    smi = program(Path(path) / "nvidia-smi", "echo 'NVIDIA-SMI has failed because'; echo more; exit 9")
    answer = look(tmp_path / "cuda", path)
    line = f"driver: {smi} failed with status 9: NVIDIA-SMI has failed because; building needs none"
    assert isinstance(answer, Missing) and not answer.required and line in [place.text() for place in answer.looked]
    program(smi, "echo 'No devices were found'")
    answer = look(tmp_path / "cuda", path, "USE_CUDA=ON")
    assert isinstance(answer, Found) and answer.values["architectures"] == "75-real;90-real;90-virtual"
    assert f"driver: {smi} names no GPU; building needs none" in [place.text() for place in answer.looked]


def test_a_gpu_that_is_too_old_for_nvcc_stops_only_who_insists(tmp_path: Path, path: str) -> None:
    toolkit(tmp_path / "cuda")
    program(Path(path) / "nvidia-smi", "echo '6.1, 580.95.05'")
    answer = look(tmp_path / "cuda", path)
    assert isinstance(answer, Missing) and not answer.required
    assert answer.reason == "off: the GPU of this machine (6.1): this nvcc compiles for 7.5, 9.0"
    assert isinstance(answer := look(tmp_path / "cuda", path, "USE_CUDA=ON"), Missing) and answer.required
    assert "TORCH_CUDA_ARCH_LIST" in answer.step
    assert isinstance(look(tmp_path / "cuda", path, "USE_CUDA=ON", "TORCH_CUDA_ARCH_LIST=9.0"), Found)


def part(tmp_path: Path, path: str, name: str, *defines: str) -> Found:
    """cuDNN or NCCL in the folder NAME, for a toolkit that has all its parts."""
    toolkit(tmp_path / "cuda")
    options = (f"CUDA_HOME={tmp_path}/cuda", "TORCH_CUDA_ARCH_LIST=9.0", f"{name.upper()}_HOME={tmp_path}/{name}")
    answer = look_for(name, context({"PATH": path}, *options, *defines))
    assert isinstance(answer, Found)
    return answer


def test_a_cudnn_of_another_major_version_beside_its_headers(tmp_path: Path, path: str) -> None:
    header = write(tmp_path / "cudnn/include/cudnn.h", CUDNN.format(9))
    old = write(tmp_path / "cudnn/lib/libcudnn.so.8")
    what, step = part(tmp_path, path, "cudnn").warnings[0]
    assert what == f"{header} is of cuDNN 9.5.1, and {old} beside it is 8." and "CUDNN_HOME" in step
    new = write(tmp_path / "cudnn/lib/libcudnn.so.9")  # both are here: the one that fits counts
    answer = part(tmp_path, path, "cudnn")
    assert answer.values["library"] == str(new) and not answer.warnings
    new.rename(new.with_name("libcudnn.so.9.4.0"))
    new.symlink_to("libcudnn.so.9.4.0")
    assert part(tmp_path, path, "cudnn").warnings[0][0].endswith("libcudnn.so.9 beside it is 9.4.0.")


def test_an_nccl_that_is_older_than_its_header(tmp_path: Path, path: str) -> None:
    header = write(tmp_path / "nccl/include/nccl.h", NCCL)
    library = write(tmp_path / "nccl/lib/libnccl.so.2", "\0NCCL version \0NCCL version 2.18.3+cuda12.2\0")
    answer = part(tmp_path, path, "nccl")
    assert [what for what, _ in answer.warnings] == [f"{header} is of NCCL 2.21.5, and {library} beside it is 2.18.3."]
    assert answer.looked[0].verdict.endswith("(2.18.3)")
    for newer in ("2.21.5", "2.22.0"):
        library.write_text(f"\0NCCL version {newer}+cuda13.0\0", encoding="utf-8")
        assert not part(tmp_path, path, "nccl").warnings
    library.write_text("")  # tells nothing but its name
    assert not part(tmp_path, path, "nccl").warnings


def test_whose_nccl(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site-packages"
    packaged = write(site / "nvidia/nccl/include/nccl.h", NCCL)
    own = write(tmp_path / "cuda/include/nccl.h", NCCL)
    monkeypatch.setattr(sys, "path", [str(site)])
    toolkit(tmp_path / "cuda")
    here = ("TORCH_CUDA_ARCH_LIST=9.0", f"CUDA_HOME={tmp_path}/cuda")
    for choice, header in (("AUTO", own), ("ON", own), ("OFF", packaged)):
        answer = look_for("nccl", context({"PATH": path}, *here, f"USE_SYSTEM_NCCL={choice}"))
        assert isinstance(answer, Found) and answer.path == header
    own.unlink()
    answer = look_for("nccl", context({"PATH": path}, *here, "USE_SYSTEM_NCCL=ON"))
    assert str(packaged) not in [str(file) for file in answer.asked]  # unless the machine has one of its own: Missing
