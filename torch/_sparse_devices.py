"""Where sparse tensors lie: on the host or on a CUDA device, indices and values in one place."""

from __future__ import annotations

from torch import _C
from torch._sparse_arithmetic import SparseArithmetic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.sparse import SparseTensor


class OnDevices(SparseArithmetic):
    """What `torch.sparse.SparseTensor` knows of places; a class of its own stands for those of devices, as for each dtype."""

    __slots__ = ()
    is_cuda = False

    @property
    def device(self) -> _C.device:
        """Where it is.

        >>> torch.sparse.FloatTensor(2, 3).device
        device(type='cpu')
        """
        return self._v.device

    def get_device(self) -> int:
        """The number of the CUDA device: an error for a tensor on the CPU.

        >>> torch.sparse.FloatTensor(2, 3).get_device()
        Traceback (most recent call last):
            ...
        RuntimeError: get_device is not implemented for type torch.sparse.FloatTensor: x.device tells where...
        """
        if self.is_cuda:
            return self._v.get_device()
        raise RuntimeError(f"get_device is not implemented for type {self.type()}: x.device tells where any tensor is")

    def type(self) -> str:
        """The name of the class: 'torch.sparse.FloatTensor', or 'torch.cuda.sparse.FloatTensor' on a CUDA device.

        >>> torch.sparse.FloatTensor(2, 3).type()
        'torch.sparse.FloatTensor'
        """
        return f"{type(self).__module__}.{type(self).__name__}"

    def _moved(self, values: _C.Tensor) -> SparseTensor:
        """The same elements with values that were moved or converted."""
        from torch import sparse

        kind = sparse.sparse_type(values.dtype, values.is_cuda)
        return kind._of_parts(self._i.to(values.device), values, self._size, coalesced=self._coalesced)

    def to(self, *args: Any, **options: Any) -> SparseTensor:
        """In another place or dtype, as `torch.Tensor.to`: itself if it is so already.

        >>> torch.sparse_coo_tensor([[0, 2]], [3., 4.]).to(torch.float64).type()
        'torch.sparse.DoubleTensor'
        """
        dense: list[Any] = [other._v if isinstance(other, OnDevices) else other for other in args]
        values: _C.Tensor = self._v.to(*dense, **options)
        return self if values is self._v else self._moved(values)  # type: ignore[return-value]

    def cuda(self, device: Any = None, non_blocking: bool = False) -> SparseTensor:
        """On a CUDA device, the current one if None: itself if it is there.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.])
        >>> x.cuda().type() if torch.cuda.is_available() else "no device"
        'no device'
        """
        values = self._v.cuda(device, non_blocking)
        return self if values is self._v else self._moved(values)  # type: ignore[return-value]

    def cpu(self) -> SparseTensor:
        """On the host: itself if it is there.

        >>> x = torch.sparse_coo_tensor([[0, 2]], [3., 4.])
        >>> x.cpu() is x
        True
        """
        return self.to("cpu")


def checked(kind: type[SparseTensor], indices: Any, values: Any, size: Any = None) -> tuple[_C.Tensor, _C.Tensor, _C.Size]:
    """Indices and values that fit each other and the size, which the largest indices give if it is not given."""
    home = "cuda" if kind.is_cuda else "cpu"
    index = indices if isinstance(indices, _C.Tensor) else _C.ops.tensor(indices, dtype=_C.int64, device=home)
    value = values if isinstance(values, _C.Tensor) else _C.ops.tensor(values, dtype=kind.dtype, device=home)
    if index.dtype is not _C.int64 or index.dim() != 2:
        raise RuntimeError(f"[sparse] indices, {tuple(index.size())} of {index.dtype}: must be (dimensions, nnz) of int64")
    if value.dtype is not kind.dtype or value.dim() < 1 or value.size(0) != index.size(1):
        raise RuntimeError(
            f"[sparse] values, {tuple(value.size())} of {value.dtype}: must be ({index.size(1)}, ...) of {kind.dtype}"
        )
    if index.device != value.device or value.is_cuda != kind.is_cuda:
        place = "one CUDA device" if kind.is_cuda else "the host"
        raise RuntimeError(
            f"[sparse] indices on {index.device} and values on {value.device}, {kind.__module__}.{kind.__name__} expects both "
            f"on {place}; move them with .to(device)"
        )
    some = index.numel() > 0
    low, high = (
        _C.ops.stack([index.min(1)[0], index.max(1)[0]]).tolist() if some else ([0] * index.size(0), [-1] * index.size(0))
    )
    sparse = [extent + 1 for extent in high]
    whole = _C.Size([*sparse, *value.size()[1:]]) if size is None else _C.Size(size)
    if len(whole) != len(sparse) + value.dim() - 1 or whole[len(sparse) :] != tuple(value.size()[1:]):
        raise RuntimeError(f"[sparse] size, {tuple(whole)}: indices and values make {[*sparse, *value.size()[1:]]} or more")
    for first, last, extent in zip(low, high, whole, strict=False):
        if first < 0 or last >= extent:
            raise RuntimeError(f"[sparse] indices, {first} to {last}: must be from 0 to {extent - 1}")
    return index.detach(), value if value.requires_grad else value.detach(), whole
