"""Indices, transpositions and sparse products on a CUDA device, of sizes from which on it has kernels of its own for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import torch

from .test_cuda import DTYPES, assert_close, needs_gpu


def numbers(*size: int, dtype: torch.dtype) -> torch.Tensor:
    """Whole numbers that Half holds, and of which a few add up to such."""
    return torch.randint(0, 5, size).to(dtype)


def same(got: torch.Tensor, want: torch.Tensor) -> bool:
    return got.shape == want.shape and got.dtype == want.dtype and torch.equal(got, want)


def whole_numbers(high: int, *size: int) -> torch.Tensor:
    return torch.randint(0, high, size).long()


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_gather_and_scatter_within_many_rows(dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    for width, length in ((1024, 1024), (2048, 1500), (8192, 2052), (13000, 4096), (1000, 1026), (60000, 16000)):
        rows = 300 if width < 10000 else 280
        x, i = numbers(rows, width, dtype=dtype), whole_numbers(width, rows, length)
        assert same(x.cuda().gather(1, i.cuda()).cpu(), x.gather(1, i))
        source = numbers(rows, length, dtype=dtype)
        assert same(x.cuda().scatter_add_(1, i.cuda(), source.cuda()).cpu(), x.clone().scatter_add_(1, i, source))
        assert same(x.cuda()[:, 1:].gather(1, (i / 2).cuda()).cpu(), x[:, 1:].gather(1, i / 2))  # strided
        part = i[:, 4:].contiguous() if length % 4 == 0 else i
        assert same(
            x.cuda().scatter_add_(1, part.cuda(), source.cuda()).cpu(), x.clone().scatter_add_(1, part, source)
        )  # a source that is larger


@needs_gpu
def test_gather_of_many_finds_the_first_bad_index() -> None:
    x, i = torch.rand(2100, 1024), whole_numbers(1024, 2100, 1024)
    assert same(x.cuda().gather(1, i.cuda()).cpu(), x.gather(1, i))
    for where, bad in ((5, 1024), (2_000_000, -1), (2100 * 1024 - 1, 1 << 40)):
        j = i.clone()
        j.view(-1)[-1] = 4096
        j.view(-1)[where] = bad
        for source in (x, x[:, :1024].t().contiguous().t()):
            with pytest.raises(IndexError) as found:
                source.cuda().gather(1, j.cuda())
            assert f"index {bad} at place {where} is out of range for a dimension of size 1024" in str(found.value)
    y = torch.zeros(2100, 1024).cuda()
    with pytest.raises(IndexError):
        y.scatter_add_(1, j.cuda(), x.cuda())
    assert float(y.abs().sum()) == 0  # nothing was added


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_by_index(dtype: torch.dtype) -> None:
    torch.manual_seed(4)
    for size, dim, count in (
        ((5000, 2048), 0, 700),
        ((3, 900, 3000), 1, 500),
        ((40000, 1), 0, 90000),
        ((700, 13), 0, 1),
        ((7, 5), 0, 0),
    ):
        x, i = numbers(*size, dtype=dtype), whole_numbers(size[dim], count)
        assert same(x.cuda().index_select(dim, i.cuda()).cpu(), x.index_select(dim, i))
    wide = numbers(300, 40000, dtype=dtype)
    i = whole_numbers(300, 600) - 300
    assert same(wide.cuda()[i.cuda()].cpu(), wide[i])
    assert same(wide.cuda()[:, :-1][i.cuda()].cpu(), wide[:, :-1][i])


@needs_gpu
def test_rows_by_a_bad_index() -> None:
    x, i = torch.rand(4000, 4096).cuda(), whole_numbers(4000, 100_000)
    for where, bad in ((0, 4000), (99_999, -4001), (50_001, 1 << 40)):
        j = i.clone()
        j[where] = bad
        with pytest.raises(IndexError, match=f"index {bad} at place {where} is out of range for a dimension of size 4000"):
            x.index_select(0, j.cuda())
    out = torch.full((100_000, 8), 5.0).cuda()
    with pytest.raises(IndexError):
        torch.index_select(x[:, :8].contiguous(), 0, j.cuda(), out=out)
    assert bool((out == 5).all())


def changes(x: torch.Tensor, i: torch.Tensor, rows: torch.Tensor) -> dict[str, Callable[[], Any]]:
    """Whatever writes at indices: i names slices of x's first dimension, `rows` elements of its rows."""
    ones, flat = torch.ones_like(x), x.view(-1)
    return {
        "index_add_": lambda: x.index_add_(0, i, ones[: len(i)]),
        "index_copy_": lambda: x.index_copy_(0, i, ones[: len(i)]),
        "index_fill_": lambda: x.index_fill_(0, i, 2),
        "index_add_ to its own memory": lambda: x.index_add_(0, i, x[: len(i)]),
        "scatter_": lambda: x.scatter_(1, rows, ones),
        "scatter_ of one": lambda: x.scatter_(1, rows[:, :1], ones[:, :1]),
        "scatter_ a number": lambda: x.scatter_(1, rows, 2),
        "scatter_add_": lambda: x.scatter_add_(1, rows, ones),
        "put_": lambda: flat.put_(i, ones.view(-1)[: len(i)]),
        "put_ accumulated": lambda: flat.put_(i, ones.view(-1)[: len(i)], accumulate=True),
    }


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64])
@pytest.mark.parametrize("size", [(40, 50), (300, 2048)])  # the second has rows that blocks hold
def test_a_bad_index_changes_nothing(dtype: torch.dtype, size: tuple[int, int]) -> None:
    torch.manual_seed(9)
    x = numbers(*size, dtype=dtype).cuda()
    before, version = x.clone(), x._version
    i, rows = whole_numbers(size[0], 30), whole_numbers(size[1], size[0] * size[1]).view(*size)
    i[17] = x.numel() + 5
    rows[size[0] - 1, 0] = size[1]
    for name, change in changes(x, i.cuda(), rows.cuda()).items():
        with pytest.raises(IndexError, match="is out of range for a dimension of size"):
            change()
        assert same(x, before), name
        assert x._version == version, name
    empty = x[:0].clone()
    with pytest.raises(IndexError, match="index 0 at place 0 is out of range for a dimension of size 0"):
        empty.index_fill_(0, torch.zeros(1, dtype=torch.int64).cuda(), 2)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_good_index_changes_what_it_names(dtype: torch.dtype) -> None:
    torch.manual_seed(10)
    size = (300, 2048)
    x = whole_numbers(7, size[0] * size[1]).view(*size).to(dtype)
    i, rows = whole_numbers(size[0], 30), whole_numbers(size[1], size[0] * size[1]).view(*size)
    here, there = x.clone(), x.cuda()
    on_host, on_device = changes(here, i, rows), changes(there, i.cuda(), rows.cuda())
    for name in on_host:
        on_host[name]()
        version = there._version
        on_device[name]()
        assert same(there.cpu(), here), name
        assert there._version > version, name


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [3, 1000, 70_000, 500_000])  # from few to more than there are places
def test_the_last_of_several_indices_decides(count: int, dtype: torch.dtype) -> None:
    torch.manual_seed(11)
    size = 400_000
    x, values = whole_numbers(7, size).to(dtype), whole_numbers(100, count).to(dtype)
    i = whole_numbers(-(-count * 2 // 3), count) * 5 % size  # most of them occur several times
    for name, change in {
        "index_copy_": lambda x, i, values: x.index_copy_(0, i - size, values),
        "put_": lambda x, i, values: x.put_(i, values),
        "scatter_": lambda x, i, values: x.scatter_(0, i, values),
        "scatter_ to every second": lambda x, i, values: x[::2].scatter_(0, i / 2, values),
        "scatter_ to columns": lambda x, i, values: x.view(2, -1).t().scatter_(0, (i / 2).view(-1, 1), values.view(-1, 1)),
        "assignment": lambda x, i, values: x.view(500, -1).__setitem__((i / 800, i % 800), values),
        "assignment of a number": lambda x, i, values: x.view(500, -1).__setitem__((i / 800, i % 800), 8),
    }.items():
        here, there = x.clone(), x.cuda()
        change(here, i, values)
        change(there, i.cuda(), values.cuda())
        assert same(there.cpu(), here), name


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_that_are_added_and_copied(dtype: torch.dtype) -> None:
    torch.manual_seed(12)
    for size, dim in (((50, 64), 0), ((3, 50, 64), 1), ((3, 50, 6), 1), ((50, 3, 32), 0), ((9, 50), 1), ((50, 65), 0)):
        i = whole_numbers(50, 80) - 25
        x, values = numbers(*size, dtype=dtype), numbers(*size[:dim], 80, *size[dim + 1 :], dtype=dtype)
        room = torch.zeros(x.numel() + 1).to(dtype)
        for shifted in (False, True):  # in memory that is not aligned
            for change in ("index_add_", "index_copy_"):
                here = room[1:].view(*size).copy_(x) if shifted else x.clone()
                there = room.cuda()[1:].view(*size).copy_(x) if shifted else x.cuda()
                getattr(here, change)(dim, i, values)
                getattr(there, change)(dim, i.cuda(), values.cuda())
                assert same(there.cpu(), here), (size, change)


@needs_gpu
def test_few_indices_of_many_places_need_little_memory() -> None:
    x, i = torch.zeros(100_000_000, device="cuda"), torch.randperm(1000, device="cuda") * 99_999
    torch.cuda.reset_max_memory_allocated()
    before = torch.cuda.memory_allocated()
    x.put_(i, torch.ones(1000, device="cuda"))
    x[i] = torch.ones(1000, device="cuda")
    x.scatter_(0, i, torch.ones(1000, device="cuda"))
    assert torch.cuda.max_memory_allocated() - before < 1 << 20


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_transpositions(dtype: torch.dtype) -> None:
    torch.manual_seed(5)
    x = numbers(130, 67, 200, dtype=dtype)
    y = x.cuda()
    for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        assert same(y.permute(*order).contiguous().cpu(), x.permute(*order).contiguous())
        some = (slice(3, 100), slice(1, 60), slice(2, 190, 3))
        assert same(y[some].permute(*order).contiguous().cpu(), x[some].permute(*order).contiguous())
        to, there = (
            torch.zeros(200, 130, 67).to(dtype).permute(1, 2, 0),
            torch.zeros(200, 130, 67).to(dtype).cuda().permute(1, 2, 0),
        )
        to[:, 1:].copy_(x[:, 1:])
        there[:, 1:].copy_(y[:, 1:])
        assert same(there.cpu(), to)
    wide = numbers(16, 70_000, dtype=dtype)
    assert same(wide.cuda().t().contiguous().cpu(), wide.t().contiguous())
    assert same(wide.t().contiguous().cuda().t().contiguous().cpu(), wide)
    square = numbers(300, 300, dtype=dtype)
    there = square.cuda()
    assert same(there.copy_(there.t()).cpu(), square.t())  # its own memory
    assert same(there.view(300, 300, 1).expand(300, 300, 20).permute(2, 1, 0).contiguous().cpu()[7], square)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_products_of_sparse_matrices(dtype: torch.dtype) -> None:
    torch.manual_seed(6)
    for rows, columns, width, count in ((500, 300, 64, 9000), (7, 400, 12, 3000), (90_000, 40, 8, 500), (20, 30, 5, 100)):
        index = torch.stack([whole_numbers(rows, count), whole_numbers(columns, count)])
        values, dense = numbers(count, dtype=dtype), numbers(columns, width, dtype=dtype)
        ordered = index[:, index[0].sort()[1]]
        for i in (index, ordered):
            product = torch._C.ops._sparse_mm(i, values, dense, rows)
            assert same(torch._C.ops._sparse_mm(i.cuda(), values.cuda(), dense.cuda(), rows).cpu(), product)
        bad: list[Any] = [(0, count - 1, rows, rows), (1, 5, -1, columns), (0, 0, -7, rows)]
        for line, place, entry, size in bad:
            wrong = ordered.clone()
            wrong[line, place] = entry
            with pytest.raises(
                IndexError, match=f"index {entry} at place {place} is out of range for a dimension of size {size}"
            ):
                torch._C.ops._sparse_mm(wrong.cuda(), values.cuda(), dense.cuda(), rows)


@needs_gpu
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_grids_of_many_channels(dtype: torch.dtype) -> None:
    torch.manual_seed(7)
    shapes = [
        ((2, 32, 9, 11), (7, 6)),
        ((1, 27, 5, 4), (3, 3)),
        ((2, 70, 8, 8), (8, 5)),
        ((2, 29, 3, 4, 5), (3, 4, 5)),
        ((1, 33, 2, 2), (9, 9)),
    ]
    for size, places in shapes:
        dims = len(places)
        x, grid = torch.rand(*size).to(dtype), (torch.rand(size[0], *places, dims) * 2.6 - 1.3).to(dtype)
        g = torch.rand(size[0], size[1], *places).to(dtype)
        for mode in ("zeros", "border"):
            results = []
            for place in ("cpu", "cuda"):
                kind = torch.float32 if place == "cpu" and dtype is torch.float16 else dtype  # the host has no Half there
                a, b = (t.detach().to(place, kind).detach().requires_grad_() for t in (x, grid))
                y = torch.nn.functional.grid_sample(a, b, padding_mode=mode)
                results.append([y.detach(), *torch.autograd.grad(y, [a, b], g.to(place, kind))])
            for on_host, on_device in zip(*results, strict=True):
                assert_close(on_device.cpu(), on_host.to(dtype), 2e-2 if dtype is torch.float16 else 1e-4)


@needs_gpu
def test_a_million_numbers_of_a_seed() -> None:
    for n, draw in ((1_000_003, torch.randn), (1_000_003, torch.rand), (1_000_000, torch.randperm)):
        torch.manual_seed(8)
        on_host = draw(n)
        torch.manual_seed(8)
        assert same(draw(n, device="cuda").cpu(), on_host)
    torch.manual_seed(8)
    on_host = torch.zeros(100_001).normal_(-0.25, 3.5)
    torch.manual_seed(8)
    assert same(torch.zeros(100_001).cuda().normal_(-0.25, 3.5).cpu(), on_host)
