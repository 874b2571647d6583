"""The categorical distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import broadcast_shape
from torch.distributions.odds import CategoricalOdds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Categorical(CategoricalOdds):
    """The numbers 0 .. K-1 (int64) with the probabilities `probs`, in the last dimension, or their logarithms `logits`.

    Neither need be normalised; the attributes are.

    >>> from torch.distributions import Categorical
    >>> Categorical(torch.tensor([1., 3.])).log_prob(torch.tensor([0, 1])).exp()
    tensor([0.2500, 0.7500])
    """

    has_enumerate_support = True

    def __init__(
        self, probs: _C.Tensor | None = None, logits: _C.Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(self._take_odds(probs, logits)[:-1], validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def param_shape(self) -> _C.Size:
        """The shape of `probs`."""
        return self.probs.shape

    @property
    def mean(self) -> _C.Tensor:
        return _C.ops.full(self.batch_shape, math.nan, dtype=self.probs.dtype, device=self.probs.device)

    @property
    def variance(self) -> _C.Tensor:
        return _C.ops.full(self.batch_shape, math.nan, dtype=self.probs.dtype, device=self.probs.device)

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        shape = self._extended_shape(sample_shape)
        rows = self.batch_shape.numel()
        if shape.numel() == 0:
            return _C.ops.empty(shape, dtype=_C.int64, device=self.probs.device)
        with no_grad():
            drawn = _C.ops.multinomial(self.probs.contiguous().view(rows, self._num_events), shape.numel() // rows, True)
            return drawn.t().contiguous().view(shape)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        shape = broadcast_shape("Categorical", value=value.shape, batch=self.batch_shape)
        logits = self.logits.expand(*shape, self._num_events)
        return logits.gather(-1, value.long().expand(shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> _C.Tensor:
        return -self._negative_entropy()

    def enumerate_support(self) -> _C.Tensor:
        count = self._num_events
        values = _C.ops.arange(count, dtype=_C.int64, device=self.probs.device)
        return values.view(count, *(1 for _ in self.batch_shape)).expand(count, *self.batch_shape).contiguous()
