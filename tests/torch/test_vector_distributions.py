"""Distributions of vectors, and relaxed ones, against SciPy, sums, integrals and each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.integrate
import scipy.stats as st
from distribution_cases import COVARIANCE

import torch
from torch import distributions as dist
from torch.autograd import gradcheck
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
from torch.distributions.relaxed_categorical import ExpRelaxedCategorical

MEANS = [[0.0, 1.0], [2.0, 3.0]]


def double(values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


FORMS = {
    "covariance_matrix": double(COVARIANCE),
    "precision_matrix": torch.from_numpy(np.linalg.inv(COVARIANCE)),
    "scale_tril": torch.from_numpy(np.linalg.cholesky(COVARIANCE)),
}


@pytest.mark.parametrize("form", FORMS)
def test_multivariate_normal(form: str) -> None:
    """All three forms are the same distribution, and SciPy's."""
    d = dist.MultivariateNormal(double(MEANS), validate_args=True, **{form: FORMS[form]})
    for name, matrix in FORMS.items():
        np.testing.assert_allclose(getattr(d, name).numpy(), matrix.numpy(), rtol=1e-12, atol=1e-14)
    x = double([[0.3, -1.0], [5.0, 2.0]])
    for k in range(2):
        oracle = st.multivariate_normal(MEANS[k], COVARIANCE[k])
        assert d.log_prob(x)[k].item() == pytest.approx(oracle.logpdf(x[k].numpy()), rel=1e-12)
        assert d.entropy()[k].item() == pytest.approx(oracle.entropy(), rel=1e-12)
        np.testing.assert_allclose(d.variance[k].numpy(), np.diag(COVARIANCE[k]), rtol=1e-12)
    torch.manual_seed(0)
    drawn = d.sample((100_000,)).numpy()
    for k in range(2):
        np.testing.assert_allclose(np.cov(drawn[:, k].T), COVARIANCE[k], atol=0.06)
        np.testing.assert_allclose(drawn[:, k].mean(0), MEANS[k], atol=0.03)


