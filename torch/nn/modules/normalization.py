"""Normalisations that do not look at the batch."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.layer_settings import check_least, refuse
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class LocalResponseNorm(Module):
    """input / (k + alpha * mean of squares)^beta, the mean over `size` neighbouring channels of N x C x *.

    >>> nn.LocalResponseNorm(2, alpha=2, beta=1, k=0)(torch.ones(1, 3, 1))
    tensor([[[1.0000],
             [0.5000],
             [0.5000]]])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        check_least(self, 1, size=size)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class _Affine(Module):
    """A normalisation with a learnt weight (1 at first) and bias (0)."""

    weight: Parameter | None
    bias: Parameter | None

    def _add_affine(self, shape: Sequence[int], wanted: bool) -> None:
        for name in ("weight", "bias"):
            self.register_parameter(name, Parameter(_C.ops.empty(*shape)) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None and self.bias is not None:
            init.constant_(self.weight, 1)
            init.constant_(self.bias, 0)


class LayerNorm(_Affine):
    """Normalisation over the last dimensions, whose sizes are `normalized_shape` (Ba et al., 2016).

    >>> nn.LayerNorm(2, elementwise_affine=False)(torch.tensor([[1., 3.], [10., 30.]]))
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    >>> nn.LayerNorm([4, 5])(torch.randn(2, 3, 4, 5)).size()
    torch.Size([2, 3, 4, 5])
    """

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5, elementwise_affine: bool = True) -> None:
        super().__init__()
        check_least(self, 0, normalized_shape=normalized_shape)
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._add_affine(self.normalized_shape, elementwise_affine)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(_Affine):
    """Normalisation over groups of channels of each sample of N x C x * (Wu and He, 2018).

    >>> nn.GroupNorm(2, 6)(torch.randn(4, 6, 10)).size()
    torch.Size([4, 6, 10])
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        check_least(self, 1, num_groups=num_groups)
        check_least(self, 0, num_channels=num_channels)
        if num_channels % num_groups:
            refuse(self, f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._add_affine((num_channels,), affine)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
