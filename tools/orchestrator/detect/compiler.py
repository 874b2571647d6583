"""The C and C++ compilers."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from orchestrator.detect.result import Context, Detection, Found, Missing
from orchestrator.process import capture

__all__ = ["detect_compiler"]

_MINIMUM = {"gcc": (11, 0), "clang": (14, 0)}
_LAUNCHERS = ("ccache", "sccache", "distcc")
# clang also says that it is a gcc, so it is asked first.
_MACROS = {
    "clang": ("__clang_major__", "__clang_minor__", "__clang_patchlevel__"),
    "gcc": ("__GNUC__", "__GNUC_MINOR__", "__GNUC_PATCHLEVEL__"),
}


def detect_compiler(context: Context) -> Detection:
    """CC and CXX if set, else cc/gcc/clang and c++/g++/clang++ of PATH. Values: c, cxx, launcher.

    `CC="ccache gcc"` names a launcher as well; other words beside the program are refused, because flags belong into CFLAGS.
    """
    searched: list[str] = []
    c = _first(context, "CC", ("cc", "gcc", "clang"), searched)
    cxx = _first(context, "CXX", ("c++", "g++", "clang++"), searched)
    if c is None or cxx is None:
        what = "C compiler" if c is None else "C++ compiler"
        return Missing("compiler", f"no usable {what} found", tuple(searched))
    program, version, how = c
    launcher = shlex.split(context.options["CC"])[0] if len(shlex.split(context.options["CC"])) == 2 else ""
    return Found("compiler", version, Path(program), how, {"c": program, "cxx": cxx[0], "launcher": launcher})


def _first(context: Context, option: str, names: tuple[str, ...], searched: list[str]) -> tuple[str, str, str] | None:
    chosen = context.options[option]
    path = context.environ.get("PATH", "")
    for name in (chosen,) if chosen else names:
        words = shlex.split(name)
        if len(words) == 2 and Path(words[0]).name in _LAUNCHERS:
            del words[0]
        if len(words) != 1:
            searched.append(f"{option}={name}: more than a program; give flags in CFLAGS and CXXFLAGS")
            continue
        program = shutil.which(words[0], path=path)
        if program is None:
            searched.append(f"{option}={name}: not found" if chosen else f"{name}: not on PATH")
            continue
        version, problem = _version(program)
        if problem:
            searched.append(f"{program}: {problem}")
            continue
        return program, version, f"{option}" if chosen else "PATH"
    return None


def _version(program: str) -> tuple[str, str]:
    """("gcc 12.2.0", "") or ("", why not). The predefined macros tell what a compiler is, whatever it is called."""
    done = capture([program, "-dM", "-E", "-x", "c", "/dev/null"])
    if done.status != 0:
        return "", f"does not preprocess an empty file (status {done.status})"
    macros = dict(re.findall(r"^#define (__\w+__) (\d+)$", done.output, re.MULTILINE))
    for kind, names in _MACROS.items():
        if all(name in macros for name in names):
            numbers = [int(macros[name]) for name in names]
            version = f"{kind} {'.'.join(map(str, numbers))}"
            if tuple(numbers[:2]) < _MINIMUM[kind]:
                return "", f"{version} is older than {'.'.join(map(str, _MINIMUM[kind]))}"
            return version, ""
    return "", "neither gcc nor clang"
