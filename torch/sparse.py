"""Sparse tensors in coordinate format: the indices of the elements that are not zero, and their values.

A sparse tensor of size (d1, ..., dm, e1, ..., ek) has `indices` of size (m, nnz) and `values` of size (nnz, e1, ..., ek). An
index may occur several times; its values then add up, which `coalesce` does.

Every operation is differentiable with respect to the values and to dense operands. The gradient of a sparse tensor that
requires one is sparse, with the same indices. `torch.nn.Embedding(sparse=True)` gives its table a sparse gradient.
"""

from __future__ import annotations

import math

from torch import _C
from torch._sparse_arithmetic import SparseArithmetic
from torch._sparse_functions import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, Self

Tensor = _C.Tensor


class SparseTensor(SparseArithmetic):
    """A tensor of which only some elements are stored; `torch.sparse.FloatTensor` and its kin are classes of it by dtype.

    FloatTensor() is empty, FloatTensor(2, 3) holds no element, FloatTensor(indices, values, size) those given; without a size
    it is the smallest that holds them.

    >>> x = torch.sparse.FloatTensor(torch.tensor([[0, 1, 1], [2, 0, 0]]), torch.tensor([3., 4., 5.]), torch.Size([2, 3]))
    >>> x.to_dense()
    tensor([[0., 0., 3.],
            [9., 0., 0.]])
    """

    __slots__ = ("_coalesced", "_i", "_size", "_v")
    dtype: _C.dtype
    layout = _C.sparse_coo
    is_sparse = True
    is_cuda = False
    device = _C.device("cpu")

    def __init__(self, *args: Any) -> None:
        if args and isinstance(args[0], (Tensor, list)):
            self._set(*checked(self.dtype, *args))
            return
        size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
        size = _C.Size(size or (0,))
        if any(extent < 0 for extent in size):
            raise RuntimeError(f"{self.type()}: sizes must be 0 or more, got {tuple(size)}")
        indices = _C.ops.empty(len(size), 0, dtype=_C.int64)
        self._set(indices, _C.ops.empty(0, dtype=self.dtype), size, coalesced=True)

    def _set(self, indices: Tensor, values: Tensor, size: _C.Size, *, coalesced: bool = False) -> None:
        self._i, self._v, self._size, self._coalesced = indices, values, size, coalesced

    def _like(self, indices: Tensor, values: Tensor, size: Sequence[int], *, coalesced: bool = False) -> Self:
        made = type(self)()
        made._set(indices, values, _C.Size(size), coalesced=coalesced)
        return made

    # --- what it is -------------------------------------------------------------------------------------------------------

    def size(self, dim: int | None = None) -> Any:
        """The torch.Size, or one extent of it.

        >>> torch.sparse.FloatTensor(2, 3).size(), torch.sparse.FloatTensor(2, 3).size(1)
        (torch.Size([2, 3]), 3)
        """
        return self._size if dim is None else self._size[dim]

    shape = property(size)

    def dim(self) -> int:
        """The number of dimensions, sparse and dense.

        >>> torch.sparse.FloatTensor(2, 3).dim()
        2
        """
        return len(self._size)

    def numel(self) -> int:
        """The number of elements, zeros counted.

        >>> torch.sparse.FloatTensor(2, 3).numel()
        6
        """
        return self._size.numel()

    def type(self) -> str:
        """The name of the class: 'torch.sparse.FloatTensor'.

        >>> torch.sparse.FloatTensor(2, 3).type()
        'torch.sparse.FloatTensor'
        """
        return f"torch.sparse.{type(self).__name__}"

    def get_device(self) -> NoReturn:
        """The number of the CUDA device: an error for a tensor on the CPU.

        >>> torch.sparse.FloatTensor(2, 3).get_device()
        Traceback (most recent call last):
            ...
        RuntimeError: get_device is not implemented for type torch.sparse.FloatTensor: x.device tells where...
        """
        raise RuntimeError(f"get_device is not implemented for type {self.type()}: x.device tells where any tensor is")

    def _indices(self) -> Tensor:
        """(sparse dimensions, nnz), int64.

        >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.])._indices()
        tensor([[0, 1],
                [2, 0]])
        """
        return self._i

    def _values(self) -> Tensor:
        """(nnz, dense dimensions...).

        >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.])._values()
        tensor([3., 4.])
        """
        return self._v

    def _nnz(self) -> int:
        """The number of stored elements.

        >>> torch.sparse_coo_tensor([[1, 1]], [3., 4.])._nnz()
        2
        """
        return self._v.size(0)

    def is_coalesced(self) -> bool:
        """Whether the indices are sorted and each occurs once.

        >>> x = torch.sparse_coo_tensor([[1, 1]], [3., 4.])
        >>> x.is_coalesced(), x.coalesce().is_coalesced()
        (False, True)
        """
        return self._coalesced

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        from torch import _utils

        return _utils._rebuild_sparse_tensor, (self.layout, (self._i, self._v, self._size, self._coalesced))

    def __repr__(self) -> str:
        facts = f"size={tuple(self._size)}, nnz={self._nnz()}, layout=torch.sparse_coo"
        return f"tensor(indices={self._i!r},\n       values={self._v!r},\n       {facts})"

    # --- other forms ------------------------------------------------------------------------------------------------------

    def _sparse_size(self) -> tuple[int, ...]:
        return tuple(self._size[: self._i.size(0)])

    def _places(self) -> Tensor:
        """The row-major position of each index among the sparse dimensions."""
        if math.prod(self._sparse_size()) > 2**63 - 1:
            raise RuntimeError(f"[sparse] size, {tuple(self._size)}: more elements than an integer of 64 bits can count")
        places = _C.ops.zeros(self._nnz(), dtype=_C.int64)
        for dim, extent in enumerate(self._sparse_size()):
            places = places * extent + self._i[dim]
        return places

    def coalesce(self) -> Self:
        """The same tensor with sorted indices that occur once; itself if that is so already.

        >>> x = torch.sparse_coo_tensor([[1, 0, 1]], [3., 5., 4.]).coalesce()
        >>> x._indices(), x._values()
        (tensor([[0, 1]]), tensor([5., 7.]))
        """
        if self._coalesced:
            return self
        unique, target = _C.ops._unique_inverse(self._places())
        values = _C.ops.zeros(unique.size(0), *self._v.size()[1:], dtype=self.dtype).index_add_(0, target, self._v)
        rest, rows = unique, []
        for extent in reversed(self._sparse_size()):
            rows.append(rest % max(extent, 1))
            rest = rest / max(extent, 1)
        indices = _C.ops.stack(rows[::-1]) if rows else self._i[:, : unique.size(0)]
        return self._like(indices, values, self._size, coalesced=True)

    def to_dense(self) -> Tensor:
        """A dense tensor with zeros in between. Of the same size and dtype.

        >>> torch.sparse_coo_tensor([[1, 1]], [3., 4.], (3,)).to_dense()
        tensor([0., 7., 0.])
        """
        sparse, rest = self._sparse_size(), list(self._v.size()[1:])
        flat = _C.ops.zeros(_C.Size(sparse).numel(), *rest, dtype=self.dtype)
        return flat.index_add_(0, self._places(), self._v).view(list(self._size))

    toDense = to_dense  # the name of old

    def clone(self) -> Self:
        """A copy.

        >>> x = torch.sparse_coo_tensor([[1]], [3.])
        >>> x.clone().zero_()._nnz(), x._nnz()
        (0, 1)
        """
        return self._like(self._i.clone(), self._v.clone(), self._size, coalesced=self._coalesced)

    def transpose(self, dim0: int, dim1: int) -> Self:
        """With two sparse dimensions exchanged. An IndexError for other dimensions.

        >>> torch.sparse_coo_tensor([[0], [2]], [3.]).transpose(0, 1)
        tensor(indices=tensor([[2],
                [0]]),
               values=tensor([3.]),
               size=(3, 1), nnz=1, layout=torch.sparse_coo)
        """
        return self.clone().transpose_(dim0, dim1)

    def transpose_(self, dim0: int, dim1: int) -> Self:
        """`transpose` in place.

        >>> x = torch.sparse_coo_tensor([[0], [2]], [3.])
        >>> x.transpose_(0, 1) is x, x.size()
        (True, torch.Size([3, 1]))
        """
        sparse = self._i.size(0)
        order, size = list(range(sparse)), list(self._size)
        if not all(-sparse <= dim < sparse for dim in (dim0, dim1)):
            raise IndexError(f"[transpose] dimensions {dim0} and {dim1}: a tensor of {sparse} sparse dimensions has no such")
        order[dim0], order[dim1] = order[dim1], order[dim0]
        size[dim0 % sparse], size[dim1 % sparse] = size[dim1 % sparse], size[dim0 % sparse]
        self._set(self._i[_C.ops.tensor(order)], self._v, _C.Size(size))
        return self

    def t(self) -> Self:
        """The transposed matrix. An error unless both dimensions are sparse.

        >>> torch.sparse_coo_tensor([[0], [2]], [3.]).t().size()
        torch.Size([3, 1])
        """
        return self.clone().t_()

    def t_(self) -> Self:
        """`t` in place.

        >>> torch.sparse_coo_tensor([[0], [2]], [3.]).t_().to_dense()
        tensor([[0.],
                [0.],
                [3.]])
        """
        if self.dim() != 2 or self._i.size(0) != 2:
            raise RuntimeError(f"[t] self, {self.dim()} dimensions: must be a sparse matrix")
        return self.transpose_(0, 1)

    def zero_(self) -> Self:
        """Stores no element any more.

        >>> torch.sparse_coo_tensor([[1]], [3.]).zero_().to_dense()
        tensor([0., 0.])
        """
        self._set(self._i[:, :0], self._v[:0], self._size, coalesced=True)
        return self

    def resizeAs_(self, other: SparseTensor) -> Self:  # the name of old
        """Takes the size of another sparse tensor, and keeps no element if it is another one.

        >>> torch.sparse_coo_tensor([[1]], [3.]).resizeAs_(torch.sparse.FloatTensor(2, 3)).size()
        torch.Size([2, 3])
        """
        if self._size != other._size or self._i.size(0) != other._i.size(0):
            empty = self._v.new_empty(0, *other._v.size()[1:])
            self._set(other._i[:, :0].clone(), empty, other._size, coalesced=True)
        return self

    def norm(self, p: float = 2) -> Tensor:
        """(sum |x|^p)^(1/p) over all elements, as of the dense form.

        >>> torch.sparse_coo_tensor([[0, 5]], [3., 4.]).norm()
        tensor(5.)
        """
        return self.coalesce()._v.norm(p)


