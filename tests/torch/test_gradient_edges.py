"""Gradients where a formula alone would give nan, inf or the wrong share: zeros, ties, missing bounds, other dtypes."""

from __future__ import annotations

import pytest

import torch
from torch.autograd import gradcheck, gradgradcheck


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.float64, requires_grad=True)


def gradient(out: torch.Tensor, x: torch.Tensor) -> list[float]:
    (found,) = torch.autograd.grad(out, x)
    result: list[float] = found.tolist()
    return result


@pytest.mark.parametrize(
    ("values", "expected"),
    [((2, 3, 4), [12, 8, 6]), ((0, 3, 4), [12, 0, 0]), ((0, 3, 0), [0, 0, 0])],
)
def test_prod_with_zeros(values: tuple[float, ...], expected: list[float]) -> None:
    x = leaf(*values)
    assert gradient(x.prod(), x) == expected
    assert gradient(x.view(1, 3).prod(1).sum(), x) == expected


def test_prod_along_a_dimension_with_zeros_in_some_slices() -> None:
    x = leaf(2, 3, 0, 5, 0, 0)
    assert gradient(x.view(3, 2).prod(1).sum(), x) == [3, 2, 5, 0, 0, 0]


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, float("inf")])
def test_norm_of_zeros(p: float) -> None:
    x = leaf(0, 0)
    assert gradient(x.norm(p), x) == [0, 0]


def test_norms() -> None:
    x = leaf(3, -4)
    assert gradient(x.norm(2), x) == pytest.approx([0.6, -0.8])
    assert gradient(x.norm(1), x) == [1, -1]
    assert gradient(x.norm(float("inf")), x) == [0, -1]
    assert gradcheck(lambda t: t.norm(0.5), (x,))
    assert gradcheck(lambda t: t.view(2, 1).norm(float("inf"), 0), (x,))


def test_equal_maxima_share_the_gradient_and_along_a_dimension_the_first_has_it() -> None:
    x = leaf(1, 5, 5, 5)
    assert gradient(x.max(), x) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert gradient(x.max(0)[0], x) == [0, 1, 0, 0]
    assert gradient((-x).min(), x) == pytest.approx([0, -1 / 3, -1 / 3, -1 / 3])


def test_power_of_zero() -> None:
    x = leaf(0, 2)
    assert gradient((x**0).sum(), x) == [0, 0]
    assert gradient((x**1).sum(), x) == [1, 1]
    assert gradient((x**2).sum(), x) == [0, 4]


def test_clamp_passes_the_gradient_at_the_bounds() -> None:
    x = leaf(-2, -1, 0, 1, 2)
    assert gradient(x.clamp(-1, 1).sum(), x) == [0, 1, 1, 1, 0]
    assert gradient(x.clamp(min=0).sum(), x) == [0, 0, 1, 1, 1]
    assert gradient(x.clamp(max=0).sum(), x) == [1, 1, 1, 0, 0]


def test_relu_has_no_gradient_at_zero() -> None:
    x = leaf(-1, 0, 1)
    assert gradient(torch.relu(x).sum(), x) == [0, 0, 1]


ACTIVATIONS = [
    *("elu", "hardshrink", "hardtanh", "leaky_relu", "logsigmoid", "relu", "relu6", "rrelu", "selu"),
    *("sigmoid", "softplus", "softshrink", "softsign", "tanh", "tanhshrink"),
]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_goes_through_activations(name: str) -> None:
    function = getattr(torch.nn.functional, name)
    for x in (torch.tensor([1.0, float("nan"), -1.0]), torch.full((40,), float("nan"), dtype=torch.float64)):
        assert torch.isnan(function(x)).tolist() == torch.isnan(x).tolist()


def test_nan_goes_through_thresholds_and_their_gradients() -> None:
    x = leaf(float("nan"), -1, 3)
    for y in (torch.nn.functional.threshold(x, 1, 2), torch.relu(x), (x * 1).relu_(), torch.nn.functional.hardshrink(x, 2)):
        assert torch.isnan(y).tolist() == [1, 0, 0]
        assert gradient(y.sum(), x) == [1, 0, 1]


def test_choice_hides_what_was_not_chosen() -> None:
    x = leaf(0, 4)
    chosen = torch.where(x > 0, x.sqrt(), x)
    assert gradient(chosen.sum(), x)[1] == 0.25


