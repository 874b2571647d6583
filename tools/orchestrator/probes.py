"""CMake's questions to the compilers, asked once for each state of compilers, flags and CMake, and then shared.

Identification, ABI and feature checks make up most of configuring a fresh tree. CMake keeps their answers in
`CMakeFiles/<version>/*.cmake` and in a few cache entries. After a configure they are copied into the user's cache folder, and
a new tree begins with them. Whatever could change an answer is part of the key; a doubt means that CMake asks by itself.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from orchestrator.cachefolder import CacheFolder, key_of
from orchestrator.detect import Detection, Found
from orchestrator.detect.asking import is_plain_program, stamp_of

__all__ = ["keep", "probe_key", "seed"]

_FORMAT = 1
_KIND = "probes"
_FILES = {"C": "CMakeCCompiler.cmake", "CXX": "CMakeCXXCompiler.cmake", "": "CMakeSystem.cmake"}
# What CMake looks up while it meets a compiler, and writes into the cache only then.
_ENTRY = re.compile(
    r"^(?P<name>CMAKE_(?:ADDR2LINE|AR|DLLTOOL|LINKER|NM|OBJCOPY|OBJDUMP|RANLIB|READELF|STRIP|TAPI|UNAME|EXECUTABLE_FORMAT"
    r"|(?:C|CXX)_COMPILER_(?:AR|RANLIB)))(?P<advanced>-ADVANCED)?:(?P<type>FILEPATH|INTERNAL)=(?P<value>.*)$"
)
_INITIALIZED = "CMAKE_PLATFORM_INFO_INITIALIZED:INTERNAL=1"  # without it CMake takes the files for left-overs
# Definitions of ours that tell the compilers of C and C++ nothing.
_SILENT = (
    "CMAKE_BUILD_TYPE",
    "CMAKE_MAKE_PROGRAM",
    "CMAKE_C_COMPILER_LAUNCHER",
    "CMAKE_CXX_COMPILER_LAUNCHER",
    "CMAKE_CUDA_COMPILER_LAUNCHER",
    "CMAKE_C_LINKER_LAUNCHER",
    "CMAKE_CXX_LINKER_LAUNCHER",
    "CMAKE_CUDA_LINKER_LAUNCHER",
    "CMAKE_CUDA_COMPILER",
    "CMAKE_CUDA_HOST_COMPILER",
    "CMAKE_CUDA_FLAGS",
    "CMAKE_PREFIX_PATH",
    "CMAKE_INSTALL_PREFIX",
    "CMAKE_EXPORT_COMPILE_COMMANDS",
)
_TOOLS = ("ar", "nm", "ranlib", "ld", "as", "strip", "objcopy", "objdump", "readelf", "addr2line", "uname")
_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "GCC_EXEC_PREFIX", "COMPILER_PATH", "CCC_OVERRIDE_OPTIONS", "SYSROOT")


class Tree(Protocol):
    """A tree that cmake is run in, with the definitions that it is given."""

    @property
    def build_dir(self) -> Path: ...
    @property
    def definitions(self) -> Mapping[str, str]: ...


def probe_key(plan: Tree, found: Mapping[str, Detection], env: Mapping[str, str]) -> str | None:
    """The name of everything that the answers follow from; None where that cannot be told."""
    definitions = {name: value for name, value in plan.definitions.items() if name.startswith("CMAKE_") and name not in _SILENT}
    cmake = found.get("cmake")
    if not isinstance(cmake, Found) or "CMAKE_TOOLCHAIN_FILE" in definitions or "CMAKE_C_COMPILER" not in definitions:
        return None  # a toolchain file is a program: it may read anything
    compilers = []
    for name in ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER"):
        path = Path(definitions.get(name, ""))
        if not is_plain_program(path):
            return None  # a script or a cache may start another compiler tomorrow
        compilers.append([str(path), stamp_of(path), _parts(path)])
    system = os.uname()
    path_folders = env.get("PATH", "")
    tools = [stamp_of(Path(tool)) if (tool := shutil.which(name, path=path_folders)) else None for name in _TOOLS]
    return key_of(
        {
            "format": _FORMAT,
            "definitions": definitions,
            "compilers": compilers,
            "cmake": [cmake.version, stamp_of(cmake.path)],
            "tools": tools,
            "environment": {name: env[name] for name in _VARIABLES[1:] if name in env},
            "system": [system.sysname, system.release, system.machine],
        }
    )


def _parts(compiler: Path) -> list[object]:
    """The compiler proper of a gcc, beside its driver: `../lib/gcc/<machine>/<version>/cc1`."""
    base = compiler.resolve().parent.parent
    return [stamp_of(path) for path in sorted(base.glob("lib/gcc/*/*/cc1*"))]


def seed(plan: Tree, found: Mapping[str, Detection], env: Mapping[str, str], cache: CacheFolder) -> bool:
    """Puts kept answers into a tree that cmake is to configure from nothing; what stood there goes, as with `--fresh`.

    False if there is nothing to begin with; the tree is then untouched.
    """
    content = _usable(plan, found, env, cache)
    if content is None:
        return False
    folder = _folder(plan, found)
    try:
        (plan.build_dir / "CMakeCache.txt").unlink(missing_ok=True)
        shutil.rmtree(plan.build_dir / "CMakeFiles", ignore_errors=True)
        folder.mkdir(parents=True)
        for name, text in content["files"].items():
            (folder / name).write_text(text, encoding="utf-8")
        lines = [_INITIALIZED, *content["entries"], ""]
        (plan.build_dir / "CMakeCache.txt").write_text("\n".join(lines), encoding="utf-8")
    except OSError:
        return False  # half a seed has no cache, so that CMake takes the files for left-overs and asks
    return True


def keep(plan: Tree, found: Mapping[str, Detection], env: Mapping[str, str], cache: CacheFolder) -> bool:
    """Keeps the answers of a tree that cmake has just configured. True if something new was written."""
    key = probe_key(plan, found, env)
    if key is None or cache.folder is None:
        return False
    folder = _folder(plan, found)
    files = {}
    for name in _FILES.values():
        try:
            files[name] = (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    try:
        text = (plan.build_dir / "CMakeCache.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    entries = [line for line in text.splitlines() if _ENTRY.match(line)]
    content: dict[str, Any] = {"files": files, "entries": entries}
    if not _plausible(content, plan):
        return False
    old = cache.read(_KIND, key)
    if old is not None and _plausible(old, plan) and set(old["files"]) >= set(files):
        return False  # it knows these languages, and perhaps more
    return cache.write(_KIND, key, content)


def _usable(plan: Tree, found: Mapping[str, Detection], env: Mapping[str, str], cache: CacheFolder) -> dict[str, Any] | None:
    if cache.folder is None:
        return None
    key = probe_key(plan, found, env)
    content = cache.read(_KIND, key) if key else None
    return content if content is not None and _plausible(content, plan) else None


def _folder(plan: Tree, found: Mapping[str, Detection]) -> Path:
    cmake = found["cmake"]
    version = cmake.version if isinstance(cmake, Found) else ""
    return plan.build_dir / "CMakeFiles" / version


def _plausible(content: Mapping[str, Any], plan: Tree) -> bool:
    """True if the answers are complete, about these compilers, and each program that they name is there."""
    files, entries = content.get("files"), content.get("entries")
    if not isinstance(files, dict) or not isinstance(entries, list):
        return False
    if not set(files) <= set(_FILES.values()) or not {_FILES["C"], _FILES[""]} <= set(files):
        return False
    if "set(CMAKE_SYSTEM_LOADED 1)" not in files[_FILES[""]]:
        return False
    for language in ("C", "CXX"):
        text = files.get(_FILES[language])
        compiler = plan.definitions.get(f"CMAKE_{language}_COMPILER")
        if text is not None and not _answered(text, language, compiler):
            return False
    values = {}
    for line in entries:
        match = _ENTRY.match(line) if isinstance(line, str) else None
        if match is None:
            return False
        if not match["advanced"]:
            values[match["name"]] = match["value"]
    paths = [value for value in values.values() if value.startswith("/")]
    return "CMAKE_NM" in values and "CMAKE_EXECUTABLE_FORMAT" in values and all(Path(path).exists() for path in paths)


def _answered(text: str, language: str, compiler: str | None) -> bool:
    """CMake marks the file of a compiler that it has met, compiled with, and understood."""
    marks = (
        f'set(CMAKE_{language}_COMPILER "{compiler}")',
        f"set(CMAKE_{language}_COMPILER_LOADED 1)",
        f"set(CMAKE_{language}_COMPILER_WORKS TRUE)",
        f"set(CMAKE_{language}_ABI_COMPILED TRUE)",
    )
    return all(mark in text for mark in marks)
