"""Invertible transformations, with the logarithms of their Jacobian determinants."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    *("AbsTransform", "AffineTransform", "ComposeTransform", "ExpTransform", "LowerCholeskyTransform", "PowerTransform"),
    *("SigmoidTransform", "SoftmaxTransform", "StickBreakingTransform", "Transform", "identity_transform"),
]


def sum_last(value: _C.Tensor, count: int) -> _C.Tensor:
    """The sum over the last `count` dimensions."""
    for _ in range(count):
        value = value.sum(-1)
    return value


class Transform:
    """y = t(x), x = t.inv(y), log |dy/dx| = t.log_abs_det_jacobian(x, y).

    `event_dim`: how many of the last dimensions are transformed as one value. `sign`: 1 where y grows with x, else -1.
    `cache_size` 1: the last x and y are kept, so that the inverse of what was just computed is exact. A subclass defines
    `_call`, `_inverse` and `log_abs_det_jacobian`.

    >>> from torch.distributions.transforms import AffineTransform, ExpTransform
    >>> t = AffineTransform(1., 2.)
    >>> t(torch.tensor([0., 1.])), t.inv(torch.tensor([1., 3.]))
    (tensor([1., 3.]), tensor([0., 1.]))
    >>> ExpTransform().log_abs_det_jacobian(torch.tensor([2.]), torch.tensor([2.]).exp())
    tensor([2.])
    """

    bijective = False
    event_dim = 0
    domain: constraints.Constraint = constraints.real
    codomain: constraints.Constraint = constraints.real

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError(f"{type(self).__name__}: cache_size is {cache_size!r}, expected 0 or 1")
        self._cache_size = cache_size
        self._cached: tuple[_C.Tensor | None, _C.Tensor | None] = (None, None)

    @property
    def inv(self) -> Transform:
        """The inverse; its inverse is this object."""
        return _Inverse(self)

    @property
    def sign(self) -> int | _C.Tensor:
        """The sign of dy/dx, of transforms of single numbers."""
        raise NotImplementedError(f"{type(self).__name__} has no sign: it is not monotone, or not of single numbers")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __call__(self, x: _C.Tensor) -> _C.Tensor:
        if self._cached[0] is x and self._cached[1] is not None:
            return self._cached[1]
        y = self._call(x)
        if self._cache_size:
            self._cached = (x, y)
        return y

    def _inv_call(self, y: _C.Tensor) -> _C.Tensor:
        if self._cached[1] is y and self._cached[0] is not None:
            return self._cached[0]
        x = self._inverse(y)
        if self._cache_size:
            self._cached = (x, y)
        return x

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        raise NotImplementedError(f"{type(self).__name__} does not define _call(x)")

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        raise NotImplementedError(f"{type(self).__name__} does not define _inverse(y)")

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        """log |dy/dx|, without the last `event_dim` dimensions."""
        raise NotImplementedError(f"{type(self).__name__} has no Jacobian: it is not a bijection")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    """The inverse of a transform."""

    def __init__(self, forward: Transform) -> None:
        super().__init__()
        self._forward = forward
        self.bijective = forward.bijective
        self.event_dim = forward.event_dim
        self.domain = forward.codomain
        self.codomain = forward.domain

    @property
    def inv(self) -> Transform:
        return self._forward

    @property
    def sign(self) -> int | _C.Tensor:
        return self._forward.sign

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Inverse) and self._forward == other._forward

    def __hash__(self) -> int:
        return hash((_Inverse, self._forward))

    def __call__(self, x: _C.Tensor) -> _C.Tensor:
        return self._forward._inv_call(x)

    def _inv_call(self, y: _C.Tensor) -> _C.Tensor:
        return self._forward(y)

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        return -self._forward.log_abs_det_jacobian(y, x)

    def __repr__(self) -> str:
        return f"{self._forward!r}.inv"


class ComposeTransform(Transform):
    """Several transforms, the first one first.

    >>> from torch.distributions.transforms import AffineTransform, ComposeTransform, ExpTransform
    >>> ComposeTransform([AffineTransform(0., 2.), ExpTransform()])(torch.tensor([0., 0.5]))
    tensor([1.0000, 2.7183])
    """

    def __init__(self, parts: Sequence[Transform]) -> None:
        super().__init__()
        self.parts = list(parts)
        self.bijective = all(part.bijective for part in self.parts)
        self.event_dim = max((part.event_dim for part in self.parts), default=0)
        if self.parts:
            self.domain = self.parts[0].domain
            self.codomain = self.parts[-1].codomain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((ComposeTransform, *self.parts))

    @property
    def inv(self) -> Transform:
        return ComposeTransform([part.inv for part in reversed(self.parts)])

    @property
    def sign(self) -> int | _C.Tensor:
        sign: int | _C.Tensor = 1
        for part in self.parts:
            sign = sign * part.sign
        return sign

    def __call__(self, x: _C.Tensor) -> _C.Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def _inv_call(self, y: _C.Tensor) -> _C.Tensor:
        for part in reversed(self.parts):
            y = part._inv_call(y)
        return y

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        result: _C.Tensor | None = None
        for part in self.parts:
            following = part(x)
            term = sum_last(part.log_abs_det_jacobian(x, following), self.event_dim - part.event_dim)
            result = term if result is None else result + term
            x = following
        return _C.ops.zeros_like(x) if result is None else result

    def __repr__(self) -> str:
        return f"ComposeTransform([{', '.join(map(repr, self.parts))}])"


identity_transform = ComposeTransform([])


class WithoutParameters(Transform):
    """All objects of such a class are equal."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class _Growing(WithoutParameters):
    """A bijection of numbers whose y grows with x."""

    bijective = True
    sign = 1


