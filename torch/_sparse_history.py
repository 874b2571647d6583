"""The gradient side of sparse tensors: their history is that of their values."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self


class SparseHistory:
    """What `torch.sparse.SparseTensor` knows of gradients; it gives the elements."""

    __slots__ = ()
    _i: _C.Tensor
    _v: _C.Tensor
    _size: _C.Size
    _coalesced: bool

    if TYPE_CHECKING:

        def _like(self, indices: _C.Tensor, values: _C.Tensor, size: Sequence[int], *, coalesced: bool = False) -> Self: ...
        def _set(self, indices: _C.Tensor, values: _C.Tensor, size: _C.Size, *, coalesced: bool = False) -> None: ...
        def _same(self, op: str, other: Any) -> Self: ...

    def _alias(self) -> Self:
        """Another object on the same elements: what changes one in place leaves the other as it is."""
        return self._like(self._i, self._v, self._size, coalesced=self._coalesced)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to its values.

        >>> torch.sparse_coo_tensor([[0]], [3.], requires_grad=True).requires_grad
        True
        """
        return self._v.requires_grad

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        self.requires_grad_(on)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Starts or ends the recording of what is done with it; leaves and floating dtypes only.

        >>> torch.sparse_coo_tensor([[0]], [3.]).requires_grad_().requires_grad
        True
        """
        if requires_grad != self._v.requires_grad:
            values = self._v.detach() if self._v.is_leaf else self._v
            self._set(self._i, values.requires_grad_(requires_grad), self._size, coalesced=self._coalesced)
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made its values.

        >>> x = torch.sparse_coo_tensor([[0]], [3.], requires_grad=True)
        >>> x.is_leaf, x.mul(2).is_leaf
        (True, False)
        """
        return self._v.is_leaf

    @property
    def grad_fn(self) -> Any:
        """The node that made its values, or None.

        >>> torch.sparse_coo_tensor([[0]], [3.], requires_grad=True).mul(2).grad_fn.name()
        'MulBackward'
        """
        return self._v.grad_fn

    def _at_places(self, grad: _C.Tensor | None) -> Self | None:
        """The gradient of the values as that of the whole."""
        return None if grad is None else self._like(self._i, grad, self._size, coalesced=self._coalesced)

    @property
    def grad(self) -> Self | None:
        """The gradient that backward() accumulated, at the same indices, or None.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.], requires_grad=True)
        >>> (x.to_dense() * torch.tensor([1., 2., 3.])).sum().backward()
        >>> x.grad.to_dense()
        tensor([1., 0., 3.])
        """
        return self._at_places(self._v.grad)

    @grad.setter
    def grad(self, value: Self | None) -> None:
        if value is not None and not _C.ops.equal(self._same("grad", value)._i, self._i):
            raise RuntimeError("[grad] value: the gradient of a sparse tensor has the indices of the tensor")
        self._v.grad = None if value is None else value._v

    def detach(self) -> Self:
        """The same elements without history: itself if it has none, so that what changes it in place is seen.

        >>> torch.sparse_coo_tensor([[0]], [3.], requires_grad=True).detach().requires_grad
        False
        """
        if not self._v.requires_grad:
            return self
        return self._like(self._i, self._v.detach(), self._size, coalesced=self._coalesced)

    data = property(detach, doc=detach.__doc__)

    def detach_(self) -> Self:
        """Cuts it off from the graph that computed its values.

        >>> torch.sparse_coo_tensor([[0]], [3.], requires_grad=True).mul(2).detach_().is_leaf
        True
        """
        self._set(self._i, self._v.detach(), self._size, coalesced=self._coalesced)
        return self
