"""The Poisson distribution."""

from __future__ import annotations

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, in_double, log_of, parameters, times_log
from torch.distributions.exp_family import ExponentialFamily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Poisson(ExponentialFamily):
    """Counts 0, 1, ... of mean `rate`: P(k) = rate^k exp(-rate) / k!.

    >>> from torch.distributions import Poisson
    >>> Poisson(2.).log_prob(torch.tensor([0., 2.]))
    tensor([-2.0000, -1.3069])
    """

    arg_constraints = parameters(rate=constraints.positive)
    support = constraints.nonnegative_integer
    rate: _C.Tensor

    def __init__(self, rate: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(rate=rate), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.rate

    @property
    def variance(self) -> _C.Tensor:
        return self.rate

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        with no_grad():
            return _C.ops.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(k: _C.Tensor, rate: _C.Tensor) -> _C.Tensor:
            return times_log(k, log_of(rate)) - rate - (k + 1).lgamma()

        return in_double(compute, value, self.rate)

    entropy = Distribution.entropy  # the mean of log k! has no closed form

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return (self.rate.log(),)

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        return natural_params[0].exp()
