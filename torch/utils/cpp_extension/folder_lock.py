"""One build at a time in one folder. The lock is the kernel's: whatever kills its holder, it is never left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]


@contextlib.contextmanager
def locked(folder: Path, what: str) -> Iterator[int]:
    """Holds the lock of `folder`, which is made; says on stderr who else holds it, and waits.

    Yields the descriptor: programs that write into the folder must inherit it, so that the lock lasts until the last of them
    ends, also if this process is killed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RuntimeError(
            f"{folder}, in which {what} is to be built, cannot be written: {error.strerror}.\n"
            "Give another folder: build_directory=..., or TORCH_EXTENSIONS_DIR for all extensions"
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{what}: waiting for {_holder(descriptor)}", file=sys.stderr, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        record = {"pid": os.getpid(), "program": " ".join(sys.argv[:2]) or "python", "since": time.time()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(record).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)  # no LOCK_UN, which would free it under a compiler that still runs


def _holder(descriptor: int) -> str:
    try:
        record = json.loads(os.pread(descriptor, 4096, 0))
        seconds = max(0, round(time.time() - record["since"]))
        return f"process {record['pid']} ({record['program']}), which has been building it for {seconds} s"
    except (ValueError, KeyError, TypeError):
        return "another process that builds it"
