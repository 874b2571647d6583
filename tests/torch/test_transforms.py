"""Transforms of torch.distributions: inverses, Jacobians, constraints, registries."""

from __future__ import annotations

import numpy as np
import pytest

import torch
from torch import distributions as dist
from torch.distributions import biject_to, constraints, transform_to
from torch.distributions import transforms as tr


def double(*values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


REAL = double(-2.0, -0.3, 0.1, 3.0)
POSITIVE = REAL.exp()

# A transform and values for it.
NUMBERS = [
    (tr.ExpTransform(), REAL),
    (tr.SigmoidTransform(), REAL),
    (tr.PowerTransform(2.5), POSITIVE),
    (tr.PowerTransform(double(-1.5)), POSITIVE),
    (tr.AffineTransform(1.0, -3.0), REAL),
    (tr.AffineTransform(double(1.0, 2.0, 3.0, 4.0), double(0.5, -1.0, 2.0, 3.0)), REAL),
    (tr.ComposeTransform([tr.AffineTransform(0.5, 2.0), tr.SigmoidTransform(), tr.PowerTransform(2.0)]), REAL),
    (tr.ComposeTransform([tr.AffineTransform(0.5, 2.0), tr.ExpTransform()]).inv, POSITIVE),
    (tr.SigmoidTransform().inv, REAL.sigmoid()),
    (tr.identity_transform, REAL),
]
IDS = [f"{k}-{type(t).__name__}" for k, (t, _) in enumerate(NUMBERS)]


def test_names_of_the_package() -> None:
    for name in tr.__all__:
        assert getattr(dist, name) is getattr(tr, name)


def slopes(t: tr.Transform, x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(t(x).sum(), x)[0]


@pytest.mark.parametrize(("t", "x"), NUMBERS, ids=IDS)
def test_numbers(t: tr.Transform, x: torch.Tensor) -> None:
    y = t(x)
    np.testing.assert_allclose(t.inv(y).numpy(), x.numpy(), rtol=1e-12)
    slope = slopes(t, x)
    np.testing.assert_allclose(t.log_abs_det_jacobian(x, y).numpy(), slope.abs().log().numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(t.inv.log_abs_det_jacobian(y, x).numpy(), -slope.abs().log().numpy(), rtol=1e-10, atol=1e-12)
    assert t.bijective and t.inv.bijective and t.event_dim == 0
    sign = t.sign if isinstance(t.sign, torch.Tensor) else torch.full((4,), t.sign, dtype=torch.float64)
    assert sign.expand(4).tolist() == slope.sign().tolist()
    assert t == t and t.inv.inv == t and t != tr.AbsTransform()
    assert t.codomain.check(y).all() and t.domain.check(x).all()


def jacobian(t: tr.Transform, x: torch.Tensor, outputs: int) -> np.ndarray:
    """Of the first `outputs` elements of the result."""
    x = x.clone().requires_grad_()
    y = t(x)
    return np.stack([torch.autograd.grad(y[k], x, retain_graph=True)[0].numpy() for k in range(outputs)])


@pytest.mark.parametrize("x", [double(0.0), double(0.3, -1.0, 2.0), double(-40.0, 1.0, 40.0)], ids=["1", "3", "far"])
def test_stick_breaking(x: torch.Tensor) -> None:
    t = tr.StickBreakingTransform()
    y = t(x)
    assert constraints.simplex.check(y).item() and y.shape == (len(x) + 1,)
    np.testing.assert_allclose(t.inv(y).numpy(), x.numpy(), rtol=1e-10, atol=1e-10)
    if x.abs().max() < 10:
        expected = np.linalg.slogdet(jacobian(t, x, len(x)))[1]
        assert t.log_abs_det_jacobian(x, y).item() == pytest.approx(expected, rel=1e-10)
    batch = torch.stack([x, x + 1])
    np.testing.assert_allclose(t(batch)[0].numpy(), y.numpy(), rtol=1e-14)
    assert t.log_abs_det_jacobian(batch, t(batch)).shape == (2,)


def test_softmax_and_lower_cholesky() -> None:
    x = double([0.3, -1.0, 2.0], [1.0, 1.0, 1.0])
    y = tr.SoftmaxTransform()(x)
    assert constraints.simplex.check(y).all()
    np.testing.assert_allclose(tr.SoftmaxTransform()(tr.SoftmaxTransform().inv(y)).numpy(), y.numpy(), rtol=1e-12)
    matrix = double([[0.3, 9.0], [2.0, -1.0]])
    factor = tr.LowerCholeskyTransform()(matrix)
    assert constraints.lower_cholesky.check(factor).all()
    np.testing.assert_allclose(tr.LowerCholeskyTransform().inv(factor).numpy(), np.tril(matrix.numpy()), rtol=1e-12)
    with pytest.raises(NotImplementedError, match="SoftmaxTransform has no Jacobian"):
        tr.SoftmaxTransform().log_abs_det_jacobian(x, y)


def test_abs_and_signs() -> None:
    assert tr.AbsTransform()(double(-2.0, 1.0)).tolist() == [2, 1] and tr.AbsTransform().inv(double(2.0)).tolist() == [2]
    with pytest.raises(NotImplementedError, match="AbsTransform has no sign"):
        _ = tr.AbsTransform().sign
    assert tr.AffineTransform(0.0, 0.0).sign == 0


def test_equality() -> None:
    assert tr.ExpTransform() == tr.ExpTransform() != tr.SigmoidTransform()
    assert tr.AffineTransform(0, 2) == tr.AffineTransform(0, 2) != tr.AffineTransform(0, 3)
    assert tr.AffineTransform(double(1.0), 2) == tr.AffineTransform(double(1.0), 2) != tr.AffineTransform(double(2.0), 2)
    assert tr.PowerTransform(2) != tr.PowerTransform(3)
    assert tr.ComposeTransform([tr.ExpTransform()]) == tr.ComposeTransform([tr.ExpTransform()])
    assert tr.ExpTransform().inv == tr.ExpTransform().inv != tr.ExpTransform()
    assert hash(tr.ExpTransform().inv) == hash(tr.ExpTransform().inv)
    assert repr(tr.ComposeTransform([tr.ExpTransform().inv])) == "ComposeTransform([ExpTransform().inv])"


def test_cache() -> None:
    """With a cache the inverse is exact, also where the function has lost all digits."""
    t = tr.SigmoidTransform(cache_size=1)
    x = double(40.0)
    y = t(x)
    assert t(x) is y and t.inv(y) is x
    assert tr.SigmoidTransform().inv(y).tolist() == [np.inf]
    d = dist.TransformedDistribution(dist.Normal(double(40.0), 1.0), tr.SigmoidTransform(cache_size=1))
    assert np.isfinite(d.log_prob(d.sample()).item())
    with pytest.raises(ValueError, match="ExpTransform: cache_size is 2, expected 0 or 1"):
        tr.ExpTransform(cache_size=2)


def test_event_dimensions() -> None:
    t = tr.ComposeTransform([tr.AffineTransform(0.0, double(1.0, 2.0), event_dim=1), tr.StickBreakingTransform()])
    x = double([0.1, 0.2], [1.0, -1.0])
    first, second = t.parts
    middle = first(x)
    expected = first.log_abs_det_jacobian(x, middle) + second.log_abs_det_jacobian(middle, second(middle))
    assert first.log_abs_det_jacobian(x, middle).shape == (2,)
    np.testing.assert_allclose(t.log_abs_det_jacobian(x, t(x)).numpy(), expected.numpy(), rtol=1e-14)
    d = dist.TransformedDistribution(dist.Normal(torch.zeros(5, 2), 1.0), tr.StickBreakingTransform())
    assert d.batch_shape == (5,) and d.event_shape == (2,)
    assert d.rsample((3,)).shape == (3, 5, 3)
    assert d.log_prob(d.sample((3,))).shape == (3, 5)


CONSTRAINTS = [
    (constraints.real, double(-1.0, 2.0), double(np.nan)),
    (constraints.boolean, double(0.0, 1.0), double(0.5, 2.0, np.nan)),
    (constraints.integer_interval(-1, 2), double(-1.0, 0.0, 2.0), double(0.5, 3.0, -2.0, np.nan)),
    (constraints.nonnegative_integer, double(0.0, 7.0), double(-1.0, 0.5, np.nan)),
    (constraints.positive_integer, double(1.0, 7.0), double(0.0, 1.5)),
    (constraints.greater_than(2), double(2.1), double(2.0, np.nan)),
    (constraints.greater_than_eq(2), double(2.0, 3.0), double(1.9, np.nan)),
    (constraints.positive, double(1e-300), double(0.0, -1.0, np.nan)),
    (constraints.less_than(-1), double(-2.0), double(-1.0, np.nan)),
    (constraints.interval(1, 2), double(1.0, 2.0), double(0.9, 2.1, np.nan)),
    (constraints.half_open_interval(1, 2), double(1.0, 1.9), double(0.9, 2.0, np.nan)),
    (constraints.unit_interval, double(0.0, 1.0), double(-0.1, 1.1)),
    (constraints.real_vector, double([1.0, 2.0]), double([1.0, np.nan])),
    (constraints.simplex, double([0.5, 0.5], [0.0, 1.0]), double([0.5, 0.6], [-0.5, 1.5], [np.nan, 1.0])),
    (constraints.lower_triangular, double([[0.0, 0.0], [1.0, 1.0]]), double([[0.0, 1.0], [1.0, 1.0]])),
    (constraints.lower_cholesky, double([[1.0, 0.0], [1.0, 1.0]]), double([[0.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [0.0, 1.0]])),
    (constraints.positive_definite, double([[2.0, 1.0], [1.0, 2.0]]),
     double([[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]], [[np.nan, 0.0], [0.0, 1.0]])),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "good", "bad"), CONSTRAINTS, ids=[str(c) for c, _, _ in CONSTRAINTS])
def test_constraint(constraint: constraints.Constraint, good: torch.Tensor, bad: torch.Tensor) -> None:
    for values, expected in ((good, 1), (bad, 0)):
        found = constraint.check(values)
        assert found.dtype == torch.uint8 and found.tolist() == [expected] * len(values)
    assert constraint.check(good[:0]).tolist() == []


def test_dependent_constraints() -> None:
    assert constraints.is_dependent(dist.Uniform.support) and constraints.is_dependent(constraints.dependent)
    assert not constraints.is_dependent(dist.Uniform(0.0, 1.0).support)
    with pytest.raises(ValueError, match="depends on the parameters"):
        constraints.dependent.check(double(1.0))


REACHED = [constraints.real, constraints.real_vector, constraints.positive, constraints.greater_than(double(1.0)),
           constraints.greater_than_eq(-2), constraints.less_than(3), constraints.unit_interval, constraints.interval(-3, 5),
           constraints.half_open_interval(1, double(2.0)), constraints.simplex, constraints.lower_cholesky]  # fmt: skip


@pytest.mark.parametrize("constraint", REACHED, ids=str)
def test_registries(constraint: constraints.Constraint) -> None:
    torch.manual_seed(0)
    x = torch.randn(50, 4, 4, dtype=torch.float64)
    for registry in (biject_to, transform_to):
        if registry is biject_to and constraint is constraints.lower_cholesky:
            continue
        t = registry(constraint)
        assert constraint.check(t(x)).all()
        assert t.bijective or registry is transform_to


def test_registering() -> None:
    with pytest.raises(NotImplementedError, match="no transform leads to 0 or 1; register"):
        biject_to(constraints.boolean)
    with pytest.raises(TypeError, match="register: constraint is 3, expected a Constraint"):
        biject_to.register(3, lambda c: tr.identity_transform)
    registry = type(biject_to)()

    @registry.register(constraints.boolean)
    def factory(constraint: constraints.Constraint) -> tr.Transform:
        return tr.identity_transform

    assert registry(constraints.boolean) is tr.identity_transform
