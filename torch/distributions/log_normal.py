"""The log-normal distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.normal import Normal
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import ExpTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


class LogNormal(TransformedDistribution):
    """exp(x) for normal x of mean `loc` and standard deviation `scale`.

    >>> from torch.distributions import LogNormal
    >>> LogNormal(0., 1.).icdf(torch.tensor(0.5))
    tensor(1.)
    """

    arg_constraints = parameters(loc=constraints.real, scale=constraints.positive)
    loc: _C.Tensor
    scale: _C.Tensor

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool | None = None) -> None:
        self._take(loc=loc, scale=scale)
        super().__init__(Normal(self.loc, self.scale, validate_args=False), ExpTransform(), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return (self.loc + self.scale * self.scale / 2).exp()

    @property
    def variance(self) -> _C.Tensor:
        square = self.scale * self.scale
        return square.expm1() * (2 * self.loc + square).exp()

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        return super().log_prob(value).masked_fill_(value <= 0, -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        return super().cdf(value.clamp(min=0))

    def entropy(self) -> _C.Tensor:
        return self.base_dist.entropy() + self.loc
