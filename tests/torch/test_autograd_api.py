"""The autograd API: what the migration guide and 0.4's documentation say."""

from __future__ import annotations

import threading

import pytest

import torch
from torch.autograd import Variable, gradcheck, gradgradcheck


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.float64, requires_grad=True)


def test_tracking_starts_with_an_input_that_requires_grad() -> None:
    x, w = torch.ones(1), torch.ones(1, requires_grad=True)
    z = x + x
    assert not z.requires_grad and z.grad_fn is None
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        z.backward()
    total = w + z
    assert total.requires_grad and not total.is_leaf
    total.backward()
    assert w.grad.tolist() == [1.0] and z.grad is x.grad is None


def test_backward_checks_its_arguments() -> None:
    x = torch.ones(1, requires_grad=True)
    with pytest.raises(TypeError, match=r"backward\(\): argument 'gradient' .*must be Tensor.*not float"):
        (x * 2).backward(gradient=1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="keep"):
        (x * 2).backward(keep=True)  # type: ignore[call-arg]
    assert x.grad is None
    (x * x).backward(None, None, create_graph=True)
    assert x.grad is not None and x.grad.requires_grad


def test_backward_needs_a_scalar_or_a_gradient() -> None:
    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    (x * 2).backward(torch.tensor([1.0, 10.0], dtype=torch.float64))
    assert x.grad.tolist() == [2.0, 20.0]


def test_gradients_accumulate() -> None:
    x = leaf(3)
    for _ in range(2):
        (x * x).backward()
    assert x.grad.tolist() == [12.0]


def test_graph_is_freed_unless_retained() -> None:
    x = leaf(3)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12.0]
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_grad_function() -> None:
    x, w = leaf(2), leaf(5)
    gx, gw = torch.autograd.grad(x * w, (x, w))
    assert gx.tolist() == [5.0] and gw.tolist() == [2.0] and x.grad is None
    with pytest.raises(RuntimeError, match="allow_unused"):
        torch.autograd.grad(x * 2, w)
    assert torch.autograd.grad(x * 2, w, allow_unused=True) == (None,)
    (weighted,) = torch.autograd.grad(x * 3, x, grad_outputs=torch.tensor([2.0], dtype=torch.float64))
    assert weighted.tolist() == [6.0]


