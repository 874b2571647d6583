"""Sets of values: what a distribution's parameters and samples must be.

`constraint.check(value)` gives uint8: 1 where the element, or the vector or matrix in the last dimensions, belongs to the set.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    Bound = float | _C.Tensor

# The names of 0.4: sets without a parameter are objects, the others classes.
__all__ = [
    *("Constraint", "boolean", "dependent", "dependent_property", "greater_than", "greater_than_eq", "half_open_interval"),
    *("integer_interval", "interval", "is_dependent", "less_than", "lower_cholesky", "lower_triangular"),
    *("nonnegative_integer", "positive", "positive_definite", "positive_integer", "real", "real_vector", "simplex"),
    "unit_interval",
]


class Constraint:
    """A set of values. `event_dim`: how many of the last dimensions make one value.

    >>> from torch.distributions import constraints
    >>> constraints.unit_interval.check(torch.tensor([0.5, 1.5]))
    tensor([1, 0], dtype=torch.uint8)
    >>> constraints.greater_than(2)
    greater than 2
    """

    event_dim = 0

    def check(self, value: _C.Tensor) -> _C.Tensor:
        """uint8 of the shape of `value` without its last `event_dim` dimensions: whether it belongs to the set."""
        raise NotImplementedError(f"{type(self).__name__} does not define check(value)")

    def __repr__(self) -> str:
        return type(self).__name__.lstrip("_").replace("_", " ")


class _Dependent(Constraint):
    """A set that only an object of the distribution knows, through its parameters."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        raise ValueError("constraints.dependent depends on the parameters: ask an object of the distribution for its support")


class dependent_property(property, _Dependent):
    """A property that is a constraint: `dependent` of the class, the true set of an object.

    >>> from torch.distributions import Uniform, constraints
    >>> constraints.is_dependent(Uniform.support)
    True
    >>> Uniform(0., 2.).support
    from 0 to 2
    """


def is_dependent(constraint: object) -> bool:
    """Whether the set depends on parameters of a distribution."""
    return isinstance(constraint, _Dependent)


def _shown(bound: Bound) -> str:
    if isinstance(bound, _C.Tensor):
        return f"{bound.item():g}" if bound.numel() == 1 else "the bound of the element"
    return f"{bound:g}"


class _Boolean(Constraint):
    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value == 0) | (value == 1)

    def __repr__(self) -> str:
        return "0 or 1"


class _Bounded(Constraint):
    """One bound or two; a tensor is broadcast against the value."""

    def __init__(self, lower_bound: Bound, upper_bound: Bound) -> None:
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def __repr__(self) -> str:
        return f"from {_shown(self.lower_bound)} to {_shown(self.upper_bound)}"


class interval(_Bounded):
    """Numbers from `lower_bound` to `upper_bound`, both included."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class half_open_interval(_Bounded):
    """Numbers from `lower_bound`, included, to `upper_bound`, excluded."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value >= self.lower_bound) & (value < self.upper_bound)

    def __repr__(self) -> str:
        return f"{super().__repr__()}, this one excluded"


class integer_interval(_Bounded):
    """Integers from `lower_bound` to `upper_bound`, both included."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value % 1 == 0) & (value >= self.lower_bound) & (value <= self.upper_bound)

    def __repr__(self) -> str:
        return f"an integer {super().__repr__()}"


class _AtLeast(Constraint):
    """One lower bound."""

    words = "at least"

    def __init__(self, lower_bound: Bound) -> None:
        self.lower_bound = lower_bound

    def __repr__(self) -> str:
        return f"{self.words} {_shown(self.lower_bound)}"


class greater_than(_AtLeast):
    """Numbers above `lower_bound`."""

    words = "greater than"

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return value > self.lower_bound


class greater_than_eq(_AtLeast):
    """Numbers from `lower_bound` on."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return value >= self.lower_bound


class _IntegerAtLeast(_AtLeast):
    words = "an integer of at least"

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value % 1 == 0) & (value >= self.lower_bound)


class less_than(Constraint):
    """Numbers below `upper_bound`."""

    def __init__(self, upper_bound: Bound) -> None:
        self.upper_bound = upper_bound

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return value < self.upper_bound

    def __repr__(self) -> str:
        return f"less than {_shown(self.upper_bound)}"


class _Real(Constraint):
    """All numbers, infinite ones included; not nan."""

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return value == value

    def __repr__(self) -> str:
        return "a number"


class _RealVector(Constraint):
    event_dim = 1

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return (value == value).all(-1)

    def __repr__(self) -> str:
        return "a vector of numbers"


class _Simplex(Constraint):
    """Vectors of numbers from 0 on whose sum is 1, up to 1e-6, or 1e-2 in float16."""

    event_dim = 1

    def check(self, value: _C.Tensor) -> _C.Tensor:
        tolerance = 1e-2 if value.dtype == _C.float16 else 1e-6
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() <= tolerance)

    def __repr__(self) -> str:
        return "numbers of at least 0 whose sum is 1"


def _are_lower(matrix: _C.Tensor) -> _C.Tensor:
    """Whether everything above the diagonal of each matrix is 0."""
    above = _C.ops.ones(matrix.size(-2), matrix.size(-1), dtype=_C.uint8, device=matrix.device).triu(1)
    return _all_of_each((matrix == 0) | (above == 0))


def _all_of_each(good: _C.Tensor) -> _C.Tensor:
    """Whether all elements of each matrix are 1."""
    return good.contiguous().view(*good.shape[:-2], good.size(-2) * good.size(-1)).all(-1)


class _LowerTriangular(Constraint):
    event_dim = 2

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return _are_lower(value)

    def __repr__(self) -> str:
        return "a lower triangular matrix"


class _LowerCholesky(Constraint):
    event_dim = 2

    def check(self, value: _C.Tensor) -> _C.Tensor:
        return _are_lower(value) & (value.diagonal(0, -2, -1) > 0).all(-1)

    def __repr__(self) -> str:
        return "a lower triangular matrix with a positive diagonal"


class _PositiveDefinite(Constraint):
    event_dim = 2

    def check(self, value: _C.Tensor) -> _C.Tensor:
        # The pivots of elimination without exchanges are positive exactly if the matrix is definite.
        sizes = value.diagonal(0, -2, -1).abs()
        tolerance = 1e-6 * (sizes.unsqueeze(-1) + sizes.unsqueeze(-2))
        rest, good = value, _all_of_each((value - value.transpose(-2, -1)).abs() <= tolerance)
        while rest.size(-1) > 0:
            pivot = rest[..., :1, :1]
            good = good & (pivot > 0).view(good.shape)
            rest = rest[..., 1:, 1:] - rest[..., 1:, :1] * rest[..., :1, 1:] / pivot
        return good

    def __repr__(self) -> str:
        return "a symmetric positive definite matrix"


dependent = _Dependent()
boolean = _Boolean()
nonnegative_integer = _IntegerAtLeast(0)
positive_integer = _IntegerAtLeast(1)
real = _Real()
real_vector = _RealVector()
positive = greater_than(0)
unit_interval = interval(0, 1)
simplex = _Simplex()
lower_triangular = _LowerTriangular()
lower_cholesky = _LowerCholesky()
positive_definite = _PositiveDefinite()
