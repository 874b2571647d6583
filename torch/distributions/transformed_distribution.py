"""Distributions of transformed numbers."""

from __future__ import annotations

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import Distribution
from torch.distributions.transforms import Transform, sum_last

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class TransformedDistribution(Distribution):
    """The distribution of t(x) for x of `base_distribution`; `transforms`, one or several, the first one first.

    >>> from torch.distributions import Normal, TransformedDistribution
    >>> from torch.distributions.transforms import AffineTransform, ExpTransform
    >>> d = TransformedDistribution(Normal(0., 1.), [AffineTransform(1., 2.), ExpTransform()])
    >>> d.log_prob(torch.tensor(1.)), d.cdf(torch.tensor(1.))
    (tensor(-1.7371), tensor(0.3085))
    """

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.base_dist = base_distribution
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        for transform in self.transforms:
            if not isinstance(transform, Transform):
                raise TypeError(f"{type(self).__name__}: transforms holds {transform!r}, expected Transforms")
        shape = base_distribution.batch_shape + base_distribution.event_shape
        events = max([len(base_distribution.event_shape), *(transform.event_dim for transform in self.transforms)])
        super().__init__(shape[: len(shape) - events], shape[len(shape) - events :], validate_args=validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base distribution has it."""
        return self.base_dist.has_rsample

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        found: constraints.Constraint = self.transforms[-1].codomain if self.transforms else self.base_dist.support
        return found

    def _forward(self, x: _C.Tensor) -> _C.Tensor:
        for transform in self.transforms:
            x = transform(x)
        return x

    def _sign(self) -> int | _C.Tensor:
        sign: int | _C.Tensor = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return sign

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        with no_grad():
            return self._forward(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        return self._forward(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        events = len(self.event_shape)
        result: _C.Tensor | None = None
        for transform in reversed(self.transforms):
            x = transform._inv_call(value)
            term = sum_last(transform.log_abs_det_jacobian(x, value), events - transform.event_dim)
            result = term if result is None else result + term
            value = x
        base = sum_last(self.base_dist.log_prob(value), events - len(self.base_dist.event_shape))
        return base if result is None else base - result

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        """That of the base, from the other end where the transforms fall."""
        self._validate_sample(value)
        sign = self._sign()
        for transform in reversed(self.transforms):
            value = transform._inv_call(value)
        return sign * (self.base_dist.cdf(value) - 0.5) + 0.5 if falls(sign) else self.base_dist.cdf(value)

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        sign = self._sign()
        return self._forward(self.base_dist.icdf(sign * (value - 0.5) + 0.5 if falls(sign) else value))


def falls(sign: int | _C.Tensor) -> bool:
    """Whether a sign is negative, or may be."""
    return isinstance(sign, _C.Tensor) or sign < 0
