"""Reductions on a CUDA device at the sizes where their kernels take another path: lines of a thread, a warp, a block, of many
blocks; columns by packs and one by one; starts and lengths that packs do not fit."""

from __future__ import annotations

import pytest

import torch

from .test_cuda import DTYPES, needs_gpu, same

FLOATING = [torch.float16, torch.float32, torch.float64]
# of 2 dimensions; both are reduced
SIZES = [
    *[(3, 1), (2, 5), (9, 16), (70, 33), (5, 100), (3, 1024), (7, 1026), (4, 4100), (3, 9001), (1, 20_000), (5, 40_000)],
    *[(300_000, 3), (2, 300_004), (9000, 2), (70_001, 4), (700, 8), (400, 12), (130, 200), (5000, 520), (3, 16_392)],
]
TOLERANCE = {torch.float16: 2e-3, torch.float32: 2e-5, torch.float64: 1e-12}


def near(got: torch.Tensor, want: torch.Tensor) -> bool:
    """Sums in another order, of which those of half may be infinite."""
    if want.dtype not in FLOATING:
        return same(got.cpu(), want)
    a, b = (x.cpu().double().clamp(-6e4, 6e4) if want.dtype == torch.float16 else x.cpu().double() for x in (got, want))
    scale = max(1.0, b.abs().max().item())
    return got.dtype == want.dtype and (a - b).abs().max().item() <= TOLERANCE[want.dtype] * scale


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sizes_of_every_path(dtype: torch.dtype) -> None:
    torch.manual_seed(5)
    for size in SIZES:
        x = (torch.rand(size) * 9).to(dtype)
        there = x.cuda()
        for dim in (0, 1):
            assert near(there.sum(dim), x.sum(dim)), (size, dim)
            for got, want in ((there.max(dim), x.max(dim)), (there.min(dim), x.min(dim))):
                assert same(got[0].cpu(), want[0]) and same(got[1].cpu(), want[1]), (size, dim)
            if dtype in FLOATING:
                assert near(there.mean(dim), x.mean(dim)) and near(there.std(dim, False), x.std(dim, False)), (size, dim)
                for p in (0, 1, 2, 2.5, float("inf")):
                    assert near(there.norm(p, dim), x.norm(p, dim)), (size, dim, p)
                assert near(there.logsumexp(dim), x.logsumexp(dim)), (size, dim)
        assert near(there.max(), x.max()) and near(there.min(), x.min()), size


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.float32, torch.float64], ids=str)
def test_the_place_in_memory_does_not_matter(dtype: torch.dtype) -> None:
    torch.manual_seed(6)
    for rows, columns in [(3, 1000), (2, 40_000), (1000, 24), (9000, 16), (1, 100_003)]:
        room = (torch.rand(rows * columns + 16) * 50).to(dtype).cuda()
        for start in (1, 2, 4, 8):
            x = room[start : start + rows * columns].view(rows, columns)
            for dim in (0, 1):
                assert same(x.sum(dim).cpu(), x.clone().sum(dim).cpu())
                assert all(same(a.cpu(), b.cpu()) for a, b in zip(x.max(dim), x.clone().max(dim), strict=True))
                if dtype in FLOATING:
                    assert same(x.var(dim).cpu(), x.clone().var(dim).cpu())


@needs_gpu
@pytest.mark.parametrize("dtype", FLOATING, ids=str)
def test_nan_infinities_and_equals(dtype: torch.dtype) -> None:
    nan, inf = float("nan"), float("inf")
    for n in (5, 64, 1000, 5000, 70_000):
        for fill in (0.0, -inf, inf, nan):
            x = torch.full((2, n), fill).to(dtype)
            x[1, n // 2], x[1, n - 1] = (nan, nan) if n % 2 == 0 else (-fill, 1.0)
            there = x.cuda()
            for dim in (0, 1):
                for got, want in ((there.max(dim), x.max(dim)), (there.min(dim), x.min(dim))):
                    assert same(got[0].cpu(), want[0]) and same(got[1].cpu(), want[1]), (n, fill, dim)
                for p in (0, 1, 2, inf):
                    assert str(there.norm(p, dim).cpu().tolist()) == str(x.norm(p, dim).tolist()), (n, fill, dim, p)
            assert str(there.logsumexp(1).cpu().tolist()) == str(x.logsumexp(1).tolist()) or fill == 0, (n, fill)
            assert str(there.max().item()) == str(x.max().item()) and str(there.min().item()) == str(x.min().item())


@needs_gpu
def test_deviations_of_numbers_far_from_zero() -> None:
    torch.manual_seed(7)
    for size, dim in [((4, 100_000), 1), ((4, 3000), 1), ((3000, 40), 0), ((100_000, 3), 0)]:
        noise = torch.randn(size).double()
        x = (noise + 10_000).float()
        want = x.double().std(dim)
        assert ((x.cuda().std(dim).cpu().double() - want).abs() / want).max().item() < 1e-4
        huge = torch.full(size, 3e38)
        assert huge.cuda().std(dim).cpu().abs().max().item() == 0
    x = torch.zeros(100_000)
    x[0] = 1e6
    assert abs(x.cuda().var().item() / x.double().var().item() - 1) < 1e-4


@needs_gpu
def test_many_streams_at_once() -> None:
    streams, x = [torch.cuda.Stream() for _ in range(70)], torch.ones(8, 1_000_000, device="cuda")
    torch.cuda.synchronize()
    found = []
    for stream in streams * 2:
        with torch.cuda.stream(stream):
            found += [x.sum(), x.sum(1).sum(), x.t().max(0)[0].sum(), x.view(1_000_000, 8).sum(0).sum()]
    torch.cuda.synchronize()
    assert [y.item() for y in found] == [8e6, 8e6, 8.0, 8e6] * len(streams) * 2


@needs_gpu
def test_without_elements() -> None:
    for size, dim in [((0, 3), 1), ((3, 0), 0)]:
        assert torch.empty(size, device="cuda").sum(dim).numel() == 0
    assert torch.empty(3, 0, device="cuda").sum(1).tolist() == [0, 0, 0]
    assert torch.empty(0, 3, device="cuda").prod(0).tolist() == [1, 1, 1]
    assert str(torch.empty(3, 0, device="cuda").std(1).tolist()) == str(torch.empty(3, 0).std(1).tolist())
