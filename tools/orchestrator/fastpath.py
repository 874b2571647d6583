"""Answers "nothing to do" without importing what the long path needs.

Everything that the answer depends on is compared with the record of the last success (orchestrator/remember.py writes it); then
ninja is asked, with a dry run: what it would start belongs on the long path, under its progress display. Any doubt means False,
never an error. Only modules that load in a few milliseconds are imported: no dataclasses, argparse, pathlib, subprocess.
Where only sources or products differ, orchestrator/rebuild.py goes on.
"""

import fcntl
import json
import os
import sys
import time
from zlib import crc32

__all__ = [
    "FORMAT",
    "build_base",
    "head_commit",
    "listing",
    "load_record",
    "record_path",
    "ref_stamps",
    "stamp",
    "tag_names",
    "try_fast",
]

FORMAT = 10
_TICK = 20_000_000
"""Nanoseconds: file systems take their time from a coarse clock."""
_TOOLS = ("c++", "cc", "clang", "cmake", "g++", "gcc", "ld", "lld", "mold", "ninja", "nvcc", "python", "sccache")


def record_path(root: str, argv: list[str], command: str) -> str:
    """The file that remembers `command` with these arguments, whose paths are relative to the current folder.

    It stands in the folder of the build trees: --build-dir, or `build_base`.
    """
    base = _argument(argv, "--build-dir") or build_base(_home(root, argv))
    return _record_in(base, argv, command)


def _home(root: str, argv: list[str]) -> str:
    manifest = _argument(argv, "--manifest")
    return os.path.dirname(os.path.abspath(manifest)) if manifest else os.path.abspath(root)


def build_base(home: str) -> str:
    """The folder of the build trees: `build` beside the manifest, or one of the user's cache if that cannot be written."""
    beside = os.path.join(home, "build")
    if os.access(beside if os.path.isdir(beside) else home, os.W_OK):
        return beside
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(cache, "build_deps", f"{os.path.basename(home)}-{crc32(os.fsencode(home)):08x}")


def _record_in(base: str, argv: list[str], command: str) -> str:
    key = "\0".join([os.getcwd(), *argv])
    return os.path.join(os.path.abspath(base), "fast", f"{command}-{crc32(os.fsencode(key)):08x}.json")


def _argument(argv: list[str], name: str) -> str:
    """The value in `name VALUE` or `name=VALUE`."""
    for number, argument in enumerate(argv):
        if argument == name and number + 1 < len(argv):
            return argv[number + 1]
        if argument.startswith(name + "="):
            return argument.partition("=")[2]
    return ""


def stamp(path: str) -> list[int]:
    """[mtime_ns, size]; zeros for what is not there. The size of a folder says nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return [0, 0]
    return [status.st_mtime_ns, 0 if status.st_mode & 0o170000 == 0o040000 else status.st_size]


def head_commit(root: str) -> str:
    """The commit that is checked out, as git's own files say; empty outside of a repository, or where only git can tell."""
    try:
        own, shared = _git_folders(root)
        head = _text(os.path.join(own, "HEAD"))
        if not head.startswith("ref: "):
            return head
        name = head[5:]
        if os.path.isfile(os.path.join(shared, name)):
            return _text(os.path.join(shared, name))
        for line in _text(os.path.join(shared, "packed-refs")).splitlines():
            commit, _, packed = line.partition(" ")
            if packed == name:
                return commit
    except (OSError, ValueError):
        pass
    return ""


def tag_names(root: str) -> int:
    """A number for the names of git's tags, which say the version, packed or not; the same for all that have none."""
    names: set[str] = set()
    try:
        shared = _git_folders(root)[1]
        loose = os.path.join(shared, "refs", "tags")
        names.update(os.listdir(loose) if os.path.isdir(loose) else ())
        packed = _text(os.path.join(shared, "packed-refs")).splitlines()
        names.update(line.partition(" refs/tags/")[2] for line in packed if " refs/tags/" in line)
    except (OSError, ValueError):
        pass
    return crc32(repr(sorted(names)).encode())


def ref_stamps(root: str) -> list:  # type: ignore[type-arg]
    """What head_commit and tag_names read, by time: as long as it stands, neither has to read the file of all packed names."""
    try:
        own, shared = _git_folders(root)
        head = _text(os.path.join(own, "HEAD"))
    except (OSError, ValueError):
        return []
    loose = head.removeprefix("ref: ")
    return [head, *(stamp(os.path.join(shared, name)) for name in (loose, "packed-refs", "refs/tags"))]


def _git_folders(root: str) -> tuple[str, str]:
    """What git keeps of this checkout, and what all worktrees share: mostly the same."""
    git = os.path.join(root, ".git")
    if os.path.isfile(git):  # a worktree
        git = os.path.join(root, _text(git).removeprefix("gitdir: "))
    common = os.path.join(git, "commondir")
    return git, os.path.join(git, _text(common)) if os.path.isfile(common) else git


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def listing(path: str) -> int:
    """A number for what stands in a folder: all names, and of tools size and time as well."""
    try:
        names = sorted(os.listdir(path))
    except OSError:
        return 0
    return crc32(
        repr([[name, stamp(os.path.join(path, name))] if name.startswith(_TOOLS) else name for name in names]).encode()
    )


