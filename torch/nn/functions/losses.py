"""Losses.

`reduction` is "none", "elementwise_mean" (also "mean") or "sum"; 0.4.0's flags size_average and reduce overrule it.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

Tensor = _C.Tensor
_NUMBERS = {"none": 0, "elementwise_mean": 1, "mean": 1, "sum": 2}


def _reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> int:
    """The number of a reduction; the two flags of 0.4.0 still work."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "elementwise_mean"
    if reduction not in _NUMBERS:
        raise ValueError(f"reduction must be 'none', 'elementwise_mean' or 'sum', not {reduction!r}")
    return _NUMBERS[reduction]


def _reduce(loss: Tensor, number: int) -> Tensor:
    return loss if number == 0 else loss.mean() if number == 1 else loss.sum()


def _constant(name: str, target: Tensor) -> None:
    if target.requires_grad:
        raise ValueError(f"[{name}] target requires a gradient, but the loss has none for it: call target.detach()")


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """-weight[target] * input[target] of log-probabilities N x C x * and classes N x *, averaged by the weights' sum.

    Targets equal to `ignore_index` count nothing.

    >>> x = torch.tensor([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]).log()
    >>> F.nll_loss(x, torch.tensor([0, -100]), reduction="none")
    tensor([0.6931, 0.0000])
    """
    return _C.nn.nll_loss(input, target, weight, _reduction(size_average, reduce, reduction), ignore_index)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """`nll_loss` of the `log_softmax` along dimension 1.

    >>> F.cross_entropy(torch.tensor([[0., 0.], [1000., 0.]]), torch.tensor([0, 1]), reduction="none")
    tensor([6.9315e-01, 1.0000e+03])
    """
    number = _reduction(size_average, reduce, reduction)
    return _C.nn.nll_loss(_C.nn.log_softmax(input, 1), target, weight, number, ignore_index)


def _pointwise(name: str, doc: str, *, constant: bool) -> Callable[..., Tensor]:
    """The loss `name` of the extension with 0.4's arguments. constant: there is no gradient for the target."""
    compute = getattr(_C.nn, name)

    def loss(
        input: Tensor,
        target: Tensor,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "elementwise_mean",
    ) -> Tensor:
        if constant:
            _constant(name, target)
        result: Tensor = compute(input, target, _reduction(size_average, reduce, reduction))
        return result

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = doc
    return loss


