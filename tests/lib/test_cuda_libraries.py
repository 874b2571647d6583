"""NVIDIA's libraries, opened at run time, without a device.

Where they are, all that is called of them is there, and they tell their version; where they are missing, too old or broken, the
error says what to install. All tests run where the packages nvidia-cublas, nvidia-cusolver, nvidia-cufft, nvidia-cudnn-cu13 and
nvidia-nccl-cu13 are installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from prototypes import LIB, LIBRARIES

# A process of its own: what came of looking for a library is kept. Says "MAJOR.MINOR.PATCH", or the failure.
ASK = """
import ctypes, sys
lib, packages, name, which = sys.argv[1:]
TH = ctypes.CDLL(f"{lib}/libTH.so.1", mode=ctypes.RTLD_GLOBAL)
THC = ctypes.CDLL(f"{lib}/libTHC.so.1", mode=ctypes.RTLD_GLOBAL)
own = ctypes.CDLL(f"{lib}/lib{name}.so.1")
TH.THStatus_message.restype = ctypes.c_char_p
if packages:
    THC.THC_searchIn(packages.encode())
number, parts = ctypes.c_int64(), (ctypes.c_int * 3)()
status = own.THC_getLibraryVersion(int(which), parts) if which else own[f"{name}_getVersion"](ctypes.byref(number))
print(TH.THStatus_message().decode() if status else list(parts) if which else number.value)
"""


@dataclass(frozen=True)
class Library:
    """One of NVIDIA's: the file, its package, the library of ours that opens it; functions: all that it calls."""

    file: str
    package: str
    owner: str
    which: str
    need: str
    install: str

    @property
    def op(self) -> str:
        return {"THCUDNN": "cudnn", "THNCCL": "nccl.version"}.get(self.owner) or self.package.removeprefix("nvidia-")


FOUND = [
    Library("libcublas.so.13", "nvidia-cublas", "THC", "0", "products on CUDA need cuBLAS", "nvidia-cublas"),
    Library("libcusolver.so.12", "nvidia-cusolver", "THC", "1", "linear algebra on CUDA needs cuSOLVER", "nvidia-cusolver"),
    Library("libcufft.so.12", "nvidia-cufft", "THC", "2", "Fourier transforms on CUDA need cuFFT", "nvidia-cufft"),
    Library("libcudnn.so.9", "nvidia-cudnn-cu13", "THCUDNN", "", "no cuDNN", "nvidia-cudnn-cu13 "),
    Library("libnccl.so.2", "nvidia-nccl-cu13", "THNCCL", "", "no NCCL", "nvidia-nccl-cu13 "),
]
pytestmark = pytest.mark.skipif("THC" not in LIBRARIES, reason="libTHC was not built: no nvcc")
each_library = pytest.mark.parametrize("library", FOUND, ids=lambda library: library.owner + library.which)


def installed(library: Library) -> str:
    """The version of its package; skips where it is not there."""
    if library.owner not in LIBRARIES:
        pytest.skip(f"lib{library.owner} was not built: no header of {library.package}")
    try:
        return version(library.package)
    except PackageNotFoundError:
        pytest.skip(f"{library.package} is not installed")


def ask(library: Library, lib: Path, packages: str = "", **environment: str) -> str:
    """What a process says that opens a library with our libraries in `lib`."""
    if library.owner not in LIBRARIES:
        pytest.skip(f"lib{library.owner} was not built: no header of {library.package}")
    done = subprocess.run(
        [sys.executable, "-c", ASK, lib, packages, library.owner, library.which],
        env={name: value for name, value in os.environ.items() if name not in ("LD_LIBRARY_PATH", "CUDA_HOME")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our libraries where no package lies beside them."""
    folder = tmp_path_factory.mktemp("a place") / "torch" / "lib"
    shutil.copytree(LIB, folder, ignore=shutil.ignore_patterns("include", "pkgconfig", "bin"))
    return folder


def stub(folder: Path, library: Library, functions: str = "") -> dict[str, str]:
    """Makes a library of that name which has these functions only; the environment that finds it first."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", folder / library.file], input=functions, text=True, check=True
    )
    return {"LD_LIBRARY_PATH": str(folder)}


@each_library
def test_a_library_opens_and_tells_its_version(library: Library, alone: Path) -> None:
    package = installed(library)
    nvidia = importlib.util.find_spec("nvidia")
    assert nvidia and nvidia.submodule_search_locations
    said = ask(library, alone, str(Path(next(iter(nvidia.submodule_search_locations))).parent))
    if library.which:
        major, minor, patch = json.loads(said)
    else:  # as cuDNN and NCCL count: 92801 is 9.28.1, 22809 is 2.28.9
        major, minor, patch = int(said) // 10000, int(said) // 100 % 100, int(said) % 100
    # Packages of cuBLAS and its like are numbered as their libraries are; those of cuDNN and NCCL have a build number.
    assert f"{major}.{minor}.{patch}".split(".")[:2] == package.split(".")[:2], (said, package)


@each_library
def test_a_library_that_is_missing_is_named(library: Library, alone: Path, tmp_path: Path) -> None:
    try:
        ctypes.CDLL(library.file)
        pytest.skip(f"the loader finds a {library.file} of this system")
    except OSError:
        pass
    if (Path("/usr/local/cuda/lib64") / library.file).exists():
        pytest.skip(f"/usr/local/cuda has {library.file}")
    said = ask(library, alone, str(tmp_path), CUDA_HOME=str(tmp_path))
    start = re.escape(f"[{library.op}] {library.need}: {library.file} was not found; install ")
    assert re.fullmatch(rf"{start}[^:]+: pip install {library.install}.*", said), said


@each_library
def test_a_library_that_is_too_old_is_named_with_its_place(library: Library, alone: Path, tmp_path: Path) -> None:
    said = ask(library, alone, **stub(tmp_path / "an old one", library))
    start = re.escape(f"[{library.op}] {library.need}: {tmp_path / 'an old one' / library.file} has no function ")
    assert re.fullmatch(rf"{start}\w+: it is too old, or another library; install .*pip install {library.install}.*", said), (
        said
    )


@each_library
def test_a_file_that_is_no_library_is_named(library: Library, alone: Path, tmp_path: Path) -> None:
    (tmp_path / "nvidia" / "cu13" / "lib").mkdir(parents=True)
    broken = tmp_path / "nvidia" / "cu13" / "lib" / library.file
    broken.write_text("not a library")
    said = ask(library, alone, str(tmp_path), LD_LIBRARY_PATH=str(broken.parent))
    assert said.startswith(f"[{library.op}] {library.need}: {library.file} cannot be opened: "), said
    assert re.search(r"(file too short|invalid ELF header); install .*pip install ", said), said


@each_library
def test_a_library_whose_own_needs_are_missing_says_which(library: Library, alone: Path, tmp_path: Path) -> None:
    helper = Library("libtorch_test_helper.so", *[""] * 5)
    stub(tmp_path, helper, "int help(void) { return 1; }")
    target = tmp_path / "lib"
    target.mkdir()
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", target / library.file, "-x", "c", "-", "-x", "none", tmp_path / helper.file],
        input="int help(void); int use(void) { return help(); }",
        text=True,
        check=True,
    )
    (tmp_path / helper.file).unlink()
    said = ask(library, alone, LD_LIBRARY_PATH=str(target))
    assert f"{library.file} cannot be opened: " in said and helper.file in said and "pip install " in said, said
