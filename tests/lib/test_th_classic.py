"""The classic entry points that work on raw memory, THBlas_, THVector_ and THLapack_, and the tensor functions that only the
typed names have, against NumPy."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from thnn import TH, Tensor

REALS: dict[str, tuple[Any, Any]] = {
    "Byte": (np.uint8, ctypes.c_uint8), "Char": (np.int8, ctypes.c_int8), "Short": (np.int16, ctypes.c_int16),
    "Int": (np.int32, ctypes.c_int32), "Long": (np.int64, ctypes.c_int64), "Float": (np.float32, ctypes.c_float),
    "Double": (np.float64, ctypes.c_double),
}  # fmt: skip
FLOATING = ["Float", "Double"]
each_real = pytest.mark.parametrize("name", REALS)
each_floating = pytest.mark.parametrize("name", FLOATING)


def at(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def call(function: str, *arguments: Any) -> None:
    """Raises RuntimeError with the library's message."""
    given = [value.pointer if isinstance(value, Tensor) else at(value) if isinstance(value, np.ndarray) else value
             for value in arguments]  # fmt: skip
    if getattr(TH, function)(*given) != 0:
        raise RuntimeError(TH.THStatus_message().decode())


def long(value: int) -> ctypes.c_int64:
    return ctypes.c_int64(value)


@each_real
@pytest.mark.parametrize(("n", "incx", "incy"), [(0, 1, 1), (1, 3, 1), (5, 1, 1), (7, 2, 3), (6, -1, 2), (4, -2, -3)])
def test_blas_of_one_level(name: str, n: int, incx: int, incy: int) -> None:
    dtype, real = REALS[name]
    x = np.arange(1, 1 + max(1, n) * abs(incx)).astype(dtype)
    y = (np.arange(max(1, n) * abs(incy)) * 37 + 90).astype(dtype)
    of_x, of_y = (slice(None, n * abs(inc), abs(inc)) if inc > 0 else slice((n - 1) * -inc, None, inc) for inc in (incx, incy))
    expected_x, expected_y = x.copy(), y.copy()
    with np.errstate(over="ignore"):
        expected_y[of_y] += dtype(3) * expected_x[of_x][:n]
        call(f"TH{name}Blas_axpy", long(n), real(3), x, long(incx), y, long(incy))
        np.testing.assert_array_equal(y, expected_y)
        expected_x[of_x] *= dtype(5)
        call(f"TH{name}Blas_scal", long(n), real(5), x, long(abs(incx)))
        np.testing.assert_array_equal(x, expected_x)
    held = expected_x[of_x].copy()
    expected_x[of_x], expected_y[of_y] = expected_y[of_y].copy(), held
    call(f"TH{name}Blas_swap", long(n), x, long(incx), y, long(incy))
    np.testing.assert_array_equal(x, expected_x)
    np.testing.assert_array_equal(y, expected_y)
    expected_y[of_y] = expected_x[of_x]
    call(f"TH{name}Blas_copy", long(n), x, long(incx), y, long(incy))
    np.testing.assert_array_equal(y, expected_y)
    with pytest.raises(RuntimeError, match=r"\[copy\] n, -1: must not be negative"):
        call(f"TH{name}Blas_copy", long(-1), x, long(1), y, long(1))


@each_real
@pytest.mark.parametrize("n", [0, 1, 33, 5000])
def test_vectors(name: str, n: int) -> None:
    dtype, real = REALS[name]
    numbers = np.random.default_rng(n)
    x, y = (numbers.integers(1, 60, n).astype(dtype) for _ in range(2))
    z = np.zeros_like(x)
    TH.__getattr__(f"TH{name}Vector_vectorDispatchInit")()
    with np.errstate(over="ignore"):
        divide = np.true_divide if name in FLOATING else np.floor_divide
        for function, arguments, expected in (
            ("cadd", (z, x, y, real(3)), x + dtype(3) * y),
            ("adds", (z, x, real(9)), x + dtype(9)),
            ("muls", (z, x, real(7)), x * dtype(7)),
            ("divs", (z, x, real(4)), divide(x, dtype(4))),
            ("cmul", (z, x, y), x * y),
            ("cdiv", (z, x, y), divide(x, y)),
            ("fill", (z, real(6)), np.full_like(x, 6)),
            ("copy", (z, x), x),
        ):
            call(f"TH{name}Vector_{function}", *arguments, long(n))
            np.testing.assert_allclose(z, expected, rtol=1e-6)
        doubled = x * y
        call(f"TH{name}Vector_cmul", x, x, y, long(n))  # in place
        np.testing.assert_array_equal(x, doubled)


