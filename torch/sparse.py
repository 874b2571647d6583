"""Sparse tensors in coordinate format: the indices of the elements that are not zero, and their values.

A sparse tensor of size (d1, ..., dm, e1, ..., ek) has `indices` of size (m, nnz) and `values` of size (nnz, e1, ..., ek). An
index may occur several times; its values then add up, which `coalesce` does.

Every operation is differentiable with respect to the values and to dense operands. The gradient of a sparse tensor that
requires one is sparse, with the same indices. `torch.nn.Embedding(sparse=True)` gives its table a sparse gradient.
"""

from __future__ import annotations

import math

from torch import _C
from torch._sparse_devices import OnDevices, checked
from torch._sparse_functions import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

Tensor = _C.Tensor


class SparseTensor(OnDevices):
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

    def __init__(self, *args: Any) -> None:
        if args and isinstance(args[0], (Tensor, list)):
            self._set(*checked(type(self), *args))
            return
        size = args[0] if len(args) == 1 and not isinstance(args[0], int) else args
        size = _C.Size(size or (0,))
        if any(extent < 0 for extent in size):
            raise RuntimeError(f"{self.type()}: sizes must be 0 or more, got {tuple(size)}")
        home = "cuda" if self.is_cuda else "cpu"
        indices = _C.ops.empty(len(size), 0, dtype=_C.int64, device=home)
        self._set(indices, _C.ops.empty(0, dtype=self.dtype, device=home), size, coalesced=True)

    def _set(self, indices: Tensor, values: Tensor, size: _C.Size, *, coalesced: bool = False) -> None:
        self._i, self._v, self._size, self._coalesced = indices, values, size, coalesced

    @classmethod
    def _of_parts(cls, indices: Tensor, values: Tensor, size: Sequence[int], *, coalesced: bool = False) -> Self:
        """Of parts that are known to fit."""
        made = cls.__new__(cls)
        made._set(indices, values, _C.Size(size), coalesced=coalesced)
        return made

    def _like(self, indices: Tensor, values: Tensor, size: Sequence[int], *, coalesced: bool = False) -> Self:
        return self._of_parts(indices, values, size, coalesced=coalesced)

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
        where = f"device='{self.device}', " if self.is_cuda else ""
        facts = f"{where}size={tuple(self._size)}, nnz={self._nnz()}, layout=torch.sparse_coo"
        return f"tensor(indices={self._i!r},\n       values={self._v!r},\n       {facts})"

    # --- other forms ------------------------------------------------------------------------------------------------------

    def _sparse_size(self) -> tuple[int, ...]:
        return tuple(self._size[: self._i.size(0)])

    def _places(self) -> Tensor:
        """The row-major position of each index among the sparse dimensions."""
        if math.prod(self._sparse_size()) > 2**63 - 1:
            raise RuntimeError(f"[sparse] size, {tuple(self._size)}: more elements than an integer of 64 bits can count")
        if self._i.size(0) == 0:
            return _C.ops.zeros(self._nnz(), dtype=_C.int64, device=self.device)
        places = self._i[0]
        for dim, extent in enumerate(self._sparse_size()[1:], 1):
            places = _C.ops.add(self._i[dim], places, alpha=extent)
        return places

    def coalesce(self) -> Self:
        """The same tensor with sorted indices that occur once; itself if that is so already.

        >>> x = torch.sparse_coo_tensor([[1, 0, 1]], [3., 5., 4.]).coalesce()
        >>> x._indices(), x._values()
        (tensor([[0, 1]]), tensor([5., 7.]))
        """
        if self._coalesced:
            return self
        sparse = self._sparse_size()
        values, rest, _ = _C.ops._coalesce(self._v, self._places(), math.prod(sparse))
        rows: list[Tensor] = []
        for extent in reversed(sparse[1:]):
            rows.append(rest % max(extent, 1))
            rest = rest / max(extent, 1)
        indices = _C.ops.stack([rest, *rows[::-1]]) if sparse else self._i[:, : values.size(0)]
        return self._like(indices, values, self._size, coalesced=True)

    def to_dense(self) -> Tensor:
        """A dense tensor with zeros in between. Of the same size and dtype.

        >>> torch.sparse_coo_tensor([[1, 1]], [3., 4.], (3,)).to_dense()
        tensor([0., 7., 0.])
        """
        sparse, rest = self._sparse_size(), list(self._v.size()[1:])
        flat = _C.ops.zeros(_C.Size(sparse).numel(), *rest, dtype=self.dtype, device=self.device)
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
        self._set(self._i.index_select(0, _C.ops.tensor(order, device=self.device)), self._v, _C.Size(size))
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

    def narrow(self, dim: int, start: int, length: int) -> Self:
        """The elements from `start` on, `length` of them, along a dimension: a copy.

        >>> torch.sparse_coo_tensor([[0, 2, 3]], [3., 4., 5.]).narrow(0, 1, 2).to_dense()
        tensor([0., 4.])
        """
        if not -self.dim() <= dim < self.dim():
            raise IndexError(f"[narrow] dimension {dim}: a tensor of {self.dim()} dimensions has no such")
        dim, sparse, size = dim % self.dim(), self._i.size(0), list(self._size)
        if start < 0 or length < 0 or start + length > size[dim]:
            raise RuntimeError(f"[narrow] {start} to {start + length}: must lie within the {size[dim]} of dimension {dim}")
        size[dim] = length
        if dim >= sparse:
            values = self._v.narrow(dim - sparse + 1, start, length).clone()
            return self._like(self._i, values, size, coalesced=self._coalesced)
        places = self._i[dim]
        chosen = ((places >= start) * (places < start + length)).nonzero().reshape(-1)
        indices = self._i.index_select(1, chosen)
        indices[dim].sub_(start)
        return self._like(indices, self._v.index_select(0, chosen), size, coalesced=self._coalesced)

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


