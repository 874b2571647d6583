"""Calls that all ranks of a group make together, in the same order.

With `async_op=True` a call returns a request at once: `wait()` for it before its tensors are touched. Tensors may have any
dtype and strides. A failure (a rank that died, ranks that disagree, a timeout) raises RuntimeError on every rank, with who and
why; the group can do nothing more after that.
"""

from __future__ import annotations

from torch.distributed.messages import Request
from torch.distributed.process_group import _State, group, member_of, reduce_op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor


def _call(op: str, chosen: Any, async_op: bool, **arguments: Any) -> Any:
    members = member_of(op, chosen)
    if members is None:
        return None
    return Request(members.start(op, **arguments)) if async_op else members.run(op, **arguments)


def broadcast(tensor: Tensor, src: int, group: Any = group.WORLD, *, async_op: bool = False) -> Any:
    """Rank `src`'s tensor becomes everybody's: each rank gives one of the same dtype and number of elements.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> x = torch.ones(2)
    >>> dist.broadcast(x, src=0)
    >>> dist.destroy_process_group()
    """
    return _call("broadcast", group, async_op, tensor=tensor, root=src)


def all_reduce(tensor: Tensor, op: str = reduce_op.SUM, group: Any = group.WORLD, *, async_op: bool = False) -> Any:
    """Element by element, the tensors of all ranks become one, which everybody has then: the same bits.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> x = torch.tensor([1., 2.])
    >>> dist.all_reduce(x)
    >>> x
    tensor([1., 2.])
    >>> request = dist.all_reduce(x, op=dist.reduce_op.MAX, async_op=True)
    >>> request.wait()
    >>> dist.destroy_process_group()
    """
    return _call("all_reduce", group, async_op, tensor=tensor, reduce=op)


def reduce(tensor: Tensor, dst: int, op: str = reduce_op.SUM, group: Any = group.WORLD, *, async_op: bool = False) -> Any:
    """As all_reduce, but only rank `dst` gets the result; the others' tensors stay as they are.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.reduce(torch.ones(2), dst=0)
    >>> dist.destroy_process_group()
    """
    return _call("reduce", group, async_op, tensor=tensor, root=dst, reduce=op)


def all_gather(tensor_list: Sequence[Tensor], tensor: Tensor, group: Any = group.WORLD, *, async_op: bool = False) -> Any:
    """Each rank's tensor goes to its place in everybody's list, which has one of the same dtype and length for each rank.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> parts = [torch.zeros(2)]
    >>> dist.all_gather(parts, torch.ones(2))
    >>> parts
    [tensor([1., 1.])]
    >>> dist.destroy_process_group()
    """
    return _call("all_gather", group, async_op, tensor=tensor, list=list(tensor_list))


def _list_at(op: str, name: str, given: Sequence[Tensor] | None, root: int) -> list[Tensor] | None:
    """The list that only the root has."""
    if given is not None and _State.world is not None and root != _State.rank and len(given) > 0:
        raise ValueError(f"[{op}] {name} is for rank {root} alone, and this is rank {_State.rank}: leave it out here")
    return None if given is None or root != _State.rank else list(given)


def gather(
    tensor: Tensor,
    gather_list: Sequence[Tensor] | None = None,
    dst: int = 0,
    group: Any = group.WORLD,
    *,
    async_op: bool = False,
) -> Any:
    """Each rank's tensor goes to its place in `gather_list`, which only rank `dst` gives.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> parts = [torch.zeros(2)]
    >>> dist.gather(torch.ones(2), dst=0, gather_list=parts)
    >>> parts
    [tensor([1., 1.])]
    >>> dist.destroy_process_group()
    """
    return _call("gather", group, async_op, tensor=tensor, list=_list_at("gather", "gather_list", gather_list, dst), root=dst)


def scatter(
    tensor: Tensor,
    scatter_list: Sequence[Tensor] | None = None,
    src: int = 0,
    group: Any = group.WORLD,
    *,
    async_op: bool = False,
) -> Any:
    """Each rank's tensor becomes its part of `scatter_list`, which only rank `src` gives.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> x = torch.zeros(2)
    >>> dist.scatter(x, src=0, scatter_list=[torch.ones(2)])
    >>> x
    tensor([1., 1.])
    >>> dist.destroy_process_group()
    """
    return _call(
        "scatter", group, async_op, tensor=tensor, list=_list_at("scatter", "scatter_list", scatter_list, src), root=src
    )


def barrier(group: Any = group.WORLD, *, async_op: bool = False) -> Any:
    """Returns when all ranks of the group have called it.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.barrier()
    >>> dist.destroy_process_group()
    """
    return _call("barrier", group, async_op)
