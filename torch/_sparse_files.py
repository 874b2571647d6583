"""Sparse tensors that are read from files."""

from __future__ import annotations

import _thread

from torch import _C
from torch._sparse_devices import checked
from torch.sparse import SparseTensor, sparse_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_unchecked: Any = _thread._local()  # .found: a list while a file is read whose elements come behind the names of its tensors


def rebuilt(indices: _C.Tensor, values: _C.Tensor, size: Sequence[int]) -> SparseTensor:
    """What pickles are read to: checked at once, or by `checking` when the elements are there."""
    made = sparse_type(values.dtype, values.is_cuda)._of_parts(indices, values, size)
    waiting: list[SparseTensor] | None = getattr(_unchecked, "found", None)
    _check(made) if waiting is None else waiting.append(made)
    return made


def _check(made: SparseTensor) -> None:
    made._set(*checked(type(made), made._i, made._v, made._size))
    places = made._places()
    made._coalesced = bool((places[1:] > places[:-1]).all())


def checking(read: Callable[[], Any]) -> Any:
    """What `read` gives, and only then looks at the indices of the sparse tensors in it."""
    outer, _unchecked.found = getattr(_unchecked, "found", None), []
    try:
        result = read()
        for made in _unchecked.found:
            _check(made)
        return result
    finally:
        _unchecked.found = outer
