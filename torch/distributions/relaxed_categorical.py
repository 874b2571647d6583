"""The relaxed categorical distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.odds import CategoricalOdds
from torch.distributions.relaxed import Relaxed, log_temperature
from torch.distributions.transforms import ExpTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class ExpRelaxedCategorical(CategoricalOdds):
    """The logarithm of a relaxed one-hot vector (C. Maddison et al., "The concrete distribution", 2017).

    >>> from torch.distributions.relaxed_categorical import ExpRelaxedCategorical
    >>> ExpRelaxedCategorical(torch.tensor(1.), probs=torch.ones(2)).log_prob(torch.tensor([0.5, 0.5]).log())
    tensor(-1.3863)
    """

    arg_constraints = parameters(temperature=constraints.positive, **CategoricalOdds.arg_constraints)
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        temperature: Parameter,
        probs: _C.Tensor | None = None,
        logits: _C.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        shape = self._take_odds(probs, logits)
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        gumbel = -self._room(sample_shape, self.logits).exponential_().log()
        return ((self.logits + gumbel) / self.temperature).log_softmax(-1)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        count = self._num_events
        scores = (self.logits - value * self.temperature).log_softmax(-1)
        return scores.sum(-1) + (math.lgamma(count) + (count - 1) * log_temperature(self.temperature, value))


class RelaxedOneHotCategorical(Relaxed):
    """Vectors of sum 1 that have gradients and, as `temperature` falls to 0, become one-hot vectors of `probs` or `logits`.

    >>> from torch.distributions import RelaxedOneHotCategorical
    >>> RelaxedOneHotCategorical(torch.tensor(1.), probs=torch.ones(2)).log_prob(torch.tensor([0.2, 0.8]))
    tensor(0.)
    """

    base_kind = ExpRelaxedCategorical
    transform = ExpTransform
    arg_constraints = ExpRelaxedCategorical.arg_constraints
    support = constraints.simplex
