"""The Gumbel distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.exponential import Exponential
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import AffineTransform, ExpTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


EULER = 0.57721566490153286061  # Euler and Mascheroni's constant: the mean of the standard distribution


class Gumbel(TransformedDistribution):
    """The Gumbel distribution, the limit law of maxima: P(X <= x) = exp(-exp((loc - x) / scale)).

    >>> from torch.distributions import Gumbel
    >>> Gumbel(1., 2.).mean
    tensor(2.1544)
    """

    arg_constraints = parameters(loc=constraints.real, scale=constraints.positive)
    support = constraints.real
    loc: _C.Tensor
    scale: _C.Tensor

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool | None = None) -> None:
        self._take(loc=loc, scale=scale)
        base = Exponential(_C.ops.ones_like(self.loc), validate_args=False)
        transforms = [ExpTransform().inv, AffineTransform(self.loc, -self.scale)]
        super().__init__(base, transforms, validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.loc + EULER * self.scale

    @property
    def stddev(self) -> _C.Tensor:
        return self.scale * (math.pi / math.sqrt(6))

    @property
    def variance(self) -> _C.Tensor:
        return self.stddev * self.stddev

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        y = (self.loc - value) / self.scale
        return y - y.exp() - self.scale.log()

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (-((self.loc - value) / self.scale).exp()).exp()

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> _C.Tensor:
        return self.scale.log() + (1 + EULER)
