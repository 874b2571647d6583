"""What each process does in tests of torch.distributed over NCCL, on a CUDA device of its own. See distributed_ranks.py."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from distributed_ranks import failure
from training_ranks import network, train

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

DTYPES = (torch.uint8, torch.int8, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64)


def collectives(rank: int, size: int) -> list[str]:
    """Names of the cases that went wrong."""
    device = torch.device("cuda", rank)
    wrong = []
    for dtype in DTYPES:
        for count in (0, 1, 5, 40000):
            ramps = [(torch.arange(count) % 3 + other).to(dtype) for other in range(size)]
            x = ramps[rank].to(device)
            pending = dist.all_reduce(x, async_op=True)
            pending.wait()
            y = ramps[rank].to(device)
            dist.reduce(y, dst=size - 1, op=dist.reduce_op.MAX)
            z = ramps[rank].to(device)
            dist.broadcast(z, src=size - 1)
            parts, collected = ([torch.zeros(count, dtype=dtype, device=device) for _ in range(size)] for _ in range(2))
            dist.all_gather(parts, ramps[rank].to(device))
            dist.gather(ramps[rank].to(device), dst=0, gather_list=collected if rank == 0 else None)
            dealt = torch.zeros(count, dtype=dtype, device=device)
            given = [ramp.to(device) for ramp in ramps] if rank == size - 1 else None
            dist.scatter(dealt, src=size - 1, scatter_list=given, async_op=True).wait()
            total = torch.stack([ramp.long() for ramp in ramps]).sum(0)
            right = {
                "all_reduce": torch.equal(x.cpu().long(), total),
                "reduce": rank != size - 1 or torch.equal(y.cpu().long(), ramps[-1].long()),
                "broadcast": torch.equal(z.cpu().long(), ramps[-1].long()),
                "all_gather": all(torch.equal(a.cpu().long(), b.long()) for a, b in zip(parts, ramps, strict=True)),
                "gather": rank != 0 or torch.equal(torch.stack(collected).cpu().long(), torch.stack(ramps).long()),
                "scatter": torch.equal(dealt.cpu().long(), ramps[rank].long()),
            }
            wrong += [f"{name} of {count} {dtype}" for name, fits in right.items() if not fits]
    base = torch.zeros(30, 40, device=device)
    part = base.t()[10:20, ::2]
    part.fill_(rank + 1)
    dist.all_reduce(part)
    if not bool((part == size * (size + 1) // 2).all()) or base.sum().item() != part.sum().item():
        wrong.append("strided")
    dist.barrier()
    return wrong


def joined(rank: int, size: int, bucket: float) -> list[Any]:
    """Each rank begins with other parameters: rank 0's count."""
    device = f"cuda:{rank}"
    model = DistributedDataParallel(network(rank).to(device), device_ids=[rank], bucket_cap_mb=bucket)
    return [parameter.cpu().numpy() for parameter in train(model, rank, size, device)]


def beside(rank: int, size: int) -> list[Any]:
    """Calls with async_op run beside the current stream, behind what was asked of it before."""
    device = torch.device("cuda", rank)
    dist.all_reduce(torch.ones(1, device=device))
    busy, x = torch.rand(4096, 4096, device=device), torch.zeros(1 << 22, device=device)
    torch.cuda.synchronize()
    for _ in range(20):
        busy = busy @ busy * 1e-4
    x += 1  # not before that
    requests = [dist.all_reduce(x, async_op=True) for _ in range(3)]
    early = requests[-1].is_completed()
    for request in requests:
        request.wait()
    total = x.sum()  # behind them
    parts = [torch.zeros(2, 3, device=device).t() for _ in range(size)]
    dist.all_gather(parts, torch.full((2, 3), rank + 1.0, device=device).t(), async_op=True).wait()
    return [early, total.item() / x.numel(), requests[-1].is_completed(), [part.sum().item() for part in parts]]


def in_groups(rank: int) -> list[Any]:
    """Groups in another order, of one, and of none here."""
    device = torch.device("cuda", rank)
    turned, single, other = dist.new_group([1, 0]), dist.new_group([0]), dist.new_group([1])
    x = torch.full((5,), rank + 1.0, device=device)
    first = dist.all_reduce(x, group=turned, async_op=True)
    y = torch.full((3,), rank + 1.0, device=device)
    dist.all_reduce(y)
    first.wait()
    mine = single if rank == 0 else other
    for group in (single, other):
        dist.all_reduce(y, group=group)
    parts = [torch.zeros(1, device=device) for _ in range(2)]
    dist.all_gather(parts, torch.full((1,), float(rank), device=device), group=turned)
    dist.barrier(mine)
    return [x[0].item(), y[0].item(), [part.item() for part in parts], dist.get_rank(turned)]


