"""x.t_() and its like: the tensor itself takes another shape on the same memory, and its gradient follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import torch
from torch.autograd import gradcheck

CHANGES: list[tuple[str, tuple[int, ...], Callable[[torch.Tensor], torch.Tensor], Callable[[torch.Tensor], torch.Tensor]]] = [
    ("t_", (2, 3), lambda x: x.t_(), lambda x: x.t()),
    ("transpose_", (2, 3, 4), lambda x: x.transpose_(0, -1), lambda x: x.transpose(0, 2)),
    ("squeeze_", (2, 1, 3, 1), lambda x: x.squeeze_(), lambda x: x.squeeze()),
    ("squeeze_ dim", (2, 1, 3, 1), lambda x: x.squeeze_(1), lambda x: x.squeeze(1)),
    ("unsqueeze_", (2, 3), lambda x: x.unsqueeze_(-1), lambda x: x.unsqueeze(2)),
]


@pytest.mark.parametrize(("size", "change", "view"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_shape_and_gradient(
    size: tuple[int, ...], change: Callable[[torch.Tensor], torch.Tensor], view: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    x = torch.arange(24.0)[: int(np.prod(size))].view(size)
    expected, place = view(x).tolist(), x.data_ptr()
    stride = view(x).stride()
    assert change(x) is x and x.tolist() == expected and x.data_ptr() == place and x.stride() == stride

    weight = torch.randn(*x.size(), dtype=torch.float64)
    leaf = torch.randn(*size, dtype=torch.float64, requires_grad=True)

    def through(t: torch.Tensor) -> torch.Tensor:
        y = t * 2
        change(y)
        return y * weight * y

    assert gradcheck(through, (leaf,))
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        change(leaf)
    with torch.no_grad():
        change(leaf)
    (leaf * weight).sum().backward()
    assert torch.equal(leaf.grad, weight)


def test_a_view_changes_alone() -> None:
    base = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    whole = base * 1
    row = whole[:, 1:]
    row.t_()
    row[0] = 5
    assert whole.tolist() == [[0, 5, 0], [0, 5, 0]] and whole.size() == (2, 3) and row.size() == (2, 2)
    (whole * torch.arange(6.0).double().view(2, 3)).sum().backward()
    assert base.grad.tolist() == [[0, 0, 2], [3, 0, 5]]
    (row.sum() * 1).backward()


def test_saved_values_stay_right() -> None:
    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    y = x * 1
    z = y * y
    y.t_()
    (z.sum() + (y * 3).sum()).backward()
    assert (x.grad - (x.detach() * 2 + 3)).abs().max().item() < 1e-12


def test_without_recording_the_history_still_fits() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 2
    with torch.no_grad():
        y.t_()
    (y * torch.arange(6.0).view(3, 2)).sum().backward()
    assert x.grad.tolist() == [[0, 4, 8], [2, 6, 10]]


@pytest.mark.parametrize(
    "change", [lambda x: x.t_(), lambda x: x.transpose_(0, 5), lambda x: x.unsqueeze_(7), lambda x: x.squeeze_(9)]
)
def test_errors_leave_the_tensor_as_it_was(change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x = torch.ones(2, 3, 4)
    with pytest.raises((RuntimeError, IndexError)):
        change(x)
    assert x.size() == (2, 3, 4) and x.is_contiguous()


@pytest.mark.parametrize(
    ("size", "counts"), [((2,), (3,)), ((2, 3), (2, 1)), ((3,), (2, 2, 2)), ((), (2, 2)), ((2, 3), (0, 2)), ((0, 2), (3, 2))]
)
def test_repeat(size: tuple[int, ...], counts: tuple[int, ...]) -> None:
    x = torch.randn(size, dtype=torch.float64)
    assert x.repeat(*counts).tolist() == x.repeat(counts).tolist() == np.tile(x.numpy(), counts).tolist()
    assert tuple(x.repeat(counts).size()) == np.tile(x.numpy(), counts).shape
    if x.numel() and 0 not in counts:
        assert gradcheck(lambda t: t.repeat(counts), (x.requires_grad_(),))


def test_repeat_is_a_copy() -> None:
    x = torch.ones(2)
    x.repeat(1).fill_(5)
    assert x.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match=r"\[repeat\] sizes, \(2,\)"):
        torch.ones(2, 3).repeat(2)
    with pytest.raises(RuntimeError, match=r"\[repeat\] sizes, \(-1,\)"):
        x.repeat(-1)


def test_reshape_as() -> None:
    assert torch.arange(6).reshape_as(torch.ones(2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_not_finite() -> None:
    x = torch.tensor([1.0, float("nan"), float("inf"), -float("inf")])
    assert torch.isnan(x).tolist() == [0, 1, 0, 0] and torch.isinf(x).tolist() == [0, 0, 1, 1]
    assert torch.isfinite(x).tolist() == [1, 0, 0, 0] and torch.isfinite(x).dtype == torch.uint8
    for test, expected in ((torch.isnan, 0), (torch.isinf, 0), (torch.isfinite, 1)):
        assert test(torch.tensor([3])).tolist() == [expected]
        with pytest.raises(TypeError, match="must be Tensor, not float"):
            test(1.0)
