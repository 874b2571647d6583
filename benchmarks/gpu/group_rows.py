"""torch.distributed over NCCL and DistributedDataParallel on two GPUs, this torch beside PyTorch.

Each package runs as two processes with a device each, and answers for one row at a time, turn about: warm-up, then a loop that
ends with a synchronisation. The table has medians over rounds. For collective calls, bytes are those that NCCL's tests count as
the bus's for two: the size itself. float32 means float32 on both sides (TF32 is off).

    python benchmarks/gpu/group_rows.py [--json FILE] [--rounds 5] [--only TEXTS]

PYTHONPATH must not hold this tree: it is added here.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from turns import medians, text, visible_devices

ROOT = Path(__file__).resolve().parents[2]

_SIZES = {"1 KiB": 1 << 10, "16 KiB": 1 << 14, "256 KiB": 1 << 18, "4 MiB": 1 << 22, "64 MiB": 1 << 26, "1 GiB": 1 << 30}
_EXCHANGE = "dist.send(x, 1) if rank == 0 else dist.recv(x, 0)"
_ONE_WAY = "dist.all_reduce(x, async_op=True).wait()"
_PARTS = "x = torch.rand({}, device='cuda'); parts = [torch.empty_like(x) for _ in range(2)]"
_MLP = """
l, relu = torch.nn.Linear, torch.nn.ReLU
m = torch.nn.Sequential(l(1024, 4096), relu(), l(4096, 4096), relu(), l(4096, 4096), relu(), l(4096, 10)).cuda()
x, t = torch.rand(2048, 1024, device='cuda'), torch.zeros(2048, dtype=torch.int64, device='cuda')
"""
_CONVOLUTIONS = """
def block(i, o, s):
    c, b, r = torch.nn.Conv2d, torch.nn.BatchNorm2d, torch.nn.ReLU
    return [c(i, o, 3, s, 1, bias=False), b(o), r(), c(o, o, 3, 1, 1, bias=False), b(o), r()]
class Flat(torch.nn.Module):
    def forward(self, x):
        return x.mean(3).mean(2)
layers = [*block(3, 64, 1), *block(64, 128, 2), *block(128, 256, 2), *block(256, 512, 2), *block(512, 512, 1)]
m = torch.nn.Sequential(*layers, Flat(), torch.nn.Linear(512, 10)).cuda()
x, t = torch.rand(128, 3, 32, 32, device='cuda'), torch.zeros(128, dtype=torch.int64, device='cuda')
"""
_ALONE = "o = torch.optim.SGD(m.parameters(), lr=0.01)\n"
_WRAPPED = "m = torch.nn.parallel.DistributedDataParallel(m, device_ids=[rank])\n" + _ALONE
_STEP = "o.zero_grad(); torch.nn.functional.cross_entropy(m(x), t).backward(); o.step()"

# name: (set-up, statement, bytes of the bus or 0).
ROWS: dict[str, tuple[str, str, int]] = {
    **{f"all_reduce {n}": (f"x = torch.rand({b // 4}, device='cuda')", "dist.all_reduce(x)", b) for n, b in _SIZES.items()},
    "all_reduce 16 KiB, async_op": ("x = torch.rand(4096, device='cuda')", _ONE_WAY, 1 << 14),
    "broadcast 64 MiB": ("x = torch.rand(1 << 24, device='cuda')", "dist.broadcast(x, 0)", 1 << 26),
    "reduce 64 MiB": ("x = torch.rand(1 << 24, device='cuda')", "dist.reduce(x, 0)", 1 << 26),
    "all_gather 64 MiB": (_PARTS.format(1 << 23), "dist.all_gather(parts, x)", 1 << 25),
    "send and recv 16 KiB": ("x = torch.rand(4096, device='cuda')", _EXCHANGE, 1 << 14),
    "send and recv 256 MiB": ("x = torch.rand(1 << 26, device='cuda')", _EXCHANGE, 1 << 28),
    "MLP of 150 MB, alone": (_MLP + _ALONE, _STEP, 0),
    "MLP of 150 MB": (_MLP + _WRAPPED, _STEP, 0),
    "convolutions of 37 MB, alone": (_CONVOLUTIONS + _ALONE, _STEP, 0),
    "convolutions of 37 MB": (_CONVOLUTIONS + _WRAPPED, _STEP, 0),
}


def serve(rank: int, port: int) -> None:
    """Answers a row's name with seconds for one call, until the input ends; rank 0 says how many calls there are."""
    import torch
    import torch.distributed as dist

    torch.cuda.set_device(rank)
    method, patience = f"tcp://127.0.0.1:{port}", timedelta(seconds=60)
    dist.init_process_group("nccl", init_method=method, rank=rank, world_size=2, timeout=patience)
    torch.backends.cudnn.allow_tf32 = False
    for line in sys.stdin:
        setup, statement, _ = ROWS[line.strip()]
        names: dict[str, Any] = {"torch": torch, "dist": dist, "rank": rank}
        try:
            exec(setup, names)
            print(measure(compile(statement, "row", "exec"), names, torch, dist), flush=True)
        except (AttributeError, RuntimeError, TypeError) as error:
            print("failed: " + " ".join(str(error).split()), flush=True)
        names.clear()
        torch.cuda.empty_cache()
    torch.cuda.synchronize()
    dist.destroy_process_group()


