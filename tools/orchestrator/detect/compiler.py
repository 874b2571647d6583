"""The C and C++ compilers, and the linker that they use."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from orchestrator.detect.asking import ask
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_compiler", "detect_linker", "launcher_of"]

_MINIMUM = {"gcc": (11, 0), "clang": (14, 0)}
_LAUNCHERS = ("ccache", "sccache", "distcc")
# clang also says that it is a gcc, so it is asked first.
_MACROS = {
    "clang": ("__clang_major__", "__clang_minor__", "__clang_patchlevel__"),
    "gcc": ("__GNUC__", "__GNUC_MINOR__", "__GNUC_PATCHLEVEL__"),
}
_C = ("CC", "C compiler", ("cc", "gcc", "clang"))
_CXX = ("CXX", "C++ compiler", ("c++", "g++", "clang++"))
_LINKERS = {"GNU gold": "gold", "LLD": "lld", "mold": "mold", "GNU ld": "GNU ld"}


def detect_compiler(context: Context) -> Detection:
    """CC and CXX if set, else cc/gcc/clang and c++/g++/clang++ of PATH. Values: c, cxx, cxx_version, launcher.

    `CC="ccache gcc"` names a launcher as well; other words beside the program are refused, because flags belong into CFLAGS.
    """
    looked: list[Candidate] = []
    c = _first(context, *_C, looked)
    cxx = _first(context, *_CXX, looked)
    if c is None or cxx is None:
        what = "C compiler" if c is None else "C++ compiler"
        return Missing("compiler", f"no usable {what} found", tuple(looked))
    program, version, how = c
    values = {"c": program, "cxx": cxx[0], "cxx_version": cxx[1], "launcher": launcher_of(context.options["CC"])}
    return Found("compiler", version, Path(program), how, values, looked=tuple(looked))


def launcher_of(text: str) -> str:
    """The launcher that a value like "ccache gcc" names; empty if there is none."""
    words = _words(text)
    return words[0] if len(words) == 2 else ""


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation mark without its partner
        return [text, "", ""]


def _first(
    context: Context, option: str, what: str, names: tuple[str, ...], looked: list[Candidate]
) -> tuple[str, str, str] | None:
    """(program, version, how) of the first that can be used. Every look goes into `looked`."""
    chosen = context.options[option]
    path = context.environ.get("PATH", "")
    for name in (chosen,) if chosen else names:
        words = _words(name)
        if len(words) == 2 and Path(words[0]).name in _LAUNCHERS:
            del words[0]
        place = f"{what} {option}={name}" if chosen else f"{what} {name}"
        if len(words) != 1:
            looked.append(Candidate(place, "more than a program; give flags in CFLAGS and CXXFLAGS"))
            continue
        program = shutil.which(words[0], path=path)
        if program is None:
            looked.append(Candidate(place, "not found" if chosen else "not on PATH"))
            continue
        version, problem = _version(context, program)
        why = f"taken: {option} says so" if chosen else "taken: the first usable one on PATH"
        looked.append(Candidate(f"{what} {program}", problem or why, version, taken=not problem))
        if not problem:
            return program, version, option if chosen else "PATH"
    return None


def _version(context: Context, program: str) -> tuple[str, str]:
    """("gcc 12.2.0", "") or (version or "", why not). The predefined macros tell what a compiler is, whatever it is called."""
    done = ask(context, [program, "-dM", "-E", "-x", "c", "/dev/null"])
    if done.status != 0:
        return "", f"does not preprocess an empty file (status {done.status})"
    macros = dict(re.findall(r"^#define (__\w+__) (\d+)$", done.output, re.MULTILINE))
    for kind, names in _MACROS.items():
        if all(name in macros for name in names):
            numbers = [int(macros[name]) for name in names]
            version = f"{kind} {'.'.join(map(str, numbers))}"
            if tuple(numbers[:2]) < _MINIMUM[kind]:
                return version, f"{version} is older than {'.'.join(map(str, _MINIMUM[kind]))}"
            return version, ""
    return "", "neither gcc nor clang"


def detect_linker(context: Context) -> Detection:
    """The linker that the C compiler starts. Values: program, kind (GNU ld, gold, lld, mold)."""
    c = _first(context, *_C, [])
    if c is None:
        return Missing("linker", "no C compiler that could name it", required=False)
    flag = re.findall(r"-fuse-ld=(\S+)", context.options["LDFLAGS"])
    name = f"ld.{Path(flag[-1]).name}" if flag else "ld"
    asked = f"{c[0]} -print-prog-name={name}"
    answer = ask(context, [c[0], f"-print-prog-name={name}"]).output.strip()
    program = shutil.which(answer, path=context.environ.get("PATH", "")) if answer else None
    if program is None:
        reason = f"the compiler's linker {answer or name} is not there"
        return Missing(
            "linker", reason, (Candidate(asked, f"answers {answer or 'nothing'}, which is not there"),), required=True
        )
    done = ask(context, [program, "--version"])
    first = done.output.partition("\n")[0]
    kind = next((kind for words, kind in _LINKERS.items() if words in first), "")
    number = re.search(r"(\d+(?:\.\d+)+)(?!.*\d\.\d)", first)
    if done.status != 0 or not number:
        reason = f"{program}: `--version` failed with status {done.status}"
        return Missing("linker", reason, (Candidate(asked, reason),), required=True)
    version = f"{kind or 'unknown linker'} {number[1]}"
    how = "LDFLAGS" if flag else "named by the C compiler"
    looked = (Candidate(asked, f"taken: {program}", version, taken=True), *_other_linkers(context, program))
    return Found("linker", version, Path(program), how, {"program": program, "kind": kind}, looked=looked)


def _other_linkers(context: Context, taken: str) -> list[Candidate]:
    """Faster linkers that are installed, with how to choose them."""
    others = []
    for name in ("mold", "lld", "gold"):
        other = shutil.which(f"ld.{name}", path=context.environ.get("PATH", ""))
        if other and Path(other).resolve() != Path(taken).resolve():
            others.append(Candidate(other, f"not chosen: the compiler's own is used; LDFLAGS=-fuse-ld={name} chooses it"))
    return others
