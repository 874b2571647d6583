"""Messages of two ranks. Those of one rank to another arrive in the order in which they were sent."""

from __future__ import annotations

from torch import _C
from torch.distributed.process_group import group, group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch import Tensor


class Request:
    """A message or a collective call on its way; it goes on without being waited for. Its tensors must not be touched until it
    is done.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> request = dist.isend(torch.ones(2), dst=0)
    >>> request.wait()
    >>> request.is_completed()
    True
    >>> dist.destroy_process_group()
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def is_completed(self) -> bool:
        """Whether it is done, or has failed: then `wait` raises at once.

        >>> import torch.distributed as dist
        >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
        >>> dist.irecv(torch.ones(2), src=0).is_completed()
        False
        >>> dist.destroy_process_group()
        """
        done: bool = self._handle.is_done()
        return done

    def wait(self) -> None:
        """Returns when it is done. RuntimeError if the other rank is gone, sent something else, or did not come in time.

        >>> import torch.distributed as dist
        >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
        >>> dist.isend(torch.ones(2), dst=0).wait()
        >>> dist.destroy_process_group()
        """
        self._handle.wait()

    @property
    def source(self) -> int:
        """The rank that a received message came from."""
        rank: int = self._handle.rank
        return rank


def isend(tensor: Tensor, dst: int, group: Any = group.WORLD) -> Request:
    """Sends the tensor to rank `dst`, and returns at once.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> request = dist.isend(torch.ones(2), dst=0)
    >>> request.wait()
    >>> dist.destroy_process_group()
    """
    return Request(group_of("isend", group).send(tensor, to=dst))


def irecv(tensor: Tensor, src: int | None = None, group: Any = group.WORLD) -> Request:
    """Receives into the tensor, from rank `src` or (None) from whoever sends first, and returns at once.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> x = torch.zeros(2)
    >>> request = dist.irecv(x, src=0)
    >>> dist.send(torch.ones(2), dst=0)
    >>> request.wait()
    >>> x
    tensor([1., 1.])
    >>> dist.destroy_process_group()
    """
    source = _C.distributed.ANY_RANK if src is None else _rank("irecv", src)
    return Request(group_of("irecv", group).receive(tensor, source=source))


def _rank(op: str, rank: int) -> int:
    """The library's sign for any rank is none that a caller may give."""
    if rank < 0:
        raise ValueError(f"[{op}] rank {rank}, must be 0 or above; leave src out to receive from any rank")
    return rank


def send(tensor: Tensor, dst: int, group: Any = group.WORLD) -> None:
    """Sends the tensor to rank `dst`; returns when it may be changed again.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.send(torch.ones(2), dst=0)
    >>> dist.destroy_process_group()
    """
    isend(tensor, dst, group).wait()


def recv(tensor: Tensor, src: int | None = None, group: Any = group.WORLD) -> int:
    """Receives into the tensor, from rank `src` or (None) from whoever sends first; returns who that was.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> dist.send(torch.ones(2), dst=0)
    >>> x = torch.zeros(2)
    >>> dist.recv(x), x
    (0, tensor([1., 1.]))
    >>> dist.destroy_process_group()
    """
    request = irecv(tensor, src, group)
    request.wait()
    return request.source
