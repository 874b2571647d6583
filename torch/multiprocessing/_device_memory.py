"""Storages of CUDA devices on their way to other processes: a handle of the memory, and a claim to it.

A claim is a pipe. The receiver holds the end to write into while a tensor of its lies there; nothing is ever written. The
sender holds the other end and the storage. When the last receiver lets go, or ends in whatever way, the pipe hangs up, and the
sender, who looks at each later send and at `torch.cuda.empty_cache()`, lets go too.
"""

from __future__ import annotations

import os
import select
import threading
from multiprocessing import resource_sharer

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.storage import Storage

_lock = threading.Lock()  # queues pickle in threads of their own
_claimed: dict[int, Storage] = {}  # by the end of the pipe to read from
_pid = 0  # whose claims they are: a forked child has the table, and no part in it


def reduce(source: Storage) -> tuple[Callable[..., Storage], tuple[Any, ...]]:
    """What to rebuild the storage from in another process. RuntimeError if its memory is another process's itself."""
    global _pid
    if len(source) == 0:
        return _empty, (type(source), source.get_device())
    handle = _C.cuda.ipc_export(source._tensor())
    collect()
    ours, theirs = os.pipe()
    try:
        claim = resource_sharer.DupFd(theirs)  # also for one that is being spawned: nothing else keeps the descriptor
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    with _lock:
        _pid = os.getpid()
        _claimed[ours] = source
    return _rebuild, (type(source), handle, claim, os.getpid(), ours)


def _empty(kind: type[Storage], device: int) -> Storage:
    return kind().cuda(device)


def _rebuild(kind: type[Storage], handle: bytes, claim: Any, sender: int, ours: int) -> Storage:
    try:
        fd = claim.detach()
    except (OSError, EOFError) as error:
        raise RuntimeError(
            f"[recv] tensor: process {sender}, which sent it, has ended, and with it the device memory. Let it live until the "
            "receivers are done, or send x.cpu()"
        ) from error
    try:
        if sender == os.getpid():  # CUDA maps no memory into the process that it belongs to
            with _lock:
                return _claimed[ours]
        tensor = _C.cuda.ipc_import(handle, kind.dtype, fd)
        fd = -1
        return kind._of(tensor)
    finally:
        if fd >= 0:
            os.close(fd)


def collect() -> None:
    """Lets go of storages that no receiver holds any more."""
    with _lock:
        if _pid != os.getpid() or not _claimed:
            return
        poll = select.poll()
        for fd in _claimed:
            poll.register(fd, 0)  # hanging up is always told
        for fd, _ in poll.poll(0):
            os.close(fd)
            del _claimed[fd]
