"""What extensions are compiled with: the folders and libraries of this torch, compilers, ninja, CUDA."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

__all__ = [
    "CUDA_HOME",
    "CXX_SUFFIXES",
    "C_SUFFIXES",
    "arch_flags",
    "check_compiler_abi_compatibility",
    "compiler",
    "cuda_compiler",
    "include_paths",
    "is_ninja_available",
    "library_files",
    "library_paths",
    "ninja_program",
    "pybind11_include",
    "verify_ninja_availability",
]

C_SUFFIXES = (".c",)
CXX_SUFFIXES = (".cpp", ".cc", ".cxx")

# The oldest compilers that understand the headers, as the build of torch itself demands.
_OLDEST = {"clang": (14,), "gcc": (11,)}
_PACKAGE = Path(__file__).resolve().parents[2]


def _find_cuda_home() -> str | None:
    """CUDA_HOME or CUDA_PATH, the toolkit of the nvcc on PATH, or /usr/local/cuda."""
    given = os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH")
    if given:
        return given
    nvcc = shutil.which("nvcc")
    for home in ([Path(nvcc).resolve().parents[1]] if nvcc else []) + [Path("/usr/local/cuda")]:
        if (home / "include" / "cuda_runtime.h").is_file():
            return str(home)
    return None


#: Folder of the CUDA toolkit, or None.
CUDA_HOME: str | None = _find_cuda_home()


def include_paths(cuda: bool = False) -> list[str]:
    """Folders of headers: of torch (TH/, THNN/, torch/), with `cuda` also of the CUDA toolkit.

    >>> from torch.utils import cpp_extension
    >>> [path.rpartition("/")[2] for path in cpp_extension.include_paths()][:1]
    ['include']
    """
    paths = [str(_PACKAGE / "lib" / "include")]
    if cuda:
        paths.append(str(Path(_cuda_home(), "include")))
    return paths


def library_paths(cuda: bool = False) -> list[str]:
    """Folders of libraries: of torch, with `cuda` also of the CUDA toolkit.

    >>> from torch.utils import cpp_extension
    >>> [path.rpartition("/")[2] for path in cpp_extension.library_paths()]
    ['lib']
    """
    paths = [str(_PACKAGE / "lib")]
    if cuda:
        home = Path(_cuda_home())
        paths.append(str(home / "lib64" if (home / "lib64").is_dir() else home / "lib"))
    return paths


def library_files() -> list[str]:
    """The libraries that torch ships for others. Their file names carry the number of their ABI."""
    return [str(path) for path in sorted((_PACKAGE / "lib").glob("libTH*.so.*"))]


def pybind11_include() -> list[str]:
    """The folder of pybind11's headers, if that package is installed: torch does not bring it and does not need it."""
    from importlib.util import find_spec

    found = find_spec("pybind11")
    return [str(Path(place, "include")) for place in (found.submodule_search_locations or [])] if found else []


def compiler(language: str) -> str:
    """The compiler of "c" or "c++": CC or CXX, else what this Python was built with, if that is there, else cc or c++."""
    variable, standard = ("CC", "cc") if language == "c" else ("CXX", "c++")
    given = os.environ.get(variable)
    if given:
        return given
    known = str(sysconfig.get_config_var(variable) or "").split(" ")[0]
    for name in (known, standard):
        if name and shutil.which(name):
            return name
    raise RuntimeError(
        f"There is no {'C' if language == 'c' else 'C++'} compiler: neither {variable} is set nor is {standard} on PATH.\n"
        "Install one (Debian: apt install g++), or name it with " + variable
    )


def cuda_compiler() -> str:
    """nvcc of CUDA_HOME."""
    return str(Path(_cuda_home(), "bin", "nvcc"))


def _cuda_home() -> str:
    if CUDA_HOME is None:
        raise RuntimeError(
            "CUDA sources need the CUDA toolkit, and there is none: CUDA_HOME is not set, nvcc is not on PATH, and "
            "/usr/local/cuda holds no include/cuda_runtime.h.\nInstall it, or name its folder with CUDA_HOME"
        )
    return CUDA_HOME


def arch_flags() -> list[str]:
    """What TORCH_CUDA_ARCH_LIST asks of nvcc: `8.0 9.0+PTX` gives code for both and, for later ones, PTX of the last."""
    flags = []
    for arch in re.split(r"[\s;,]+", os.environ.get("TORCH_CUDA_ARCH_LIST", "").strip()):
        match = re.fullmatch(r"(\d+)\.(\d+[a-z]?)(\+PTX)?", arch)
        if arch and match is None:
            raise RuntimeError(f"TORCH_CUDA_ARCH_LIST holds {arch!r}; write it as 8.0, 9.0a or 9.0+PTX, separated by blanks")
        if match:
            number = match[1] + match[2]
            flags.append(f"-gencode=arch=compute_{number},code=sm_{number}")
            if match[3]:
                flags.append(f"-gencode=arch=compute_{number},code=compute_{number}")
    return flags


def ninja_program() -> str | None:
    """The program ninja: of the Python package, or on PATH."""
    beside = Path(sys.executable).with_name("ninja")
    return shutil.which("ninja") or (str(beside) if os.access(beside, os.X_OK) else None)


def is_ninja_available() -> bool:
    """Whether ninja, which `load` needs and BuildExtension prefers, is here.

    >>> from torch.utils import cpp_extension
    >>> isinstance(cpp_extension.is_ninja_available(), bool)
    True
    """
    return ninja_program() is not None


def verify_ninja_availability() -> str:
    """The program ninja; RuntimeError if it is not here.

    >>> from torch.utils import cpp_extension
    >>> program = cpp_extension.verify_ninja_availability()
    """
    program = ninja_program()
    if program is None:
        raise RuntimeError(f"Building C++ extensions needs ninja:\n    {sys.executable} -m pip install ninja")
    return program


def check_compiler_abi_compatibility(compiler: str) -> bool:
    """Whether `compiler` (such as "c++") is a gcc or clang that is new enough for the headers; warns if not.

    >>> from torch.utils import cpp_extension
    >>> cpp_extension.check_compiler_abi_compatibility("g++")
    True
    """
    try:
        macros = subprocess.run([*compiler.split(), "-dM", "-E", "-x", "c++", os.devnull], capture_output=True, text=True)
    except OSError as error:
        warnings.warn(f"the compiler {compiler} cannot be run: {error}", stacklevel=2)
        return False
    defined = dict(re.findall(r"#define (\w+) (.*)", macros.stdout))
    kind, prefix = ("clang", "__clang_major__") if "__clang_major__" in defined else ("gcc", "__GNUC__")
    version = defined.get(prefix, "")
    if macros.returncode == 0 and version.isdigit() and (int(version),) >= _OLDEST[kind]:
        return True
    said = f"{kind} {version}" if version else "neither gcc nor clang"
    warnings.warn(f"the compiler {compiler} is {said}; extensions of torch need gcc 11 or clang 14, or newer", stacklevel=2)
    return False
