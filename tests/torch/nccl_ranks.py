"""The backend "nccl", as far as it can be tried where there is no device: what each process does. See distributed_ranks.py."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from distributed_ranks import failure

import torch
import torch.distributed as dist


class Communicator:
    """The calls of torch.cuda.nccl.Communicator, over sockets: what a group asks of it is checked where there is no device."""

    def __init__(self, sockets: Any, rank: int) -> None:
        self.sockets, self.rank = sockets, sockets.index_of(rank)

    def all_reduce(self, input: torch.Tensor, op: int) -> None:
        self.sockets.run("all_reduce", tensor=input, reduce=("sum", "product", "max", "min")[op])

    def reduce(self, input: torch.Tensor, output: torch.Tensor, root: int, op: int) -> None:
        assert output is input
        reduce = ("sum", "product", "max", "min")[op]
        self.sockets.run("reduce", tensor=input, root=self.sockets.rank_at(root), reduce=reduce)

    def broadcast(self, tensor: torch.Tensor, root: int) -> None:
        self.sockets.run("broadcast", tensor=tensor, root=self.sockets.rank_at(root))

    def all_gather(self, input: torch.Tensor, output: torch.Tensor) -> None:
        self.sockets.run("all_gather", tensor=input, list=list(output.view(self.sockets.size, -1)))

    def gather(self, input: torch.Tensor, outputs: Any, root: int) -> None:
        self.sockets.run("gather", tensor=input, list=outputs, root=self.sockets.rank_at(root))

    def scatter(self, output: torch.Tensor, inputs: Any, root: int) -> None:
        self.sockets.run("scatter", tensor=output, list=inputs, root=self.sockets.rank_at(root))


class Nothing:
    """In the place of a stream, and of the watch."""

    device_index = 0

    def record_event(self) -> Any:
        return self

    def query(self) -> bool:
        return True

    def number_of(self, group: Any) -> int:
        return 0

    def add(self, call: Any) -> None:
        assert "of the group, " in str(call)

    drop = add


def over_communicators(sockets: Any, rank: int) -> Any:
    from torch.distributed.nccl_group import NcclGroup

    group = NcclGroup(sockets, rank, Nothing())
    group._on = lambda *_: Communicator(sockets, rank)  # type: ignore[method-assign]
    group._stream = lambda aside: Nothing()  # type: ignore[method-assign]
    return group


def through_a_communicator(rank: int) -> list[Any]:
    from torch.distributed.nccl_group import NcclGroup
    from torch.distributed.process_group import _State

    refused = failure(lambda: NcclGroup(_State.everybody, rank, Nothing()).run("all_reduce", tensor=torch.ones(1)))
    chosen: Any = over_communicators(dist.new_group([1, 0]), rank)
    _State.everybody, _State.nccl = over_communicators(_State.everybody, rank), True
    x = (torch.arange(6.0) + rank).view(2, 3).t()
    dist.all_reduce(x, op=dist.reduce_op.MAX)
    y, z = torch.full((2,), rank + 1.0), torch.full((2,), rank + 1.0)
    dist.reduce(y, dst=1)
    dist.broadcast(z, src=1, group=chosen)
    parts = [torch.zeros(2, 1) for _ in range(2)]
    dist.all_gather(parts, torch.full((2, 1), float(rank)), group=chosen)
    dist.all_reduce_multigpu([z])
    collected = torch.zeros(2, 2, 3)
    dist.gather(torch.full((3, 2), float(rank)).t(), dst=0, gather_list=list(collected) if rank == 0 else None)
    dealt = torch.zeros(3, 2).t()
    rows = [torch.arange(6.0).view(2, 3) + 10 * other for other in range(2)]
    dist.scatter(dealt, src=1, scatter_list=rows if rank == 1 else None)
    texts = [
        refused,
        failure(lambda: dist.send(z, 0)),
        failure(lambda: dist.recv(z)),
        failure(lambda: dist.broadcast(z, 3)),
        failure(lambda: dist.all_gather(parts[:1], z)),
        failure(lambda: dist.broadcast_multigpu([z, z], 0)),
        failure(lambda: dist.all_reduce_multigpu([])),
    ]
    chosen._compares = True
    dist.all_reduce(z, group=chosen)
    texts.append(failure(lambda: dist.all_reduce(torch.ones(3 + rank), group=chosen)))
    texts.append(failure(lambda: dist.all_reduce(z, group=chosen)))
    moved = [part.view(-1).tolist() for part in parts], collected.view(-1).tolist(), dealt.tolist()
    return [x.tolist(), y.tolist(), z.tolist(), *moved, texts]


class Mute:
    """An event of a device that does not answer."""

    def query(self) -> bool:
        time.sleep(30)
        return True


def watched(rank: int, how: str) -> list[Any]:
    """A call that never ends on the device: what the watch says of it, and how soon."""
    from torch.distributed.nccl_watch import Queued, Watch
    from torch.distributed.process_group import _State

    alarms: list[float] = []
    watch = Watch(
        _State.world.add_group([0, 1]),
        rank,
        1 if how in ("disagree", "absent", "mute", "idle") else 1000,
        lambda seconds, text: alarms.append(seconds),
    )
    group: Any = over_communicators(_State.everybody, rank)
    group.number = watch.number_of(group)
    started = time.monotonic()
    if rank == 1 and how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if rank == 0 or how == "disagree":
        call = Queued(group, "all_reduce", torch.ones(4 + rank))
        if how == "mute":
            call._events = [(0, Mute())]
        watch.add(call)
    if rank == 1 and how == "idle":  # it has had a call, and waits for none
        watch.add(over := Queued(group, "all_reduce", torch.ones(1)))
        over.over = True
    if rank == 1 and how in ("absent", "disagree", "mute", "idle"):
        time.sleep(4)
    while rank == 0 and not group.failure and time.monotonic() - started < 20:
        time.sleep(0.05)
    time.sleep(1.5 if rank == 0 and how in ("disagree", "absent", "mute", "idle") else 0)  # until the other's word is there
    took = time.monotonic() - started
    text = failure(group.check)
    if rank == 1 and how in ("absent", "mute"):  # comes at last
        watch.add(Queued(group, "broadcast", torch.ones(1)))
        time.sleep(1)
        text = failure(group.check)
    if rank == 1 and how == "idle":
        assert failure(lambda: watch.add(Queued(group, "broadcast", torch.ones(1)))) == text and not watch._pending
    watch.stop(1)
    return [text, took < 15 and (not alarms or (alarms[0], alarms[-1]) == (watch.timeout + 30, 0)), failure(group.check)]
