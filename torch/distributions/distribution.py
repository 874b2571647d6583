"""What all distributions share: shapes, sampling, checks of arguments."""

from __future__ import annotations

import math
import numbers
import warnings
from types import MappingProxyType

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    Parameter = float | _C.Tensor


# The least normal number of each dtype: samples of positive laws are no smaller.
SMALLEST = {_C.float16: 2.0**-14, _C.float32: 2.0**-126, _C.float64: 2.0**-1022}


def parameters(**rules: constraints.Constraint) -> Mapping[str, constraints.Constraint]:
    """The constraint of each parameter, for `arg_constraints`."""
    return MappingProxyType(rules)


def broadcast_parameters(owner: str, **values: Parameter) -> list[_C.Tensor]:
    """The values as tensors of one shape and one floating dtype, that of the tensors among them (numbers alone: the default).

    Raises TypeError where a value is neither number nor tensor, or not floating; ValueError where two do not fit.
    """
    given = {name: value for name, value in values.items() if isinstance(value, _C.Tensor)}
    dtypes = {name: value.dtype for name, value in given.items()}
    for name, value in values.items():
        if not isinstance(value, _C.Tensor | numbers.Real):
            raise TypeError(f"{owner}: {name} is {value!r}, expected a number or a tensor")
    for name, dtype in dtypes.items():
        if not dtype.is_floating_point:
            raise TypeError(f"{owner}: {name} is a tensor of {dtype}, expected a floating dtype; {name}.float() makes one")
    if len(set(dtypes.values())) > 1:
        listed = ", ".join(f"{name} {dtype}" for name, dtype in dtypes.items())
        raise TypeError(f"{owner}: parameters of several dtypes ({listed}), expected one; .to(dtype) converts")
    common = next(iter(dtypes.values()), None)
    place = next((value.device for value in given.values()), None)
    tensors = {
        name: value if isinstance(value, _C.Tensor) else _C.ops.full((), float(value), dtype=common, device=place)
        for name, value in values.items()
    }
    shape = broadcast_shape(owner, **{name: value.shape for name, value in tensors.items()})
    return [value if value.shape == shape else value.expand(shape) for value in tensors.values()]


def broadcast_shape(owner: str, **shapes: Sequence[int]) -> _C.Size:
    """The common shape; ValueError, with all of them, if there is none."""
    found: list[int] = []
    for shape in shapes.values():
        found = [1] * (len(shape) - len(found)) + found
        for place, size in enumerate(reversed(shape), 1):
            if found[-place] != 1 and size not in (1, found[-place]):
                listed = ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items())
                raise ValueError(f"{owner}: shapes do not fit: {listed}; sizes must be equal or 1, counted from the last")
            found[-place] = size if found[-place] == 1 else found[-place]
    return _C.Size(found)


def describe(value: _C.Tensor, place: tuple[int, ...]) -> str:
    """The element, vector or matrix at a place, as an error shows it."""
    part = value[place] if place else value
    shown = f"{part.item():g}" if part.dim() == 0 else str(part.tolist())
    return shown + (f" at {list(place)}" if place else "")


def first_failure(constraint: constraints.Constraint, value: _C.Tensor) -> str | None:
    """The first element that does not belong to the set, with its place; None if all do."""
    good = constraint.check(value)
    if good.all().item():
        return None
    flat = int((good == 0).contiguous().view(-1).nonzero()[0, 0].item())
    place = []
    for size in reversed(good.shape):
        flat, index = divmod(flat, size)
        place.append(index)
    return describe(value.expand(good.shape + value.shape[value.dim() - constraint.event_dim :]), tuple(reversed(place)))


