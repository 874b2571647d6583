"""`scatter` and `gather`: pieces of batches on several devices, and back, with gradients, also in lists and dicts."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


def scatter(inputs: Any, target_gpus: Iterable[Any], dim: int = 0) -> list[Any]:
    """For each device its piece of the tensors in `inputs`, split along `dim` (fewer, if there is nothing for the last ones).

    Tuples, lists and dicts are taken apart; what is no tensor goes to every device.

    >>> nn.parallel.scatter((torch.arange(4), "name"), ["cpu", "cpu"])
    [(tensor([0, 1]), 'name'), (tensor([2, 3]), 'name')]
    """
    from torch.cuda import comm
    from torch.nn.parallel.transfers import Scatter

    places = comm._places("scatter", target_gpus)

    def pieces(item: Any) -> list[Any]:
        if isinstance(item, _C.Tensor):
            return list(Scatter.apply(places, None, dim, item))
        if isinstance(item, tuple | list) and item:
            return [_rebuilt(item, parts) for parts in zip(*map(pieces, item), strict=False)]
        if isinstance(item, dict) and item:
            rows = zip(*map(pieces, item.values()), strict=False)
            return [type(item)(zip(item, parts, strict=True)) for parts in rows]
        return [item] * len(places)

    return pieces(inputs)


def _rebuilt(like: Sequence[Any], parts: Sequence[Any]) -> Any:
    kind: Any = type(like)
    return kind(*parts) if hasattr(like, "_fields") else kind(parts)  # a named tuple takes its parts one by one


def scatter_kwargs(
    inputs: tuple[Any, ...], kwargs: dict[str, Any] | None, target_gpus: Iterable[Any], dim: int = 0
) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    """`scatter` of a call's arguments: as many tuples of positional ones as dicts of those by name."""
    devices = list(target_gpus)
    by_place = scatter(inputs, devices, dim) if inputs else []
    by_name = scatter(kwargs, devices, dim) if kwargs else []
    count = max(len(by_place), len(by_name))
    by_place += [()] * (count - len(by_place))
    by_name += [{} for _ in range(count - len(by_name))]
    return by_place, by_name


def gather(outputs: Sequence[Any], target_device: Any, dim: int = 0) -> Any:
    """What the devices made, on one: tensors one behind the other along `dim` (scalars as a vector), in the tuples, lists and
    dicts that they lie in.

    >>> nn.parallel.gather([torch.zeros(2), torch.ones(1)], "cpu")
    tensor([0., 0., 1.])
    """
    from torch.cuda import comm
    from torch.nn.parallel.transfers import Gather

    place = comm._place(target_device)

    def joined(items: Sequence[Any]) -> Any:
        first = items[0]
        if isinstance(first, _C.Tensor):
            return Gather.apply(place, dim, *items)
        if first is None:
            return None
        if isinstance(first, dict):
            _same_length(items)
            return type(first)((key, joined([item[key] for item in items])) for key in first)
        if isinstance(first, tuple | list):
            _same_length(items)
            return _rebuilt(first, [joined(parts) for parts in zip(*items, strict=True)])
        raise TypeError(f"[gather] outputs: a {type(first).__name__}, expected tensors, or tuples, lists or dicts of them")

    return joined(outputs)


def _same_length(items: Sequence[Any]) -> None:
    lengths = [len(item) for item in items]
    if len(set(lengths)) > 1:
        raise ValueError(f"[gather] outputs: of {lengths} entries, expected as many from each device")
