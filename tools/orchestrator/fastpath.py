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

__all__ = ["FORMAT", "load_record", "record_path", "stamp", "try_fast"]

FORMAT = 3


def record_path(root: str, argv: list[str], command: str) -> str:
    """The file that remembers `command` with these arguments, whose paths are relative to the current folder.

    It stands in the folder of the build trees: --build-dir, or `build` beside the manifest.
    """
    manifest, build_dir = _argument(argv, "--manifest"), _argument(argv, "--build-dir")
    base = build_dir or os.path.join(os.path.dirname(manifest) if manifest else root, "build")
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


def try_fast(root: str, argv: list[str], command: str) -> bool:
    """True if `command` with `argv` has nothing to do; it has then printed its one-line summary."""
    begin = time.monotonic()
    record = load_record(root, argv, command)
    if record is None:
        return False
    try:
        if not (_same(record["published"]) and _same(record["sources"])):
            return False
        descriptor = os.open(record["lock"], os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            idle = _ninja_is_idle([record["ninja"], "-C", record["build_dir"], "-n", *record["targets"]])
        finally:
            os.close(descriptor)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if idle and "-q" not in argv and "--quiet" not in argv:
        sys.stdout.write(f"{record['headline']}: nothing to do ({time.monotonic() - begin:.3f} s)\n")
    return idle


def load_record(root: str, argv: list[str], command: str) -> dict | None:  # type: ignore[type-arg] # typing costs 5 ms
    """The record of the last success, if all but sources and products is as it was then."""
    try:
        with open(record_path(os.path.abspath(root), argv, command), "rb") as file:
            record = json.loads(file.read())
        return record if _unchanged(record, argv, command) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _unchanged(record: dict[str, object], argv: list[str], command: str) -> bool:
    expected = [FORMAT, argv, command, os.getcwd(), [sys.executable, sys.prefix, sys.version]]
    if [record["format"], record["argv"], record["command"], record["cwd"], record["python"]] != expected:
        return False
    environment, absent = record["environment"], record["absent"]
    assert isinstance(environment, dict) and isinstance(absent, list)
    if any(os.environ.get(name) != value for name, value in environment.items()):
        return False
    if any(os.path.exists(path) for path in absent):
        return False
    return _same(record["inputs"])


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
