"""Sharing memory with other array libraries through DLPack."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["from_dlpack", "to_dlpack"]

# DLPack's numbers: of the kind of device, and of CUDA's default stream, on which the array's values have to be ready.
_CUDA = 2
_DEFAULT_STREAM = 1


def __dir__() -> list[str]:
    return sorted(__all__)


def to_dlpack(tensor: _C.Tensor) -> Any:
    """A capsule on the tensor's memory. It can be taken once.

    >>> from torch.utils import dlpack
    >>> x = torch.zeros(2)
    >>> dlpack.from_dlpack(dlpack.to_dlpack(x)).fill_(1)
    tensor([1., 1.])
    >>> x
    tensor([1., 1.])
    """
    return _C._to_dlpack(tensor, False)


def from_dlpack(dlpack: Any) -> _C.Tensor:
    """A tensor on the memory that a capsule, or an array with the method `__dlpack__`, gives away.

    >>> import numpy
    >>> array = numpy.zeros(3)
    >>> torch.utils.dlpack.from_dlpack(array).fill_(1)
    tensor([1., 1., 1.], dtype=torch.float64)
    >>> array
    array([1., 1., 1.])
    """
    if not hasattr(dlpack, "__dlpack__"):
        return _C._from_dlpack(dlpack)
    options: dict[str, Any] = {}
    kind, device = dlpack.__dlpack_device__() if hasattr(dlpack, "__dlpack_device__") else (1, 0)
    if kind == _CUDA and _C.cuda.device_count()[0] > device:
        options["stream"] = _C.cuda.current_stream(device).handle or _DEFAULT_STREAM
    try:
        capsule = dlpack.__dlpack__(max_version=(1, 0), **options)
    except TypeError:  # an array of a library from before DLPack 1.0
        capsule = dlpack.__dlpack__(**options)
    return _C._from_dlpack(capsule)
