"""The Kullback-Leibler divergence, found by the types of both distributions."""

from __future__ import annotations

import warnings

from torch import _C
from torch.distributions.distribution import Distribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., _C.Tensor])

_registered: dict[tuple[type, type], Callable[[Any, Any], _C.Tensor]] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[F], F]:
    """Decorates a function of p and q that computes `kl_divergence(p, q)` for these types, and for those derived from them.

    >>> from torch.distributions import Normal, kl_divergence, register_kl
    >>> class Wide(Normal):
    ...     pass
    >>> @register_kl(Wide, Normal)
    ... def of_wide(p, q):
    ...     return torch.zeros(p.batch_shape)
    >>> kl_divergence(Wide(0., 1.), Normal(5., 1.))
    tensor(0.)
    """
    for name, given in (("type_p", type_p), ("type_q", type_q)):
        if not (isinstance(given, type) and issubclass(given, Distribution)):
            raise TypeError(f"register_kl: {name} is {given!r}, expected a subclass of Distribution")

    def register(function: F) -> F:
        _registered[type_p, type_q] = function
        return function

    return register


def _find(type_p: type, type_q: type) -> Callable[[Any, Any], _C.Tensor] | None:
    """The function of the nearest bases. Where that of p and that of q disagree, p decides, with a warning."""
    order_p, order_q = type_p.__mro__, type_q.__mro__
    places = [(order_p.index(p), order_q.index(q)) for p, q in _registered if p in order_p and q in order_q]
    if not places:
        return None
    by_p, by_q = min(places), min(places, key=lambda place: (place[1], place[0]))
    found = _registered[order_p[by_p[0]], order_q[by_p[1]]]
    if found is not _registered[order_p[by_q[0]], order_q[by_q[1]]]:
        names = f"{type_p.__name__}, {type_q.__name__}"
        warnings.warn(f"Ambiguous kl_divergence({names}). Please register_kl({names})", RuntimeWarning, stacklevel=3)
    return found


def kl_divergence(p: Distribution, q: Distribution) -> _C.Tensor:
    """The mean under p of log p(x) - log q(x), of the common `batch_shape`; NotImplementedError where no formula is known.

    >>> from torch.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(0., 1.), Normal(1., 2.))
    tensor(0.4431)
    """
    compute = _find(type(p), type(q))
    if compute is None:
        names = f"{type(p).__name__}, {type(q).__name__}"
        raise NotImplementedError(f"kl_divergence({names}): no formula is known; register_kl({names}) adds one")
    return compute(p, q)
