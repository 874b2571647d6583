"""Sparse tensors in coordinate format: the indices of the elements that are not zero, and their values.

A sparse tensor of size (d1, ..., dm, e1, ..., ek) has `indices` of size (m, nnz) and `values` of size (nnz, e1, ..., ek). An
index may occur several times; its values then add up, which `coalesce` does.

Every operation is differentiable with respect to the values and to dense operands. The gradient of a sparse tensor that
requires one is sparse, with the same indices. `torch.nn.Embedding(sparse=True)` gives its table a sparse gradient.
"""

from __future__ import annotations

from torch import _C
from torch._sparse_dense import BesideDense
from torch._sparse_functions import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, Self

Tensor = _C.Tensor


class SparseTensor(BesideDense):
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
        """The torch.Size, or one extent of it."""
        return self._size if dim is None else self._size[dim]

    shape = property(size)

    def dim(self) -> int:
        """The number of dimensions, sparse and dense."""
        return len(self._size)

    def numel(self) -> int:
        """The number of elements, zeros counted."""
        return self._size.numel()

    def type(self) -> str:
        """The name of the class: 'torch.sparse.FloatTensor'."""
        return f"torch.sparse.{type(self).__name__}"

    def get_device(self) -> NoReturn:
        """The number of the CUDA device: an error for a tensor on the CPU."""
        raise RuntimeError(f"get_device is not implemented for type {self.type()}: x.device tells where any tensor is")

    def _indices(self) -> Tensor:
        """(sparse dimensions, nnz), int64."""
        return self._i

    def _values(self) -> Tensor:
        """(nnz, dense dimensions...)."""
        return self._v

    def _nnz(self) -> int:
        """The number of stored elements."""
        return self._v.size(0)

    def is_coalesced(self) -> bool:
        """Whether the indices are sorted and each occurs once."""
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
        places = _C.ops.zeros(self._nnz(), dtype=_C.int64)
        for dim, extent in enumerate(self._sparse_size()):
            places = places * extent + self._i[dim]
        return places

    def coalesce(self) -> Self:
        """The same tensor with sorted indices that occur once; itself if that is so already."""
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
        """A dense tensor with zeros in between."""
        sparse, rest = self._sparse_size(), list(self._v.size()[1:])
        flat = _C.ops.zeros(_C.Size(sparse).numel(), *rest, dtype=self.dtype)
        return flat.index_add_(0, self._places(), self._v).view(list(self._size))

    toDense = to_dense  # the name of old

    def clone(self) -> Self:
        """A copy."""
        return self._like(self._i.clone(), self._v.clone(), self._size, coalesced=self._coalesced)

    def transpose(self, dim0: int, dim1: int) -> Self:
        """With two sparse dimensions exchanged."""
        return self.clone().transpose_(dim0, dim1)

    def transpose_(self, dim0: int, dim1: int) -> Self:
        """`transpose` in place."""
        sparse = self._i.size(0)
        order, size = list(range(sparse)), list(self._size)
        if not all(-sparse <= dim < sparse for dim in (dim0, dim1)):
            raise IndexError(f"[transpose] dimensions {dim0} and {dim1}: a tensor of {sparse} sparse dimensions has no such")
        order[dim0], order[dim1] = order[dim1], order[dim0]
        size[dim0 % sparse], size[dim1 % sparse] = size[dim1 % sparse], size[dim0 % sparse]
        self._set(self._i[_C.ops.tensor(order)], self._v, _C.Size(size))
        return self

    def t(self) -> Self:
        """The transposed matrix."""
        return self.clone().t_()

    def t_(self) -> Self:
        """`t` in place."""
        if self.dim() != 2 or self._i.size(0) != 2:
            raise RuntimeError(f"[t] self, {self.dim()} dimensions: must be a sparse matrix")
        return self.transpose_(0, 1)

    def zero_(self) -> Self:
        """Stores no element any more."""
        self._set(self._i[:, :0], self._v[:0], self._size, coalesced=True)
        return self

    def resizeAs_(self, other: SparseTensor) -> Self:  # the name of old
        """Takes the size of another sparse tensor, and keeps no element if it is another one."""
        if self._size != other._size or self._i.size(0) != other._i.size(0):
            empty = self._v.new_empty(0, *other._v.size()[1:])
            self._set(other._i[:, :0].clone(), empty, other._size, coalesced=True)
        return self

    def norm(self, p: float = 2) -> Tensor:
        """(sum |x|^p)^(1/p) over all elements, as of the dense form."""
        return self.coalesce()._v.norm(p)

    # --- arithmetic -------------------------------------------------------------------------------------------------------

    def _same(self, op: str, other: Any) -> SparseTensor:
        if not isinstance(other, SparseTensor):
            hint = f" (the other way round, {op}(dense, sparse) is dense)" if op in ("add", "sub") else ""
            raise TypeError(f"{op}(): a sparse tensor goes with a sparse tensor, not with {type(other).__name__}{hint}")
        if other._size != self._size or other._i.size(0) != self._i.size(0) or other.dtype is not self.dtype:
            raise RuntimeError(
                f"[{op}] sizes {tuple(self._size)} of {self.dtype} and {tuple(other._size)} of {other.dtype}: must agree, "
                "sparse dimensions included"
            )
        return other

    def add(self, other: SparseTensor, alpha: float = 1) -> Self:
        """self + alpha * other."""
        found = self._same("add", other)
        both = [self._i, found._i], [self._v, found._v * alpha]
        return self._like(_C.ops.cat(both[0], 1), _C.ops.cat(both[1], 0), self._size)

    def sub(self, other: SparseTensor, alpha: float = 1) -> Self:
        """self - alpha * other."""
        found = self._same("sub", other)
        return self.add(found, -alpha)

    def neg(self) -> Self:
        """The negative."""
        return self.mul(-1)

    def mul(self, other: SparseTensor | float) -> Self:
        """The product with a number, or element by element with a sparse tensor."""
        if isinstance(other, (int, float)):
            return self._like(self._i, self._v * other, self._size, coalesced=self._coalesced)
        a, b = self.coalesce(), self._same("mul", other).coalesce()
        # Where each place of a or b stands among all of them; those of both are counted twice.
        unique, where = _C.ops._unique_inverse(_C.ops.cat([a._places(), b._places()]))
        count = _C.ops.zeros(unique.size(0), dtype=_C.int64)
        in_a, in_b = count.clone(), count.clone()
        count.index_add_(0, where, _C.ops.ones(where.size(0), dtype=_C.int64))
        in_a.index_copy_(0, where[: a._nnz()], _C.ops.arange(a._nnz()))
        in_b.index_copy_(0, where[a._nnz() :], _C.ops.arange(b._nnz()))
        left, right = in_a[count == 2], in_b[count == 2]
        values = a._v.index_select(0, left) * b._v.index_select(0, right)
        return self._like(a._i.index_select(1, left), values, self._size, coalesced=True)

    def div(self, other: float) -> Self:
        """The quotient by a number."""
        if not isinstance(other, (int, float)):
            raise TypeError(f"div(): a sparse tensor is divided by a number, not by {type(other).__name__}")
        return self._like(self._i, self._v / other, self._size, coalesced=self._coalesced)

    def _become(self, other: SparseTensor) -> Self:
        if self._v.requires_grad and self._v.is_leaf and _C.autograd.is_grad_enabled():
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        self._set(other._i, other._v, other._size, coalesced=other._coalesced)
        return self

    def add_(self, other: SparseTensor, alpha: float = 1) -> Self:
        """`add` in place."""
        return self._become(self.add(other, alpha))

    def sub_(self, other: SparseTensor, alpha: float = 1) -> Self:
        """`sub` in place."""
        return self._become(self.sub(other, alpha))

    def mul_(self, other: SparseTensor | float) -> Self:
        """`mul` in place."""
        return self._become(self.mul(other))

    def div_(self, other: float) -> Self:
        """`div` in place."""
        return self._become(self.div(other))

    __add__, __sub__, __mul__, __rmul__, __truediv__, __neg__ = add, sub, mul, mul, div, neg
    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_

    # --- products of matrices ---------------------------------------------------------------------------------------------

    def _rows(self, op: str, dense: Tensor) -> tuple[Tensor, Tensor]:
        """Row numbers, and the rows of `dense` times the values that go there."""
        if self.dim() != 2 or self._v.dim() != 1:
            raise RuntimeError(f"[{op}] self, {self._i.size(0)} sparse of {self.dim()} dimensions: must be a sparse matrix")
        if dense.dim() != 2 or dense.size(0) != self._size[1] or dense.dtype is not self.dtype:
            raise RuntimeError(
                f"[{op}] sizes {tuple(self._size)} of {self.dtype} and {tuple(dense.size())} of {dense.dtype}: "
                "the inner ones and the dtypes must agree"
            )
        return self._i[0], dense.index_select(0, self._i[1]) * self._v.unsqueeze(1)

    def mm(self, mat2: Tensor) -> Tensor:
        """The product with a dense matrix: dense."""
        rows, products = self._rows("mm", mat2)
        return _C.ops.zeros(self._size[0], mat2.size(1), dtype=self.dtype).index_add_(0, rows, products)

    spmm = mm

    def hspmm(self, mat2: Tensor) -> SparseTensor:
        """The product with a dense matrix, of which only the rows that are not zero are stored."""
        rows, products = self._rows("hspmm", mat2)
        return self._like(rows.unsqueeze(0), products, (self._size[0], mat2.size(1))).coalesce()

    def sspmm(self, mat2: Tensor) -> SparseTensor:
        """The product with a dense matrix: sparse."""
        rows, products = self._rows("sspmm", mat2)
        columns = _C.ops.arange(mat2.size(1)).unsqueeze(0).expand(rows.size(0), mat2.size(1))
        index = _C.ops.stack([rows.unsqueeze(1).expand(rows.size(0), mat2.size(1)).reshape(-1), columns.reshape(-1)])
        return self._like(index, products.reshape(-1), (self._size[0], mat2.size(1))).coalesce()

    def sspaddmm(self, mat1: SparseTensor, mat2: Tensor, beta: float = 1, alpha: float = 1) -> SparseTensor:
        """beta * self + alpha * mat1 @ mat2: sparse."""
        return self.mul(beta).add(mat1.sspmm(mat2), alpha).coalesce()

    __matmul__ = mm


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
    dtype: type(name, (SparseTensor,), {"dtype": dtype, "__module__": "torch.sparse", "__slots__": ()})
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
    """The product of a sparse and a dense matrix: dense."""
    return mat1.mm(mat2)


_C._lend_sparse(SparseTensor, FUNCTIONS)
