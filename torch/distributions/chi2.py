"""The chi-squared distribution."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import parameters
from torch.distributions.gamma import Gamma

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.distributions.distribution import Parameter


class Chi2(Gamma):
    """The sum of the squares of `df` standard normal numbers; `df` need not be whole.

    >>> from torch.distributions import Chi2
    >>> Chi2(3.).variance
    tensor(6.)
    """

    arg_constraints = parameters(df=constraints.positive)
    df: _C.Tensor

    def __init__(self, df: Parameter, validate_args: bool | None = None) -> None:
        self._take(df=df)
        super().__init__(self.df / 2, 0.5, validate_args=validate_args)
