"""Rows of a table whose gradient is sparse."""

from __future__ import annotations

from torch import _C
from torch.autograd.function import Function
from torch.sparse import sparse_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.sparse import SparseTensor


class SparseRows(Function):
    """weight[input], and in backward the rows of the gradient with the indices where they belong, not added up."""

    @staticmethod
    def forward(ctx: Any, weight: _C.Tensor, input: _C.Tensor, padding: int, by_frequency: bool) -> _C.Tensor:
        if by_frequency:
            raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
        ctx.made, ctx.size, ctx.padding = sparse_type(weight.dtype, weight.is_cuda), weight.size(), padding
        ctx.save_for_backward(input)
        return _C.nn.embedding(weight, input, padding, False)

    @staticmethod
    def backward(ctx: Any, grad: _C.Tensor) -> tuple[SparseTensor | None, ...]:
        (input,) = ctx.saved_tensors
        places, rows = input.reshape(-1), grad.reshape(input.numel(), ctx.size[1])
        if ctx.padding >= 0:
            used = (places != ctx.padding).nonzero().reshape(-1)
            places, rows = places[used], rows[used]
        # The forward pass has checked the indices.
        return ctx.made._of_parts(places.unsqueeze(0), rows, ctx.size), None, None, None
