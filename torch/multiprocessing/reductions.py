"""How `multiprocessing` pickles tensors and storages: as a claim to the shared memory that holds them."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing import parent_process, reduction, resource_sharer, util
from multiprocessing.reduction import ForkingPickler

from torch import _C, _shared_memory, storage
from torch.multiprocessing import _device_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.storage import Storage

_LINGER = 2.0  # seconds that a process waits at its end for those who have not taken yet what it sent

REFUSAL = (
    "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing process "
    "boundaries.  If you just want to transfer the data, call detach() on the tensor before serializing (e.g., putting it on "
    "the queue)."
)


def reduce_tensor(tensor: _C.Tensor) -> Any:
    """A leaf: its storage, place and size there, and requires_grad; its gradient stays."""
    if not tensor.is_leaf:
        raise RuntimeError(REFUSAL)
    return tensor.__reduce_ex__(2)


def reduce_storage(source: Storage) -> tuple[Callable[..., Storage], tuple[Any, ...]]:
    """Moves the storage to shared memory; device memory stays where it is. RuntimeError if it cannot move, as an array of NumPy
    looks at it."""
    if source.is_cuda:
        return _device_memory.reduce(source)
    if len(source) == 0:
        return type(source), ()
    segment = _shared_memory.claimable(source)
    if segment.fd < 0:
        return _from_name, (type(source), _shared_memory.link(segment), segment.nbytes)
    return _from_descriptor, (type(source), reduction.DupFd(segment.fd), segment.nbytes, os.getpid())


def _from_descriptor(kind: type[Storage], descriptor: Any, nbytes: int, sender: int) -> Storage:
    try:
        fd = descriptor.detach()
    except (OSError, EOFError) as error:
        raise RuntimeError(
            f"[recv] tensor: process {sender}, which sent it, has ended, and with it the descriptor of the shared memory. "
            "Receive before you join the sender, or call torch.multiprocessing.set_sharing_strategy('file_system') before both"
        ) from error
    return kind._of(_shared_memory.mapped(fd, nbytes).tensor(kind.dtype))


def _from_name(kind: type[Storage], name: str, nbytes: int) -> Storage:
    try:
        segment = _shared_memory.opened(name, nbytes)
    except FileNotFoundError as error:
        raise RuntimeError(
            f"[recv] tensor: {_shared_memory.FOLDER}/{name}, the shared memory that holds it, is gone; was the message "
            "received before, or did all processes end that knew it?"
        ) from error
    return kind._of(segment.tensor(kind.dtype))


def _linger() -> None:
    """A process that sends and returns at once would take the descriptors with it before anybody could ask for them."""
    if parent_process() is None:
        return
    end = time.monotonic() + _LINGER
    for thread in threading.enumerate():
        if thread.name == "QueueFeederThread":  # still pickles
            thread.join(max(0.0, end - time.monotonic()))
    while getattr(resource_sharer._resource_sharer, "_cache", None) and time.monotonic() < end:  # type: ignore[attr-defined]
        time.sleep(0.001)
    resource_sharer.stop(_LINGER)  # behind the one that is being served


def _prepare_the_end(_: object = None) -> None:
    # Processes of `multiprocessing` end without a look at what lives. Queues are told to end at 10, waited for at -5; the
    # sockets by which descriptors are asked for vanish at 0.
    util.Finalize(None, _linger, exitpriority=5)
    util.Finalize(None, _shared_memory.remove_all, exitpriority=-20)


def install() -> None:
    """For all queues, pipes and pools of this process, and the arguments of processes that are not forked."""
    ForkingPickler.register(_C.Tensor, reduce_tensor)
    for kind in storage.CLASSES.values():
        ForkingPickler.register(kind, reduce_storage)
    _prepare_the_end()
    util.register_after_fork(install, _prepare_the_end)
