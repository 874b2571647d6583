"""Functions of `torch` that are written in Python."""

from __future__ import annotations

import builtins

from torch import _C
from torch._einsum import einsum
from torch._fourier import fft, ifft, irfft, rfft, stft
from torch._windows import bartlett_window, blackman_window, hamming_window, hann_window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "as_tensor",
    "bartlett_window",
    "blackman_window",
    "btriunpack",
    "einsum",
    "fft",
    "hamming_window",
    "hann_window",
    "ifft",
    "irfft",
    "is_storage",
    "is_tensor",
    "isfinite",
    "isinf",
    "isnan",
    "logspace",
    "meshgrid",
    "numel",
    "range",
    "rfft",
    "stft",
    "typename",
    "unique",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def is_tensor(obj: object) -> bool:
    """Whether `obj` is a `torch.Tensor`.

    >>> torch.is_tensor(torch.zeros(2)), torch.is_tensor([0., 0.])
    (True, False)
    """
    return isinstance(obj, _C.Tensor)


def as_tensor(data: Any, dtype: _C.dtype | None = None, device: Any = None) -> _C.Tensor:
    """`data` as a tensor, without a copy where it is a tensor or an array of this dtype already.

    >>> x = torch.ones(2)
    >>> torch.as_tensor(x) is x, torch.as_tensor([1, 2], dtype=torch.float32)
    (True, tensor([1., 2.]))
    """
    if not isinstance(data, _C.Tensor):
        import sys

        numpy = sys.modules.get("numpy")  # an array cannot come from elsewhere
        if numpy is None or not isinstance(data, numpy.ndarray) or data.dtype == bool:
            return _C.ops.tensor(data, dtype=dtype, device=device)
        data = _C.ops.from_numpy(data)
    result: _C.Tensor = data.to(device, dtype) if device is not None else data.to(dtype or data.dtype)
    return result


def is_storage(obj: object) -> bool:
    """Whether `obj` is a storage, such as a `torch.FloatStorage`.

    >>> torch.is_storage(torch.zeros(2).storage()), torch.is_storage(torch.zeros(2))
    (True, False)
    """
    return isinstance(obj, _C.StorageBase)


def isnan(tensor: _C.Tensor) -> _C.Tensor:
    """1 where an element is NaN (uint8). Any shape and dtype.

    >>> torch.isnan(torch.tensor([1., float("nan"), float("inf")]))
    tensor([0, 1, 0], dtype=torch.uint8)
    """
    return _only_tensor("isnan", tensor) != tensor


def isinf(tensor: _C.Tensor) -> _C.Tensor:
    """1 where an element is infinite, of either sign (uint8). Any shape and dtype.

    >>> torch.isinf(torch.tensor([1., float("-inf"), float("nan")]))
    tensor([0, 1, 0], dtype=torch.uint8)
    """
    if not _only_tensor("isinf", tensor).is_floating_point():
        return tensor != tensor
    return (tensor == float("inf")) | (tensor == float("-inf"))


def isfinite(tensor: _C.Tensor) -> _C.Tensor:
    """1 where an element is neither infinite nor NaN (uint8). Any shape and dtype.

    >>> torch.isfinite(torch.tensor([1., float("nan"), float("inf")]))
    tensor([1, 0, 0], dtype=torch.uint8)
    """
    return 1 - (isnan(tensor) | isinf(tensor))


def _only_tensor(name: str, tensor: _C.Tensor) -> _C.Tensor:
    if not isinstance(tensor, _C.Tensor):
        raise TypeError(f"{name}(): argument 'tensor' must be Tensor, not {type(tensor).__name__}")
    return tensor


def numel(input: _C.Tensor) -> int:
    """The number of elements of `input`.

    >>> torch.numel(torch.zeros(2, 3)), torch.numel(torch.tensor(5))
    (6, 1)
    """
    return input.numel()


