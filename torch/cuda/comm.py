"""Tensors of several devices: copies on each of them, sums over them, pieces on each and back.

NCCL does it where it is installed and every tensor lies on a device of its own (`torch.cuda.nccl`); else tensors are copied
from device to device. Devices are numbers of CUDA devices or `torch.device`s; a device may stand there more than once. Nothing
is recorded for gradients: `torch.nn.parallel` is for that.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import torch
from torch.cuda import nccl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from torch import Tensor

__all__ = ["broadcast", "broadcast_coalesced", "gather", "reduce_add", "reduce_add_coalesced", "scatter"]

BUFFER_SIZE = 10 << 20  # bytes: above it a copy's own time dwarfs that of starting it


def __dir__() -> list[str]:
    return sorted(__all__)


def _place(device: Any) -> torch.device:
    """A device given as the number of a CUDA device (negative: the host), as a string or as a torch.device."""
    if isinstance(device, int):
        return torch.device("cuda", device) if device >= 0 else torch.device("cpu")
    return torch.device(device)


def _places(op: str, devices: Iterable[Any]) -> list[torch.device]:
    places = [_place(device) for device in devices]
    if not places:
        raise ValueError(f"[{op}] devices: none is given, expected at least one")
    return places


@torch.no_grad()
def broadcast(tensor: Tensor, devices: Iterable[Any]) -> tuple[Tensor, ...]:
    """The tensor on each of the devices, in their order. The first of them is where it lies, and the first of the results is
    the tensor itself; one of the CPU may be given as well, and is then copied to all.

    >>> x = torch.arange(3)
    >>> devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else ["cpu", "cpu"]
    >>> [copy.tolist() for copy in torch.cuda.comm.broadcast(x, devices)][0]
    [0, 1, 2]
    """
    places = _places("broadcast", devices)
    if tensor.is_cuda and tensor.device != places[0]:
        raise ValueError(f"[broadcast] tensor: on {tensor.device}, expected on the first of devices, {places[0]}")
    first = tensor if tensor.device == places[0] else tensor.to(places[0], non_blocking=True)
    if len(set(places)) == len(places) > 1 and all(place.type == "cuda" for place in places) and nccl.is_available([first]):
        copies = [torch.empty(first.size(), dtype=first.dtype, device=place) for place in places[1:]]
        nccl.broadcast([first, *copies])
        return (first, *copies)
    return (first, *(_copy(first, place) for place in places[1:]))


def _copy(tensor: Tensor, place: torch.device) -> Tensor:
    return tensor.clone() if tensor.device == place else tensor.to(place)


def _chunks(tensors: Sequence[Tensor], size: int) -> Iterator[list[int]]:
    """Numbers of the tensors, by dtype, in chunks of at most `size` bytes (or of one larger tensor)."""
    pending: dict[torch.dtype, list[int]] = {}
    room: dict[torch.dtype, int] = {}
    for i, tensor in enumerate(tensors):
        nbytes = tensor.numel() * tensor.element_size()
        kind = tensor.dtype
        if kind in pending and room[kind] < nbytes:
            yield pending.pop(kind)
        room[kind] = (room[kind] if kind in pending else size) - nbytes
        pending.setdefault(kind, []).append(i)
    yield from pending.values()


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0].reshape(-1) if len(tensors) == 1 else torch.cat([tensor.reshape(-1) for tensor in tensors])


def _like(flat: Tensor, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Views of `flat` with the sizes of the tensors that it was made of."""
    pieces = flat.split([tensor.numel() for tensor in tensors])
    return [piece.view(tensor.size()) for piece, tensor in zip(pieces, tensors, strict=True)]


