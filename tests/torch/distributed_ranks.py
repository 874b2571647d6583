"""Real processes for tests of torch.distributed: each is a rank, runs one function of this file, and tells what came of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import torch
import torch.distributed as dist

DTYPES = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64)
PATIENCE = 60  # seconds for a whole job; reached only where something hangs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _be_rank(
    told: Connection, rank: int, settings: dict[str, Any], body: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    torch.set_num_threads(1)
    try:
        os.environ.update(settings.pop("environment", {}))
        if settings:
            dist.init_process_group(**settings)
        answer: Any = body(rank, *arguments)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    told.send(answer)
    dist.destroy_process_group()


def run(
    size: int, body: Callable[..., Any], *arguments: Any, ranks: list[dict[str, Any]] | None = None, timeout: float = 30
) -> list[Any]:
    """What `body(rank, *arguments)` returns, or the text of its exception, for each rank; None for one that was killed."""
    method = f"tcp://127.0.0.1:{free_port()}"
    usual = {"backend": "gloo", "init_method": method, "world_size": size, "timeout": timeout}
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for rank in range(size):
        here, there = context.Pipe(duplex=False)
        settings = {**usual, "rank": rank} if ranks is None else ranks[rank]
        process = context.Process(target=_be_rank, args=(there, rank, settings, body, arguments))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    answers = [_answer(pipe) for pipe in pipes]
    for process in processes:
        process.join(PATIENCE)
        assert process.exitcode is not None, "a rank hangs"
    return answers


def _answer(pipe: Connection) -> Any:
    assert pipe.poll(PATIENCE), "a rank hangs"
    try:
        return pipe.recv()
    except EOFError:
        return None


def failure(body: Callable[[], Any]) -> str:
    """The text of the RuntimeError that the call raises."""
    try:
        body()
    except RuntimeError as error:
        return str(error)
    return "nothing was raised"


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype and torch.equal(a.double(), b.double())


def ramp(rank: int, count: int, dtype: torch.dtype) -> torch.Tensor:
    """Small whole numbers, exact in every dtype."""
    return (torch.arange(count) % 3 + rank).to(dtype)


# --- collective calls ---------------------------------------------------------------------------------------------------


def reductions(rank: int, size: int) -> list[str]:
    """Names of the cases that went wrong."""
    wrong = []
    everybody = {count: torch.stack([torch.arange(count) % 3 + other for other in range(size)]) for count in (0, 1, 5, 40000)}
    oracles: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        dist.reduce_op.SUM: lambda x: x.sum(0),
        dist.reduce_op.PRODUCT: lambda x: x.prod(0),
        dist.reduce_op.MIN: lambda x: x.min(0)[0],
        dist.reduce_op.MAX: lambda x: x.max(0)[0],
    }
    for dtype in DTYPES:
        for op, oracle in oracles.items():
            for count in (0, 1, 5, 40000):
                expected = oracle(everybody[count]).to(dtype)
                x = ramp(rank, count, dtype)
                dist.all_reduce(x, op=op)
                y = ramp(rank, count, dtype)
                dist.reduce(y, dst=size - 1, op=op)
                kept = expected if rank == size - 1 else ramp(rank, count, dtype)
                if not (same(x, expected) and same(y, kept)):
                    wrong.append(f"{dtype} {op} {count}")
    return wrong


def movements(rank: int, size: int) -> list[str]:
    wrong = []
    for dtype in DTYPES:
        for count in (0, 1, 7, 50000):
            x = ramp(rank, count, dtype)
            parts = [torch.zeros(count).to(dtype) for _ in range(size)]
            dist.all_gather(parts, x)
            right = all(same(part, ramp(other, count, dtype)) for other, part in enumerate(parts))
            collected = [torch.zeros(count).to(dtype) for _ in range(size)] if rank == 1 else None
            dist.gather(x, dst=1, gather_list=collected)
            right = right and all(same(part, ramp(other, count, dtype)) for other, part in enumerate(collected or []))
            dealt = [ramp(other + 2, count, dtype) for other in range(size)] if rank == 0 else None
            dist.scatter(x, src=0, scatter_list=dealt)
            right = right and same(x, ramp(rank + 2, count, dtype))
            dist.broadcast(x, src=size - 1)
            right = right and same(x, ramp(size + 1, count, dtype))
            if not right:
                wrong.append(f"{dtype} {count}")
    return wrong


def strided(rank: int) -> list[bool]:
    """Transposed, sliced, of no dimension, in place of parts of larger tensors; and what is around them stays."""
    base = torch.zeros(300, 400)
    part = base.t()[10:200, ::2]
    part.fill_(rank + 1)
    dist.all_reduce(part)
    scalar = torch.tensor(float(rank))
    dist.all_reduce(scalar)
    parts = [torch.zeros(4, 3).t() for _ in range(2)]
    dist.all_gather(parts, (torch.arange(12.0) + 100 * rank).view(4, 3).t())
    return [
        bool((part == 3).all()) and float(base.sum()) == 3 * part.numel(),
        scalar.item() == 1 and scalar.dim() == 0,
        all(same(each, (torch.arange(12.0) + 100 * other).view(4, 3).t()) for other, each in enumerate(parts)),
    ]


def same_bits(rank: int) -> list[bytes]:
    """The result of sums whose order matters: each rank returns its bytes."""
    generator = torch.Generator().manual_seed(rank)
    answers = []
    for count in (3, 1000, 100003):
        x = torch.randn(count, generator=generator) * 10.0 ** (torch.arange(float(count)) % 7)
        dist.all_reduce(x)
        answers.append(x.numpy().tobytes())
    return answers


def several_groups(rank: int, size: int) -> list[float]:
    """Two halves and everybody, with calls of all in flight at once."""
    halves = [dist.new_group(range(start, size, 2)) for start in range(2)]
    mine, other = halves[rank % 2], halves[1 - rank % 2]
    x, y = torch.full((30000,), rank + 1.0), torch.full((5,), rank + 1.0)
    first = dist.all_reduce(x, group=mine, async_op=True)
    dist.all_reduce(y)
    first.wait()
    untouched = torch.ones(2)
    dist.all_reduce(untouched, group=other)  # none of its members
    dist.barrier(mine)
    return [
        x[0].item(),
        y[0].item(),
        untouched.sum().item(),
        dist.get_rank(mine),
        dist.get_rank(other),
        dist.get_world_size(mine),
    ]


# --- messages -----------------------------------------------------------------------------------------------------------


def ring_of_messages(rank: int, size: int) -> list[Any]:
    """Large ones both ways before anybody receives; from anybody; order."""
    big = torch.full((1 << 20,), float(rank))
    requests = [dist.isend(big, (rank + step) % size) for step in (1, size - 1)]
    got = [torch.zeros(1 << 20) for _ in range(2)]
    if size > 2:
        requests += [dist.irecv(got[i], (rank + step) % size) for i, step in enumerate((1, size - 1))]
    else:
        requests += [dist.irecv(each, 1 - rank) for each in got]
    for request in requests:
        request.wait()
    values = sorted(each[-1].item() for each in got)
    dist.barrier()
    heard = []
    if rank == 0:
        for _ in range(size - 1):
            x = torch.zeros(2, dtype=torch.int64)
            heard.append((dist.recv(x), x[0].item()))
    else:
        dist.send(torch.tensor([10 * rank, 0]), 0)
    return [values, sorted(heard), [request.is_completed() for request in requests]]


def without_waiting(rank: int) -> bool:
    """A large message arrives although both ranks do something else."""
    x = torch.full((1 << 20,), rank + 1.0)
    request = dist.isend(x, 1) if rank == 0 else dist.irecv(x, 0)
    deadline = time.monotonic() + 20
    while not request.is_completed() and time.monotonic() < deadline:
        time.sleep(0.005)
    return request.is_completed() and x[-1].item() == 1


# --- failures -----------------------------------------------------------------------------------------------------------


def killed(rank: int, victim: int) -> list[str]:
    x = torch.ones(100000)
    dist.all_reduce(x)
    if rank == victim:  # not before all are through the first call
        for _ in range(dist.get_world_size() - 1):
            dist.recv(torch.zeros(1))
        os.kill(os.getpid(), signal.SIGKILL)
    dist.send(torch.zeros(1), victim)
    return [failure(lambda: dist.all_reduce(x)), failure(lambda: dist.recv(x, victim)), failure(dist.barrier)]


def disagreement(rank: int) -> list[str]:
    pair, other = dist.new_group([0, 1]), dist.new_group([0, 1])
    texts = [
        failure(lambda: dist.all_reduce(torch.ones(4 + rank), group=pair)),
        failure(lambda: dist.broadcast(torch.ones(3, dtype=DTYPES[6 + rank]), 0, group=other) or dist.barrier(other)),
    ]
    request = dist.isend(torch.ones(3), 1 - rank)
    texts.append(failure(lambda: dist.recv(torch.ones(3, dtype=torch.int32), 1 - rank)))
    request.wait()
    dist.barrier()
    return texts


def impatience(rank: int) -> list[str]:
    if rank == 1:
        time.sleep(1.5)
        return []
    started = time.monotonic()
    texts = [failure(lambda: dist.recv(torch.ones(3), 1)), failure(dist.barrier)]
    return [*texts, str(time.monotonic() - started < 10)]


def forked(rank: int) -> list[Any]:
    """A DataLoader's worker has no part, and its end is not the end of its parent's connections."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(there, f"{dist.is_initialized()} {failure(dist.barrier)}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    said = os.read(here, 4096).decode()
    data = torch.utils.data.TensorDataset(torch.arange(8.0))
    sampler = torch.utils.data.distributed.DistributedSampler(data)
    loader = torch.utils.data.DataLoader(data, batch_size=2, num_workers=1, sampler=sampler)
    total = torch.zeros(1)
    for (batch,) in loader:
        total += batch.sum()
        dist.barrier()
    dist.all_reduce(total)
    return [said, total.item()]


def name_of_job(rank: int, name: float) -> float:
    x = torch.tensor([name])
    dist.all_reduce(x)
    return x.item()