class ExpTransform(_Growing):
    """y = exp(x).

    >>> from torch.distributions.transforms import ExpTransform
    >>> ExpTransform()(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """

    codomain = constraints.positive

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return x.exp()

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        return x


class SigmoidTransform(_Growing):
    """y = 1 / (1 + exp(-x)).

    >>> from torch.distributions.transforms import SigmoidTransform
    >>> SigmoidTransform().inv(torch.tensor([0.5, 1.]))
    tensor([ 0., inf])
    """

    codomain = constraints.unit_interval

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return x.sigmoid()

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        return _C.nn.log_sigmoid(x) + _C.nn.log_sigmoid(-x)


def _same(a: float | _C.Tensor, b: float | _C.Tensor) -> bool:
    """Whether two numbers or tensors are equal."""
    if isinstance(a, _C.Tensor) and isinstance(b, _C.Tensor):
        return a is b or (a.shape == b.shape and bool((a == b).all().item()))
    return not isinstance(a, _C.Tensor) and not isinstance(b, _C.Tensor) and a == b


def _sign(value: float | _C.Tensor) -> int | _C.Tensor:
    return value.sign() if isinstance(value, _C.Tensor) else (value > 0) - (value < 0)


class PowerTransform(Transform):
    """y = x^exponent, of positive numbers.

    >>> from torch.distributions.transforms import PowerTransform
    >>> PowerTransform(2.).inv(torch.tensor([4., 9.]))
    tensor([2., 3.])
    """

    bijective = True
    domain = constraints.positive
    codomain = constraints.positive

    def __init__(self, exponent: float | _C.Tensor, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent

    @property
    def sign(self) -> int | _C.Tensor:
        return _sign(self.exponent)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and _same(self.exponent, other.exponent)

    def __hash__(self) -> int:
        return hash(PowerTransform)

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return _C.ops.pow(x, self.exponent)

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return _C.ops.pow(y, 1 / self.exponent)

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        e = self.exponent
        size = e.abs().log() if isinstance(e, _C.Tensor) else math.log(abs(e))
        return size + (e - 1) * x.log()


class AffineTransform(Transform):
    """y = loc + scale * x. `event_dim`: how many of the last dimensions are one value.

    >>> from torch.distributions.transforms import AffineTransform
    >>> AffineTransform(1., -2.).log_abs_det_jacobian(torch.zeros(2), torch.ones(2))
    tensor([0.6931, 0.6931])
    """

    bijective = True

    def __init__(self, loc: float | _C.Tensor, scale: float | _C.Tensor, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc = loc
        self.scale = scale
        self.event_dim = event_dim

    @property
    def sign(self) -> int | _C.Tensor:
        return _sign(self.scale)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AffineTransform) and _same(self.loc, other.loc) and _same(self.scale, other.scale)

    def __hash__(self) -> int:
        return hash(AffineTransform)

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return self.loc + self.scale * x

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        size = self.scale.abs().log() if isinstance(self.scale, _C.Tensor) else math.log(abs(self.scale))
        return sum_last(_C.ops.zeros_like(x) + size, self.event_dim)


class AbsTransform(WithoutParameters):
    """y = |x|; the inverse gives the x that is not negative.

    >>> from torch.distributions.transforms import AbsTransform
    >>> AbsTransform()(torch.tensor([-2., 1.]))
    tensor([2., 1.])
    """

    codomain = constraints.positive

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return x.abs()

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return y


# Last: they are made of the above.
from torch.distributions.vector_transforms import (  # noqa: E402
    LowerCholeskyTransform as LowerCholeskyTransform,
)
from torch.distributions.vector_transforms import (  # noqa: E402
    SoftmaxTransform as SoftmaxTransform,
)
from torch.distributions.vector_transforms import (  # noqa: E402
    StickBreakingTransform as StickBreakingTransform,
)
