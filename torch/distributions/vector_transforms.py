"""Transforms of vectors and matrices."""

from __future__ import annotations

from torch import _C
from torch.distributions import constraints
from torch.distributions.transforms import WithoutParameters


class SoftmaxTransform(WithoutParameters):
    """y = exp(x) over its sum; the inverse, log(y), is one of many.

    >>> from torch.distributions.transforms import SoftmaxTransform
    >>> SoftmaxTransform()(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    event_dim = 1
    codomain = constraints.simplex

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return x.softmax(-1)

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return y.log()


class StickBreakingTransform(WithoutParameters):
    """K numbers to K + 1 numbers of at least 0 with the sum 1, each a share of what those before it have left.

    Zeros become equal numbers.

    >>> from torch.distributions.transforms import StickBreakingTransform
    >>> StickBreakingTransform()(torch.zeros(3))
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    bijective = True
    event_dim = 1
    codomain = constraints.simplex

    def _offset(self, count: int, like: _C.Tensor) -> _C.Tensor:
        """log(K), ..., log(1): a share of zero takes 1 / (K + 1), 1 / K, ... of the rest."""
        return _C.ops.arange(count, 0, -1, dtype=like.dtype, device=like.device).log()

    def _logarithms(self, x: _C.Tensor) -> tuple[_C.Tensor, _C.Tensor]:
        """log y of all but the last, and of what all up to each one have left."""
        u = x - self._offset(x.size(-1), x)
        left = _C.nn.log_sigmoid(-u).cumsum(-1)
        before = _C.ops.cat([_C.ops.zeros_like(left[..., :1]), left[..., :-1]], -1)
        return _C.nn.log_sigmoid(u) + before, left

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        taken, left = self._logarithms(x)
        return _C.ops.cat([taken, left[..., -1:]], -1).exp()

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        # What is left, as the sum of what comes later: 1 less the sum of the earlier would lose digits.
        left = y[..., 1:].flip(-1).cumsum(-1).flip(-1)
        return y[..., :-1].log() - left.log() + self._offset(y.size(-1) - 1, y)

    def log_abs_det_jacobian(self, x: _C.Tensor, y: _C.Tensor) -> _C.Tensor:
        # The matrix is triangular; dy[i]/dx[i] = y[i] (1 - share).
        taken, _ = self._logarithms(x)
        return (taken + _C.nn.log_sigmoid(self._offset(x.size(-1), x) - x)).sum(-1)


class LowerCholeskyTransform(WithoutParameters):
    """Square matrices to lower triangular ones with a positive diagonal, exp of theirs; what is above the diagonal is dropped.

    >>> from torch.distributions.transforms import LowerCholeskyTransform
    >>> LowerCholeskyTransform()(torch.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    event_dim = 2
    codomain = constraints.lower_cholesky

    def _with_diagonal(self, x: _C.Tensor, diagonal: _C.Tensor) -> _C.Tensor:
        """x below the diagonal, on it the vectors `diagonal`."""
        below = _C.ops.ones(x.size(-2), x.size(-1), dtype=x.dtype, device=x.device).tril(-1)
        unit = _C.ops.eye(x.size(-1), dtype=x.dtype, device=x.device)
        return x * below + diagonal.unsqueeze(-1) * unit

    def _call(self, x: _C.Tensor) -> _C.Tensor:
        return self._with_diagonal(x, x.diagonal(0, -2, -1).exp())

    def _inverse(self, y: _C.Tensor) -> _C.Tensor:
        return self._with_diagonal(y, y.diagonal(0, -2, -1).log())