@torch.no_grad()
def broadcast_coalesced(
    tensors: Iterable[Tensor], devices: Iterable[Any], buffer_size: int = BUFFER_SIZE
) -> tuple[tuple[Tensor, ...], ...]:
    """All tensors on each of the devices: for each device, in their order, the tuple of its copies. Small tensors travel
    together, `buffer_size` bytes at a time, and their copies lie in one memory. The first device is where they lie.

    >>> x, y = torch.arange(3), torch.ones(1)
    >>> devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else ["cpu", "cpu"]
    >>> copies = torch.cuda.comm.broadcast_coalesced([x, y], devices)
    >>> [copy.tolist() for copy in copies[0]]
    [[0, 1, 2], [1.0]]
    """
    given, places = list(tensors), _places("broadcast_coalesced", devices)
    wrong = next((tensor.device for tensor in given if tensor.is_cuda and tensor.device != places[0]), None)
    if wrong is not None:
        raise ValueError(f"[broadcast_coalesced] tensors: one is on {wrong}, expected all on the first of devices, {places[0]}")
    results: list[dict[int, Tensor]] = [{} for _ in places]
    own = 1 if all(tensor.device == places[0] for tensor in given) else 0  # where the first has what is given
    if own:
        results[0] = dict(enumerate(given))
    for numbers in _chunks(given, buffer_size):
        chunk = [given[i] for i in numbers]
        copies = broadcast(_flat(chunk), places)
        for result, copy in zip(results[own:], copies[own:], strict=True):
            result.update(zip(numbers, _like(copy, chunk), strict=True))
    return tuple(tuple(result[i] for i in range(len(given))) for result in results)


@torch.no_grad()
def reduce_add(inputs: Sequence[Tensor], destination: Any = None) -> Tensor:
    """The sum of tensors of one size and dtype, on `destination`: the current device if None (the CPU for tensors of the CPU).

    >>> x = torch.ones(2, device="cuda") if torch.cuda.is_available() else torch.ones(2)
    >>> torch.cuda.comm.reduce_add([x, x * 2]).tolist()
    [3.0, 3.0]
    """
    _check_alike("reduce_add", inputs)
    place = _destination(inputs, destination)
    owner = next((i for i, tensor in enumerate(inputs) if tensor.device == place), None)
    if len(inputs) > 1 and owner is not None and inputs[0].dtype != torch.int16 and nccl.is_available(inputs):
        total = torch.empty(inputs[0].size(), dtype=inputs[0].dtype, device=place)
        nccl.reduce(inputs, [total] * len(inputs), owner)
        return total
    total = inputs[0].to(place)
    if len(inputs) == 1:
        return total
    total = total + inputs[1].to(place)
    for tensor in inputs[2:]:
        total += tensor.to(place)
    return total


@torch.no_grad()
def reduce_add_coalesced(
    inputs: Sequence[Sequence[Tensor]], destination: Any = None, buffer_size: int = BUFFER_SIZE
) -> tuple[Tensor, ...]:
    """`reduce_add` of many tensors: `inputs` has, for each device, the list of its tensors; small ones travel together.

    >>> x, y = torch.ones(2), torch.ones(1)
    >>> [total.tolist() for total in torch.cuda.comm.reduce_add_coalesced([[x, y], [x, y]], "cpu")]
    [[2.0, 2.0], [2.0]]
    """
    for tensors in zip(*inputs, strict=True):
        _check_alike("reduce_add_coalesced", tensors)
    results: dict[int, Tensor] = {}
    for numbers in _chunks(inputs[0], buffer_size):
        total = reduce_add([_flat([tensors[i] for i in numbers]) for tensors in inputs], destination)
        results.update(zip(numbers, _like(total, [inputs[0][i] for i in numbers]), strict=True))
    return tuple(results[i] for i in range(len(inputs[0])))


def _check_alike(op: str, inputs: Sequence[Tensor]) -> None:
    if not inputs:
        raise ValueError(f"[{op}] inputs: none is given, expected at least one tensor")
    for i, tensor in enumerate(inputs):
        if tensor.size() != inputs[0].size() or tensor.dtype != inputs[0].dtype:
            raise ValueError(
                f"[{op}] inputs[{i}]: {tensor.dtype} of size {tuple(tensor.size())}, expected {inputs[0].dtype} of size "
                f"{tuple(inputs[0].size())} like inputs[0]"
            )


