"""Einstein's sums: pairs of operands become one batched product."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(equation: str, *operands: _C.Tensor | Sequence[_C.Tensor]) -> _C.Tensor:
    """The sum of products that `equation` names, as `numpy.einsum` has it: "bij,bjk->bik" multiplies matrices of a batch.

    Letters name dimensions; what is not named behind `->` is summed up; `...` stands for further dimensions, which broadcast.
    Without `->` the letters that occur once are kept, in their alphabetical order. `operands`: tensors, or one list of them.

    >>> torch.einsum("i,i->", [torch.ones(3), torch.ones(3)])
    tensor(3.)
    """
    tensors = list(operands[0]) if len(operands) == 1 and not isinstance(operands[0], _C.Tensor) else list(operands)
    terms, output = _parse(equation.replace(" ", ""), [t.dim() for t in tensors])  # type: ignore[union-attr]
    result, labels = _diagonals(tensors[0], terms[0])  # type: ignore[arg-type]
    for position, tensor in enumerate(tensors[1:], 1):
        other, other_labels = _diagonals(tensor, terms[position])  # type: ignore[arg-type]
        wanted = set(output).union(*terms[position + 1 :])
        result, labels = _contract(result, labels, other, other_labels, wanted)
    result, labels = _sum_out(result, labels, set(output))
    return result.permute(*(labels.index(c) for c in output)) if len(output) > 1 else result


def _parse(equation: str, dims: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the output, an ellipsis written out with letters that are not used otherwise."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(dims):
        raise RuntimeError(f"[einsum] equation, {equation!r}: it names {len(terms)} operands, but {len(dims)} are given")
    unused = [c for c in LETTERS if c not in equation]
    widest = max((n - len(t.replace("...", "")) for t, n in zip(terms, dims, strict=True) if "..." in t), default=0)
    further = "".join(unused[: max(widest, 0)])
    for index, (term, n) in enumerate(zip(terms, dims, strict=True)):
        count = n - len(term.replace("...", ""))
        if count < 0 or ("..." not in term and count):
            raise RuntimeError(f"[einsum] operand {index}, of {n} dimensions: equation {equation!r} names it {term!r}")
        terms[index] = term.replace("...", further[len(further) - count :])
    joined = "".join(terms)
    if not arrow:
        right = "..." * ("..." in left) + "".join(sorted(c for c in set(joined) - set(further) if joined.count(c) == 1))
    output = right.replace("...", further)
    for c in joined + output:
        if c not in LETTERS or c not in joined or output.count(c) > 1:
            raise RuntimeError(f"[einsum] equation, {equation!r}: {c!r} must be a letter of an operand, once behind '->'")
    return terms, output


def _diagonals(tensor: _C.Tensor, labels: str) -> tuple[_C.Tensor, str]:
    """A letter that comes twice in one operand means the diagonal."""
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            first, second = labels.index(c), labels.rindex(c)
            n = tensor.size(first)
            if tensor.size(second) != n:
                raise RuntimeError(f"[einsum] letter {c!r}: it names dimensions of sizes {n} and {tensor.size(second)}")
            rest = [d for d in range(tensor.dim()) if d not in (first, second)]
            tensor = tensor.permute(first, second, *rest).contiguous().view(n * n, *(tensor.size(d) for d in rest))
            tensor = tensor[:: n + 1]
            labels = c + "".join(labels[d] for d in rest)
    return tensor, labels


def _sum_out(tensor: _C.Tensor, labels: str, wanted: set[str]) -> tuple[_C.Tensor, str]:
    """Sums over the dimensions that nobody wants."""
    for c in labels:
        if c not in wanted:
            tensor = tensor.sum(labels.index(c))
            labels = labels.replace(c, "")
    return tensor, labels


def _contract(a: _C.Tensor, a_labels: str, b: _C.Tensor, b_labels: str, wanted: set[str]) -> tuple[_C.Tensor, str]:
    """The product of two operands, summed over what is in both and not wanted: one bmm."""
    a, a_labels = _sum_out(a, a_labels, wanted | set(b_labels))
    b, b_labels = _sum_out(b, b_labels, wanted | set(a_labels))
    sizes: dict[str, int] = {}
    for tensor, labels in ((a, a_labels), (b, b_labels)):
        for c, n in zip(labels, tensor.shape, strict=True):
            if sizes.setdefault(c, n) not in (n, 1) and n != 1:
                raise RuntimeError(f"[einsum] letter {c!r}: it names dimensions of sizes {sizes[c]} and {n}")
            sizes[c] = max(sizes[c], n) if 0 not in (sizes[c], n) else 0
    shared = [c for c in a_labels if c in b_labels]
    batch, summed = [c for c in shared if c in wanted], [c for c in shared if c not in wanted]
    left, right = [c for c in a_labels if c not in b_labels], [c for c in b_labels if c not in a_labels]
    x = _arranged(a, a_labels, (batch, left, summed), sizes)
    y = _arranged(b, b_labels, (batch, summed, right), sizes)
    labels = "".join(batch + left + right)
    return _C.ops.bmm(x, y).reshape([sizes[c] for c in labels]), labels


def _arranged(tensor: _C.Tensor, labels: str, groups: tuple[list[str], ...], sizes: dict[str, int]) -> _C.Tensor:
    """Three dimensions: one for each group of letters, those of size 1 expanded."""
    order = [c for group in groups for c in group]
    turned = tensor.permute(*(labels.index(c) for c in order)) if len(order) > 1 else tensor
    expanded = turned.expand([sizes[c] for c in order]) if order else turned
    shape = []
    for group in groups:
        count = 1
        for c in group:
            count *= sizes[c]
        shape.append(count)
    return expanded.reshape(shape)