def messages(rank: int) -> list[Any]:
    """Both ways at once, in order, of any layout; and what is refused."""
    device, other = torch.device("cuda", rank), 1 - rank
    big = torch.full((1 << 24,), rank + 1.0, device=device)
    requests = [dist.isend(big, other)]
    got = torch.zeros(1 << 24, device=device)
    requests.append(dist.irecv(got, other))
    for request in requests:
        request.wait()
    values = [got[0].item(), got[-1].item(), got.sum().item() / got.numel(), requests[1].source]
    heard = []
    for dtype in (torch.int16, torch.float16, torch.int64):
        for i in range(20):
            if rank == 0:
                dist.send(torch.full((3, 2), i, dtype=dtype, device=device).t(), other)
            else:
                x = torch.zeros(2, 3, dtype=dtype, device=device)
                source = dist.recv(x, 0)
                heard.append(source == 0 and x.tolist() == [[i] * 3] * 2)
    strided = torch.zeros(4, 6, device=device)
    if rank == 0:
        dist.send(torch.arange(12.0, device=device), other)
    else:
        dist.recv(strided.t()[::2], 0)
    nothing = torch.zeros(0, device=device)
    (dist.send if rank == 0 else dist.recv)(nothing, other)
    texts = [
        failure(lambda: dist.recv(big)),
        failure(lambda: dist.send(big, rank)),
        failure(lambda: dist.send(big, 2)),
        failure(lambda: dist.send(torch.ones(1), other)),
    ]
    return [values, all(heard), strided.tolist(), texts]


def several_devices(rank: int, size: int, count: int) -> list[str]:
    """Processes with `count` devices each. Names of the cases that went wrong."""
    places = [torch.device("cuda", rank * count + i) for i in range(count)]
    every = [torch.arange(6.0).view(2, 3) + 10 * i for i in range(size * count)]
    own = every[rank * count : (rank + 1) * count]

    def given(turned: bool) -> list[torch.Tensor]:
        return [x.t().to(place) if turned else x.to(place) for x, place in zip(own, places, strict=True)]

    right = {}
    for turned in (False, True):
        shape = (lambda x: x.t()) if turned else (lambda x: x)
        x, y, z, inputs = (given(turned) for _ in range(4))
        dist.all_reduce_multigpu(x)
        dist.reduce_multigpu(y, size - 1, op=dist.reduce_op.MAX)
        dist.broadcast_multigpu(z, size - 1)
        outputs = [[torch.zeros_like(item) for _ in every] for item in inputs]
        dist.all_gather_multigpu(outputs, inputs)
        total, root = shape(torch.stack(every).sum(0)), every[(size - 1) * count]
        highest = shape(every[-1]) if rank == size - 1 else shape(own[0])
        right |= {
            f"all_reduce {turned}": all(torch.equal(item.cpu(), total) for item in x),
            f"reduce {turned}": torch.equal(y[0].cpu(), highest)
            and all(torch.equal(a.cpu(), shape(b)) for a, b in zip(y[1:], own[1:], strict=True)),
            f"broadcast {turned}": all(torch.equal(item.cpu(), shape(root)) for item in z),
            f"all_gather {turned}": all(
                torch.equal(a.cpu(), shape(b)) for row in outputs for a, b in zip(row, every, strict=True)
            ),
        }
    if count > 1:
        twice = failure(lambda: dist.all_reduce_multigpu([x[0]] * count))
        short = failure(lambda: dist.all_gather_multigpu([row[:-1] for row in outputs], inputs))
        right |= {
            "two on one": "two tensors on one device" in twice,
            "too few": f"needs one for each of the {len(every)}" in short,
        }
        elsewhere = failure(lambda: (dist.all_reduce(x[0]), dist.all_reduce(x[1])))
        right["elsewhere"] = "first call in the group had one on" in elsewhere
    return [name for name, fits in right.items() if not fits]


# --- failures -----------------------------------------------------------------------------------------------------------


def _finished(x: torch.Tensor) -> tuple[list[str], float]:
    """A call whose other rank does not come: the device is free again, and what later calls say."""
    started = time.monotonic()
    dist.all_reduce(x)
    x[0].item()
    texts = [failure(lambda: dist.all_reduce(x)), failure(lambda: dist.broadcast(x, 0, async_op=True))]
    return texts, time.monotonic() - started


def killed(rank: int) -> Any:
    x = torch.ones(1 << 24, device=f"cuda:{rank}")
    dist.all_reduce(x)
    dist.barrier()
    if rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    texts, seconds = _finished(x)
    return [*texts, failure(dist.barrier), seconds < 30, (x * 0 + 2).sum().item() == 2 * x.numel()]


def impatience(rank: int) -> Any:
    x = torch.ones(1 << 24, device=f"cuda:{rank}")
    dist.all_reduce(x)
    dist.barrier()
    if rank == 1:
        time.sleep(6)
        return [failure(lambda: dist.all_reduce(x)), failure(dist.barrier)]
    texts, seconds = _finished(x)
    time.sleep(8)  # the other comes at last, and hears of it
    return [*texts, seconds < 20]


def disagreement(rank: int) -> list[str]:
    other = dist.new_group()
    texts = [failure(lambda: dist.all_reduce(torch.ones(4 + rank, device=f"cuda:{rank}"))) for _ in range(2)]
    x = torch.ones(3, device=f"cuda:{rank}")
    dist.all_reduce(x, group=other)  # goes on
    dist.barrier(other)
    return [*texts, str(x.tolist())]


def elsewhere(rank: int) -> list[str]:
    """A device that is not this process's; a group whose world has ended."""
    old = dist.new_group()
    x = torch.ones(2, device="cuda:0")
    dist.all_reduce(x, group=old)
    texts = (
        [failure(lambda: dist.all_reduce(torch.ones(2, device="cuda:1"), group=old))] if torch.cuda.device_count() > 1 else []
    )
    dist.destroy_process_group()
    texts.append(failure(lambda: dist.all_reduce(x)))
    dist.init_process_group("nccl", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    dist.all_reduce(x)
    texts.append(failure(lambda: dist.all_reduce(x, group=old)))
    return [*texts, str(x.tolist())]
