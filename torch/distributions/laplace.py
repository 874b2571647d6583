"""The Laplace distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions.location_scale import LocationScale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Laplace(LocationScale):
    """The Laplace distribution of density `exp(-|x - loc| / scale) / (2 * scale)`.

    >>> from torch.distributions import Laplace
    >>> Laplace(0., 1.).cdf(torch.tensor([-1., 0., 1.]))
    tensor([0.1839, 0.5000, 0.8161])
    """

    @property
    def mean(self) -> _C.Tensor:
        return self.loc

    @property
    def variance(self) -> _C.Tensor:
        return 2 * self.scale * self.scale

    @property
    def stddev(self) -> _C.Tensor:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        # An exponential number with a random sign: reaches as far into both tails as the dtype does.
        room = self._room(sample_shape, self.loc)
        return self.loc + self.scale * (room.clone().exponential_() * (2 * room.bernoulli_() - 1))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        z = self._standardized(value)
        tail = 0.5 * (-z.abs()).exp()
        return _C.ops.where(z < 0, tail, 1 - tail)

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        z = _C.ops.where(value < 0.5, (2 * value).log(), -(2 * (1 - value)).log())
        return self.loc + self.scale * z

    def entropy(self) -> _C.Tensor:
        return 1 + (2 * self.scale).log()
