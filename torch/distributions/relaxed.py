"""Relaxed distributions: numbers that have gradients and, as the temperature falls to 0, become those of a discrete one."""

from __future__ import annotations

from torch import _C
from torch.distributions.distribution import Distribution
from torch.distributions.odds import derived, given
from torch.distributions.transformed_distribution import TransformedDistribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

    from torch.distributions.distribution import Parameter
    from torch.distributions.transforms import Transform


def log_temperature(temperature: Parameter, value: _C.Tensor) -> _C.Tensor:
    """Its logarithm, a tensor of the dtype of `value`."""
    if isinstance(temperature, _C.Tensor):
        return temperature.log()
    return _C.ops.full((), temperature, dtype=value.dtype, device=value.device).log()


class Relaxed(TransformedDistribution):
    """`transform` of numbers of `base_kind`, which has a temperature and is given by `probs` or `logits`."""

    base_kind: ClassVar[Callable[..., Distribution]]
    transform: ClassVar[Callable[[], Transform]]
    has_rsample = True

    def __init__(
        self,
        temperature: Parameter,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given(self, probs, logits)
        base = type(self).base_kind(temperature, probs, logits, validate_args=False)
        vars(self).update({name: value for name, value in vars(base).items() if name in self.arg_constraints})
        super().__init__(base, type(self).transform(), validate_args=validate_args)

    @derived
    def probs(self) -> _C.Tensor:
        """Those of the base."""
        return self._of_base("probs")

    @derived
    def logits(self) -> _C.Tensor:
        """Those of the base."""
        return self._of_base("logits")

    def _of_base(self, name: str) -> _C.Tensor:
        found: _C.Tensor = getattr(self.base_dist, name)
        return found
