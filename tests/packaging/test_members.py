"""What a wheel holds, said by git: a second list, made without the code that packages. And the same seen from each door."""

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import build_backend
import pytest
from orchestrator import api
from orchestrator.errors import OptionError
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.sdist import write_sdist

# Folder of committed headers -> where users find them.
HEADERS = ("lib/TH/include/", "lib/THNN/include/", "lib/THD/include/", "torch/csrc/python/include/")
# The same of CUDA's libraries, which are there where CUDA is.
CUDA_HEADERS = {
    "THC": "lib/THC/include/",
    "THCUNN": "lib/THCUNN/include/",
    "THCUDNN": "lib/cudnn/include/",
    "THNCCL": "lib/nccl/include/",
}
# What the build makes, each file by its name.
PRODUCTS = {
    f"torch/_C{importlib.machinery.EXTENSION_SUFFIXES[0]}",
    "torch/_C.pyi",
    "torch/_functions.pyi",
    "torch/version.py",
    "torch/lib/libTH.so.1",
    "torch/lib/libTHD.so.1",
    "torch/lib/libTHNN.so.1",
    "torch/lib/libscipy_openblas.so",
    "torch/lib/libscipy_openblas.LICENSE.txt",
    "torch/lib/pkgconfig/TH.pc",
    "torch/lib/pkgconfig/THD.pc",
    "torch/lib/pkgconfig/THNN.pc",
    "torch/share/cmake/TH/THConfig.cmake",
    "torch/share/cmake/TH/THConfigVersion.cmake",
    "torch/share/cmake/THD/THDConfig.cmake",
    "torch/share/cmake/THD/THDConfigVersion.cmake",
    "torch/share/cmake/THNN/THNNConfig.cmake",
    "torch/share/cmake/THNN/THNNConfigVersion.cmake",
    "torch/share/cmake/Torch/TorchConfig.cmake",
    "torch/share/cmake/Torch/TorchConfigVersion.cmake",
    "torch/share/cmake/Torch/TorchTargets.cmake",
}
INFO = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def committed(root: Path, *paths: str) -> list[str]:
    """What git has, and what was added and not committed yet."""
    return git(root, "ls-files", "--cached", "--others", "--exclude-standard", "--", *paths).splitlines()


def said_by_git(root: Path, built: api.BuildResult) -> set[str]:
    """All members of the wheel outside of its dist-info folder."""
    cuda = [name for name in CUDA_HEADERS if any(file.owner == name for file in built.published)]
    folders = (*HEADERS, *(CUDA_HEADERS[name] for name in cuda))
    modules = [name for name in committed(root, "torch") if not name.startswith("torch/csrc/")]
    headers = [f"torch/lib/include/{name.removeprefix(folder)}" for folder in folders for name in committed(root, folder)]
    products = {
        product
        for name in cuda
        for product in (
            f"torch/lib/lib{name}.so.1",
            f"torch/lib/pkgconfig/{name}.pc",
            f"torch/share/cmake/{name}/{name}Config.cmake",
            f"torch/share/cmake/{name}/{name}ConfigVersion.cmake",
        )
    }
    return {*modules, *headers} | PRODUCTS | products


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_what_git_and_the_build_say(root: Path, wheel_file: Path, built: api.BuildResult) -> None:
    names = set(members(wheel_file))
    info = {name for name in names if ".dist-info/" in name}
    assert names - info == said_by_git(root, built)
    assert {name.split("/", 1)[1] for name in info} == INFO


def test_texts_are_what_git_has(root: Path, wheel_file: Path) -> None:
    held = members(wheel_file)
    for name in committed(root, "torch"):
        if not name.startswith("torch/csrc/"):
            assert held[name] == (root / name).read_bytes(), name
    for folder in HEADERS:
        for name in committed(root, folder):
            assert held[f"torch/lib/include/{name.removeprefix(folder)}"] == (root / name).read_bytes(), name


def test_an_editable_install_shows_the_same_files(root: Path, wheel_file: Path, tmp_path: Path) -> None:
    """It leads to the checkout's package folder: there, everything that is no source of the extension is in the wheel."""
    held = members(wheel_file)
    seen = {path.relative_to(root).as_posix(): path for path in (root / "torch").rglob("*") if path.is_file()}
    hidden = {name for name in seen if name.startswith("torch/csrc/") or "__pycache__" in name}
    hidden |= {name for name in seen if Path(name).name.startswith(".")}  # journals and locks of the build
    assert set(seen) - hidden == {name for name in held if name.startswith("torch/")}
    for name in set(seen) - hidden:
        assert seen[name].read_bytes() == held[name], name
    editable = members(tmp_path / build_backend.build_editable(str(tmp_path), {"build": "false"}))
    for name in INFO - {"RECORD"}:
        (ours,) = (held[key] for key in held if key.endswith(f".dist-info/{name}"))
        (theirs,) = (editable[key] for key in editable if key.endswith(f".dist-info/{name}"))
        assert ours == theirs, name


def test_the_source_distribution_is_the_same_from_git_and_from_a_tarball(
    root: Path, built: api.BuildResult, tmp_path: Path
) -> None:
    """Of the commit that is checked out: a clone, and what hosting services offer as an archive of it."""
    git(root, "clone", "-q", str(root), str(tmp_path / "clone"))
    git(tmp_path / "clone", "archive", "--prefix=tarball/", "-o", str(tmp_path / "t.tar"), "HEAD")
    with tarfile.open(tmp_path / "t.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    made = []
    for name in ("clone", "tarball"):
        folder = tmp_path / f"{name}-sdist"
        made.append(folder / write_sdist(folder, Metadata(tmp_path / name)))
    assert made[0].name == made[1].name
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    tracked = set(git(tmp_path / "clone", "ls-files").splitlines()) - {".git_archival.txt"}
    assert names == tracked | {"PKG-INFO"}


def test_repair_changes_no_binary(wheel_file: Path, built: api.BuildResult, tmp_path: Path) -> None:
    """All that it would copy is carried from the start, and all that it would patch is relative."""
    command = [sys.executable, "-m", "auditwheel", "repair", "-w", str(tmp_path), str(wheel_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = members(wheel_file), members(next(tmp_path.glob("*.whl")))
    binaries = [name for name in before if b"\x7fELF" == before[name][:4]]
    assert sorted(binaries) == sorted(file.destination for file in built.published if file.kind in {"library", "extension"})
    assert len(binaries) >= 5
    assert [name for name in binaries if after[name] != before[name]] == []
    added = {name for name in set(after) - set(before) if not name.endswith("/") and ".dist-info/" not in name}
    assert added == set()


@pytest.mark.parametrize("setting", ["many", "1e9"])
def test_a_date_that_is_none_is_named(
    root: Path, built: api.BuildResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", setting)
    with pytest.raises(OptionError, match=f"SOURCE_DATE_EPOCH={setting}"):
        write_sdist(tmp_path, Metadata(root))
    assert list(tmp_path.iterdir()) == []
