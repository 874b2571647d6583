"""Processes that exchange tensors: process groups, messages of two ranks, and collective calls.

    import torch.distributed as dist

    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:23456", rank=rank, world_size=2)
    dist.all_reduce(gradient)

Every process calls `init_process_group` with a rank of its own; `python -m torch.distributed.launch` starts processes and tells
them theirs. docs/distributed.md shows whole programs. The backends "tcp" and "gloo" are the same one: sockets, for tensors of
the CPU.
"""

from torch.distributed.collectives import all_gather, all_reduce, barrier, broadcast, gather, reduce, scatter
from torch.distributed.messages import irecv, isend, recv, send
from torch.distributed.multigpu import all_gather_multigpu, all_reduce_multigpu, broadcast_multigpu, reduce_multigpu
from torch.distributed.process_group import (
    destroy_process_group,
    get_rank,
    get_world_size,
    group,
    init_process_group,
    is_available,
    is_initialized,
    new_group,
    reduce_op,
)

__all__ = [
    "all_gather",
    "all_gather_multigpu",
    "all_reduce",
    "all_reduce_multigpu",
    "barrier",
    "broadcast",
    "broadcast_multigpu",
    "destroy_process_group",
    "gather",
    "get_rank",
    "get_world_size",
    "group",
    "init_process_group",
    "irecv",
    "is_available",
    "is_initialized",
    "isend",
    "new_group",
    "recv",
    "reduce",
    "reduce_multigpu",
    "reduce_op",
    "scatter",
    "send",
]
