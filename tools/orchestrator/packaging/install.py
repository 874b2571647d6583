"""Installs libraries, headers and CMake packages into a prefix, for distributors: `build TH --prefix DIR`, with DESTDIR."""

from __future__ import annotations

import filecmp
import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError
from orchestrator.events import Emit, Output, Started
from orchestrator.process import stream
from orchestrator.publish import read_journal

__all__ = ["InstallError", "InstallReport", "InstalledLibrary", "install"]

_LINE = re.compile(r"^-- (Installing|Up-to-date): (.+)$")


class InstallError(BuildError):
    """cmake could not install into the prefix."""

    exit_code = 15


@dataclass(frozen=True)
class InstalledLibrary:
    """What one library put into the prefix: files with DESTDIR, in the order in which cmake names them."""

    name: str
    files: tuple[Path, ...]
    new: int
    """How many of them were written; the others were up to date."""


@dataclass(frozen=True)
class InstallReport:
    """What an installation did. `skipped` are requested parts that have no install rules (Python extensions)."""

    prefix: Path
    destdir: str
    libraries: tuple[InstalledLibrary, ...]
    skipped: tuple[str, ...]

    def lines(self) -> list[str]:
        """What went where, and how to use it."""
        where = f"{self.prefix} below DESTDIR={self.destdir}" if self.destdir else str(self.prefix)
        text = [f"installed into {where}:"]
        text += [f"  {item.name:<11} {len(item.files)} files, {item.new} of them written" for item in self.libraries]
        text += [f"  {name:<11} is part of the Python package: python -m pip install ." for name in self.skipped]
        text.append(f"use it with: cmake -D CMAKE_PREFIX_PATH={shlex.quote(str(self.prefix))} and find_package(NAME CONFIG)")
        return text

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        libraries = [
            {"name": item.name, "files": [str(path) for path in item.files], "written": item.new} for item in self.libraries
        ]
        return {
            "prefix": str(self.prefix),
            "destdir": self.destdir,
            "libraries": libraries,
            "skipped": list(self.skipped),
        }


def install(
    cmake: str,
    build_dir: Path,
    folders: Sequence[tuple[str, str]],
    prefix: Path,
    *,
    env: Mapping[str, str],
    destdir: str,
    emit: Emit,
    lock: int,
    skipped: Sequence[str] = (),
    copied: Sequence[tuple[str, Path]] = (),
) -> InstallReport:
    """Installs each (library, folder in the build tree), which has been built. The caller holds the tree's lock.

    `copied` are projects and the prefix that their install rules have filled: their files are copied from there.
    `env` is cleaned; `destdir` goes before all paths, as distributions stage their packages. Raises InstallError.
    """
    prefix = Path(os.path.abspath(prefix))  # noqa: PTH100 - symlinks in a prefix are meant
    emit(Started("install", f"{', '.join(name for name, _ in (*copied, *folders))} into {prefix}"))
    variables = {**env, "DESTDIR": destdir} if destdir else dict(env)
    target = Path(f"{destdir}{prefix}") if destdir else prefix
    done = [_copy(name, filled, target) for name, filled in copied]
    done += [_install_one(cmake, name, build_dir / folder, prefix, variables, emit, lock) for name, folder in folders]
    return InstallReport(prefix, destdir, tuple(done), tuple(skipped))


def _copy(name: str, filled: Path, target: Path) -> InstalledLibrary:
    """Copies what one project put into the prefix `filled`, links as links."""
    files, new = [], 0
    try:
        for file in read_journal(filled):
            if file.owner != name:
                continue
            source, destination = filled / file.destination, target / file.destination
            files.append(destination)
            if not destination.is_symlink() and destination.is_file() and filecmp.cmp(source, destination, shallow=False):
                continue
            destination.parent.mkdir(parents=True, exist_ok=True)
            destination.unlink(missing_ok=True)
            shutil.copy2(source, destination, follow_symlinks=False)
            new += 1
    except OSError as error:
        text = f"{name} could not be installed into {target}: {error}."
        step = "choose a folder that you may write with --prefix, or stage below one: DESTDIR=DIR"
        raise InstallError(text, next_step=step) from None
    return InstalledLibrary(name, tuple(files), new)


def _install_one(
    cmake: str, name: str, folder: Path, prefix: Path, env: Mapping[str, str], emit: Emit, lock: int
) -> InstalledLibrary:
    command = [cmake, "--install", str(folder), "--prefix", str(prefix)]
    emit(Output("$ " + shlex.join(command)))
    said: list[str] = []

    def on_line(line: str) -> None:
        emit(Output(line))
        said.append(line)

    status = stream(command, env=env, cwd=folder, on_line=on_line, inherit=(lock,))
    if status != 0:
        words = "\n".join(line for line in said if line and not _LINE.match(line))
        raise InstallError(
            f"{name} could not be installed into {prefix}:\n{words}",
            next_step="choose a folder that you may write with --prefix, or stage below one: DESTDIR=DIR",
        )
    named = [(match[1], Path(match[2])) for line in said if (match := _LINE.match(line))]
    files = [(what, path) for what, path in named if not path.is_dir()]
    if not files:
        raise InstallError(
            f"{name} installed nothing into {prefix}.",
            next_step=f"its CMakeLists.txt needs torch_export_library({name})",
        )
    return InstalledLibrary(name, tuple(path for _, path in files), sum(what == "Installing" for what, _ in files))
