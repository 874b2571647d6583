"""The binding layer: arguments and their errors, operators, objects' identity and life, hooks, autograd objects."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import torch


def test_overloads_and_keywords() -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    assert x.add(y).tolist() == [4, 6]
    assert x.add(y, alpha=2).tolist() == [7, 10]
    assert x.add(1).tolist() == [2, 3]
    assert torch.add(x, other=y).tolist() == [4, 6]
    assert torch.add(input=x, other=y).tolist() == [4, 6]
    assert x.sum(0).item() == x.sum(dim=0).item() == x.sum().item() == 3


def test_scalar_arguments_take_numpy_numbers_and_zero_dim_tensors() -> None:
    x = torch.tensor([1.0, 2.0])
    assert x.add(np.float32(0.5)).tolist() == [1.5, 2.5]
    assert (x * np.int64(3)).tolist() == [3, 6]
    assert x.clamp(min=torch.tensor(1.5)).tolist() == [1.5, 2.0]


def test_old_argument_orders_still_work() -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    assert x.add(2, y).tolist() == [7, 10]
    assert torch.add(x, 2, y).tolist() == [7, 10]
    assert x.clone().add_(-1, y).tolist() == [-2, -2]
    assert x.addcmul(0.5, y, y).tolist() == [5.5, 10.0]


def test_out() -> None:
    x, out = torch.tensor([1.0, 2.0]), torch.zeros(2)
    assert torch.add(x, x, out=out) is out
    assert out.tolist() == [2, 4]
    values, indices = torch.zeros(0), torch.zeros(0, dtype=torch.int64)
    torch.max(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), 1, out=(values, indices))
    assert (values.tolist(), indices.tolist()) == ([5, 7], [1, 0])
    with pytest.raises(TypeError, match="tuple of 2 Tensors"):
        torch.max(torch.zeros(2, 2), 1, out=(values,))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: x.add("a"), r"add\(\): argument 'other' \(position 1\) must be Tensor or Number, not str"),
        (lambda x: x.add(), r"add\(\): missing required argument 'other'"),
        (lambda x: x.add(x, beta=1), r"add\(\): got an unexpected keyword argument 'beta'"),
        (lambda x: x.add(x, other=x), r"add\(\): got multiple values for argument 'other'"),
        (lambda x: x.mm(x, x), r"mm\(\): takes at most 1 positional arguments \(2 given\)"),
        (lambda x: x.neg(1), r"neg"),
        (lambda x: torch.zeros("a"), r"zeros\(\): argument 'size' \(position 1\) must be tuple of ints, not str"),
        (lambda x: x.view(2, "a"), r"view\(\): argument 'size'.* must be tuple of ints, not str"),
        (lambda x: x.view(1.0), r"view\(\): argument 'size'.* must be tuple of ints, not float"),
        (lambda x: torch.cat([x, 1]), r"cat\(\): argument 'tensors' \(position 1\) must be tuple of Tensors, not list"),
        (lambda x: x.sum(keepdim=1), r"sum\(\)"),
    ],
)
def test_wrong_arguments(call: object, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call(torch.ones(1, 1))  # type: ignore[operator]


def test_wrong_arguments_list_the_signatures() -> None:
    with pytest.raises(TypeError) as error:
        torch.ones(1).add([])
    assert "\n  add(Tensor other, *, Number alpha=1)" in str(error.value)


def test_library_errors_become_python_errors() -> None:
    with pytest.raises(IndexError):
        torch.ones(2).sum(5)
    with pytest.raises(RuntimeError):
        torch.ones(2) + torch.ones(3)
    with pytest.raises(RuntimeError, match=r"float32.*float64|float64.*float32|Float.*Double"):
        torch.ones(2) + torch.ones(2, dtype=torch.float64)


def test_operators() -> None:
    x = torch.tensor([1.0, 2.0])
    assert (x + x).tolist() == [2, 4]
    assert (1 + x).tolist() == (x + 1).tolist() == [2, 3]
    assert (1 - x).tolist() == [0, -1]
    assert (2 / x).tolist() == [2, 1]
    assert (x**2).tolist() == [1, 4]
    assert (2**x).tolist() == [2, 4]
    assert (-x).tolist() == [-1, -2]
    assert abs(-x).tolist() == [1, 2]
    assert (torch.eye(2) @ x).tolist() == [1, 2]
    assert [(x < 2).tolist(), (x == x).tolist(), (x != 1).tolist()] == [[1, 0], [1, 1], [0, 1]]
    assert (2 > x).tolist() == [1, 0]
    y = x
    y += 1
    assert y is x
    assert x.tolist() == [2, 3]
    y *= x
    assert x.tolist() == [4, 9]


def test_foreign_operands() -> None:
    x = torch.ones(1)
    assert (x == None) is False  # noqa: E711
    assert (x != "a") is True
    with pytest.raises(TypeError, match="unsupported operand"):
        x + "a"  # type: ignore[operator]
    with pytest.raises(TypeError, match="not supported between"):
        x < []  # type: ignore[operator]  # noqa: B015


def test_python_numbers() -> None:
    assert float(torch.tensor(1.5)) == 1.5
    assert int(torch.tensor(1.9)) == 1
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert bool(torch.tensor([1])) and not bool(torch.tensor(0.0))
    with pytest.raises(TypeError):
        [1][torch.tensor(0.0)]
    with pytest.raises(RuntimeError, match="more than one value is ambiguous"):
        bool(torch.ones(2))
    with pytest.raises(ValueError, match="only one element tensors"):
        torch.ones(2).item()
    assert torch.tensor(2**62 + 1).item() == 2**62 + 1


def test_length_and_iteration() -> None:
    x = torch.tensor([[1, 2], [3, 4]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    a, b = x
    assert b.tolist() == [3, 4]
    with pytest.raises(TypeError, match="0-d"):
        len(torch.tensor(1))
    with pytest.raises(TypeError, match="0-d"):
        iter(torch.tensor(1))


def test_one_object_for_each_tensor() -> None:
    x = torch.ones(2, requires_grad=True)
    x.sum().backward()
    assert x.grad is x.grad
    y = x.detach()
    assert y.zero_() is y
    assert (x * 2).grad_fn is not None


def test_attributes_weak_references_and_cycles() -> None:
    x = torch.ones(1)
    x.note = "kept"
    assert x.note == "kept"
    assert x.__dict__ == {"note": "kept"}
    gone: list[int] = []
    ref = weakref.ref(x, lambda _: gone.append(1))
    assert ref() is x
    x.me = x
    del x
    gc.collect()
    assert gone == [1]
    y = torch.ones(1)
    y.__dict__["me"] = y
    ref = weakref.ref(y)
    del y
    gc.collect()
    assert ref() is None


def test_reused_memory_starts_clean() -> None:
    for _ in range(1000):
        x = torch.ones(1)
        assert not hasattr(x, "note")
        x.note = 1
        del x


def test_subclass() -> None:
    class Sub(torch.Tensor):
        pass

    data = torch.ones(2)
    x = torch.Tensor._make_subclass(Sub, data, True)
    assert type(x) is Sub
    assert x.requires_grad
    assert type(x + x) is torch.Tensor
    assert x.data_ptr() == data.data_ptr()
    with pytest.raises(TypeError, match="subclass of torch.Tensor"):
        torch.Tensor._make_subclass(int, data)


def test_hash_is_identity() -> None:
    x, y = torch.ones(1), torch.ones(1)
    assert len({x, y, x}) == 2


def test_dtype_device_layout_size() -> None:
    assert repr(torch.float32) == "torch.float32"
    assert torch.float is torch.float32
    assert pickle.loads(pickle.dumps(torch.int64)) is torch.int64
    assert copy.copy(torch.uint8) is torch.uint8
    assert torch.float16.is_floating_point and not torch.int8.is_floating_point
    device = torch.device("cuda:1")
    assert (device.type, device.index, str(device)) == ("cuda", 1, "cuda:1")
    assert repr(torch.device("cpu")) == "device(type='cpu')"
    assert torch.device("cuda", 1) == device == torch.device(1)
    assert pickle.loads(pickle.dumps(device)) == device
    assert hash(torch.device("cpu")) == hash(torch.ones(1).device)
    for bad in ("gpu", "cuda:", "cuda:x", "cuda:-1"):
        with pytest.raises(RuntimeError, match="device"):
            torch.device(bad)
    assert torch.ones(1).layout is torch.strided
    size = torch.ones(2, 3).shape
    assert (repr(size), size.numel(), size[0], size[1:]) == ("torch.Size([2, 3])", 6, 2, torch.Size([3]))
    assert isinstance(size[1:], torch.Size)
    assert isinstance(size + (1,), torch.Size)
    assert pickle.loads(pickle.dumps(size)) == size
    with pytest.raises(TypeError, match="item 1"):
        torch.Size([1, "a"])  # type: ignore[list-item]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_no_cuda_is_said() -> None:
    for make in (lambda: torch.zeros(1, device="cuda"), lambda: torch.ones(1).to("cuda:0"), lambda: torch.ones(1).cuda()):
        with pytest.raises(RuntimeError, match="no tensor can live on cuda"):
            make()


def test_conversions() -> None:
    x = torch.tensor([1.5, -2.5])
    assert x.long().tolist() == [1, -2]
    assert x.to(torch.float64).dtype is torch.float64
    assert x.to(torch.float32) is x
    assert x.to(torch.float32, copy=True) is not x
    assert x.to("cpu", torch.int32).dtype is torch.int32
    assert x.to(torch.zeros(1, dtype=torch.int8)).dtype is torch.int8
    assert x.type() == "torch.FloatTensor"
    assert x.type("torch.DoubleTensor").type() == "torch.DoubleTensor"
    assert x.type(torch.LongTensor).dtype is torch.int64
    assert x.half().float().tolist() == [1.5, -2.5]
    with pytest.raises(ValueError, match="invalid type"):
        x.type("torch.Float")
    g = torch.ones(2, requires_grad=True)
    g.double().sum().backward()
    assert g.grad is not None
    assert g.grad.dtype is torch.float32


def test_generator() -> None:
    generator = torch.Generator()
    generator.manual_seed(7)
    a = torch.rand(3, generator=generator)
    state = generator.get_state()
    b = torch.rand(3, generator=generator)
    generator.set_state(state)
    assert torch.rand(3, generator=generator).tolist() == b.tolist() != a.tolist()
    assert generator.initial_seed() == 7
    with pytest.raises(TypeError):
        torch.rand(3, generator=1)


def test_settings() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(threads)
    with pytest.raises(RuntimeError):
        torch.set_num_threads(0)
    assert torch._C.cpu_capability() in ("base", "avx2", "avx512")
    assert torch._C.th_path().endswith("/lib/libTH.so.1")
