"""What each process does in tests of DistributedDataParallel. See distributed_ranks.py."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from distributed_ranks import failure

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

SAMPLES = 12
STEPS = 4


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 3))


def batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(100 + step)
    return torch.randn(SAMPLES, 6), torch.randn(SAMPLES, 3)


def train(model: nn.Module, first: int, stride: int, device: str = "cpu") -> list[torch.Tensor]:
    """Parameters after some steps on every stride-th sample."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for step in range(STEPS):
        x, y = (each.to(device) for each in batch(step))
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x[first::stride]), y[first::stride]).backward()
        optimizer.step()
    return [parameter.data for parameter in model.parameters()]


def joined(rank: int, size: int, bucket: float) -> list[Any]:
    """Each rank begins with other parameters: rank 0's count."""
    model = DistributedDataParallel(network(rank), bucket_cap_mb=bucket)
    return [parameter.numpy() for parameter in train(model, rank, size)]


class Branches(nn.Module):
    """Layers that are used, or not, as one is told."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.always = nn.Linear(3, 3)
        self.left = nn.Linear(3, 3)
        self.right = nn.Linear(3, 3)
        self.never = nn.Linear(3, 3)
        self.frozen = nn.Linear(3, 3)
        for parameter in self.frozen.parameters():
            parameter.requires_grad_(False)

    def forward(self, x: torch.Tensor, right: bool) -> torch.Tensor:
        branch = self.right if right else self.left
        found: torch.Tensor = self.frozen(branch(self.always(x)))
        return found


def placed(rank: int, kind: str) -> str:
    """Each rank has a device of its own."""
    return f"cuda:{rank}" if kind == "cuda" else kind


def unused(rank: int, kind: str = "cpu", bucket: float = 0.0001) -> list[Any]:
    """Rank 0 goes left, rank 1 right; then both left; then both right, so that nobody is on the left any more."""
    device = placed(rank, kind)
    model = DistributedDataParallel(Branches().to(device), bucket_cap_mb=bucket)
    module: Any = model.module
    x = torch.ones(2, 3, device=device)
    model(x, rank == 1).sum().backward()
    gone = [getattr(module, name).weight.grad is None for name in ("always", "left", "right", "never", "frozen")]
    alone = Branches().to(device)
    (alone(x, False).sum() / 2).backward()
    half = torch.equal(module.left.weight.grad, alone.left.weight.grad)
    right = module.right.weight.grad.clone()
    model.zero_grad()
    model(x, False).sum().backward()
    kept = [float(module.right.weight.grad.abs().sum()), torch.equal(module.left.weight.grad, 2 * alone.left.weight.grad)]
    left = module.left.weight.grad.clone()
    model(x, True).sum().backward()
    kept.append(torch.equal(module.left.weight.grad, left))
    return [gone, half, kept, module.always.weight.grad.cpu().numpy().tobytes(), right.cpu().numpy().tobytes()]


def accumulated(rank: int, kind: str = "cpu") -> list[float]:
    device = placed(rank, kind)
    torch.manual_seed(0)
    model = DistributedDataParallel(nn.Linear(2, 1, bias=False).to(device))
    with model.no_sync():
        model(torch.full((1, 2), rank + 1.0, device=device)).sum().backward()
    alone = model.module.weight.grad[0, 0].item()
    model(torch.full((1, 2), 10.0 * (rank + 1), device=device)).sum().backward()
    return [alone, model.module.weight.grad[0, 0].item()]


def buffers(rank: int) -> list[Any]:
    """Statistics of rank 0 rule, in training; an evaluation of one rank alone needs nobody."""
    torch.manual_seed(rank)
    model = DistributedDataParallel(nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5)))
    for _ in range(2):
        model(torch.randn(8, 4)).pow(2).sum().backward()
    model(torch.zeros(8, 4))
    mean = model.module[1].running_mean.numpy().tobytes()
    model.eval()
    if rank == 0:
        model(torch.randn(2, 4))
    loaded = model.state_dict()
    other = nn.DataParallel(nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5)))
    other.load_state_dict(loaded)
    return [mean, sorted(loaded)]


def refusals(rank: int) -> list[str]:
    model = DistributedDataParallel(nn.Embedding(4, 2, sparse=True))
    return [
        failure(lambda: model(torch.tensor([1])).sum().backward()),
        failure(lambda: DistributedDataParallel(nn.ReLU())),
        failure(lambda: DistributedDataParallel(nn.Linear(1, 1), device_ids=[0])),
        failure(lambda: DistributedDataParallel(nn.Linear(1, 1 + rank))),
    ]


def killed_in_backward(rank: int) -> str:
    model = DistributedDataParallel(nn.Linear(300, 300))
    if rank == 1:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    return failure(lambda: model(torch.ones(2, 300)).sum().backward())


def dtypes(rank: int, kind: str = "cpu") -> list[Any]:
    """Three dtypes in one module, each in buckets of its own; calls of the caller between those of the model."""
    device = placed(rank, kind)
    module = nn.Module()
    module.a = nn.Parameter(torch.ones(5, dtype=torch.float64, device=device))
    module.b = nn.Parameter(torch.ones(5, device=device))
    module.c = nn.Parameter(torch.ones(7, dtype=torch.float16, device=device))
    own = (module.a, module.b, module.c)
    module.forward = lambda scale: sum((each.double() * scale).sum() for each in own)  # type: ignore[method-assign]
    model = DistributedDataParallel(module)
    model(rank + 1.0).backward()
    x = torch.ones(1, device=device)
    dist.all_reduce(x)
    model(rank + 1.0).backward()
    found = [each.grad[-1].item() for each in (module.a, module.b, module.c)]
    module.c.grad = None  # and gradients of the caller's own
    module.b.grad = torch.full((5,), 4.0 * rank, device=device)
    model(rank + 1.0).backward()
    return [*found, x.item(), *(each.grad[0].item() for each in (module.a, module.b, module.c))]


def recorded(rank: int) -> list[Any]:
    """Gradients with a history keep it; their values are the averages."""
    torch.manual_seed(0)
    model = DistributedDataParallel(nn.Linear(2, 1, bias=False))
    (model(torch.full((1, 2), rank + 1.0)) ** 2).sum().backward(create_graph=True)
    grad = model.module.weight.grad
    return [grad.requires_grad, grad.detach().view(-1).tolist(), model.module.weight.detach().view(-1).tolist()]
