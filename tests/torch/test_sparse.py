"""Sparse tensors beside their dense forms and SciPy's rules."""

from __future__ import annotations

from typing import Any

import pytest

import torch


def random_pair(size: tuple[int, ...], sparse: int, nnz: int, dtype: torch.dtype = torch.float64) -> tuple[Any, torch.Tensor]:
    """A sparse tensor with repeated indices, and the dense one that adding them up gives."""
    index = torch.stack([torch.randint(0, extent, (nnz,)).long() for extent in size[:sparse]])
    values = torch.randint(-5, 6, (nnz, *size[sparse:])).to(dtype)
    dense = torch.zeros(*size, dtype=dtype)
    for n in range(nnz):
        place = tuple(int(i) for i in index[:, n])
        dense[place] += values[n]
    return torch.sparse_coo_tensor(index, values, size), dense


CASES = [((3, 4), 2, 10), ((5,), 1, 3), ((2, 3, 4), 3, 30), ((3, 4, 2), 2, 6), ((3, 4), 1, 5), ((3, 4), 2, 0)]


@pytest.mark.parametrize(("size", "sparse", "nnz"), CASES)
def test_coalesce_and_dense(size: tuple[int, ...], sparse: int, nnz: int) -> None:
    x, dense = random_pair(size, sparse, nnz)
    assert x._nnz() == nnz and x.size() == size and x.dim() == len(size) and x.type() == "torch.sparse.DoubleTensor"
    assert torch.equal(x.to_dense(), dense) and torch.equal(x.toDense(), dense)
    y = x.coalesce()
    assert y.is_coalesced() and torch.equal(y.to_dense(), dense) and y.coalesce() is y
    columns = [tuple(column) for column in y._indices().t().tolist()]
    assert columns == sorted(set(columns)) and y._values().size(0) == len(columns)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8])
def test_arithmetic(dtype: torch.dtype) -> None:
    (x, a), (y, b) = random_pair((3, 4), 2, 6, dtype), random_pair((3, 4), 2, 7, dtype)
    assert torch.equal((x + y).to_dense(), a + b) and torch.equal(x.add(y, 2).to_dense(), a + b * 2)
    assert torch.equal((x * y).to_dense(), a * b) and torch.equal((x * 3).to_dense(), a * 3)
    if dtype != torch.uint8:
        assert torch.equal((x - y).to_dense(), a - b)
    z = x.clone()
    assert z.add_(y) is z and torch.equal(z.to_dense(), a + b) and torch.equal(x.to_dense(), a)
    if dtype == torch.float32:
        assert torch.equal((x / 2).coalesce().to_dense(), a / 2) and torch.equal(z.div_(4).to_dense(), (a + b) / 4)
    assert torch.equal(z.zero_().to_dense(), torch.zeros(3, 4, dtype=dtype)) and z._nnz() == 0


def test_products() -> None:
    x, a = random_pair((3, 4), 2, 8)
    m = torch.randn(4, 2, dtype=torch.float64)
    for product in (x.mm(m), x.spmm(m), x @ m, x.sspmm(m).to_dense(), x.hspmm(m).to_dense()):
        assert (product - a.mm(m)).abs().max().item() < 1e-12
    y, b = random_pair((3, 2), 2, 3)
    assert (y.sspaddmm(x, m, 2, 3).to_dense() - (b * 2 + a.mm(m) * 3)).abs().max().item() < 1e-12
    assert torch.equal(x.spadd(torch.ones(3, 4, dtype=torch.float64), 2), a * 2 + 1)


def test_transposes() -> None:
    x, a = random_pair((3, 4), 2, 8)
    assert torch.equal(x.t().to_dense(), a.t()) and torch.equal(x.transpose(0, -1).to_dense(), a.t()) and x.size() == (3, 4)
    assert x.t_() is x and x.size() == (4, 3) and torch.equal(x.to_dense(), a.t())


