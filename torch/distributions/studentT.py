"""Student's distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.chi2 import Chi2
from torch.distributions.distribution import Distribution, in_double, log1p_square, parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


def _half_step(z: _C.Tensor) -> _C.Tensor:
    """lgamma(z + 1/2) - lgamma(z), exact also for large z."""
    inverse = 1 / z
    large = 0.5 * z.log() - inverse * (1 / 8 - inverse * inverse * (1 / 192))
    return _C.ops.where(z > 1e4, large, (z + 0.5).lgamma() - z.lgamma())


def _half_slope(z: _C.Tensor) -> _C.Tensor:
    """Its derivative, digamma(z + 1/2) - digamma(z)."""
    return _C.ops.where(z > 1e4, 1 / (2 * z) + 1 / (8 * z * z), (z + 0.5).digamma() - z.digamma())


class StudentT(Distribution):
    """`loc + scale * t` for Student's t of `df` degrees of freedom.

    >>> from torch.distributions import StudentT
    >>> StudentT(torch.tensor([1., 2., 4.])).variance
    tensor([nan, inf,  2.])
    """

    arg_constraints = parameters(df=constraints.positive, loc=constraints.real, scale=constraints.positive)
    support = constraints.real
    has_rsample = True
    df: _C.Tensor
    loc: _C.Tensor
    scale: _C.Tensor

    def __init__(self, df: Parameter, loc: Parameter = 0.0, scale: Parameter = 1.0, validate_args: bool | None = None) -> None:
        super().__init__(self._take(df=df, loc=loc, scale=scale), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.where(self.df > 1, self.loc, _C.ops.full_like(self.loc, math.nan))

    @property
    def variance(self) -> _C.Tensor:
        finite = self.scale * self.scale * (self.df / (self.df - 2))
        above = _C.ops.where(self.df > 2, finite, _C.ops.full_like(self.df, math.inf))
        return _C.ops.where(self.df > 1, above, _C.ops.full_like(self.df, math.nan))

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        normal = self._room(sample_shape, self.df).normal_()
        squares = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * (normal * (squares / self.df).rsqrt())

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(x: _C.Tensor, df: _C.Tensor, loc: _C.Tensor, scale: _C.Tensor) -> _C.Tensor:
            y = (x - loc) / scale
            return _half_step(df / 2) - 0.5 * (math.pi * df).log() - scale.log() - 0.5 * (df + 1) * log1p_square(y / df.sqrt())

        return in_double(compute, value, self.df, self.loc, self.scale)

    def entropy(self) -> _C.Tensor:
        def compute(df: _C.Tensor, scale: _C.Tensor) -> _C.Tensor:
            half = df / 2
            return scale.log() + (half + 0.5) * _half_slope(half) + 0.5 * (math.pi * df).log() - _half_step(half)

        return in_double(compute, self.df, self.scale)