@pytest.mark.parametrize("form", FORMS)
def test_multivariate_normal_gradients(form: str) -> None:
    """Through the factorisation; a symmetric matrix is given by a free one."""
    loc, free = double(MEANS).requires_grad_(), FORMS[form].clone().requires_grad_()

    def make(loc: torch.Tensor, free: torch.Tensor) -> dist.MultivariateNormal:
        matrix = free.tril() if form == "scale_tril" and free.dim() == 2 else free
        return dist.MultivariateNormal(
            loc, **{form: matrix if form == "scale_tril" else (matrix + matrix.transpose(-2, -1)) / 2}
        )

    def sample(loc: torch.Tensor, free: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(1)
        return make(loc, free).rsample((2,))

    if form != "scale_tril":  # what is above the diagonal of a factor is not looked at by all of its uses
        assert gradcheck(sample, (loc, free))
        assert gradcheck(lambda loc, free: make(loc, free).log_prob(double([0.5, 0.7])), (loc, free))
    assert gradcheck(lambda loc: make(loc, free.detach()).log_prob(double([0.5, 0.7])), (loc,))


def test_multivariate_normal_shapes() -> None:
    one = dist.MultivariateNormal(torch.zeros(3), torch.eye(3))
    assert (one.batch_shape, one.event_shape) == ((), (3,))
    assert one.sample().shape == (3,) and one.sample((2, 5)).shape == (2, 5, 3)
    assert one.log_prob(torch.zeros(4, 3)).shape == (4,)
    many = dist.MultivariateNormal(torch.zeros(4, 1, 3), torch.eye(3).expand(2, 3, 3))
    assert many.batch_shape == (4, 2) and many.rsample((5,)).shape == (5, 4, 2, 3)
    assert many.log_prob(many.sample((5,))).shape == (5, 4, 2) and many.entropy().shape == (4, 2)
    assert many.covariance_matrix.shape == (4, 2, 3, 3)
    none = dist.MultivariateNormal(torch.zeros(0, 3), torch.eye(3))
    assert none.sample((2,)).shape == (2, 0, 3) and none.log_prob(none.sample()).shape == (0,)


def test_independent() -> None:
    base = dist.Normal(torch.zeros(2, 3, dtype=torch.float64), double([1.0, 2.0, 3.0]))
    for count in range(3):
        d = dist.Independent(base, count)
        assert d.batch_shape == (2, 3)[: 2 - count] and d.event_shape == (2, 3)[2 - count :]
        x = d.rsample((4,))
        expected = base.log_prob(x).numpy().reshape(4, *d.batch_shape, -1).sum(-1)
        np.testing.assert_allclose(d.log_prob(x).numpy(), expected, rtol=1e-12)
        np.testing.assert_allclose(d.entropy().numpy(), base.entropy().numpy().reshape(*d.batch_shape, -1).sum(-1), rtol=1e-12)
        assert d.mean.tolist() == base.mean.tolist() and d.variance.tolist() == base.variance.tolist()
    bernoulli = dist.Bernoulli(torch.ones(2) / 2)
    assert dist.Independent(bernoulli, 0).enumerate_support().tolist() == bernoulli.enumerate_support().tolist()
    assert dist.Independent(bernoulli, 0).has_enumerate_support and not dist.Independent(bernoulli, 1).has_enumerate_support
    assert not dist.Independent(bernoulli, 1).has_rsample
    with pytest.raises(NotImplementedError, match="the support of several numbers together"):
        dist.Independent(bernoulli, 1).enumerate_support()


@pytest.mark.parametrize("count", [1, 4])
def test_multinomial(count: int) -> None:
    p = np.array([0.1, 0.2, 0.7])
    d = dist.Multinomial(count, double(p), validate_args=True)
    values = [v for v in itertools.product(range(count + 1), repeat=3) if sum(v) == count]
    oracle = st.multinomial(count, p)
    expected = [oracle.logpmf(v) for v in values]
    np.testing.assert_allclose(d.log_prob(double(values)).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(d.mean.numpy(), count * p)
    np.testing.assert_allclose(d.variance.numpy(), count * p * (1 - p))
    torch.manual_seed(4)
    drawn = d.sample((20_000,))
    assert (drawn.sum(-1) == count).all()
    counts = [(drawn.numpy() == v).all(-1).sum() for v in values]
    assert st.chisquare(counts, np.exp(expected) * 20_000).pvalue > 1e-3
    batch = dist.Multinomial(count, torch.rand(2, 5, 3))
    assert batch.sample((7, 1)).shape == (7, 1, 2, 5, 3)
    assert dist.Multinomial(0, torch.ones(3)).sample((2,)).tolist() == [[0.0] * 3] * 2


def test_one_hot_categorical() -> None:
    p = double([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    d, places = dist.OneHotCategorical(p, validate_args=True), dist.Categorical(p)
    torch.manual_seed(6)
    drawn = d.sample((10_000,))
    torch.manual_seed(6)
    assert (drawn.max(-1)[1] == places.sample((10_000,))).all() and (drawn.sum(-1) == 1).all()
    assert d.log_prob(drawn).tolist() == places.log_prob(drawn.max(-1)[1]).tolist()
    np.testing.assert_allclose(d.entropy().numpy(), places.entropy().numpy())
    np.testing.assert_allclose(drawn.mean(0).numpy(), d.mean.numpy(), atol=0.02)
    np.testing.assert_allclose(d.variance.numpy(), (p * (1 - p)).numpy())
    assert d.enumerate_support()[:, 0].tolist() == torch.eye(3).tolist()


def test_impossible_values() -> None:
    """Probabilities of 0 and 1 are exact, not clamped."""
    assert dist.Bernoulli(double([0.0, 1.0])).log_prob(double([1.0, 0.0])).tolist() == [-np.inf, -np.inf]
    assert dist.Bernoulli(double([0.0, 1.0])).log_prob(double([0.0, 1.0])).tolist() == [0, 0]
    assert dist.Bernoulli(logits=double([np.inf, -np.inf])).entropy().tolist() == [0, 0]
    assert dist.Categorical(double([0.0, 1.0])).log_prob(torch.tensor([0, 1])).tolist() == [-np.inf, 0]
    assert dist.Categorical(double([0.0, 1.0])).entropy().item() == 0
    assert (dist.Categorical(double([0.0, 1.0])).sample((1000,)) == 1).all()
    assert dist.Binomial(3, double(1.0)).log_prob(double([3.0, 2.0])).tolist() == [0, -np.inf]
    assert dist.Geometric(double(1.0)).sample((100,)).sum().item() == 0
    assert dist.Geometric(double(1.0)).entropy().item() == 0


def test_gradients_beside_impossible_values() -> None:
    """What has no probability takes no part in the gradient: no nan."""
    p = double([0.0, 1.0, 0.25]).requires_grad_()
    dist.Bernoulli(p).log_prob(double([0.0, 1.0, 1.0])).sum().backward()
    assert p.grad.tolist() == [-1, 1, 4]
    weights = double([0.0, 1.0, 3.0]).requires_grad_()
    dist.Categorical(weights).log_prob(torch.tensor(1)).backward()
    np.testing.assert_allclose(weights.grad.numpy(), [-0.25, 0.75, -0.25])
    for d in (dist.Bernoulli, dist.Categorical, dist.OneHotCategorical):
        p.grad.zero_()
        d(p).entropy().sum().backward()
        assert np.isfinite(p.grad.numpy()).all()
    x = double([0.0, 1.0]).requires_grad_()
    dist.Beta(double(1.0), double(1.0)).log_prob(x).sum().backward()
    assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_relaxed_bernoulli(temperature: float) -> None:
    """A density; its samples follow it, and round to Bernoulli numbers."""
    d = dist.RelaxedBernoulli(double(temperature), double(0.3))
    total, _ = scipy.integrate.quad(lambda x: np.exp(d.log_prob(double(x)).item()), 0, 1, points=[1e-4, 1 - 1e-4], limit=200)
    assert total == pytest.approx(1, abs=1e-3)
    torch.manual_seed(2)
    drawn = d.sample((20_000,)).numpy()
    # P(X <= x) = sigmoid(temperature logit(x) - logit(p))
    law = st.kstest(drawn, lambda x: 1 / (1 + np.exp(-(temperature * np.log(x / (1 - x)) - np.log(0.3 / 0.7)))))
    assert law.pvalue > 1e-3
    assert (drawn > 0.5).mean() == pytest.approx(0.3, abs=0.015)
    logit = LogitRelaxedBernoulli(double(temperature), double(0.3))
    x = double([0.1, 0.6])
    expected = logit.log_prob((x / (1 - x)).log()) - (x * (1 - x)).log()
    np.testing.assert_allclose(d.log_prob(x).numpy(), expected.numpy(), rtol=1e-12)
    assert d.temperature.item() == temperature and d.probs.item() == 0.3


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_relaxed_one_hot(temperature: float) -> None:
    p = double([0.2, 0.3, 0.5])
    d = dist.RelaxedOneHotCategorical(double(temperature), p)
    torch.manual_seed(3)
    drawn = d.rsample((20_000,))
    np.testing.assert_allclose(drawn.sum(-1).numpy(), 1, rtol=1e-12)
    places = np.bincount(drawn.max(-1)[1].numpy(), minlength=3)
    assert st.chisquare(places, p.numpy() * 20_000).pvalue > 1e-3
    # Maddison et al., equation 10.
    k, x = 3, double([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]])
    weights = p * x ** (-temperature - 1)
    expected = np.log(2) + (k - 1) * np.log(temperature) + weights.log().sum(-1) - k * (p * x**-temperature).sum(-1).log()
    np.testing.assert_allclose(d.log_prob(x).numpy(), expected.numpy(), rtol=1e-10)
    base = ExpRelaxedCategorical(double(temperature), p)
    np.testing.assert_allclose(base.log_prob(x.log()).numpy(), (d.log_prob(x) + x.log().sum(-1)).numpy(), rtol=1e-10)


def test_parameters_far_out() -> None:
    """float32 with large parameters loses no more than its last digits; float64 reaches far into tails."""
    single, exact = dist.Gamma(torch.tensor(1e6), 1.0), dist.Gamma(double(1e6), 1.0)
    assert single.log_prob(torch.tensor(1e6)).item() == pytest.approx(exact.log_prob(double(1e6)).item(), rel=1e-6)
    assert dist.Beta(torch.tensor(1e6), 1e6).entropy().item() == pytest.approx(st.beta(1e6, 1e6).entropy(), rel=1e-5)
    assert dist.StudentT(double(1e12)).log_prob(double(1.0)).item() == pytest.approx(st.norm.logpdf(1), rel=1e-9)
    assert dist.Normal(double(0.0), 1.0).cdf(double(-30.0)).item() == pytest.approx(st.norm.cdf(-30), rel=1e-10)
    assert dist.Laplace(double(0.0), 1.0).cdf(double(-300.0)).item() == pytest.approx(st.laplace.cdf(-300), rel=1e-10)
    assert dist.Cauchy(double(0.0), 1.0).cdf(double(-1e20)).item() == pytest.approx(st.cauchy.cdf(-1e20), rel=1e-10)
    assert dist.Cauchy(double(0.0), 1.0).icdf(double(1e-20)).item() == pytest.approx(st.cauchy.ppf(1e-20), rel=1e-10)
    assert dist.Cauchy(double(0.0), 1.0).log_prob(double(1e300)).item() == pytest.approx(-np.log(np.pi) - 600 * np.log(10))
    assert dist.StudentT(double(1.0)).log_prob(double(1e300)).item() == pytest.approx(-np.log(np.pi) - 600 * np.log(10))
    assert dist.Normal(double(0.0), 1.0).icdf(double(1e-300)).item() == pytest.approx(st.norm.ppf(1e-300), rel=1e-13)
    assert dist.Normal(0.0, 1.0).icdf(torch.tensor(1e-30)).item() == pytest.approx(st.norm.ppf(1e-30), rel=1e-6)
    assert dist.StudentT(double(1e12)).entropy().item() == pytest.approx(st.norm.entropy(), rel=1e-9)
    assert dist.Bernoulli(logits=double(-800.0)).log_prob(double(1.0)).item() == -800
    assert dist.Poisson(torch.tensor(1e6)).log_prob(torch.tensor(1e6)).item() == pytest.approx(
        st.poisson(1e6).logpmf(1e6), rel=1e-5
    )
    assert dist.Exponential(double(1e-300)).cdf(double(1.0)).item() == pytest.approx(1e-300)
    big = dist.Binomial(10**6, torch.tensor(0.25)).sample((2000,))
    assert big.mean().item() == pytest.approx(250_000, rel=2e-4) and big.std().item() == pytest.approx(433, rel=0.1)
