"""Sparse tensors beside dense ones of the same size."""

from __future__ import annotations

from torch import _C
from torch._sparse_history import SparseHistory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class BesideDense(SparseHistory):
    """What `torch.sparse.SparseTensor` does with a dense tensor element by element."""

    __slots__ = ()
    dtype: _C.dtype

    if TYPE_CHECKING:

        @property
        def device(self) -> _C.device: ...
        def _sparse_size(self) -> tuple[int, ...]: ...
        def _places(self) -> _C.Tensor: ...
        def to_dense(self) -> _C.Tensor: ...

    def spadd(self, mat: _C.Tensor, alpha: float = 1) -> _C.Tensor:
        """mat + alpha * self: dense.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).spadd(torch.ones(3), alpha=10)
        tensor([31.,  1., 41.])
        """
        return self._fitting("spadd", mat) + self.to_dense() * alpha

    def _fitting(self, op: str, dense: _C.Tensor) -> _C.Tensor:
        if dense.size() != self._size or dense.dtype is not self.dtype:
            raise RuntimeError(
                f"[{op}] sizes {tuple(dense.size())} of {dense.dtype} and {tuple(self._size)} of {self.dtype}: must agree"
            )
        self._beside(op, dense)
        return dense

    def _beside(self, op: str, other: Any) -> None:
        if other.device != self.device:
            raise RuntimeError(
                f"[{op}] tensors on {self.device} and {other.device}, expected all on one device; move one with .to(device)"
            )

    def _add_into(self, dense: _C.Tensor, alpha: float = 1) -> _C.Tensor:
        """dense += alpha * self, touching no more than the stored elements where the memory allows it."""
        if self._i.size(0) == 1:
            return dense.index_add_(0, self._i[0], self._v * alpha)
        if not dense.is_contiguous():
            return dense.add_(self.to_dense(), alpha=alpha)
        flat = dense.view(_C.Size(self._sparse_size()).numel(), *self._v.size()[1:])
        flat.index_add_(0, self._places(), self._v * alpha)
        return dense

    def __radd__(self, dense: _C.Tensor) -> _C.Tensor:
        return self.spadd(dense) if isinstance(dense, _C.Tensor) else NotImplemented

    def __rsub__(self, dense: _C.Tensor) -> _C.Tensor:
        return self.spadd(dense, -1) if isinstance(dense, _C.Tensor) else NotImplemented

    def _with_values(self, values: _C.Tensor) -> Self:
        """Of a coalesced tensor: other values at the same indices."""
        return self._like(self._i, values, self._size, coalesced=True)

    def _of(self, dense: _C.Tensor) -> _C.Tensor:
        """The elements of `dense` at these indices, as values."""
        flat = self._fitting("sparse_mask", dense).reshape(_C.Size(self._sparse_size()).numel(), *self._v.size()[1:])
        return flat.index_select(0, self._places())
