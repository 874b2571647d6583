"""Products of integers on a CUDA device: the host's to the bit, wherever sums wrap around."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import torch

from .test_cuda import INTEGERS, needs_gpu, same


def bits(dtype: torch.dtype, *size: int) -> torch.Tensor:
    """All bits at random."""
    torch.manual_seed(sum(size))
    low, high = torch.randint(2**31, size, dtype=torch.int64), torch.randint(2**31, size, dtype=torch.int64)
    return (high * 2**33 + low * 5).to(dtype)


def minus(x: torch.Tensor, number: int) -> int:
    """-number, or what it is in a dtype without signs."""
    return 256 - number if x.dtype == torch.uint8 else -number


# What m (33 x 65), n (65 x 70), v (65), w (33) and batches a (4 x 33 x 65), b (4 x 65 x 70) give.
PRODUCTS: dict[str, Callable[..., torch.Tensor]] = {
    "mm": lambda m, n, v, w, a, b: torch.mm(m, n),
    "mm, transposed": lambda m, n, v, w, a, b: torch.mm(n.t(), m.t()),
    "mm, steps": lambda m, n, v, w, a, b: torch.mm(m[::2, ::3], n[::3, 1::2]),
    "mm, into a view": lambda m, n, v, w, a, b: torch.mm(m, n, out=m.new_zeros(70, 33).t()),
    "mm, a column": lambda m, n, v, w, a, b: torch.mm(m, n[:, 3:4]),
    "mm, a row": lambda m, n, v, w, a, b: torch.mm(m[5:6], n),
    "mm, expanded": lambda m, n, v, w, a, b: torch.mm(m[:, :1].expand(33, 65), n),
    "mm, nothing to add": lambda m, n, v, w, a, b: torch.mm(m[:, :0], n[:0]),
    "mm, nothing": lambda m, n, v, w, a, b: torch.mm(m[:0], n),
    "addmm": lambda m, n, v, w, a, b: torch.addmm(3, n[:33], minus(m, 2), m, n),
    "addmm, a row": lambda m, n, v, w, a, b: torch.addmm(n[0], m, n),
    "addmm_": lambda m, n, v, w, a, b: n[:33].clone().addmm_(m, n, beta=5, alpha=7),
    "mv": lambda m, n, v, w, a, b: torch.mv(m, v),
    "mv, transposed": lambda m, n, v, w, a, b: torch.mv(m.t(), w),
    "addmv": lambda m, n, v, w, a, b: torch.addmv(w, m, v, beta=minus(m, 1), alpha=4),
    "dot": lambda m, n, v, w, a, b: torch.dot(v, n[:, 3]),
    "dot, of nothing": lambda m, n, v, w, a, b: torch.dot(v[:0], w[:0]),
    "ger": lambda m, n, v, w, a, b: torch.ger(v, w),
    "addr": lambda m, n, v, w, a, b: torch.addr(m, w, v, beta=2, alpha=3),
    "bmm": lambda m, n, v, w, a, b: torch.bmm(a, b),
    "bmm, transposed": lambda m, n, v, w, a, b: torch.bmm(b.transpose(1, 2), a.transpose(1, 2)),
    "bmm, one matrix for all": lambda m, n, v, w, a, b: torch.bmm(m.expand(4, 33, 65), b),
    "baddbmm": lambda m, n, v, w, a, b: torch.baddbmm(b[:, :33], a, b, beta=3, alpha=minus(m, 5)),
    "addbmm": lambda m, n, v, w, a, b: torch.addbmm(n[:33], a, b, beta=3, alpha=minus(m, 5)),
    "matmul, batches by a matrix": lambda m, n, v, w, a, b: torch.matmul(a, n),
    "matmul, a matrix by batches": lambda m, n, v, w, a, b: torch.matmul(m, b),
    "matmul, batches by a vector": lambda m, n, v, w, a, b: a @ v,
    "einsum": lambda m, n, v, w, a, b: torch.einsum("bij,bjk->ik", [a, b]),
    "linear": lambda m, n, v, w, a, b: torch.nn.functional.linear(m, n.t()),
}


@needs_gpu
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_integers_are_the_hosts_to_the_bit(name: str, dtype: torch.dtype) -> None:
    sizes = [(33, 65), (65, 70), (65,), (33,), (4, 33, 65), (4, 65, 70)]
    operands = [bits(dtype, *size) for size in sizes]
    assert same(PRODUCTS[name](*(x.cuda() for x in operands)), PRODUCTS[name](*operands))


@needs_gpu
@pytest.mark.parametrize("dtype", INTEGERS)
def test_large_products(dtype: torch.dtype) -> None:
    for m, k, n in [(513, 300, 260), (3, 20_000, 5), (1, 500_000, 1), (2000, 2000, 1), (1, 3000, 2000), (40_000, 3, 2)]:
        a, b = bits(dtype, m, k), bits(dtype, k, n)
        want = torch.mm(a, b)
        for left in (a.cuda(), a.t().cuda().t()):
            for right in (b.cuda(), b.t().cuda().t()):
                assert same(torch.mm(left, right), want)


@needs_gpu
def test_outputs_that_are_operands_too() -> None:
    for dtype in INTEGERS:
        a = bits(dtype, 70, 70)
        there = a.cuda()
        torch.mm(there, there.t(), out=there)
        assert same(there, a @ a.t())
        there = a.cuda()
        there[:35].addmm_(there[35:], there)
        assert same(there[:35], torch.addmm(a[:35], a[35:], a))


@needs_gpu
@pytest.mark.parametrize(
    "call",
    [
        lambda x: torch.mm(x, x),
        lambda x: torch.addmm(x.t(), x.t(), x, alpha=0.5),
        lambda x: torch.addmm(x, x.t(), x, beta=1 << 40),
        lambda x: torch.mv(x, x[:, 0]),
        lambda x: torch.bmm(x, x),
        lambda x: torch.mm(x, x.t().float()),
    ],
)
def test_what_the_host_refuses(call: Callable[[torch.Tensor], object]) -> None:
    x = torch.ones(2, 3, dtype=torch.int32)
    for place in ("cpu", "cuda"):
        with pytest.raises(RuntimeError, match=r"\[\w+\]|mismatch|expected"):
            call(x.to(place))
