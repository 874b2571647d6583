"""The normal distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.exp_family import ExponentialFamily
from torch.distributions.location_scale import LocationScale
from torch.distributions.normal_quantile import normal_quantile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Normal(LocationScale, ExponentialFamily):
    """The normal distribution of mean `loc` and standard deviation `scale`.

    >>> from torch.distributions import Normal
    >>> Normal(0., 2.).log_prob(torch.tensor([0., 2.]))
    tensor([-1.6121, -2.1121])
    """

    _mean_carrier_measure = 0.0

    @property
    def mean(self) -> _C.Tensor:
        return self.loc

    @property
    def stddev(self) -> _C.Tensor:
        return self.scale

    @property
    def variance(self) -> _C.Tensor:
        return self.scale * self.scale

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self.loc + self.scale * self._room(sample_shape, self.loc).normal_()

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        z = self._standardized(value)
        return -0.5 * z * z - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return 0.5 * ((self.loc - value) / (self.scale * math.sqrt(2))).erfc()  # erfc keeps the digits of small probabilities

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return self.loc + self.scale * normal_quantile(value)

    def entropy(self) -> _C.Tensor:
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return self.loc / self.variance, -0.5 / self.variance

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        x, y = natural_params
        return -0.25 * x * x / y + 0.5 * (-math.pi / y).log()