def try_fast(root: str, argv: list[str], command: str, *, wait: bool = False) -> bool:
    """True if `command` with `argv` has nothing to do; it has then printed its one-line summary.

    The lock is shared: any number may ask at once. While somebody builds the answer is False, or with `wait` comes after that.
    """
    begin = time.monotonic()
    record = _read(root, argv, command)
    if record is None:
        return False
    try:
        descriptor = os.open(record["lock"], os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | (0 if wait else fcntl.LOCK_NB))
            if wait:
                record = _read(root, argv, command) or record
            idle = _is_idle(record, argv, command)
        finally:
            os.close(descriptor)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
        return False
    if idle and "-q" not in argv and "--quiet" not in argv:
        sys.stdout.write(f"{record['headline']}: nothing to do ({time.monotonic() - begin:.3f} s)\n")
    return idle


def load_record(root: str, argv: list[str], command: str) -> dict | None:  # type: ignore[type-arg] # typing costs 5 ms
    """The record of the last success, if all but sources and products is as it was then."""
    try:
        record = _read(root, argv, command)
        return record if record is not None and _unchanged(record, argv, command) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
        return None


def _read(root: str, argv: list[str], command: str) -> dict | None:  # type: ignore[type-arg]
    path = record_path(root, argv, command)
    # What became read-only after it was built still has its record where it was.
    beside = _record_in(os.path.join(_home(root, argv), "build"), argv, command)
    for name in (path,) if _argument(argv, "--build-dir") else (path, beside):
        try:
            with open(name, "rb") as file:
                record: dict = json.loads(file.read())  # type: ignore[type-arg]
                record["written"] = os.fstat(file.fileno()).st_mtime_ns
        except (OSError, ValueError, TypeError):
            continue
        return record
    return None


def _is_idle(record: dict, argv: list[str], command: str) -> bool:  # type: ignore[type-arg]
    if not _unchanged(record, argv, command):
        return False
    if not _refs_stand(record) and record["commit"] != head_commit(record["root"]):
        return False
    if not (_same(record["published"]) and _same(record["sources"])):
        return False
    # An edited source needs no question to ninja. (A file that was only touched is found out on the longer path.)
    written = record["written"]
    try:
        if any(os.stat(name).st_mtime_ns > written for name in record["edited"]):
            return False
    except OSError:
        return False
    if not record["targets"]:  # projects of their own only: all that they read and made is among the inputs
        return True
    # Written by a clock that has since been put back: ninja would take edits for older than its outputs.
    if os.stat(os.path.join(record["build_dir"], ".ninja_log")).st_mtime > time.time() + 2:
        return False
    return _ninja_is_idle([record["ninja"], "-C", record["build_dir"], "-n", *record["targets"]])


def _unchanged(record: dict, argv: list[str], command: str) -> bool:  # type: ignore[type-arg]
    expected = [FORMAT, argv, command, os.getcwd(), [sys.executable, sys.prefix, sys.version]]
    if [record["format"], record["argv"], record["command"], record["cwd"], record["python"]] != expected:
        return False
    if not _refs_stand(record) and record["tags"] != tag_names(str(record["root"])):
        return False
    environment, absent = record["environment"], record["absent"]
    if any(os.environ.get(name) != value for name, value in environment.items()):
        return False
    # USE_CUDDA: who sets what looks like a switch is to hear that it is none.
    if any(name.startswith(tuple(record["families"])) and name not in record["strangers"] for name in os.environ):
        return False
    if any(os.path.exists(path) for path in absent):
        return False
    folders = record["folders"]
    # Names say more than the time: what comes and goes again, such as pip's temporary folders, changes nothing.
    if any(stamp(path)[0] != mtime and listing(path) != number for path, mtime, number in folders):
        return False
    return _same(record["inputs"])


def _refs_stand(record: dict) -> bool:  # type: ignore[type-arg]
    """True if nothing was written where git's names stand, nor just before the record was."""
    seen = record["refs"]
    settled = record["written"] - _TICK
    return bool(seen) and all(when < settled for when, _ in seen[1:]) and seen == ref_stamps(record["root"])


def _same(stamps: object) -> bool:
    assert isinstance(stamps, list)
    return all(stamp(path) == [mtime, size] for path, mtime, size in stamps)


def _ninja_is_idle(command: list[str]) -> bool:
    """Runs the dry run and looks for ninja's sentence; `-n` also reports a build file that cmake would have to renew."""
    reader, writer = os.pipe()
    try:
        actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_DUP2, writer, 2)]
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    finally:
        os.close(writer)
    output = b""
    with open(reader, "rb", buffering=0) as file:
        while chunk := file.read(65536):
            output += chunk
    _, status = os.waitpid(pid, 0)
    return status == 0 and output.rstrip().endswith(b"ninja: no work to do.")
