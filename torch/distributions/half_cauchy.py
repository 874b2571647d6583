"""The half-Cauchy distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.cauchy import Cauchy
from torch.distributions.distribution import parameters
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import AbsTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


class HalfCauchy(TransformedDistribution):
    """|x| for x of the Cauchy distribution of median 0 and half width `scale`; it has no finite mean.

    >>> from torch.distributions import HalfCauchy
    >>> HalfCauchy(2.).icdf(torch.tensor(0.5))
    tensor(2.)
    """

    arg_constraints = parameters(scale=constraints.positive)
    scale: _C.Tensor

    def __init__(self, scale: Parameter, validate_args: bool | None = None) -> None:
        self._take(scale=scale)
        base = Cauchy(_C.ops.zeros_like(self.scale), self.scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.greater_than_eq(0)

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.full_like(self.scale, math.inf)

    @property
    def variance(self) -> _C.Tensor:
        return self.base_dist.variance

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (self.base_dist.log_prob(value) + math.log(2)).masked_fill_(value < 0, -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (value.clamp(min=0) / self.scale).atan() * (2 / math.pi)

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        lower, upper = (value * (math.pi / 2)).tan(), 1 / ((1 - value) * (math.pi / 2)).tan()
        return self.scale * _C.ops.where(value < 0.5, lower, upper)

    def entropy(self) -> _C.Tensor:
        return self.base_dist.entropy() - math.log(2)
