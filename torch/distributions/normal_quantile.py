"""The inverse of the standard normal cumulative function, for probabilities however small."""

from __future__ import annotations

import math

from torch import _C
from torch.autograd import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Below this, 1 - 2 p has lost digits that erfinv needs.
_SMALL = 0.02
# Steps of Newton's method on the logarithm of the probability; each doubles the digits.
_STEPS = 5


class _Quantile(Function):
    """z with P(Z <= z) = p; dz/dp is 1 over the density there."""

    @staticmethod
    def forward(ctx: Any, p: _C.Tensor) -> _C.Tensor:
        tail = _C.ops.where(p < 0.5, p, 1 - p).double()  # 1 - p is exact there
        z = -math.sqrt(2) * (1 - 2 * tail).erfinv()
        small = tail < _SMALL
        if small.any().item():
            z = _C.ops.where(small & (tail > 0), _refined(tail), z)
        z = _C.ops.where(p < 0.5, z, -z).to(p.dtype)
        ctx.save_for_backward(z)
        return z

    @staticmethod
    def backward(ctx: Any, *grad_outputs: _C.Tensor) -> _C.Tensor:
        (z,) = ctx.saved_tensors
        slope: _C.Tensor = grad_outputs[0] * (0.5 * z * z).exp() * math.sqrt(2 * math.pi)
        return slope


def _refined(tail: _C.Tensor) -> _C.Tensor:
    """z < 0 of small probabilities, from the first terms of the asymptotic series on."""
    logarithm = tail.clamp(max=_SMALL).log()
    size = (-2 * logarithm).sqrt()
    z = -(size - (size * math.sqrt(2 * math.pi)).log() / size)
    for _ in range(_STEPS):
        below = 0.5 * (-z / math.sqrt(2)).erfc()
        density = (-0.5 * z * z).exp() / math.sqrt(2 * math.pi)
        z = z - (below.log() - logarithm) * (below / density)
    return z


def normal_quantile(p: _C.Tensor) -> _C.Tensor:
    """z with P(Z <= z) = p, exact to a few units of the last digit of p; -inf and inf for 0 and 1, nan outside of [0, 1]."""
    z: _C.Tensor = _Quantile.apply(p)
    return z
