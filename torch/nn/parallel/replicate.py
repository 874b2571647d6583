"""`replicate`: one module on several devices."""

from __future__ import annotations

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
    parameters, buffers = _distinct(network.parameters()), _distinct(network.buffers())
    _check_place(network, places[0])
    copies = [_of_parameters(parameters, places, detach), _of_buffers(buffers, places)]
    modules = list(network.modules())
    return [_replica(modules, copies[0][i] | copies[1][i]) for i in range(len(places))]


def _distinct(tensors: Iterable[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def _check_place(network: Module, place: torch.device) -> None:
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
    made: dict[int, Module] = {id(module): _shell(module) for module in modules}
    for module in modules:
        replica = made[id(module)]
        for table, found in (("_parameters", copies), ("_buffers", copies), ("_modules", made)):
            members: dict[str, Any] = getattr(replica, table)
            for name, member in getattr(module, table).items():
                members[name] = None if member is None else found[id(member)]
    return made[id(modules[0])]


def _shell(module: Module) -> Module:
    """A module like this one whose tables are empty."""
    shell = type(module).__new__(type(module))
    state = Module.__getstate__(module)
    for table in ("_parameters", "_buffers", "_modules"):
        state[table] = {}
    Module.__setstate__(shell, state)
    return shell
