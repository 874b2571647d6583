"""The Dirichlet distribution."""

from __future__ import annotations

from torch import _C
from torch.autograd import Function
from torch.distributions import constraints
from torch.distributions.distribution import broadcast_parameters, in_double, log_of, parameters, times_log
from torch.distributions.exp_family import ExponentialFamily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def _sum_of_others(values: _C.Tensor) -> _C.Tensor:
    """Those before each element and those after it: the whole sum less the element might lose all digits."""
    nothing = _C.ops.zeros_like(values[..., :1])
    before = _C.ops.cat([nothing, values[..., :-1].cumsum(-1)], -1)
    after = _C.ops.cat([values[..., 1:].flip(-1).cumsum(-1).flip(-1), nothing], -1)
    return before + after


class _Sample(Function):
    """Gamma numbers over their sum, by their logarithms: small concentrations do not make it 0 / 0.

    Backward: x[i] moves with concentration[i] like a sample of its marginal, a beta law, whose quantile is held; the others
    keep their proportions (M. Jankowiak and F. Obermeyer, "Pathwise derivatives beyond the reparameterization trick", 2018).
    """

    @staticmethod
    def forward(ctx: Any, concentration: _C.Tensor) -> _C.Tensor:
        x = _C.ops._standard_gamma(concentration, True).softmax(-1)
        ctx.save_for_backward(x, concentration)
        return x

    @staticmethod
    def backward(ctx: Any, *grad_outputs: _C.Tensor) -> _C.Tensor:
        x, concentration = ctx.saved_tensors
        (grad,) = grad_outputs
        # At most one element is above 1/2; 1 less it is the sum of the others.
        others = (x * (x <= 0.5).type_as(x)).sum(-1, True)
        place = _C.ops.where(x > 0.5, -others.expand_as(x), x)
        moved: _C.Tensor = _C.ops._beta_grad(place, concentration, _sum_of_others(concentration)) * (
            grad - (x * grad).sum(-1, True)
        )
        return moved


class Dirichlet(ExponentialFamily):
    """Vectors of K numbers of sum 1, with density prod(x^(concentration - 1)), normalised. `concentration`: K in the last
    dimension.

    >>> from torch.distributions import Dirichlet
    >>> Dirichlet(torch.tensor([1., 3.])).mean
    tensor([0.2500, 0.7500])
    """

    arg_constraints = parameters(concentration=constraints.positive)
    support = constraints.simplex
    has_rsample = True
    _mean_carrier_measure = 0.0
    concentration: _C.Tensor

    def __init__(self, concentration: _C.Tensor, validate_args: bool | None = None) -> None:
        (self.concentration,) = broadcast_parameters("Dirichlet", concentration=concentration)
        if self.concentration.dim() < 1:
            raise ValueError("Dirichlet: concentration is a number, expected a last dimension of two numbers or more")
        super().__init__(self.concentration.shape[:-1], self.concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> _C.Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def variance(self) -> _C.Tensor:
        total = self.concentration.sum(-1, True)
        return self.mean * (1 - self.mean) / (total + 1)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        drawn: _C.Tensor = _Sample.apply(self.concentration.expand(self._extended_shape(sample_shape)))
        return drawn

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(x: _C.Tensor, a: _C.Tensor) -> _C.Tensor:
            return times_log(a - 1, log_of(x)).sum(-1) - self._log_normalizer(a - 1)

        return in_double(compute, value, self.concentration)

    def entropy(self) -> _C.Tensor:
        def compute(a: _C.Tensor) -> _C.Tensor:
            total = a.sum(-1)
            digammas = ((a - 1) * a.digamma()).sum(-1) - (total - a.size(-1)) * total.digamma()
            return self._log_normalizer(a - 1) - digammas

        return in_double(compute, self.concentration)

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        return (self.concentration - 1,)

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        a = natural_params[0] + 1
        return a.lgamma().sum(-1) - a.sum(-1).lgamma()
