"""The gamma distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import SMALLEST, in_double, log_of, parameters, times_log
from torch.distributions.exp_family import ExponentialFamily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Gamma(ExponentialFamily):
    """The gamma distribution of shape `concentration` and `rate`: density x^(concentration - 1) exp(-rate x), normalised.

    The gradients of `rsample` hold the sample's quantile.

    >>> from torch.distributions import Gamma
    >>> Gamma(torch.tensor([1., 3.]), 2.).mean
    tensor([0.5000, 1.5000])
    """

    arg_constraints = parameters(concentration=constraints.positive, rate=constraints.positive)
    support = constraints.positive
    has_rsample = True
    _mean_carrier_measure = 0.0
    concentration: _C.Tensor
    rate: _C.Tensor

    def __init__(self, concentration: Parameter, rate: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(concentration=concentration, rate=rate), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.concentration / self.rate

    @property
    def variance(self) -> _C.Tensor:
        return self.concentration / (self.rate * self.rate)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        drawn = _C.ops._standard_gamma(self.concentration.expand(self._extended_shape(sample_shape))) / self.rate
        return drawn.clamp(min=SMALLEST[drawn.dtype])

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(x: _C.Tensor, a: _C.Tensor, rate: _C.Tensor) -> _C.Tensor:
            return a * rate.log() + times_log(a - 1, log_of(x)) - rate * x - a.lgamma()

        return in_double(compute, value, self.concentration, self.rate)

    def entropy(self) -> _C.Tensor:
        def compute(a: _C.Tensor, rate: _C.Tensor) -> _C.Tensor:
            return a - rate.log() + a.lgamma() + (1 - a) * a.digamma()

        return in_double(compute, self.concentration, self.rate)

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        x, y = natural_params
        return (x + 1).lgamma() - (x + 1) * (-y).log()
