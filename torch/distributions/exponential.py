"""The exponential distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.exp_family import ExponentialFamily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Exponential(ExponentialFamily):
    """The exponential distribution of density `rate * exp(-rate * x)` for x >= 0.

    >>> from torch.distributions import Exponential
    >>> Exponential(2.).icdf(torch.tensor([0.5, 1.]))
    tensor([0.3466,    inf])
    """

    arg_constraints = parameters(rate=constraints.positive)
    support = constraints.positive
    has_rsample = True
    _mean_carrier_measure = 0.0
    rate: _C.Tensor

    def __init__(self, rate: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(rate=rate), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return 1 / self.rate

    @property
    def stddev(self) -> _C.Tensor:
        return 1 / self.rate

    @property
    def variance(self) -> _C.Tensor:
        return 1 / (self.rate * self.rate)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self._room(sample_shape, self.rate).exponential_() / self.rate

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (self.rate.log() - self.rate * value).masked_fill_(value < 0, -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return -(-self.rate * value.clamp(min=0)).expm1()

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return -(-value).log1p() / self.rate

    def entropy(self) -> _C.Tensor:
        return 1 - self.rate.log()

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return (-self.rate,)

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        return -(-natural_params[0]).log()
