"""What a sub-build depended on when it last succeeded, and how that differs now: stat calls only, no process.

Two records in the project's build tree: `.configured.json` (definitions, tools, the names of source files and of what stands
behind it in the prefix) and `.built.json` (time and size of each file that was read or installed).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.cachefolder import key_of
from orchestrator.detect import Detection, Found
from orchestrator.fastpath import stamp
from orchestrator.fingerprint import Change, compared, compiler_identity, option_cause, texts
from orchestrator.publish import PublishedFile
from orchestrator.subbuild.subplan import SubPlan
from orchestrator.tree import read_json, write_json

__all__ = [
    "Inputs",
    "Stamp",
    "SubState",
    "begin_build",
    "begin_configure",
    "end_build",
    "end_configure",
    "look",
    "read_state",
    "source_files",
]

Stamp = list[Any]
"""[path, mtime_ns, size]; a folder has the size 0, and zeros mean that there is nothing."""

_CONFIGURED, _BUILT = ".configured.json", ".built.json"
_FORMAT = 1


@dataclass(frozen=True)
class Inputs:
    """The state before a sub-build. `sources` are stamps of the project's files, `folders` those of its folders.

    `installs` has a key of the names that each library behind it installed, `linked` one of what a linker reads of these.
    """

    identity: Mapping[str, str]
    definitions: Mapping[str, str]
    options: Mapping[str, list[str]]
    follows: Mapping[str, tuple[str, ...]]
    sources: list[Stamp]
    folders: list[Stamp]
    installs: Mapping[str, str]
    linked: Mapping[str, str]

    @property
    def names(self) -> str:
        """A key of which source files there are: an old project may ask for them with a pattern."""
        return key_of([name for name, _, _ in self.sources])


@dataclass(frozen=True)
class SubState:
    """What the tree was configured with, and what it was built from; each empty if the last attempt did not come to its end."""

    configured: Mapping[str, Any]
    built: Mapping[str, Any]

    def reasons(self, now: Inputs) -> tuple[tuple[str, ...], tuple[Change, ...]]:
        """Why cmake has to run, as texts and as differences; both empty: it has not."""
        old = self.configured
        if not old:
            return ("it was not configured yet",), ()
        changes = [Change("", *difference) for difference in compared(old["identity"], now.identity)]
        changed = set()
        for name, before, after in compared(_values(old["options"]), _values(now.options)):
            changed.add(name)
            origins = [state.get(name, ("", ""))[1] for state in (old["options"], now.options)]
            changes.append(Change("", name, before, after, option_cause(name, origins[0], origins[1])))
        changes += [
            Change("", name, before, after)
            for name, before, after in compared(old["definitions"], now.definitions)
            if not changed.intersection(now.follows.get(name, ()))
        ]
        reasons = list(texts(changes))
        if old["names"] != now.names:
            reasons.append("source files came or went")
        reasons += [f"{name} installs other files" for name, key in now.installs.items() if old["installs"].get(name) != key]
        return tuple(reasons), tuple(changes)

    @property
    def identity(self) -> Mapping[str, str]:
        """Compilers, tools and folders that the tree was configured with."""
        identity: Mapping[str, str] = self.configured.get("identity", {})
        return identity

    def relinks(self, now: Inputs) -> bool:
        """Whether a library behind it differs: a project may name one in a way that its own build does not see."""
        return bool(self.built.get("linked") != now.linked)

    def stamps(self) -> list[Stamp]:
        """All files that the answer "nothing to do" depends on."""
        return [*self.built.get("sources", ()), *self.built.get("others", ()), *self.built.get("installed", ())]

    def current(self, now: Inputs) -> bool:
        """True if nothing has to be done. One stat call for each file."""
        if not self.built or self.reasons(now)[0] or self.built["sources"] != now.sources or self.relinks(now):
            return False
        rest = (*self.built["others"], *self.built["installed"])
        return all(stamp(path) == [mtime, size] for path, mtime, size in rest)


def _values(options: Mapping[str, Any]) -> dict[str, str]:
    return {name: item[0] for name, item in options.items()}


def read_state(sub: SubPlan) -> SubState:
    """The records in the project's tree."""
    records = [read_json(sub.build_dir / name) for name in (_CONFIGURED, _BUILT)]
    configured, built = (record if record.get("format") == _FORMAT else {} for record in records)
    return SubState(configured, built)


def begin_configure(sub: SubPlan) -> None:
    """Before cmake runs: whatever ends it, the next build configures again."""
    for name in (_CONFIGURED, _BUILT):
        (sub.build_dir / name).unlink(missing_ok=True)


def end_configure(sub: SubPlan, now: Inputs) -> None:
    """cmake succeeded."""
    data = {
        "format": _FORMAT,
        "identity": dict(now.identity),
        "definitions": dict(now.definitions),
        "options": dict(now.options),
        "names": now.names,
        "installs": dict(now.installs),
    }
    write_json(sub.build_dir / _CONFIGURED, data)


def begin_build(sub: SubPlan) -> None:
    """Before anything is built or installed: whatever ends it, the next build looks again."""
    (sub.build_dir / _BUILT).unlink(missing_ok=True)


def end_build(sub: SubPlan, now: Inputs, others: Iterable[Stamp], installed: Iterable[Stamp]) -> None:
    """Everything is in the prefix. `others` are files outside the source folder that commands read."""
    data = {
        "format": _FORMAT,
        "sources": now.sources,
        "others": list(others),
        "installed": list(installed),
        "linked": dict(now.linked),
    }
    write_json(sub.build_dir / _BUILT, data, compact=True)


def look(sub: SubPlan, found: Mapping[str, Detection], journal: Iterable[PublishedFile], *, without: Path) -> Inputs:
    """The state now. `journal` is the prefix's, `without` a folder of build trees, which are no sources."""
    every, files = list(journal), list(source_files(sub.source, without=without))
    behind = {name: [file for file in every if file.owner == name] for name in sub.needs}
    identity = {"source folder": str(sub.source), "build folder": str(sub.build_dir), **compiler_identity(found)}
    for name in ("cmake", "ninja"):
        item = found[name]
        identity[name] = f"{item.values['program']} {item.version}" if isinstance(item, Found) else ""
    return Inputs(
        identity=identity,
        definitions=sub.definitions,
        options={name: [item.value, item.origin] for name, item in sub.options.items()},
        follows=sub.follows,
        sources=[[path, *stamp(path)] for path in files if not path.endswith("/")],
        folders=[[path, *stamp(path)] for path in files if path.endswith("/")],
        installs={name: key_of([file.destination for file in files]) for name, files in behind.items()},
        linked={name: key_of(_linked(files)) for name, files in behind.items()},
    )


def source_files(folder: Path, *, without: Path) -> Iterator[str]:
    """Folders (with a slash at the end) and files of a project; nothing hidden, no editor's back-ups, nothing in `without`."""
    skipped = str(without)
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name != "__pycache__" and f"{place}/{name}" != skipped
        )
        yield f"{place}/"
        yield from sorted(f"{place}/{name}" for name in files if not name.startswith(".") and not name.endswith("~"))


def _linked(files: Iterable[PublishedFile]) -> list[Stamp]:
    names = (".a", ".o")
    return [
        [file.destination, file.mtime_ns, file.size]
        for file in files
        if file.destination.endswith(names) or ".so" in file.destination.rpartition("/")[2]
    ]
