"""Gradients averaged over processes while the backward pass goes on: several parameters travel together, in a bucket.

Buckets are filled in the order in which gradients become ready (the last layers' first) and leave in the same order on every
rank; over NCCL on a stream of the group's, so that the device goes on with the pass. A parameter's gradient lies in its bucket
from the first pass on: later passes add to it there, and nothing is copied. Behind the gradients a bucket has one number for
each parameter: which part of the ranks had a gradient. A parameter that nobody used keeps what it had; one that some used gets
the average, in which the others count as zero.
"""

from __future__ import annotations

import torch
from torch import _C
from torch import distributed as dist
from torch.distributed.process_group import group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor


_ALIGNMENT = 64  # bytes, of each gradient in a bucket: kernels read several elements at a time


def flat_parts(tensors: Sequence[Tensor], limit: int) -> list[list[Tensor]]:
    """The tensors in their order, in lists of one dtype with at most `limit` bytes each (one that is larger is alone)."""
    parts: list[list[Tensor]] = []
    open_parts: dict[Any, tuple[list[Tensor], int]] = {}
    for tensor in tensors:
        nbytes = tensor.numel() * tensor.element_size()
        part, used = open_parts.get(tensor.dtype, ([], limit))
        if used + nbytes > limit or not part:
            part, used = [], 0
            parts.append(part)
        part.append(tensor)
        open_parts[tensor.dtype] = (part, used + nbytes)
    return parts


def views_of(flat: Tensor, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Pieces of the flat tensor that are shaped like the given ones."""
    views, begin = [], 0
    for tensor in tensors:
        views.append(flat[begin : begin + tensor.numel()].view(tensor.size()))
        begin += tensor.numel()
    return views


def broadcast_all(tensors: Sequence[Tensor], group: Any, limit: int) -> None:
    """Rank 0's values become everybody's, many tensors in one call."""
    for part in flat_parts(tensors, limit):
        flat = torch.cat([tensor.detach().contiguous().view(-1) for tensor in part])
        dist.broadcast(flat, 0, group=group)
        if dist.get_rank() == 0:
            continue
        for tensor, view in zip(part, views_of(flat, part), strict=True):
            tensor.data.copy_(view)


class _Bucket:
    """Parameters whose gradients travel together."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.parameters = list(parameters)
        first = self.parameters[0]
        align = _ALIGNMENT // first.element_size()
        begins = [0]
        for parameter in self.parameters:
            begins.append(begins[-1] + -(-parameter.numel() // align) * align)
        self.flat = torch.zeros(begins[-1] + len(self.parameters), dtype=first.dtype, device=first.device)
        self.views = [
            self.flat[begin : begin + parameter.numel()].view(parameter.size())
            for begin, parameter in zip(begins, self.parameters, strict=False)
        ]
        self.users = self.flat[begins[-1] :]
        self.reset()

    def reset(self) -> None:
        self.present = [False] * len(self.parameters)
        self.missing = len(self.parameters)
        self.kept: dict[int, Tensor] = {}  # what unused parameters have
        self.request: Any = None

    def take(self, place: int, grad: Tensor) -> None:
        """A parameter's gradient is ready."""
        if not self._holds(place, grad):
            self.views[place].copy_(grad.data)
        self.present[place] = True
        self.missing -= 1

    def _holds(self, place: int, grad: Tensor) -> bool:
        """Whether the gradient lies in the bucket."""
        view = self.views[place]
        return grad.data_ptr() == view.data_ptr() and grad.stride() == view.stride()

    def start(self, group: Any) -> None:
        """The bucket leaves, and the pass goes on."""
        self.users.fill_(1)
        for place, present in enumerate(self.present):
            if not present:
                grad = self.parameters[place].grad
                if grad is not None and self._holds(place, grad):
                    self.kept[place] = self.views[place].clone()
                self.views[place].zero_()
                self.users[place] = 0
        self.request = _started(self.flat, group)

    def finish(self) -> None:
        """The averages are the parameters' gradients."""
        self.request.wait()
        # Of what this rank used it knows that somebody did: else it waits for the device.
        users = self.users.tolist() if self.missing > 0 else [1] * len(self.parameters)
        for place, (parameter, view, used) in enumerate(zip(self.parameters, self.views, users, strict=True)):
            grad = parameter.grad
            if used == 0:
                if place in self.kept:
                    view.copy_(self.kept[place])
            elif grad is None or not (self._holds(place, grad) or grad.requires_grad):
                parameter.grad = view.data
            elif grad.requires_grad:  # recorded, by create_graph: it keeps its history
                grad.data.copy_(view)
        self.request = None


def _started(flat: Tensor, group: Any) -> Any:
    """The average over the ranks, on its way."""
    chosen = group_of("all_reduce", group)
    if flat.is_cuda:
        return chosen.average(flat)
    flat.div_(chosen.size)
    return dist.all_reduce(flat, group=group, async_op=True)


class GradientBuckets:
    """Averages the gradients of `parameters` over the ranks of `group` at the end of every backward pass."""

    def __init__(self, parameters: Sequence[tuple[str, Tensor]], group: Any, limit: int) -> None:
        self.group = group
        self.enabled = True
        self.names = {id(parameter): name for name, parameter in parameters}
        # The last parameters are the first whose gradients are ready.
        self.buckets = [_Bucket(part) for part in flat_parts([parameter for _, parameter in reversed(parameters)], limit)]
        self._next = 0
        self._running = False
        self._hooks = [self._watch(bucket, place) for bucket in self.buckets for place in range(len(bucket.parameters))]

    def _watch(self, bucket: _Bucket, place: int) -> tuple[Any, Any]:
        parameter = bucket.parameters[place]
        # The node that adds to .grad: its hooks run after it has. It lives as long as we hold it.
        node = parameter.expand_as(parameter).grad_fn.next_functions[0][0]
        return node, node.register_hook(lambda *_: self._ready(bucket, place))

    def _ready(self, bucket: _Bucket, place: int) -> None:
        if not self.enabled:
            return
        if not self._running:
            self._begin()
        parameter = bucket.parameters[place]
        name = self.names[id(parameter)]
        if bucket.present[place]:
            raise RuntimeError(
                f"[DistributedDataParallel] parameter {name} got a gradient twice in one backward pass, of "
                "which the first is on its way already: checkpoint no parts that share a parameter"
            )
        grad = parameter.grad
        if grad is None or grad.is_sparse:
            raise RuntimeError(
                f"[DistributedDataParallel] the gradient of {name} is sparse; only dense ones are averaged: "
                "make the layer with sparse=False"
            )
        bucket.take(place, grad)
        while self._next < len(self.buckets) and self.buckets[self._next].missing == 0:
            self._start_next()

    def _begin(self) -> None:
        # Not in _finish: a pass that failed never came there.
        for bucket in self.buckets:
            bucket.reset()
        self._next = 0
        self._running = True
        _C.autograd.queue_callback(self._finish)

    def _start_next(self) -> None:
        self.buckets[self._next].start(self.group)
        self._next += 1

    def _finish(self) -> None:
        self._running = False
        while self._next < len(self.buckets):  # with parameters that this rank did not use
            self._start_next()
        with torch.no_grad():
            for bucket in self.buckets:
                bucket.finish()

    def forget(self) -> None:
        """Before a forward pass: a backward pass that failed is over."""
        self._running = False
        for bucket in self.buckets:
            if bucket.request is not None:
                bucket.request.wait()
                bucket.request = None
