"""kl_divergence: every registered pair against numeric integration, sums or means of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.stats as st

import torch
from torch import distributions as dist
from torch.autograd import gradcheck
from torch.distributions import kl
from torch.distributions.exp_family import ExponentialFamily


def t(*values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


# Two members of each family of numbers, with the quantile function of the first.
FAMILIES: dict[type, tuple[Callable[[], dist.Distribution], Callable[[], dist.Distribution], Any]] = {
    dist.Normal: (lambda: dist.Normal(t(0.5), t(2.0)), lambda: dist.Normal(t(-1.0), t(0.8)), st.norm(0.5, 2)),
    dist.HalfNormal: (lambda: dist.HalfNormal(t(2.0)), lambda: dist.HalfNormal(t(0.8)), st.halfnorm(scale=2)),
    dist.Laplace: (lambda: dist.Laplace(t(0.5), t(2.0)), lambda: dist.Laplace(t(-1.0), t(0.8)), st.laplace(0.5, 2)),
    dist.Gumbel: (lambda: dist.Gumbel(t(0.5), t(0.7)), lambda: dist.Gumbel(t(-0.3), t(1.2)), st.gumbel_r(0.5, 0.7)),
    dist.Uniform: (lambda: dist.Uniform(t(0.25), t(0.75)), lambda: dist.Uniform(t(-1.0), t(3.0)), st.uniform(0.25, 0.5)),
    dist.Exponential: (lambda: dist.Exponential(t(2.0)), lambda: dist.Exponential(t(0.6)), st.expon(scale=0.5)),
    dist.Gamma: (lambda: dist.Gamma(t(2.5), t(1.5)), lambda: dist.Gamma(t(0.8), t(0.4)), st.gamma(2.5, scale=1 / 1.5)),
    dist.Beta: (lambda: dist.Beta(t(2.0), t(3.0)), lambda: dist.Beta(t(0.7), t(1.5)), st.beta(2, 3)),
    dist.Pareto: (lambda: dist.Pareto(t(1.5), t(4.0)), lambda: dist.Pareto(t(0.2), t(1.3)), st.pareto(4, scale=1.5)),
    dist.Bernoulli: (lambda: dist.Bernoulli(t(0.3)), lambda: dist.Bernoulli(logits=t(1.0)), st.bernoulli(0.3)),
    dist.Binomial: (lambda: dist.Binomial(5, t(0.3)), lambda: dist.Binomial(5, t(0.6)), st.binom(5, 0.3)),
    dist.Geometric: (lambda: dist.Geometric(t(0.4)), lambda: dist.Geometric(t(0.2)), st.geom(0.4, loc=-1)),
    dist.Poisson: (lambda: dist.Poisson(t(2.0)), lambda: dist.Poisson(t(0.7)), st.poisson(2)),
}

VECTORS: dict[type, tuple[Callable[[], dist.Distribution], Callable[[], dist.Distribution]]] = {
    dist.Categorical: (lambda: dist.Categorical(t(0.2, 0.5, 0.3)), lambda: dist.Categorical(logits=t(0.0, 1.0, 0.3))),
    dist.OneHotCategorical: (
        lambda: dist.OneHotCategorical(t(0.2, 0.5, 0.3)),
        lambda: dist.OneHotCategorical(t(0.6, 0.1, 0.3)),
    ),
    dist.Dirichlet: (lambda: dist.Dirichlet(t(2.0, 1.0, 3.5)), lambda: dist.Dirichlet(t(0.8, 2.0, 1.1))),
    dist.MultivariateNormal: (
        lambda: dist.MultivariateNormal(t(0.0, 1.0), t([2.0, 0.5], [0.5, 1.0])),
        lambda: dist.MultivariateNormal(t(1.0, 1.0), scale_tril=t([1.0, 0.0], [0.7, 1.4])),
    ),
    dist.TransformedDistribution: (lambda: dist.LogNormal(t(0.0), t(1.0)), lambda: dist.LogNormal(t(1.0), t(2.0))),
    dist.Independent: (
        lambda: dist.Independent(dist.Normal(t(0.0, 1.0), t(1.0, 2.0)), 1),
        lambda: dist.Independent(dist.Normal(t(0.5, 0.0), t(2.0, 1.0)), 1),
    ),
}

PAIRS = sorted(kl._registered, key=lambda pair: (pair[0].__name__, pair[1].__name__))
OF_NUMBERS = [pair for pair in PAIRS if pair[0] in FAMILIES]


def integral(p: dist.Distribution, q: dist.Distribution, peer: Any) -> float:
    """The mean of log p - log q over the quantiles of p, or over its values."""

    def difference(x: float) -> float:
        return float((p.log_prob(t(x)) - q.log_prob(t(x))).item())

    if hasattr(peer.dist, "pmf"):
        return sum(float(peer.pmf(k)) * difference(k) for k in range(int(peer.ppf(1 - 1e-13)) + 1))
    pieces = [(0, 1e-4), (1e-4, 0.02), (0.02, 0.5), (0.5, 0.98), (0.98, 1 - 1e-4), (1 - 1e-4, 1)]
    return sum(scipy.integrate.quad(lambda u: difference(peer.ppf(u)), *piece, epsabs=1e-10, limit=100)[0] for piece in pieces)


@pytest.mark.parametrize(("kind_p", "kind_q"), OF_NUMBERS, ids=[f"{p.__name__}-{q.__name__}" for p, q in OF_NUMBERS])
def test_pair(kind_p: type, kind_q: type) -> None:
    p, q = FAMILIES[kind_p][0](), FAMILIES[kind_q][1]()
    found = dist.kl_divergence(p, q)
    assert found.shape == (1,)
    if found.item() != np.inf:
        assert found.item() == pytest.approx(integral(p, q, FAMILIES[kind_p][2]), rel=1e-5)
        return
    # Some value of p is impossible under q.
    values = p.sample((2000,)) if kind_p is not dist.Poisson else t(0.0, 1.0, 2.0, 7.0).unsqueeze(-1)
    q._validate_args = True
    with pytest.raises(ValueError, match="value is"):
        q.log_prob(values)


def test_every_pair_is_tested() -> None:
    rest = {pair for pair in PAIRS if pair not in OF_NUMBERS}
    assert rest == {(kind, kind) for kind in VECTORS} | {(ExponentialFamily, ExponentialFamily)}
    assert len(PAIRS) == 69


@pytest.mark.parametrize("kind", VECTORS, ids=lambda kind: kind.__name__)
def test_vectors(kind: type) -> None:
    p, q = (make() for make in VECTORS[kind])
    torch.manual_seed(1)
    x = p.sample((200_000,))
    differences = (p.log_prob(x) - q.log_prob(x)).numpy()
    found = dist.kl_divergence(p, q)
    assert found.shape == p.batch_shape
    assert found.sum().item() == pytest.approx(differences.mean(), abs=4 * differences.std() / len(differences) ** 0.5)
    assert dist.kl_divergence(p, p).sum().item() == pytest.approx(0, abs=1e-12)


EXPONENTIAL = [dist.Bernoulli, dist.Beta, dist.Dirichlet, dist.Exponential, dist.Gamma, dist.Normal, dist.Poisson]


@pytest.mark.parametrize("kind", EXPONENTIAL)
def test_bregman_divergence_and_entropy(kind: type[ExponentialFamily]) -> None:
    """What follows from the log normaliser is what the closed formulas say."""
    p, q = (FAMILIES.get(kind) or VECTORS[kind])[:2]
    general = kl._registered[ExponentialFamily, ExponentialFamily]
    np.testing.assert_allclose(general(p(), q()).numpy(), dist.kl_divergence(p(), q()).numpy(), rtol=1e-10)
    if kind is not dist.Poisson:
        np.testing.assert_allclose(ExponentialFamily.entropy(p()).numpy(), p().entropy().numpy(), rtol=1e-10)


def test_gradients() -> None:
    a, b, c, d = (value.requires_grad_() for value in (t(0.5), t(2.0), t(-1.0), t(0.7)))
    assert gradcheck(lambda a, b, c, d: dist.kl_divergence(dist.Normal(a, b), dist.Normal(c, d)), (a, b, c, d))
    assert gradcheck(lambda a, b, d: dist.kl_divergence(dist.Gamma(a, b), dist.Gamma(d, 1.0)), (a, b, d))
    general = kl._registered[ExponentialFamily, ExponentialFamily]
    assert gradcheck(lambda a, b, d: general(dist.Gamma(a, b), dist.Gamma(d, b)), (a, b, d))
    assert gradcheck(lambda a, b: ExponentialFamily.entropy(dist.Beta(a, b)), (a, b))


def test_edges() -> None:
    """Where p has no share in what q excludes, the divergence is finite."""
    assert dist.kl_divergence(dist.Bernoulli(t(0.0)), dist.Bernoulli(t(0.0))).item() == 0
    assert dist.kl_divergence(dist.Bernoulli(t(1.0)), dist.Bernoulli(t(0.25))).item() == pytest.approx(np.log(4))
    assert dist.kl_divergence(dist.Bernoulli(t(0.5)), dist.Bernoulli(t(0.0))).item() == np.inf
    assert dist.kl_divergence(dist.Categorical(t(0.0, 1.0)), dist.Categorical(t(0.0, 2.0))).item() == 0
    assert dist.kl_divergence(dist.Categorical(t(0.5, 0.5)), dist.Categorical(t(0.0, 2.0))).item() == np.inf
    unit = dist.Uniform(t(0.0), t(1.0))
    assert dist.kl_divergence(unit, dist.Uniform(t(0.1), t(1.0))).item() == np.inf
    assert dist.kl_divergence(unit, dist.Beta(t(1.0), t(1.0))).item() == pytest.approx(0, abs=1e-12)
    assert dist.kl_divergence(dist.Beta(t(1.0), t(1.0)), unit).item() == pytest.approx(0, abs=1e-12)
    assert dist.kl_divergence(dist.Uniform(t(-1.0), t(1.0)), dist.Exponential(t(1.0))).item() == np.inf
    assert dist.kl_divergence(dist.Pareto(t(1.0), t(0.9)), dist.Exponential(t(1.0))).item() == np.inf
    assert dist.kl_divergence(dist.Binomial(3, t(0.5)), dist.Binomial(2, t(0.5))).item() == np.inf
    heavy = dist.Pareto(t(1.0), t(0.9))  # its mean is infinite
    for other in (dist.Beta(t(2.0), t(3.0)), dist.Gamma(t(1.0), t(1.0)), dist.Normal(t(0.0), t(1.0))):
        assert dist.kl_divergence(other, heavy).item() == np.inf
    assert dist.kl_divergence(heavy, unit).item() == np.inf


def test_batches_are_broadcast() -> None:
    p, q = dist.Normal(torch.zeros(3, 1), 1.0), dist.Normal(torch.zeros(2), 1.0)
    assert dist.kl_divergence(p, q).shape == (3, 2)
    assert dist.kl_divergence(dist.Normal(torch.zeros(3), 1.0), dist.Beta(torch.ones(2, 1), 1.0)).shape == (2, 3)
    many = dist.MultivariateNormal(torch.zeros(4, 2), torch.eye(2))
    assert dist.kl_divergence(many, dist.MultivariateNormal(torch.ones(2), torch.eye(2))).tolist() == [1.0] * 4
    assert dist.kl_divergence(dist.Normal(torch.zeros(0), 1.0), dist.Gumbel(torch.zeros(0), 1.0)).shape == (0,)


def test_nearest_classes_decide() -> None:
    assert dist.kl_divergence(dist.Chi2(t(3.0)), dist.Gamma(t(1.5), t(0.5))).item() == pytest.approx(0, abs=1e-12)
    with pytest.raises(NotImplementedError, match=r"kl_divergence\(Cauchy, Normal\): no formula is known; register_kl\(Cauchy"):
        dist.kl_divergence(dist.Cauchy(0.0, 1.0), dist.Normal(0.0, 1.0))
    with pytest.raises(NotImplementedError, match=r"kl_divergence\(Bernoulli, Normal\)"):
        dist.kl_divergence(dist.Bernoulli(t(0.5)), dist.Normal(t(0.0), t(1.0)))
    with pytest.raises(NotImplementedError, match="known where the transforms are the same"):
        dist.kl_divergence(dist.LogNormal(0.0, 1.0), dist.Pareto(1.0, 1.0))
    with pytest.raises(TypeError, match="register_kl: type_q is 3, expected a subclass of Distribution"):
        dist.register_kl(dist.Normal, 3)


def test_ambiguity_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kl, "_registered", {})

    class Narrow(dist.Normal):
        pass

    dist.register_kl(Narrow, dist.Distribution)(lambda p, q: torch.zeros(1))
    dist.register_kl(dist.Distribution, Narrow)(lambda p, q: torch.ones(1))
    with pytest.warns(RuntimeWarning, match=r"Ambiguous kl_divergence\(Narrow, Narrow\)"):
        assert dist.kl_divergence(Narrow(0.0, 1.0), Narrow(0.0, 1.0)).item() == 0
