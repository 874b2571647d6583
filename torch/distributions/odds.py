"""Distributions that are given by probabilities or by their logits: whoever gives one form can read both."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, broadcast_parameters, log_of, parameters, times_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.distributions.distribution import Parameter


class derived:
    """An attribute that is computed unless the object holds it. Anew each time: it belongs to the graph in which it is used."""

    def __init__(self, compute: Callable[[Any], _C.Tensor]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> _C.Tensor:
        found: Any = self if owner is None else self.compute(owner)
        result: _C.Tensor = found
        return result


def given(owner: Distribution, probs: Parameter | None, logits: Parameter | None) -> dict[str, Parameter]:
    """The one of both that is given, by its name."""
    found = {name: value for name, value in (("probs", probs), ("logits", logits)) if value is not None}
    if len(found) != 1:
        what = "probs and logits are both given" if found else "neither probs nor logits is given"
        raise ValueError(f"{type(owner).__name__}: {what}, expected one of them")
    return found


class BinaryOdds(Distribution):
    """`probs` of an event, or `logits`, which are log(probs / (1 - probs))."""

    arg_constraints = parameters(probs=constraints.unit_interval, logits=constraints.real)

    @derived
    def probs(self) -> _C.Tensor:
        """The probability of 1."""
        return self.logits.sigmoid()

    @derived
    def logits(self) -> _C.Tensor:
        """log(probs / (1 - probs)); infinite for 0 and 1."""
        return log_of(self.probs) - log_of(-self.probs, plus_one=True)

    @property
    def _parameter(self) -> _C.Tensor:
        """The form that was given."""
        return self.probs if "probs" in vars(self) else self.logits

    @property
    def _failure(self) -> _C.Tensor:
        """1 - probs, exactly also where it is small and logits are given."""
        return 1 - self.probs if "probs" in vars(self) else (-self.logits).sigmoid()

    def _logarithms(self) -> tuple[_C.Tensor, _C.Tensor]:
        """log probs and log(1 - probs)."""
        if "probs" in vars(self):
            return log_of(self.probs), log_of(-self.probs, plus_one=True)
        return _C.nn.log_sigmoid(self.logits), _C.nn.log_sigmoid(-self.logits)

    def _binary_entropy(self) -> _C.Tensor:
        """The entropy of one trial."""
        success, failure = self._logarithms()
        return -times_log(self.probs, success) - times_log(self._failure, failure)


class CategoricalOdds(Distribution):
    """`probs` of K values in the last dimension, which are divided by their sum, or `logits`: logarithms plus any number."""

    arg_constraints = parameters(probs=constraints.simplex, logits=constraints.real)

    @derived
    def probs(self) -> _C.Tensor:
        """The probabilities, of sum 1."""
        return self.logits.exp()

    @derived
    def logits(self) -> _C.Tensor:
        """The logarithms of the probabilities."""
        return log_of(self.probs)

    def _take_odds(self, probs: Parameter | None, logits: Parameter | None) -> _C.Size:
        """Keeps the given form, normalised, and returns its shape."""
        ((name, value),) = given(self, probs, logits).items()
        (tensor,) = broadcast_parameters(type(self).__name__, **{name: value})
        if tensor.dim() < 1 or tensor.size(-1) < 1:
            text = f"{name} has shape {tuple(tensor.shape)}, expected a last dimension of one value or more"
            raise ValueError(f"{type(self).__name__}: {text}")
        vars(self)[name] = tensor.log_softmax(-1) if name == "logits" else tensor / tensor.sum(-1, True)
        return tensor.shape

    @property
    def _num_events(self) -> int:
        """K."""
        return (self.probs if "probs" in vars(self) else self.logits).size(-1)

    def _negative_entropy(self) -> _C.Tensor:
        """The sum of p log p."""
        return times_log(self.probs, self.logits).sum(-1)
