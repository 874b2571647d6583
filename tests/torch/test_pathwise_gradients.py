"""Gradients of samples that come from rejection: gamma, beta and Dirichlet laws, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import scipy.stats as st

import torch
from torch import distributions as dist

SHAPES = [0.001, 0.05, 0.4, 0.99, 1.0, 1.5, 3.0, 20.0, 400.0, 1e4]
QUANTILES = [1e-6, 0.02, 0.3, 0.5, 0.8, 0.999]


def double(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def slope(below: Callable[[mpmath.mpf], mpmath.mpf], a: float, log_density: mpmath.mpf) -> float:
    """-(dF/da) / p, of the cumulative function in mpmath."""
    with mpmath.workdps(40):
        return float(-mpmath.diff(below, mpmath.mpf(a), h=mpmath.mpf(a) * mpmath.mpf(10) ** -10) / mpmath.exp(log_density))


@pytest.mark.parametrize("a", SHAPES)
def test_gamma_slope(a: float) -> None:
    for q in QUANTILES:
        x = float(st.gamma(a).ppf(q))
        if x < 1e-150:
            continue
        # The smaller of both tails, so that mpmath's digits suffice.
        ends, sign = ((0, x), 1) if x < a else ((x, mpmath.inf), -1)
        density = (a - 1) * mpmath.log(x) - x - mpmath.loggamma(a)
        expected = slope(lambda t, ends=ends, sign=sign: sign * mpmath.gammainc(t, *ends, regularized=True), a, density)
        found = torch._C.ops._standard_gamma_grad(double(a), double(x), False).item()
        assert found == pytest.approx(expected, rel=1e-9), q
        by_logarithm = torch._C.ops._standard_gamma_grad(double(a), double(math.log(x)), True).item()
        assert by_logarithm * x == pytest.approx(expected, rel=1e-8), q


@pytest.mark.parametrize("a", SHAPES[1:-1])
@pytest.mark.parametrize("b", [0.05, 0.9, 1.0, 2.5, 60.0])
def test_beta_slope(a: float, b: float) -> None:
    for q in QUANTILES:
        # The distance from the nearer end, from SciPy of the law seen from there.
        x, y = float(st.beta(a, b).ppf(q)), float(st.beta(b, a).isf(q))
        if min(x, y) < 1e-60:
            continue
        place = x if x <= 0.5 else -y
        lower = x <= a / (a + b)
        with mpmath.workdps(40):
            mx, my = (mpmath.mpf(x), 1 - mpmath.mpf(x)) if x <= 0.5 else (1 - mpmath.mpf(y), mpmath.mpf(y))
            density = (a - 1) * mpmath.log(mx) + (b - 1) * mpmath.log(my) - mpmath.log(mpmath.beta(a, b))
        expected = slope(
            lambda t, mx=mx, my=my, lower=lower: (
                mpmath.betainc(t, b, 0, mx, regularized=True) if lower else -mpmath.betainc(b, t, 0, my, regularized=True)
            ),
            a,
            density,
        ) / float(my)
        found = torch._C.ops._beta_grad(double(place), double(a), double(b)).item()
        assert found == pytest.approx(expected, rel=1e-7), (q, x, y)


def test_float32_slopes() -> None:
    """Fewer nodes, and still the digits of float32."""
    rng = np.random.default_rng(1)
    a, b = (np.exp(rng.uniform(-3, 6, 3000)) for _ in range(2))
    u = rng.uniform(0.001, 0.999, 3000)
    x, y = st.gamma(a).ppf(u), st.beta(a, b).ppf(u)
    a, b, x, place = (torch.from_numpy(v).float() for v in (a, b, x, np.where(y <= 0.5, y, -st.beta(b, a).isf(u))))
    for found, exact in (
        (torch._C.ops._standard_gamma_grad(a, x, False), torch._C.ops._standard_gamma_grad(a.double(), x.double(), False)),
        (torch._C.ops._beta_grad(place, a, b), torch._C.ops._beta_grad(place.double(), a.double(), b.double())),
    ):
        np.testing.assert_allclose(found.numpy(), exact.numpy(), rtol=1e-6, atol=1e-30)


def held_quantile(make: Callable[..., dist.Distribution], peer: Callable[..., st.rv_frozen], *values: float) -> None:
    """The gradient of each sample against finite differences of the inverse cumulative function."""
    parameters = [torch.full((50,), value, dtype=torch.float64, requires_grad=True) for value in values]
    torch.manual_seed(3)
    x = make(*parameters).rsample()
    grads = torch.autograd.grad(x.sum(), parameters)
    u = peer(*values).cdf(x.detach().numpy())
    inside = (u > 1e-4) & (u < 1 - 1e-4)
    assert inside.sum() > 40
    for k, value in enumerate(values):
        h = 1e-5 * value
        up, down = ([*values[:k], value + step, *values[k + 1 :]] for step in (h, -h))
        expected = (peer(*up).ppf(u) - peer(*down).ppf(u)) / (2 * h)
        np.testing.assert_allclose(grads[k].numpy()[inside], expected[inside], rtol=2e-5, atol=1e-8)


@pytest.mark.parametrize(("a", "rate"), [(0.4, 1.0), (1.0, 3.0), (7.0, 0.2), (900.0, 5.0)])
def test_gamma_holds_the_quantile(a: float, rate: float) -> None:
    held_quantile(dist.Gamma, lambda a, rate: st.gamma(a, scale=1 / rate), a, rate)


@pytest.mark.parametrize("df", [0.8, 5.0, 300.0])
def test_chi2_holds_the_quantile(df: float) -> None:
    held_quantile(dist.Chi2, st.chi2, df)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (0.4, 3.0), (2.0, 0.6), (4.0, 9.0), (150.0, 40.0)])
def test_beta_holds_the_quantile(a: float, b: float) -> None:
    held_quantile(dist.Beta, st.beta, a, b)


def mean_gradient(make: Callable[..., dist.Distribution], value: Callable[[torch.Tensor], torch.Tensor],
                  *parameters: torch.Tensor,
                  count: int = 100_000) -> tuple[list[np.ndarray], list[np.ndarray]]:  # fmt: skip
    """The mean over samples of the gradients of value(sample), with their standard errors."""
    copies = [p.expand(count, *p.shape).contiguous().requires_grad_() for p in parameters]
    torch.manual_seed(4)
    grads = torch.autograd.grad(value(make(*copies).rsample()).sum(), copies)
    return [g.numpy().mean(0) for g in grads], [g.numpy().std(0) / count**0.5 for g in grads]


@pytest.mark.parametrize("concentration", [(1.0, 1.0), (0.3, 0.4, 2.0), (5.0, 20.0, 0.1, 1.0)])
def test_dirichlet_is_right_in_the_mean(concentration: tuple[float, ...]) -> None:
    """d E[sum of w x^2] / d concentration, known exactly."""
    a = double(*concentration).requires_grad_()
    w = torch.arange(1, len(concentration) + 1, dtype=torch.float64)
    exact = (w * a * (a + 1)).sum() / (a.sum() * (a.sum() + 1))
    (expected,) = torch.autograd.grad(exact, a)
    (mean,), (error,) = mean_gradient(dist.Dirichlet, lambda x: (w * x * x).sum(-1), a.detach())
    assert (np.abs(mean - expected.numpy()) < 4 * error + 1e-12).all()
    assert (error < 0.05).all()


def test_student_is_right_in_the_mean() -> None:
    """E[log(1 + t^2 / df)] is digamma((df + 1) / 2) - digamma(df / 2)."""
    df = double(3.0).requires_grad_()
    exact = ((df + 1) / 2).digamma() - (df / 2).digamma()
    (expected,) = torch.autograd.grad(exact.sum(), df)

    def value(t: torch.Tensor) -> torch.Tensor:
        return (t * t / 3).log1p()

    # The mean's own dependence on df, through 1 + t^2 / df, is the mean of -t^2 / df^2 / (1 + t^2 / df).
    own = -(1 - 3 / 4) / 3  # t^2 / (df + t^2) is a beta number of mean 1 / (df + 1)
    (mean,), (error,) = mean_gradient(dist.StudentT, value, df.detach())
    assert abs(mean[0] + own - expected.item()) < 4 * error[0]


def test_fisher_is_right_in_the_mean() -> None:
    """The mean, df2 / (df2 - 2)."""
    df1, df2 = double(4.0), double(14.0)
    (first, second), (error1, error2) = mean_gradient(dist.FisherSnedecor, lambda x: x, df1, df2)
    assert abs(first[0]) < 4 * error1[0]
    assert abs(second[0] + 2 / 144) < 4 * error2[0]


def test_small_concentrations() -> None:
    """Where every gamma number underflows, a Dirichlet sample is still a vector of sum 1."""
    for dtype in (torch.float32, torch.float64):
        a = torch.full((1000, 3), 1e-4, dtype=dtype, requires_grad=True)
        torch.manual_seed(0)
        x = dist.Dirichlet(a).rsample()
        np.testing.assert_allclose(x.sum(-1).detach().numpy(), 1, rtol=1e-6)
        shares = (x > 0.5).double().mean(0)
        np.testing.assert_allclose(shares.numpy(), 1 / 3, atol=0.06)
        x.sum().backward()
        assert np.isfinite(a.grad.numpy()).all()
        tiny = dist.Gamma(a.detach(), 1.0).sample()
        assert (tiny > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_concentrations_far_apart(dtype: torch.dtype) -> None:
    """1e-12 beside 1e12: the first number grows with its concentration and falls with the other one, without nan."""
    sizes = 10.0 ** np.arange(-12, 13, 3)
    pairs = torch.tensor([(a, b) for a in sizes for b in sizes], dtype=dtype).unsqueeze(1).expand(81, 40, 2).contiguous()
    pairs.requires_grad_()
    torch.manual_seed(0)
    x = dist.Dirichlet(pairs).rsample()
    x[..., 0].sum().backward()
    grad = pairs.grad.numpy()
    assert np.isfinite(grad).all() and (grad[..., 0] >= 0).all() and (grad[..., 1] <= 0).all()
    # dx/da of a gamma number has the mean 1.
    shapes = torch.tensor(sizes[4:], dtype=dtype).unsqueeze(-1).expand(5, 20_000).contiguous().requires_grad_()
    dist.Gamma(shapes, 1.0).rsample().sum().backward()
    np.testing.assert_allclose(shapes.grad.numpy().mean(-1), 1, atol=0.02)


def test_no_second_derivative_is_an_error() -> None:
    a = double(2.0).requires_grad_()
    for x in (dist.Gamma(a, 1.0).rsample(), dist.Beta(a, 1.0).rsample()):
        (grad,) = torch.autograd.grad(x.sum(), a, create_graph=True)
        with pytest.raises(RuntimeError, match="samples of gamma, beta and Dirichlet distributions have no second derivative"):
            grad.sum().backward()
