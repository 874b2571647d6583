"""Densities, cumulative functions, quantiles and moments of distributions against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st
from distribution_cases import ALL, OTHER, SCALAR, Case, classes, discrete

import torch
from torch import distributions as dist

QUANTILES = np.array([1e-12, 1e-4, 0.1, 0.3, 0.5, 0.75, 0.99, 1 - 1e-6])[:, None]


def rows(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


def has(case: Case, name: str) -> bool:
    """Whether the distribution computes that."""
    return getattr(case.kind, name) is not getattr(dist.Distribution, name)


def points(case: Case) -> np.ndarray:
    """Values over the whole support, far tails included: one column for each distribution of the batch."""
    return case.oracle().ppf(QUANTILES)


def test_every_distribution_has_a_row() -> None:
    assert {case.kind for case in ALL} >= set(classes())


@rows(SCALAR)
def test_log_prob(case: Case) -> None:
    oracle, x = case.oracle(), points(case)
    expected = oracle.logpmf(x) if discrete(case) else oracle.logpdf(x)
    np.testing.assert_allclose(case.make().log_prob(torch.from_numpy(x)).numpy(), expected, rtol=1e-10, atol=1e-12)
    single = case.make(torch.float32).log_prob(torch.from_numpy(x).float()).numpy()
    assert single.dtype == np.float32


@rows([case for case in SCALAR if not discrete(case)])
def test_log_prob_of_float32(case: Case) -> None:
    x = case.oracle().ppf([[0.1], [0.4], [0.8]])
    expected = case.oracle().logpdf(x)
    np.testing.assert_allclose(case.make(torch.float32).log_prob(torch.tensor(x).float()), expected, rtol=2e-4, atol=2e-5)


@rows([case for case in SCALAR if has(case, "cdf")])
def test_cdf(case: Case) -> None:
    x = points(case)
    # Where transforms fall, it is 1 less that of the base.
    least = 0 if case.build is None else 1e-15
    np.testing.assert_allclose(case.make().cdf(torch.from_numpy(x)).numpy(), case.oracle().cdf(x), rtol=1e-9, atol=least)
    far = np.array([[-1e300], [1e300]])
    with np.errstate(over="ignore"):
        expected = case.oracle().cdf(far)
    np.testing.assert_allclose(case.make().cdf(torch.from_numpy(far)).numpy(), expected, atol=1e-250)


@rows([case for case in SCALAR if has(case, "icdf")])
def test_icdf(case: Case) -> None:
    # Where transforms fall, 1 less a small probability has lost its digits.
    q = QUANTILES[1:] if case.build else np.vstack([[[1e-300]], QUANTILES])
    found = case.make().icdf(torch.from_numpy(q)).numpy()
    np.testing.assert_allclose(found, case.oracle().ppf(q), rtol=1e-9, atol=1e-12)
    ends = case.make().icdf(torch.tensor([[0.0], [1.0]]).double()).numpy()
    np.testing.assert_allclose(ends, case.oracle().ppf([[0.0], [1.0]]))


@rows([case for case in SCALAR if has(case, "mean")])
def test_moments(case: Case) -> None:
    oracle, d = case.oracle(), case.make()
    for name, expected in (("mean", oracle.mean()), ("variance", oracle.var()), ("stddev", oracle.std())):
        if case.kind in (dist.Cauchy, dist.HalfCauchy) and name != "mean":
            expected = np.full_like(expected, np.inf)  # SciPy says nan: the integral diverges to infinity
        np.testing.assert_allclose(getattr(d, name).numpy(), expected, rtol=1e-12, err_msg=name)
        assert getattr(d, name).shape == d.batch_shape


@rows([case for case in SCALAR if has(case, "entropy")])
def test_entropy(case: Case) -> None:
    d = case.make()
    np.testing.assert_allclose(d.entropy().numpy(), case.oracle().entropy(), rtol=1e-9)
    np.testing.assert_allclose(d.perplexity().numpy(), np.exp(case.oracle().entropy()), rtol=1e-8)


@rows([case for case in ALL if case.make().has_enumerate_support])
def test_enumerated_support(case: Case) -> None:
    d = case.make(validate_args=True)
    values = d.enumerate_support()
    assert values.shape[1:] == d.batch_shape + d.event_shape
    np.testing.assert_allclose(d.log_prob(values).exp().sum(0).numpy(), np.ones(d.batch_shape), rtol=1e-12)
    assert len(np.unique(values.numpy().reshape(len(values), -1), axis=0)) == len(values)


def test_dirichlet() -> None:
    (case,) = (case for case in OTHER if case.kind is dist.Dirichlet)
    d, x = case.make(), np.array([[0.2, 0.3, 0.5], [0.9, 0.05, 0.05]])
    for k, concentration in enumerate(case.parameters["concentration"]):
        oracle = st.dirichlet(concentration)
        np.testing.assert_allclose(d.log_prob(torch.from_numpy(x))[k].item(), oracle.logpdf(x[k]), rtol=1e-12)
        np.testing.assert_allclose(d.entropy()[k].item(), oracle.entropy(), rtol=1e-12)
        np.testing.assert_allclose(d.mean[k].numpy(), oracle.mean(), rtol=1e-12)
        np.testing.assert_allclose(d.variance[k].numpy(), oracle.var(), rtol=1e-12)


@rows([case for case in OTHER if case.kind is dist.Categorical])
def test_categorical(case: Case) -> None:
    given = next(iter(case.parameters.values()))
    p = np.exp(given) if "logits" in case.parameters else np.array(given)
    p = p / p.sum(-1, keepdims=True)
    d = case.make()
    np.testing.assert_allclose(d.probs.numpy(), p, rtol=1e-14)
    np.testing.assert_allclose(d.logits.numpy(), np.log(p), rtol=1e-12)
    np.testing.assert_allclose(d.entropy().numpy(), -(p * np.log(p)).sum(-1), rtol=1e-12)
    np.testing.assert_allclose(d.log_prob(torch.tensor([[2, 0], [1, 1], [0, 2]])).numpy(),
                               np.log([[p[0, 2], p[1, 0]], [p[0, 1], p[1, 1]], [p[0, 0], p[1, 2]]]), rtol=1e-12)  # fmt: skip
    assert np.isnan(d.mean.numpy()).all() and np.isnan(d.variance.numpy()).all()
    assert d.param_shape == (2, 3)