class Distribution:
    """A distribution, or a batch of independent ones.

    A sample has the shape `sample_shape + batch_shape + event_shape`. `validate_args`: whether parameters and values are
    checked, with a ValueError that names the distribution, the argument, its value and the rule; None takes what
    `Distribution.set_default_validate_args` chose, which is False at first.

    >>> from torch.distributions import Normal
    >>> d = Normal(torch.zeros(3), 1.)
    >>> d.batch_shape, d.event_shape, d.sample((2,)).shape
    (torch.Size([3]), torch.Size([]), torch.Size([2, 3]))
    >>> Normal(0., -1., validate_args=True)
    Traceback (most recent call last):
        ...
    ValueError: Normal: scale is -1, expected greater than 0
    """

    arg_constraints = parameters()
    support: Any = None
    has_rsample = False
    has_enumerate_support = False
    _validate_args = False

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Chooses whether distributions that were made without `validate_args` check their arguments, from now on."""
        if value not in (True, False):
            raise ValueError(f"Distribution.set_default_validate_args: value is {value!r}, expected True or False")
        Distribution._validate_args = value

    def __init__(
        self, batch_shape: Iterable[int] = (), event_shape: Iterable[int] = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape = _C.Size(batch_shape)
        self._event_shape = _C.Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()

    def _check_parameters(self) -> None:
        for name, constraint in self.arg_constraints.items():
            value = self.__dict__.get(name)  # the other form of a parameter is computed, not given
            if constraints.is_dependent(constraint) or value is None:
                continue
            if not isinstance(value, _C.Tensor):
                value = _C.ops.full((), value)
            failure = first_failure(constraint, value)
            if failure is not None:
                raise ValueError(f"{type(self).__name__}: {name} is {failure}, expected {constraint}")

    def _take(self, **values: Parameter) -> _C.Size:
        """Keeps the parameters, broadcast, as attributes and returns their shape."""
        tensors = broadcast_parameters(type(self).__name__, **values)
        vars(self).update(zip(values, tensors, strict=True))
        return tensors[0].shape

    @property
    def batch_shape(self) -> _C.Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> _C.Size:
        """The shape of one sample of one distribution."""
        return self._event_shape

    @property
    def mean(self) -> _C.Tensor:
        """The mean, of shape `batch_shape + event_shape`; nan where there is none."""
        raise NotImplementedError(f"{type(self).__name__} has no mean in closed form")

    @property
    def variance(self) -> _C.Tensor:
        """The variance, of shape `batch_shape + event_shape`; nan where there is none."""
        raise NotImplementedError(f"{type(self).__name__} has no variance in closed form")

    @property
    def stddev(self) -> _C.Tensor:
        """The square root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        """Random numbers, without gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        """Random numbers that have gradients with respect to the parameters, where `has_rsample` is True."""
        raise NotImplementedError(f"{type(self).__name__} has no rsample: its samples have no gradient; use sample")

    def sample_n(self, n: int) -> _C.Tensor:
        """n samples; the old name of `sample((n,))`."""
        warnings.warn("sample_n will be deprecated. Use .sample((n,)) instead", UserWarning, stacklevel=2)
        return self.sample((n,))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        """The logarithm of the density, or of the probability, at `value`; without the event's dimensions."""
        raise NotImplementedError(f"{type(self).__name__} has no log_prob in closed form")

    def cdf(self, value: _C.Tensor) -> _C.Tensor:
        """The probability of numbers up to `value`."""
        raise NotImplementedError(f"{type(self).__name__} has no cdf in closed form")

    def icdf(self, value: _C.Tensor) -> _C.Tensor:
        """The number up to which lies the probability `value`: the inverse of `cdf`."""
        raise NotImplementedError(f"{type(self).__name__} has no icdf in closed form")

    def enumerate_support(self) -> _C.Tensor:
        """All values of a discrete distribution, along a new first dimension: `(count,) + batch_shape + event_shape`."""
        raise NotImplementedError(f"{type(self).__name__} has no finite support to enumerate")

    def entropy(self) -> _C.Tensor:
        """The entropy in nats, of shape `batch_shape`."""
        raise NotImplementedError(f"{type(self).__name__} has no entropy in closed form")

    def perplexity(self) -> _C.Tensor:
        """exp of the entropy."""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape: Iterable[int] = ()) -> _C.Size:
        """The shape of what `sample(sample_shape)` returns."""
        return _C.Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value: _C.Tensor) -> None:
        """Unless checks are off: the value is a tensor of a fitting shape, within the support."""
        if not self._validate_args:
            return
        name = type(self).__name__
        if not isinstance(value, _C.Tensor):
            raise TypeError(f"{name}: value is {value!r}, expected a tensor")
        events = len(self._event_shape)
        if events and tuple(value.shape[-events:]) != tuple(self._event_shape):
            raise ValueError(
                f"{name}: value has shape {tuple(value.shape)}, expected (..., {str(list(self._event_shape))[1:-1]})"
            )
        broadcast_shape(name, value=value.shape, distribution=self._batch_shape + self._event_shape)
        failure = None if self.support is None else first_failure(self.support, value)
        if failure is not None:
            raise ValueError(f"{name}: value is {failure}, expected {self.support}")

    def _room(self, sample_shape: Iterable[int], parameter: _C.Tensor) -> _C.Tensor:
        """An unset tensor for a sample, of the parameter's dtype."""
        return _C.ops.empty(self._extended_shape(sample_shape), dtype=parameter.dtype, device=parameter.device)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def in_double(compute: Callable[..., _C.Tensor], *tensors: _C.Tensor) -> _C.Tensor:
    """compute(*tensors) in float64, rounded to their dtype: for large terms that cancel, as those of the gamma function do."""
    dtype = tensors[0].dtype
    if dtype == _C.float64:
        return compute(*tensors)
    return compute(*(tensor.double() for tensor in tensors)).to(dtype)


def log_of(x: _C.Tensor, *, plus_one: bool = False) -> _C.Tensor:
    """log(x), or log(1 + x), whose gradient is 0 where it is -inf: what does not count there gives no 0 / 0."""
    nothing = x == (-1 if plus_one else 0)
    some = nothing.any().item()
    inside = _C.ops.where(nothing, _C.ops.ones_like(x), x) if some else x
    logarithm = inside.log1p() if plus_one else inside.log()
    return logarithm.masked_fill_(nothing, -math.inf) if some else logarithm


def log1p_square(z: _C.Tensor) -> _C.Tensor:
    """log(1 + z^2), also where z^2 overflows: from 1e8 on, the 1 is below the precision of float64."""
    size = z.abs()
    small = size < 1e8
    large = _C.ops.where(small, _C.ops.ones_like(size), size)
    return _C.ops.where(small, (z * z).log1p(), 2 * large.log())


def times_log(x: _C.Tensor, logarithm: _C.Tensor) -> _C.Tensor:
    """x times a logarithm, where 0 times log 0 is 0, also in gradients."""
    nothing = (x == 0) & (logarithm == -math.inf)
    if not nothing.any().item():
        return x * logarithm
    return x * _C.ops.where(nothing, _C.ops.zeros_like(logarithm), logarithm)
