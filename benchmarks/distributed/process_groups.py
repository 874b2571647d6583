"""all_reduce and messages between processes of this machine, beside the gloo of PyTorch.

python benchmarks/distributed/process_groups.py --peer-python /path/to/peer/bin/python
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from common import clean_environment  # noqa: E402

# Name: elements of float32, calls in one span.
SIZES = {"4 B": (1, 1000), "64 KiB": (1 << 14, 300), "16 MiB": (1 << 22, 8)}
SPANS = 3


def rank_main(rank: int, ranks: int, port: int) -> None:
    """One rank of either library: rank 0 prints the best seconds a call of each row, as JSON."""
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=ranks)
    answer = {}
    for name, (count, calls) in SIZES.items():
        x = torch.zeros(count)
        for _ in range(3):
            dist.all_reduce(x)
        spans = []
        for _ in range(SPANS):
            dist.barrier()
            start = time.perf_counter()
            for _ in range(calls):
                dist.all_reduce(x)
            spans.append((time.perf_counter() - start) / calls)
        answer[f"all_reduce {name}"] = min(spans)
        spans = []
        for _ in range(SPANS):
            dist.barrier()
            start = time.perf_counter()
            for _ in range(calls):
                if rank == 0:
                    dist.send(x, 1)
                    dist.recv(x, 1)
                elif rank == 1:
                    dist.recv(x, 0)
                    dist.send(x, 0)
            spans.append((time.perf_counter() - start) / calls / 2)
        answer[f"send and recv {name}"] = min(spans)
    if rank == 0:
        print(json.dumps(answer), flush=True)
    dist.barrier()


def measure(python: str, path: str, ranks: int) -> dict[str, float]:
    """A job of one library: seconds of each row."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment, _ = clean_environment(1)
    if path:
        environment["PYTHONPATH"] = path
    jobs = [
        subprocess.Popen(
            [python, __file__, "--rank", str(rank), "--ranks", str(ranks), "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE if rank == 0 else subprocess.DEVNULL,
            text=True,
        )
        for rank in range(ranks)
    ]
    said, _ = jobs[0].communicate()
    if any(job.wait() != 0 for job in jobs):
        raise SystemExit(f"a rank of {python} failed")
    found: dict[str, float] = json.loads(said)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", help="a Python with PyTorch")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rank is not None:
        rank_main(options.rank, options.ranks, options.port)
        return
    peers = {"ours": (sys.executable, str(ROOT))}
    if options.peer_python:
        peers["PyTorch gloo"] = (options.peer_python, "")
    rounds = [{label: measure(*peer, options.ranks) for label, peer in peers.items()} for _ in range(options.rounds)]
    rows = []
    for name in rounds[0]["ours"]:
        medians = {label: statistics.median(each[label][name] for each in rounds) for label in peers}
        rows.append({"row": name, "seconds": medians})
        ratio = f"  {medians['PyTorch gloo'] / medians['ours']:6.2f}" if options.peer_python else ""
        print(f"{name:24}" + "".join(f"  {label} {seconds * 1e6:10.1f} us" for label, seconds in medians.items()) + ratio)
    if options.json:
        options.json.write_text(json.dumps({"ranks": options.ranks, "rounds": options.rounds, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
