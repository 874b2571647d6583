"""Whole programs that use a `DataLoader` with workers: interrupted, killed, with other start methods, and without any."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import torch


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def vanish(pids: list[int], seconds: float = 10) -> bool:
    """Whether all these processes end in time."""
    end = time.monotonic() + seconds
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(alive(pid) for pid in pids)


SCRIPT = """
import os, sys, time
import torch
from torch.utils import data

class Slow(data.Dataset):
    def __len__(self): return 100
    def __getitem__(self, i):
        time.sleep(0.05)
        return i

iterator = iter(data.DataLoader(Slow(), 1, num_workers=2))
if os.fork() == 0:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.close(1), os.close(2)  # else the test would read from it to its end
    time.sleep(60)
    os._exit(0)
print(*(worker.process.pid for worker in iterator._workers), flush=True)
for batch in iterator:
    print("batch", flush=True)
"""


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    """A loop over a loader, in a process group of its own as in a terminal."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + SCRIPT
    root = str(Path(torch.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{code}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def workers_of(program: subprocess.Popen[str]) -> list[int]:
    assert program.stdout is not None
    pids = [int(word) for word in program.stdout.readline().split()]
    assert len(pids) == 2 and program.stdout.readline() == "batch\n"
    return pids


def test_interrupted(program: subprocess.Popen[str]) -> None:
    pids = workers_of(program)
    os.killpg(program.pid, signal.SIGINT)
    program.wait(timeout=30)
    assert program.stderr is not None
    errors = program.stderr.read()
    assert program.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")
    assert vanish(pids)


def test_the_main_process_is_killed(program: subprocess.Popen[str]) -> None:
    """Its other child holds copies of every pipe."""
    pids = workers_of(program)
    os.kill(program.pid, signal.SIGKILL)
    program.wait(timeout=30)
    assert vanish(pids)


SPAWNED = """
import os
import torch
from torch.utils import data

class Samples(data.Dataset):
    def __init__(self):
        self.table = torch.arange(300000.0).view(-1, 3).t()[:, ::2].t()
    def __len__(self):
        return 6
    def __getitem__(self, i):
        if i == 5 and os.getpid() != parent and deadly:
            os._exit(3)
        return self.table[i], torch.rand(1).item(), f"n{i}"

class Odd(Exception):
    pass

def collate_fails(batch):
    raise Odd("bad batch")

deadly = False

def become_deadly(number):
    global deadly
    deadly = True

parent = -1

def batches(**options):
    torch.manual_seed(0)
    loader = data.DataLoader(Samples(), 2, shuffle=True, **options)
    return [(rows.tolist(), names) for rows, _, names in loader]

if __name__ == "__main__":
    parent = os.getpid()
    assert batches() == batches(num_workers=2)
    for options in ({"worker_init_fn": become_deadly}, {"collate_fn": collate_fails}):
        try:
            batches(num_workers=1, **options)
        except Exception as error:
            text = str(error)
            print(type(error).__name__, text.splitlines()[0], "Odd: bad batch" in text)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_that_are_not_forked(method: str, tmp_path: Path) -> None:
    root = str(Path(torch.__file__).parents[1])
    script = tmp_path / "spawned.py"
    chosen = f"    import multiprocessing\n    multiprocessing.set_start_method({method!r})\n"
    script.write_text(
        f"import sys\nsys.path.insert(0, {root!r})\n" + SPAWNED.replace("    parent = os", chosen + "    parent = os")
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    dead, raised = done.stdout.splitlines()
    assert dead.startswith("RuntimeError DataLoader worker 0 (pid ") and "exited unexpectedly with exit code 3" in dead
    assert raised.startswith("Odd DataLoader worker 0 (pid ") and raised.endswith("True")


def test_nothing_heavy_without_workers() -> None:
    root = str(Path(torch.__file__).parents[1])
    code = (
        f"import sys; sys.path.insert(0, {root!r})\nimport torch\nfrom torch.utils import data\n"
        "assert [b.tolist() for b in data.DataLoader(range(3), 2)] == [[0, 1], [2]]\n"
        "print(sorted({'multiprocessing', 'numpy', 'ctypes', 'torch.nn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
