"""The multinomial distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.categorical import Categorical
from torch.distributions.distribution import first_failure, in_double, parameters, times_log
from torch.distributions.odds import CategoricalOdds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Multinomial(CategoricalOdds):
    """How often each of K values comes in `total_count` draws with the probabilities `probs`, or their logarithms `logits`.

    >>> from torch.distributions import Multinomial
    >>> Multinomial(2, torch.tensor([1., 1.])).log_prob(torch.tensor([1., 1.])).exp()
    tensor(0.5000)
    """

    arg_constraints = parameters(
        total_count=constraints.nonnegative_integer, probs=constraints.simplex, logits=constraints.real
    )

    def __init__(
        self,
        total_count: int = 1,
        probs: _C.Tensor | None = None,
        logits: _C.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError(f"Multinomial: total_count is {total_count!r}, expected one int for the whole batch")
        self.total_count = total_count
        shape = self._take_odds(probs, logits)
        self._categorical = Categorical(validate_args=False, **{name: vars(self).get(name) for name in ("probs", "logits")})
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self.total_count)

    @property
    def param_shape(self) -> _C.Size:
        """The shape of `probs`."""
        return self._categorical.param_shape

    @property
    def mean(self) -> _C.Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> _C.Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        counts = _C.ops.zeros(self._extended_shape(sample_shape), dtype=self.probs.dtype, device=self.probs.device)
        if self.total_count == 0 or counts.numel() == 0:
            return counts
        drawn = self._categorical.sample((self.total_count, *sample_shape))
        drawn = drawn.permute([*range(1, drawn.dim()), 0])
        return counts.scatter_add_(-1, drawn, _C.ops.ones(drawn.shape, dtype=counts.dtype, device=counts.device))

    def _validate_sample(self, value: _C.Tensor) -> None:
        super()._validate_sample(value)
        if self._validate_args:
            failure = first_failure(constraints.interval(self.total_count, self.total_count), value.sum(-1))
            if failure is not None:
                raise ValueError(f"Multinomial: the sum of value is {failure}, expected total_count, {self.total_count}")

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(k: _C.Tensor, logits: _C.Tensor) -> _C.Tensor:
            ways = (k.sum(-1) + 1).lgamma() - (k + 1).lgamma().sum(-1)
            return ways + times_log(k, logits).sum(-1)

        return in_double(compute, value, self.logits)