def measure(code: Any, names: dict[str, Any], torch: Any, dist: Any) -> float:
    """Seconds for one call, from a loop of about 50 ms, as long on both ranks."""

    def spend(count: int) -> float:
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(count):
            exec(code, names)
        torch.cuda.synchronize()
        return (time.perf_counter() - begin) / count

    spend(3)
    count = torch.tensor([max(1, min(2000, int(0.05 / spend(2))))], device="cuda")
    dist.broadcast(count, 0)
    return spend(int(count.item()))


class Side:
    """Two processes that measure one of the two packages called torch."""

    def __init__(self, *, ours: bool) -> None:
        path = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and Path(part).resolve() != ROOT]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *path] if ours else path)}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, __file__, "--port", str(port), "--serve"]
        self._processes = [
            subprocess.Popen(
                [*command, str(rank)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd="/"
            )
            for rank in range(2)
        ]

    def ask(self, row: str) -> float | str:
        """Seconds of the slower rank, or why there are none."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(row + "\n")
            process.stdin.flush()
        answers = [process.stdout.readline().strip() for process in self._processes if process.stdout is not None]
        failed = next((answer for answer in answers if not answer[:1].isdigit()), None)
        return max(map(float, answers)) if failed is None else failed or "the process ended"

    def end(self) -> None:
        """Both leave."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def compare(row: str, sides: tuple[Side, Side], rounds: int) -> dict[str, Any]:
    """Both sides' medians, turn about; a side that failed is not asked again."""
    answers: tuple[list[float | str], list[float | str]] = ([], [])
    for _ in range(rounds):
        for side, found in zip(sides, answers, strict=True):
            if not (found and isinstance(found[-1], str)):
                found.append(side.ask(row))
    return medians(row, ROWS[row][2], answers)


def main() -> None:
    """Prints the table and writes it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose names hold one of these texts, separated by commas")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve, arguments.port)
        return
    devices = visible_devices()
    device = devices[0].split(" (")[0]
    print(f"{device}, {len(devices)} in all\n{'':38} {'ours':>10} {'PyTorch':>10}     ratio")
    sides = (Side(ours=True), Side(ours=False))
    results = []
    for row in (name for name in ROWS if any(part in name for part in arguments.only.split(","))):
        results.append(compare(row, sides, arguments.rounds))
        print(text(results[-1], width=38, digits=1, most=120), flush=True)
    for side in sides:
        side.end()
    if arguments.json:
        arguments.json.write_text(json.dumps({"device": device, "devices": len(devices), "rows": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
