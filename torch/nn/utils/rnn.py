"""Sequences of different lengths in one tensor: padded to the longest, or packed without padding.

A batch is B sequences of T_1 >= T_2 >= ... elements of size `*` each; T is T_1. Padded it is T x B x * (B x T x * with
batch_first). Packed it is (T_1 + T_2 + ...) x *: first all elements of time 0, then those of time 1, and so on.
"""

from __future__ import annotations

from collections import namedtuple

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


__all__ = ["PackedSequence", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence"]


def __dir__() -> list[str]:
    return sorted(__all__)


def _conversion(name: str) -> Callable[..., PackedSequence]:
    def convert(self: PackedSequence, *args: Any, **kwargs: Any) -> PackedSequence:
        return type(self)(getattr(self.data, name)(*args, **kwargs), self.batch_sizes)

    convert.__name__, convert.__qualname__ = name, f"PackedSequence.{name}"
    convert.__doc__ = f"The same with what `data.{name}` returns for these arguments."
    return convert


class PackedSequence(namedtuple("PackedSequence", ["data", "batch_sizes"])):
    """What `pack_padded_sequence` and `pack_sequence` return: made by these functions, not by hand.

    data: the elements, (sum of lengths) x *. batch_sizes: int64, how many sequences have an element at each time.

    >>> packed = nn.utils.rnn.pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """

    __slots__ = ()

    to, cuda, cpu = map(_conversion, ("to", "cuda", "cpu"))
    double, float, half = map(_conversion, ("double", "float", "half"))
    long, int, short, char, byte = map(_conversion, ("long", "int", "short", "char", "byte"))

    @property
    def is_cuda(self) -> bool:
        """Whether the elements are on a CUDA device."""
        return bool(self.data.is_cuda)


def pack_padded_sequence(input: _C.Tensor, lengths: Sequence[int] | _C.Tensor, batch_first: bool = False) -> PackedSequence:
    """Packs `input`, T x B x *, whose sequences have the decreasing `lengths`. Differentiable.

    >>> padded = torch.tensor([[1, 2, 3], [4, 0, 0]])
    >>> packed = torch.nn.utils.rnn.pack_padded_sequence(padded, [3, 1], batch_first=True)
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """
    steps = input.transpose(0, 1) if batch_first else input
    counts: list[int] = lengths.tolist() if isinstance(lengths, _C.Tensor) else [int(length) for length in lengths]
    if len(counts) != steps.size(1):
        raise ValueError(f"lengths array has incorrect size: {len(counts)} for a batch of {steps.size(1)}")
    if counts != sorted(counts, reverse=True):
        raise ValueError("lengths array has to be sorted in decreasing order")
    if not counts or counts[-1] <= 0:
        raise ValueError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if counts[0] > steps.size(0):
        raise ValueError(f"lengths array names {counts[0]} elements, the input has {steps.size(0)}")
    rest = list(steps.size())[2:]
    parts, batch_sizes, begin = [], [], 0
    for index in range(len(counts) - 1, -1, -1):  # the shortest first: until its end, index + 1 sequences run on
        if counts[index] > begin:
            parts.append(steps[begin : counts[index], : index + 1].contiguous().view([-1, *rest]))
            batch_sizes += [index + 1] * (counts[index] - begin)
            begin = counts[index]
    return PackedSequence(_C.ops.cat(parts, 0), _C.ops.tensor(batch_sizes, dtype=_C.int64, device="cpu"))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[_C.Tensor, _C.Tensor]:
    """The inverse: T x B x * with `padding_value` behind the ends, and the int64 lengths. Differentiable.

    total_length: T, if it is to be more than the longest sequence.

    >>> packed = torch.nn.utils.rnn.pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])])
    >>> torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [4, 0, 0]]), tensor([3, 1]))
    """
    data, batch_sizes = sequence.data, sequence.batch_sizes.tolist()
    longest, batch = len(batch_sizes), batch_sizes[0]
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, "
            f"but got total_length={total_length} and max sequence length being {longest}"
        )
    rest = list(data.size())[1:]
    rows, offset = [], 0
    for size in batch_sizes:
        row = data[offset : offset + size]
        rows.append(row if size == batch else _C.ops.cat([row, _padding([batch - size, *rest], padding_value, data)], 0))
        offset += size
    rows += [_padding([batch, *rest], padding_value, data)] * ((total_length or longest) - longest)
    padded = _C.ops.stack(rows, 1 if batch_first else 0)
    lengths = [sum(size > index for size in batch_sizes) for index in range(batch)]
    return padded, _C.ops.tensor(lengths, dtype=_C.int64, device="cpu")


def pad_sequence(sequences: Sequence[_C.Tensor], batch_first: bool = False, padding_value: float = 0) -> _C.Tensor:
    """One tensor T x B x * of B tensors T_i x *, of any order of lengths. Differentiable.

    >>> torch.nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], batch_first=True)
    tensor([[1, 2],
            [3, 0]])
    """
    longest = max(sequence.size(0) for sequence in sequences)
    padded = []
    for sequence in sequences:
        missing = [longest - sequence.size(0), *list(sequence.size())[1:]]
        padded.append(_C.ops.cat([sequence, _padding(missing, padding_value, sequence)], 0) if missing[0] else sequence)
    return _C.ops.stack(padded, 0 if batch_first else 1)


def pack_sequence(sequences: Sequence[_C.Tensor]) -> PackedSequence:
    """Packs tensors T_i x * of decreasing lengths.

    >>> packed = nn.utils.rnn.pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5])])
    >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [4, 5, 0]]), tensor([3, 2]))
    """
    return pack_padded_sequence(pad_sequence(sequences), [sequence.size(0) for sequence in sequences])


def _padding(size: list[int], value: float, like: _C.Tensor) -> _C.Tensor:
    return _C.ops.full(size, value if like.is_floating_point() else int(value), dtype=like.dtype, device=like.device)
