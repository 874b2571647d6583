"""The multivariate normal distribution."""

from __future__ import annotations

import math

from torch import _C
from torch.distributions import constraints
from torch.distributions.distribution import Distribution, broadcast_parameters, broadcast_shape, parameters
from torch.distributions.odds import derived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _each(compute: Callable[[_C.Tensor], _C.Tensor], matrices: _C.Tensor) -> _C.Tensor:
    """compute of each of a batch of square matrices."""
    size = matrices.shape[-2:]
    flat = matrices.contiguous().view(-1, *size) if matrices.numel() else matrices.view(0, *size)
    return _C.ops.stack([compute(flat[k]) for k in range(len(flat))]).view(matrices.shape) if len(flat) else matrices


def solve_lower(factor: _C.Tensor, vectors: _C.Tensor) -> _C.Tensor:
    """x with factor x = vector, of one lower triangular matrix or of a batch, which the vectors then end with too."""
    count, n = factor[..., 0, 0].numel(), factor.size(-1)
    if vectors.numel() == 0:
        return vectors
    rows = vectors.contiguous().view(-1, count, n)
    matrices = factor.contiguous().view(count, n, n)
    solved = [_C.ops.trtrs(rows[:, k].t(), matrices[k], False)[0].t() for k in range(count)]
    return _C.ops.stack(solved, 1).view(vectors.shape)


def log_diagonal(factor: _C.Tensor) -> _C.Tensor:
    """Half the logarithm of the determinant of factor factor^T."""
    return factor.diagonal(0, -2, -1).log().sum(-1)


def _of_precision(precision: _C.Tensor) -> _C.Tensor:
    """The lower factor of the inverse. With P = U U^T, U upper triangular, it is the inverse of U^T."""
    upper = _C.ops.potrf(precision.flip([0, 1]), False).flip([0, 1])
    unit = _C.ops.eye(len(upper), dtype=upper.dtype, device=upper.device)
    return _C.ops.trtrs(unit, upper.t(), False)[0]


class MultivariateNormal(Distribution):
    """Vectors of n numbers with mean `loc` and a covariance that one of three matrices gives: `covariance_matrix`, its inverse
    `precision_matrix`, or `scale_tril`, a lower triangular L with a positive diagonal and L L^T the covariance.

    >>> from torch.distributions import MultivariateNormal
    >>> d = MultivariateNormal(torch.zeros(2), torch.tensor([[4., 2.], [2., 2.]]))
    >>> d.scale_tril
    tensor([[2., 0.],
            [1., 1.]])
    """

    arg_constraints = parameters(
        loc=constraints.real_vector,
        covariance_matrix=constraints.positive_definite,
        precision_matrix=constraints.positive_definite,
        scale_tril=constraints.lower_cholesky,
    )
    support = constraints.real_vector
    has_rsample = True
    loc: _C.Tensor
    scale_tril: _C.Tensor

    def __init__(
        self,
        loc: _C.Tensor,
        covariance_matrix: _C.Tensor | None = None,
        precision_matrix: _C.Tensor | None = None,
        scale_tril: _C.Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
        ((name, matrix),) = _one({key: value for key, value in given.items() if value is not None})
        n = loc.size(-1) if loc.dim() else 0
        if loc.dim() < 1 or matrix.dim() < 2 or tuple(matrix.shape[-2:]) != (n, n):
            text = f"loc has shape {tuple(loc.shape)} and {name} {tuple(matrix.shape)}, expected (..., n) and (..., n, n)"
            raise ValueError(f"MultivariateNormal: {text}")
        broadcast_parameters("MultivariateNormal", loc=loc[..., :1], **{name: matrix[..., :1, 0]})  # their dtypes
        batch = broadcast_shape("MultivariateNormal", loc=loc.shape[:-1], **{name: matrix.shape[:-2]})
        self.loc = loc.expand(*batch, n)
        vars(self)[name] = matrix.expand(*batch, n, n) if matrix.dim() > 2 else matrix
        super().__init__(batch, loc.shape[-1:], validate_args=validate_args)
        if name != "scale_tril":
            root = (lambda m: _C.ops.potrf(m, False)) if name == "covariance_matrix" else _of_precision
            vars(self)["scale_tril"] = _each(root, vars(self)[name])

    @derived
    def covariance_matrix(self) -> _C.Tensor:
        """scale_tril scale_tril^T."""
        return _C.ops.matmul(self.scale_tril, self.scale_tril.transpose(-2, -1))

    @derived
    def precision_matrix(self) -> _C.Tensor:
        """The inverse of the covariance."""
        return _each(_C.ops.inverse, self.covariance_matrix)

    @property
    def mean(self) -> _C.Tensor:
        return self.loc

    @property
    def variance(self) -> _C.Tensor:
        return (self.scale_tril * self.scale_tril).sum(-1).expand(self.loc.shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> _C.Tensor:
        noise = self._room(sample_shape, self.loc).normal_()
        if noise.numel() == 0:
            return self.loc + noise
        return self.loc + _C.ops.matmul(self.scale_tril, noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: _C.Tensor) -> _C.Tensor:
        self._validate_sample(value)
        z = solve_lower(self.scale_tril, value - self.loc)
        return -0.5 * (z * z).sum(-1) - log_diagonal(self.scale_tril) - 0.5 * math.log(2 * math.pi) * z.size(-1)

    def entropy(self) -> _C.Tensor:
        half = log_diagonal(self.scale_tril) + 0.5 * (1 + math.log(2 * math.pi)) * self.loc.size(-1)
        return half.expand(self.batch_shape)


def _one(given: dict[str, _C.Tensor]) -> list[tuple[str, _C.Tensor]]:
    """The one matrix that is given."""
    if len(given) != 1:
        text = f"{' and '.join(given) or 'no matrix'} given, expected one of covariance_matrix, precision_matrix, scale_tril"
        raise ValueError(f"MultivariateNormal: {text}")
    return list(given.items())