def test_construction() -> None:
    x = torch.sparse.FloatTensor(torch.tensor([[0, 2]]), torch.tensor([1.0, 2.0]))
    assert x.size() == (3,) and x.dtype == torch.float32 and x.layout == torch.sparse_coo and x.is_sparse
    assert torch.sparse.FloatTensor(2, 3).to_dense().tolist() == [[0] * 3] * 2
    assert torch.sparse.LongTensor().size() == (0,)
    assert torch.sparse_coo_tensor([[1]], [2], dtype=torch.float64).to_dense().tolist() == [0, 2]
    assert x.resizeAs_(torch.sparse.FloatTensor(4, 5)).size() == (4, 5)
    assert "nnz=2" in repr(torch.sparse_coo_tensor([[0, 1]], [1.0, 2.0]))


def test_the_layout_of_creation_functions() -> None:
    for make in (torch.zeros, torch.empty):
        for size in ((2, 3), ((2, 3),), ([2, 3],)):
            x = make(*size, layout=torch.sparse_coo, dtype=torch.float64, device="cpu", requires_grad=True)
            assert (x.type(), x.size(), x._nnz(), x.requires_grad) == ("torch.sparse.DoubleTensor", (2, 3), 0, True)
    assert torch.zeros(2, layout=torch.sparse_coo).dtype == torch.float32
    x, a = random_pair((3, 4), 2, 5)
    for like in (torch.zeros_like, torch.empty_like):
        assert type(like(x)) is type(x) and like(x).size() == (3, 4) and like(x)._nnz() == 0
        assert like(a, layout=torch.sparse_coo).is_sparse and like(x, dtype=torch.int64).type() == "torch.sparse.LongTensor"
    assert torch.equal(torch.zeros_like(x, layout=torch.strided), torch.zeros_like(a))
    for make in (torch.ones, torch.rand):
        with pytest.raises(RuntimeError, match=r"only torch.strided"):
            make(2, layout=torch.sparse_coo)
    with pytest.raises(RuntimeError, match="CUDA|strided"):
        torch.zeros(2, layout=torch.sparse_coo, device="cuda")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: torch.sparse_coo_tensor([[0, 5]], [1.0, 2.0], (3,)), "0 to 5: must be from 0 to 2"),
        (lambda: torch.sparse_coo_tensor([[-1]], [1.0], (3,)), "must be from 0 to 2"),
        (lambda: torch.sparse_coo_tensor([[0, 1]], [1.0]), "values"),
        (lambda: torch.sparse_coo_tensor([0, 1], [1.0, 2.0]), "indices"),
        (lambda: torch.sparse_coo_tensor([[0]], [1.0], (3, 3)), "size"),
        (lambda: torch.sparse.FloatTensor(-1), "sizes must be"),
        (lambda: torch.sparse.FloatTensor(2, 3) + torch.sparse.FloatTensor(3, 2), "must agree"),
        (lambda: torch.sparse.FloatTensor(2, 3).mm(torch.ones(2, 2)), "inner ones"),
        (lambda: torch.sparse.FloatTensor(2, 3, 4).t(), "sparse matrix"),
        (lambda: torch.sparse.FloatTensor(2).get_device(), "get_device"),
    ],
)
def test_errors(make: Any, text: str) -> None:
    with pytest.raises(RuntimeError, match=text):
        make()


def test_dense_operations_refuse_sparse_tensors() -> None:
    x = torch.sparse.FloatTensor(2)
    for call in (lambda: torch.ones(2) * x, lambda: torch.mm(torch.ones(2, 2), x), lambda: torch.cat([x, x])):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(TypeError, match=r"not with Tensor \(the other way round, add\(dense, sparse\) is dense\)"):
        x + torch.ones(2)
    for call in (lambda: torch.ones(3) + x, lambda: torch.ones(3).add_(x), lambda: torch.ones(2).double().add(x)):
        with pytest.raises(RuntimeError, match="must agree"):
            call()


def test_more_elements_than_can_be_counted() -> None:
    x = torch.sparse_coo_tensor([[2**40], [2**40]], [1.0])
    assert x._nnz() == 1 and x.size(0) == 2**40 + 1
    with pytest.raises(RuntimeError, match=r"\[sparse\] size, .*: more elements than an integer of 64 bits can count"):
        x.coalesce()