def typename(obj: object) -> str:
    """The name of a tensor's type (`torch.FloatTensor`) or of any other object's class.

    >>> torch.typename(torch.zeros(2)), torch.typename([])
    ('torch.FloatTensor', 'list')
    """
    if isinstance(obj, _C.Tensor):
        return str(obj.type())
    cls = obj if isinstance(obj, type) else type(obj)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def logspace(start: float, end: float, steps: int = 100, **options: Any) -> _C.Tensor:
    """`steps` numbers from 10**start to 10**end, evenly spaced on a logarithmic scale; options: dtype, device, requires_grad.

    >>> torch.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    requires_grad = options.pop("requires_grad", False)
    values = _C.ops.pow(10, _C.ops.linspace(start, end, steps, **options))
    return values.requires_grad_() if requires_grad else values


def range(start: float = 0, end: float | None = None, step: float = 1, **options: Any) -> _C.Tensor:
    """Numbers from `start` to `end`, both included, by `step`, in the default dtype. Deprecated: `arange` leaves `end` out.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     torch.range(1, 2, 0.5)
    tensor([1.0000, 1.5000, 2.0000])
    """
    import warnings

    warnings.warn("torch.range is deprecated in favor of torch.arange; note that arange leaves its end out", stacklevel=2)
    first, last = (0, start) if end is None else (start, end)
    if step == 0 or (last - first) / step < 0:
        raise RuntimeError(f"[range] step, {step}: it must lead from {first} to {last}")
    options.setdefault("dtype", _C.ops.get_default_dtype())
    return _C.ops.arange(first, last + step / 2, step, **options)


def unique(input: _C.Tensor, sorted: bool = False, return_inverse: bool = False) -> Any:
    """The different elements of `input`, ascending (whether `sorted` or not), as a vector; nans are one element.

    With `return_inverse` also an int64 tensor of `input`'s shape: where each element stands in that vector.

    >>> torch.unique(torch.tensor([1, 3, 2, 3]))
    tensor([1, 2, 3])
    >>> torch.unique(torch.tensor([[1, 3], [2, 3]]), return_inverse=True)
    (tensor([1, 2, 3]), tensor([[0, 2],
            [1, 2]]))
    """
    return _C.ops._unique_inverse(input) if return_inverse else _C.ops._unique(input)


def meshgrid(*tensors: Any) -> tuple[_C.Tensor, ...]:
    """For vectors (or scalars) of n1, n2, ... elements: as many views of size (n1, n2, ...), of which number k repeats the
    elements of vector k along dimension k. A list of tensors stands for as many arguments.

    >>> x, y = torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4, 5]))
    >>> y
    tensor([[3, 4, 5],
            [3, 4, 5]])
    """
    if len(tensors) == 1 and not isinstance(tensors[0], _C.Tensor):
        tensors = tuple(tensors[0])
    sizes = [tensor.numel() for tensor in tensors]
    for number, tensor in enumerate(tensors):
        if tensor.dim() > 1:
            raise RuntimeError(f"[meshgrid] tensor {number} of size {tuple(tensor.size())}: expected a vector or a scalar")
    shapes = [[1] * k + [size] + [1] * (len(sizes) - k - 1) for k, size in enumerate(sizes)]
    return tuple(tensor.view(shape).expand(sizes) for tensor, shape in zip(tensors, shapes, strict=True))


def btriunpack(
    LU_data: _C.Tensor, LU_pivots: _C.Tensor, unpack_data: bool = True, unpack_pivots: bool = True
) -> tuple[_C.Tensor | None, _C.Tensor | None, _C.Tensor | None]:
    """What `btrifact` gave as P, L and U with `A = P @ L @ U`, each a batch of matrices; None for what is not unpacked.

    >>> P, L, U = torch.btriunpack(*torch.btrifact(2 * torch.eye(2).unsqueeze(0)))
    >>> U
    tensor([[[2., 0.],
             [0., 2.]]])
    """
    n = LU_data.size(-1)
    places = _C.ops.arange(n, device=LU_data.device)
    eye = _C.ops.eye(n, dtype=LU_data.dtype, device=LU_data.device)
    P = L = U = None
    if unpack_data:
        upper = (places.unsqueeze(1) <= places.unsqueeze(0)).type(LU_data.dtype)
        U = LU_data * upper
        L = LU_data * (1 - upper) + eye
    if unpack_pivots:
        orders = []
        for exchanges in LU_pivots.tolist():
            order = [*builtins.range(n)]
            for i, p in enumerate(exchanges):
                order[i], order[p - 1] = order[p - 1], order[i]
            orders.append(eye[order].t())
        P = _C.ops.stack(orders) if orders else LU_data.new_zeros(0, n, n)
    return P, L, U