_NAMES = {
    "FloatTensor": _C.float32, "DoubleTensor": _C.float64, "HalfTensor": _C.float16, "ByteTensor": _C.uint8,
    "CharTensor": _C.int8, "ShortTensor": _C.int16, "IntTensor": _C.int32, "LongTensor": _C.int64,
}  # fmt: skip
_CLASSES = {
    (dtype, is_cuda): type(
        name,
        (SparseTensor,),
        {"dtype": dtype, "is_cuda": is_cuda, "__module__": module, "__slots__": (), "__doc__": SparseTensor.__doc__},
    )
    for module, is_cuda in (("torch.sparse", False), ("torch.cuda.sparse", True))
    for name, dtype in _NAMES.items()
}
globals().update((name, _CLASSES[dtype, False]) for name, dtype in _NAMES.items())

__all__ = [*_NAMES, "SparseTensor", "sparse_coo_tensor", "spmm"]


def __dir__() -> list[str]:
    return sorted(__all__)


def sparse_type(dtype: _C.dtype, is_cuda: bool = False) -> type[SparseTensor]:
    """The class of sparse tensors of `dtype` on the host, or on CUDA devices."""
    return _CLASSES[dtype, is_cuda]


def sparse_coo_tensor(
    indices: Any,
    values: Any,
    size: Sequence[int] | None = None,
    dtype: _C.dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> SparseTensor:
    """A sparse tensor with a copy of these values at these indices; what indices, values and size are, the module says.

    Without a device it is where the values are, or, if these are numbers, the indices; indices and values that are tensors in
    different places are an error then.

    >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.], (2, 3)).to_dense()
    tensor([[0., 0., 3.],
            [4., 0., 0.]])
    """
    given = [part.device for part in (values, indices) if isinstance(part, Tensor)]
    home = device if device is not None or not given else given[0]
    value = _C.ops.tensor(values, dtype=dtype, device=home)
    index = _C.ops.tensor(indices, dtype=_C.int64, device=home if device is not None or len(given) < 2 else given[1])
    made: SparseTensor = sparse_type(value.dtype, value.is_cuda)(index, value, *(() if size is None else (size,)))
    return made.requires_grad_() if requires_grad else made


def spmm(mat1: SparseTensor, mat2: Tensor) -> Tensor:
    """The product of a sparse and a dense matrix: dense.

    >>> torch.sparse.spmm(torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.]), torch.ones(3, 2))
    tensor([[3., 3.],
            [4., 4.]])
    """
    return mat1.mm(mat2)


_C._lend_sparse(SparseTensor, FUNCTIONS)
