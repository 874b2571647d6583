"""swish(x) = x * sigmoid(beta * x), written in C++, with its gradient."""

import torch  # before _ops: it loads the libraries that _ops is linked with
from swish import _ops

__all__ = ["swish"]


class _Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return _ops.forward(x, beta)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return _ops.backward(x, grad, ctx.beta), None


def swish(x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Element by element; x is float32 or float64, of any shape. Can be differentiated once."""
    return _Swish.apply(x, beta)
