"""The one-hot categorical distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.categorical import Categorical
from torch.distributions.odds import CategoricalOdds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class OneHotCategorical(CategoricalOdds):
    """Vectors of K numbers, one of them 1, at a place with the probabilities `probs`, or their logarithms `logits`, others 0.

    >>> from torch.distributions import OneHotCategorical
    >>> OneHotCategorical(torch.tensor([0., 2.])).sample()
    tensor([0., 1.])
    """

    support = constraints.simplex
    has_enumerate_support = True

    def __init__(
        self, probs: _C.Tensor | None = None, logits: _C.Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        shape = self._take_odds(probs, logits)
        self._categorical = Categorical(validate_args=False, **{name: vars(self).get(name) for name in ("probs", "logits")})
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def param_shape(self) -> _C.Size:
        """The shape of `probs`."""
        return self._categorical.param_shape

    @property
    def mean(self) -> _C.Tensor:
        return self.probs

    @property
    def variance(self) -> _C.Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        places = self._categorical.sample(sample_shape).unsqueeze(-1)
        result = _C.ops.zeros(self._extended_shape(sample_shape), dtype=self.probs.dtype, device=self.probs.device)
        return result.scatter_(-1, places, 1)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return self._categorical.log_prob(value.max(-1)[1])

    def entropy(self) -> _C.Tensor:
        return self._categorical.entropy()

    def enumerate_support(self) -> _C.Tensor:
        count = self._num_events
        unit = _C.ops.eye(count, dtype=self.probs.dtype, device=self.probs.device)
        return unit.view(count, *(1 for _ in self.batch_shape), count).expand(count, *self.batch_shape, count).contiguous()
