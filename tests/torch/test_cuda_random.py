"""Random numbers with parameters, draws, permutations and counts on a CUDA device: the host's, to the bit where an order of
additions or a logarithm does not come in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import torch

from .test_cuda import assert_close, needs_gpu, same

FLOATING = [torch.float16, torch.float32, torch.float64]
INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]


def drawn(draw: Callable[[str], torch.Tensor], device: str) -> torch.Tensor:
    torch.manual_seed(7)
    draw(device)  # the second call goes on where the first has ended
    return draw(device)


def assert_same(draw: Callable[[str], torch.Tensor]) -> None:
    assert same(drawn(draw, "cuda").cpu(), drawn(draw, "cpu"))


@needs_gpu
@pytest.mark.parametrize("dtype", FLOATING)
def test_laws_with_parameters_for_each_element(dtype: torch.dtype) -> None:
    edge = [0.0, -1.0, float("nan"), float("inf"), 1e-3, 0.3, 1.0, 7.0, 9.9, 10.0, 200.0, 5e4]
    rates = torch.tensor(edge * 40).to(dtype).view(12, 40)
    assert_same(lambda place: torch.poisson(rates.to(place)))
    assert_same(lambda place: torch._C.ops._standard_gamma(rates.to(place)))
    assert_same(lambda place: torch.poisson(rates.to(place).t()))
    counts = torch.tensor([0.0, 1, 5, 40, 1000, 2.0**11] * 50).to(dtype)
    chance = torch.arange(0.0, 300).div(299).to(dtype)
    assert_same(lambda place: torch._C.ops._binomial(counts.to(place), chance.to(place)))
    assert_same(lambda place: torch.poisson(torch.zeros(0, 3, dtype=dtype).to(place)))


@needs_gpu
@pytest.mark.parametrize("dtype", FLOATING)
def test_normal_numbers_with_means_and_deviations(dtype: torch.dtype) -> None:
    mean, deviation = torch.arange(-10.0, 10).to(dtype), torch.arange(0.0, 20).to(dtype)
    assert_same(lambda place: torch.normal(mean.to(place), deviation.to(place)))
    assert_same(lambda place: torch.normal(mean.to(place), 2.5))
    assert_same(lambda place: torch.normal(1.5, deviation.to(place)))
    with pytest.raises(RuntimeError, match="least element"):
        torch.normal(mean.cuda(), mean.cuda())


@needs_gpu
@pytest.mark.parametrize("dtype", INTEGERS)
def test_geometric_integers(dtype: torch.dtype) -> None:
    assert_same(lambda place: torch.zeros(301, dtype=dtype).to(place).geometric_(0.01))
    assert_same(lambda place: torch.zeros(6, 5, dtype=dtype).to(place).t().geometric_(0.4))


@needs_gpu
@pytest.mark.parametrize("dtype", FLOATING)
def test_dropout(dtype: torch.dtype) -> None:
    def both_ways(x: torch.Tensor) -> torch.Tensor:
        x = x.detach().requires_grad_()
        v = x.detach().requires_grad_()
        y = torch.nn.functional.dropout(x, 0.3, True)
        (grad,) = torch.autograd.grad(y, x, v, create_graph=True)
        (again,) = torch.autograd.grad(grad, v, v.detach())
        assert same(grad.cpu(), again.cpu()) and same(y.cpu(), grad.cpu())  # it is linear
        return y.detach()

    x = torch.linspace(-3, 3, 6 * 1111).to(dtype).view(6, 1111)
    for part in (x, x.t(), x[:, 1:], x[0, 1:4], x[0, 0], x[:0], x.expand(2, 6, 1111)):
        assert_same(lambda place, part=part: both_ways(part.to(place)))
    assert_same(lambda place: torch.nn.functional.dropout(x.clone().to(place), 0.9, True, inplace=True))
    assert_same(lambda place: torch.nn.functional.alpha_dropout(x.to(place), 0.4, True))
    assert_same(lambda place: torch.zeros(7, 13, dtype=dtype).to(place).t().bernoulli_(0.3))
    assert_same(lambda place: torch.zeros(50, dtype=dtype).to(place)[3:].bernoulli_(0.3))


@needs_gpu
def test_permutations() -> None:
    for n in (0, 1, 2, 1000, 2047, 2048, 2049, 300_001):  # of the host, and of the device
        assert_same(lambda place, n=n: torch.randperm(n, device=place))
        assert_same(lambda place, n=n: torch.randperm(n, dtype=torch.float32, device=place))
    assert torch.randperm(9, device="cuda").is_cuda


@needs_gpu
@pytest.mark.parametrize("dtype", FLOATING)
def test_multinomial(dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    p = torch.rand(6, 5000).to(dtype)
    p[:, ::3] = 0
    for weights in (p, p[0], p[:, ::7], p[:1, :4] + 1):
        assert_same(lambda place, weights=weights: torch.multinomial(weights.to(place), 300, True))
        once = drawn(lambda place, weights=weights: torch.multinomial(weights.to(place), 3), "cuda").cpu()
        assert same(once, drawn(lambda place, weights=weights: torch.multinomial(weights.to(place), 3), "cpu"))
        assert bool((weights.gather(-1, once) > 0).all())


@needs_gpu
@pytest.mark.parametrize(
    "refused",
    [
        lambda place: torch.multinomial(torch.tensor([0.5, -1.0]).to(place), 1),
        lambda place: torch.multinomial(torch.tensor([[0.5, 1.0], [1.0, float("nan")]]).to(place), 1),
        lambda place: torch.multinomial(torch.zeros(3).to(place), 1, True),
        lambda place: torch.multinomial(torch.tensor([0.0, 1.0]).to(place), 2),
        lambda place: torch.multinomial(torch.ones(3).to(place), 4),
        lambda place: torch.multinomial(torch.ones(3).to(place), 0),
        lambda place: torch.bincount(torch.tensor([1, -1]).to(place)),
        lambda place: torch.histc(torch.tensor([1.0, float("inf")]).to(place)),
        lambda place: torch.histc(torch.ones(2).to(place), 0),
        lambda place: torch.ones(2).to(place).geometric_(1.5),
        lambda place: torch.ones(2).to(place).cauchy_(0, -1),
        lambda place: torch.randperm(20_000, dtype=torch.int8, device=place),
        lambda place: torch.randperm(20_000, dtype=torch.float16, device=place),
        lambda place: torch.zeros(3, dtype=torch.float16).to(place).random_(0, 5000),
    ],
)
def test_what_the_host_refuses(refused: Callable[[str], Any]) -> None:
    with pytest.raises(RuntimeError) as on_host:
        refused("cpu")
    with pytest.raises(RuntimeError) as on_device:
        refused("cuda")
    assert str(on_device.value) == str(on_host.value)


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_histograms(dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    x = torch.randn(40000).to(dtype)
    x[5] = float("nan")
    values = torch.cat([x, torch.arange(-4.0, 4.25, 0.25).to(dtype)])
    for bins in (1, 7, 100, 5000, 100000):
        assert same(torch.histc(values.cuda(), bins, -2, 2).cpu(), torch.histc(values, bins, -2, 2))
    whole = torch.arange(100.0).to(dtype).view(10, 10)
    for x in (whole, whole.t(), whole[:, ::3], whole[:0], whole[:1, :1]):
        assert same(torch.histc(x.cuda(), 9).cpu(), torch.histc(x, 9))


@needs_gpu
@pytest.mark.parametrize("dtype", INTEGERS)
def test_counts(dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    x = (torch.rand(3000) * 100).to(dtype)
    weights = torch.rand(3000)
    for values in (x, x[::2], x[:0]):
        assert same(torch.bincount(values.cuda()).cpu(), torch.bincount(values))
        assert same(torch.bincount(values.cuda(), minlength=9000).cpu(), torch.bincount(values, minlength=9000))
        own = weights[: values.numel()]
        assert_close(torch.bincount(values.cuda(), own.cuda()), torch.bincount(values, own))


@needs_gpu
def test_rows_by_index() -> None:
    for dtype in (torch.uint8, torch.float16, torch.float32, torch.float64):
        for shape in [(9, 64), (9, 6), (3, 5, 8), (3, 5, 7), (4, 3, 2, 1030), (6,)]:
            x = torch.arange(0, 1000).repeat(30)[: torch.Size(shape).numel()].view(*shape).to(dtype)
            there = x.cuda()
            for dim in range(len(shape)):
                index = torch.tensor([0, -1, 1, 1, 0, 2 % shape[dim]])
                assert same(there.index_select(dim, index.cuda()).cpu(), x.index_select(dim, index))
                assert same(there.index_select(dim, index.cuda()[:0]).cpu(), x.index_select(dim, index[:0]))
            narrowed = x.narrow(0, 1, shape[0] - 2)
            assert same(there.narrow(0, 1, shape[0] - 2).index_select(0, torch.tensor([0]).cuda()).cpu(), narrowed[:1])


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.float32, torch.float64])
def test_operands_that_stand_still(dtype: torch.dtype) -> None:
    a = torch.arange(0, 12 * 16 * 3).view(12, 16, 3).to(dtype)
    b = (torch.arange(0, 12 * 16 * 3) % 7 + 1).view(12, 16, 3).to(dtype)
    for cut in (slice(None), slice(0, 16), slice(4, 12), slice(1, 9)):
        x, y = a.permute(0, 2, 1)[..., cut], b.view(12, 3, 16)[..., cut]
        for one, other in [
            (y, y[0]),
            (y, y[:, :1]),
            (y, y[..., :1]),
            (x, y),
            (x[..., :1], y),
            (y[:1, :1, :1], y),
            (y, y[0, 0, 0]),
        ]:
            assert same((one.cuda() + other.cuda()).cpu(), one + other)
            assert same((one.cuda() * other.cuda()).cpu(), one * other)
    many = torch.arange(0.0, 2**11).view(*[2] * 11)
    turned = many.permute(*range(10, -1, -1))
    assert same((turned.cuda() + many.cuda()).cpu(), turned + many)


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.int32, torch.float16, torch.float32, torch.float64])
def test_sums_of_columns_and_running_sums(dtype: torch.dtype) -> None:
    for shape in [(700, 8), (700, 7), (5000, 128), (3, 300, 4), (3, 300, 5), (2, 8192), (2, 4100), (1, 3, 2055)]:
        x = (torch.arange(0, torch.Size(shape).numel()) % 5).view(*shape).to(dtype)
        for view in (x, x[1:], x[..., 1:]):
            for dim in range(len(shape)):
                assert same(view.cuda().sum(dim).cpu(), view.sum(dim))
                if dtype != torch.float16:
                    assert same(view.cuda().cumsum(dim).cpu(), view.cumsum(dim))
                if view.size(dim):
                    assert same(view.cuda().max(dim)[0].cpu(), view.max(dim)[0])


@needs_gpu
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-8)])
def test_pathwise_gradients(dtype: torch.dtype, tolerance: float) -> None:
    shapes = torch.tensor([1e-3, 0.1, 0.5, 0.99, 1.0, 2.0, 7.5, 100.0, 1e4, float("nan"), -1.0], dtype=dtype)
    samples = torch.tensor([0.0, 1e-6, 0.01, 0.4, 1.0, 3.0, 90.0, 9.9e3, float("inf"), float("nan")], dtype=dtype)
    a, x = shapes.view(-1, 1), samples.view(1, -1)
    places = torch.tensor([0.0, 1e-7, 0.2, 0.5, -0.3, -1e-5, -0.0, float("nan"), 2.0], dtype=dtype).view(-1, 1, 1)
    ops = torch._C.ops
    for logarithm in (False, True):
        given = x.log() if logarithm else x
        want = ops._standard_gamma_grad(a, given, logarithm)
        assert_relative(ops._standard_gamma_grad(a.cuda(), given.cuda(), logarithm), want, tolerance)
    want = ops._beta_grad(places, shapes.view(1, -1, 1), shapes.view(1, 1, -1))
    got = ops._beta_grad(places.cuda(), shapes.cuda().view(1, -1, 1), shapes.cuda().view(1, 1, -1))
    assert_relative(got, want, tolerance)


def assert_relative(got: torch.Tensor, want: torch.Tensor, tolerance: float) -> None:
    a, b = got.cpu().double(), want.double()
    same = (a == b) | ((a != a) & (b != b))
    close = (a - b).abs() <= tolerance * b.abs()
    worst = ((a - b) / b).abs().masked_fill_(same, 0.0).max()
    assert got.dtype == want.dtype and bool((same | close).all()), f"{worst.item()}"
