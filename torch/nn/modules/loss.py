"""Losses. reduction: "none", "elementwise_mean" or "sum"; 0.4.0's flags size_average and reduce overrule it."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.functions.losses import _reduction
from torch.nn.modules.layer_settings import refuse
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Loss(Module):
    """What all losses share. `_function`: the loss of torch.nn.functional; `_settings`: attributes that it also takes."""

    _function: Callable[..., _C.Tensor]
    _settings: tuple[str, ...] = ()

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "elementwise_mean"
    ) -> None:
        super().__init__()
        try:
            _reduction(size_average, reduce, reduction)  # a bad name is an error here, not at the first call
        except ValueError as error:
            refuse(self, str(error))
        self.size_average = size_average
        self.reduce = reduce
        self.reduction = reduction

    def __setstate__(self, state: dict[str, Any]) -> None:
        """0.4.0's losses have no `reduction`; those of later versions have it alone."""
        super().__setstate__({"size_average": None, "reduce": None, "reduction": "elementwise_mean", **state})

    def forward(self, *inputs: _C.Tensor) -> _C.Tensor:
        settings = {name: getattr(self, name) for name in self._settings}
        return type(self)._function(
            *inputs, **settings, size_average=self.size_average, reduce=self.reduce, reduction=self.reduction
        )

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)}" for name in self._settings if name != "weight")


