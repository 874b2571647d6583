"""Functions of `torch` that ask about objects rather than compute."""

from __future__ import annotations

from torch import _C

__all__ = ["is_tensor", "numel", "typename"]


def is_tensor(obj: object) -> bool:
    """Whether `obj` is a `torch.Tensor`."""
    return isinstance(obj, _C.Tensor)


def numel(input: _C.Tensor) -> int:
    """The number of elements of `input`."""
    return input.numel()


def typename(obj: object) -> str:
    """The name of a tensor's type (`torch.FloatTensor`) or of any other object's class."""
    if isinstance(obj, _C.Tensor):
        return str(obj.type())
    cls = obj if isinstance(obj, type) else type(obj)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