def checked(dtype: _C.dtype, indices: Any, values: Any, size: Any = None) -> tuple[Tensor, Tensor, _C.Size]:
    """Indices and values that fit each other and the size, which the largest indices give if it is not given."""
    index = indices if isinstance(indices, Tensor) else _C.ops.tensor(indices, dtype=_C.int64)
    value = values if isinstance(values, Tensor) else _C.ops.tensor(values, dtype=dtype)
    if index.dtype is not _C.int64 or index.dim() != 2:
        raise RuntimeError(f"[sparse] indices, {tuple(index.size())} of {index.dtype}: must be (dimensions, nnz) of int64")
    if value.dtype is not dtype or value.dim() < 1 or value.size(0) != index.size(1):
        raise RuntimeError(
            f"[sparse] values, {tuple(value.size())} of {value.dtype}: must be ({index.size(1)}, ...) of {dtype}"
        )
    some = index.numel() > 0
    low, high = (
        ([x.tolist() for x in (index.min(1)[0], index.max(1)[0])]) if some else ([0] * index.size(0), [-1] * index.size(0))
    )
    sparse = [extent + 1 for extent in high]
    whole = _C.Size([*sparse, *value.size()[1:]]) if size is None else _C.Size(size)
    if len(whole) != len(sparse) + value.dim() - 1 or whole[len(sparse) :] != tuple(value.size()[1:]):
        raise RuntimeError(f"[sparse] size, {tuple(whole)}: indices and values make {[*sparse, *value.size()[1:]]} or more")
    for first, last, extent in zip(low, high, whole, strict=False):
        if first < 0 or last >= extent:
            raise RuntimeError(f"[sparse] indices, {first} to {last}: must be from 0 to {extent - 1}")
    return index.detach(), value if value.requires_grad else value.detach(), whole


