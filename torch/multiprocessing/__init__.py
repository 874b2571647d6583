"""`multiprocessing` of the standard library, with tensors and storages that travel as shared memory.

Tensors of CUDA devices are shared where they are, in processes that were not forked ("spawn" or "forkserver"): the sender keeps
the memory until nobody else uses it, and has to live that long.

All names of that module are here too. Importing this one is what makes the queues, pipes and pools of both share: a tensor
that is sent is moved to shared memory first (if it is not there), then the receiver maps the same memory, and both see each
other's writes.

>>> import torch.multiprocessing as mp
>>> there, here = mp.Pipe()
>>> x = torch.zeros(2)
>>> there.send(x)
>>> here.recv().fill_(5), x.is_shared()
(tensor([5., 5.]), True)
>>> x
tensor([5., 5.])
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import *  # noqa: F403

from torch import _shared_memory
from torch.multiprocessing import reductions

__all__ = [*multiprocessing.__all__, "get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy"]


def get_all_sharing_strategies() -> set[str]:
    """The strategies that `set_sharing_strategy` takes: file_descriptor and file_system.

    >>> sorted(torch.multiprocessing.get_all_sharing_strategies())
    ['file_descriptor', 'file_system']
    """
    return set(_shared_memory.STRATEGIES)


def get_sharing_strategy() -> str:
    """How storages are shared from now on.

    >>> torch.multiprocessing.get_sharing_strategy()
    'file_descriptor'
    """
    return _shared_memory.strategy


def set_sharing_strategy(new_strategy: str) -> None:
    """Sets how storages are shared from now on, in this process and those that it forks; in spawned ones it is the default.

    "file_descriptor" (the default): memory without a name, that no kill can leave behind. A shared storage costs an open
    descriptor in each process, and the sender must live until the receiver has taken the tensor.

    "file_system": files in /dev/shm. They cost no descriptor, and the receiver may take them after the sender's end. What
    killed processes and messages that nobody received leave behind is taken away when all processes have ended, with a warning.
    To be set before the first process starts, so that all have one tracker of these files.

    >>> torch.multiprocessing.set_sharing_strategy("file_descriptor")
    """
    if new_strategy not in _shared_memory.STRATEGIES:
        known = " or ".join(map(repr, _shared_memory.STRATEGIES))
        raise ValueError(f"[set_sharing_strategy] new_strategy, {new_strategy!r}: must be {known}")
    if new_strategy == "file_system":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
    _shared_memory.strategy = new_strategy


reductions.install()
