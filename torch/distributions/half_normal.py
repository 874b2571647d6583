"""The half-normal distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.normal import Normal
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import AbsTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


class HalfNormal(TransformedDistribution):
    """|x| for normal x of mean 0 and standard deviation `scale`.

    >>> from torch.distributions import HalfNormal
    >>> HalfNormal(1.).cdf(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6827])
    """

    arg_constraints = parameters(scale=constraints.positive)
    scale: _C.Tensor

    def __init__(self, scale: Parameter, validate_args: bool | None = None) -> None:
        self._take(scale=scale)
        base = Normal(_C.ops.zeros_like(self.scale), self.scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.greater_than_eq(0)

    @property
    def mean(self) -> _C.Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> _C.Tensor:
        return self.scale * self.scale * (1 - 2 / math.pi)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (self.base_dist.log_prob(value) + math.log(2)).masked_fill_(value < 0, -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (value.clamp(min=0) / (self.scale * math.sqrt(2))).erf()

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return self.scale * math.sqrt(2) * value.erfinv()

    def entropy(self) -> _C.Tensor:
        return self.base_dist.entropy() - math.log(2)
