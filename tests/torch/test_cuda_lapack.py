"""Equations and decompositions on a CUDA device: what was decomposed comes back as a product, and bad matrices are
refused as on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import torch

from .test_cuda import assert_close, needs_gpu

DTYPES = [torch.float32, torch.float64]
SHAPES = [(5, 5), (6, 4), (4, 6), (1, 1), (130, 70), (70, 130)]


def tolerance_of(dtype: torch.dtype) -> float:
    return 1e-10 if dtype == torch.float64 else 1e-3


def matrix(dtype: torch.dtype, *size: int) -> torch.Tensor:
    torch.manual_seed(3)
    return torch.randn(*size, dtype=torch.float64).to(dtype)


def positive(dtype: torch.dtype, n: int) -> torch.Tensor:
    a = matrix(torch.float64, n, n)
    return (a @ a.t() + torch.eye(n).double()).to(dtype)


def assert_orthonormal(q: torch.Tensor) -> None:
    assert_close(q.t() @ q, torch.eye(q.size(1)).to(q.dtype), tolerance_of(q.dtype))


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_factors(shape: tuple[int, int], dtype: torch.dtype) -> None:
    host = matrix(dtype, *shape)
    a, tolerance = host.cuda(), tolerance_of(dtype)
    q, r = torch.qr(a)
    assert [q.shape, r.shape] == [x.shape for x in torch.qr(host)] and q.stride() == torch.qr(host)[0].stride()
    assert_close(q @ r, host, tolerance)
    assert_orthonormal(q)
    reflectors, tau = torch.geqrf(a)
    assert_close(torch.orgqr(reflectors, tau), q.cpu(), tolerance)
    other = matrix(dtype, shape[0], 3)
    for transpose in (False, True):
        want = torch.ormqr(reflectors.cpu(), tau.cpu(), other, True, transpose)
        assert_close(torch.ormqr(reflectors, tau, other.cuda(), True, transpose), want, tolerance)
        want = torch.ormqr(reflectors.cpu(), tau.cpu(), other.t(), False, transpose)
        assert_close(torch.ormqr(reflectors, tau, other.t().cuda(), False, transpose), want, tolerance)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_singular_values(shape: tuple[int, int], dtype: torch.dtype) -> None:
    host = matrix(dtype, *shape)
    k, tolerance = min(shape), tolerance_of(dtype)
    for some in (True, False):
        u, s, v = torch.svd(host.cuda(), some)
        wanted = torch.svd(host, some)
        assert [u.shape, s.shape, v.shape] == [x.shape for x in wanted]
        assert_close(s, wanted[1], tolerance)
        assert_close((u[:, :k] * s) @ v[:, :k].t(), host, tolerance)
        assert_orthonormal(u)
        assert_orthonormal(v)
    for one, other in zip(torch.svd(host.cuda(), compute_uv=False), torch.svd(host, compute_uv=False), strict=True):
        assert_close(one, other, tolerance)


def with_values(dtype: torch.dtype, rows: int, values: torch.Tensor) -> torch.Tensor:
    """A matrix of `rows` rows with these singular values."""
    columns = values.size(0)
    u, v = torch.qr(matrix(torch.float64, rows, columns))[0], torch.qr(matrix(torch.float64, columns, columns))[0]
    return ((u * values) @ v.t()).to(dtype)


VALUES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {  # of x from 0 to 1
    "sound": lambda x: 2 - x,
    "badly conditioned": lambda x: torch.pow(10.0, -14 * x),
    "a few digits": lambda x: torch.pow(10.0, -5 * x),
    "deficient": lambda x: (x < 0.5).double() * (1 + x),
    "repeated": lambda x: 0 * x + 3,
    "zero": lambda x: 0 * x,
    "large": lambda x: 1e30 * (2 - x),
    "small": lambda x: 1e-30 * (2 - x),
}


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", VALUES)
def test_singular_values_have_the_digits_that_the_dtype_holds(name: str, dtype: torch.dtype) -> None:
    for rows, columns in [(3, 3), (40, 40), (200, 50), (150, 150), (300, 140)]:
        host = with_values(dtype, rows, VALUES[name](torch.arange(columns).double() / (columns - 1)))
        want = torch.svd(host.double(), compute_uv=False)[1]
        unit = (4 * columns + 64) * (2.0**-52 if dtype == torch.float64 else 2.0**-23)
        for a in (host, host.t()):
            u, s, v = (x.double().cpu() for x in torch.svd(a.cuda()))
            eye = torch.eye(columns).double()
            for q in (u, v):
                assert (q.t() @ q - eye).norm().item() <= unit
            assert ((u * s) @ v.t() - a.double()).norm().item() <= unit * want[0].item()
            assert (s - want).abs().max().item() <= unit * want[0].item()
            assert bool((s[1:] <= s[:-1]).all()) and bool((s >= 0).all())
            alone = torch.svd(a.cuda(), compute_uv=False)[1].double().cpu()
            assert (alone - want).abs().max().item() <= unit * want[0].item()


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("upper", [False, True])
def test_eigenvalues(upper: bool, dtype: torch.dtype) -> None:
    host, tolerance = positive(dtype, 40), tolerance_of(dtype)
    e, v = torch.symeig(host.cuda(), True, upper)
    assert_close((v * e) @ v.t(), host, tolerance)
    assert_orthonormal(v)
    e, v = torch.symeig(host.cuda(), False, upper)
    assert_close(e, torch.symeig(host, False, upper)[0], tolerance)
    assert v.numel() == 0
    general = matrix(dtype, 7, 7)
    e, v = torch.eig(general.cuda(), True)
    want = torch.eig(general)[0].sort(0)[0]
    assert_close(e.cpu().sort(0)[0], want, tolerance)
    wide, j = general.double(), 0
    while j < 7:  # a conjugate pair is (v[:, j], +-v[:, j + 1])
        real, imaginary = (x.item() for x in e[j])
        x, y = v[:, j].cpu().double(), v[:, j + 1].cpu().double() if imaginary else torch.zeros(7).double()
        assert_close(wide @ x, real * x - imaginary * y, tolerance)
        assert_close(wide @ y, imaginary * x + real * y, tolerance)
        j += 2 if imaginary else 1


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
def test_least_squares(dtype: torch.dtype) -> None:
    for shape in SHAPES:
        a, b = matrix(dtype, *shape), matrix(dtype, shape[0], 3)
        for one, other in zip(torch.gels(b.cuda(), a.cuda()), torch.gels(b, a), strict=True):
            assert_close(one, other, tolerance_of(dtype))
    zero = torch.zeros(3, 2, dtype=dtype)
    for one, other in zip(torch.gels(zero.cuda() + 1, zero.cuda()), torch.gels(zero + 1, zero), strict=True):
        assert_close(one, other)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 4, 33])
def test_batches(n: int, dtype: torch.dtype) -> None:
    a = matrix(dtype, 7, n, n) + torch.eye(n).to(dtype) * 3
    lu, pivots, info = torch.btrifact_with_info(a.cuda())
    want = torch.btrifact_with_info(a)
    assert pivots.tolist() == want[1].tolist() and info.tolist() == want[2].tolist()
    assert_close(lu, want[0], tolerance_of(dtype))
    for b in (matrix(dtype, 7, n), matrix(dtype, 7, n, 2)):
        x = torch.btrisolve(b.cuda(), lu, pivots)
        assert x.shape == b.shape
        columns = x if x.dim() == 3 else x.unsqueeze(2)
        assert_close(a.cuda().bmm(columns).view(b.shape), b, tolerance_of(dtype))


REFUSED: dict[str, Callable[[torch.Tensor], Any]] = {
    "gesv": lambda m: torch.gesv(m[:, :1], m),
    "inverse": torch.inverse,
    "potrf": torch.potrf,
    "potri": torch.potri,
    "trtrs": lambda m: torch.trtrs(m[:, :1], m),
    "btrifact": lambda m: torch.btrifact(m.unsqueeze(0)),
    "not square": lambda m: torch.inverse(m[:2]),
    "three dimensions": lambda m: torch.inverse(m.unsqueeze(0)),
    "two dtypes": lambda m: torch.gesv(m.double(), m),
    "pivots": lambda m: torch.btrisolve(m[:1], m.unsqueeze(0), torch.full((1, 3), 9, dtype=torch.int32, device=m.device)),
    "nan, svd": lambda m: torch.svd(m / 0),
    "nan, symeig": lambda m: torch.symeig(m / 0),
    "nan, eig": lambda m: torch.eig(m / 0),
}


@needs_gpu
@pytest.mark.parametrize("name", REFUSED)
def test_what_the_host_refuses(name: str) -> None:
    with pytest.raises(RuntimeError) as on_host:
        REFUSED[name](torch.zeros(3, 3))
    with pytest.raises(RuntimeError) as on_device:
        REFUSED[name](torch.zeros(3, 3, device="cuda"))
    assert str(on_device.value) == str(on_host.value)


WITHOUT_ELEMENTS: dict[str, Callable[[torch.Tensor], Any]] = {
    "svd": torch.svd,
    "svd, all": lambda m: torch.svd(m, False),
    "qr": torch.qr,
    "geqrf": torch.geqrf,
    "gels": lambda m: torch.gels(m.new_ones(m.size(0), 2), m),
    "pinverse": torch.pinverse,
}
SQUARE_WITHOUT_ELEMENTS: dict[str, Callable[[torch.Tensor], Any]] = {
    "inverse": torch.inverse,
    "det": torch.det,
    "slogdet": torch.slogdet,
    "potrf": torch.potrf,
    "symeig": lambda m: torch.symeig(m, True),
    "eig": lambda m: torch.eig(m, True),
    "gesv": lambda m: torch.gesv(m.new_ones(m.size(0), 2), m),
    "btrifact": lambda m: torch.btrifact(m.unsqueeze(0)),
}


@needs_gpu
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
@pytest.mark.parametrize("name", [*WITHOUT_ELEMENTS, *SQUARE_WITHOUT_ELEMENTS])
def test_matrices_without_elements(name: str, shape: tuple[int, int]) -> None:
    function = WITHOUT_ELEMENTS.get(name) or SQUARE_WITHOUT_ELEMENTS[name]
    answers = []
    for device in ("cpu", "cuda"):
        try:
            found = function(torch.zeros(*shape, device=device))
            tensors = found if isinstance(found, (tuple, list)) else [found]
            answers.append(str([(x.shape, x.cpu().tolist()) for x in tensors]))
        except RuntimeError as error:
            answers.append(str(error))
    assert answers[0] == answers[1]


@needs_gpu
def test_nan_is_no_determinant_of_zero() -> None:
    bad = torch.eye(3)
    bad[1, 1] = float("nan")
    for device in ("cpu", "cuda"):
        assert str(torch.det(bad.to(device)).item()) == "nan"
        assert str(torch.slogdet(bad.to(device))[1].item()) == "nan"


@needs_gpu
def test_out_and_streams() -> None:
    a = positive(torch.float32, 50)
    out = torch.zeros(50, 50, device="cuda")
    place = out.data_ptr()
    with torch.cuda.stream(torch.cuda.Stream()):
        torch.inverse(a.cuda(), out=out)
        assert out.data_ptr() == place
        assert_close(out @ a.cuda(), torch.eye(50), 1e-3)


@needs_gpu
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("upper", [False, True])
def test_pivoted_cholesky(upper: bool, dtype: torch.dtype) -> None:
    for n in (0, 1, 2, 7, 63, 130, 1100):
        host = positive(dtype, n) if n > 0 else torch.empty(0, 0, dtype=dtype)
        want, pivots = torch.pstrf(host, upper)
        for a in (host.cuda(), host.t().cuda().t()):
            got, order = torch.pstrf(a, upper)
            assert got.shape == want.shape and order.dtype == torch.int32 and order.shape == (n,)
            if n == 0:
                continue
            if n < 10 or dtype == torch.float64:  # else rounding may decide which of two pivots is the greater one
                assert order.tolist() == pivots.tolist()
                assert_close(got, want, tolerance_of(dtype))
            factor, places = got.cpu().double(), order.cpu().long()
            assert sorted(places.tolist()) == list(range(n)) and bool((factor.diag()[1:] <= factor.diag()[:-1] * 1.001).all())
            product = factor.t() @ factor if upper else factor @ factor.t()
            assert_close(product, host.double()[places][:, places], tolerance_of(dtype))


@needs_gpu
@pytest.mark.parametrize("upper", [False, True])
def test_pivoted_cholesky_stops_at_the_rank(upper: bool) -> None:
    parts = matrix(torch.float64, 6, 3)
    deficient = parts @ parts.t()
    cases = [(deficient, -1.0, 3), (deficient, 1e-6, 3), (positive(torch.float64, 5), 1e9, 1)]
    zero, bad = torch.zeros(4, 4).double(), torch.eye(4).double()
    bad[0, 0] = float("nan")
    cases += [(zero, -1.0, 4), (-torch.eye(3).double(), -1.0, 3), (bad, -1.0, 0)]
    for host, tolerance, kept in cases:
        want, order = torch.pstrf(host, upper, tolerance)
        got, pivots = torch.pstrf(host.cuda(), upper, tolerance)
        assert sorted(pivots.tolist()) == sorted(order.tolist()) and pivots.tolist()[:kept] == order.tolist()[:kept]
        rows = slice(0, kept)
        assert_close(got[rows, rows], want[rows, rows], 1e-10)
    with pytest.raises(RuntimeError, match=r"\[pstrf\] A should be square"):
        torch.pstrf(torch.ones(2, 3).cuda())
