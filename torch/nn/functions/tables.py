"""Rows of tables."""

from __future__ import annotations

from torch import _C

Tensor = _C.Tensor


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` at the indices `input` (int64): of the input's shape, then the row's.

    padding_idx: the row that gets no gradient. max_norm: rows that are used and longer are scaled to it, in place.
    scale_grad_by_freq: a row's gradient is divided by its uses. sparse: the gradient of `weight` is a sparse tensor that holds
    the rows in use only, for the optimizers SGD, Adagrad and SparseAdam.

    >>> table = torch.tensor([[1., 1.], [2., 2.], [3., 3.]])
    >>> F.embedding(torch.tensor([[0, 2]]), table)
    tensor([[[1., 1.],
             [3., 3.]]])
    """
    rows = weight.size(0)
    padding = -1
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise ValueError(f"padding_idx ({padding_idx}) must be within the {rows} rows of the table")
        padding = padding_idx % rows
    if max_norm is not None:
        _C.nn.embedding_renorm(weight.data, input, max_norm, norm_type)
    if sparse:
        from torch.nn.functions.sparse_rows import SparseRows

        found: Tensor = SparseRows.apply(weight, input, padding, scale_grad_by_freq)
        return found
    return _C.nn.embedding(weight, input, padding, scale_grad_by_freq)


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
) -> Tensor:
    """Sums, means or maxima of bags of rows of `weight`.

    input: B x n, bags of n indices; or all indices one after the other, where bag b begins at offsets[b].
    mode: "sum", "mean" or "max"; an empty bag gives zeros.

    >>> table = torch.tensor([[1., 1.], [2., 2.], [4., 4.]])
    >>> F.embedding_bag(torch.tensor([0, 2, 1]), table, offsets=torch.tensor([0, 2]), mode="sum")
    tensor([[5., 5.],
            [2., 2.]])
    """
    if isinstance(weight, _C.Tensor) and weight.dtype == _C.int64:
        input, weight = weight, input  # 0.4's order
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode has to be one of sum, mean or max, not {mode!r}")
    rows = embedding(input, weight, None, max_norm, norm_type, scale_grad_by_freq, sparse)
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError("[embedding_bag] the rows of an input of 2 dimensions are the bags, offsets must be None")
        return rows.max(1)[0] if mode == "max" else rows.sum(1) if mode == "sum" else rows.mean(1)
    if input.dim() != 1 or offsets is None or offsets.dim() != 1:
        raise ValueError(f"[embedding_bag] input has {input.dim()} dimensions; expected 2, or 1 and offsets of 1 dimension")
    return _bags(rows, offsets, mode)


def _bags(rows: Tensor, offsets: Tensor, mode: str) -> Tensor:
    starts = offsets.tolist()
    ends = [*starts[1:], rows.size(0)]
    if not starts or starts[0] != 0 or any(end < start for start, end in zip(starts, ends, strict=True)):
        raise ValueError(f"offsets have to begin with 0 and grow up to the {rows.size(0)} indices, not {starts}")
    width = rows.size(1)
    if mode == "max":
        spans = zip(starts, ends, strict=True)
        parts = [rows[a:b].max(0)[0] if b > a else rows.new_zeros(width) for a, b in spans]
        return _C.ops.stack(parts, 0)
    bag_of = [bag for bag, (a, b) in enumerate(zip(starts, ends, strict=True)) for _ in range(b - a)]
    sums = rows.new_zeros(len(starts), width)
    if bag_of:
        sums = sums.index_add_(0, _C.ops.tensor(bag_of, dtype=_C.int64, device=rows.device), rows)
    if mode == "sum":
        return sums
    counts = [max(b - a, 1) for a, b in zip(starts, ends, strict=True)]
    return sums / _C.ops.tensor(counts, dtype=rows.dtype, device=rows.device).unsqueeze(1)
