"""`replicate`: one module on several devices."""

from __future__ import annotations

from torch.nn.modules.members import Members
from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import torch
    from torch import Tensor

    Copies = dict[int, Tensor]  # by the id of what they are copies of


def replicate(network: Module, devices: Iterable[Any], detach: bool = False) -> list[Module]:
    """The module once for each device. The first device is where it lies.

    Parameters of the replicas are copies whose gradients add up in those of the module, or, with `detach`, have none; buffers
    are copies, on the first device the module's own. What a replica's forward assigns is its own and gone with it.

    >>> layer = nn.Linear(2, 1)
    >>> first, second = nn.parallel.replicate(layer, ["cpu", "cpu"])
    >>> (first(torch.ones(1, 2)) + second(torch.ones(1, 2))).sum().backward()
    >>> layer.weight.grad
    tensor([[2., 2.]])
    """
    from torch.cuda import comm

    places = comm._places("replicate", devices)
    modules = list(network.modules())
    parameters, buffers = (_distinct(modules, table) for table in ("_parameters", "_buffers"))
    if any(tensor.device != places[0] for tensor in (*parameters, *buffers)):
        _name_the_place(network, places[0])
    copies = [_of_parameters(parameters, places, detach), _of_buffers(buffers, places)]
    return [_replica(modules, copies[0][i] | copies[1][i]) for i in range(len(places))]


def _distinct(modules: Iterable[Module], table: str) -> list[Tensor]:
    found = {id(tensor): tensor for module in modules for tensor in module.__dict__[table].values() if tensor is not None}
    return list(found.values())


def _name_the_place(network: Module, place: torch.device) -> None:
    for kind, members in (("parameter", network.named_parameters()), ("buffer", network.named_buffers())):
        for name, tensor in members:
            if tensor.device != place:
                raise RuntimeError(
                    f"[replicate] {kind} '{name}': on {tensor.device}, expected on the first device, {place}; move the module "
                    f"there with .to('{place}')"
                )


def _of_parameters(parameters: Sequence[Tensor], places: Sequence[torch.device], detach: bool) -> list[Copies]:
    if not parameters:
        return [{} for _ in places]
    if detach:
        from torch.cuda import comm

        rows = [list(row) for row in comm.broadcast_coalesced([item.detach() for item in parameters], places)]
    else:
        from torch.nn.parallel.transfers import Broadcast

        flat = Broadcast.apply(places, *parameters)
        rows = [list(flat[i : i + len(parameters)]) for i in range(0, len(flat), len(parameters))]
    return [{id(item): copy for item, copy in zip(parameters, row, strict=True)} for row in rows]


def _of_buffers(buffers: Sequence[Tensor], places: Sequence[torch.device]) -> list[Copies]:
    """Each in memory of its own: forward may change buffers, and autograd counts writes by memory."""
    from torch.cuda import comm

    if not buffers:
        return [{} for _ in places]
    _, *others = comm.broadcast_coalesced([buffer.detach() for buffer in buffers], places)
    rows = [list(buffers), *([copy.clone() for copy in row] for row in others)]
    return [{id(item): copy for item, copy in zip(buffers, row, strict=True)} for row in rows]


def _replica(modules: Sequence[Module], copies: Copies) -> Module:
    """The first of `modules`, which holds the others, with the copies in the places of its tensors."""
    made: dict[int, Module] = {}
    for module in modules:
        shell = made[id(module)] = type(module).__new__(type(module))
        shell.__dict__.update(module.__dict__)
    for module in modules:
        for table, found in (("_parameters", copies), ("_buffers", copies), ("_modules", made)):
            entries = module.__dict__[table].items()
            members = Members(made[id(module)])
            members.fill({name: None if member is None else found[id(member)] for name, member in entries})
            made[id(module)].__dict__[table] = members
    return made[id(modules[0])]
