"""Functions and methods of dense tensors that are given sparse ones: torch.add(dense, sparse), torch.mm(sparse, dense).

The bindings ask here after a call has fitted none of their signatures, so that dense calls pay nothing.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _is_sparse(value: Any) -> bool:
    return getattr(value, "is_sparse", False) is True


def _addition(name: str) -> Callable[..., Any]:
    """torch.add and the like, with the operands in both orders of 0.4: (self, other, alpha) and (self, alpha, other)."""
    sign, inplace = -1 if name.startswith("sub") else 1, name.endswith("_")

    def answer(self: Any, *args: Any, other: Any = None, alpha: Any = 1, **unknown: Any) -> Any:
        rest = list(args)
        if len(rest) == 2 and isinstance(rest[0], (int, float)):
            rest.reverse()
        if unknown or len(rest) > 2 or (rest and other is not None):
            return NotImplemented
        other, alpha = [*rest, *(other, alpha)[len(rest) :]]
        if not _is_sparse(other):
            return NotImplemented
        if _is_sparse(self):
            return getattr(self, name)(other, alpha)
        other._fitting(name, self)
        return other._add_into(self, sign * alpha) if inplace else other.spadd(self, sign * alpha)

    return answer


def _addmm(self: _C.Tensor, mat1: Any, mat2: Any, beta: float = 1, alpha: float = 1) -> Any:
    if not _is_sparse(mat1) or not isinstance(self, _C.Tensor) or not isinstance(mat2, _C.Tensor):
        return NotImplemented
    return self * beta + mat1.mm(mat2) * alpha


def _method(name: str) -> Callable[..., Any]:
    def answer(self: Any, *args: Any, **keywords: Any) -> Any:
        return getattr(self, name)(*args, **keywords) if _is_sparse(self) else NotImplemented

    return answer


def _zeros(*size: Any, dtype: _C.dtype | None = None, device: Any = None, requires_grad: bool = False, **options: Any) -> Any:
    """A sparse tensor that holds no element, of `layout=torch.sparse_coo`."""
    from torch import sparse

    if options.pop("layout", None) is not _C.sparse_coo or options:
        return NotImplemented
    whole = size[0] if len(size) == 1 and not isinstance(size[0], int) else size
    made = sparse.sparse_type(dtype or _C.ops.get_default_dtype())(_C.Size(whole)).to("cpu" if device is None else device)
    return made.requires_grad_() if requires_grad else made


def _zeros_like(self: Any, dtype: _C.dtype | None = None, layout: _C.layout | None = None, **options: Any) -> Any:
    found = layout or (_C.sparse_coo if _is_sparse(self) else _C.strided)
    make = _zeros if found is _C.sparse_coo else _C.ops.zeros
    options.setdefault("device", self.device)
    return make(self.size(), dtype=dtype or self.dtype, layout=found, **options)


# By name; each returns NotImplemented where it has no answer.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: _method(name)
        for name in ("clone", "div", "mm", "mul", "narrow", "neg", "norm", "numel", "pow", "sum", "t", "transpose")
    },
    **{name: _addition(name) for name in ("add", "add_", "sub", "sub_")},
    "matmul": _method("mm"),
    "addmm": _addmm,
    "zeros": _zeros,
    "empty": _zeros,
    "zeros_like": _zeros_like,
    "empty_like": _zeros_like,
}
