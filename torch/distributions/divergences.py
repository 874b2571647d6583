"""The formulas behind `kl_divergence`: its tables are filled when this module is imported."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.bernoulli import Bernoulli
from torch.distributions.beta import Beta, log_beta
from torch.distributions.binomial import Binomial
from torch.distributions.categorical import Categorical
from torch.distributions.dirichlet import Dirichlet
from torch.distributions.distribution import Distribution, in_double, log_of, times_log
from torch.distributions.exp_family import ExponentialFamily, normalizer_gradients
from torch.distributions.exponential import Exponential
from torch.distributions.gamma import Gamma
from torch.distributions.geometric import Geometric
from torch.distributions.gumbel import EULER, Gumbel
from torch.distributions.half_normal import HalfNormal
from torch.distributions.independent import Independent
from torch.distributions.kl import kl_divergence, register_kl
from torch.distributions.laplace import Laplace
from torch.distributions.multivariate_normal import MultivariateNormal, log_diagonal, solve_lower
from torch.distributions.normal import Normal
from torch.distributions.odds import BinaryOdds
from torch.distributions.one_hot_categorical import OneHotCategorical
from torch.distributions.pareto import Pareto
from torch.distributions.poisson import Poisson
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import sum_last
from torch.distributions.uniform import Uniform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _infinite_where(condition: _C.Tensor, value: _C.Tensor) -> _C.Tensor:
    """inf where p gives a probability to what q excludes."""
    return _C.ops.where(condition, _C.ops.full_like(value, math.inf), value)


# --- of one family ------------------------------------------------------------------------------------------------------


@register_kl(ExponentialFamily, ExponentialFamily)
def _families(p: ExponentialFamily, q: ExponentialFamily) -> _C.Tensor:
    """F(q) - F(p) - <theta q - theta p, grad F(p)>: a Bregman divergence."""
    if type(p) is not type(q):
        names = f"{type(p).__name__}, {type(q).__name__}"
        raise NotImplementedError(f"kl_divergence({names}): no formula is known; register_kl({names}) adds one")
    normalizer, gradients, ours = normalizer_gradients(p)
    theirs = q._natural_params
    result = q._log_normalizer(*theirs) - normalizer
    for own, other, gradient in zip(ours, theirs, gradients, strict=True):
        result = result - sum_last((other - own) * gradient, len(q.event_shape))
    known = any(t.requires_grad for d in (p, q) for t in d._natural_params)
    return result if known else result.detach()


def _trial(p: BinaryOdds, q: BinaryOdds) -> _C.Tensor:
    """Of one trial."""
    (own, own_not), (other, other_not) = p._logarithms(), q._logarithms()
    success = times_log(p.probs, own) - times_log(p.probs, other)
    return success + times_log(p._failure, own_not) - times_log(p._failure, other_not)


register_kl(Bernoulli, Bernoulli)(_trial)


@register_kl(Binomial, Binomial)
def _binomials(p: Binomial, q: Binomial) -> _C.Tensor:
    if (p.total_count < q.total_count).any().item():
        raise NotImplementedError("kl_divergence(Binomial, Binomial): no formula is known where p has fewer trials than q")
    return _infinite_where(p.total_count > q.total_count, p.total_count * _trial(p, q))


@register_kl(Geometric, Geometric)
def _geometrics(p: Geometric, q: Geometric) -> _C.Tensor:
    return _trial(p, q) / p.probs


@register_kl(Categorical, Categorical)
def _categoricals(p: Categorical, q: Categorical) -> _C.Tensor:
    return (times_log(p.probs, p.logits) - times_log(p.probs, q.logits)).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hots(p: OneHotCategorical, q: OneHotCategorical) -> _C.Tensor:
    return kl_divergence(p._categorical, q._categorical)


@register_kl(Normal, Normal)
def _normals(p: Normal, q: Normal) -> _C.Tensor:
    ratio, shift = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return 0.5 * (ratio * ratio + shift * shift - 1) - ratio.log()


@register_kl(HalfNormal, HalfNormal)
def _half_normals(p: HalfNormal, q: HalfNormal) -> _C.Tensor:
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Exponential, Exponential)
def _exponentials(p: Exponential, q: Exponential) -> _C.Tensor:
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Laplace, Laplace)
def _laplaces(p: Laplace, q: Laplace) -> _C.Tensor:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return distance / q.scale + ratio * (-distance / p.scale).exp() - 1 - ratio.log()


@register_kl(Gumbel, Gumbel)
def _gumbels(p: Gumbel, q: Gumbel) -> _C.Tensor:
    ratio, shift = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return shift - ratio.log() + EULER * ratio + ((1 + ratio).lgamma() - shift).exp() - (1 + EULER)


@register_kl(Pareto, Pareto)
def _paretos(p: Pareto, q: Pareto) -> _C.Tensor:
    ratio = q.alpha / p.alpha
    return _infinite_where(p.scale < q.scale, q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1)


@register_kl(Poisson, Poisson)
def _poissons(p: Poisson, q: Poisson) -> _C.Tensor:
    return times_log(p.rate, log_of(p.rate)) - times_log(p.rate, log_of(q.rate)) - (p.rate - q.rate)


@register_kl(Uniform, Uniform)
def _uniforms(p: Uniform, q: Uniform) -> _C.Tensor:
    return _infinite_where((p.low < q.low) | (p.high > q.high), ((q.high - q.low) / (p.high - p.low)).log())


@register_kl(Gamma, Gamma)
def _gammas(p: Gamma, q: Gamma) -> _C.Tensor:
    def compute(a: _C.Tensor, rate: _C.Tensor, b: _C.Tensor, other: _C.Tensor) -> _C.Tensor:
        shapes = b.lgamma() - a.lgamma() + (a - b) * a.digamma()
        return shapes + b * (rate / other).log() + (other / rate - 1) * a

    return in_double(compute, p.concentration, p.rate, q.concentration, q.rate)


@register_kl(Beta, Beta)
def _betas(p: Beta, q: Beta) -> _C.Tensor:
    def compute(a: _C.Tensor, b: _C.Tensor, c: _C.Tensor, d: _C.Tensor) -> _C.Tensor:
        digammas = (a - c) * a.digamma() + (b - d) * b.digamma() + (c + d - a - b) * (a + b).digamma()
        return log_beta(c, d) - log_beta(a, b) + digammas

    return in_double(compute, p.concentration1, p.concentration0, q.concentration1, q.concentration0)


@register_kl(Dirichlet, Dirichlet)
def _dirichlets(p: Dirichlet, q: Dirichlet) -> _C.Tensor:
    def compute(a: _C.Tensor, b: _C.Tensor) -> _C.Tensor:
        digammas = (a - b) * (a.digamma() - a.sum(-1, True).digamma())
        return q._log_normalizer(b - 1) - p._log_normalizer(a - 1) + digammas.sum(-1)

    return in_double(compute, p.concentration, q.concentration)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normals(p: MultivariateNormal, q: MultivariateNormal) -> _C.Tensor:
    shape = (p.loc - q.loc).shape
    n = shape[-1]
    own, other = (d.scale_tril.expand(*shape, n) for d in (p, q))
    columns = own.permute([len(shape), *range(len(shape))])  # of p's factor, before the batch
    z, shift = solve_lower(other, columns), solve_lower(other, p.loc - q.loc)
    squares = (z * z).sum(-1).sum(0) + (shift * shift).sum(-1)
    return log_diagonal(other) - log_diagonal(own) + 0.5 * (squares - n)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: TransformedDistribution, q: TransformedDistribution) -> _C.Tensor:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("kl_divergence of two transformed distributions: known where the transforms are the same")
    return sum_last(kl_divergence(p.base_dist, q.base_dist), len(p.event_shape) - len(p.base_dist.event_shape))


@register_kl(Independent, Independent)
def _independents(p: Independent, q: Independent) -> _C.Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence(Independent, Independent): their events have dimensions of different number")
    return sum_last(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


# --- of two families: E[-log q(x)] less the entropy of p ------------------------------------------------------------------


def _uniform_log(low: _C.Tensor, high: _C.Tensor) -> _C.Tensor:
    """The mean of log x over [low, high], low >= 0."""
    return (times_log(high, log_of(high)) - times_log(low, log_of(low))) / (high - low) - 1


# E[log x].
_MEAN_LOG: dict[type, Any] = {
    Beta: lambda p: p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma(),
    Exponential: lambda p: -EULER - p.rate.log(),
    Gamma: lambda p: p.concentration.digamma() - p.rate.log(),
    Pareto: lambda p: p.scale.log() + 1 / p.alpha,
    Uniform: lambda p: _uniform_log(p.low, p.high),
}


def _uniform_exp(p: Uniform, t: _C.Tensor) -> _C.Tensor:
    z = t * (p.high - p.low)
    return t * p.low + (z.expm1() / z).log()


# log E[exp(t x)] for t < 0.
_LOG_MEAN_EXP: dict[type, Any] = {
    Exponential: lambda p, t: -(-t / p.rate).log1p(),
    Gamma: lambda p, t: -p.concentration * (-t / p.rate).log1p(),
    Normal: lambda p, t: p.loc * t + 0.5 * p.variance * t * t,
    Uniform: _uniform_exp,
}


def _to_gumbel(kind: type, p: Distribution, q: Gumbel) -> _C.Tensor:
    below: _C.Tensor = (q.loc / q.scale + _LOG_MEAN_EXP[kind](p, -1 / q.scale)).exp()
    return below + q.scale.log() + (p.mean - q.loc) / q.scale


def _to_gamma(kind: type, p: Distribution, q: Gamma) -> _C.Tensor:
    logs: _C.Tensor = (q.concentration - 1) * _MEAN_LOG[kind](p) + q.concentration * q.rate.log()
    return q.concentration.lgamma() - logs + q.rate * p.mean


def _to_normal(kind: type, p: Distribution, q: Normal) -> _C.Tensor:
    shift: _C.Tensor = p.mean - q.loc
    squares = (p.variance + shift * shift) / q.variance
    return q.scale.log() + 0.5 * math.log(2 * math.pi) + 0.5 * squares


def _to_beta(kind: type, p: Uniform, q: Beta) -> _C.Tensor:
    logs = (q.concentration1 - 1) * _uniform_log(p.low, p.high) + (q.concentration0 - 1) * _uniform_log(1 - p.high, 1 - p.low)
    return _infinite_where((p.low < 0) | (p.high > 1), log_beta(q.concentration1, q.concentration0) - logs)


_CROSS: dict[type, Any] = {
    Exponential: lambda kind, p, q: q.rate * p.mean - q.rate.log(),
    Gamma: _to_gamma,
    Normal: _to_normal,
    Gumbel: _to_gumbel,
    Beta: _to_beta,
    Poisson: lambda kind, p, q: q.rate - p.mean * q.rate.log(),  # of Bernoulli: 0! = 1! = 1
    Pareto: lambda kind, p, q: (q.alpha + 1) * _MEAN_LOG[kind](p) - q.alpha.log() - q.alpha * q.scale.log(),
    Uniform: lambda kind, p, q: (q.high - q.low).log(),
}

_POSITIVE = (Exponential, Gamma)
_PAIRS: dict[type, tuple[type, ...]] = {
    Bernoulli: (Poisson,),
    Beta: (*_POSITIVE, Normal, Uniform),
    Exponential: (Gamma, Gumbel, Normal),
    Gamma: (Exponential, Gumbel, Normal),
    Gumbel: (Normal,),
    Laplace: (Normal,),
    Normal: (Gumbel,),
    Pareto: (*_POSITIVE, Normal),
    Uniform: (Beta, *_POSITIVE, Gumbel, Normal, Pareto),
}

# Where q leaves out a part of what these p reach, whatever the parameters are.
_INFINITE: dict[type, tuple[type, ...]] = {
    Beta: (Pareto,),
    Exponential: (Beta, Pareto, Uniform),
    Gamma: (Beta, Pareto, Uniform),
    Gumbel: (Beta, *_POSITIVE, Pareto, Uniform),
    Laplace: (Beta, *_POSITIVE, Pareto, Uniform),
    Normal: (Beta, *_POSITIVE, Pareto, Uniform),
    Pareto: (Beta, Uniform),
    Poisson: (Bernoulli, Binomial),
}

# Where it depends on the parameters whether q leaves something out.
_EXCLUDES: dict[tuple[type, type], Any] = {
    (Beta, Uniform): lambda p, q: (q.low > 0) | (q.high < 1),
    (Uniform, Exponential): lambda p, q: p.low < 0,
    (Uniform, Gamma): lambda p, q: p.low < 0,
    (Uniform, Pareto): lambda p, q: p.low < q.scale,
}


def _register_pair(kind_p: type, kind_q: type) -> None:
    excludes = _EXCLUDES.get((kind_p, kind_q))

    @register_kl(kind_p, kind_q)
    def divergence(p: Distribution, q: Distribution) -> _C.Tensor:
        found: _C.Tensor = _CROSS[kind_q](kind_p, p, q) - p.entropy()
        return found if excludes is None else _infinite_where(excludes(p, q), found)


def _infinite(p: Distribution, q: Distribution) -> _C.Tensor:
    shape = _C.ops.zeros_like(p.mean) + _C.ops.zeros_like(q.mean)  # not the means: those may be infinite
    return shape.fill_(math.inf)


for _p, _qs in _PAIRS.items():
    for _q in _qs:
        _register_pair(_p, _q)
for _p, _qs in _INFINITE.items():
    for _q in _qs:
        register_kl(_p, _q)(_infinite)
