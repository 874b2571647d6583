"""The shared memory behind storages: files without a name, or with one in /dev/shm, as the strategy says.

file_descriptor: a file that has no name (memfd). Whoever holds a descriptor or a mapping keeps it alive, and the kernel frees
it after the last one, however that ended. Each storage costs an open descriptor.

file_system: a file in /dev/shm, without an open descriptor. Each process that holds it has a name (a hard link) of its own,
which it takes away when its last tensor there goes, or when it ends; a message on its way has one as well. So nobody counts who
else holds it. Names of processes that were killed are taken away by the resource tracker of `multiprocessing`, when the last
process of the family has ended.
"""

from __future__ import annotations

import errno
import functools
import os
import secrets
import weakref
from pathlib import Path

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from torch.storage import Storage

STRATEGIES = ("file_descriptor", "file_system")
FOLDER = "/dev/shm"

strategy = STRATEGIES[0]


class Segment(_C.SharedMemory):
    """A mapped file. name: in FOLDER, of this process; None for a file without a name."""

    name: str | None = None
    pid = 0  # the process that takes the name away: not one that was forked from it

    def __del__(self) -> None:
        if self.name is not None and self.pid == os.getpid():
            _remove(self.name)


# Of files by (device, inode, bytes): the same memory is mapped once.
_known: weakref.WeakValueDictionary[tuple[int, int, int], Segment] = weakref.WeakValueDictionary()

_names: set[str] = set()  # of this process
_names_pid = 0


def mapped(fd: int, nbytes: int) -> Segment:
    """The segment of an open file, whose descriptor it takes over: a known one or a new one."""
    try:
        status = os.fstat(fd)
        key = (status.st_dev, status.st_ino, nbytes)
        known = _known.get(key)
        segment = Segment(fd, nbytes) if known is None else known
    except BaseException:
        os.close(fd)
        raise
    if known is not None:
        os.close(fd)
    _known[key] = segment
    return segment


def create(nbytes: int) -> Segment:
    """New memory, by the strategy that is set."""
    try:
        return _named(nbytes) if strategy == "file_system" else mapped(unnamed_file(nbytes), nbytes)
    except OSError as error:
        _explain(error, nbytes)


def claimable(source: Storage) -> Segment:
    """The segment of a storage, which is moved to one that other processes can be told of, if it is in none."""
    segment = source._shared_memory()
    if not isinstance(segment, Segment) or (segment.fd < 0 and segment.name is None):
        segment = create(len(source) * source.element_size())
        source._move(segment)
    return segment


def unnamed_file(nbytes: int) -> int:
    """The descriptor of a new file without a name. OSError if there are too many open files."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("torch")
    else:  # some builds of Python are made for an old C library
        fd = os.open(FOLDER, os.O_TMPFILE | os.O_RDWR | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(fd, nbytes)
    except OSError:
        os.close(fd)
        raise
    return fd


def _named(nbytes: int) -> Segment:
    name = _new_name()
    fd = os.open(f"{FOLDER}/{name}", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    _track(name)
    try:
        os.posix_fallocate(fd, 0, nbytes)  # a full /dev/shm is an error here, not a SIGBUS later
    except OSError:
        os.close(fd)
        _remove(name)
        raise
    segment = mapped(fd, nbytes)
    segment.close()
    segment.name, segment.pid = name, os.getpid()
    return segment


def link(segment: Segment) -> str:
    """A further name for the file of a segment that has one; it belongs to whoever opens it."""
    name = _new_name()
    try:
        os.link(f"{FOLDER}/{segment.name}", f"{FOLDER}/{name}")
    except FileNotFoundError:
        raise RuntimeError(
            f"[share_memory_] storage, in {FOLDER}/{segment.name}: process {segment.pid}, which shared it, does not hold it "
            "any more, and took the name away; send x.clone()"
        ) from None
    _track(name)
    _names.discard(name)
    return name


def opened(name: str, nbytes: int) -> Segment:
    """The segment behind a name that `link` made, which is this process's from now on."""
    fd = os.open(f"{FOLDER}/{name}", os.O_RDWR | os.O_CLOEXEC)
    _track(name)
    segment = mapped(fd, nbytes)
    if segment.name is not None and segment.pid == os.getpid():
        _remove(name)
        return segment
    segment.close()
    segment.name, segment.pid = name, os.getpid()
    return segment


def _new_name() -> str:
    return f"torch_{os.getpid()}_{secrets.token_hex(8)}"


def _track(name: str) -> None:
    """The name is this process's; the tracker takes it away if nobody else does."""
    global _names_pid
    from multiprocessing import resource_tracker

    _keep_tracker_usable()
    if _names_pid != os.getpid():
        _names_pid = os.getpid()
        _names.clear()
    _names.add(name)
    resource_tracker.register(f"/{name}", "shared_memory")


@functools.cache
def _keep_tracker_usable() -> None:
    """A child that is forked while another thread talks to the tracker would inherit a lock that nobody opens."""
    from multiprocessing import resource_tracker

    lock = getattr(resource_tracker._resource_tracker, "_lock", None)
    if lock is not None:
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


def _remove(name: str) -> None:
    from multiprocessing import resource_tracker

    _names.discard(name)
    try:
        Path(FOLDER, name).unlink()
    except FileNotFoundError:
        return  # at the end of the process already
    resource_tracker.unregister(f"/{name}", "shared_memory")


def remove_all() -> None:
    """At the end of the process: what lives there keeps its memory, but nobody finds it by name any more."""
    if _names_pid == os.getpid():
        for name in list(_names):
            _remove(name)


def _explain(error: OSError, nbytes: int) -> NoReturn:
    said = f"[share_memory_] storage, {nbytes} bytes: {error.strerror}"
    if error.errno == errno.EMFILE:
        said += (
            ". Each shared storage holds a descriptor: let go of some, raise the limit (ulimit -n), or call "
            "torch.multiprocessing.set_sharing_strategy('file_system')"
        )
    elif error.errno == errno.ENOSPC:
        said += f". {FOLDER} is full: make it larger (docker: --shm-size), or use the strategy 'file_descriptor'"
    raise RuntimeError(said) from error
