"""The beta distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.dirichlet import Dirichlet
from torch.distributions.distribution import in_double, log_of, parameters, times_log
from torch.distributions.exp_family import ExponentialFamily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


def log_beta(a: _C.Tensor, b: _C.Tensor) -> _C.Tensor:
    """The logarithm of the beta function."""
    return a.lgamma() + b.lgamma() - (a + b).lgamma()


class Beta(ExponentialFamily):
    """The beta distribution on [0, 1]: density x^(concentration1 - 1) (1 - x)^(concentration0 - 1), normalised.

    The gradients of `rsample` hold the sample's quantile.

    >>> from torch.distributions import Beta
    >>> Beta(1., 3.).mean
    tensor(0.2500)
    """

    arg_constraints = parameters(concentration1=constraints.positive, concentration0=constraints.positive)
    support = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0.0
    concentration1: _C.Tensor
    concentration0: _C.Tensor

    def __init__(self, concentration1: Parameter, concentration0: Parameter, validate_args: bool | None = None) -> None:
        shape = self._take(concentration1=concentration1, concentration0=concentration0)
        super().__init__(shape, validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> _C.Tensor:
        total = self.concentration1 + self.concentration0
        return self.mean * (self.concentration0 / total) / (total + 1)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        both = Dirichlet(_C.ops.stack([self.concentration1, self.concentration0], -1), validate_args=False)
        return both.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(x: _C.Tensor, a: _C.Tensor, b: _C.Tensor) -> _C.Tensor:
            return times_log(a - 1, log_of(x)) + times_log(b - 1, log_of(-x, plus_one=True)) - log_beta(a, b)

        return in_double(compute, value, self.concentration1, self.concentration0)

    def entropy(self) -> _C.Tensor:
        def compute(a: _C.Tensor, b: _C.Tensor) -> _C.Tensor:
            total = a + b
            return log_beta(a, b) - (a - 1) * a.digamma() - (b - 1) * b.digamma() + (total - 2) * total.digamma()

        return in_double(compute, self.concentration1, self.concentration0)

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return self.concentration1 - 1, self.concentration0 - 1

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        x, y = natural_params
        return log_beta(x + 1, y + 1)
