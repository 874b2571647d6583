"""Methods of `torch.Tensor` that are written in Python: `install` puts them into the type."""

from __future__ import annotations

from torch import _C, _tensor_interop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

Tensor = _C.Tensor


def _repr(self: Tensor) -> str:
    from torch import _tensor_str  # printing is rare

    return _tensor_str.text(self)


def _format(self: Tensor, spec: str) -> str:
    if not spec:
        return repr(self)
    if self.dim() == 0:
        return format(self.item(), spec)
    raise TypeError(f"unsupported format string {spec!r} for a tensor of size {tuple(self.size())}: only scalars take one")


def all(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """1 where all elements are not zero, of the whole tensor or along `dim` (uint8).

    >>> torch.tensor([[0, 1], [1, 1]], dtype=torch.uint8).all()
    tensor(0, dtype=torch.uint8)
    >>> torch.tensor([[0, 1], [1, 1]], dtype=torch.uint8).all(1)
    tensor([0, 1], dtype=torch.uint8)
    """
    return 1 - any(self == 0, dim, keepdim)


def any(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """1 where an element is not zero, of the whole tensor or along `dim` (uint8).

    >>> torch.tensor([[0, 1], [0, 0]], dtype=torch.uint8).any()
    tensor(1, dtype=torch.uint8)
    >>> torch.tensor([[0, 1], [0, 0]], dtype=torch.uint8).any(1, keepdim=True)
    tensor([[1],
            [0]], dtype=torch.uint8)
    """
    nonzero = self != 0
    counts = nonzero.sum() if dim is None else nonzero.sum(dim, keepdim)  # unlike max, sum takes no elements as well
    return counts != 0


def unique(self: Tensor, sorted: bool = False, return_inverse: bool = False) -> Any:
    """See `torch.unique`.

    >>> torch.tensor([3, 1, 3]).unique(return_inverse=True)
    (tensor([1, 3]), tensor([1, 0, 1]))
    """
    from torch import functional

    return functional.unique(self, sorted, return_inverse)


def index_put_(self: Tensor, indices: tuple[Tensor, ...], value: Tensor) -> Tensor:
    """`self[indices] = value`: the elements that int64 tensors (or one uint8 mask) choose become those of `value`.

    >>> torch.zeros(3).index_put_((torch.tensor([0, 2]),), torch.tensor([1., 2.]))
    tensor([1., 0., 2.])
    """
    self[tuple(indices)] = value
    return self


def sparse_mask(self: Tensor, mask: Any) -> Any:
    """The elements at the indices of the sparse tensor `mask`, of the same size, as a sparse tensor.

    >>> mask = torch.sparse_coo_tensor([[0, 2]], [1., 1.])
    >>> torch.tensor([3., 4., 5.]).sparse_mask(mask).to_dense()
    tensor([3., 0., 5.])
    """
    found = mask.coalesce()
    return found._with_values(found._of(self))


def softmax(self: Tensor, dim: int) -> Tensor:
    """exp(x) over its sum along `dim`. The shape stays; floating dtypes only.

    >>> torch.tensor([[0., 0.], [0., 1000.]]).softmax(1)
    tensor([[0.5000, 0.5000],
            [0.0000, 1.0000]])
    """
    return _C.nn.softmax(self, dim)


def log_softmax(self: Tensor, dim: int) -> Tensor:
    """The logarithm of `softmax`, computed stably. The shape stays; floating dtypes only.

    >>> torch.tensor([0., 0., 1000.]).log_softmax(0)
    tensor([-1000., -1000.,     0.])
    """
    return _C.nn.log_softmax(self, dim)


def is_floating_point(self: Tensor) -> bool:
    """Whether the dtype is float16, float32 or float64.

    >>> torch.zeros(2).is_floating_point(), torch.tensor(1).is_floating_point()
    (True, False)
    """
    return self.dtype in (_C.float16, _C.float32, _C.float64)


def is_signed(self: Tensor) -> bool:
    """Whether the dtype has negative numbers: all but uint8.

    >>> torch.tensor(1).is_signed(), torch.tensor(1, dtype=torch.uint8).is_signed()
    (True, False)
    """
    return self.dtype is not _C.uint8


def t_(self: Tensor) -> Tensor:
    """`t` in place: this matrix becomes its transpose, on the same memory.

    >>> x = torch.tensor([[1, 2, 3]])
    >>> x.t_().size(), x.size()
    (torch.Size([3, 1]), torch.Size([3, 1]))
    """
    if self.dim() != 2:
        raise RuntimeError(f"[t_] self, {self.dim()} dimensions: must be a matrix")
    return self.transpose_(0, 1)


def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """`reshape` to the size of another tensor. An error if it has another number of elements.

    >>> torch.arange(4).reshape_as(torch.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return self.reshape(other.size())


def repeat(self: Tensor, *sizes: Any) -> Tensor:
    """This tensor repeated `sizes[i]` times along dimension i; sizes in front of the tensor's own make new dimensions.

    >>> torch.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    counts = tuple(_C.Size(sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes))
    own = (1,) * (len(counts) - self.dim()) + tuple(self.size())
    if len(counts) < self.dim() or min(counts, default=0) < 0:
        raise RuntimeError(f"[repeat] sizes, {counts}: must be {self.dim()} or more numbers from 0 on, one for each dimension")
    pairs = [(1, extent) for extent in own]
    expanded = [(count, extent) for count, extent in zip(counts, own, strict=True)]
    flat, wide = [n for pair in pairs for n in pair], [n for pair in expanded for n in pair]
    return self.reshape(flat).expand(wide).clone().view([count * extent for count, extent in expanded])


def resize_as_(self: Tensor, the_template: Tensor) -> Tensor:
    """Resizes this tensor to the size of another. The elements in memory stay; further ones are undefined.

    >>> torch.zeros(2).resize_as_(torch.zeros(3, 2)).size()
    torch.Size([3, 2])
    """
    return self.resize_(the_template.size())


def _contains(self: Tensor, element: Any) -> bool:
    if isinstance(element, (int, float, Tensor)):
        return bool((self == element).any())
    raise TypeError(f"a tensor holds numbers: whether {type(element).__name__} is in it cannot be said")


def _reversed(self: Tensor) -> Iterator[Tensor]:
    return (self[i] for i in range(self.size(0) - 1, -1, -1))


def _deepcopy(self: Tensor, memo: dict[Any, Any]) -> Tensor:
    if id(self) in memo:
        known: Tensor = memo[id(self)]
        return known
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment"
        )
    storage = self.storage().__deepcopy__(memo)  # tensors that share memory still do so afterwards
    copy = _C.ops.empty(0, dtype=self.dtype).set_(storage, self.storage_offset(), self.size(), self.stride())
    copy = copy if type(self) is Tensor else type(self)(copy)
    copy.requires_grad_(self.requires_grad)
    memo[id(self)] = copy
    return copy


def _floordiv(self: Tensor, other: Tensor | float) -> Tensor:
    if not isinstance(other, (int, float, Tensor)):
        return NotImplemented
    if not self.is_floating_point():
        return self / other - _rounded_up(self.fmod(other), other)
    if not isinstance(other, Tensor):
        return _floor_of_quotient(self, other) if other else self / other
    zero = other == 0
    floor = _floor_of_quotient(self, _C.ops.where(zero, _C.ops.ones_like(other), other))
    return _C.ops.where(zero, (self / other).detach(), floor)


def _rounded_up(rest: Tensor, other: Tensor | float) -> Tensor:
    """1 where truncation of the quotient that leaves this rest went up."""
    up: Tensor = ((rest != 0) & ((rest < 0) ^ (other < 0))).to(rest.dtype)
    return up


def _floor_of_quotient(self: Tensor, other: Tensor | float) -> Tensor:
    """By the rest: 1 // 0.1 is 9, although 1 / 0.1 rounds to 10."""
    rest = self.fmod(other)
    return ((self - rest) / other - _rounded_up(rest, other)).round()


def _rfloordiv(self: Tensor, other: float) -> Tensor:
    if not isinstance(other, (int, float)):
        return NotImplemented
    number: Tensor = _C.ops.full_like(self, other)
    return _floordiv(number, self)


def _reduce(self: Tensor, protocol: object) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
    from torch import _utils

    return _utils._rebuild_tensor_v2, _utils.reduced(self)


_METHODS: dict[str, Callable[..., Any]] = {
    "__contains__": _contains,
    "__deepcopy__": _deepcopy,
    "__floordiv__": _floordiv,
    "__format__": _format,
    "__reduce_ex__": _reduce,
    "__repr__": _repr,
    "__rfloordiv__": _rfloordiv,
    "__reversed__": _reversed,
    "all": all,
    "any": any,
    "index_put_": index_put_,
    "is_floating_point": is_floating_point,
    "is_signed": is_signed,
    "log_softmax": log_softmax,
    **_tensor_interop.METHODS,
    "repeat": repeat,
    "reshape_as": reshape_as,
    "resize_as_": resize_as_,
    "t_": t_,
    "softmax": softmax,
    "sparse_mask": sparse_mask,
    "unique": unique,
}


def install() -> None:
    """Puts the methods into `torch.Tensor`; a name that the extension defines itself stays the extension's."""
    own = Tensor.__dict__
    for name, method in _METHODS.items():
        if name not in own or name.startswith("__"):
            setattr(Tensor, name, method)