def column_major(array: np.ndarray, dtype: Any) -> np.ndarray:
    return np.asfortranarray(array.astype(dtype))


class Raw:
    """Calls LAPACK with a workspace as large as it asks for."""

    def __init__(self, name: str) -> None:
        self.name, (self.dtype, self.real) = name, REALS[name]
        self.info = ctypes.c_int(-99)

    def __call__(self, routine: str, *arguments: Any, work: bool = False) -> None:
        given = [ctypes.c_char(value.encode()) if isinstance(value, str) else value for value in arguments]
        room: list[Any] = []
        if work:
            answer = np.zeros(1, self.dtype)
            call(f"TH{self.name}Lapack_{routine}", *given, answer, -1, ctypes.byref(self.info))
            room = [np.zeros(int(answer[0]), self.dtype), int(answer[0])]
        call(f"TH{self.name}Lapack_{routine}", *given, *room, ctypes.byref(self.info))


def matrices(dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(3)
    return numbers.normal(size=(5, 5)).astype(dtype) + 4 * np.eye(5, dtype=dtype), numbers.normal(size=(5, 2)).astype(dtype)


@each_floating
def test_lapack_solves(name: str) -> None:
    lapack = Raw(name)
    a, b = matrices(lapack.dtype)
    close: dict[str, Any] = {"rtol": 2e-4 if name == "Float" else 1e-10, "atol": 1e-5 if name == "Float" else 1e-12}
    pivots = np.zeros(5, np.int32)
    lu, x = column_major(a, a.dtype), column_major(b, a.dtype)
    lapack("gesv", 5, 2, lu, 5, pivots, x, 5)
    np.testing.assert_allclose(x, np.linalg.solve(a, b), **close)
    lu, x = column_major(a, a.dtype), column_major(b, a.dtype)
    lapack("getrf", 5, 5, lu, 5, pivots)
    lapack("getrs", "T", 5, 2, lu, 5, pivots, x, 5)
    np.testing.assert_allclose(x, np.linalg.solve(a.T, b), **close)
    lapack("getri", 5, lu, 5, pivots, work=True)
    np.testing.assert_allclose(lu, np.linalg.inv(a), **close)
    x = column_major(b, a.dtype)
    lapack("trtrs", "U", "N", "N", 5, 2, column_major(a, a.dtype), 5, x, 5)
    np.testing.assert_allclose(x, np.linalg.solve(np.triu(a), b), **close)
    tall, x = column_major(a[:, :3], a.dtype), column_major(b, a.dtype)
    lapack("gels", "N", 5, 3, 2, tall, 5, x, 5, work=True)
    np.testing.assert_allclose(x[:3], np.linalg.lstsq(a[:, :3], b, rcond=None)[0], **close)
    positive = (a @ a.T).astype(a.dtype)
    c, x = column_major(positive, a.dtype), column_major(b, a.dtype)
    lapack("potrf", "L", 5, c, 5)
    np.testing.assert_allclose(np.tril(c), np.linalg.cholesky(positive), **close)
    lapack("potrs", "L", 5, 2, c, 5, x, 5)
    np.testing.assert_allclose(x, np.linalg.solve(positive, b), **close)
    lapack("potri", "L", 5, c, 5)
    np.testing.assert_allclose(np.tril(c), np.tril(np.linalg.inv(positive)), **close)


@each_floating
def test_lapack_decomposes(name: str) -> None:
    lapack = Raw(name)
    a, _ = matrices(lapack.dtype)
    close: dict[str, Any] = {"rtol": 2e-4 if name == "Float" else 1e-10, "atol": 2e-5 if name == "Float" else 1e-12}
    w, v = np.zeros(5, a.dtype), column_major(a + a.T, a.dtype)
    lapack("syev", "V", "U", 5, v, 5, w, work=True)
    np.testing.assert_allclose(w, np.linalg.eigvalsh(a + a.T), **close)
    np.testing.assert_allclose((a + a.T) @ v, v * w, **close)
    wr, wi = np.zeros(5, a.dtype), np.zeros(5, a.dtype)
    none = np.zeros(1, a.dtype)
    lapack("geev", "N", "N", 5, column_major(a, a.dtype), 5, wr, wi, none, 1, none, 1, work=True)
    np.testing.assert_allclose(np.sort_complex(wr + 1j * wi), np.sort_complex(np.linalg.eigvals(a)), **close)
    s, u, vt = np.zeros(5, a.dtype), column_major(np.zeros((5, 5)), a.dtype), column_major(np.zeros((5, 5)), a.dtype)
    lapack("gesvd", "A", "A", 5, 5, column_major(a, a.dtype), 5, s, u, 5, vt, 5, work=True)
    np.testing.assert_allclose(u * s @ vt, a, **close)
    np.testing.assert_allclose(s, np.linalg.svd(a, compute_uv=False), **close)
    tau, qr = np.zeros(5, a.dtype), column_major(a, a.dtype)
    lapack("geqrf", 5, 5, qr, 5, tau, work=True)
    r, turned = np.triu(qr), column_major(np.eye(5), a.dtype)
    lapack("ormqr", "L", "N", 5, 5, 5, qr, 5, tau, turned, 5, work=True)
    lapack("orgqr", 5, 5, 5, qr, 5, tau, work=True)
    np.testing.assert_allclose(qr @ r, a, **close)
    np.testing.assert_allclose(turned, qr, **close)
    c, places, rank = column_major(a @ a.T, a.dtype), np.zeros(5, np.int32), ctypes.c_int()
    lapack("pstrf", "U", 5, c, 5, places, ctypes.byref(rank), lapack.real(-1), np.zeros(10, a.dtype))
    upper, order = np.triu(c), places - 1
    assert rank.value == 5
    np.testing.assert_allclose(upper.T @ upper, (a @ a.T)[np.ix_(order, order)], **close)


def test_lapack_says_what_is_wrong() -> None:
    lapack = Raw("Double")
    a, b = np.zeros((2, 2)), np.zeros(2)
    with pytest.raises(RuntimeError, match=r"\[getrf\] argument 1: LAPACK calls it illegal"):
        lapack("getrf", -1, 2, a, 2, np.zeros(2, np.int32))
    lapack("gesv", 2, 1, a, 2, np.zeros(2, np.int32), b, 2)
    assert lapack.info.value == 1  # singular: the caller's to judge
    with pytest.raises(RuntimeError, match=r"\[potrf\] no LAPACK for Long"):
        call("THLapack_potrf", 4, ctypes.c_char(b"L"), 2, a, 2, ctypes.byref(lapack.info))


@each_floating
def test_alias_tables_draw_with_the_probabilities(name: str) -> None:
    dtype, _ = REALS[name]
    p = np.array([0.5, 0, 3, 1, 1.25, 0.25], dtype)
    q, places, drawn = Tensor(np.zeros(6, dtype)), Tensor(np.zeros(6, np.int64)), Tensor(np.zeros((200, 500), np.int64))
    call(f"TH{name}Tensor_multinomialAliasSetup", Tensor(p), places, q)
    columns, others = q.array.astype(np.float64), places.array
    exact = np.array([columns[k] + (1 - columns)[others == k].sum() for k in range(6)]) / 6
    np.testing.assert_allclose(exact, p / p.sum(), rtol=1e-6, atol=1e-7)
    call(f"TH{name}Tensor_multinomialAliasDraw", drawn, None, places, q)
    counts = np.bincount(drawn.array.ravel(), minlength=6)
    wanted = p / p.sum() * 100_000
    assert counts[1] == 0
    assert ((counts - wanted)[wanted > 0] ** 2 / wanted[wanted > 0]).sum() < 25  # chi square of 4 degrees: above 25 in 5e-5
    for wrong, said in (([-1.0, 2], "not negative"), ([0.0, 0], "the sum of p, 0"), ([np.nan, 1], "not negative")):
        with pytest.raises(RuntimeError, match=said):
            call(f"TH{name}Tensor_multinomialAliasSetup", Tensor(np.array(wrong, dtype)), places, q)


@pytest.mark.parametrize("name", ["Byte", "Int", "Long", "Float", "Double"])
def test_distances_and_shapes(name: str) -> None:
    dtype, real = REALS[name]
    numbers = np.random.default_rng(5)
    x, y = numbers.integers(0, 9, (3, 4)).astype(dtype), numbers.integers(0, 9, (2, 2, 2)).astype(dtype)
    r = Tensor()
    call(f"TH{name}Tensor_match", r, Tensor(x), Tensor(y), real(2))
    apart = x[:, None].astype(np.int64) - y.reshape(1, 2, 4).astype(np.int64)
    np.testing.assert_array_equal(r.array, (2 * (apart**2).sum(2)).astype(dtype))
    with pytest.raises(RuntimeError, match=r"\[match\] vectors of m1 have 3 elements, those of m2 4"):
        call(f"TH{name}Tensor_match", r, Tensor(x[:, :3]), Tensor(y), real(1))
    TH.THLongStorage_newWithSize2.restype = ctypes.c_void_p
    size = ctypes.c_void_p(TH.THLongStorage_newWithSize2(long(6), long(2)))
    t = Tensor(x, strided=True)
    call(f"TH{name}Tensor_reshape", t, t, size)
    np.testing.assert_array_equal(t.array, x.reshape(6, 2))
    for function, value in (("zeros", 0), ("ones", 1)):
        call(f"TH{name}Tensor_{function}", r, size)
        np.testing.assert_array_equal(r.array, np.full((6, 2), value, dtype))
        call(f"TH{name}Tensor_{function}Like", r, Tensor(y))
        np.testing.assert_array_equal(r.array, np.full((2, 2, 2), value, dtype))
    TH.THStorage_free(size)
    call(f"TH{name}Tensor_cinv", r, Tensor((y % 3 + 1).astype(dtype)))
    np.testing.assert_array_equal(r.array, (1 / (y % 3 + 1).astype(np.float64)).astype(dtype))
    wide = ctypes.c_double if name in FLOATING else ctypes.c_int64
    call(f"TH{name}Tensor_range", r, wide(2), wide(11), wide(3))
    np.testing.assert_array_equal(r.array, np.array([2, 5, 8, 11], dtype))
    with pytest.raises(RuntimeError, match="inconsistent with step sign"):
        call(f"TH{name}Tensor_range", r, wide(2), wide(11), wide(-3))


@each_floating
def test_floating_sequences(name: str) -> None:
    dtype, real = REALS[name]
    r, ra = Tensor(), Tensor()
    call(f"TH{name}Tensor_logspace", r, real(-2), real(2), long(9))
    np.testing.assert_allclose(r.array, np.logspace(-2, 2, 9), rtol=1e-6 if name == "Float" else 1e-14)
    call(
        f"TH{name}Tensor_range", rs := Tensor(np.zeros(1, dtype)), ctypes.c_double(0), ctypes.c_double(1), ctypes.c_double(0.1)
    )
    np.testing.assert_allclose(rs.array, np.arange(11) * 0.1, rtol=1e-6)
    size = ctypes.c_void_p(TH.THLongStorage_newWithSize2(long(100), long(50)))
    for function, mean, deviation in (("rand", 0.5, 12**-0.5), ("randn", 0, 1)):
        x = Tensor()
        call(f"TH{name}Tensor_{function}", x, None, size)
        assert x.array.shape == (100, 50)
        assert abs(x.array.mean() - mean) < 0.06 and abs(x.array.std() - deviation) < 0.05
    TH.THStorage_free(size)
    a = np.random.default_rng(1).normal(size=(4, 3)).astype(dtype)
    u, s, rv = (Tensor(np.zeros(1, dtype)) for _ in range(3))
    call(f"TH{name}Tensor_gesvd2", u, s, rv, ra, Tensor(a), b"S")
    np.testing.assert_allclose(u.array * s.array @ rv.array.T, a, atol=1e-5)
    np.testing.assert_array_equal(ra.array, a)
