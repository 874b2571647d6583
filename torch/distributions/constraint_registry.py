"""Transforms by the set that they lead to: `biject_to(constraint)`, one to one, and `transform_to(constraint)`, any."""

from __future__ import annotations

from torch.distributions import constraints, transforms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Factory = Callable[[Any], transforms.Transform]


class ConstraintRegistry:
    """From constraints to transforms of all numbers into them; called with a constraint.

    >>> from torch.distributions import biject_to, constraints
    >>> biject_to(constraints.positive)(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """

    def __init__(self) -> None:
        self._factories: dict[type, Factory] = {}

    def register(self, constraint: constraints.Constraint | type, factory: Factory | None = None) -> Any:
        """Keeps what makes the transform for a constraint, or for the constraints of a class; without it, a decorator."""
        if factory is None:
            return lambda function: self.register(constraint, function)
        kind = constraint if isinstance(constraint, type) else type(constraint)
        if not issubclass(kind, constraints.Constraint):
            raise TypeError(f"register: constraint is {constraint!r}, expected a Constraint or a class of them")
        self._factories[kind] = factory
        return factory

    def __call__(self, constraint: constraints.Constraint) -> transforms.Transform:
        """The transform; NotImplementedError where none is registered."""
        factory = self._factories.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"no transform leads to {constraint!r}; register(constraint, factory) adds one")
        return factory(constraint)


biject_to = ConstraintRegistry()
transform_to = ConstraintRegistry()


def _above(constraint: Any) -> transforms.Transform:
    return _moved(transforms.ExpTransform(), constraint.lower_bound, 1)


def _below(constraint: Any) -> transforms.Transform:
    return _moved(transforms.ExpTransform(), constraint.upper_bound, -1)


def _between(constraint: Any) -> transforms.Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    return _moved(transforms.SigmoidTransform(), low, high - low)


def _moved(transform: transforms.Transform, loc: Any, scale: Any) -> transforms.Transform:
    """The transform, and then loc + scale * y unless that is y."""
    if isinstance(loc, int | float) and isinstance(scale, int | float) and (loc, scale) == (0, 1):
        return transform
    return transforms.ComposeTransform([transform, transforms.AffineTransform(loc, scale)])


_NUMBERS: dict[constraints.Constraint | type, Factory] = {
    constraints.real: lambda constraint: transforms.identity_transform,
    constraints.real_vector: lambda constraint: transforms.identity_transform,
    constraints.greater_than: _above,
    constraints.greater_than_eq: _above,
    constraints.less_than: _below,
    constraints.interval: _between,
    constraints.half_open_interval: _between,
}

for _constraint, _factory in _NUMBERS.items():
    biject_to.register(_constraint, _factory)
    transform_to.register(_constraint, _factory)
biject_to.register(constraints.simplex, lambda constraint: transforms.StickBreakingTransform())
transform_to.register(constraints.simplex, lambda constraint: transforms.SoftmaxTransform())
transform_to.register(constraints.lower_cholesky, lambda constraint: transforms.LowerCholeskyTransform())
