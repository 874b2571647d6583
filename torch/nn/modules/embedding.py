"""Tables of vectors."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.layer_settings import check_least, refuse
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class _Table(Module):
    """A table of num_embeddings rows, which start normal with mean 0 and deviation 1."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
    ) -> None:
        super().__init__()
        check_least(self, 0, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        self.weight = Parameter(_C.ops.empty(num_embeddings, embedding_dim))

    def _given(self, weight: _C.Tensor | None) -> None:
        if weight is None:
            self.reset_parameters()
        elif list(weight.size()) != [self.num_embeddings, self.embedding_dim]:
            refuse(self, f"_weight has size {tuple(weight.size())}, expected {(self.num_embeddings, self.embedding_dim)}")
        else:
            self.weight = Parameter(weight)

    def reset_parameters(self) -> None:
        """Draws the rows anew."""
        init.normal_(self.weight)


class Embedding(_Table):
    """Rows of a table: input of indices (int64), any shape; output of that shape, then embedding_dim.

    padding_idx: a row that starts as zeros and gets no gradient. max_norm: rows in use that are longer are scaled to it.
    scale_grad_by_freq: a row's gradient is divided by its uses in the batch. sparse: the weight's gradient is a sparse tensor.

    >>> words = nn.Embedding(10, 3, padding_idx=0)
    >>> x = words(torch.tensor([[0, 2, 5]]))
    >>> x.size(), x[0, 0].tolist()
    (torch.Size([1, 3, 3]), [0.0, 0.0, 0.0])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: _C.Tensor | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, sparse)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                refuse(self, f"padding_idx ({padding_idx}) must be within num_embeddings ({num_embeddings})")
            padding_idx %= num_embeddings
        self.padding_idx = padding_idx
        self._given(_weight)

    def reset_parameters(self) -> None:
        """Draws the rows anew; that of padding_idx becomes zeros."""
        super().reset_parameters()
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx].fill_(0)

    @classmethod
    def from_pretrained(cls, embeddings: _C.Tensor, freeze: bool = True, sparse: bool = False) -> Embedding:
        """A table with these rows, which are not learnt unless `freeze` is False."""
        if embeddings.dim() != 2:
            raise ValueError(f"Embeddings parameter is expected to be 2-dimensional, not {embeddings.dim()}-dimensional")
        result = cls(embeddings.size(0), embeddings.size(1), sparse=sparse, _weight=embeddings)
        result.weight.requires_grad = not freeze
        return result

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        return text + (f", scale_grad_by_freq={self.scale_grad_by_freq}" if self.scale_grad_by_freq else "")


class EmbeddingBag(_Table):
    """Sums, means or maxima of bags of rows: input B x n, or all indices and the offsets where bags begin.

    >>> bags = nn.EmbeddingBag(10, 3, mode="sum")
    >>> bags(torch.tensor([1, 2, 4, 5, 4]), offsets=torch.tensor([0, 3])).size()
    torch.Size([2, 3])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, max_norm, norm_type, scale_grad_by_freq, sparse)
        if mode not in ("sum", "mean", "max"):
            refuse(self, f"mode has to be one of sum, mean or max, not {mode!r}")
        self.mode = mode
        self.reset_parameters()

    def forward(self, input: _C.Tensor, offsets: _C.Tensor | None = None) -> _C.Tensor:
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
        )

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}, mode={self.mode}"
