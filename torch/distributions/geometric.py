"""The geometric distribution."""

from __future__ import annotations

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import first_failure, times_log
from torch.distributions.odds import BinaryOdds, given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Geometric(BinaryOdds):
    """The number of failures, 0, 1, ..., before the first success, which has probability `probs`, above 0.

    Given by `probs` or by `logits`. P(k) = (1 - probs)^k probs.

    >>> from torch.distributions import Geometric
    >>> Geometric(torch.tensor(0.25)).log_prob(torch.tensor([0., 1.])).exp()
    tensor([0.2500, 0.1875])
    """

    support = constraints.nonnegative_integer

    def __init__(
        self, probs: Parameter | None = None, logits: Parameter | None = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(self._take(**given(self, probs, logits)), validate_args=validate_args)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        failure = first_failure(constraints.positive, self.probs)
        if failure is not None:
            raise ValueError(f"Geometric: probs is {failure}, expected greater than 0")

    @property
    def mean(self) -> _C.Tensor:
        return self._failure / self.probs

    @property
    def variance(self) -> _C.Tensor:
        return self._failure / self.probs**2

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        # The whole part of an exponential number of rate -log(1 - probs).
        with no_grad():
            return (self._room(sample_shape, self._parameter).exponential_() / -self._logarithms()[1]).floor()

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        success, failure = self._logarithms()
        return times_log(value, failure) + success

    def entropy(self) -> _C.Tensor:
        return self._binary_entropy() / self.probs
