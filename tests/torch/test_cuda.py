"""Tensors on a CUDA device against the same on the host; and what everything says where there is no device."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import torch

from .test_gradients import OPS, Op, Sample, function_of

HAS_GPU = torch.cuda.is_available()
needs_gpu = pytest.mark.skipif(not HAS_GPU, reason=f"no CUDA device: {torch.cuda.unavailable_reason()}")
without_gpu = pytest.mark.skipif(HAS_GPU, reason="there is a CUDA device")

DTYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]
INTEGERS = DTYPES[:5]

# --- without a device --------------------------------------------------------------------------------------------------------


@without_gpu
@pytest.mark.parametrize(
    "use",
    [
        lambda: torch.ones(2).cuda(),
        lambda: torch.ones(2).to("cuda:1"),
        lambda: torch.zeros(2, device="cuda"),
        lambda: torch.tensor([1.0], device=torch.device("cuda", 0)),
        lambda: torch.ones(2).pin_memory(),
        lambda: torch.cuda.current_device(),
        lambda: torch.cuda.synchronize(),
        lambda: torch.cuda.Stream(0),
        lambda: torch.cuda.memory_allocated(0),
        lambda: torch.cuda.FloatTensor(2),
        lambda: torch.nn.Linear(2, 2).cuda(),
    ],
)
def test_without_a_device_every_use_says_why(use: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match="built without CUDA|no driver|finds no device|older than"):
        use()


@without_gpu
def test_without_a_device_questions_have_answers() -> None:
    assert not torch.cuda.is_available()
    assert torch.cuda.device_count() == 0
    assert torch.cuda.unavailable_reason()
    assert not torch.ones(2).is_cuda
    assert not torch.ones(2).is_pinned()
    torch.cuda.empty_cache()
    torch.cuda.manual_seed_all(1)
    assert not isinstance(torch.ones(2), torch.cuda.FloatTensor)


# --- every declared op -------------------------------------------------------------------------------------------------------

SAMPLES = [pytest.param(op, text, id=f"{op.identifier}-{i}") for op in OPS if op.variants for i, text in enumerate(op.samples)]


def on(device: str, value: Any, dtype: torch.dtype) -> Any:
    """A tensor of float64 in another dtype, at another place."""
    if isinstance(value, torch.Tensor):
        return value.detach().to(device, dtype if value.dtype == torch.float64 else value.dtype)
    return value


class Moved(Sample):
    """A sample whose tensors, those of its other arguments too, lie on a device."""

    def __init__(self, function: Callable[..., Any], text: str, device: str, dtype: torch.dtype) -> None:
        super().__init__(
            lambda *a, **k: function(*(self.moved(x) for x in a), **{n: self.moved(x) for n, x in k.items()}), text
        )
        self._device, self._dtype = device, dtype

    def moved(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and any(isinstance(v, torch.Tensor) for v in value):
            return [self.moved(v) for v in value]
        if isinstance(value, torch.Tensor) and value.dtype == torch.float64:
            return value.to(self._device, self._dtype)
        return value.to(self._device) if isinstance(value, torch.Tensor) else value


# Their vectors may have either sign: squares are compared, and gradients of squares.
EITHER_SIGN = {"svd", "symeig"}


def outputs_and_gradients(op: Op, text: str, device: str) -> list[torch.Tensor]:
    torch.manual_seed(5)
    sample = Moved(function_of(op), text, device, torch.float32)
    found = sample.call(*sample.inputs)
    outputs = list(found) if isinstance(found, (tuple, list)) else [found]
    if op.name in EITHER_SIGN:
        outputs = [out * out for out in outputs]
    roots = [out for out in outputs if out.requires_grad]
    if not roots:
        return [out.detach() for out in outputs]
    weights = [
        (torch.arange(1.0, out.numel() + 1).view(out.shape) / max(1, out.numel())).to(out.device, out.dtype) for out in roots
    ]
    grads = torch.autograd.grad(roots, sample.inputs, weights, allow_unused=True)
    return [out.detach() for out in outputs] + [g for g in grads if g is not None]


def assert_close(got: torch.Tensor, want: torch.Tensor, tolerance: float = 1e-5) -> None:
    assert got.shape == want.shape and got.dtype == want.dtype
    a, b = got.cpu().double(), want.double()
    same = (a == b) | ((a != a) & (b != b))
    close = (a - b).abs() <= tolerance * (1 + b.abs())
    assert bool((same | close).all()), f"{a} is not {b}"


@needs_gpu
@pytest.mark.parametrize(("op", "text"), SAMPLES)
def test_gpu_agrees_with_the_host(op: Op, text: str) -> None:
    want = outputs_and_gradients(op, text, "cpu")
    try:
        got = outputs_and_gradients(op, text, "cuda")
    except RuntimeError as error:
        if "not implemented on CUDA" not in str(error) and "on CUDA" not in str(error):
            raise
        pytest.xfail(str(error))
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert_close(one, other)


# --- copies ------------------------------------------------------------------------------------------------------------------


def same(got: torch.Tensor, want: torch.Tensor) -> bool:
    """Equal to the bit, nan included."""
    return got.shape == want.shape and got.dtype == want.dtype and str(got.tolist()) == str(want.tolist())


def layouts(x: torch.Tensor) -> list[torch.Tensor]:
    """The same number of dimensions, in every form that memory takes."""
    return [x, x.t(), x[::2], x[:, 1:], x[:, :1].expand(-1, 5), x[:0], x[1, 1]]


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_round_trips(dtype: torch.dtype) -> None:
    x = torch.arange(0, 42).view(6, 7).to(dtype)
    for form in layouts(x):
        there = form.cuda()
        assert there.is_cuda and there.device == torch.device("cuda", torch.cuda.current_device())
        assert same(there, form)
        assert there.tolist() == form.tolist()
    moved = x.cuda()
    for host, device in zip(layouts(x), layouts(moved), strict=True):
        assert same(device, host)
        assert same(device.clone(), host)
        assert same(device.contiguous(), host)


@needs_gpu
@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_conversions(source: torch.dtype, target: torch.dtype) -> None:
    values = torch.tensor([0, 1, 2, 100, 3], dtype=source)
    if source.is_floating_point:
        values = torch.tensor([0.0, -1.75, 2.5, math.inf, -math.inf, math.nan, 70000.0, 1e30], dtype=torch.float64).to(source)
    want, got = values.to(target), values.cuda().to(target).cpu()
    assert want.tolist() == got.tolist() or str(want.tolist()) == str(got.tolist())


@needs_gpu
def test_copy_between_layouts_and_places() -> None:
    x, target = torch.randn(4, 5), torch.zeros(4, 5)
    there = torch.zeros(5, 4, device="cuda").t()
    there.copy_(x)
    target.copy_(there)
    assert torch.equal(target, x)
    target.t().copy_(there.t())
    assert torch.equal(target, x)
    there.copy_(x[0])  # broadcasts
    assert same(there, x[0].expand(4, 5))
    there.copy_(x.double())
    assert same(there, x)
    overlapping = torch.arange(10.0, device="cuda")
    overlapping[1:].copy_(overlapping[:-1])
    assert overlapping.tolist() == [0, *range(9)]


@needs_gpu
def test_pinned_memory_and_asynchronous_copies() -> None:
    x = torch.randn(1000).pin_memory()
    assert x.is_pinned() and not torch.randn(3).is_pinned()
    there = x.cuda(non_blocking=True)
    back = torch.empty(1000).pin_memory()
    back.copy_(there, non_blocking=True)
    torch.cuda.synchronize()
    assert torch.equal(back, x)


# --- arithmetic --------------------------------------------------------------------------------------------------------------

BINARY = ["add", "sub", "mul", "div", "fmod", "remainder", "max", "min"]


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_arithmetic_is_the_hosts_to_the_bit(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    a = (torch.rand(37, 23) * 200 - 100).to(dtype)
    b = (torch.rand(37, 23) * 50 + 1).to(dtype)
    function = getattr(torch, name)
    for x, y in [(a, b), (a.t(), b.t()), (a[:, ::2], b[:, ::2]), (a, b[0]), (a[:, :1], b), (a[:0], b[:0])]:
        assert same(function(x.cuda(), y.cuda()), function(x, y))


@needs_gpu
@pytest.mark.parametrize("dtype", INTEGERS)
def test_division_of_integers_by_zero_is_refused(dtype: torch.dtype) -> None:
    a, b = torch.ones(5).to(dtype).cuda(), torch.tensor([1, 2, 0, 1, 1]).to(dtype).cuda()
    with pytest.raises(RuntimeError, match="division by zero"):
        a / b
    with pytest.raises(RuntimeError, match="division by zero"):
        a % 0


@needs_gpu
def test_many_dimensions_and_large_tensors() -> None:
    x = torch.arange(2.0**12).view(*[2] * 12)
    y = x.permute(*range(11, -1, -1))
    assert same((y.cuda() * 2), y * 2)
    large = torch.ones(3 * 2**29, dtype=torch.uint8, device="cuda")  # more than one launch holds
    large.add_(2)
    assert large[-1].item() == 3 and large[2**30].item() == 3 and large[0].item() == 3


# --- random numbers ----------------------------------------------------------------------------------------------------------

DRAWS: dict[str, Callable[[torch.Tensor], Any]] = {
    "uniform": lambda x: x.uniform_(-1, 3),
    "normal": lambda x: x.normal_(2, 5),
    "exponential": lambda x: x.exponential_(0.5),
    "log_normal": lambda x: x.log_normal_(0, 0.5),
    "bernoulli": lambda x: x.bernoulli_(0.3),
    "random": lambda x: x.random_(-5, 100),
    "cauchy": lambda x: x.cauchy_(1, 2),
    "geometric": lambda x: x.geometric_(0.2),
}


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_gives_the_hosts_numbers_to_the_bit(name: str, dtype: torch.dtype) -> None:
    for shape in [(1000,), (7, 33), (1,), (0,)]:
        host, device = torch.empty(*shape, dtype=dtype), torch.empty(*shape, dtype=dtype, device="cuda")
        torch.manual_seed(11)  # seeds the device's generator, too
        for _ in range(2):
            DRAWS[name](host)
        for _ in range(2):
            DRAWS[name](device)
        assert same(device, host)
    strided = torch.zeros(6, 8, dtype=dtype, device="cuda").t()
    torch.manual_seed(3)
    DRAWS[name](strided)
    torch.manual_seed(3)
    assert same(strided, DRAWS[name](torch.empty(8, 6, dtype=dtype)))


@needs_gpu
def test_generators_of_devices() -> None:
    torch.cuda.manual_seed(5)
    state = torch.cuda.get_rng_state()
    x = torch.rand(3, device="cuda")
    torch.cuda.set_rng_state(state)
    assert same(torch.rand(3, device="cuda"), x.cpu())
    assert torch.cuda.initial_seed() == 5
    own = torch.Generator().manual_seed(9)
    assert same(torch.rand(4, device="cuda", generator=own), torch.rand(4, generator=torch.Generator().manual_seed(9)))
    assert not same(torch.randn_like(x), torch.randn_like(x).cpu())
    torch.nn.functional.dropout(torch.ones(100, device="cuda"), 0.5).sum().item()


# --- indexing and printing ---------------------------------------------------------------------------------------------------


@needs_gpu
def test_indexing() -> None:
    x = torch.arange(24.0).view(4, 6)
    y = x.cuda()
    assert y[1, 2].item() == 8
    y[0] = 5
    y[1, ::2] = torch.tensor([1.0, 2.0, 3.0])
    x[0], x[1, ::2] = 5, torch.tensor([1.0, 2.0, 3.0])
    assert same(y, x)


@needs_gpu
def test_printing() -> None:
    x = torch.tensor([1.5, 2.0], device="cuda")
    assert repr(x) == f"tensor([1.5000, 2.0000], device='{x.device}')"
    assert "..." in repr(torch.zeros(2000, device="cuda"))


# --- gradients ---------------------------------------------------------------------------------------------------------------


@needs_gpu
def test_gradients_live_where_their_tensors_do() -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x.cuda()
    (y * y * 2).backward(torch.ones(3, device="cuda"))
    assert x.grad is not None and x.grad.tolist() == [4, 8, 12] and not x.grad.is_cuda
    leaf = torch.ones(3, device="cuda", requires_grad=True)
    (leaf[1:] * 3).backward(torch.ones(2, device="cuda"))
    assert leaf.grad is not None and leaf.grad.is_cuda and leaf.grad.tolist() == [0, 3, 3]