mse_loss = _pointwise(
    "mse_loss",
    """(input - target) squared; the shapes are equal.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 5.]))
    tensor(4.5000)
    """,
    constant=False,
)
l1_loss = _pointwise(
    "l1_loss",
    """|input - target|; the shapes are equal.

    >>> F.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 5.]), reduction="sum")
    tensor(3.)
    """,
    constant=False,
)
smooth_l1_loss = _pointwise(
    "smooth_l1_loss",
    """d^2 / 2 for d = |input - target| below 1, else d - 1/2; the shapes are equal.

    >>> F.smooth_l1_loss(torch.tensor([0.5, 3.]), torch.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """,
    constant=False,
)
soft_margin_loss = _pointwise(
    "soft_margin_loss",
    """log(1 + exp(-target input)), target 1 or -1.

    >>> F.soft_margin_loss(torch.tensor([0., 5.]), torch.tensor([1., -1.]), reduction="none")
    tensor([0.6931, 5.0067])
    """,
    constant=True,
)
kl_div = _pointwise(
    "kl_div",
    """target (log(target) - input) of log-probabilities and probabilities. The mean is over all elements, not the batch.

    >>> F.kl_div(torch.tensor([0.25, 0.75]).log(), torch.tensor([0.5, 0.5]), reduction="sum")
    tensor(0.1438)
    """,
    constant=True,
)
multilabel_margin_loss = _pointwise(
    "multilabel_margin_loss",
    """The sum of max(0, 1 - input[label] + input[other]) over labels and others, divided by C.

    input: N x C or C; target: the labels of each sample (int64), up to the first -1, of the input's shape.

    >>> F.multilabel_margin_loss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """,
    constant=True,
)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """-(target log(input) + (1 - target) log(1 - input)) of probabilities, times `weight`, which is broadcast.

    >>> F.binary_cross_entropy(torch.tensor([0.5, 0.25]), torch.tensor([1., 0.]))
    tensor(0.4904)
    """
    _constant("binary_cross_entropy", target)
    number = _reduction(size_average, reduce, reduction)
    if weight is None:
        return _C.nn.binary_cross_entropy(input, target, number)
    return _reduce(_C.nn.binary_cross_entropy(input, target, 0) * weight, number)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), computed stably. pos_weight: a factor for the term of `target`.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([0., 1000.]), torch.tensor([1., 1.]), reduction="none")
    tensor([0.6931, 0.0000])
    """
    number = _reduction(size_average, reduce, reduction)
    if weight is None and pos_weight is None:
        return _C.nn.binary_cross_entropy_with_logits(input, target, number)
    if input.size() != target.size():
        raise ValueError(f"target has shape {tuple(target.size())}, expected {tuple(input.size())}")
    if pos_weight is None:
        loss = _C.nn.binary_cross_entropy_with_logits(input, target, 0)
    else:
        loss = (1 - target) * input - (1 + (pos_weight - 1) * target) * _C.nn.log_sigmoid(input)
    return _reduce(loss if weight is None else loss * weight, number)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """exp(input) - target * input, or input - target * log(input + eps) without `log_input`.

    full: adds Stirling's approximation of log(target!) where target is above 1.

    >>> F.poisson_nll_loss(torch.tensor([0., 1.]), torch.tensor([2., 2.]), reduction="none")
    tensor([1.0000, 0.7183])
    """
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        large = (target > 1).type_as(target)
        safe = target * large + (1 - large)
        loss = loss + (safe * safe.log() - safe + 0.5 * (2 * 3.141592653589793 * safe).log()) * large
    return _reduce(loss, _reduction(size_average, reduce, reduction))


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """input where target is 1, max(0, margin - input) where it is -1.

    >>> F.hinge_embedding_loss(torch.tensor([0.3, 0.3]), torch.tensor([1., -1.]), reduction="none")
    tensor([0.3000, 0.7000])
    """
    zeros = _C.ops.zeros_like(input)
    near = _C.ops.where(target == 1, input, zeros)
    far = _C.ops.where(target == -1, (margin - input).clamp(min=0), zeros)
    return _reduce(near + far, _reduction(size_average, reduce, reduction))


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """max(0, -target * (input1 - input2) + margin): target 1 ranks input1 higher, -1 input2.

    >>> a, b = torch.tensor([1., 1.]), torch.tensor([0., 3.])
    >>> F.margin_ranking_loss(a, b, torch.tensor([1., 1.]), margin=0.5, reduction="none")
    tensor([0.0000, 2.5000])
    """
    loss = (-target * (input1 - input2) + margin).clamp(min=0)
    return _reduce(loss, _reduction(size_average, reduce, reduction))


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """The mean over the C classes of max(0, margin - input[target] + input[other])^p, times weight[target].

    input: N x C or C; target: N classes (int64); p: 1 or 2.

    >>> F.multi_margin_loss(torch.tensor([[0.1, 0.2, 0.8]]), torch.tensor([2]))
    tensor(0.2333)
    """
    return _C.nn.multi_margin_loss(input, target, p, margin, weight, _reduction(size_average, reduce, reduction))


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "elementwise_mean",
) -> Tensor:
    """The mean over the C classes of the binary cross-entropy of sigmoid(input); input and target (0 or 1): N x C.

    >>> F.multilabel_soft_margin_loss(torch.tensor([[0., 0., 10.]]), torch.tensor([[1., 0., 1.]]))
    tensor(0.4621)
    """
    loss = _C.nn.binary_cross_entropy_with_logits(input, target, 0)
    loss = loss if weight is None else loss * weight
    return _reduce(loss.mean(-1), _reduction(size_average, reduce, reduction))