def test_gradients_of_gradients() -> None:
    x = leaf(2)
    (first,) = torch.autograd.grad(x * x * x, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    assert (first.item(), second.item(), third.item()) == (12, 12, 6)


def test_several_roots() -> None:
    x = leaf(2)
    torch.autograd.backward([x * 2, x * 3])
    assert x.grad.tolist() == [5.0]
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        torch.autograd.backward([x * 2, x * 3], [torch.ones(1, dtype=torch.float64)])


def test_former_argument_name_warns() -> None:
    x = leaf(2)
    with pytest.warns(UserWarning, match="'grad_variables' is deprecated"):
        torch.autograd.backward([x * 2], grad_variables=[torch.ones(1, dtype=torch.float64)])
    assert x.grad.tolist() == [2.0]


def test_no_grad_and_enable_grad() -> None:
    x = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad

    @torch.no_grad()
    def double(value: torch.Tensor) -> torch.Tensor:
        return value * 2

    assert not double(x).requires_grad and double.__name__ == "double"


def test_no_grad_ends_with_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        raise ZeroDivisionError
    assert torch.autograd.is_grad_enabled()


def test_set_grad_enabled() -> None:
    x = torch.ones(1, requires_grad=True)
    with torch.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    torch.set_grad_enabled(False)
    try:
        assert not (x * 2).requires_grad
    finally:
        torch.set_grad_enabled(True)
    assert (x * 2).requires_grad


def test_the_switch_belongs_to_its_thread() -> None:
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.autograd.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_detach_is_watched_and_data_is_not() -> None:
    a = leaf(1, 2, 3)
    out = a.sigmoid()
    out.detach().zero_()
    with pytest.raises(RuntimeError, match="needed for gradient computation has been modified by an inplace operation"):
        out.sum().backward()
    b = leaf(1, 2, 3)
    out = b.sigmoid()
    out.data.zero_()
    out.sum().backward()
    assert b.grad.tolist() == [0.0, 0.0, 0.0]


def test_leaf_in_place() -> None:
    x = torch.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place operation"):
        x.add_(1)
    with torch.no_grad():
        x.add_(1)
    assert x.item() == 2


def test_requires_grad_flag() -> None:
    x = torch.ones(2)
    assert x.requires_grad_() is x and x.requires_grad and x.is_leaf
    x.requires_grad = False
    assert not (x * 2).requires_grad
    with pytest.raises(RuntimeError):
        torch.tensor([1, 2]).requires_grad_()


def test_tensor_hooks() -> None:
    x, seen = leaf(3), []
    y = x * 2
    handle = y.register_hook(lambda g: seen.append(g.item()))
    y.register_hook(lambda g: g * 10)
    (y * 5).backward()
    assert seen == [5.0] and x.grad.tolist() == [100.0]
    handle.remove()
    (x * 2).backward()
    assert seen == [5.0]


def test_retain_grad() -> None:
    x = leaf(3)
    y = x * 2
    y.retain_grad()
    (y * 5).backward()
    assert y.grad.tolist() == [5.0]


def test_variable() -> None:
    data = torch.ones(2)
    variable = Variable(data, requires_grad=True)
    assert type(variable) is torch.Tensor and isinstance(variable, Variable) and isinstance(data, Variable)
    assert variable.requires_grad and not data.requires_grad
    data.fill_(4)
    assert variable.tolist() == [4.0, 4.0]
    with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
        Variable(data, volatile=True)
    with pytest.raises(TypeError, match="must be Tensor, not list"):
        Variable([1.0])


def test_gradcheck_finds_a_wrong_gradient() -> None:
    x = leaf(0.5, -0.3)
    assert gradcheck(lambda t: t * t, (x,))
    assert gradgradcheck(lambda t: t * t * t, (x,))
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        gradcheck(lambda t: t * t.detach(), (x,))
    assert not gradcheck(lambda t: t * t.detach(), (x,), raise_exception=False)
    with pytest.raises(ValueError, match="none of the inputs does"):
        gradcheck(lambda t: t * t, (x.detach(),))


def test_split_and_chunk_have_gradients() -> None:
    x = leaf(1, 2, 3, 4, 5)
    assert [len(piece) for piece in x.split(2)] == [2, 2, 1]
    assert [len(piece) for piece in torch.split(x, [1, 4])] == [1, 4]
    assert [len(piece) for piece in x.chunk(2)] == [3, 2]
    assert gradcheck(lambda t: torch.cat([piece * n for n, piece in enumerate(t.split(2))]), (x,))
    with pytest.raises(RuntimeError, match="split"):
        x.split([1, 1])


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: torch.Tensor, factor: float) -> torch.Tensor:
        ctx.save_for_backward(x)  # type: ignore[attr-defined]
        ctx.factor = factor  # type: ignore[attr-defined]
        return x * x * x * factor

    @staticmethod
    def backward(ctx: object, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return 3 * x * x * grad * ctx.factor, None  # type: ignore[attr-defined]


def test_function_in_python() -> None:
    x = leaf(0.5, -2)
    assert gradcheck(lambda t: Cube.apply(t, 2.0), (x,))
    assert gradgradcheck(lambda t: Cube.apply(t, 2.0), (x,))
    assert "CubeBackward" in repr(Cube.apply(x, 2.0))
    with pytest.raises(RuntimeError, match="Cube cannot be called"):
        Cube()(x, 2.0)


def test_saved_tensors_of_a_function_are_watched() -> None:
    x = leaf(1, 2)
    y = x * 1
    out = Cube.apply(y, 1.0)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_module_backward_hooks() -> None:
    layer, seen = torch.nn.Linear(2, 1), []
    handle = layer.register_backward_hook(lambda module, _, grad_output: seen.append((module, grad_output[0].tolist())))
    layer(torch.ones(1, 2)).backward()
    handle.remove()
    layer(torch.ones(1, 2)).backward()
    assert seen == [(layer, [[1.0]])]