def _destination(inputs: Sequence[Tensor], destination: Any) -> torch.device:
    if destination is not None:
        return _place(destination)
    on_host = all(not tensor.is_cuda for tensor in inputs)
    return torch.device("cpu") if on_host else torch.device("cuda", torch.cuda.current_device())


@torch.no_grad()
def scatter(
    tensor: Tensor,
    devices: Iterable[Any],
    chunk_sizes: Sequence[int] | None = None,
    dim: int = 0,
    streams: Sequence[torch.cuda.Stream | None] | None = None,
) -> tuple[Tensor, ...]:
    """Pieces of the tensor along `dim`, one on each device: of `chunk_sizes`, or about equal (then maybe fewer than devices).

    streams: for each device, the stream whose work the copy is. Copies from pinned memory of the host do not wait.

    >>> x = torch.arange(6)
    >>> [piece.tolist() for piece in torch.cuda.comm.scatter(x, ["cpu", "cpu"], chunk_sizes=[2, 4])]
    [[0, 1], [2, 3, 4, 5]]
    """
    places = _places("scatter", devices)
    if chunk_sizes is None:
        pieces = tensor.chunk(len(places), dim)
    elif len(chunk_sizes) != len(places) or sum(chunk_sizes) != tensor.size(dim):
        raise ValueError(
            f"[scatter] chunk_sizes: {list(chunk_sizes)} for {len(places)} devices and {tensor.size(dim)} elements of "
            f"dimension {dim}, expected a size for each device, {tensor.size(dim)} in all"
        )
    else:
        pieces = tensor.split(list(chunk_sizes), dim)
    orders = [None] * len(places) if streams is None else list(streams)
    if len(orders) != len(places):
        raise ValueError(f"[scatter] streams: {len(orders)} for {len(places)} devices, expected one for each")
    return tuple(_piece(piece, place, stream) for piece, place, stream in zip(pieces, places, orders, strict=False))


def _piece(piece: Tensor, place: torch.device, stream: torch.cuda.Stream | None) -> Tensor:
    with nullcontext() if stream is None else torch.cuda.stream(stream):
        return piece.contiguous().to(place, non_blocking=True)


@torch.no_grad()
def gather(tensors: Sequence[Tensor], dim: int = 0, destination: Any = None) -> Tensor:
    """The tensors one behind the other along `dim`, on `destination`: -1 or "cpu" is the CPU, None the current device (the CPU
    for tensors of the CPU). Their sizes agree in the other dimensions.

    >>> torch.cuda.comm.gather([torch.ones(1, 2), torch.zeros(2, 2)], destination=-1).size()
    torch.Size([3, 2])
    """
    if not tensors:
        raise ValueError("[gather] tensors: none is given, expected at least one")
    first = tensors[0]
    if first.dim() == 0:
        raise ValueError("[gather] tensors: scalars have no dimension to lie along; give them one with .view(1)")
    along = dim + first.dim() if dim < 0 else dim
    for i, tensor in enumerate(tensors):
        if tensor.dtype != first.dtype or _but(tensor.size(), along) != _but(first.size(), along):
            raise ValueError(
                f"[gather] tensors[{i}]: {tensor.dtype} of size {tuple(tensor.size())}, expected {first.dtype} of size "
                f"{tuple(first.size())} but for dimension {along}"
            )
    size = list(first.size())
    size[along] = sum(tensor.size(along) for tensor in tensors)
    result = torch.empty(size, dtype=first.dtype, device=_destination(tensors, destination))
    for piece, tensor in zip(result.split([tensor.size(along) for tensor in tensors], along), tensors, strict=True):
        piece.copy_(tensor)
    return result


def _but(size: Sequence[int], dim: int) -> list[int]:
    """The size without one dimension."""
    return [*size[:dim], *size[dim + 1 :]]
