"""The relaxed Bernoulli distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.odds import BinaryOdds, given
from torch.distributions.relaxed import Relaxed, log_temperature
from torch.distributions.transforms import SigmoidTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class LogitRelaxedBernoulli(BinaryOdds):
    """The logit of a relaxed Bernoulli number: (logits + logistic noise) / temperature (C. Maddison et al., 2017).

    >>> from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
    >>> LogitRelaxedBernoulli(torch.tensor(0.5), probs=torch.tensor(0.5)).log_prob(torch.tensor(0.))
    tensor(-2.0794)
    """

    arg_constraints = parameters(temperature=constraints.positive, **BinaryOdds.arg_constraints)
    support = constraints.real
    has_rsample = True

    def __init__(
        self,
        temperature: Parameter,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        super().__init__(self._take(**given(self, probs, logits)), validate_args=validate_args)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        # The logarithm of the ratio of two exponential numbers is logistic.
        upper, lower = (self._room(sample_shape, self._parameter).exponential_().log() for _ in range(2))
        return (self.logits + (upper - lower)) / self.temperature

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        difference = self.logits - value * self.temperature
        return _C.nn.log_sigmoid(difference) + _C.nn.log_sigmoid(-difference) + log_temperature(self.temperature, value)


class RelaxedBernoulli(Relaxed):
    """Numbers in (0, 1) that have gradients and, as `temperature` falls to 0, become Bernoulli numbers of `probs` or `logits`.

    >>> from torch.distributions import RelaxedBernoulli
    >>> RelaxedBernoulli(torch.tensor(1.), probs=torch.tensor(0.5)).log_prob(torch.tensor([0.2, 0.9]))
    tensor([0., 0.])
    """

    base_kind = LogitRelaxedBernoulli
    transform = SigmoidTransform
    arg_constraints = LogitRelaxedBernoulli.arg_constraints
    support = constraints.unit_interval
