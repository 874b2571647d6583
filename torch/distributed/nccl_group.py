"""Groups whose collective calls go through NCCL, between CUDA devices: one device for each process.

Processes meet and part over sockets as with the other backends; barriers run there as well. A group's communicator is made at
its first call, for the device of the first tensor. Calls return when they are queued on the device's current stream, as NCCL's
do. Messages of two ranks, gather and scatter are not offered.
"""

from __future__ import annotations

import torch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor

_OPERATIONS = {"sum": "SUM", "product": "PROD", "min": "MIN", "max": "MAX"}


class _Queued:
    """A call on its stream."""

    rank = -1

    def __init__(self) -> None:
        self._event = torch.cuda.Event()
        self._event.record()

    def wait(self) -> None:
        self._event.synchronize()

    def is_done(self) -> bool:
        return self._event.query()


class NcclGroup:
    """A group of sockets, with the collective calls of a communicator."""

    def __init__(self, sockets: Any, rank: int) -> None:
        self._sockets = sockets
        self._rank = rank  # of this process, in the world
        self._communicator: Any = None
        self.size: int = sockets.size
        self.index_of = sockets.index_of
        self.rank_at = sockets.rank_at

    def _on(self, op: str, tensor: Tensor) -> Any:
        """The communicator. The member with index 0 makes the name that the others meet by."""
        if not isinstance(tensor, torch.Tensor) or not tensor.is_cuda:
            raise RuntimeError(
                f"[{op}] the backend 'nccl' carries tensors of CUDA devices: tensor.cuda(), or the backend 'gloo'"
            )
        index = tensor.device.index
        if self._communicator is None:
            nccl = torch.cuda.nccl
            name = torch.zeros(128, dtype=torch.uint8)
            if self.index_of(self._rank) == 0:
                name = torch.tensor(list(nccl.unique_id()), dtype=torch.uint8)
            self._sockets.run("broadcast", tensor=name, root=self.rank_at(0))
            with torch.cuda.device(index):
                self._communicator = nccl.init_rank(self.size, bytes(name.tolist()), self.index_of(self._rank))
        if self._communicator.device_index != index:
            raise RuntimeError(
                f"[{op}] tensor is on cuda:{index}, but this process's first call in the group had one on "
                f"cuda:{self._communicator.device_index}: one device for each process"
            )
        return self._communicator

    def run(
        self,
        kind: str,
        tensor: Any = None,
        list: Sequence[Tensor] | None = None,
        root: int = -1,
        reduce: str = "sum",
    ) -> None:
        """As the sockets' groups."""
        if kind == "barrier":
            torch.cuda.synchronize()
            self._sockets.run("barrier")
            return
        if kind not in ("broadcast", "all_reduce", "reduce", "all_gather"):
            raise RuntimeError(
                f"[{kind}] the backend 'nccl' has no {kind}: use broadcast, all_reduce, reduce or all_gather, or 'gloo'"
            )
        group = self._on(kind, tensor)
        if reduce not in _OPERATIONS:
            raise ValueError(f"there is no '{reduce}' among the reductions of process groups")
        operation = getattr(torch.cuda.nccl, _OPERATIONS[reduce])
        if kind in ("broadcast", "reduce") and self.index_of(root) < 0:
            raise RuntimeError(f"[{kind}] root is rank {root}, which is none of the {self.size} members of the group")
        dense = tensor.detach().contiguous()
        if kind == "all_gather":
            self._gather(group, dense, list or [])
            return
        if kind == "all_reduce":
            group.all_reduce(dense, op=operation)
        elif kind == "reduce":
            result = dense if root == self._rank else torch.empty_like(dense)
            group.reduce(dense, result, self.index_of(root), operation)
        else:
            group.broadcast(dense, self.index_of(root))
        if dense.data_ptr() != tensor.data_ptr() and (kind != "reduce" or root == self._rank):
            tensor.data.copy_(dense)

    def _gather(self, group: Any, dense: Tensor, outputs: Sequence[Tensor]) -> None:
        if len(outputs) != self.size:
            raise RuntimeError(f"[all_gather] list has {len(outputs)} tensors, needs one for each of the {self.size} members")
        flat = torch.empty(self.size * dense.numel(), dtype=dense.dtype, device=dense.device)
        group.all_gather(dense, flat)
        for place, output in enumerate(outputs):
            output.data.copy_(flat[place * dense.numel() : (place + 1) * dense.numel()].view(output.size()))

    def start(self, kind: str, **arguments: Any) -> Any:
        self.run(kind, **arguments)
        return _Queued()

    def send(self, tensor: Tensor, to: int) -> Any:
        raise RuntimeError("[send] the backend 'nccl' has no messages of two ranks: use broadcast in a group of two, or 'gloo'")

    def receive(self, tensor: Tensor, source: int) -> Any:
        raise RuntimeError("[recv] the backend 'nccl' has no messages of two ranks: use broadcast in a group of two, or 'gloo'")
