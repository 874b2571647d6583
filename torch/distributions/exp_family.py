"""Exponential families: entropies and divergences from the derivatives of the log normaliser."""

from __future__ import annotations

from torch import _C, autograd
from torch.autograd import enable_grad
from torch.distributions.distribution import Distribution


class ExponentialFamily(Distribution):
    """Densities `exp(<t(x), theta> - F(theta) + k(x))` with natural parameters theta and log normaliser F.

    A subclass names theta (`_natural_params`), F (`_log_normalizer`) and the mean of k (`_mean_carrier_measure`). Its entropy
    and the divergence of two of its members, a Bregman divergence of F, follow (Nielsen and Nock, 2010).

    >>> from torch.distributions import Exponential
    >>> from torch.distributions.exp_family import ExponentialFamily
    >>> ExponentialFamily.entropy(Exponential(torch.tensor([1., 2.])))
    tensor([1.0000, 0.3069])
    """

    @property
    def _natural_params(self) -> tuple[_C.Tensor, ...]:
        """theta, each of shape `batch_shape`, or with the event's dimensions."""
        raise NotImplementedError(f"{type(self).__name__} does not name its natural parameters")

    def _log_normalizer(self, *natural_params: _C.Tensor) -> _C.Tensor:
        """F, of shape `batch_shape`."""
        raise NotImplementedError(f"{type(self).__name__} does not name its log normaliser")

    @property
    def _mean_carrier_measure(self) -> float | _C.Tensor:
        """The mean of k(x)."""
        raise NotImplementedError(f"{type(self).__name__} does not name its carrier measure")

    def entropy(self) -> _C.Tensor:
        """F - <theta, grad F> - the mean of k."""
        normalizer, gradients, parameters = normalizer_gradients(self)
        result = normalizer - self._mean_carrier_measure
        for parameter, gradient in zip(parameters, gradients, strict=True):
            result = result - sum_events(parameter * gradient, len(self.event_shape))
        return result if any(p.requires_grad for p in self._natural_params) else result.detach()


def normalizer_gradients(family: ExponentialFamily) -> tuple[_C.Tensor, tuple[_C.Tensor, ...], tuple[_C.Tensor, ...]]:
    """F, its gradient and theta, all of which can be differentiated further."""
    with enable_grad():
        parameters = tuple(p if p.requires_grad else p.detach().requires_grad_() for p in family._natural_params)
        normalizer = family._log_normalizer(*parameters)
        gradients = autograd.grad(normalizer.sum(), parameters, create_graph=True)
    return normalizer, gradients, parameters


def sum_events(value: _C.Tensor, count: int) -> _C.Tensor:
    """The sum over the last `count` dimensions."""
    for _ in range(count):
        value = value.sum(-1)
    return value
