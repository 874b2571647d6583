"""Sparse tensors beside their dense forms and SciPy's rules."""

from __future__ import annotations

from typing import Any

import pytest

import torch


def random_pair(
    size: tuple[int, ...], sparse: int, nnz: int, dtype: torch.dtype = torch.float64, device: str = "cpu"
) -> tuple[Any, torch.Tensor]:
    """A sparse tensor with repeated indices, and the dense one that adding them up gives."""
    rows = [torch.randint(0, extent, (nnz,)).long() for extent in size[:sparse]]
    index = torch.stack(rows) if rows else torch.zeros(0, nnz, dtype=torch.int64)
    values = torch.randint(-5, 6, (nnz, *size[sparse:])).to(dtype)
    dense = torch.zeros(*size, dtype=dtype)
    for n in range(nnz):
        place = tuple(int(i) for i in index[:, n])
        dense[place] += values[n]
    return torch.sparse_coo_tensor(index, values, size, device=device), dense.to(device)


DTYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]
CASES = [
    ((3, 4), 2, 10),
    ((5,), 1, 3),
    ((2, 3, 4), 3, 30),
    ((3, 4, 2), 2, 6),
    ((3, 4), 1, 5),
    ((3, 4), 2, 0),
    ((3, 0), 1, 4),
    ((3, 4), 0, 2),
]


@pytest.mark.parametrize(("size", "sparse", "nnz"), CASES)
def test_coalesce_and_dense(size: tuple[int, ...], sparse: int, nnz: int, device: str) -> None:
    x, dense = random_pair(size, sparse, nnz, device=device)
    module = "torch.cuda.sparse" if device == "cuda" else "torch.sparse"
    assert x._nnz() == nnz and x.size() == size and x.dim() == len(size) and x.type() == f"{module}.DoubleTensor"
    assert x.is_cuda == (device == "cuda") and x.device == x._indices().device == x._values().device
    assert torch.equal(x.to_dense(), dense) and torch.equal(x.toDense(), dense)
    y = x.coalesce()
    assert y.is_coalesced() and torch.equal(y.to_dense(), dense) and y.coalesce() is y
    columns = [tuple(column) for column in y._indices().t().tolist()]
    assert columns == sorted(set(columns)) and y._values().size(0) == len(columns)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arithmetic(dtype: torch.dtype, device: str) -> None:
    (x, a), (y, b) = random_pair((3, 4), 2, 6, dtype, device), random_pair((3, 4), 2, 7, dtype, device)
    assert torch.equal((x + y).to_dense(), a + b) and torch.equal(x.add(y, 2).to_dense(), a + b * 2)
    assert torch.equal((x * y).to_dense(), a * b) and torch.equal((x * 3).to_dense(), a * 3)
    if dtype != torch.uint8:
        assert torch.equal((x - y).to_dense(), a - b)
    z = x.clone()
    assert z.add_(y) is z and torch.equal(z.to_dense(), a + b) and torch.equal(x.to_dense(), a)
    if dtype == torch.float32:
        assert torch.equal((x / 2).coalesce().to_dense(), a / 2) and torch.equal(z.div_(4).to_dense(), (a + b) / 4)
    assert torch.equal(z.zero_().to_dense(), torch.zeros(3, 4, dtype=dtype, device=device)) and z._nnz() == 0
    assert torch.equal(x.pow(2).to_dense(), a * a) and torch.equal((x**2).coalesce().to_dense(), a * a)
    if dtype != torch.uint8:  # whose negative numbers wrap
        assert x.sum().item() == torch.sum(x).item() == a.sum().item()
    assert torch.equal(b.sparse_mask(x).to_dense(), torch.where(ones_at(x).to_dense() > 0, b, torch.zeros_like(b)))


def ones_at(x: Any) -> Any:
    """Where x stores elements."""
    return torch.sparse_coo_tensor(x._indices(), torch.ones_like(x._values()), x.size())


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_of_all_dtypes(dtype: torch.dtype, device: str) -> None:
    x, a = random_pair((3, 4), 2, 8, dtype, device)
    m = torch.arange(8, device=device).view(4, 2).to(dtype)
    want = (a.cpu().long().unsqueeze(2) * m.cpu().long().unsqueeze(0)).sum(1).to(dtype)
    for product in (x.mm(m), x.sspmm(m).to_dense(), x.hspmm(m).to_dense()):
        assert torch.equal(product.cpu(), want)


