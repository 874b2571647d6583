"""Functions and methods of tensors that are written in Python."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

import torch


def test_all_and_any() -> None:
    x = torch.tensor([[1, 0], [1, 1]], dtype=torch.uint8)
    assert (x.all().item(), x.any().item()) == (0, 1)
    assert x.all(0).tolist() == [1, 0] and x.all(1, keepdim=True).tolist() == [[0], [1]]
    assert (x - x).any(1).tolist() == [0, 0] and x.all().dtype == torch.uint8
    empty = torch.empty(0, dtype=torch.uint8)
    assert empty.all().item() == 1 and empty.any().item() == 0


def test_logspace_and_range() -> None:
    np.testing.assert_allclose(torch.logspace(-1, 2, 7, dtype=torch.float64).numpy(), np.logspace(-1, 2, 7), rtol=1e-12)
    assert torch.logspace(0, 1, 2, requires_grad=True).requires_grad
    with pytest.warns(UserWarning, match=r"torch\.range is deprecated"):
        assert torch.range(1, 4).tolist() == [1, 2, 3, 4]
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match=r"\[range\] step, -1"):
        torch.range(1, 4, -1)


def test_softmax_methods() -> None:
    x = torch.randn(2, 3)
    assert x.softmax(1).sum(1).tolist() == pytest.approx([1, 1])
    assert torch.equal(x.log_softmax(1).exp() > 0, x.softmax(1) > 0)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("how", ["pickle", "deepcopy"])
def test_copies_are_equal(how: str, dtype: str) -> None:
    x = torch.tensor([[0, 1, 2], [3, 4, 100]], dtype=getattr(torch, dtype)).t()
    twin = pickle.loads(pickle.dumps(x)) if how == "pickle" else copy.deepcopy(x)
    assert twin.dtype == x.dtype and twin.tolist() == x.tolist()
    twin.fill_(7)
    assert x[0, 0].item() == 0


def test_copies_keep_requires_grad() -> None:
    x = torch.tensor([0.1, float("nan")], requires_grad=True)
    for twin in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
        assert twin.requires_grad and twin.is_leaf and repr(twin) == repr(x)
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(x * 2)
    with pytest.raises(RuntimeError, match=r"pickle x\.detach\(\)"):
        pickle.dumps(x * 2)


def test_deepcopy_keeps_sharing() -> None:
    x = torch.ones(2)
    first, second = copy.deepcopy([x, x])
    assert first is second and first is not x


@pytest.mark.host("the host's types")
def test_legacy_types() -> None:
    assert torch.LongTensor([1, 2]).dtype == torch.int64
    assert torch.DoubleTensor(2, 3).size() == (2, 3)
    assert torch.FloatTensor(torch.Size([4])).size() == (4,)
    assert isinstance(torch.ones(1), torch.FloatTensor) and not isinstance(torch.ones(1), torch.DoubleTensor)
    assert not isinstance(1.0, torch.FloatTensor)
    assert repr(torch.FloatTensor) == "<class 'torch.FloatTensor'>"
    assert torch.ones(2).type(torch.IntTensor).dtype == torch.int32
    assert torch.ByteTensor.all is torch.Tensor.all and not hasattr(torch.ByteTensor, "no_such_name")
    with pytest.raises(TypeError, match="float32"):
        torch.FloatTensor(torch.ones(1, dtype=torch.float64))


@pytest.mark.host("sets the host's types")
def test_default_tensor_type() -> None:
    try:
        torch.set_default_tensor_type("torch.DoubleTensor")
        assert torch.ones(1).dtype == torch.float64 and torch.tensor([1.5]).dtype == torch.float64
        torch.set_default_tensor_type(torch.FloatTensor)
        assert torch.ones(1).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(TypeError, match="is not the name of a tensor type"):
        torch.set_default_tensor_type("torch.Nothing")
    for integers in ("torch.LongTensor", torch.IntTensor, "torch.cuda.LongTensor", torch.cuda.ByteTensor):
        with pytest.raises(TypeError, match="only types of floating-point tensors can be the default"):
            torch.set_default_tensor_type(integers)
    for on_cuda in ("torch.cuda.FloatTensor", torch.cuda.FloatTensor):
        if not torch.cuda.is_available():
            with pytest.raises(RuntimeError, match=r"no tensor can be .*torch\.cuda\.FloatTensor.*: "):
                torch.set_default_tensor_type(on_cuda)


@pytest.mark.host("names the host's types")
def test_typename_and_is_tensor() -> None:
    assert torch.typename(torch.ones(1)) == "torch.FloatTensor"
    assert torch.typename([]) == "list" and torch.typename(torch.nn.ReLU()).endswith("activation.ReLU")
    assert torch.is_tensor(torch.ones(1)) and not torch.is_tensor([])


def test_random_state() -> None:
    torch.manual_seed(7)
    assert torch.initial_seed() == 7
    state = torch.get_rng_state()
    first = torch.randn(5)
    torch.set_rng_state(state)
    assert torch.equal(torch.randn(5), first)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_no_cuda() -> None:
    assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
    torch.cuda.manual_seed_all(0)
    why = torch.cuda.unavailable_reason()
    assert "CUDA" in why or "[cuda]" in why
    with pytest.raises(RuntimeError, match=f"no tensor can live on cuda: {re.escape(why)}"):
        torch.ones(1).cuda()
    with pytest.raises(RuntimeError, match=re.escape(why)):
        torch.cuda.current_device()


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "i8", "f4", "f8"])
def test_floor_division(dtype: str) -> None:
    """As NumPy: to the next lower integer, of all pairs of small, large, negative and (floats) special numbers."""
    numbers = [0, 1, 2, 3, 7, 100, 127] + [-128, -127, -7, -1] * (dtype != "u1")
    values = np.array(numbers, dtype=dtype)
    if dtype[0] == "f":
        values = np.concatenate([values, np.array([0.1, -0.7, np.inf, -np.inf, np.nan], dtype=dtype)])
    a, b = (part.ravel() for part in np.meshgrid(values, values if dtype[0] == "f" else values[values != 0]))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal((torch.from_numpy(a) // torch.from_numpy(b)).numpy(), a // b)
        np.testing.assert_array_equal((torch.from_numpy(a) // 3).numpy(), a // np.array(3, dtype=dtype))
        np.testing.assert_array_equal((7 // torch.from_numpy(b)).numpy(), np.array(7, dtype=dtype) // b)


def test_floor_division_of_what_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match="integer division by zero"):
        torch.tensor([1]) // 0
    with pytest.raises(RuntimeError, match="without losing its fraction"):
        torch.tensor([1]) // 0.5
    with pytest.raises(TypeError, match="unsupported operand"):
        torch.ones(1) // "a"  # type: ignore[operator]
    x = torch.tensor([5.0, 1.0], requires_grad=True)
    (x // torch.tensor([2.0, 0.0])).sum().backward()
    assert x.grad.tolist() == [0, 0]
