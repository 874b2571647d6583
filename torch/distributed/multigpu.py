"""Collective calls with a list of CUDA tensors, one on each device of the process, for the backend "nccl".

Every rank gives as many tensors, each on a device of its own; the same list of devices in every call. They are queued on the
devices' current streams.
"""

from __future__ import annotations

import torch
from torch.distributed.collectives import all_gather, all_reduce, broadcast, reduce
from torch.distributed.process_group import _State, group, group_of, member_of, reduce_op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor


def _checked(op: str, tensors: Sequence[Any], chosen: Any) -> bool:
    """Whether this rank is a member of the group, which goes over NCCL."""
    group_of(op, chosen)
    if not _State.nccl:
        raise RuntimeError(
            f"[{op}] is for CUDA tensors and the backend 'nccl'; this process group carries tensors of the CPU: call "
            f"{op.removesuffix('_multigpu')} with one tensor"
        )
    if not tensors:
        raise RuntimeError(f"[{op}] no tensors, expected one for each device")
    return member_of(op, chosen) is not None


def _root(op: str, rank: int, chosen: Any, count: int) -> int:
    """The first device of a rank, as the communicator counts them."""
    index: int = group_of(op, chosen)._root(op, rank)
    return index * count


def broadcast_multigpu(tensor_list: Sequence[Tensor], src: int, group: Any = group.WORLD) -> None:
    """As broadcast, with a CUDA tensor on each device; the first one of rank `src` is everybody's then.

    >>> torch.distributed.broadcast_multigpu([torch.ones(2)], src=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [broadcast_multigpu] this process has joined no process group: call init_process_group first
    """
    op = "broadcast_multigpu"
    if not _checked(op, tensor_list, group):
        return
    if len(tensor_list) == 1:
        broadcast(tensor_list[0], src, group)
        return
    root = _root(op, src, group, len(tensor_list))
    group_of(op, group).run_several(op, tensor_list, lambda over, tensors: over.broadcast(tensors, root))


def all_reduce_multigpu(tensor_list: Sequence[Tensor], op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As all_reduce, over the CUDA tensors of all devices of all ranks.

    >>> torch.distributed.all_reduce_multigpu([torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    name = "all_reduce_multigpu"
    if not _checked(name, tensor_list, group):
        return
    if len(tensor_list) == 1:
        all_reduce(tensor_list[0], op, group)
        return
    number = group_of(name, group).operation(op)
    group_of(name, group).run_several(name, tensor_list, lambda over, tensors: over.all_reduce(tensors, op=number))


def reduce_multigpu(tensor_list: Sequence[Tensor], dst: int, op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As reduce, over the CUDA tensors of all devices; the first tensor of rank `dst` gets the result.

    >>> torch.distributed.reduce_multigpu([torch.ones(2)], dst=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    name = "reduce_multigpu"
    if not _checked(name, tensor_list, group):
        return
    if len(tensor_list) == 1:
        reduce(tensor_list[0], dst, op, group)
        return
    root, number = _root(name, dst, group, len(tensor_list)), group_of(name, group).operation(op)
    group_of(name, group).run_several(name, tensor_list, lambda over, tensors: over.reduce(tensors, root=root, op=number))


def all_gather_multigpu(
    output_tensor_lists: Sequence[Sequence[Tensor]], input_tensor_list: Sequence[Tensor], group: Any = group.WORLD
) -> None:
    """As all_gather, with a CUDA tensor on each device and a list of outputs for each of them.

    On every device, the outputs are the inputs of rank 0's devices, then those of rank 1's, ...

    >>> torch.distributed.all_gather_multigpu([[torch.ones(2)]], [torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_gather_multigpu] this process has joined no process group: call init_process_group first
    """
    op = "all_gather_multigpu"
    if not _checked(op, input_tensor_list, group):
        return
    count = len(input_tensor_list)
    if len(output_tensor_lists) != count:
        raise RuntimeError(f"[{op}] {len(output_tensor_lists)} lists of outputs for {count} tensors, expected one for each")
    if count == 1:
        all_gather(output_tensor_lists[0], input_tensor_list[0], group)
        return
    places = group_of(op, group).size * count
    wrong = next((len(outputs) for outputs in output_tensor_lists if len(outputs) != places), None)
    if wrong is not None:
        raise RuntimeError(f"[{op}] a list of {wrong} outputs, needs one for each of the {places} devices")
    flat = [torch.empty(places * item.numel(), dtype=item.dtype, device=item.device) for item in input_tensor_list]
    group_of(op, group).run_several(op, input_tensor_list, lambda over, tensors: over.all_gather(tensors, flat))
    for outputs, joined in zip(output_tensor_lists, flat, strict=True):
        size = joined.numel() // places
        for i, output in enumerate(outputs):
            output.data.copy_(joined[i * size : (i + 1) * size].view(output.size()))
