"""`Function`: operations whose forward and backward are written in Python."""

from __future__ import annotations

from torch import _C
from torch.autograd.grad_mode import is_grad_enabled, no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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

    # Any arguments: a type checker lets each subclass have its own.
    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """The results of the operation.

        >>> class Double(torch.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x * 2
        ...     @staticmethod
        ...     def backward(ctx, grad):
        ...         return grad * 2
        >>> Double.apply(torch.ones(2))
        tensor([2., 2.])
        """
        raise NotImplementedError("a Function defines forward(ctx, *args) as a static method")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any, **kwargs: Any) -> Any:
        """The gradients of the arguments.

        >>> class Clipped(torch.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x * 1
        ...     @staticmethod
        ...     def backward(ctx, grad):
        ...         return grad.clamp(-1, 1)
        >>> x = torch.ones(2, requires_grad=True)
        >>> (Clipped.apply(x) * 10).sum().backward()
        >>> x.grad
        tensor([1., 1.])
        """
        raise NotImplementedError("a Function defines backward(ctx, *grad_outputs) as a static method")

    def __call__(self, *args: Any) -> NoReturn:
        name = type(self).__name__
        raise RuntimeError(f"{name} cannot be called: make forward and backward static methods and use {name}.apply(...)")


class _Refuse(Function):
    """Passes its inputs on, and cannot be differentiated."""

    @staticmethod
    def forward(ctx: Any, *outputs: Any) -> Any:
        return outputs

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates the `backward` of a Function that cannot be differentiated itself: doing so is an error, no wrong result.

    >>> from torch.autograd.function import once_differentiable
    >>> class Exp(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.result = x.exp()
    ...         return ctx.result
    ...     @staticmethod
    ...     @once_differentiable
    ...     def backward(ctx, grad):
    ...         return grad * ctx.result
    >>> x = torch.zeros(1, requires_grad=True)
    >>> g, = torch.autograd.grad(Exp.apply(x), x, create_graph=True)
    >>> g.backward()
    Traceback (most recent call last):
        ...
    RuntimeError: trying to differentiate twice a function that was marked with @once_differentiable
    """
    import functools

    @functools.wraps(backward)
    def once(ctx: Any, *grads: Any) -> Any:
        with no_grad():
            results = backward(ctx, *grads)
        if not is_grad_enabled():
            return results
        several = isinstance(results, tuple)
        items = list(results) if several else [results]
        places = [i for i, item in enumerate(items) if isinstance(item, _C.Tensor) and item.is_floating_point()]
        refused = _Refuse.apply(*(items[i].detach().requires_grad_() for i in places))
        for i, item in zip(places, refused if isinstance(refused, tuple) else (refused,), strict=True):
            items[i] = item
        return tuple(items) if several else items[0]

    return once
