"""One build at a time in one tree. The lock is the kernel's: it cannot be left behind.

Every program that a build starts inherits the descriptor, so that the lock ends with the last one that can write the tree. A
daemon would keep it for its whole life: compiler caches with a server are therefore started before the lock is taken.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.errors import BuildError
from orchestrator.events import Emit, Waiting

__all__ = ["is_busy", "locked"]

_UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


@contextlib.contextmanager
def locked(path: Path, command: str, emit: Emit, *, flock: Callable[[int, int], object] = fcntl.flock) -> Iterator[int]:
    """Holds the lock file; yields its descriptor, which programs that write the tree must inherit.

    While somebody else holds it, emits `Waiting` once and waits. A folder that cannot be written, or whose file system has no
    locks, is a BuildError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        text = f"{path.parent} cannot be written: {error.strerror}."
        raise BuildError(text, next_step="free space or correct the permissions, or choose another --build-dir") from None
    try:
        _take(descriptor, path, emit, flock)
        record = json.dumps({"pid": os.getpid(), "command": command, "since": time.time()})
        with contextlib.suppress(OSError):  # a full disk: only a second build would read it
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, record.encode(), 0)
        yield descriptor
    finally:
        # Closing is the release; no LOCK_UN, which would free it under a child that still builds.
        os.close(descriptor)


def _take(descriptor: int, path: Path, emit: Emit, flock: Callable[[int, int], object]) -> None:
    try:
        try:
            flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            emit(Waiting(_holder(descriptor, path)))
            flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        text = f"{path.parent} lies on a file system that cannot lock files ({error.strerror})."
        raise BuildError(
            text,
            why="Without a lock two builds at once could write into each other's files.",
            next_step="put it on a local disk (the build tree: --build-dir FOLDER), or mount it with local_lock=flock (NFS)",
        ) from None


def is_busy(path: Path) -> str:
    """Who holds the lock, in words; empty if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor, path)
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return ""


def _holder(descriptor: int, path: Path) -> str:
    try:
        record = json.loads(os.pread(descriptor, 4096, 0))
        age = max(0.0, time.time() - record["since"])
        text = f"process {record['pid']} ({record['command']}), for {age:.0f} s"
        return (
            text if Path(f"/proc/{record['pid']}").exists() else f"{text}; it has ended, and this still runs: {_openers(path)}"
        )
    except (ValueError, KeyError, TypeError):
        return "another process"


def _openers(path: Path) -> str:
    """The processes that have the lock file open, by name and number: what a killed build left running."""
    found = []
    target = str(path.resolve())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = (link for link in (process / "fd").iterdir() if str(link.readlink()) == target)
            # A build that waits as well has the file open, but no lock on it.
            if any("FLOCK" in (process / "fdinfo" / link.name).read_text(encoding="utf-8") for link in held):
                found.append(f"{(process / 'comm').read_text(encoding='utf-8').strip()} ({process.name})")
        except OSError:  # it ended, or belongs to somebody else
            continue
    return ", ".join(sorted(found)) or "a process of another user"
