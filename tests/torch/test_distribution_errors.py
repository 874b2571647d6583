"""What distributions say about bad arguments: the distribution, the argument, its value, the rule. Word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import torch
from torch import distributions as dist

CHECKED = {"validate_args": True}
two = torch.tensor([1.0, 2.0])

PARAMETERS = {
    "Normal: scale is -1, expected greater than 0": lambda: dist.Normal(0.0, -1.0, **CHECKED),
    "Normal: scale is 0 at [1, 0], expected greater than 0": (
        lambda: dist.Normal(0.0, torch.tensor([[1.0], [0.0]]), **CHECKED)
    ),
    "Normal: loc is nan at [0], expected a number": lambda: dist.Normal(two * float("nan"), 1.0, **CHECKED),
    "Normal: loc is 'a', expected a number or a tensor": lambda: dist.Normal("a", 1.0),
    "Normal: loc is a tensor of torch.int64, expected a floating dtype; loc.float() makes one": lambda: dist.Normal(
        two.long(), 1.0
    ),
    "Normal: parameters of several dtypes (loc torch.float32, scale torch.float64), expected one; .to(dtype) converts": (
        lambda: dist.Normal(two, two.double())
    ),
    "Normal: shapes do not fit: loc (2,), scale (3,); sizes must be equal or 1, counted from the last": (
        lambda: dist.Normal(two, torch.ones(3))
    ),
    "Uniform: high is 1 at [1], expected greater than low": lambda: dist.Uniform(two / 2, 1.0, **CHECKED),
    "Bernoulli: probs is 2 at [1], expected from 0 to 1": lambda: dist.Bernoulli(two, **CHECKED),
    "Bernoulli: probs and logits are both given, expected one of them": lambda: dist.Bernoulli(two, two),
    "Bernoulli: neither probs nor logits is given, expected one of them": lambda: dist.Bernoulli(),
    "Geometric: probs is 0, expected greater than 0": lambda: dist.Geometric(0.0, **CHECKED),
    "Binomial: total_count is -1, expected an integer of at least 0": lambda: dist.Binomial(-1, 0.5, **CHECKED),
    "Binomial: total_count is 1.5 at [0], expected an integer of at least 0": lambda: dist.Binomial(two * 1.5, 0.5, **CHECKED),
    "Multinomial: total_count is tensor([1., 2.]), expected one int for the whole batch": lambda: dist.Multinomial(two, two),
    "Categorical: probs is [2.0, -1.0], expected numbers of at least 0 whose sum is 1": (
        lambda: dist.Categorical(torch.tensor([2.0, -1.0]), **CHECKED)
    ),
    "Categorical: probs has shape (), expected a last dimension of one value or more": lambda: dist.Categorical(
        torch.tensor(1.0)
    ),
    "Categorical: logits has shape (2, 0), expected a last dimension of one value or more": (
        lambda: dist.Categorical(logits=torch.ones(2, 0))
    ),
    "Dirichlet: concentration is 0 at [1], expected greater than 0": lambda: dist.Dirichlet(
        torch.tensor([1.0, 0.0]), **CHECKED
    ),
    "Dirichlet: concentration is a number, expected a last dimension of two numbers or more": lambda: dist.Dirichlet(1.0),
    "Chi2: df is -1, expected greater than 0": lambda: dist.Chi2(-1.0, **CHECKED),
    "LogNormal: scale is 0, expected greater than 0": lambda: dist.LogNormal(0.0, 0.0, **CHECKED),
    "RelaxedBernoulli: probs is 2, expected from 0 to 1": lambda: dist.RelaxedBernoulli(1.0, 2.0, **CHECKED),
    "TransformedDistribution: transforms holds 3, expected Transforms": (
        lambda: dist.TransformedDistribution(dist.Normal(0.0, 1.0), [3])
    ),
    "Independent: reinterpreted_batch_ndims is 2, expected 0 to 1: the base has a batch of shape (2,)": (
        lambda: dist.Independent(dist.Normal(two, 1.0), 2)
    ),
    "MultivariateNormal: no matrix given, expected one of covariance_matrix, precision_matrix, scale_tril": (
        lambda: dist.MultivariateNormal(two)
    ),
    "MultivariateNormal: loc has shape (2,) and scale_tril (3, 3), expected (..., n) and (..., n, n)": (
        lambda: dist.MultivariateNormal(two, scale_tril=torch.eye(3))
    ),
    "MultivariateNormal: covariance_matrix is [[1.0, 2.0], [2.0, 1.0]], expected a symmetric positive definite matrix": (
        lambda: dist.MultivariateNormal(two, torch.tensor([[1.0, 2.0], [2.0, 1.0]]), **CHECKED)
    ),
    "Distribution.set_default_validate_args: value is 3, expected True or False": (
        lambda: dist.Distribution.set_default_validate_args(3)
    ),
}

VALUES = {
    "Normal: value is nan, expected a number": lambda: dist.Normal(0.0, 1.0, **CHECKED).log_prob(torch.tensor(float("nan"))),
    "Normal: value is 3, expected a tensor": lambda: dist.Normal(0.0, 1.0, **CHECKED).log_prob(3),
    "Normal: shapes do not fit: value (3,), distribution (2,); sizes must be equal or 1, counted from the last": (
        lambda: dist.Normal(two, 1.0, **CHECKED).cdf(torch.ones(3))
    ),
    "Uniform: value is 5 at [1], expected from 0 to 4": lambda: dist.Uniform(0.0, 4.0, **CHECKED).log_prob(two * 2.5),
    "Bernoulli: value is 2 at [1], expected 0 or 1": lambda: dist.Bernoulli(0.5, **CHECKED).log_prob(two),
    "Poisson: value is 1.5 at [0, 1], expected an integer of at least 0": (
        lambda: dist.Poisson(2.0, **CHECKED).log_prob(torch.tensor([[1.0, 1.5]]))
    ),
    "Gamma: value is 0, expected greater than 0": lambda: dist.Gamma(1.0, 1.0, **CHECKED).log_prob(torch.tensor(0.0)),
    "Beta: value is 2, expected from 0 to 1": lambda: dist.Beta(1.0, 1.0, **CHECKED).log_prob(torch.tensor(2.0)),
    "Binomial: value is 4, expected an integer from 0 to 3": lambda: dist.Binomial(3, 0.5, **CHECKED).log_prob(
        torch.tensor(4.0)
    ),
    "Categorical: value is 2 at [1], expected an integer from 0 to 1": (
        lambda: dist.Categorical(two, **CHECKED).log_prob(torch.tensor([1, 2]))
    ),
    "Dirichlet: value is [1.0, 2.0] at [1], expected numbers of at least 0 whose sum is 1": (
        lambda: dist.Dirichlet(two, **CHECKED).log_prob(torch.tensor([[0.5, 0.5], [1.0, 2.0]]))
    ),
    "Dirichlet: value has shape (3,), expected (..., 2)": lambda: dist.Dirichlet(two, **CHECKED).log_prob(torch.ones(3)),
    "Multinomial: the sum of value is 3, expected total_count, 4": lambda: dist.Multinomial(4, two, **CHECKED).log_prob(two),
    "Pareto: value is 1, expected at least 2": lambda: dist.Pareto(2.0, 1.0, **CHECKED).log_prob(torch.tensor(1.0)),
    "HalfNormal: value is -1, expected at least 0": lambda: dist.HalfNormal(1.0, **CHECKED).log_prob(torch.tensor(-1.0)),
    "Normal has no finite support to enumerate": lambda: dist.Normal(0.0, 1.0).enumerate_support(),
    "Poisson has no entropy in closed form": lambda: dist.Poisson(1.0).entropy(),
    "Poisson has no rsample: its samples have no gradient; use sample": lambda: dist.Poisson(1.0).rsample(),
    "Gamma has no cdf in closed form": lambda: dist.Gamma(1.0, 1.0).cdf(two),
    "Gamma has no icdf in closed form": lambda: dist.Gamma(1.0, 1.0).icdf(two),
    "RelaxedBernoulli has no mean in closed form": lambda: dist.RelaxedBernoulli(1.0, 0.5).mean,
    "RelaxedBernoulli has no variance in closed form": lambda: dist.RelaxedBernoulli(1.0, 0.5).stddev,
    "Binomial: total_count has 2 values; their supports differ in size": lambda: dist.Binomial(two, 0.5).enumerate_support(),
}


@pytest.mark.parametrize("text", PARAMETERS)
def test_parameters(text: str) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        PARAMETERS[text]()
    assert str(caught.value) == text


@pytest.mark.parametrize("text", VALUES)
def test_values(text: str) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        VALUES[text]()
    assert str(caught.value) == text


@pytest.fixture
def checks() -> Iterator[Callable[[bool], None]]:
    """Chooses the default of validate_args, for one test."""
    yield dist.Distribution.set_default_validate_args
    dist.Distribution.set_default_validate_args(False)


def test_checks_are_chosen(checks: Callable[[bool], None]) -> None:
    """Off at first; for all that is made from then on; for one object."""
    made_before = dist.Normal(0.0, -1.0)
    checks(True)
    with pytest.raises(ValueError, match="Normal: scale is -1"):
        dist.Normal(0.0, -1.0)
    dist.Normal(0.0, -1.0, validate_args=False).log_prob(torch.tensor(0.0))
    with pytest.raises(ValueError, match="value is nan"):
        made_before.log_prob(torch.tensor(float("nan")))
    checks(False)
    dist.Normal(0.0, -1.0)


def test_sample_n() -> None:
    with pytest.warns(UserWarning, match="sample_n will be deprecated"):
        assert dist.Normal(torch.zeros(2), 1.0).sample_n(3).shape == (3, 2)
