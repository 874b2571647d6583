"""Affine maps."""

from __future__ import annotations

import math

from torch import _C
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.layer_settings import check_least
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

_linear = _C.nn.linear


class Linear(Module):
    """y = x W^T + b: input (N, *, in_features), output (N, *, out_features).

    weight (out_features, in_features) and bias (out_features) start uniform within 1 / sqrt(in_features).

    >>> nn.Linear(20, 30)(torch.zeros(128, 20)).size()
    torch.Size([128, 30])
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        check_least(self, 0, in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(_C.ops.empty(out_features, in_features))
        self.register_parameter("bias", Parameter(_C.ops.empty(out_features)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return _linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y = x1 W x2 + b: inputs (N, *, in1_features) and (N, *, in2_features), output (N, *, out_features).

    weight (out_features, in1_features, in2_features) and bias start uniform within 1 / sqrt(in1_features).

    >>> nn.Bilinear(20, 30, 40)(torch.zeros(128, 20), torch.zeros(128, 30)).size()
    torch.Size([128, 40])
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        check_least(self, 0, in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(_C.ops.empty(out_features, in1_features, in2_features))
        self.register_parameter("bias", Parameter(_C.ops.empty(out_features)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features) if self.in1_features else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: _C.Tensor, input2: _C.Tensor) -> _C.Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