def test_products(device: str) -> None:
    x, a = random_pair((3, 4), 2, 8, device=device)
    m = torch.randn(4, 2, dtype=torch.float64, device=device)
    for product in (x.mm(m), x.spmm(m), x @ m, x.sspmm(m).to_dense(), x.hspmm(m).to_dense()):
        assert (product - a.mm(m)).abs().max().item() < 1e-12
    y, b = random_pair((3, 2), 2, 3, device=device)
    assert (y.sspaddmm(x, m, 2, 3).to_dense() - (b * 2 + a.mm(m) * 3)).abs().max().item() < 1e-12
    assert torch.equal(x.spadd(torch.ones_like(a), 2), a * 2 + 1)


@pytest.mark.parametrize("nnz", [0, 8])
def test_narrow(nnz: int, device: str) -> None:
    x, a = random_pair((5, 4, 3), 2, nnz, device=device)
    for dim, start, length in ((0, 1, 3), (1, 0, 2), (1, 4, 0), (2, 1, 2), (-1, 0, 3), (-3, 4, 1)):
        for part in (x, x.coalesce()):
            found = part.narrow(dim, start, length)
            assert torch.equal(found.to_dense(), a.narrow(dim, start, length)) and found.is_coalesced() == part.is_coalesced()
            assert found.coalesce().is_coalesced() and torch.equal(part.to_dense(), a)
    for dim, start, length in ((0, 3, 3), (0, -1, 2), (1, 0, -1)):
        with pytest.raises(RuntimeError, match="must lie within"):
            x.narrow(dim, start, length)
    with pytest.raises(IndexError, match="no such"):
        x.narrow(3, 0, 1)


def test_transposes(device: str) -> None:
    x, a = random_pair((3, 4), 2, 8, device=device)
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


def test_the_layout_of_creation_functions(device: str) -> None:
    module = "torch.cuda.sparse" if device == "cuda" else "torch.sparse"
    for make in (torch.zeros, torch.empty):
        for size in ((2, 3), ((2, 3),), ([2, 3],)):
            x = make(*size, layout=torch.sparse_coo, dtype=torch.float64, device=device, requires_grad=True)
            assert (x.type(), x.size(), x._nnz(), x.requires_grad) == (f"{module}.DoubleTensor", (2, 3), 0, True)
    assert torch.zeros(2, layout=torch.sparse_coo).dtype == torch.float32
    x, a = random_pair((3, 4), 2, 5, device=device)
    for like in (torch.zeros_like, torch.empty_like):
        assert type(like(x)) is type(x) and like(x).size() == (3, 4) and like(x)._nnz() == 0
        assert like(a, layout=torch.sparse_coo).is_sparse and like(x, dtype=torch.int64).type() == f"{module}.LongTensor"
    assert torch.equal(torch.zeros_like(x, layout=torch.strided), torch.zeros_like(a))
    for make in (torch.ones, torch.rand):
        with pytest.raises(RuntimeError, match=r"only torch.strided"):
            make(2, layout=torch.sparse_coo)
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="built without CUDA|no driver|finds no device|older than"):
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


def test_more_elements_than_can_be_counted(device: str) -> None:
    x = torch.sparse_coo_tensor([[2**40], [2**40]], [1.0], device=device)
    assert x._nnz() == 1 and x.size(0) == 2**40 + 1
    with pytest.raises(RuntimeError, match=r"\[sparse\] size, .*: more elements than an integer of 64 bits can count"):
        x.coalesce()


# --- devices ------------------------------------------------------------------------------------------------------------------

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason=f"no CUDA device: {torch.cuda.unavailable_reason()}")


def test_places() -> None:
    x, a = random_pair((3, 4), 2, 5)
    assert x.cpu() is x and x.to("cpu") is x and x.to(torch.float64) is x and x.device == torch.device("cpu") and not x.is_cuda
    y = x.to(torch.float32)
    assert y.type() == "torch.sparse.FloatTensor" and torch.equal(y.to_dense(), a.float()) and x.dtype == torch.float64
    assert x.to(y).type() == "torch.sparse.FloatTensor"
    assert x.to(torch.float16).type() == "torch.sparse.HalfTensor"
    assert torch.cuda.sparse.FloatTensor is not torch.sparse.FloatTensor and not isinstance(y, torch.cuda.sparse.FloatTensor)
    if not torch.cuda.is_available():
        for use in (x.cuda, lambda: x.to("cuda"), lambda: torch.cuda.sparse.FloatTensor(2, 3)):
            with pytest.raises(RuntimeError, match="built without CUDA|no driver|finds no device|older than"):
                use()


