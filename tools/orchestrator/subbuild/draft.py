"""`init DIR`: drafts the manifest of a folder of CMake projects from what their CMakeLists.txt say."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.manifest import no_project

__all__ = ["DraftReport", "Drafted", "draft"]

NAME = "libraries.toml"
_COMMENT = re.compile(r"#\[(=*)\[.*?\]\1\]|#[^\n]*", re.DOTALL)
_PROJECT = re.compile(r"\bproject\s*\(\s*\"?([\w.+-]+)\"?([^)]*)\)", re.IGNORECASE)
_VERSION = re.compile(r"\bVERSION\s+([0-9][\w.]*)", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:find_package|find_dependency)\s*\(\s*([\w.+-]+)", re.IGNORECASE)
_LIBRARY = re.compile(r"\badd_library\s*\(\s*([\w.+-]+)", re.IGNORECASE)
_LINKED = re.compile(r"\bfind_library\s*\(\s*\w+\s+((?:NAMES\s+)?[\w.+\s-]+)", re.IGNORECASE)
_OPTION = re.compile(r"\boption\s*\(\s*(\w+)\s+\"([^\"]*)\"(?:\s+(\w+))?\s*\)", re.IGNORECASE)
_PLACE = re.compile(r"\bset\s*\(\s*(\w+)\s+[^()]*?\bCACHE\s+(?:FILE)?PATH\s+\"([^\"]*)\"", re.IGNORECASE)
_INSTALL = re.compile(r"\binstall\s*\(\s*(?:TARGETS|FILES|DIRECTORY|PROGRAMS|EXPORT|CODE|SCRIPT)\b", re.IGNORECASE)
_PACKAGE = re.compile(r"([\w.+-]+?)-?Config\.cmake(?:\.in)?\b", re.IGNORECASE)
_DEEPEST = 4


@dataclass(frozen=True)
class Drafted:
    """One project: `asks` are packages and libraries that it looks for, `packages` those that it makes.

    `options` are (name, words, default), `places` variables for paths, as (name, words).
    """

    name: str
    source: str
    version: str
    asks: tuple[str, ...]
    packages: tuple[str, ...]
    options: tuple[tuple[str, str, str], ...]
    places: tuple[tuple[str, str], ...]
    installs: bool


@dataclass(frozen=True)
class DraftReport:
    """The manifest that was written, and what in it wants a look. `notes` are folders that are no CMake projects."""

    path: Path
    projects: tuple[Drafted, ...]
    needs: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """What was found, and what to do next."""
        text = [f"wrote {self.path}:"]
        for project in self.projects:
            needs = f" needs {', '.join(self.needs[project.name])}" if self.needs[project.name] else ""
            missing = "" if project.installs else "; it has no install rule: say in `install` what goes into the prefix"
            text.append(f"  {project.name} {project.version} in {project.source}{needs}{missing}".replace("  in", " in"))
        text += [f"left out: {note}" for note in self.notes]
        text.append("Read it, complete `needs` and `cmake` (docs/manifest.md explains them), then:")
        text.append(f"  python tools/build_deps.py --manifest {shlex.quote(str(self.path))}")
        return text

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "manifest": str(self.path),
            "projects": [
                {"name": item.name, "source": item.source, "needs": list(self.needs[item.name]), "installs": item.installs}
                for item in self.projects
            ],
            "left_out": list(self.notes),
        }


def draft(folder: Path) -> DraftReport:
    """Writes `libraries.toml` into the folder. One that is there already is left alone: an UsageError."""
    folder = folder.absolute()
    path = folder / NAME
    if path.exists():
        raise UsageError(f"{path} is there already.", next_step="edit it, or move it away first")
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", next_step="name the folder in which the projects stand")
    places = [folder] if no_project(folder) is None else sorted(entry for entry in folder.iterdir() if entry.is_dir())
    projects, notes = [], []
    for place in places:
        if place.name.startswith((".", "build")):
            continue
        if problem := no_project(place):
            notes.append(f"{place.name} {problem[0]}; {problem[1]}")
        else:
            projects.append(_read(place, folder))
    if not projects:
        why = "\n".join(notes)
        raise UsageError(f"No folder of {folder} is a CMake project.", why=why, next_step="name the folder in which they stand")
    needs = _needs(projects)
    path.write_text(_text(folder.name, projects, needs), encoding="utf-8")
    return DraftReport(path, tuple(projects), needs, tuple(notes))


def _read(place: Path, root: Path) -> Drafted:
    texts = [_COMMENT.sub("", text) for text in _cmake_files(place)]
    top, every = texts[0], "\n".join(texts)
    match = _PROJECT.search(top)
    name = match[1] if match and "$" not in match[1] else place.name
    version = _VERSION.search(match[2]) if match else None
    options = tuple((option[1], option[2], (option[3] or "OFF").upper()) for option in _OPTION.finditer(every))
    packages = tuple(dict.fromkeys([name, *_PACKAGE.findall(every), *_LIBRARY.findall(every)]))
    linked = (word for words in _LINKED.findall(every) for word in words.split())
    asks = tuple(dict.fromkeys([*_ASKED.findall(every), *linked]))
    source = place.relative_to(root).as_posix()
    known = version[1] if version else ""
    places = tuple(_PLACE.findall(every))
    return Drafted(name, source, known, asks, packages, options, places, bool(_INSTALL.search(every)))


def _cmake_files(place: Path) -> Iterator[str]:
    """The top CMakeLists.txt first, then those below it and modules."""
    for current, folders, files in os.walk(place):
        depth = len(Path(current).relative_to(place).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < _DEEPEST)
        for name in sorted(files, key=lambda name: name != "CMakeLists.txt"):
            if name == "CMakeLists.txt" or name.endswith((".cmake", ".cmake.in")):
                yield Path(current, name).read_text(encoding="utf-8", errors="replace")


def _needs(projects: Iterable[Drafted]) -> dict[str, tuple[str, ...]]:
    """Who asks for what another one makes, or has a variable for its place, however these are capitalised."""
    every = list(projects)
    owners = {package.lower(): project.name for project in reversed(every) for package in project.packages}
    owners |= {project.name.lower(): project.name for project in every}
    needs = {}
    for project in every:
        asked = [*project.asks, *(name.partition("_")[0] for name, _ in project.places)]
        found = dict.fromkeys(owners[name.lower()] for name in asked if name.lower() in owners)
        needs[project.name] = tuple(name for name in found if name != project.name)
    return needs


def _text(name: str, projects: Iterable[Drafted], needs: Mapping[str, tuple[str, ...]]) -> str:
    lines = [
        "# Drafted by `build_deps.py init` from the projects' CMake code: complete `needs` and `cmake` (docs/manifest.md).",
        "",
        "[framework]",
        f'name = "{name}"',
        'version = "1.0"',
    ]
    for project in projects:
        key = project.name if re.fullmatch(r"[\w-]+", project.name) else f'"{project.name}"'
        lines += ["", f"[project.{key}]", f'source = "{project.source}"']
        if project.version:
            lines.append(f'version = "{project.version}"')
        if needs[project.name]:
            lines.append("needs = [" + ", ".join(f'"{need}"' for need in needs[project.name]) + "]")
        if not project.installs:
            lines.append('# It has no install rule: "in its build tree or source folder" = "in the prefix".')
            lines.append('install = { "include" = "include" }')
        if project.options or project.places:
            lines.append("# Its variables for paths and its options, with their defaults; take out the # of what you choose.")
            lines.append("cmake = [")
            lines += [f'    # "-D{place}={{prefix}}/...",  # {words}' for place, words in project.places]
            lines += [f'    # "-D{option}={default}",  # {words}'.rstrip() for option, words, default in project.options]
            lines.append("]")
    return "\n".join([*lines, ""])
