"""The process group of this process, and its subsets."""

from __future__ import annotations

import atexit
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from typing import Any


class reduce_op:
    """How elements of several ranks become one: SUM, PRODUCT, MIN, MAX.

    >>> torch.distributed.reduce_op.MAX
    'max'
    """

    SUM = "sum"
    PRODUCT = "product"
    MIN = "min"
    MAX = "max"


class group:
    """WORLD is the group of all processes: what calls without `group` are about.

    >>> torch.distributed.group.WORLD is torch.distributed.group.WORLD
    True
    """

    WORLD = object()


class _State:
    """What this process is part of. A forked child is part of nothing, until it joins itself."""

    world: Any = None
    pid: int = 0
    rank: int = -1
    nccl: bool = False
    everybody: Any = None  # the group of all
    watch: Any = None  # of calls over NCCL


_BACKENDS = ("tcp", "gloo", "nccl")
_GOODBYE = 5.0  # seconds for what was sent to leave, at the end of the process


def is_available() -> bool:
    """Whether process groups were built: always.

    >>> torch.distributed.is_available()
    True
    """
    return True


def is_initialized() -> bool:
    """Whether this process has joined a process group.

    >>> torch.distributed.is_initialized()
    False
    """
    return _State.world is not None and _State.pid == os.getpid()


def _checked(backend: str) -> str:
    """The backend's name in small letters."""
    name = backend.lower() if isinstance(backend, str) else backend
    if name == "mpi":
        raise RuntimeError("[init_process_group] backend 'mpi' is not supported: use 'gloo', 'tcp' or 'nccl'")
    if name not in _BACKENDS:
        raise ValueError(f"[init_process_group] backend {backend!r}, must be 'gloo', 'tcp' or 'nccl'")
    if name == "nccl":
        from torch import cuda

        cuda.nccl.version()  # RuntimeError says what is missing
        if not cuda.is_available():
            raise RuntimeError(f"[init_process_group] backend 'nccl': no CUDA device: {cuda.unavailable_reason()}")
    return name


def _seconds(timeout: float | timedelta) -> float:
    return float(timeout) if isinstance(timeout, (int, float)) else timeout.total_seconds()


def init_process_group(
    backend: str,
    init_method: str = "env://",
    world_size: int = -1,
    rank: int = -1,
    group_name: str = "",
    timeout: float | timedelta = 1800,
) -> None:
    """Joins the process group: returns when all `world_size` processes have called this.

    `init_method` says how they find each other: "tcp://HOST:PORT" is where rank 0 listens; "file://PATH" is a file that all
    see, empty or new, in which ranks may be left out; "env://" reads MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE, which
    `python -m torch.distributed.launch` sets. Backends: "gloo" or "tcp" (tensors of the CPU), "nccl" (of CUDA devices, one
    for each process). `timeout`, in seconds, is for the processes to meet and for each call from then on: one
    that takes longer raises RuntimeError and names the rank that did not come. `group_name` is for later use.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.get_rank(), dist.get_world_size()
    (0, 1)
    >>> dist.destroy_process_group()
    """
    if is_initialized():
        raise RuntimeError(
            f"[init_process_group] this process is rank {_State.rank} of a process group already; destroy_process_group() ends "
            "that"
        )
    name = _checked(backend)
    from torch.distributed.rendezvous import Place, join  # nothing that a program without processes should wait for

    world = join(init_method, Place(rank=rank, size=world_size, timeout=_seconds(timeout)))
    _State.world, _State.pid, _State.rank, _State.nccl = world, os.getpid(), world.rank, name == "nccl"
    if _State.nccl:
        from torch import _C
        from torch.distributed.nccl_watch import Watch

        _State.watch = Watch(world.add_group(list(range(world.size))), world.rank, _seconds(timeout), _C.nccl.set_alarm)
    _State.everybody = _made(world.group())
    _leave_at_exit()


def _made(sockets: Any) -> Any:
    """The group as the backend has it."""
    if not _State.nccl:
        return sockets
    from torch.distributed.nccl_group import NcclGroup

    return NcclGroup(sockets, _State.rank, _State.watch)


def _leave_at_exit() -> None:
    """The others learn that this process left, and did not crash. Processes of multiprocessing end without atexit."""
    from multiprocessing import util

    atexit.unregister(destroy_process_group)
    atexit.register(destroy_process_group)
    util.Finalize(None, destroy_process_group, exitpriority=100)


def destroy_process_group() -> None:
    """Leaves the process group. What was sent before arrives; a rank that still needs this one is told that it left.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.destroy_process_group()
    >>> dist.is_initialized()
    False
    """
    if not is_initialized():
        return
    world, _State.world, _State.everybody = _State.world, None, None
    watch, _State.watch = _State.watch, None
    if watch is not None:
        watch.stop(_GOODBYE)
    world.close(_GOODBYE)


def _world(op: str) -> Any:
    if is_initialized():
        return _State.world
    if _State.world is not None:
        raise RuntimeError(
            f"[{op}] this process is a fork of rank {_State.rank} and has no part in its calls: call this in the process that "
            "joined, or join in this one"
        )
    raise RuntimeError(f"[{op}] this process has joined no process group: call init_process_group first")


def group_of(op: str, chosen: Any) -> Any:
    """The group that a call is about. A group of a world that has ended fails by itself."""
    _world(op)
    return _State.everybody if chosen is group.WORLD or chosen is None else chosen


def member_of(op: str, chosen: Any) -> Any | None:
    """The group, or None where this rank is none of its members: collective calls are nothing to it, as in 0.4."""
    found = group_of(op, chosen)
    return found if found.index_of(_State.rank) >= 0 else None


def get_rank(group: Any = group.WORLD) -> int:
    """The rank of this process; its index in `group`, or -1 where it is none of the members.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.get_rank()
    0
    >>> dist.destroy_process_group()
    """
    index: int = group_of("get_rank", group).index_of(_State.rank)
    return index


def get_world_size(group: Any = group.WORLD) -> int:
    """The number of processes in the group.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.get_world_size()
    1
    >>> dist.destroy_process_group()
    """
    size: int = group_of("get_world_size", group).size
    return size


def new_group(ranks: Sequence[int] | None = None) -> Any:
    """A group of the given ranks (None: all), for the `group` argument of calls. Calls of different groups do not meet.

    Every process calls this, members or not, with the same ranks and in the same order; they are compared.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> pair = dist.new_group([0])
    >>> dist.get_world_size(pair)
    1
    >>> dist.destroy_process_group()
    """
    world = _world("new_group")
    return _made(world.add_group(list(range(world.size)) if ranks is None else [int(rank) for rank in ranks]))
