"""Collective calls with a list of CUDA tensors, one on each device of the process, for the backend "nccl".

A process has one device here, as `torch.distributed.launch` starts one for each: lists have one entry.
"""

from __future__ import annotations

from torch.distributed.collectives import all_gather, all_reduce, broadcast, reduce
from torch.distributed.process_group import _State, group, group_of, reduce_op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor


def _only(op: str, tensors: Sequence[Any], chosen: Any) -> Any:
    """The one entry of a list with an entry for each of the process's devices."""
    group_of(op, chosen)
    if not _State.nccl:
        raise RuntimeError(
            f"[{op}] is for CUDA tensors and the backend 'nccl'; this process group carries tensors of the CPU: call "
            f"{op.removesuffix('_multigpu')} with one tensor"
        )
    if len(tensors) != 1:
        raise RuntimeError(f"[{op}] {len(tensors)} tensors; a process has one device here: start a process for each device")
    return tensors[0]


def broadcast_multigpu(tensor_list: Sequence[Tensor], src: int, group: Any = group.WORLD) -> None:
    """As broadcast, with a CUDA tensor on each device; the first one of rank `src` is everybody's then.

    >>> torch.distributed.broadcast_multigpu([torch.ones(2)], src=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [broadcast_multigpu] this process has joined no process group: call init_process_group first
    """
    broadcast(_only("broadcast_multigpu", tensor_list, group), src, group)


def all_reduce_multigpu(tensor_list: Sequence[Tensor], op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As all_reduce, over the CUDA tensors of all devices of all ranks.

    >>> torch.distributed.all_reduce_multigpu([torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    all_reduce(_only("all_reduce_multigpu", tensor_list, group), op, group)


def reduce_multigpu(tensor_list: Sequence[Tensor], dst: int, op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As reduce, over the CUDA tensors of all devices; the first tensor of rank `dst` gets the result.

    >>> torch.distributed.reduce_multigpu([torch.ones(2)], dst=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    reduce(_only("reduce_multigpu", tensor_list, group), dst, op, group)


def all_gather_multigpu(
    output_tensor_lists: Sequence[Sequence[Tensor]], input_tensor_list: Sequence[Tensor], group: Any = group.WORLD
) -> None:
    """As all_gather, with a CUDA tensor on each device and a list of outputs for each of them.

    >>> torch.distributed.all_gather_multigpu([[torch.ones(2)]], [torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_gather_multigpu] this process has joined no process group: call init_process_group first
    """
    outputs = _only("all_gather_multigpu", output_tensor_lists, group)
    all_gather(outputs, _only("all_gather_multigpu", input_tensor_list, group), group)
