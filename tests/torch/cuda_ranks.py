"""What each process does in tests of torch.distributed over NCCL, on a CUDA device of its own. See distributed_ranks.py."""

from __future__ import annotations

from typing import Any

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
            parts = [torch.zeros(count, dtype=dtype, device=device) for _ in range(size)]
            dist.all_gather(parts, ramps[rank].to(device))
            total = torch.stack([ramp.long() for ramp in ramps]).sum(0)
            right = {
                "all_reduce": torch.equal(x.cpu().long(), total),
                "reduce": rank != size - 1 or torch.equal(y.cpu().long(), ramps[-1].long()),
                "broadcast": torch.equal(z.cpu().long(), ramps[-1].long()),
                "all_gather": all(torch.equal(a.cpu().long(), b.long()) for a, b in zip(parts, ramps, strict=True)),
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
