"""One build at a time in one tree. The lock is the kernel's: it cannot be left behind."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.events import Emit, Waiting

__all__ = ["locked"]


@contextmanager
def locked(path: Path, command: str, emit: Emit) -> Iterator[int]:
    """Holds the lock file; yields its descriptor, which programs that write the tree must inherit.

    While somebody else holds it, emits `Waiting` once and waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            emit(Waiting(_holder(descriptor)))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        record = json.dumps({"pid": os.getpid(), "command": command, "since": time.time()})
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, record.encode(), 0)
        yield descriptor
    finally:
        # Closing is the release; no LOCK_UN, which would free it under a child that still builds.
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    try:
        record = json.loads(os.pread(descriptor, 4096, 0))
        age = max(0.0, time.time() - record["since"])
        return f"process {record['pid']} ({record['command']}), for {age:.0f} s"
    except (ValueError, KeyError, TypeError):
        return "another process"