_NAMES = {
    "FloatTensor": _C.float32, "DoubleTensor": _C.float64, "ByteTensor": _C.uint8, "CharTensor": _C.int8,
    "ShortTensor": _C.int16, "IntTensor": _C.int32, "LongTensor": _C.int64,
}  # fmt: skip
_CLASSES = {
    dtype: type(
        name,
        (SparseTensor,),
        {"dtype": dtype, "__module__": "torch.sparse", "__slots__": (), "__doc__": SparseTensor.__doc__},
    )
    for name, dtype in _NAMES.items()
}
for _class in _CLASSES.values():
    globals()[_class.__name__] = _class

__all__ = [*_NAMES, "SparseTensor", "sparse_coo_tensor", "spmm"]


def __dir__() -> list[str]:
    return sorted(__all__)


def sparse_type(dtype: _C.dtype) -> type[SparseTensor]:
    """The class of sparse tensors of `dtype`."""
    if dtype not in _CLASSES:
        raise RuntimeError(f"[sparse] values, {dtype}: there are no sparse tensors of it")
    return _CLASSES[dtype]


def sparse_coo_tensor(
    indices: Any,
    values: Any,
    size: Sequence[int] | None = None,
    dtype: _C.dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> SparseTensor:
    """A sparse tensor with a copy of these values at these indices; what indices, values and size are, the module says.

    >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.], (2, 3)).to_dense()
    tensor([[0., 0., 3.],
            [4., 0., 0.]])
    """
    value = _C.ops.tensor(values, dtype=dtype, device=device)
    index = _C.ops.tensor(indices, dtype=_C.int64)
    made: SparseTensor = sparse_type(value.dtype)(index, value, *(() if size is None else (size,)))
    return made.requires_grad_() if requires_grad else made


def spmm(mat1: SparseTensor, mat2: Tensor) -> Tensor:
    """The product of a sparse and a dense matrix: dense.

    >>> torch.sparse.spmm(torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.]), torch.ones(3, 2))
    tensor([[3., 3.],
            [4., 4.]])
    """
    return mat1.mm(mat2)


_C._lend_sparse(SparseTensor, FUNCTIONS)
