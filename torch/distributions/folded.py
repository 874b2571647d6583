"""The absolute values of numbers from a symmetric distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, parameters
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import AbsTransform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

    from torch.distributions.distribution import Parameter


class Folded(TransformedDistribution):
    """|x| for x of `base_kind` with location 0 and the scale `scale`."""

    base_kind: ClassVar[Callable[..., Distribution]]
    arg_constraints = parameters(scale=constraints.positive)
    scale: _C.Tensor

    def __init__(self, scale: Parameter, validate_args: bool | None = None) -> None:
        self._take(scale=scale)
        base = type(self).base_kind(_C.ops.zeros_like(self.scale), self.scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.greater_than_eq(0)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        return (self.base_dist.log_prob(value) + math.log(2)).masked_fill_(value < 0, -math.inf)

    def entropy(self) -> _C.Tensor:
        return self.base_dist.entropy() - math.log(2)
