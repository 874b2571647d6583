"""Starts the processes of a job on this machine: `python -m torch.distributed.launch --nproc_per_node=2 train.py ARGUMENTS`.

Each gets MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE in its environment (what init_method="env://" reads), and
`--local_rank=N` as its first argument: which of this machine's processes it is. When one fails the others are ended, and its
exit code is that of the launcher. On several machines, the same command runs on each with its own `--node_rank`.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_GRACE = 5.0  # seconds from SIGTERM to SIGKILL


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m torch.distributed.launch", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--nnodes", type=int, default=1, help="machines (1)")
    parser.add_argument("--node_rank", type=int, default=0, help="which of them this is, 0 .. nnodes-1 (0)")
    parser.add_argument("--nproc_per_node", type=int, default=1, help="processes on each machine (1)")
    parser.add_argument("--master_addr", default="127.0.0.1", help="address of machine 0, where rank 0 listens (127.0.0.1)")
    parser.add_argument("--master_port", type=int, default=29500, help="port there that is free (29500)")
    parser.add_argument("training_script", help="the program that all processes run")
    parser.add_argument("training_script_args", nargs=argparse.REMAINDER, help="its arguments")
    options = parser.parse_args(arguments)
    if options.nnodes < 1 or options.nproc_per_node < 1 or not 0 <= options.node_rank < options.nnodes:
        parser.error("nnodes and nproc_per_node must be 1 or more, and node_rank 0 .. nnodes-1")
    return options


def start(options: argparse.Namespace) -> list[subprocess.Popen[bytes]]:
    """This machine's processes."""
    common = {
        "MASTER_ADDR": options.master_addr,
        "MASTER_PORT": str(options.master_port),
        "WORLD_SIZE": str(options.nnodes * options.nproc_per_node),
    }
    processes = []
    for local in range(options.nproc_per_node):
        rank = options.node_rank * options.nproc_per_node + local
        command = [sys.executable, "-u", options.training_script, f"--local_rank={local}", *options.training_script_args]
        processes.append(subprocess.Popen(command, env=os.environ | common | {"RANK": str(rank)}))
    return processes


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks those that still run to stop, and makes them."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _GRACE
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def watch(processes: Sequence[subprocess.Popen[bytes]]) -> int:
    """The exit code of the first process that fails, or 0 when all have ended well."""
    while True:
        codes = [process.poll() for process in processes]
        failed = next(((local, code) for local, code in enumerate(codes) if code), None)
        if failed is not None:
            local, code = failed
            print(f"launch: process {local} of this machine ended with code {code}; the others are stopped", file=sys.stderr)
            return code if code > 0 else 128 - code
        if all(code == 0 for code in codes):
            return 0
        time.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job and returns its exit code."""
    options = parse(arguments)

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes = start(options)
        return watch(processes)
    except KeyboardInterrupt:
        return 130
    finally:
        end(processes)


if __name__ == "__main__":
    sys.exit(main())