@needs_gpu
def test_moves_between_places() -> None:
    x, a = random_pair((3, 4), 2, 5, torch.float32)
    y = x.cuda()
    assert type(y) is torch.cuda.sparse.FloatTensor and isinstance(y, torch.sparse.SparseTensor)
    assert not isinstance(y, torch.sparse.FloatTensor) and y.is_cuda and y.get_device() == 0 and y.cuda() is y
    assert "device='cuda:0', size=(3, 4), nnz=5" in repr(y) and torch.equal(y.cpu().to_dense(), a)
    assert x.to(y).is_cuda and x.to("cuda", torch.float64).type() == "torch.cuda.sparse.DoubleTensor"
    assert x.coalesce().cuda().is_coalesced() and not y.is_coalesced()
    assert torch.cuda.sparse.FloatTensor([[0, 2]], [1.0, 2.0]).to_dense().tolist() == [1, 0, 2]
    assert torch.cuda.sparse.LongTensor(2, 3).to_dense().tolist() == [[0] * 3] * 2
    value = torch.ones(2, device="cuda")
    assert torch.sparse_coo_tensor([[0, 1]], value).is_cuda
    assert torch.sparse_coo_tensor(torch.tensor([[0, 1]]).cuda(), [1.0, 2.0]).is_cuda
    assert torch.sparse_coo_tensor(torch.tensor([[0, 1]]).cuda(), value, device="cpu").type() == "torch.sparse.FloatTensor"


@needs_gpu
def test_tensors_in_different_places_are_refused() -> None:
    x, a = random_pair((3, 4), 2, 5)
    y = x.cuda()
    one_place = r"(cpu|cuda:0) and .*(cpu|cuda:0), .*(one device|expects both on)"
    for use in (lambda: x + y, lambda: y * x, lambda: a + y, lambda: a.cuda().add_(x), lambda: a.sparse_mask(y)):
        with pytest.raises(RuntimeError, match=one_place):
            use()
    for name in ("mm", "hspmm", "sspmm"):
        with pytest.raises(RuntimeError, match=one_place):
            getattr(y, name)(a.t())
    i, v = torch.tensor([[0, 1]]), torch.ones(2)
    for make, parts in (
        (torch.sparse_coo_tensor, (i, v.cuda())),
        (torch.sparse_coo_tensor, (i.cuda(), v)),
        (torch.sparse.FloatTensor, (i.cuda(), v.cuda())),
        (torch.cuda.sparse.FloatTensor, (i, v)),
    ):
        with pytest.raises(RuntimeError, match=one_place):
            make(*parts)


@needs_gpu
def test_bad_indices_on_a_device_are_exceptions() -> None:
    for index in ([[0, 5]], [[-1, 0]]):
        with pytest.raises(RuntimeError, match="must be from 0 to 2"):
            torch.sparse_coo_tensor(index, [1.0, 2.0], (3,), device="cuda")
    x = torch.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 2.0], (2, 2), device="cuda")
    for row, bad in ((0, 2), (1, -1), (0, 2**40)):
        y = x.clone()
        y._indices()[row, 1] = bad  # behind its back
        uses = [lambda y=y: y.mm(torch.eye(2, device="cuda"))]
        for use in uses if bad < 0 else [*uses, y.coalesce, y.to_dense]:
            with pytest.raises((RuntimeError, IndexError), match="out of range"):
                use()
    assert x.mm(torch.eye(2, device="cuda")).tolist() == [[0, 1], [2, 0]]


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("places", "width"), [(1, 1), (3, 4), (3, 5), (50, 1), (50, 33), (3000, 1), (3000, 3), (10**12, 2)])
def test_sums_are_the_hosts_to_the_bit(places: int, width: int, dtype: torch.dtype) -> None:
    """Long runs and short ones, narrow and wide."""
    torch.manual_seed(places + width)
    index = (torch.rand(1, 5000, dtype=torch.float64) ** 3 * places).long()
    values = (torch.randn(5000, width, dtype=torch.float64) * 100).to(dtype)
    x = torch.sparse_coo_tensor(index, values, (places, width))
    here, there = x.coalesce(), x.cuda().coalesce()
    assert there.is_cuda and torch.equal(there._indices().cpu(), here._indices())
    assert there._values().dtype == dtype and torch.equal(there._values().cpu(), here._values())


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 300, 1), (7, 300, 5), (900, 40, 33), (900, 40, 130), (5, 3, 0), (2000, 2, 4)])
def test_products_are_the_hosts_to_the_bit(shape: tuple[int, int, int], dtype: torch.dtype) -> None:
    rows, inner, columns = shape
    torch.manual_seed(sum(shape))
    index = torch.stack([(torch.rand(4000) ** 2 * rows).long(), (torch.rand(4000) * inner).long()])
    x = torch.sparse_coo_tensor(index, (torch.randn(4000) * 100).to(dtype), (rows, inner))
    dense = (torch.randn(columns, inner) * 100).to(dtype).t()
    for a in (x, x.coalesce()):
        assert torch.equal(a.cuda().mm(dense.cuda()).cpu(), a.mm(dense))
