"""How tensors are printed."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["set_printoptions"]


class _PrintOptions:
    precision = 4
    threshold = 1000
    edgeitems = 3
    linewidth = 80
    sci_mode: bool | None = None  # None: as the numbers are


_options = _PrintOptions()


def _check_option(name: str, value: Any) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and not (name == "threshold" and value == float("inf")):
        raise TypeError(f"set_printoptions(): {name} must be an integer, not {value!r}")
    least = 1 if name == "linewidth" else 0
    if value < least:
        raise ValueError(f"set_printoptions(): {name} must be {least} or more, not {value}")


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Sets how tensors are printed; what is not given stays.

    precision: digits after the point (4). threshold: from more elements on, only the ends are shown (1000). edgeitems: how
    many at each end (3). linewidth: characters in a line (80). profile: "default", "short" or "full" sets all of these
    first. sci_mode: scientific notation always or never.

    >>> torch.set_printoptions(precision=2, threshold=4)
    >>> torch.arange(10.) / 3
    tensor([0.00, 0.33, 0.67,  ..., 2.33, 2.67, 3.00])
    >>> torch.set_printoptions(profile="default")
    """
    if profile is not None:
        profiles: dict[str, tuple[int, float, int]] = {
            "default": (4, 1000, 3),
            "short": (2, 1000, 2),
            "full": (4, float("inf"), 3),
        }
        if profile not in profiles:
            raise ValueError(f"set_printoptions(): profile must be 'default', 'short' or 'full', not {profile!r}")
        _options.precision, _options.threshold, _options.edgeitems = profiles[profile]  # type: ignore[assignment]
        _options.linewidth = 80
        _options.sci_mode = None
    for name, value in (("precision", precision), ("threshold", threshold), ("edgeitems", edgeitems), ("linewidth", linewidth)):
        if value is not None:
            _check_option(name, value)
            setattr(_options, name, value)
    if sci_mode is not None:
        _options.sci_mode = sci_mode


class _Formatter:
    """One format for all elements that are shown, so that columns align."""

    def __init__(self, values: list[Any], *, floating: bool) -> None:
        self._style = "d"
        if floating:
            self._style = self._choose([v for v in values if v == v and abs(v) != float("inf")])
        self.width = max((len(self._text(v)) for v in values), default=0)

    @staticmethod
    def _choose(finite: list[float]) -> str:
        magnitudes = [abs(v) for v in finite if v != 0]
        whole = all(v == int(v) for v in finite)
        largest, smallest = max(magnitudes, default=0.0), min(magnitudes, default=1.0)
        scientific = largest > 1e8 or (not whole and (largest > 1000 * smallest or smallest < 1e-4))
        if _options.sci_mode is not None:
            scientific = _options.sci_mode
        if scientific:
            return "e"
        return "." if whole else "f"

    def _text(self, value: Any) -> str:
        if self._style == "d":
            return str(value)
        if value != value or abs(value) == float("inf"):
            return str(value)
        if self._style == ".":
            return f"{value:.0f}."
        return f"{value:.{_options.precision}{self._style}}"

    def format(self, value: Any) -> str:
        return self._text(value).rjust(self.width)


def _shown(size: int, *, summarize: bool) -> list[int]:
    """The indices along a dimension that are shown; -1 stands for the dots."""
    edge = _options.edgeitems
    if summarize and size > 2 * edge:
        return [*range(edge), -1, *range(size - edge, size)]
    return list(range(size))


def _values(tensor: _C.Tensor, *, summarize: bool) -> Any:
    """Nested lists of the elements that are shown, None for the dots."""
    if tensor.dim() == 0:
        return tensor.item()
    if not summarize:
        return tensor.tolist()
    return [None if i < 0 else _values(tensor.select(0, i), summarize=True) for i in _shown(tensor.size(0), summarize=True)]


def _flat(nested: Any) -> list[Any]:
    if not isinstance(nested, list):
        return [] if nested is None else [nested]
    return [value for item in nested for value in _flat(item)]


def _row_text(row: list[Any], indent: int, formatter: _Formatter) -> str:
    words = [" ..." if value is None else formatter.format(value) for value in row]
    per_line = max(1, (_options.linewidth - indent) // (formatter.width + 2))
    lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _nested_text(nested: Any, dims: int, indent: int, formatter: _Formatter) -> str:
    if dims == 0:
        return formatter.format(nested)
    if dims == 1:
        return _row_text(nested, indent, formatter)
    parts = ["..." if item is None else _nested_text(item, dims - 1, indent + 1, formatter) for item in nested]
    separator = "," + "\n" * (dims - 1) + " " * (indent + 1)
    return "[" + separator.join(parts) + "]"


def _is_default(dtype: _C.dtype, *, empty: bool) -> bool:
    return dtype is _C.ops.get_default_dtype() or (dtype is _C.int64 and not empty)


def text(tensor: _C.Tensor) -> str:
    """What `repr(tensor)` gives: `tensor([1., 2.])`, with what is not a default behind the values."""
    prefix = "tensor("
    self = tensor.detach()
    if self.is_cuda and (self.numel() <= _options.threshold or self.dim() < 2):
        self = self.cpu()  # one copy instead of one for each element
    summarize = self.numel() > _options.threshold
    suffixes = []
    if self.numel() == 0:
        if self.dim() != 1:
            suffixes.append(f"size={tuple(self.size())}")
        body = "[]"
    else:
        nested = _values(self, summarize=summarize)
        formatter = _Formatter(_flat(nested), floating=_is_floating(self.dtype))
        body = _nested_text(nested, self.dim(), len(prefix), formatter)
    if not _is_at_home(tensor):
        suffixes.append(f"device='{tensor.device}'")
    if not _is_default(self.dtype, empty=self.numel() == 0):
        suffixes.append(f"dtype={self.dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{_node_name(tensor.grad_fn)}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return f"{prefix}{body}{''.join(', ' + suffix for suffix in suffixes)})"


def _is_at_home(tensor: _C.Tensor) -> bool:
    """Whether it is where new tensors are made."""
    if not tensor.is_cuda or not _C.cuda.is_default():
        return tensor.is_cuda == _C.cuda.is_default()
    return tensor.device.index == _C.cuda.current_device()


def _is_floating(dtype: _C.dtype) -> bool:
    return dtype in (_C.float16, _C.float32, _C.float64)


def _node_name(node: Any) -> str:
    return str(node.name()) if hasattr(node, "name") else type(node).__name__
