"""Products, equations and decompositions against NumPy: both dtypes, layouts, shapes, what is singular, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import torch

DTYPES = [np.dtype("f4"), np.dtype("f8")]
both = pytest.mark.parametrize("dtype", DTYPES, ids=str)


def numbers(*shape: int, dtype: np.dtype[Any], seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def close(found: torch.Tensor, wanted: Any, scale: float = 1.0) -> None:
    tolerance = (2e-4 if found.dtype == torch.float32 else 1e-11) * scale
    np.testing.assert_allclose(found.numpy(), wanted, rtol=tolerance, atol=tolerance)


@both
def test_equations(dtype: np.dtype[Any]) -> None:
    a, b = numbers(5, 5, dtype=dtype), numbers(5, 2, dtype=dtype, seed=1)
    for layout in (a, np.ascontiguousarray(a.T).T):
        x, lu = torch.gesv(torch.from_numpy(b), torch.from_numpy(layout))
        close(x, np.linalg.solve(a, b), 10)
        assert x.stride() == (1, 5)
        assert lu.shape == (5, 5)
    close(torch.from_numpy(a).inverse(), np.linalg.inv(a), 10)
    triangle = np.tril(a) + 4 * np.eye(5, dtype=dtype)
    close(torch.trtrs(torch.from_numpy(b), torch.from_numpy(triangle), upper=False)[0], np.linalg.solve(triangle, b))
    transposed = torch.trtrs(torch.from_numpy(b), torch.from_numpy(triangle), False, True)[0]
    close(transposed, np.linalg.solve(triangle.T, b))
    tall = numbers(7, 3, dtype=dtype, seed=2)
    right = numbers(7, 2, dtype=dtype, seed=3)
    close(torch.gels(torch.from_numpy(right), torch.from_numpy(tall))[0][:3], np.linalg.lstsq(tall, right, rcond=None)[0], 10)
    wide = numbers(3, 7, dtype=dtype, seed=4)
    close(torch.gels(torch.from_numpy(b[:3]), torch.from_numpy(wide))[0], np.linalg.lstsq(wide, b[:3], rcond=None)[0], 10)


@both
def test_determinants(dtype: np.dtype[Any]) -> None:
    for n in (0, 1, 2, 5):
        a = numbers(n, n, dtype=dtype, seed=n)
        close(torch.det(torch.from_numpy(a)), np.linalg.det(a), 10)
        sign, logarithm = torch.slogdet(torch.from_numpy(a))
        wanted = np.linalg.slogdet(a)
        close(sign, wanted[0])
        close(logarithm, wanted[1], 10)
    singular = torch.ones(3, 3, dtype=torch.float64)
    assert torch.det(singular).item() == 0
    assert [t.item() for t in torch.slogdet(singular)] == [0, -np.inf]
    assert torch.logdet(singular).item() == -np.inf
    assert np.isnan(torch.logdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]])).item())


def test_gradient_of_a_singular_determinant() -> None:
    a = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64, requires_grad=True)
    torch.det(a).backward()
    np.testing.assert_allclose(a.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-12)


@both
def test_definite(dtype: np.dtype[Any]) -> None:
    m = numbers(4, 4, dtype=dtype)
    a = m @ m.T + np.eye(4, dtype=dtype)
    b = numbers(4, 2, dtype=dtype, seed=1)
    for upper in (True, False):
        u = torch.potrf(torch.from_numpy(a), upper)
        close(u, np.linalg.cholesky(a).T if upper else np.linalg.cholesky(a), 10)
        close(torch.potrs(torch.from_numpy(b), u, upper), np.linalg.solve(a, b), 10)
        close(torch.potri(u, upper), np.linalg.inv(a), 10)
        factor, pivots = torch.pstrf(torch.from_numpy(a), upper)
        order = pivots.numpy()
        assert sorted(order.tolist()) == [0, 1, 2, 3]  # 0.4's count from 0, LAPACK's and THTensor_pstrf's from 1
        product = factor.t() @ factor if upper else factor @ factor.t()
        close(product, a[order][:, order], 10)
        assert pivots.dtype == torch.int32


@both
def test_of_nothing_comes_nothing(dtype: np.dtype[Any]) -> None:
    empty = torch.from_numpy(numbers(0, 0, dtype=dtype))
    assert [out.numel() for out in torch.pstrf(empty)] == [0, 0]
    assert [out.numel() for out in torch.symeig(empty, True)] == [0, 0]
    assert [out.numel() for out in torch.geqrf(empty)] == [0, 0]
    assert [out.numel() for out in torch.svd(empty)] == [0, 0, 0]
    assert torch.svd(torch.from_numpy(numbers(0, 3, dtype=dtype)))[1].shape == (0,)


@both
@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (1, 1), (0, 3)], ids=str)
def test_svd_and_qr(dtype: np.dtype[Any], shape: tuple[int, int]) -> None:
    a = numbers(*shape, dtype=dtype)
    x = torch.from_numpy(a)
    u, s, v = torch.svd(x)
    assert u.shape == (shape[0], min(shape))
    assert v.shape == (shape[1], min(shape))
    close(s, np.linalg.svd(a, compute_uv=False) if a.size else np.zeros(0), 10)
    if a.size:
        close((u * s) @ v.t(), a, 10)
        full_u, _, full_v = torch.svd(x, some=False)
        close(full_u.t() @ full_u, np.eye(shape[0]), 10)
        assert full_v.shape == (shape[1], shape[1])
        close(torch.pinverse(x), np.linalg.pinv(a), 100)
        q, r = torch.qr(x)
        close(q @ r, a, 10)
        close(q.t() @ q, np.eye(min(shape)), 10)
        assert np.array_equal(r.numpy(), np.triu(r.numpy()))
        reflectors, tau = torch.geqrf(x)
        close(torch.orgqr(reflectors, tau), q.numpy(), 10)
        close(torch.ormqr(reflectors, tau, x, True, True)[: min(shape)], r.numpy(), 10)
    zeros = torch.svd(x, compute_uv=False)
    assert float(zeros[0].abs().sum()) == 0


@both
def test_eigenvalues(dtype: np.dtype[Any]) -> None:
    a = numbers(5, 5, dtype=dtype)
    symmetric = a + a.T
    e, v = torch.symeig(torch.from_numpy(symmetric), eigenvectors=True)
    close(e, np.linalg.eigvalsh(symmetric), 10)
    close(torch.from_numpy(symmetric) @ v, (v * e).numpy(), 100)
    assert torch.symeig(torch.from_numpy(symmetric))[1].numel() == 0
    values, vectors = torch.eig(torch.from_numpy(a), True)
    found = np.sort_complex(values.numpy()[:, 0].astype("f8") + 1j * values.numpy()[:, 1])
    np.testing.assert_allclose(found, np.sort_complex(np.linalg.eigvals(a.astype("f8"))), atol=1e-4)
    assert vectors.shape == (5, 5)


@both
def test_batches(dtype: np.dtype[Any]) -> None:
    a, b = numbers(9, 4, 4, dtype=dtype), numbers(9, 4, dtype=dtype, seed=1)
    lu, pivots = torch.btrifact(torch.from_numpy(a))
    close(torch.btrisolve(torch.from_numpy(b), lu, pivots), np.linalg.solve(a, b[..., None])[..., 0], 100)
    p, low, high = torch.btriunpack(lu, pivots)
    close(torch.bmm(torch.bmm(p, low), high), a, 10)
    a[3] = 0
    info = torch.btrifact_with_info(torch.from_numpy(a))[2]
    assert info.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    with pytest.raises(RuntimeError, match=r"\[btrifact\] Lapack Error"):
        torch.btrifact(torch.from_numpy(a))


def test_outputs_keep_their_layout() -> None:
    a = torch.rand(3, 3, dtype=torch.float64) + 3 * torch.eye(3, dtype=torch.float64)
    out = torch.empty(3, 3, dtype=torch.float64)
    torch.inverse(a, out=out)
    assert out.stride() == (3, 1)
    close(out, np.linalg.inv(a.numpy()))
    torch.inverse(a, out=a)
    close(a, out.numpy())


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
        ("i,j->ij", [(2,), (3,)]),
        ("ii->i", [(3, 3)]),
        ("ii", [(3, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij->", [(2, 3)]),
        ("bn,anm,bm->ba", [(2, 3), (4, 3, 5), (2, 5)]),
        ("ij,ij->i", [(2, 3), (2, 3)]),
        ("abc,cd,e->bde", [(2, 3, 4), (4, 2), (3,)]),
        ("...ij,...jk->...ik", [(4, 2, 3), (3, 5)]),
        ("ik,kj", [(2, 3), (3, 4)]),
        ("iij,j->i", [(3, 3, 2), (2,)]),
        (" i j , j k -> k i ", [(2, 3), (3, 4)]),
    ],
)
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [numbers(*shape, dtype=np.dtype("f8"), seed=i) for i, shape in enumerate(shapes)]
    tensors = [torch.from_numpy(a).requires_grad_() for a in arrays]
    found = torch.einsum(equation, tensors)
    np.testing.assert_allclose(found.detach().numpy(), np.einsum(equation, *arrays), rtol=1e-12, atol=1e-12)
    assert torch.autograd.gradcheck(lambda *xs: torch.einsum(equation, list(xs)), tensors)


def test_half_products() -> None:
    a, b = numbers(30, 40, dtype=np.dtype("f2")), numbers(40, 20, dtype=np.dtype("f2"), seed=1)
    x, y = torch.from_numpy(a), torch.from_numpy(b)
    wanted = a.astype("f4") @ b.astype("f4")
    found = x @ y
    assert found.dtype == torch.float16
    np.testing.assert_allclose(found.numpy(), wanted, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(torch.mv(x, y[:, 0]).numpy(), wanted[:, 0], rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(torch.bmm(x.unsqueeze(0), y.unsqueeze(0))[0].numpy(), wanted, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.inverse(torch.zeros(2, 2)), r"\[inverse\] Lapack Error inverse : U\(1,1\) is 0, U is singular"),
        (lambda: torch.inverse(torch.zeros(2, 3)), r"\[inverse\] A should be square, but is 2 x 3"),
        (lambda: torch.gesv(torch.zeros(3, 1), torch.eye(2)), r"\[gesv\] Expected A and b to have same dim at 0"),
        (lambda: torch.potrf(-torch.eye(2)), r"\[potrf\] .*the leading minor of order 1 is not positive definite"),
        (lambda: torch.svd(torch.ones(2)), r"\[svd\] A should have 2 dimensions, but has 1"),
        (lambda: torch.det(torch.ones(2, 2).long()), r"\[det\] not implemented for Long"),
        (lambda: torch.gesv(torch.ones(2, 1), torch.eye(2).double()), r"\[gesv\] B is Float, expected Double"),
        (lambda: torch.btrifact(torch.ones(1, 2, 2), pivot=False), r"\[btrifact\] pivot, False"),
        (lambda: torch.einsum("ij,jk->ik", [torch.ones(2, 3)]), r"\[einsum\]"),
        (lambda: torch.einsum("ij->iz", [torch.ones(2, 3)]), r"\[einsum\]"),
        (lambda: torch.einsum("ij,jk->ik", [torch.ones(2, 3), torch.ones(4, 2)]), r"\[einsum\]"),
        (lambda: torch.eig(torch.eye(2, requires_grad=True))[0].sum().backward(), "derivative .* is not implemented"),
    ],
)
def test_errors(call: Callable[[], object], message: str) -> None:
    with pytest.raises((RuntimeError, ValueError), match=message):
        call()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["eig", "symeig", "svd", "pinverse"])
def test_iterations_need_finite_elements(name: str, bad: float, capfd: pytest.CaptureFixture[str]) -> None:
    """LAPACK would write words to the terminal, or find wrong numbers."""
    a = torch.tensor([[1.0, bad], [2.0, 3.0]])
    with pytest.raises(RuntimeError, match=rf"A, an element is {bad}: all must be finite"):
        getattr(torch, name)(a)
    assert capfd.readouterr() == ("", "")


def test_symeig_does_not_look_at_the_other_triangle() -> None:
    a = torch.tensor([[2.0, float("nan")], [1.0, 2.0]])
    close(torch.symeig(a, upper=False)[0], [1, 3])
    close(torch.symeig(a.t())[0], [1, 3])
