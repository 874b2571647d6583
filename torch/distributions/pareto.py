"""The Pareto distribution."""

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


class Pareto(TransformedDistribution):
    """The Pareto distribution of type 1: P(X > x) = (scale / x)^alpha for x >= scale.

    >>> from torch.distributions import Pareto
    >>> Pareto(1., torch.tensor([1., 2.])).mean
    tensor([inf,  2.])
    """

    arg_constraints = parameters(scale=constraints.positive, alpha=constraints.positive)
    scale: _C.Tensor
    alpha: _C.Tensor

    def __init__(self, scale: Parameter, alpha: Parameter, validate_args: bool | None = None) -> None:
        self._take(scale=scale, alpha=alpha)
        base = Exponential(self.alpha, validate_args=False)
        super().__init__(base, [ExpTransform(), AffineTransform(0, self.scale)], validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.greater_than_eq(self.scale)

    def _infinite_up_to(self, bound: float, value: _C.Tensor) -> _C.Tensor:
        return _C.ops.where(self.alpha > bound, value, _C.ops.full_like(value, math.inf))

    @property
    def mean(self) -> _C.Tensor:
        return self._infinite_up_to(1, self.scale * (self.alpha / (self.alpha - 1)))

    @property
    def variance(self) -> _C.Tensor:
        a, ratio = self.alpha, self.scale / (self.alpha - 1)
        return self._infinite_up_to(2, ratio * ratio * (a / (a - 2)))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        density = self.alpha.log() - self.alpha * (value / self.scale).log() - value.log()
        return density.masked_fill_(value < self.scale, -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return -(-self.alpha * (value / self.scale).clamp(min=1).log()).expm1()

    def entropy(self) -> _C.Tensor:
        return (self.scale / self.alpha).log() + 1 + 1 / self.alpha
