"""`Function`: operations whose forward and backward are written in Python."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Function(_C.FunctionBase):
    """An operation with a gradient of its own. Subclasses define two static methods; `Subclass.apply(...)` runs it.

    `forward(ctx, *args)` computes the results, unrecorded. `ctx.save_for_backward(...)` keeps tensors for backward, other
    things are kept as attributes of `ctx`. `backward(ctx, *grads)` gets one gradient for each result and returns one for each
    argument, None where there is none; what it does is recorded when gradients of gradients are asked for.

    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         x, = ctx.saved_tensors
    ...         return 2 * x * grad
    >>> x = torch.tensor([3.], requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor([6.])
    """

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """The results of the operation."""
        raise NotImplementedError("a Function defines forward(ctx, *args) as a static method")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments."""
        raise NotImplementedError("a Function defines backward(ctx, *grad_outputs) as a static method")

    def __call__(self, *args: Any) -> NoReturn:
        name = type(self).__name__
        raise RuntimeError(f"{name} cannot be called: make forward and backward static methods and use {name}.apply(...)")