def test_conversion() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x.double() * torch.tensor([2.0, 3.0], dtype=torch.float64)
    y.sum().backward()
    assert x.grad.dtype == torch.float32
    assert x.grad.tolist() == [2, 3]
    assert not x.long().requires_grad


def test_copy_converts_the_gradient() -> None:
    x = torch.ones(3, requires_grad=True)
    target = torch.zeros(2, 3, dtype=torch.float64)
    target.copy_(x)
    target.sum().backward()
    assert x.grad.dtype == torch.float32
    assert x.grad.tolist() == [2, 2, 2]


def test_results_that_have_no_gradient() -> None:
    x = leaf(1, 2)
    values, indices = x.max(0)
    assert values.requires_grad
    assert not indices.requires_grad
    assert not (x > 1).requires_grad
    assert not x.argmax().requires_grad


def test_in_place_without_a_gradient_is_refused() -> None:
    with pytest.raises(RuntimeError, match="the derivative for 'lt_' is not implemented"):
        (leaf(1, 2) * 1).lt_(1)


def test_random_fill_ends_the_history() -> None:
    x = leaf(1, 2)
    y = x * 1
    y.uniform_()
    assert gradient(y.sum(), x) == [0, 0]


def test_dropout() -> None:
    x = torch.ones(1000, dtype=torch.float64, requires_grad=True)
    torch.manual_seed(0)
    y = torch._C.nn.dropout(x, 0.25, True)
    y.sum().backward()
    assert sorted(set(x.grad.tolist())) == pytest.approx([0, 4 / 3])
    assert x.grad.tolist() == y.tolist()
    assert torch._C.nn.dropout(x, 0.25, False) is not None
    with pytest.raises(RuntimeError, match="dropout probability has to be between 0 and 1"):
        torch._C.nn.dropout(x, 1.5, True)


@pytest.mark.parametrize(("a", "b"), [((2, 3), (4, 3)), ((2, 3, 4), (3, 4, 5)), ((), (2,))])
def test_matmul_refuses_what_does_not_fit(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError):
        torch.matmul(torch.ones(a), torch.ones(b))


def test_nll_loss_with_weights_and_an_ignored_class() -> None:
    x = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.5, 0.1, 0.4]], dtype=torch.float64, requires_grad=True)
    weight = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    target = torch.tensor([2, 1, 0])
    loss = torch._C.nn.nll_loss(x, target, weight, 1, 1)
    assert loss.item() == pytest.approx(-(3 * 0.7 + 0.5) / 4)
    assert gradient(loss, x) == [[0, 0, -0.75], [0, 0, 0], [-0.25, 0, 0]]
    assert gradcheck(lambda t: torch._C.nn.nll_loss(t, target, weight, 0, 1), (x,))


def test_fill_refuses_what_the_dtype_cannot_hold() -> None:
    x = torch.tensor([1, 2])
    with pytest.raises(RuntimeError, match=r"\[fill\] value, .*0\.5"):
        x.fill_(0.5)
    with pytest.raises(RuntimeError, match=r"\[fill\] value, .*300"):
        torch.full((2,), 300, dtype=torch.uint8)
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [((2, 2), (1, 1), 0), ((3,), (0,), 1), ((2, 3), (3, 1), 0), ((), (), 3), ((0, 3), (1, 1), 0), ((3, 2), (0, 1), 2)],
)
def test_as_strided_adds_up_where_elements_share_memory(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
    x = torch.arange(8, dtype=torch.float64).requires_grad_()
    assert gradcheck(lambda t: t.as_strided(size, stride, offset), (x,))
    assert gradgradcheck(lambda t: t.as_strided(size, stride, offset) ** 2, (x,))
    y = torch.arange(16, dtype=torch.float64).view(4, 4).requires_grad_()
    assert gradcheck(lambda t: (t.t() * 2)[1:, ::2].expand(2, 3, 2).as_strided(size, stride, offset), (y,))


def test_the_gradient_of_the_gradient_of_dropout_is_what_was_kept() -> None:
    x, came = torch.ones(64, requires_grad=True), torch.rand(64).add_(1).requires_grad_()
    y = torch.nn.functional.dropout(x, 0.5, training=True)
    (back,) = torch.autograd.grad(y, x, came, create_graph=True)
    assert back.tolist() == (y * came).tolist() and 0 in y.tolist() and 2 in y.tolist()
    (again,) = torch.autograd.grad(back, came, torch.full((64,), 3.0))
    assert again.tolist() == (y * 3).tolist()
