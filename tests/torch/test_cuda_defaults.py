"""Where tensors are made when nobody says where: the default tensor type, what is made like or beside other tensors, and page
`torch.cuda` of the API otherwise."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

import torch
import torch.nn.functional as F
from torch import distributions as D
from torch.utils.checkpoint import checkpoint

from .test_cuda import needs_gpu

pytestmark = needs_gpu


@pytest.fixture
def on_cuda() -> Iterator[None]:
    torch.set_default_tensor_type(torch.cuda.FloatTensor)
    yield
    torch.set_default_tensor_type("torch.FloatTensor")


# --- the default tensor type -------------------------------------------------------------------------------------------------


def test_new_tensors_are_of_the_default_type(on_cuda: None) -> None:
    made = [
        torch.zeros(2),
        torch.ones(2),
        torch.empty(2),
        torch.full((2,), 3),
        torch.arange(3),
        torch.linspace(0, 1, 3),
        torch.logspace(0, 1, 3),
        torch.eye(2),
        torch.rand(2),
        torch.randn(2),
        torch.randint(0, 5, (2,)),
        torch.randperm(4),
        torch.tensor([1, 2]),
        torch.tensor(2.5),
        torch.hann_window(4),
        torch.Tensor(2, 3),
        torch.Tensor([1, 2]),
        torch.nn.Linear(2, 2).weight,
        torch.nn.BatchNorm1d(2).running_mean,
    ]
    assert [x.device for x in made] == [torch.device("cuda:0")] * len(made)
    assert repr(torch.tensor([1.5])) == "tensor([1.5000])"
    assert repr(torch.tensor([1.5], device="cpu")) == "tensor([1.5000], device='cpu')"
    assert torch.zeros(2, device="cpu").device.type == "cpu" and torch.ones(2, device="cpu").new_zeros(2).device.type == "cpu"
    assert torch.FloatTensor([1]).device.type == "cpu" and torch.cuda.DoubleTensor(2).dtype == torch.float64
    assert torch.FloatStorage(3).is_cuda is False and torch.tensor(torch.ones(2, device="cpu")).device.type == "cpu"
    loader = torch.utils.data.DataLoader([1.0, 2.0, 3.0], 2, shuffle=True)
    assert all(batch.device.type == "cpu" for batch in loader)
    with pytest.raises(RuntimeError, match="which is on CUDA"):
        torch.Tensor(2, device="cpu")


def test_the_type_has_a_dtype(on_cuda: None) -> None:
    torch.set_default_tensor_type("torch.cuda.DoubleTensor")
    assert torch.zeros(2).type() == "torch.cuda.DoubleTensor"
    torch.set_default_tensor_type(torch.DoubleTensor)
    assert torch.zeros(2).type() == "torch.DoubleTensor"
    with pytest.raises(TypeError, match="only types of floating-point tensors"):
        torch.set_default_tensor_type(torch.cuda.LongTensor)


def test_training_with_the_type_as_the_default(on_cuda: None) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    x, y = torch.randn(64, 4), torch.randint(0, 2, (64,)).long()
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] and all(p.grad.is_cuda for p in model.parameters())


# --- beside other tensors ----------------------------------------------------------------------------------------------------


def test_made_like_another_or_into_it() -> None:
    x = torch.zeros(3, device="cuda")
    for made in (x.new_tensor([1, 2]), x.new(2, 3), x.new([1, 2]), x.new_ones(2), torch.empty_like(x), x.new_empty(0)):
        assert made.is_cuda
    assert x.new_tensor([1, 2], device="cpu").device.type == "cpu" and x.new_tensor(torch.ones(2)).is_cuda
    assert torch.tensor(x).is_cuda and torch.as_tensor(x) is x
    torch.manual_seed(3)
    state, there = torch.get_rng_state(), torch.empty(3, device="cuda")
    torch.rand(3, out=there)
    assert torch.equal(torch.get_rng_state(), state)  # the device's generator has drawn
    torch.manual_seed(3)
    assert there.tolist() == torch.rand(3, device="cuda").tolist()
    with pytest.raises(RuntimeError, match=r"device cpu does not match the device of out \(cuda:0\)"):
        torch.zeros(3, out=there, device="cpu")
    for refused in (lambda: torch.FloatTensor(x), lambda: torch.Tensor(x), lambda: torch.cuda.FloatTensor(torch.ones(2))):
        with pytest.raises(TypeError, match="move it first"):
            refused()
    for window in (torch.hann_window, torch.hamming_window, torch.bartlett_window, torch.blackman_window):
        assert window(5, device="cuda").is_cuda and (window(5, device="cuda").cpu() - window(5)).abs().max() < 1e-6


def test_lists_of_tensors_in_several_places() -> None:
    x, host = torch.ones(2, 3, device="cuda"), torch.ones(2, 3)
    for mixed in ([x, host], [host, x], [x, x, host], [torch.ones(0), host, x], [torch.ones(1, 0), x]):
        for use in (torch.cat, torch.stack):
            with pytest.raises(RuntimeError, match="cuda:0 and cpu|cpu and cuda:0|stack|sizes"):
                use(mixed)
    for empties in ([torch.Tensor(), x], [x, torch.Tensor()], [torch.Tensor(), x, torch.ones(0, device="cuda"), x]):
        joined = torch.cat(empties)
        assert joined.is_cuda and joined.tolist() == [[1, 1, 1]] * joined.size(0)
    assert torch.cat([torch.ones(0, device="cuda"), torch.ones(0)]).size() == (0,)
    assert x.clone().set_().is_cuda
    grown = torch.zeros(2, requires_grad=True, device="cuda")
    torch.cat([torch.Tensor(), grown * 2]).sum().backward()
    assert grown.grad.tolist() == [2, 2]


def test_nothing_is_copied_where_shapes_do_not_fit() -> None:
    for size, other in (((0, 5), (0,)), ((2, 0, 3), (4, 1, 1)), ((5, 0), (1, 3, 4)), ((0,), (1, 1))):
        for source in (torch.ones(other), torch.ones(other, device="cuda")):
            with pytest.raises(RuntimeError, match="cannot be broadcast to the output's shape"):
                torch.ones(size, device="cuda").copy_(source)


def test_what_functions_make_is_where_their_arguments_are() -> None:
    x = torch.rand(2, 10, device="cuda")
    assert torch.stft(x, 4, 2, pad_end=3, fft_size=8).is_cuda
    assert torch.nn.utils.rnn.pad_sequence([x[0], x[1, :4]]).is_cuda
    lu = torch.btrifact(torch.rand(3, 4, 4, device="cuda") + 4 * torch.eye(4, device="cuda"))
    assert all(part.is_cuda for part in torch.btriunpack(*lu))
    p, scale = torch.tensor([0.2, 0.3, 0.5], device="cuda"), torch.eye(3, device="cuda")
    made: list[Any] = [
        D.Categorical(p).enumerate_support(),
        D.Categorical(p).mean,
        D.OneHotCategorical(p).sample(),
        D.OneHotCategorical(p).enumerate_support(),
        D.Multinomial(5, p).sample(),
        D.Bernoulli(p).enumerate_support(),
        D.Binomial(3, p[:1]).enumerate_support(),
        D.Normal(p, 1.0).sample((2,)),
        D.MultivariateNormal(p, precision_matrix=scale).sample(),
        D.RelaxedBernoulli(torch.tensor(0.5, device="cuda"), p).rsample(),
        D.StickBreakingTransform()(p) if hasattr(D, "StickBreakingTransform") else p,
    ]
    assert [x.is_cuda for x in made] == [True] * len(made)
    x = torch.rand(3, dtype=torch.float64, device="cuda", requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: t.sin(), (x,)) and torch.autograd.gradgradcheck(lambda t: t.sin(), (x,))


def test_a_checkpoint_repeats_the_devices_numbers() -> None:
    x = torch.ones(1000, device="cuda", requires_grad=True)
    y = checkpoint(lambda t: F.dropout(t, 0.5, training=True), x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_sums_of_halves_are_rounded_once() -> None:
    index = torch.zeros(600, dtype=torch.int64, device="cuda")
    table = torch.nn.functional.embedding(index, torch.ones(2, 3, dtype=torch.float16, device="cuda").requires_grad_())
    grad = torch.full((4, 1), 2048.0, device="cuda").half()
    ones = torch.ones(4, 600, device="cuda").half()
    assert grad.clone().index_add_(1, index, ones).tolist() == [[2648]] * 4
    assert grad.clone().scatter_add_(1, index.expand(4, 600), ones).tolist() == [[2648]] * 4
    assert grad.clone().put_(index, ones[0], accumulate=True)[0].item() == 2648
    weight = torch.zeros(2, 1, dtype=torch.float16, device="cuda", requires_grad=True)
    F.embedding(torch.zeros(3001, dtype=torch.int64, device="cuda"), weight).sum().backward()
    assert weight.grad.tolist() == [[3000], [0]] and table.dtype == torch.float16  # 3001, rounded once


def test_an_index_of_a_table_does_not_count_from_the_end() -> None:
    weight = torch.rand(5, 2, device="cuda")
    for bad in (-1, -7, 5):
        with pytest.raises(IndexError, match=rf"\[embedding\] index {bad} at place 1 is out of range"):
            F.embedding(torch.tensor([0, bad], device="cuda"), weight)
    assert torch.equal(weight.index_select(0, torch.tensor([-1], device="cuda")), weight[4:])


# --- page torch.cuda ---------------------------------------------------------------------------------------------------------


def test_generators() -> None:
    torch.cuda.manual_seed_all(7)
    states = torch.cuda.get_rng_state_all()
    assert len(states) == torch.cuda.device_count() and all(s.dtype == torch.uint8 and not s.is_cuda for s in states)
    first = torch.rand(5, device="cuda")
    torch.cuda.set_rng_state_all(states)
    assert torch.equal(torch.rand(5, device="cuda"), first) and torch.cuda.initial_seed() == 7
    torch.cuda.set_rng_state(states[0])
    assert torch.equal(torch.rand(5, device="cuda"), first)
    torch.cuda.manual_seed(7)
    assert torch.equal(torch.rand(5, device="cuda"), first)
    torch.cuda.seed_all()
    assert not torch.equal(torch.rand(5, device="cuda"), first)
    with pytest.raises(ValueError, match="devices"):
        torch.cuda.set_rng_state_all([])
    with pytest.raises((RuntimeError, TypeError)):
        torch.cuda.set_rng_state(torch.ones(3, dtype=torch.uint8))
    torch.manual_seed(0)


def test_devices_of_contexts_and_streams() -> None:
    with torch.cuda.device(0) as current, torch.cuda.device(None), torch.cuda.device(-1):
        assert torch.cuda.current_device() == 0 and current.idx == 0
    with torch.cuda.device_of(torch.ones(1, device="cuda")), torch.cuda.device_of(torch.ones(1)):
        assert torch.cuda.current_stream().device == torch.device("cuda:0")
    side = torch.cuda.Stream(device="cuda:0", priority=-1)
    assert side.query() and side != torch.cuda.default_stream() and torch.cuda.current_stream() == torch.cuda.default_stream()
    event = torch.cuda.Event()
    assert event.query()  # never recorded
    with torch.cuda.stream(side):
        inner = torch.cuda.current_stream()
        with torch.cuda.stream(None):
            assert torch.cuda.current_stream() == inner == side
        event = side.record_event(event)
    event.wait()
    event.synchronize()
    with pytest.raises(RuntimeError):  # of events that do not measure
        event.elapsed_time(event)


def test_tensors_as_values() -> None:
    x = torch.tensor([[1.5, 2.5], [3.5, 4.5]], device="cuda", requires_grad=True)
    assert x.detach()[1, 0].item() == 3.5 and float(x[0, 0]) == 1.5 and bool(x[0, 0] > 1) and x.tolist()[1] == [3.5, 4.5]
    for dtype in ("half", "float", "double", "byte", "char", "short", "int", "long"):
        kind = {"byte": "Byte", "char": "Char"}.get(dtype, dtype.capitalize())
        y = getattr(x.detach(), dtype)()
        assert y.type() == f"torch.cuda.{kind}Tensor" and isinstance(y, getattr(torch.cuda, f"{kind}Tensor"))
        assert torch.equal(x.detach().type(f"torch.cuda.{kind}Tensor"), y) and y.cpu().type() == f"torch.{kind}Tensor"
        assert torch.equal(torch.ones(2).type(getattr(torch.cuda, f"{kind}Tensor")), torch.ones(2, device="cuda").to(y.dtype))
    for made in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert made.is_cuda and made.requires_grad and torch.equal(made, x) and made.data_ptr() != x.data_ptr()
    with pytest.raises(TypeError, match=r"can't convert a CUDA tensor to numpy: use x.cpu\(\)"):
        x.detach().numpy()
    with pytest.raises(ValueError):
        x.item()


def test_host_indices() -> None:
    host, rows, mask = torch.arange(12).view(3, 4), torch.tensor([2, 0]), torch.tensor([1, 0, 1], dtype=torch.uint8)
    x = host.cuda()
    for use in (lambda t: t[rows], lambda t: t[rows, [1, 2]], lambda t: t[mask], lambda t: t[:, rows], lambda t: t[[2, 0]]):
        assert use(x).is_cuda and torch.equal(use(x).cpu(), use(host))
    y, filled = x.clone(), host.clone()
    for target in (y, filled):
        target[rows] = 7
        target[mask] += 1
    assert torch.equal(y.cpu(), filled) and x[1:, ::2].tolist() == [[4, 6], [8, 10]]
