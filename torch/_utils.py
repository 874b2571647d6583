"""What pickled tensors name as their makers. The names are part of the file format, also for PyTorch."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.nn import Parameter
    from torch.sparse import SparseTensor
    from torch.storage import Storage


def _rebuild_tensor(storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> _C.Tensor:
    tensor = _C.ops.empty(0, dtype=storage.dtype)
    return tensor.set_(storage, offset, tuple(size), tuple(stride))


def _rebuild_tensor_v2(
    storage: Storage,
    offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    requires_grad: bool,
    backward_hooks: Any,
    metadata: Any = None,
) -> _C.Tensor:
    """backward_hooks and metadata are what PyTorch writes there: hooks do not travel, and no metadata is known here."""
    tensor = _rebuild_tensor(storage, offset, size, stride)
    return tensor.requires_grad_(True) if requires_grad else tensor


def _rebuild_parameter(data: _C.Tensor, requires_grad: bool, backward_hooks: Any = None) -> Parameter:
    from torch.nn import Parameter

    return Parameter(data, requires_grad)


def _rebuild_sparse_tensor(layout: _C.layout, data: tuple[Any, ...]) -> SparseTensor:
    """data: indices, values, size, and what is found out again: whether it is coalesced."""
    from torch import _sparse_files

    if layout is not _C.sparse_coo:
        raise RuntimeError(f"[sparse] layout, {layout}: there is only torch.sparse_coo here")
    return _sparse_files.rebuilt(*data[:3])


def reduced(tensor: _C.Tensor) -> tuple[Any, ...]:
    """The arguments of `_rebuild_tensor_v2` for a leaf."""
    import collections

    if not tensor.is_leaf:
        raise RuntimeError("a tensor with history cannot be pickled: pickle x.detach()")
    size, stride = tuple(tensor.size()), tensor.stride()
    return (tensor.storage(), tensor.storage_offset(), size, stride, tensor.requires_grad, collections.OrderedDict())
