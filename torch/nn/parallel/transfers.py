"""Moves between devices as operations with gradients: the gradient of a copy on each device is the sum over them, and back."""

from __future__ import annotations

import torch
from torch.autograd.function import Function
from torch.cuda import comm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from torch import Tensor


class Broadcast(Function):
    """(devices, *tensors) -> the copies, those of the first device first."""

    @staticmethod
    def forward(ctx: Any, devices: Sequence[torch.device], *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.devices = devices
        rows = comm.broadcast_coalesced(tensors, devices)
        # An input may not be an output as it is: a view shares its memory, as the module on the first device does.
        outputs = tuple(copy.view(copy.size()) if copy is tensors[i] else copy for row in rows for i, copy in enumerate(row))
        ctx.mark_non_differentiable(*(output for output in outputs if not output.is_floating_point()))
        return outputs

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        count = len(grads) // len(ctx.devices)
        return (None, *ReduceAdd.apply(ctx.devices[0], count, *grads))


class ReduceAdd(Function):
    """(device, number of tensors of each device, *tensors, those of the first device first) -> the sums, on `device`."""

    @staticmethod
    def forward(ctx: Any, device: torch.device, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        rows = [tensors[i : i + count] for i in range(0, len(tensors), count)]
        ctx.devices = [row[0].device for row in rows]
        return comm.reduce_add_coalesced(rows, device)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        first = grads[0].device
        if ctx.devices[0] == first:
            return (None, None, *Broadcast.apply(ctx.devices, *grads))
        return (None, None, *Broadcast.apply([first, *ctx.devices], *grads)[len(grads) :])


class Scatter(Function):
    """(devices, chunk sizes or None, dimension, tensor) -> the pieces."""

    @staticmethod
    def forward(ctx: Any, devices: Sequence[torch.device], sizes: Sequence[int] | None, dim: int, tensor: Tensor) -> Any:
        ctx.place, ctx.dim = tensor.device, dim
        pieces = comm.scatter(tensor, devices, sizes, dim)
        return tuple(piece.view(piece.size()) if piece is tensor else piece for piece in pieces)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        return None, None, None, Gather.apply(ctx.place, ctx.dim, *grads)


class Gather(Function):
    """(device, dimension, *tensors) -> the tensors one behind the other."""

    @staticmethod
    def forward(ctx: Any, device: torch.device, dim: int, *tensors: Tensor) -> Tensor:
        ctx.devices = [tensor.device for tensor in tensors]
        ctx.scalars = all(tensor.dim() == 0 for tensor in tensors) and dim == 0
        if ctx.scalars:
            tensors = tuple(tensor.view(1) for tensor in tensors)
        ctx.sizes, ctx.dim = [tensor.size(dim) for tensor in tensors], dim
        return comm.gather(tensors, dim, device)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        grads = Scatter.apply(ctx.devices, ctx.sizes, ctx.dim, grad)
        return (None, None, *(piece[0] if ctx.scalars else piece for piece in grads))
