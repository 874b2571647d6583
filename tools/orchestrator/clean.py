"""Deletes what builds wrote, and tells what that is: build trees behind their tag, published files, records, old logs."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator import remember
from orchestrator.cachefolder import user_cache
from orchestrator.compiledb import NAME as COMPILE_COMMANDS
from orchestrator.errors import BuildError, UsageError
from orchestrator.front.console import Console
from orchestrator.lock import locked
from orchestrator.process import capture
from orchestrator.publish import publish, read_journal, withdraw
from orchestrator.session import BuildRequest, Session, open_session
from orchestrator.subbuild.subplan import FOLDER
from orchestrator.tree import is_ours, read_json, remove_tree

__all__ = ["CleanReport", "Removal", "age_text", "clean", "only_of", "size_text", "targets_of"]

_DAY = 86400.0


@dataclass(frozen=True)
class Removal:
    """A file or folder that goes. `kind` is tree, published, records, log, output, link or cache; `age` in seconds or None."""

    path: Path
    kind: str
    size: int
    age: float | None = None


@dataclass(frozen=True)
class CleanReport:
    """What was deleted, or would be (`dry_run`). `notes` say what stays and why."""

    removals: tuple[Removal, ...]
    dry_run: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def paths(self) -> list[Path]:
        """All that goes."""
        return [item.path for item in self.removals]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(item.size for item in self.removals)

    def lines(self) -> list[str]:
        """Each tree with size and age, other files (counted by kind after they were deleted), then the total."""
        said = "would delete" if self.dry_run else "deleted"
        text = []
        for item in self.removals:
            if item.kind in ("tree", "cache"):
                age = f", last built {age_text(item.age)} ago" if item.age is not None else ""
                text.append(f"{said} {item.path} ({size_text(item.size)}{age})")
        for kind, noun in (("published", "published"), ("output", "built"), ("log", "log"), ("records", ""), ("link", "")):
            some = [item for item in self.removals if item.kind == kind]
            if len(some) > 3 and not self.dry_run:
                text.append(f"{said} {len(some)} {noun} files ({size_text(sum(item.size for item in some))})")
            else:
                text += [f"{said} {item.path} ({size_text(item.size)})" for item in some]
        text += self.notes
        text.append(f"{size_text(self.size)} in all" if self.removals else "nothing to clean")
        return text

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        items = [
            {"path": str(item.path), "kind": item.kind, "bytes": item.size, "age_seconds": item.age} for item in self.removals
        ]
        return {"dry_run": self.dry_run, "bytes": self.size, "removals": items, "notes": list(self.notes)}


def clean(
    request: BuildRequest,
    *,
    old: float | None = None,
    keep: int | None = None,
    cache: bool = False,
    now: float | None = None,
) -> CleanReport:
    """Deletes everything that builds wrote; narrower with one of these.

    `request.libraries`: their outputs in one build tree. `request.config`: one tree, and the published files if they came from
    it. `old`: trees that were not built for that many days, and logs as old. `keep`: all trees but the newest ones. The last
    two leave the tree that the package was published from. `cache` adds the folder in the user's cache. `now` is for tests.
    With `request.dry_run` nothing is deleted.
    """
    dry_run = request.dry_run
    if old is not None and keep is not None:
        raise UsageError("--old and --keep cannot be combined.", next_step="choose one of them")
    session = open_session(request)
    moment = time.time() if now is None else now
    if request.libraries:
        if old is not None or keep is not None:
            raise UsageError("--old and --keep choose build trees, not libraries.", next_step="leave the names out")
        removals, notes = _clean_libraries(session, dry_run=dry_run)
    elif old is not None or keep is not None:
        removals, notes = _clean_old(session, old, keep, moment, dry_run=dry_run)
    else:
        removals, notes = _clean_all(session, moment, dry_run=dry_run)
    if cache:
        removals += _clean_cache(dry_run=dry_run)
    return CleanReport(tuple(removals), dry_run, tuple(notes))


def _clean_all(session: Session, now: float, *, dry_run: bool) -> tuple[list[Removal], list[str]]:
    trees = [session.build_dir] if session.request.config else sorted(session.build_base.glob("*"))
    trees = [tree for tree in trees if is_ours(tree) and tree.name != remember.RECORDS]
    removals, notes = [], []
    if not session.request.config or session.build_dir == published_tree(session):
        removals += [_file(path, "published") for path in withdraw(session.root, session.products, dry_run=True)]
        if not dry_run:
            withdraw(session.root, session.products, dry_run=False)
    else:
        notes.append(f"the package stays: it was published from {published_tree(session) or 'nowhere'}")
    removals += _remove_trees(session, trees, now, dry_run=dry_run)
    records = [Removal(path, "records", _size(path), None) for path in remember.forget(session.build_base, dry_run=True)]
    remember.forget(session.build_base, dry_run=dry_run)
    removals += records
    if not session.request.config:
        foreign = [path for path in sorted(session.build_base.glob("*")) if not is_ours(path)]
        notes += [f"left alone: {path} (no tag of ours; delete it by hand if it may go)" for path in foreign]
    if not dry_run and session.build_base.is_dir() and not any(session.build_base.iterdir()):
        session.build_base.rmdir()
    return removals, notes


def _clean_old(
    session: Session, days: float | None, keep: int | None, now: float, *, dry_run: bool
) -> tuple[list[Removal], list[str]]:
    trees = [tree for tree in session.build_base.glob("*") if is_ours(tree) and tree.name != remember.RECORDS]
    trees.sort(key=built_at, reverse=True)
    used = published_tree(session)
    if keep is not None:
        chosen = trees[max(keep, 0) :]
    else:
        chosen = [tree for tree in trees if days is not None and now - built_at(tree) > days * _DAY]
    notes = [f"{used} stays: the package was published from it"] if used in chosen else []
    removals = _remove_trees(session, [tree for tree in chosen if tree != used], now, dry_run=dry_run)
    if days is not None:
        for tree in trees:
            if tree in chosen and tree != used:
                continue
            removals += _remove_logs(tree / "logs", now - days * _DAY, now, dry_run=dry_run)
    return removals, notes


def _remove_trees(session: Session, trees: Iterable[Path], now: float, *, dry_run: bool) -> list[Removal]:
    removals = []
    for tree in trees:
        removals.append(Removal(tree, "tree", _size(tree), max(0.0, now - built_at(tree))))
        link = session.root / COMPILE_COMMANDS
        if link.is_symlink() and (session.root / os.readlink(link)).is_relative_to(tree):  # noqa: PTH115
            removals.append(Removal(link, "link", 0, None))
            if not dry_run:
                link.unlink()
        if not dry_run:
            with locked(tree / ".lock", session.request.command, Console(quiet=session.request.quiet)):
                remove_tree(tree)
    return removals


def _remove_logs(folder: Path, before: float, now: float, *, dry_run: bool) -> list[Removal]:
    """Logs of builds that ended before that time; the newest always stays."""
    entries = sorted(path for path in folder.glob("[0-9]*"))[:-1]
    removals = []
    for path in entries:
        changed = path.stat().st_mtime
        if changed >= before:
            continue
        removals.append(Removal(path, "log", _size(path), now - changed))
        if dry_run:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return removals


def _clean_libraries(session: Session, *, dry_run: bool) -> tuple[list[Removal], list[str]]:
    """Deletes what ninja made for the named libraries and for nothing that they need; of a project tree and installed files."""
    chosen = list(session.graph.closure(session.request.libraries, only=True))
    removals = [item for library in chosen if library.alone for item in _clean_project(session, library.name, dry_run=dry_run)]
    chosen = [library for library in chosen if not library.alone]
    if not chosen:
        return removals, []
    tree = session.build_dir
    ninja = read_json(tree / "configure.json").get("tools", {}).get("ninja", "").rpartition(" ")[0]
    if not is_ours(tree) or not (tree / "build.ninja").is_file() or not ninja:
        return removals, [f"{tree} was not configured"]
    needed = {name for library in chosen for name in library.needs} - {library.name for library in chosen}
    others = session.graph.closure(sorted(needed)) if needed else ()
    with locked(tree / ".lock", session.request.command, Console(quiet=session.request.quiet)):
        mine = [name for library in chosen for name in (f"{library.source}/all", library.tests) if name]
        theirs = [f"{library.source}/all" for library in others]
        names = only_of(_inputs(ninja, tree, mine), _inputs(ninja, tree, theirs) if theirs else (), _targets(ninja, tree))
        files = [path for name in names if (path := tree / name).is_file()]
        removals += [_file(path, "output") for path in files]
        if not dry_run:
            for path in files:
                path.unlink()
    return removals, []


def _clean_project(session: Session, name: str, *, dry_run: bool) -> list[Removal]:
    """Its build tree inside of ours, and what it put into the prefix."""
    tree, prefix = session.build_dir / FOLDER / name, session.prefix
    if not is_ours(session.build_dir) or not tree.is_dir():
        return []
    with locked(session.build_dir / ".lock", session.request.command, Console(quiet=session.request.quiet)):
        own = [prefix / file.destination for file in read_journal(prefix) if file.owner == name]
        removals = [Removal(tree, "tree", _size(tree)), *(_file(path, "published") for path in own if path.is_file())]
        if not dry_run:
            publish(prefix, prefix, (), owners=(name,))
            shutil.rmtree(tree)
    return removals


def only_of(mine: Iterable[str], theirs: Iterable[str], targets: Iterable[str]) -> list[str]:
    """Outputs of ninja among `mine` that are none of `theirs`. Files below `..` are sources."""
    known = set(targets)
    return [name for name in dict.fromkeys(mine) if name in known and name not in set(theirs) and not name.startswith("../")]


def targets_of(output: str) -> list[str]:
    """The outputs that `ninja -t targets all` lists, without those that are no files and those of cmake itself."""
    found = []
    for line in output.splitlines():
        name, _, rule = line.rpartition(": ")
        if name and rule not in ("phony", "RERUN_CMAKE", "CUSTOM_COMMAND_UTIL") and not rule.startswith("CLEAN"):
            found.append(name)
    return found


def _targets(ninja: str, tree: Path) -> list[str]:
    return targets_of(_ask(ninja, tree, "targets", "all"))


def _inputs(ninja: str, tree: Path, targets: Iterable[str]) -> list[str]:
    """All files that ninja reads or writes for these targets, and the targets themselves."""
    names = list(targets)
    return [*names, *_ask(ninja, tree, "inputs", *names).splitlines()]


def _ask(ninja: str, tree: Path, tool: str, *arguments: str) -> str:
    done = capture([ninja, "-C", str(tree), "-t", tool, *arguments])
    if done.status != 0:
        raise BuildError(f"ninja cannot say what belongs to the libraries: {done.output.strip()}", next_step="build once")
    # "ninja: Entering directory" precedes the answer.
    return "\n".join(line for line in done.output.splitlines() if not line.startswith("ninja: "))


def _clean_cache(*, dry_run: bool) -> list[Removal]:
    folder = user_cache(os.environ).folder
    if folder is None or not is_ours(folder):
        return []
    removal = Removal(folder, "cache", _size(folder), None)
    if not dry_run:
        remove_tree(folder)
    return [removal]


def published_tree(session: Session) -> Path | None:
    """The build tree that the package was published from."""
    for file in read_journal(session.products):
        if file.kind in ("library", "extension"):
            for folder in file.source.parents:
                if folder.parent == session.build_base:
                    return folder
    return None


def built_at(tree: Path) -> float:
    """When something was last built in the tree, in seconds since 1970; 0 if never."""
    times = []
    for name in (".ninja_log", "configure.json", "logs", "CACHEDIR.TAG"):
        try:
            times.append((tree / name).stat().st_mtime)
        except OSError:
            continue
    return max(times, default=0.0)


def _file(path: Path, kind: str) -> Removal:
    return Removal(path, kind, path.stat(follow_symlinks=False).st_size)


def _size(path: Path) -> int:
    """Bytes of all files below; one with several names counts once."""
    if not path.is_dir() or path.is_symlink():
        return path.lstat().st_size
    sizes = {(status.st_dev, status.st_ino): status.st_size for status in _stats(path)}
    return sum(sizes.values())


def _stats(folder: Path) -> Iterator[os.stat_result]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _stats(Path(entry.path))
        else:
            yield entry.stat(follow_symlinks=False)


def size_text(size: int) -> str:
    """`12.3 MB`; powers of 1000."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def age_text(seconds: float | None) -> str:
    """`3 days`, `2 hours`, `5 minutes`; whole units."""
    for unit, length in (("day", _DAY), ("hour", 3600.0), ("minute", 60.0)):
        number = int((seconds or 0.0) // length)
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "less than a minute" if seconds is not None else "unknown"
