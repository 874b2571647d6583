"""Collective calls with several CUDA tensors a process, one on each of its devices: for the backend "nccl"."""

from __future__ import annotations

from torch.distributed.process_group import group, group_of, reduce_op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

    from torch import Tensor


def _refuse(op: str, chosen: Any) -> NoReturn:
    group_of(op, chosen)
    raise RuntimeError(
        f"[{op}] is for CUDA tensors and the backend 'nccl'; this process group carries tensors of the CPU: call "
        f"{op.removesuffix('_multigpu')} with one tensor"
    )


def broadcast_multigpu(tensor_list: Sequence[Tensor], src: int, group: Any = group.WORLD) -> None:
    """As broadcast, with a CUDA tensor on each device; the first one of rank `src` is everybody's then.

    >>> torch.distributed.broadcast_multigpu([torch.ones(2)], src=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [broadcast_multigpu] this process has joined no process group: call init_process_group first
    """
    _refuse("broadcast_multigpu", group)


def all_reduce_multigpu(tensor_list: Sequence[Tensor], op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As all_reduce, over the CUDA tensors of all devices of all ranks.

    >>> torch.distributed.all_reduce_multigpu([torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    _refuse("all_reduce_multigpu", group)


def reduce_multigpu(tensor_list: Sequence[Tensor], dst: int, op: str = reduce_op.SUM, group: Any = group.WORLD) -> None:
    """As reduce, over the CUDA tensors of all devices; the first tensor of rank `dst` gets the result.

    >>> torch.distributed.reduce_multigpu([torch.ones(2)], dst=0)
    Traceback (most recent call last):
        ...
    RuntimeError: [reduce_multigpu] this process has joined no process group: call init_process_group first
    """
    _refuse("reduce_multigpu", group)


def all_gather_multigpu(
    output_tensor_lists: Sequence[Sequence[Tensor]], input_tensor_list: Sequence[Tensor], group: Any = group.WORLD
) -> None:
    """As all_gather, with a CUDA tensor on each device and a list of outputs for each of them.

    >>> torch.distributed.all_gather_multigpu([[torch.ones(2)]], [torch.ones(2)])
    Traceback (most recent call last):
        ...
    RuntimeError: [all_gather_multigpu] this process has joined no process group: call init_process_group first
    """
    _refuse("all_gather_multigpu", group)
