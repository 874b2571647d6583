"""Extensions that are built when a program needs them: `load` from files, `load_inline` from strings."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shlex
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch.utils.cpp_extension import toolchain
from torch.utils.cpp_extension.folder_lock import locked
from torch.utils.cpp_extension.ninja_file import SharedLibrary, rule_of, run
from torch.version import __version__

__all__ = ["load", "load_inline"]


@dataclass(frozen=True)
class _Given:
    """The arguments that `load` and `load_inline` have in common."""

    cflags: Sequence[str] | None
    cuda_cflags: Sequence[str] | None
    ldflags: Sequence[str] | None
    include_paths: Sequence[str] | None
    verbose: bool
    cuda: bool | None
    is_python_module: bool


# What this process has loaded: file -> (device, inode, time of its content, module).
_loaded: dict[Path, tuple[tuple[int, ...], Any]] = {}


def load(
    name: str,
    sources: str | Sequence[str],
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[str] | None = None,
    build_directory: str | None = None,
    verbose: bool = False,
    with_cuda: bool | None = None,
    is_python_module: bool = True,
) -> Any:
    """Builds what changed of an extension and loads it.

    `sources` end in .c (C11), .cpp, .cc or .cxx (C++17) or .cu; relative names are relative to the current folder. Objects and
    product stay in `build_directory` (default: a folder for `name` below TORCH_EXTENSIONS_DIR or ~/.cache/torch_extensions), so
    that the next call compiles only sources that changed, or whose headers or flags did. Processes that build in one folder
    wait for each other. `with_cuda` adds the CUDA toolkit's headers and run time (default: if there is a .cu).

    The macro TORCH_EXTENSION_NAME is `name`. Returns the module; with `is_python_module=False` a `ctypes.CDLL`. A changed
    extension is loaded anew beside the old one, whose functions keep working. RuntimeError holds what the compiler said.

    >>> import pathlib, tempfile
    >>> from torch.utils import cpp_extension
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     source = pathlib.Path(folder, "answer.c")
    ...     _ = source.write_text("int answer(void) { return 42; }")
    ...     library = cpp_extension.load("answer", str(source), build_directory=folder, is_python_module=False)
    ...     library.answer()
    42
    """
    files = [Path(os.path.abspath(source)) for source in ([sources] if isinstance(sources, str) else sources)]  # noqa: PTH100
    _check(name, files)
    given = _Given(extra_cflags, extra_cuda_cflags, extra_ldflags, extra_include_paths, verbose, with_cuda, is_python_module)
    folder = _folder(name, build_directory)
    with locked(folder, f"extension {name!r}") as lock:
        return _build(name, files, folder, given, lock)


def load_inline(
    name: str,
    cpp_sources: str | Sequence[str],
    cuda_sources: str | Sequence[str] = "",
    functions: str | Sequence[str] | Mapping[str, str] | None = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[str] | None = None,
    build_directory: str | None = None,
    verbose: bool = False,
    with_cuda: bool | None = None,
    is_python_module: bool = True,
) -> Any:
    """`load` for sources in strings. `#include <torch/extension.h>` is put before the C++ source.

    `functions` names C++ functions to bind, or maps names to doc strings: their arguments and results are those of
    torch/extension.h. Without it the source defines the module itself (TORCH_EXTENSION_MODULE, PyInit_..., or pybind11).

    >>> import ctypes, tempfile
    >>> from torch.utils import cpp_extension
    >>> source = 'extern "C" double half(double x) { return x / 2; }'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     library = cpp_extension.load_inline("half", source, build_directory=folder, is_python_module=False)
    ...     library.half.restype, library.half.argtypes = ctypes.c_double, [ctypes.c_double]
    ...     library.half(5)
    2.5
    """
    cpp = [cpp_sources] if isinstance(cpp_sources, str) else list(cpp_sources)
    cuda = [cuda_sources] if isinstance(cuda_sources, str) else list(cuda_sources)
    texts = {"main.cpp": _joined(["#include <torch/extension.h>", *cpp, _bindings(functions)])}
    if any(text.strip() for text in cuda):
        texts["cuda.cu"] = _joined(["#include <cuda_runtime.h>", *cuda])
    given = _Given(extra_cflags, extra_cuda_cflags, extra_ldflags, extra_include_paths, verbose, with_cuda, is_python_module)
    _check_name(name)
    folder = _folder(name, build_directory)
    with locked(folder, f"extension {name!r}") as lock:  # from writing the sources to loading: others may use the name as well
        for file, text in texts.items():
            if not (folder / file).is_file() or (folder / file).read_text() != text:
                (folder / file).write_text(text)
        return _build(name, [folder / file for file in texts], folder, given, lock)


def _joined(parts: Sequence[str]) -> str:
    return "\n".join([*(part for part in parts if part), ""])


def _bindings(functions: str | Sequence[str] | Mapping[str, str] | None) -> str:
    if functions is None:
        return ""
    if isinstance(functions, str):
        functions = [functions]
    table = functions if isinstance(functions, Mapping) else {name: name for name in functions}
    rows = "".join(f",\n  TORCH_FUNCTION({name}, {_c_string(doc)})" for name, doc in table.items())
    return f'TORCH_EXTENSION_MODULE(TORCH_EXTENSION_NAME, ""{rows})'


def _c_string(text: str) -> str:
    """A C string literal; every byte that is not plain becomes an octal escape."""
    plain = {byte: chr(byte) for byte in range(32, 127) if chr(byte) not in '"\\?'}
    return '"' + "".join(plain.get(byte, f"\\{byte:03o}") for byte in text.encode()) + '"'


def _check_name(name: str) -> None:
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"the name of an extension is a Python identifier of ASCII letters, not {name!r}")


def _check(name: str, files: Sequence[Path]) -> None:
    _check_name(name)
    if not files:
        raise ValueError(f"extension {name!r} has no sources")
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(f"extension {name!r}: the source {file} does not exist")
        rule_of(file)


def _folder(name: str, chosen: str | None) -> Path:
    """Another interpreter, torch or place of torch must not find the objects of this one."""
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("TORCH_EXTENSIONS_DIR")
    if base is None:
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        base = str(Path(cache, "torch_extensions"))
    place = hashlib.blake2b(toolchain.include_paths()[0].encode(), digest_size=4).hexdigest()
    tag = f"{sys.implementation.cache_tag or 'python'}-torch{__version__}-{place}"
    return Path(base, tag, name).absolute()


def _build(name: str, files: Sequence[Path], folder: Path, given: _Given, lock: int) -> Any:
    """The caller holds the folder's lock, also while the product is loaded: nobody replaces it meanwhile."""
    used = {rule_of(file) for file in files}
    cuda = "cuda" in used if given.cuda is None else given.cuda
    places = [*(given.include_paths or ()), *toolchain.include_paths(cuda), *toolchain.pybind11_include()]
    includes = dict.fromkeys([*places, sysconfig.get_path("include")])
    common = [f"-DTORCH_EXTENSION_NAME={name}", *(f"-I{os.path.abspath(path)}" for path in includes)]  # noqa: PTH100
    host = ["-fPIC", "-O2", *common, *(given.cflags or ())]
    commands = {}
    if "c" in used:
        commands["c"] = [*shlex.split(toolchain.compiler("c")), "-std=gnu11", *host]
    if "cxx" in used:
        commands["cxx"] = [*shlex.split(toolchain.compiler("c++")), "-std=c++17", *host]
    if "cuda" in used:
        arch = toolchain.arch_flags()
        commands["cuda"] = [toolchain.cuda_compiler(), "-std=c++17", "-O2", *common, *arch, *(given.cuda_cflags or ())]
    libraries = toolchain.library_files()
    end = [*(given.ldflags or ()), *libraries, "-Wl,--disable-new-dtags"]
    end += [f"-Wl,-rpath,{path}" for path in toolchain.library_paths(cuda)]
    if cuda:
        end += [f"-L{toolchain.library_paths(True)[-1]}", "-lcudart"]
    library = SharedLibrary(
        output=folder / f"{name}.so",
        sources=files,
        objects=folder,
        compile=commands,
        link=[*shlex.split(toolchain.compiler("c" if used == {"c"} else "c++")), "-shared"],
        libraries=end,
        inputs=libraries,
    )
    run(folder, library, what=f"extension {name!r}", verbose=given.verbose, inherit=(lock,))
    return _loaded_anew(name, library.output, given.is_python_module)


def _loaded_anew(name: str, file: Path, is_python_module: bool) -> Any:
    """Loads `file`, or returns what was loaded from it if it is still the same.

    The system's loader returns the old library for a known file name, whatever the file holds: another content is loaded by
    another name.
    """
    status = file.stat()
    content = (status.st_dev, status.st_ino, status.st_mtime_ns)
    known = _loaded.get(file)
    if known is not None and known[0] == content:
        return known[1]
    place = file if known is None else file.with_name(f"{file.stem}-{os.getpid()}-{status.st_ino}.so")
    if place != file:
        place.unlink(missing_ok=True)
        place.hardlink_to(file)
    try:
        module = _import(name, place) if is_python_module else _open(place)
    finally:
        if place != file:
            place.unlink()  # the process keeps what it has mapped
    _loaded[file] = (content, module)
    return module


def _import(name: str, file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be loaded as an extension module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _open(file: Path) -> Any:
    import ctypes

    return ctypes.CDLL(str(file))
