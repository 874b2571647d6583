"""The tensor types of old: `torch.FloatTensor` and its kin.

They are no classes of tensors any more: every tensor is a `torch.Tensor`. They still construct (`torch.FloatTensor(2, 3)`,
`torch.FloatTensor([1, 2])`) and still answer `isinstance`.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "set_default_tensor_type",
]


class _LegacyType(type):
    """A type whose instances are the tensors of one dtype."""

    dtype: _C.dtype

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _C.Tensor) and instance.dtype is cls.dtype and not instance.is_cuda

    def __call__(cls, *args: Any) -> _C.Tensor:
        """Sizes give an uninitialised tensor, a sequence or an array its values, a tensor of the same type a view of itself."""
        return _C._legacy_new(cls.dtype, args)

    def __getattr__(cls, name: str) -> Any:
        """`torch.FloatTensor.add` is the method of every tensor."""
        if name.startswith("__"):
            raise AttributeError(f"type object 'torch.{cls.__name__}' has no attribute '{name}'")
        return getattr(_C.Tensor, name)

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


def _legacy(name: str, dtype: _C.dtype) -> _LegacyType:
    doc = f"""Makes tensors of {dtype}, and is what `isinstance` takes them for; every tensor is a `torch.Tensor`.

    Sizes give elements of undefined value, a sequence or an array a copy of its elements.

    >>> torch.{name}([1, 2]).dtype, torch.{name}(2, 3).size()
    ({dtype}, torch.Size([2, 3]))
    >>> isinstance(torch.zeros(2, dtype={dtype}), torch.{name}), isinstance(torch.zeros(2, dtype={dtype}), torch.Tensor)
    (True, True)
    """
    return _LegacyType(name, (), {"dtype": dtype, "__module__": "torch", "__slots__": (), "__doc__": doc})


FloatTensor = _legacy("FloatTensor", _C.float32)
DoubleTensor = _legacy("DoubleTensor", _C.float64)
HalfTensor = _legacy("HalfTensor", _C.float16)
ByteTensor = _legacy("ByteTensor", _C.uint8)
CharTensor = _legacy("CharTensor", _C.int8)
ShortTensor = _legacy("ShortTensor", _C.int16)
IntTensor = _legacy("IntTensor", _C.int32)
LongTensor = _legacy("LongTensor", _C.int64)


def set_default_tensor_type(t: str | type) -> None:
    """Makes the dtype of a floating tensor type ("torch.DoubleTensor" or the type itself) the default of new tensors.

    With a type of CUDA ("torch.cuda.FloatTensor"), new tensors are made on the current device unless `device` says where;
    RuntimeError if there is none. What was made before stays where it is, and so does what NumPy and files bring.

    >>> torch.set_default_tensor_type("torch.DoubleTensor")
    >>> torch.tensor([1.5]).dtype
    torch.float64
    >>> torch.set_default_tensor_type(torch.FloatTensor)
    >>> torch.tensor([1.5]).dtype
    torch.float32
    """
    found: Any = _named(t) if isinstance(t, str) else t
    on_cuda = _is_of_cuda(found)
    if not on_cuda and type(found) is not _LegacyType:
        raise TypeError(f"set_default_tensor_type(): {t!r} is not the name of a tensor type, such as 'torch.DoubleTensor'")
    if found.dtype not in (_C.float16, _C.float32, _C.float64):
        raise TypeError(f"set_default_tensor_type(): {t!r}: only types of floating-point tensors can be the default")
    if on_cuda and (why := _C.cuda.device_count()[1]):
        raise RuntimeError(f"set_default_tensor_type(): no tensor can be {t!r}: {why}")
    _C.ops.set_default_dtype(found.dtype)
    _C.cuda.set_default(on_cuda)


def _is_of_cuda(found: Any) -> bool:
    from torch import cuda

    return type(found) is cuda._CudaType


def _named(name: str) -> Any:
    """The type called "torch.FloatTensor" or "torch.cuda.FloatTensor"; None if there is none of that name."""
    module, _, kind = name.rpartition(".")
    if kind not in __all__ or not kind.endswith("Tensor"):
        return None
    if module == "torch.cuda":
        from torch import cuda

        return getattr(cuda, kind)
    return globals()[kind] if module in ("torch", "") else None
