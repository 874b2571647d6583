"""Distributions of `loc + scale * z`."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


class LocationScale(Distribution):
    """A law of all numbers that `loc` moves and `scale` widens."""

    arg_constraints = parameters(loc=constraints.real, scale=constraints.positive)
    support = constraints.real
    has_rsample = True
    loc: _C.Tensor
    scale: _C.Tensor

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(self._take(loc=loc, scale=scale), validate_args=validate_args)

    def _standardized(self, value: _C.Tensor) -> _C.Tensor:
        """z of a value."""
        return (value - self.loc) / self.scale
