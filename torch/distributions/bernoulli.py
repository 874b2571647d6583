"""The Bernoulli distribution."""

from __future__ import annotations

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import times_log
from torch.distributions.exp_family import ExponentialFamily
from torch.distributions.odds import BinaryOdds, given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Bernoulli(BinaryOdds, ExponentialFamily):
    """1 with probability `probs`, else 0. Given by `probs` or by `logits`.

    >>> from torch.distributions import Bernoulli
    >>> Bernoulli(torch.tensor([0.25, 1.])).log_prob(torch.tensor([1., 1.]))
    tensor([-1.3863,  0.0000])
    """

    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0.0

    def __init__(
        self, probs: Parameter | None = None, logits: Parameter | None = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(self._take(**given(self, probs, logits)), validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.probs

    @property
    def variance(self) -> _C.Tensor:
        return self.probs * self._failure

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        with no_grad():
            return self._room(sample_shape, self._parameter).bernoulli_(self.probs)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        success, failure = self._logarithms()
        return times_log(value, success) + times_log(1 - value, failure)

    def entropy(self) -> _C.Tensor:
        return self._binary_entropy()

    def enumerate_support(self) -> _C.Tensor:
        values = _C.ops.arange(2, dtype=self._parameter.dtype, device=self._parameter.device)
        return values.view(2, *(1 for _ in self.batch_shape)).expand(2, *self.batch_shape).contiguous()

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return (self.logits,)

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        return -_C.nn.log_sigmoid(-natural_params[0])
