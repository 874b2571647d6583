"""Methods of `torch.Tensor` about its memory, and about other libraries and functions that reach into it."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.storage import Storage

Tensor = _C.Tensor


def _plain(self: Tensor, name: str) -> Tensor:
    if self.requires_grad:
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    return self


def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replaces each element by `callable(element)`, in row-major order. Slow: for tests and set-up, on the CPU.

    >>> torch.arange(4.).apply_(lambda x: x * x)
    tensor([0., 1., 4., 9.])
    """
    values = _plain(self, "apply_").contiguous().view(-1).tolist()
    results = _C.ops.tensor([callable(value) for value in values], dtype=self.dtype)
    return self.copy_(results.view(list(self.size())))


def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Replaces each element a by `callable(a, b)`, b being the element of `tensor`, expanded to this size, at its place.

    >>> torch.tensor([1., 2.]).map_(torch.tensor([10., 20.]), lambda a, b: max(a * 15, b))
    tensor([15., 30.])
    """
    other = tensor.expand(list(self.size())).contiguous().view(-1).tolist()
    values = _plain(self, "map_").contiguous().view(-1).tolist()
    results = _C.ops.tensor([callable(a, b) for a, b in zip(values, other, strict=True)], dtype=self.dtype)
    return self.copy_(results.view(list(self.size())))


def storage(self: Tensor) -> Storage:
    """The storage that this tensor looks into.

    >>> x = torch.tensor([[1, 2], [3, 4]])
    >>> x[1].storage().tolist(), x[1].storage_offset()
    ([1, 2, 3, 4], 2)
    """
    from torch import storage as _storage

    return _storage.of(self)


def storage_type(self: Tensor) -> type[Storage]:
    """The class of `storage()`, such as `torch.FloatStorage`.

    >>> torch.zeros(2).storage_type()
    <class 'torch.FloatStorage'>
    """
    from torch import storage as _storage

    return _storage.CLASSES[self.dtype]


def share_memory_(self: Tensor) -> Tensor:
    """Moves the memory to where other processes can see and write it. Does nothing if it lies there already.

    >>> x = torch.zeros(2)
    >>> x.is_shared(), x.share_memory_().is_shared()
    (False, True)
    """
    self.storage().share_memory_()
    return self


def is_shared(self: Tensor) -> bool:
    """Whether other processes can see writes to this tensor. Always True on a CUDA device.

    >>> torch.zeros(2).is_shared()
    False
    """
    shared: bool = self.is_cuda or self.storage().is_shared()
    return shared


def pin_memory(self: Tensor) -> Tensor:
    """A copy in page-locked memory, from which `cuda(non_blocking=True)` overlaps with work; itself if it is there already.

    RuntimeError where there is no CUDA device.

    >>> x = torch.zeros(2).pin_memory() if torch.cuda.is_available() else torch.zeros(2)
    """
    return self if self.is_pinned() else _C.cuda.new_pinned(self.detach())


def is_pinned(self: Tensor) -> bool:
    """Whether the memory is page-locked for copies to a CUDA device.

    >>> torch.zeros(2).is_pinned()
    False
    """
    return _C.cuda.is_pinned(self)


def get_device(self: Tensor) -> int:
    """The number of the CUDA device; RuntimeError for a tensor on the CPU.

    >>> torch.zeros(2).get_device()
    Traceback (most recent call last):
        ...
    RuntimeError: get_device is not implemented for type torch.FloatTensor: x.device tells where any tensor is
    """
    if self.device.index is not None:
        return self.device.index
    raise RuntimeError(f"get_device is not implemented for type {self.type()}: x.device tells where any tensor is")


def record_stream(self: Tensor, stream: Any) -> None:
    """Tells that work of a `torch.cuda.Stream` uses this tensor, which was made on another one: its memory serves again only
    when that stream has done what it was asked for until the tensor went. RuntimeError for a tensor on the CPU.

    >>> if torch.cuda.is_available():
    ...     x = torch.ones(1000, device="cuda")
    ...     side = torch.cuda.Stream()
    ...     side.wait_stream(torch.cuda.current_stream())
    ...     with torch.cuda.stream(side):
    ...         y = x * 2
    ...     x.record_stream(side)
    ...     del x
    """
    _C.cuda.record_stream(self, stream._handle)


def _array_interface(self: Tensor) -> dict[str, Any]:
    """NumPy's protocol of the same name."""
    found: dict[str, Any] = self.numpy().__array_interface__
    return found


def _dlpack(
    self: Tensor,
    *,
    stream: Any = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[int, int] | None = None,
    copy: bool | None = None,
) -> Any:
    """A capsule on this tensor's memory, for `from_dlpack` of any array library."""
    if stream is not None and not self.is_cuda:
        raise BufferError("__dlpack__(): a tensor on the CPU takes no stream")
    if self.is_cuda and stream != -1:  # whatever the stream is, the values are there
        _C.cuda.current_stream(self.get_device()).synchronize()
    if dl_device is not None and tuple(dl_device) != _dlpack_device(self):
        raise BufferError(f"__dlpack__(): a tensor on {self.device} cannot be handed to device {dl_device}")
    versioned = max_version is not None and max_version[0] >= 1
    return _C._to_dlpack(self.detach().clone() if copy else self, versioned)


def _dlpack_device(self: Tensor) -> tuple[int, int]:
    """(type, number) of the device, as DLPack numbers them: (1, 0) is the CPU, (2, n) a CUDA device."""
    return (1, 0) if self.device.index is None else (2, self.device.index)


def _volatile(self: Tensor) -> bool:
    """Always False, with a warning: the flag was removed. Use `torch.no_grad()`.

    >>> with torch.no_grad():
    ...     print((torch.ones(2, requires_grad=True) * 2).requires_grad)
    False
    """
    import warnings

    warnings.warn("volatile was removed (Variable.volatile is always False)", stacklevel=2)
    return False


def _set_volatile(self: Tensor, value: bool) -> None:
    import warnings

    warnings.warn('volatile was removed and now has no effect. Use "with torch.no_grad():" instead.', stacklevel=2)


METHODS: dict[str, Any] = {
    "__array_interface__": property(_array_interface),
    "__dlpack__": _dlpack,
    "__dlpack_device__": _dlpack_device,
    "apply_": apply_,
    "get_device": get_device,
    "is_pinned": is_pinned,
    "is_shared": is_shared,
    "map_": map_,
    "pin_memory": pin_memory,
    "record_stream": record_stream,
    "share_memory_": share_memory_,
    "storage": storage,
    "storage_type": storage_type,
    "volatile": property(_volatile, _set_volatile),
}