class _WeightedLoss(_Loss):
    """A loss with a fixed weight for classes or elements: a buffer."""

    weight: _C.Tensor | None
    _settings: tuple[str, ...] = ("weight",)

    def __init__(
        self,
        weight: _C.Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class MSELoss(_Loss):
    """The mean of (input - target)^2; the shapes are equal.

    >>> nn.MSELoss()(torch.tensor([1., 2.]), torch.tensor([1., 5.]))
    tensor(4.5000)
    """

    _function = F.mse_loss


class L1Loss(_Loss):
    """The mean of |input - target|; the shapes are equal.

    >>> nn.L1Loss(reduction="sum")(torch.tensor([1., 2.]), torch.tensor([1., 5.]))
    tensor(3.)
    """

    _function = F.l1_loss


class SmoothL1Loss(_Loss):
    """The mean of d^2 / 2 for d = |input - target| below 1, else d - 1/2; the shapes are equal.

    >>> nn.SmoothL1Loss(reduction="none")(torch.tensor([0.5, 3.]), torch.zeros(2))
    tensor([0.1250, 2.5000])
    """

    _function = F.smooth_l1_loss


class SoftMarginLoss(_Loss):
    """The mean of log(1 + exp(-target input)), target 1 or -1; the shapes are equal.

    >>> nn.SoftMarginLoss(reduction="none")(torch.tensor([0., 5.]), torch.tensor([1., -1.]))
    tensor([0.6931, 5.0067])
    """

    _function = F.soft_margin_loss


class KLDivLoss(_Loss):
    """The mean of target (log(target) - input) over all elements: log-probabilities from probabilities.

    >>> nn.KLDivLoss(reduction="sum")(torch.tensor([0.25, 0.75]).log(), torch.tensor([0.5, 0.5]))
    tensor(0.1438)
    """

    _function = F.kl_div


class MultiLabelMarginLoss(_Loss):
    """Hinge loss of several labels: input N x C, target N x C of labels (int64) up to the first -1.

    >>> nn.MultiLabelMarginLoss()(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """

    _function = F.multilabel_margin_loss


class BCELoss(_WeightedLoss):
    """The binary cross-entropy of probabilities; the shapes are equal, `weight` is broadcast.

    >>> nn.BCELoss()(torch.tensor([0.5, 0.25]), torch.tensor([1., 0.]))
    tensor(0.4904)
    """

    _function = F.binary_cross_entropy


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """The mean over N x C of the binary cross-entropy of sigmoid(input); target 0 or 1.

    >>> nn.MultiLabelSoftMarginLoss()(torch.tensor([[0., 0., 10.]]), torch.tensor([[1., 0., 1.]]))
    tensor(0.4621)
    """

    _function = F.multilabel_soft_margin_loss


class BCEWithLogitsLoss(_WeightedLoss):
    """`BCELoss` of sigmoid(input), computed stably. pos_weight: a factor for the term of `target`.

    >>> nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.]))(torch.tensor([[0.]]), torch.tensor([[1.]]))
    tensor(1.3863)
    """

    pos_weight: _C.Tensor | None
    _function = F.binary_cross_entropy_with_logits
    _settings = ("weight", "pos_weight")

    def __init__(
        self,
        weight: _C.Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
        pos_weight: _C.Tensor | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def extra_repr(self) -> str:
        return ""


class NLLLoss(_WeightedLoss):
    """The negative log-likelihood: input (N, C, *) of log-probabilities, target (N, *) of classes (int64).

    weight (C): one factor for each class; the mean divides by the sum of the factors used. Targets equal to `ignore_index`
    count nothing; the mean is 0 where none counts.

    >>> x = torch.tensor([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]).log()
    >>> nn.NLLLoss()(x, torch.tensor([0, 2]))
    tensor(1.3863)
    >>> nn.NLLLoss(weight=torch.tensor([1., 1., 0.]))(x, torch.tensor([0, 2]))
    tensor(0.6931)
    """

    _function = F.nll_loss
    _settings = ("weight", "ignore_index")

    def __init__(
        self,
        weight: _C.Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def extra_repr(self) -> str:
        return "" if self.ignore_index == -100 else f"ignore_index={self.ignore_index}"


class CrossEntropyLoss(NLLLoss):
    """`NLLLoss` of the log-softmax: input (N, C, *) of scores, target (N, *) of classes (int64).

    >>> scores = torch.zeros(3, 5, requires_grad=True)
    >>> loss = nn.CrossEntropyLoss()(scores, torch.tensor([1, 0, 4]))
    >>> loss.backward()
    >>> abs(loss.item() - torch.tensor(5.).log().item()) < 1e-6, scores.grad.size()
    (True, torch.Size([3, 5]))
    """

    _function = F.cross_entropy


class PoissonNLLLoss(_Loss):
    """The negative log-likelihood of counts: the mean of exp(input) - target input, or of input - target log(input).

    >>> nn.PoissonNLLLoss(reduction="none")(torch.tensor([0., 1.]), torch.tensor([2., 2.]))
    tensor([1.0000, 0.7183])
    """

    _function = F.poisson_nll_loss
    _settings = ("log_input", "full", "eps")

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps


class _MarginLoss(_Loss):
    """A loss with a margin."""

    _settings = ("margin",)
    _margin = 0.0

    def __init__(
        self,
        margin: float | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = self._margin if margin is None else margin


class MarginRankingLoss(_MarginLoss):
    """The mean of max(0, -target (input1 - input2) + margin); margin: 0 unless given.

    >>> nn.MarginRankingLoss(margin=0.5)(torch.tensor([1., 1.]), torch.tensor([0., 3.]), torch.tensor([1., 1.]))
    tensor(1.2500)
    """

    _function = F.margin_ranking_loss


class CosineEmbeddingLoss(_MarginLoss):
    """1 - cosine where target is 1, max(0, cosine - margin) where it is -1: inputs N x D, target N. margin: 0 unless given.

    >>> nn.CosineEmbeddingLoss(margin=0.5)(torch.tensor([[1., 0.]]), torch.tensor([[2., 0.]]), torch.tensor([-1.]))
    tensor(0.5000)
    """

    _function = F.cosine_embedding_loss


class HingeEmbeddingLoss(_MarginLoss):
    """input where target is 1, max(0, margin - input) where it is -1; margin: 1 unless given.

    >>> nn.HingeEmbeddingLoss(reduction="none")(torch.tensor([0.3, 0.3]), torch.tensor([1., -1.]))
    tensor([0.3000, 0.7000])
    """

    _function = F.hinge_embedding_loss
    _margin = 1.0


class MultiMarginLoss(_WeightedLoss):
    """Hinge loss of one label: input N x C, target N (int64), weight C. p: 1 or 2.

    >>> nn.MultiMarginLoss()(torch.tensor([[0.1, 0.2, 0.8]]), torch.tensor([2]))
    tensor(0.2333)
    """

    _function = F.multi_margin_loss
    _settings = ("p", "margin", "weight")

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: _C.Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            refuse(self, f"only p == 1 and p == 2 supported, not {p}")
        self.p = p
        self.margin = margin


class TripletMarginLoss(_Loss):
    """The mean of max(0, d(anchor, positive) - d(anchor, negative) + margin) for N x D each; d: the p-norm of differences.

    >>> anchor, positive, negative = torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]), torch.tensor([[0., 2.]])
    >>> nn.TripletMarginLoss(margin=2)(anchor, positive, negative)
    tensor(5.0000)
    """

    _function = F.triplet_margin_loss
    _settings = ("margin", "p", "eps", "swap")

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
