"""Batches as events."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution
from torch.distributions.transforms import sum_last

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Independent(Distribution):
    """The same distribution, with the last `reinterpreted_batch_ndims` dimensions of its batch as dimensions of the event.

    >>> from torch.distributions import Independent, Normal
    >>> d = Independent(Normal(torch.zeros(2, 3), 1.), 1)
    >>> d.batch_shape, d.event_shape, d.log_prob(torch.zeros(3)).shape
    (torch.Size([2]), torch.Size([3]), torch.Size([2]))
    """

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        most = len(base_distribution.batch_shape)
        if not 0 <= reinterpreted_batch_ndims <= most:
            text = f"reinterpreted_batch_ndims is {reinterpreted_batch_ndims}, expected 0 to {most}: the base has a batch of"
            raise ValueError(f"Independent: {text} shape {tuple(base_distribution.batch_shape)}")
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        shape = base_distribution.batch_shape + base_distribution.event_shape
        batch = most - reinterpreted_batch_ndims
        super().__init__(shape[:batch], shape[batch:], validate_args=validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base distribution has it."""
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> bool:  # type: ignore[override]
        """Whether the base distribution has it, and no dimension of the batch has become one of the event."""
        return self.base_dist.has_enumerate_support and self.reinterpreted_batch_ndims == 0

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        found: constraints.Constraint = self.base_dist.support
        return found

    @property
    def mean(self) -> _C.Tensor:
        return self.base_dist.mean

    @property
    def variance(self) -> _C.Tensor:
        return self.base_dist.variance

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return sum_last(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> _C.Tensor:
        return sum_last(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self) -> _C.Tensor:
        if self.reinterpreted_batch_ndims > 0:
            raise NotImplementedError("Independent: the support of several numbers together is their product; not enumerated")
        return self.base_dist.enumerate_support()
