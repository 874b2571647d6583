"""Losses."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.module import Module


class _Loss(Module):
    def __init__(self, size_average: bool | None, reduce: bool | None, reduction: str) -> None:
        super().__init__()
        F._reduction(size_average, reduce, reduction)  # a bad name is an error here, not at the first call
        self.size_average = size_average
        self.reduce = reduce
        self.reduction = reduction


class MSELoss(_Loss):
    """The mean of (input - target)^2; the shapes are equal."""

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "elementwise_mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)

    def forward(self, input: _C.Tensor, target: _C.Tensor) -> _C.Tensor:
        return F.mse_loss(input, target, self.size_average, self.reduce, self.reduction)


class NLLLoss(_Loss):
    """The negative log-likelihood: input (N, C) of log-probabilities, target (N) of classes (int64).

    weight (C): one factor for each class; the mean divides by the sum of the factors used. Targets equal to `ignore_index`
    count nothing.
    """

    weight: _C.Tensor | None

    def __init__(
        self,
        weight: _C.Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: _C.Tensor, target: _C.Tensor) -> _C.Tensor:
        return F.nll_loss(input, target, self.weight, self.size_average, self.ignore_index, self.reduce, self.reduction)


class CrossEntropyLoss(NLLLoss):
    """`NLLLoss` of the log-softmax: input (N, C) of scores, target (N) of classes (int64)."""

    def forward(self, input: _C.Tensor, target: _C.Tensor) -> _C.Tensor:
        return F.cross_entropy(input, target, self.weight, self.size_average, self.ignore_index, self.reduce, self.reduction)
