"""The binomial distribution."""

from __future__ import annotations

from torch import _C
from torch.autograd import no_grad
from torch.distributions import constraints
from torch.distributions.distribution import broadcast_parameters, in_double, parameters, times_log
from torch.distributions.odds import BinaryOdds, given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.distributions.distribution import Parameter


class Binomial(BinaryOdds):
    """The successes among `total_count` trials (a whole number or a tensor of such) of probability `probs`.

    Given by `probs` or by `logits`.

    >>> from torch.distributions import Binomial
    >>> Binomial(3, torch.tensor(0.5)).log_prob(torch.tensor([0., 1.])).exp()
    tensor([0.1250, 0.3750])
    """

    arg_constraints = parameters(
        total_count=constraints.nonnegative_integer, probs=constraints.unit_interval, logits=constraints.real
    )
    has_enumerate_support = True

    def __init__(
        self,
        total_count: Parameter = 1,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool | None = None,
    ) -> None:
        ((name, value),) = given(self, probs, logits).items()
        if isinstance(total_count, _C.Tensor) and isinstance(value, _C.Tensor):
            total_count = total_count.type_as(value)
        self.total_count, self.__dict__[name] = broadcast_parameters("Binomial", total_count=total_count, **{name: value})
        super().__init__(self.total_count.shape, validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self.total_count)

    @property
    def param_shape(self) -> _C.Size:
        """The shape of `probs`."""
        return self._parameter.shape

    @property
    def mean(self) -> _C.Tensor:
        return self.total_count * self.probs

    @property
    def variance(self) -> _C.Tensor:
        return self.total_count * self.probs * self._failure

    def sample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return _C.ops._binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)

        def compute(k: _C.Tensor, n: _C.Tensor, success: _C.Tensor, failure: _C.Tensor) -> _C.Tensor:
            ways = (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()
            return ways + times_log(k, success) + times_log(n - k, failure)

        return in_double(compute, value, self.total_count, *self._logarithms())

    def enumerate_support(self) -> _C.Tensor:
        counts = set(self.total_count.contiguous().view(-1).tolist())
        if len(counts) != 1:
            raise NotImplementedError(f"Binomial: total_count has {len(counts)} values; their supports differ in size")
        count = int(counts.pop()) + 1
        values = _C.ops.arange(count, dtype=self.total_count.dtype, device=self.total_count.device)
        return values.view(count, *(1 for _ in self.batch_shape)).expand(count, *self.batch_shape).contiguous()
