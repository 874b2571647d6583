"""USE_CUDA, USE_CUDNN and USE_NCCL, each AUTO, ON and OFF: what is built with everything there, and with nothing there."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from orchestrator.detect import DETECTORS, Detection, Found
from orchestrator.errors import ToolMissingError
from orchestrator.graph import build_graph
from orchestrator.manifest import load_manifest
from orchestrator.plan import make_plan

from .conftest import ROOT
from .test_cudaparts import CUDNN, NCCL
from .test_cudatoolkit import toolkit
from .test_detect import GCC, context, look_for, program, write

MANIFEST = """\
[framework]
name = "gpu"
version = "0.1.0"
package = "gpu"
products = "gpu/lib"

"""
LIBRARY = """\
[library.{name}]
summary = "one"
source = "{name}"
version = "0.1.0"
needs = {needs}
uses = {uses}
products = {{ "lib/lib{name}.so.1" = "gpu/lib/lib{name}.so.1" }}

"""
LIBRARIES = (
    ("Plain", "[]", '["compiler"]'),
    ("Axpy", '["Plain"]', '["compiler", "cuda"]'),
    ("Drum", '["Axpy"]', '["compiler", "cuda", "cudnn"]'),
    ("Ring", '["Axpy"]', '["compiler", "cuda", "nccl"]'),
)
ALL = tuple(itertools.product(("AUTO", "ON", "OFF"), repeat=3))


def planned(root: Path, environ: dict[str, str], *defines: str) -> tuple[str, ...]:
    """The libraries of a plan. Raises what a build would."""
    for name, _, _ in LIBRARIES:
        write(root / name / "CMakeLists.txt")
    text = MANIFEST + "".join(LIBRARY.format(name=name, needs=needs, uses=uses) for name, needs, uses in LIBRARIES)
    manifest = load_manifest(write(root / "libraries.toml", text), detectors=tuple(DETECTORS))
    here = context(environ, *defines)
    found: dict[str, Detection] = {name: look_for(name, here) for name in ("compiler", "cuda", "cudnn", "nccl")}
    for name in ("cmake", "ninja"):
        found[name] = Found(name, "9.9", Path(f"/tools/{name}"), "PATH", {"program": f"/tools/{name}"})
    build = root / "build"
    plan = make_plan(
        manifest, build_graph(manifest), here.options, found, names=(), only=False, config="release", build_dir=build
    )
    return plan.requested


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with a host compiler."""
    for name in ("gcc", "g++"):
        program(tmp_path / "path" / name, GCC)
    return str(tmp_path / "path")


@pytest.mark.parametrize(("cuda", "cudnn", "nccl"), ALL)
def test_with_everything_there(tmp_path: Path, path: str, cuda: str, cudnn: str, nccl: str) -> None:
    toolkit(tmp_path / "cuda")
    write(tmp_path / "cuda/include/cudnn.h", CUDNN.format(9))
    write(tmp_path / "cuda/include/nccl.h", NCCL)
    program(tmp_path / "path/nvidia-smi", "echo '9.0, 580.95.05'")
    defines = (f"CUDA_HOME={tmp_path}/cuda", f"USE_CUDA={cuda}", f"USE_CUDNN={cudnn}", f"USE_NCCL={nccl}")
    demanded = next((name for name, value in (("cudnn", cudnn), ("nccl", nccl)) if value == "ON"), "")
    if cuda == "OFF" and demanded:
        with pytest.raises(ToolMissingError) as caught:
            planned(tmp_path, {"PATH": path}, *defines)
        user = "Drum" if demanded == "cudnn" else "Ring"
        text = f"{demanded}, which {user} needs, is missing: off: it needs CUDA, which is off: "
        assert text in caught.value.what
        assert caught.value.next_step == f"choose USE_{demanded.upper()}=AUTO, or turn on what it needs"
        return
    expected = ["Plain"]
    if cuda != "OFF":
        expected += ["Axpy", *(["Drum"] if cudnn != "OFF" else []), *(["Ring"] if nccl != "OFF" else [])]
    assert planned(tmp_path, {"PATH": path}, *defines) == tuple(expected)


@pytest.mark.parametrize(("cuda", "cudnn", "nccl"), ALL)
def test_with_nothing_there(tmp_path: Path, path: str, cuda: str, cudnn: str, nccl: str) -> None:
    defines = (f"CUDA_HOME={tmp_path}/none", f"USE_CUDA={cuda}", f"USE_CUDNN={cudnn}", f"USE_NCCL={nccl}")
    demanded = next((name for name, value in (("cuda", cuda), ("cudnn", cudnn), ("nccl", nccl)) if value == "ON"), "")
    if not demanded:
        assert planned(tmp_path, {"PATH": path}, *defines) == ("Plain",)
        return
    with pytest.raises(ToolMissingError) as caught:
        planned(tmp_path, {"PATH": path}, *defines)
    assert f"{demanded}, which " in caught.value.what and " is missing: off: " in caught.value.what
    if demanded == "cuda":
        assert f"CUDA_HOME={tmp_path}/none has no bin/nvcc" in caught.value.what
        assert f"{tmp_path}/none/bin/nvcc: not there" in caught.value.why and "USE_CUDA=OFF" in caught.value.next_step
    else:
        assert "it needs CUDA, which is off: " in caught.value.what


@pytest.mark.parametrize(("cudnn", "nccl"), list(itertools.product(("AUTO", "ON", "OFF"), repeat=2)))
def test_with_a_toolkit_alone(tmp_path: Path, path: str, cudnn: str, nccl: str, monkeypatch: pytest.MonkeyPatch) -> None:
    toolkit(tmp_path / "cuda")
    monkeypatch.setattr(sys, "path", [])  # no Python packages
    homes = (f"CUDNN_HOME={tmp_path}/none", f"NCCL_HOME={tmp_path}/none")
    defines = (f"CUDA_HOME={tmp_path}/cuda", "USE_CUDA=ON", f"USE_CUDNN={cudnn}", f"USE_NCCL={nccl}", *homes)
    demanded = next((name for name, value in (("cudnn", cudnn), ("nccl", nccl)) if value == "ON"), "")
    if not demanded:
        assert planned(tmp_path, {"PATH": path}, *defines) == ("Plain", "Axpy")
        return
    with pytest.raises(ToolMissingError) as caught:
        planned(tmp_path, {"PATH": path}, *defines)
    assert f"is missing: off: no {demanded}.h found." in caught.value.what
    assert f"{tmp_path}/none/include/{demanded}.h ({demanded.upper()}_HOME): not there" in caught.value.why
    assert f"nvidia-{demanded}-cu13" in caught.value.next_step


def test_the_libraries_of_this_tree_say_what_they_use() -> None:
    manifest = load_manifest(ROOT / "libraries.toml", detectors=tuple(DETECTORS))
    users = {name: {item.name for item in manifest.libraries if name in item.uses} for name in ("cuda", "cudnn", "nccl")}
    assert users == {"cuda": {"THC", "THCUNN", "THCUDNN", "THNCCL"}, "cudnn": {"THCUDNN"}, "nccl": {"THNCCL"}}
