"""Sums and products of sparse tensors."""

from __future__ import annotations

from torch import _C
from torch._sparse_dense import BesideDense

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

Tensor = _C.Tensor


class SparseArithmetic(BesideDense):
    """What `torch.sparse.SparseTensor` does with numbers, with sparse tensors of its size, and with dense matrices."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _nnz(self) -> int: ...
        def coalesce(self) -> Self: ...
        def dim(self) -> int: ...

    # --- arithmetic -------------------------------------------------------------------------------------------------------

    def _same(self, op: str, other: Any) -> SparseArithmetic:
        if not isinstance(other, SparseArithmetic):
            hint = f" (the other way round, {op}(dense, sparse) is dense)" if op in ("add", "sub") else ""
            raise TypeError(f"{op}(): a sparse tensor goes with a sparse tensor, not with {type(other).__name__}{hint}")
        if other._size != self._size or other._i.size(0) != self._i.size(0) or other.dtype is not self.dtype:
            raise RuntimeError(
                f"[{op}] sizes {tuple(self._size)} of {self.dtype} and {tuple(other._size)} of {other.dtype}: must agree, "
                "sparse dimensions included"
            )
        self._beside(op, other)
        return other

    def add(self, other: SparseArithmetic, alpha: float = 1) -> Self:
        """self + alpha * other. The sizes, dtypes and sparse dimensions are equal; else an error.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.])
        >>> x.add(x, alpha=10).to_dense(), (torch.ones(3) + x)
        (tensor([33.,  0., 44.]), tensor([4., 1., 5.]))
        """
        found = self._same("add", other)
        both = [self._i, found._i], [self._v, found._v * alpha]
        return self._like(_C.ops.cat(both[0], 1), _C.ops.cat(both[1], 0), self._size)

    def sub(self, other: SparseArithmetic, alpha: float = 1) -> Self:
        """self - alpha * other. The sizes, dtypes and sparse dimensions are equal; else an error.

        >>> x, y = torch.sparse_coo_tensor([[0, 2]], [3., 4.]), torch.sparse_coo_tensor([[2]], [1.])
        >>> x.sub(y).to_dense()
        tensor([3., 0., 3.])
        """
        found = self._same("sub", other)
        return self.add(found, -alpha)

    def neg(self) -> Self:
        """The negative.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).neg().to_dense()
        tensor([-3.,  0., -4.])
        """
        return self.mul(-1)

    def mul(self, other: SparseArithmetic | float) -> Self:
        """The product with a number, or element by element with a sparse tensor.

        >>> x, y = torch.sparse_coo_tensor([[0, 2]], [3., 4.]), torch.sparse_coo_tensor([[2]], [5.])
        >>> x.mul(10).to_dense(), x.mul(y)
        (tensor([30.,  0., 40.]), tensor(indices=tensor([[2]]),
               values=tensor([20.]),
               size=(3,), nnz=1, layout=torch.sparse_coo))
        """
        if isinstance(other, (int, float)):
            return self._like(self._i, self._v * other, self._size, coalesced=self._coalesced)
        a, b = self.coalesce(), self._same("mul", other).coalesce()
        # Where each place of a or b stands among all of them; those of both are counted twice.
        unique, where = _C.ops._unique_inverse(_C.ops.cat([a._places(), b._places()]))
        count = _C.ops.zeros(unique.size(0), dtype=_C.int64, device=self.device)
        in_a, in_b = count.clone(), count.clone()
        count.index_add_(0, where, _C.ops.ones_like(where))
        in_a.index_copy_(0, where[: a._nnz()], _C.ops.arange(a._nnz(), device=self.device))
        in_b.index_copy_(0, where[a._nnz() :], _C.ops.arange(b._nnz(), device=self.device))
        left, right = in_a[count == 2], in_b[count == 2]
        values = a._v.index_select(0, left) * b._v.index_select(0, right)
        return self._like(a._i.index_select(1, left), values, self._size, coalesced=True)

    def div(self, other: float) -> Self:
        """The quotient by a number. A sparse or dense tensor is an error.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).div(2).to_dense()
        tensor([1.5000, 0.0000, 2.0000])
        """
        if not isinstance(other, (int, float)):
            raise TypeError(f"div(): a sparse tensor is divided by a number, not by {type(other).__name__}")
        return self._like(self._i, self._v / other, self._size, coalesced=self._coalesced)

    def pow(self, exponent: float) -> Self:
        """The elements to a positive power: of 0 or less, what is not stored would change as well, an error.

        >>> torch.sparse_coo_tensor([[0, 0]], [3., 4.]).pow(2).to_dense()
        tensor([49.])
        """
        if not isinstance(exponent, (int, float)):
            raise TypeError(f"pow(): a sparse tensor is raised to a number, not to {type(exponent).__name__}")
        if not exponent > 0:
            raise RuntimeError(f"[pow] exponent, {exponent}: must be greater than 0, so that zeros stay zeros")
        x = self.coalesce()
        return self._like(x._i, x._v.pow(exponent), x._size, coalesced=True)

    def sum(self) -> Tensor:
        """The sum of all elements.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).sum()
        tensor(7.)
        """
        return self._v.sum()

    def _become(self, other: SparseArithmetic) -> Self:
        if self._v.requires_grad and self._v.is_leaf and _C.autograd.is_grad_enabled():
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        self._set(other._i, other._v, other._size, coalesced=other._coalesced)
        return self

    def add_(self, other: SparseArithmetic, alpha: float = 1) -> Self:
        """`add` in place.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.])
        >>> x.add_(x).to_dense()
        tensor([6., 0., 8.])
        """
        return self._become(self.add(other, alpha))

    def sub_(self, other: SparseArithmetic, alpha: float = 1) -> Self:
        """`sub` in place.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.])
        >>> x.sub_(x).to_dense()
        tensor([0., 0., 0.])
        """
        return self._become(self.sub(other, alpha))

    def mul_(self, other: SparseArithmetic | float) -> Self:
        """`mul` in place.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).mul_(10).to_dense()
        tensor([30.,  0., 40.])
        """
        return self._become(self.mul(other))

    def div_(self, other: float) -> Self:
        """`div` in place.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).div_(2).to_dense()
        tensor([1.5000, 0.0000, 2.0000])
        """
        return self._become(self.div(other))

    __pow__ = pow
    __add__, __sub__, __mul__, __rmul__, __truediv__, __neg__ = add, sub, mul, mul, div, neg
    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_

    # --- products of matrices ---------------------------------------------------------------------------------------------

    def _check_factor(self, op: str, dense: Tensor) -> None:
        if self.dim() != 2 or self._v.dim() != 1:
            raise RuntimeError(f"[{op}] self, {self._i.size(0)} sparse of {self.dim()} dimensions: must be a sparse matrix")
        if dense.dim() != 2 or dense.size(0) != self._size[1] or dense.dtype is not self.dtype:
            raise RuntimeError(
                f"[{op}] sizes {tuple(self._size)} of {self.dtype} and {tuple(dense.size())} of {dense.dtype}: "
                "the inner ones and the dtypes must agree"
            )
        self._beside(op, dense)

    def _rows(self, op: str, dense: Tensor) -> tuple[Tensor, Tensor]:
        """Row numbers, and the rows of `dense` times the values that go there."""
        self._check_factor(op, dense)
        return self._i[0], dense.index_select(0, self._i[1]) * self._v.unsqueeze(1)

    def mm(self, mat2: Tensor) -> Tensor:
        """The product with a dense matrix: dense. (n, k) of sparse dimensions, and (k, m); one dtype.

        >>> torch.sparse_coo_tensor([[0, 1], [2, 0]], [3., 4.]).mm(torch.tensor([[1., 2.], [3., 4.], [5., 6.]]))
        tensor([[15., 18.],
                [ 4.,  8.]])
        """
        self._check_factor("mm", mat2)
        return _C.ops._sparse_mm(self._i, self._v, mat2, self._size[0])

    spmm = mm

    def hspmm(self, mat2: Tensor) -> SparseArithmetic:
        """The product with a dense matrix, of which only the rows that are not zero are stored.

        >>> x = torch.sparse_coo_tensor([[3], [0]], [2.]).hspmm(torch.tensor([[1., 10.]]))
        >>> x._indices(), x._values(), x.size()
        (tensor([[3]]), tensor([[ 2., 20.]]), torch.Size([4, 2]))
        """
        rows, products = self._rows("hspmm", mat2)
        return self._like(rows.unsqueeze(0), products, (self._size[0], mat2.size(1))).coalesce()

    def sspmm(self, mat2: Tensor) -> SparseArithmetic:
        """The product with a dense matrix: sparse. (n, k) of sparse dimensions, and (k, m); one dtype.

        >>> x = torch.sparse_coo_tensor([[3], [0]], [2.]).sspmm(torch.tensor([[1., 10.]]))
        >>> x._indices(), x._values()
        (tensor([[3, 3],
                [0, 1]]), tensor([ 2., 20.]))
        """
        rows, products = self._rows("sspmm", mat2)
        columns = _C.ops.arange(mat2.size(1), device=self.device).unsqueeze(0).expand(rows.size(0), mat2.size(1))
        index = _C.ops.stack([rows.unsqueeze(1).expand(rows.size(0), mat2.size(1)).reshape(-1), columns.reshape(-1)])
        return self._like(index, products.reshape(-1), (self._size[0], mat2.size(1))).coalesce()

    def sspaddmm(self, mat1: SparseArithmetic, mat2: Tensor, beta: float = 1, alpha: float = 1) -> SparseArithmetic:
        """beta * self + alpha * mat1 @ mat2: sparse.

        >>> x = torch.sparse_coo_tensor([[0, 1], [1, 0]], [3., 4.])
        >>> x.sspaddmm(x, torch.eye(2), beta=10).to_dense()
        tensor([[ 0., 33.],
                [44.,  0.]])
        """
        return self.mul(beta).add(mat1.sspmm(mat2), alpha).coalesce()

    __matmul__ = mm
