"""Golden texts of printed tensors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import torch


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    torch.set_printoptions(profile="default")


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1.0], None, "tensor([1.])"),
        (3.1416, None, "tensor(3.1416)"),
        ([1.0, -2.5], None, "tensor([ 1.0000, -2.5000])"),
        ([1, -20], None, "tensor([  1, -20])"),
        ([1, 2], torch.int32, "tensor([1, 2], dtype=torch.int32)"),
        ([1, 0], torch.uint8, "tensor([1, 0], dtype=torch.uint8)"),
        ([0.5], torch.float64, "tensor([0.5000], dtype=torch.float64)"),
        ([1.0, 2.0], torch.float16, "tensor([1., 2.], dtype=torch.float16)"),
        ([float("nan"), 1.0, float("-inf")], None, "tensor([ nan,   1., -inf])"),
        ([1e-9, 1.5], None, "tensor([1.0000e-09, 1.5000e+00])"),
        ([1e9], None, "tensor([1.0000e+09])"),
        ([], None, "tensor([])"),
        ([], torch.int64, "tensor([], dtype=torch.int64)"),
        ([[1.0, 2.0], [3.0, 4.0]], None, "tensor([[1., 2.],\n        [3., 4.]])"),
        ([[[1], [2]], [[3], [4]]], None, "tensor([[[1],\n         [2]],\n\n        [[3],\n         [4]]])"),
    ],
)
def test_values(values: object, dtype: torch.dtype | None, expected: str) -> None:
    tensor = torch.tensor(values) if dtype is None else torch.tensor(values, dtype=dtype)
    assert repr(tensor) == str(tensor) == expected


def test_empty_with_dimensions() -> None:
    assert repr(torch.empty(0, 3)) == "tensor([], size=(0, 3))"


def test_gradients_are_told() -> None:
    x = torch.ones(1, requires_grad=True)
    assert repr(x) == "tensor([1.], requires_grad=True)"
    assert repr(x * 2).startswith("tensor([2.], grad_fn=<Mul")


def test_summary() -> None:
    assert repr(torch.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    text = repr(torch.zeros(100, 100))
    row = "[0., 0., 0.,  ..., 0., 0., 0.]"
    assert text == "tensor([" + (",\n        ").join([row] * 3 + ["..."] + [row] * 3) + "])"


def test_long_rows_wrap() -> None:
    lines = repr(torch.arange(100)).splitlines()
    assert len(lines) > 1 and max(map(len, lines)) <= 80
    assert lines[1].startswith("        ")


def test_options() -> None:
    torch.set_printoptions(precision=2)
    assert repr(torch.tensor([0.123])) == "tensor([0.12])"
    torch.set_printoptions(threshold=5, edgeitems=1)
    assert repr(torch.arange(10)) == "tensor([0,  ..., 9])"
    torch.set_printoptions(profile="full")
    assert "..." not in repr(torch.zeros(2000))
    with pytest.raises(ValueError, match="profile must be"):
        torch.set_printoptions(profile="tiny")


def test_format() -> None:
    assert f"{torch.tensor(1.5):.2f}" == "1.50"
    assert f"{torch.ones(1)}" == "tensor([1.])"
    with pytest.raises(TypeError, match=r"unsupported format string '\.2f' for a tensor of size \(1,\)"):
        f"{torch.ones(1):.2f}"


@pytest.mark.parametrize("option", ["precision", "threshold", "edgeitems", "linewidth"])
def test_options_that_cannot_be(option: str) -> None:
    before = repr(torch.ones(3) / 3)
    with pytest.raises(ValueError, match=rf"set_printoptions\(\): {option} must be . or more, not -1"):
        torch.set_printoptions(**{option: -1})
    for value in ("3", 2.5, True):
        with pytest.raises(TypeError, match=rf"set_printoptions\(\): {option} must be an integer"):
            torch.set_printoptions(**{option: value})
    assert repr(torch.ones(3) / 3) == before
