"""A build of one shared library, as a ninja file: parallel, and right when a header, a flag or a compiler changes."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch.utils.cpp_extension.toolchain import C_SUFFIXES, CXX_SUFFIXES, verify_ninja_availability

__all__ = ["BuildError", "SharedLibrary", "rule_of", "run"]

_LANGUAGES = {**dict.fromkeys(C_SUFFIXES, "c"), **dict.fromkeys(CXX_SUFFIXES, "cxx"), ".cu": "cuda"}


class BuildError(RuntimeError):
    """A compiler or the linker failed; the text holds what it said."""


def rule_of(source: str | Path) -> str:
    """Which compiler a source is for: "c", "cxx" or "cuda"."""
    try:
        return _LANGUAGES[Path(source).suffix]
    except KeyError:
        raise RuntimeError(f"{source}: the ending of a source is one of {', '.join(_LANGUAGES)}") from None


@dataclass(frozen=True)
class SharedLibrary:
    """What is built from what. `compile` and `flags` have the entries of `rule_of`; commands are lists of words."""

    output: Path
    sources: Sequence[Path]
    objects: Path
    """The folder of the objects."""
    compile: Mapping[str, Sequence[str]]
    link: Sequence[str]
    libraries: Sequence[str] = ()
    """The end of the link command."""
    inputs: Sequence[str] = field(default=())
    """Files whose change links anew."""

    def text(self) -> str:
        """The content of build.ninja."""
        used = {rule_of(source) for source in self.sources}
        lines = ["ninja_required_version = 1.3", f"builddir = {_path(self.objects)}", ""]
        for rule, command in self.compile.items():
            if rule in used:
                lines += _compile_rule(rule, command)
        link, libraries = _words(self.link), _words(self.libraries)
        lines += ["rule link", f"  command = {link} $in -o $out {libraries}", "  description = link $out", ""]
        objects = []
        for source in self.sources:
            rule = rule_of(source)
            target = _path(self.objects / _object_name(source))
            # A compiler that was replaced compiles anew.
            program = _path(_program(self.compile[rule]))
            lines.append(f"build {target}: {rule} {_path(source)} | {program}")
            objects.append(target)
        needed = "".join(f" {_path(name)}" for name in self.inputs)
        lines.append(f"build {_path(self.output)}: link {' '.join(objects)}{' |' if needed else ''}{needed}")
        return "\n".join([*lines, f"default {_path(self.output)}", ""])


def _compile_rule(rule: str, command: Sequence[str]) -> list[str]:
    dependencies = "-MD -MF $out.d" if rule != "cuda" else "-MD -MF $out.d --compiler-options -fPIC"
    return [
        f"rule {rule}",
        f"  command = {_words(command)} {dependencies} -c $in -o $out",
        "  depfile = $out.d",
        "  deps = gcc",
        "  description = compile $in",
        "",
    ]


def _program(command: Sequence[str]) -> str:
    return shutil.which(command[0]) or command[0]


def _object_name(source: Path) -> str:
    """Sources of one name in two folders must not meet in one object."""
    return f"{source.stem}-{hashlib.blake2b(os.fsencode(source), digest_size=4).hexdigest()}.o"


def _path(path: str | Path) -> str:
    return str(path).replace("$", "$$").replace(" ", "$ ").replace(":", "$:")


def _words(words: Sequence[str]) -> str:
    return shlex.join(words).replace("$", "$$")


def run(folder: Path, library: SharedLibrary, *, what: str, verbose: bool, inherit: Sequence[int] = ()) -> None:
    """Writes build.ninja into `folder` and runs ninja there; MAX_JOBS limits the jobs. Raises BuildError."""
    file = folder / "build.ninja"
    text = library.text()
    folder.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text() != text:
        file.write_text(text)
    command = [verify_ninja_availability(), "-C", str(folder)]
    jobs = os.environ.get("MAX_JOBS")
    if jobs:
        if not jobs.isdigit() or int(jobs) < 1:
            raise RuntimeError(f"MAX_JOBS={jobs}: the number of jobs is a whole number from 1 on")
        command += ["-j", jobs]
    if verbose:
        command.append("-v")
    sys.stdout.flush()
    done = subprocess.run(
        command,
        pass_fds=inherit,
        stdin=subprocess.DEVNULL,
        stdout=None if verbose else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        said = "" if verbose else ":\n" + (done.stdout or "")
        raise BuildError(f"{what} could not be built (ninja in {folder} ended with status {done.returncode}){said}")
