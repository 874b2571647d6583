"""Activations."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.module import Module


class ReLU(Module):
    """max(x, 0); any shape. inplace: overwrite the input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace" if self.inplace else ""


class Sigmoid(Module):
    """1 / (1 + exp(-x)); any shape."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return _C.ops.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent; any shape."""

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return _C.ops.tanh(input)


class Softmax(Module):
    """exp(x) over its sum along `dim`; any shape."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of `Softmax`, computed stably; any shape."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
