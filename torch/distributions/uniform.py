"""The uniform distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, first_failure, parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Uniform(Distribution):
    """The uniform distribution on [low, high).

    >>> from torch.distributions import Uniform
    >>> Uniform(0., 4.).cdf(torch.tensor([1., 5.]))
    tensor([0.2500, 1.0000])
    """

    arg_constraints = parameters(low=constraints.dependent, high=constraints.dependent)
    has_rsample = True
    low: _C.Tensor
    high: _C.Tensor

    def __init__(self, low: Parameter, high: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(low=low, high=high), validate_args=validate_args)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        failure = first_failure(constraints.greater_than(self.low), self.high)
        if failure is not None:
            raise ValueError(f"Uniform: high is {failure}, expected greater than low")

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> _C.Tensor:
        return self.low + (self.high - self.low) / 2

    @property
    def variance(self) -> _C.Tensor:
        return self.stddev * self.stddev

    @property
    def stddev(self) -> _C.Tensor:
        return (self.high - self.low) / math.sqrt(12)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self.low + (self.high - self.low) * self._room(sample_shape, self.low).uniform_()

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        density = -(self.high - self.low).log() + _C.ops.zeros_like(value)
        return density.masked_fill_((value < self.low) | (value >= self.high), -math.inf)

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return ((value - self.low) / (self.high - self.low)).clamp(0, 1)

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        return self.low + (self.high - self.low) * value

    def entropy(self) -> _C.Tensor:
        return (self.high - self.low).log()
