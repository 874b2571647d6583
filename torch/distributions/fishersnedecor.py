"""Fisher and Snedecor's distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.beta import log_beta
from torch.distributions.distribution import SMALLEST, Distribution, in_double, log_of, parameters, times_log
from torch.distributions.gamma import Gamma

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class FisherSnedecor(Distribution):
    """The ratio of two chi-squared numbers, of `df1` and `df2` degrees of freedom, each over its degrees of freedom.

    >>> from torch.distributions import FisherSnedecor
    >>> FisherSnedecor(2., torch.tensor([2., 4.])).mean
    tensor([nan,  2.])
    """

    arg_constraints = parameters(df1=constraints.positive, df2=constraints.positive)
    support = constraints.positive
    has_rsample = True
    df1: _C.Tensor
    df2: _C.Tensor

    def __init__(self, df1: Parameter, df2: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(df1=df1, df2=df2), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.where(self.df2 > 2, self.df2 / (self.df2 - 2), _C.ops.full_like(self.df2, math.nan))

    @property
    def variance(self) -> _C.Tensor:
        n, less = self.df2, self.df2 - 2
        finite = 2 * n * n * (self.df1 + less) / (self.df1 * less * less * (n - 4))
        return _C.ops.where(n > 4, finite, _C.ops.full_like(n, math.nan))

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        upper, lower = (Gamma(df / 2, df / 2, validate_args=False).rsample(sample_shape) for df in (self.df1, self.df2))
        return (upper / lower).clamp(min=SMALLEST[upper.dtype])

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(x: _C.Tensor, df1: _C.Tensor, df2: _C.Tensor) -> _C.Tensor:
            a, b, ratio = df1 / 2, df2 / 2, df1 / df2
            return a * ratio.log() + times_log(a - 1, log_of(x)) - (a + b) * (ratio * x).log1p() - log_beta(a, b)

        return in_double(compute, value, self.df1, self.df2)
