"""Which Pythons wheels are made for: those that are named, or one of each version that is found."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.detect import Candidate, account
from orchestrator.detect.python import OLDEST, ask_python
from orchestrator.errors import BuildError
from orchestrator.process import capture

__all__ = ["Interpreter", "InterpreterError", "find_interpreters"]


class InterpreterError(BuildError):
    """A Python that wheels should be made for is missing, too old, or no CPython with the usual ABI."""

    exit_code = 20


@dataclass(frozen=True)
class Interpreter:
    """A CPython that wheels can be made for. `program` is how it was found; it needs no packages."""

    program: Path
    version: str
    suffix: str
    platform: str

    @property
    def short(self) -> str:
        """`3.12`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def abi(self) -> str:
        """`cp312`: also names its folders."""
        return f"cp{self.short.replace('.', '')}"

    def tag(self, platform: str = "") -> str:
        """`cp312-cp312-linux_x86_64`, or with another platform."""
        return f"{self.abi}-{self.abi}-{platform or re.sub('[-.]', '_', self.platform)}"


def find_interpreters(
    wanted: Sequence[str], environ: Mapping[str, str], *, home: Path | None = None, running: str = sys.executable
) -> tuple[Interpreter, ...]:
    """One interpreter for each of `wanted` (`3.12`, `3.12.1`, a program or a path); for none wanted, one of each version found.

    Looked at in this order: the running one, PATH, /opt/python (of the manylinux images), ~/.pyenv/versions. Sorted by version.
    Raises InterpreterError.
    """
    found = [_look(word, environ) for word in wanted if not _is_version(word)]
    numbers = [word for word in wanted if _is_version(word)]
    if numbers or not wanted:
        places = list(_places(environ, home or Path.home(), running))
        looks = [(place, *_judge(place)) for place in places]
        fit = [interpreter for _, interpreter, _ in looks if interpreter is not None]
        if numbers:
            found += [_of_version(number, fit, looks) for number in numbers]
        else:
            found += fit
    chosen: dict[str, Interpreter] = {}
    for interpreter in found:
        chosen.setdefault(interpreter.abi, interpreter)
    return tuple(sorted(chosen.values(), key=lambda item: _number(item.version)))


def _is_version(word: str) -> bool:
    return re.fullmatch(r"\d+\.\d+(\.\d+)?", word) is not None


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _places(environ: Mapping[str, str], home: Path, running: str) -> Iterator[Path]:
    """Programs that may be interpreters, each file once."""
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    candidates: list[Iterable[Path]] = [[Path(running)]]
    for folder in environ.get("PATH", "").split(":"):
        if folder and "shims" not in Path(folder).parts:  # pyenv's start whatever a folder asks for
            candidates.append(sorted(Path(folder).glob("python3*"), key=lambda path: (len(path.name), path.name)))
    candidates.append(sorted(Path("/opt/python").glob("cp3*/bin/python")))
    candidates.append(sorted(pyenv.glob("versions/*/bin/python3"), key=lambda path: _number(path.parts[-3]), reverse=True))
    seen: set[Path] = set()
    for path in (path for paths in candidates for path in paths):
        usual = path.name == "python" or re.fullmatch(r"python3(\.\d+)?", path.name) or str(path) == running
        if usual and os.access(path, os.X_OK) and (real := path.resolve()) not in seen:
            seen.add(real)
            yield path


def _judge(program: Path) -> tuple[Interpreter | None, str]:
    """The interpreter if wheels can be made for it; else None and why not."""
    facts = ask_python(program)
    if facts is None:
        said = capture([str(program), "--version"]).output.strip().splitlines()
        return None, f"{said[0] if said else 'says nothing'}; CPython >= {'.'.join(map(str, OLDEST))} is needed"
    version = facts["version"]
    if facts["implementation"] != "CPython" or _number(version)[:2] < OLDEST:
        return None, f"{facts['implementation']} {version}; CPython >= {'.'.join(map(str, OLDEST))} is needed"
    if "t-" in facts["soabi"]:
        return None, f"CPython {version} without the global lock, for which the extension is not written"
    if not (Path(facts["include"]) / "Python.h").is_file():
        return None, f"CPython {version} without its headers ({facts['include']}/Python.h)"
    return Interpreter(program, version, facts["suffix"], facts["platform"]), f"CPython {version}"


def _look(word: str, environ: Mapping[str, str]) -> Interpreter:
    """The interpreter of that name or path."""
    import shutil

    program = shutil.which(word, path=environ.get("PATH", ""))
    if program is None:
        text = f"There is no program {word}."
        raise InterpreterError(text, next_step="name an interpreter by its version (--python 3.12) or by a path that exists")
    interpreter, verdict = _judge(Path(program).absolute())
    if interpreter is None:
        text = f"No wheel can be made for {program}: {verdict}."
        raise InterpreterError(text, next_step="name another one with --python, or leave --python out: all that fit are taken")
    return interpreter


def _of_version(number: str, fit: Sequence[Interpreter], looks: Sequence[tuple[Path, Interpreter | None, str]]) -> Interpreter:
    """The first that has this version."""
    for interpreter in fit:
        if f"{interpreter.version}.".startswith(f"{number}."):
            return interpreter
    text = f"There is no CPython {number} here."
    if _number(number)[:2] < OLDEST:
        text = f"CPython {number} is too old: {'.'.join(map(str, OLDEST))} is the oldest that wheels are made for."
    why = account(tuple(Candidate(str(place), verdict) for place, _, verdict in looks))
    step = "install it (pyenv install, apt install pythonX.Y-dev), or give --python its path"
    raise InterpreterError(text, why=why, next_step=step)
