"""What is chosen among many elements on a CUDA device: the first of sorted lines, extrema, elements by index."""

from __future__ import annotations

from typing import Any

import pytest

import torch

from .test_cuda import DTYPES, needs_gpu, same

FLOATING = [torch.float16, torch.float32, torch.float64]


def numbers(size: tuple[int, ...], dtype: torch.dtype, kind: str) -> torch.Tensor:
    """With many equal elements, few, or (floating) nan, infinities and zeros of both signs."""
    torch.manual_seed(3)
    x = torch.rand(size) * (5 if kind == "equal" else 120)
    if dtype in FLOATING and kind == "special":
        odd = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0, -0.0, -1.0, 7.0])
        x = torch.where((x % 3 < 1).byte(), odd[(x * 100 % 7).long()], x - 60)
    return x.to(dtype)


@needs_gpu
@pytest.mark.parametrize("kind", ["equal", "different", "special"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_topk_is_the_beginning_of_sort(dtype: torch.dtype, kind: str) -> None:
    for size, dim in [((3, 1000), 1), ((1030, 40), 0), ((2, 9000), 1), ((40, 300, 3), 1), ((70, 256), 1), ((5000,), 0)]:
        x = numbers(size, dtype, kind)
        for largest in (True, False):
            values, indices = x.sort(dim, largest)
            for k in {1, 2, 31, 64, x.size(dim) // 4, min(1025, x.size(dim))}:
                v, i = x.cuda().topk(k, dim, largest)
                assert same(v.cpu(), values.narrow(dim, 0, k).contiguous())
                assert same(i.cpu(), indices.narrow(dim, 0, k).contiguous())


@needs_gpu
@pytest.mark.parametrize("kind", ["equal", "different", "special"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sorting_one_line_and_many(dtype: torch.dtype, kind: str) -> None:
    for size, dim in [((1,), 0), ((40_001,), 0), ((1, 700), 1), ((700, 1), 0), ((30, 70), 0)]:
        x = numbers(size, dtype, kind)
        for descending in (True, False):
            for got, want in zip(x.cuda().sort(dim, descending), x.sort(dim, descending), strict=True):
                assert same(got.cpu(), want)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_extrema(dtype: torch.dtype) -> None:
    for size in [(1,), (7,), (300, 5), (65, 130), (2, 70_001), (200_003,)]:
        for kind in ("equal", "different"):
            x = numbers(size, dtype, kind)
            there = x.cuda()
            for whole in (there.max(), there.min(), there.argmax(), there.argmin()):
                assert whole.is_cuda
            assert (there.max().item(), there.min().item()) == (x.max().item(), x.min().item())
            assert (there.argmax().item(), there.argmin().item()) == (x.argmax().item(), x.argmin().item())
            for dim in range(x.dim()):
                for got, want in [(there.max(dim), x.max(dim)), (there.min(dim), x.min(dim))]:
                    assert same(got[0].cpu(), want[0]) and same(got[1].cpu(), want[1])
    if dtype in FLOATING:
        x = torch.zeros(100_000, dtype=dtype, device="cuda")
        x[77_777] = float("nan")
        assert str(x.max().item()) == str(x.min().item()) == "nan"
        assert x.argmax().item() == x.argmin().item() == 77_777


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.float32, torch.float64], ids=str)
def test_gather_by_rows(dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    for size, width in [((5, 12), 12), ((5, 7), 8), ((3, 4, 100), 400), ((6, 5), 3), ((64,), 16)]:
        x = (torch.rand(size) * 100).to(dtype)
        index = (torch.rand(*size[:-1], width) * size[-1]).long()
        assert same(x.cuda().gather(-1, index.cuda()).cpu(), x.gather(-1, index))
        if x.dim() > 1:
            assert same(x.cuda()[1:].gather(-1, index.cuda()[1:]).cpu(), x[1:].gather(-1, index[1:]))
        base, added = (x % 5).long().to(dtype), (index % 3).to(dtype)  # sums are exact
        for source in (added, torch.cat([added, added], -1)):
            want = base.clone().scatter_add_(-1, index, source)
            assert same(base.cuda().scatter_add_(-1, index.cuda(), source.cuda()).cpu(), want)
        less = index[: size[0] - 1] if x.dim() > 1 else index[:7]
        assert same(x.cuda().gather(-1, less.cuda()).cpu(), x.gather(-1, less))


@needs_gpu
@pytest.mark.parametrize("bad", [-1, 8, 2**40, -(2**62)])
def test_bad_indices_are_refused_by_the_call_itself(bad: int) -> None:
    x = torch.arange(0.0, 32).view(4, 8)
    index = torch.zeros(4, 8, dtype=torch.int64)
    index[2, 3] = bad
    calls: list[Any] = [
        lambda place: x.to(place).gather(1, index.to(place)),
        lambda place: torch.nn.functional.nll_loss(x.to(place), index.to(place)[:, 3].clone()),
    ]
    if bad != -1:
        calls.append(lambda place: x.to(place).index_select(1, index.to(place)[2]))
        calls.append(lambda place: x.to(place).take(index.to(place)[2] * (4 if bad == 8 else 1)))
    for call in calls:
        with pytest.raises((RuntimeError, IndexError)) as on_host:
            call("cpu")
        with pytest.raises((RuntimeError, IndexError)) as on_device:
            call("cuda")
        assert str(on_device.value) == str(on_host.value)
    assert torch.ones(3, device="cuda").sum().item() == 3  # the device is well
    out = torch.full((4, 8), 5.0).cuda()
    with pytest.raises(IndexError, match="out of range"):
        torch.gather(x.cuda(), 1, index.cuda(), out=out)
    assert bool((out == 5).all())


@needs_gpu
def test_indexing_by_an_index_of_the_device() -> None:
    x = torch.arange(0.0, 60).view(3, 4, 5)
    for key in (torch.tensor([2, 0, -1]), torch.tensor([[0, 1], [2, -3]]), torch.tensor([], dtype=torch.int64)):
        assert same(x.cuda()[key.cuda()].cpu(), x[key])
        assert same(x.cuda()[:, key.cuda()].cpu(), x[:, key])
        assert same(x.cuda()[1:, key.cuda(), None].cpu(), x[1:, key, None])
        assert same(x.cuda()[key.cuda(), 1].cpu(), x[key, 1])
        assert same(x.cuda()[key].cpu(), x[key])  # an index of the host
        y, z = x.clone(), x.cuda()
        y[key] = 7
        z[key.cuda()] = 7
        assert same(z.cpu(), y)
    rows = torch.tensor([1, 0, 1]).byte()
    assert same(x.cuda()[rows.cuda()].cpu(), x[rows])
    i, j = torch.tensor([0, 2]), torch.tensor([3, -1])
    assert same(x.cuda()[i.cuda(), j.cuda()].cpu(), x[i, j])
    with pytest.raises(IndexError, match="index 4 at place 1 is out of range for a dimension of size 4"):
        x.cuda()[:, torch.tensor([0, 4]).cuda()]
    with pytest.raises(IndexError, match="out of range"):
        x.cuda()[torch.tensor([0, -4]).cuda()] = 1


@needs_gpu
def test_an_index_may_change_before_the_gradient() -> None:
    x, i = torch.ones(5, 2, device="cuda", requires_grad=True), torch.tensor([1, 3, 1], device="cuda")
    y = x[i]
    i.zero_()
    y.sum().backward()
    assert x.grad is not None and x.grad[:, 0].tolist() == [0, 2, 0, 1, 0]


@needs_gpu
def test_sums_of_many_parts() -> None:
    for n in (16_384, 16_385, 300_000, 5_000_001):
        x = torch.arange(0, n) % 1000 - 300
        assert x.cuda().sum().item() == x.sum().item()
        y = x.to(torch.float64)
        assert y.cuda().norm().item() == pytest.approx(y.norm().item(), rel=1e-12)
        assert y.cuda().std().item() == pytest.approx(y.std().item(), rel=1e-9)
    wide = (torch.arange(0, 3 * 70_000) % 7).view(3, 70_000)
    assert same(wide.cuda().sum(1).cpu(), wide.sum(1))
