"""The softmax over many classes, by clusters of their frequency (Grave et al., 2016)."""

from __future__ import annotations

from collections import namedtuple

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.container import ModuleList, Sequential
from torch.nn.modules.layer_settings import refuse
from torch.nn.modules.linear import Linear
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of n_classes, which are sorted by frequency: the frequent ones have the most capacity.

    cutoffs: where each cluster of classes ends and the next one begins. Cluster i is seen through in_features /
    div_value^(i + 1) features. Called with input (N, in_features) and target (N), it gives (output, loss): the log-probability
    of each target, and minus their mean.

    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(16, 1000, cutoffs=[10, 100])
    >>> output, loss = layer(torch.zeros(4, 16), torch.tensor([0, 9, 50, 999]))
    >>> output.size(), loss.size(), layer.log_prob(torch.zeros(4, 16)).size()
    (torch.Size([4]), torch.Size([]), torch.Size([4, 1000]))
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
    ) -> None:
        super().__init__()
        ends = list(cutoffs)
        whole = all(isinstance(end, int) for end in ends)
        if not ends or not whole or ends != sorted(set(ends)) or ends[0] <= 0 or ends[-1] > n_classes - 1:
            refuse(
                self,
                f"cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value "
                f"is between 1 and n_classes-1, not {ends}",
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = ends[0]
        self.n_clusters = len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            hidden = int(in_features // div_value ** (i + 1))
            size = self.cutoffs[i + 1] - self.cutoffs[i]
            self.tail.append(Sequential(Linear(in_features, hidden, bias=False), Linear(hidden, size, bias=False)))

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for projection in cluster.children():
                projection.reset_parameters()

    def forward(self, input: _C.Tensor, target: _C.Tensor) -> _ASMoutput:
        if input.dim() != 2 or input.size(1) != self.in_features:
            raise RuntimeError(f"input has shape {tuple(input.size())}, expected (N, {self.in_features})")
        if input.size(0) != target.size(0):
            raise RuntimeError(
                f"Input and target should have the same size in the batch dimension: {input.size(0)} and {target.size(0)}"
            )
        if target.numel() and not 0 <= target.min().item() <= target.max().item() < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found."
            )
        head = F.log_softmax(self.head(input), 1)
        rows, parts = [], []
        for i, begin in enumerate([0, *self.cutoffs[:-1]]):
            chosen = ((target >= begin) * (target < self.cutoffs[i])).nonzero().view(-1)
            if chosen.numel() == 0:
                continue
            relative = target.index_select(0, chosen) - begin
            of_head = head.index_select(0, chosen)
            if i == 0:
                part = of_head.gather(1, relative.unsqueeze(1)).squeeze(1)
            else:
                inside = F.log_softmax(self.tail[i - 1](input.index_select(0, chosen)), 1)
                part = of_head[:, self.shortlist_size + i - 1] + inside.gather(1, relative.unsqueeze(1)).squeeze(1)
            rows.append(chosen)
            parts.append(part)
        output = input.new_zeros(target.size(0))
        if rows:
            output = output.index_add_(0, _C.ops.cat(rows, 0), _C.ops.cat(parts, 0))
        return _ASMoutput(output, -output.mean())

    def log_prob(self, input: _C.Tensor) -> _C.Tensor:
        """The log-probabilities of all classes: N x n_classes."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            column = self.shortlist_size + i
            parts.append(F.log_softmax(cluster(input), 1) + head[:, column : column + 1])
        return _C.ops.cat(parts, 1)

    def predict(self, input: _C.Tensor) -> _C.Tensor:
        """The likeliest class of each sample: N."""
        return self.log_prob(input).argmax(1)
