"""The Python side of autograd: grad_fn objects, hooks, backward without the interpreter lock, Function."""

from __future__ import annotations

import threading

import pytest

import torch


def test_autograd_objects() -> None:
    x = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    assert y.grad_fn.name() == type(y.grad_fn).__name__ == "SumBackward"
    ((mul, nr),) = y.grad_fn.next_functions
    assert nr == 0
    assert mul.name() == "MulBackward"
    assert mul.next_functions[0][0].name() == "AccumulateGrad"
    assert y.grad_fn is y.grad_fn
    assert x.grad_fn is None
    assert (x.is_leaf, y.is_leaf, y.output_nr) == (True, False, 0)


def test_tensor_hooks() -> None:
    x = torch.ones(2, requires_grad=True)
    seen: list[list[float]] = []
    y = x * 3
    handle = y.register_hook(lambda grad: seen.append(grad.tolist()))
    y.register_hook(lambda grad: grad * 2)
    y.sum().backward(retain_graph=True)
    assert seen == [[1, 1]]
    assert x.grad is not None
    assert x.grad.tolist() == [6, 6]
    handle.remove()
    handle.remove()
    y.sum().backward()
    assert len(seen) == 1
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        torch.ones(1).register_hook(print)
    with pytest.raises(TypeError, match="callable"):
        x.register_hook(1)  # type: ignore[arg-type]


def test_errors_in_hooks_reach_the_caller() -> None:
    def bad(grad: torch.Tensor) -> None:
        raise KeyError("from the hook")

    x = torch.ones(2, requires_grad=True)
    x.register_hook(bad)
    with pytest.raises(KeyError, match="from the hook"):
        (x * 2).sum().backward()
    z = torch.ones(2, requires_grad=True)
    z.register_hook(lambda grad: 1)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="must return a Tensor or None"):
        (z * 2).sum().backward()


def test_backward_releases_the_interpreter_lock() -> None:
    """A hook waits for another thread, which could not run if the lock were held."""
    x = torch.ones(1, requires_grad=True)
    started, go_on = threading.Event(), threading.Event()

    def other() -> None:
        started.wait(10)
        go_on.set()

    thread = threading.Thread(target=other)
    thread.start()

    def hook(grad: torch.Tensor) -> None:
        started.set()
        assert go_on.wait(10)

    x.register_hook(hook)
    (x * 2).sum().backward()
    thread.join()
    assert go_on.is_set()


def test_threads_share_nothing_they_should_not() -> None:
    """Grad mode is of the thread; results of concurrent ops on large tensors are right."""
    wrong: list[object] = []

    def work(value: int) -> None:
        if not torch._C.autograd.is_grad_enabled():
            wrong.append("grad mode leaked")
        x = torch.full((100_000,), float(value))
        for _ in range(20):
            if (x + x).sum().item() != 2.0 * value * 100_000:
                wrong.append(value)

    torch._C.autograd.set_grad_enabled(False)
    try:
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        torch._C.autograd.set_grad_enabled(True)
    assert wrong == []


def test_python_function() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):  # type: ignore[no-untyped-def]
            ctx.save_for_backward(x)
            ctx.factor = factor
            return x * x * factor

        @staticmethod
        def backward(ctx, grad):  # type: ignore[no-untyped-def]
            (x,) = ctx.saved_tensors
            return grad * 2 * x * ctx.factor, None

    x = torch.tensor([3.0], requires_grad=True)
    y = Square.apply(x, 2)
    assert y.grad_fn.name() == "SquareBackward"
    (grad,) = torch.autograd.grad(y, x, create_graph=True)
    assert grad.item() == 12
    (second,) = torch.autograd.grad(grad, x)
    assert second.item() == 4
    y = Square.apply(x, 2)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    assert not Square.apply(x.detach(), 2).requires_grad


def test_python_function_errors() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):  # type: ignore[no-untyped-def]
            return x * 2

        @staticmethod
        def backward(ctx, grad):  # type: ignore[no-untyped-def]
            return grad, grad

    x = torch.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="incorrect number of gradients"):
        Wrong.apply(x).backward()
