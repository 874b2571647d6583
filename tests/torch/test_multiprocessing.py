"""`torch.multiprocessing`: tensors in processes of every kind, that end, are killed, or outlive each other."""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import torch
import torch.multiprocessing as mp
from torch import _shared_memory

STRATEGIES = ["file_descriptor", "file_system"]
METHODS = ["fork", "spawn", "forkserver"]
ROOT = str(Path(torch.__file__).parents[1])


def names() -> list[str]:
    """Files in /dev/shm that this process or its children made."""
    pids = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    return [path.name for path in Path("/dev/shm").glob("torch_*") if int(path.name.split("_")[1]) in pids]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> Iterator[str]:
    mp.set_sharing_strategy(request.param)
    yield request.param
    gc.collect()
    left = names()
    mp.set_sharing_strategy("file_descriptor")
    assert left == []


def test_names() -> None:
    assert set(multiprocessing.__all__) <= set(mp.__all__) and all(hasattr(mp, name) for name in mp.__all__)
    assert mp.get_all_sharing_strategies() == set(STRATEGIES) and mp.get_sharing_strategy() == "file_descriptor"
    with pytest.raises(ValueError, match=r"new_strategy, 'shm': must be 'file_descriptor' or 'file_system'"):
        mp.set_sharing_strategy("shm")


def double(work: Any, done: Any) -> None:
    """Writes into what it receives, and sends back what it is."""
    for message in iter(work.recv, None):
        rows, column, scalar, empty, weight, storage, parts = message
        facts = (column.stride(), scalar.item(), tuple(empty.size()), type(weight), weight.requires_grad, column.is_shared())
        same = rows.storage().data_ptr() == column.storage().data_ptr() == storage.data_ptr()
        with torch.no_grad():
            rows.mul_(2)
            weight.fill_(7)
            parts["half"].fill_(3)
        done.send((facts, same, column))


@pytest.mark.parametrize("method", METHODS)
def test_both_sides_see_writes(method: str, strategy: str) -> None:
    context = mp.get_context(method)
    (there, work), (done, back) = context.Pipe(), context.Pipe()
    process = context.Process(target=double, args=(work, back))
    process.start()
    before = descriptors()
    rows = torch.arange(6.0).view(2, 3)
    weight, half = torch.nn.Parameter(torch.ones(100, 3)), torch.zeros(5).half()
    for expected in (2.0, 4.0):
        column = rows.t()[1:, 1]
        there.send((rows, column, torch.tensor(5), torch.zeros(0, 4), weight, rows.storage(), {"half": half}))
        facts, same, again = done.recv()
        assert facts == ((1,), 5, (0, 4), torch.nn.Parameter, True, True) and same
        assert rows.tolist() == [[0, expected, 2 * expected], [3 * expected, 4 * expected, 5 * expected]]
        assert again.tolist() == column.tolist() and again.data_ptr() == column.data_ptr()
        assert weight.sum().item() == 2100 and half.tolist() == [3] * 5
    there.send(None)
    process.join()
    assert process.exitcode == 0
    del rows, column, again, weight, half
    gc.collect()
    # The resource sharer's socket and what wakes its thread stay.
    assert descriptors() <= before + 4


def give(queue: Any, count: int) -> None:
    for i in range(count):
        queue.put(torch.full((1000,), i))


@pytest.mark.parametrize("method", METHODS)
def test_a_receiver_outlives_its_sender(method: str, strategy: str) -> None:
    """The sender returns at once; what it sent is used after its end."""
    context = mp.get_context(method)
    queue = context.Queue()
    process = context.Process(target=give, args=(queue, 3))
    process.start()
    received = [queue.get() for _ in range(3)]
    process.join()
    assert process.exitcode == 0 and [x.sum().item() for x in received] == [0, 1000, 2000]
    received[0].fill_(1)
    again = context.SimpleQueue()
    again.put(received[0])
    assert again.get().data_ptr() == received[0].data_ptr()


def test_received_after_the_sender_has_ended() -> None:
    """By name that works; a descriptor went with the sender, which is said."""
    for strategy in STRATEGIES:
        mp.set_sharing_strategy(strategy)
        there, here = mp.get_context("fork").Pipe()
        child = os.fork()
        if child == 0:
            there.send(torch.ones(1000))
            os._exit(0)
        os.waitpid(child, 0)
        if strategy == "file_system":
            assert here.recv().sum().item() == 1000
        else:
            with pytest.raises(RuntimeError, match=rf"process {child}, which sent it, has ended.*Receive before you join"):
                here.recv()
    mp.set_sharing_strategy("file_descriptor")
    assert list(Path("/dev/shm").glob(f"torch_{child}_*")) == []


def add_many(x: torch.Tensor, count: int) -> torch.Tensor:
    for _ in range(count):
        x += 1
    return x


def test_pool(strategy: str) -> None:
    """Arguments and results, of workers that end after each task."""
    x = torch.zeros(1000)
    with mp.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        results = [pool.apply(add_many, (x, 5)) for _ in range(3)]
        pool.close()
        pool.join()
    assert x.tolist() == [15] * 1000 and all(result.data_ptr() == x.data_ptr() for result in results)


def train(model: torch.nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(200):
        x = torch.randn(16, 3)
        optimizer.zero_grad()
        ((model(x) - x.sum(1, True)) ** 2).mean().backward()
        optimizer.step()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_train_one_model(method: str) -> None:
    model = torch.nn.Linear(3, 1)
    assert model.share_memory() is model and all(p.is_shared() for p in model.parameters())
    context = mp.get_context(method)
    processes = [context.Process(target=train, args=(model, seed)) for seed in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    weight, bias = model.weight.tolist()[0], model.bias.item()
    assert weight == pytest.approx([1, 1, 1], abs=0.01) and bias == pytest.approx(0, abs=0.01)


def test_what_cannot_be_sent() -> None:
    there, here = mp.Pipe()
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor which requires_grad.*detach"):
        there.send(x * 2)
    there.send((x * 2).detach())
    assert here.recv().tolist() == [2, 2]
    array = x.detach().numpy()
    with pytest.raises(RuntimeError, match=r"\[share\] storage: an array or another storage looks at its memory"):
        there.send(x)
    base = torch.FloatStorage([1, 2, 3]).share_memory_()
    assert base[1:].is_shared()
    with pytest.raises(RuntimeError, match="share a clone"):
        there.send(base[1:])
    assert array.tolist() == [1, 1] and not here.poll()


def test_arrays_become_shared() -> None:
    there, here = mp.Pipe()
    x = torch.from_numpy(np.arange(3.0))
    there.send(x)
    here.recv().fill_(4)
    assert x.tolist() == [4, 4, 4]


def test_a_shared_file_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a file"
    storage = torch.FloatStorage.from_file(str(path.touch() or path), shared=True, size=4)
    assert storage.is_shared()
    there, here = mp.Pipe()
    there.send(storage)
    here.recv().fill_(2)
    assert np.fromfile(path, "float32").tolist() == [2, 2, 2, 2]


def test_sparse_tensors_travel() -> None:
    there, here = mp.Pipe()
    there.send(torch.sparse_coo_tensor(torch.tensor([[0, 2]]), torch.tensor([3.0, 4.0]), (3,)))
    assert here.recv().to_dense().tolist() == [3, 0, 4]


def test_out_of_descriptors() -> None:
    code = """
import resource, torch
resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
kept = []
try:
    for _ in range(100):
        kept.append(torch.zeros(10).share_memory_())
except RuntimeError as error:
    print(len(kept) > 20, error)
del kept[:]
import torch.multiprocessing as mp
mp.set_sharing_strategy("file_system")
kept = [torch.zeros(10).share_memory_() for _ in range(100)]
print(len(kept))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    first, second = done.stdout.splitlines()
    assert first.startswith("True [share_memory_] storage, 40 bytes: Too many open files") and "'file_system'" in first
    assert second == "100" and done.stderr == ""


def test_no_room(strategy: str) -> None:
    if strategy == "file_system":
        with pytest.raises(RuntimeError, match=r"/dev/shm is full|File too large"):
            _shared_memory.create(1 << 60)
    else:
        with pytest.raises(RuntimeError, match=r"Cannot allocate memory|File too large"):
            _shared_memory.create(1 << 60)


KILLED = """
import os, signal, sys, time
import torch, torch.multiprocessing as mp

def exchange(queue, back):
    mine = torch.ones(1000).share_memory_()
    back.put(mine)
    theirs = queue.get()
    back.put(theirs)
    time.sleep(60)

if __name__ == "__main__":
    mp.set_sharing_strategy({strategy!r})
    context = mp.get_context({method!r})
    queue, back = context.SimpleQueue(), context.SimpleQueue()
    child = context.Process(target=exchange, args=(queue, back), daemon=True)
    child.start()
    x = torch.zeros(1000)
    queue.put(x)
    theirs, again = back.get(), back.get()
    queue.put(x)  # nobody will receive it
    print(os.getpid(), child.pid, flush=True)
    if {victim!r} == "main":
        os.kill(os.getpid(), signal.SIGKILL)
    if {victim!r} == "child":
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert theirs.sum().item() == 1000 and again.fill_(1) is again and x.sum().item() == 1000
"""


@pytest.mark.parametrize("victim", ["nobody", "child", "main"])
@pytest.mark.parametrize(
    ("method", "strategy"), [("fork", "file_descriptor"), ("fork", "file_system"), ("spawn", "file_system")]
)
def test_nothing_is_left_behind(method: str, strategy: str, victim: str, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(f"import sys\nsys.path.insert(0, {ROOT!r})\n" + KILLED.format_map(locals()))
    # The pipe ends with the last process that holds it: the tracker, when it has cleaned up.
    done = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.stdout is not None and done.stderr is not None
    pids = done.stdout.readline().split()
    done.wait(60)
    if victim == "main":
        os.kill(int(pids[1]), signal.SIGKILL)
    errors = done.stderr.read()
    done.stdout.close(), done.stderr.close()
    assert done.returncode == (-signal.SIGKILL if victim == "main" else 0), errors
    assert [name for pid in pids for name in Path("/dev/shm").glob(f"torch_{pid}_*")] == []
    assert "Traceback" not in errors
    if strategy == "file_descriptor":
        assert errors == ""
    elif errors:
        assert re.search(r"leaked shared_memory objects", errors)


def test_a_forked_copy_leaves_names_alone() -> None:
    mp.set_sharing_strategy("file_system")
    try:
        x = torch.zeros(10).share_memory_()
        child = os.fork()
        if child == 0:
            try:
                x.fill_(1)
                del x
                gc.collect()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        there, here = mp.Pipe()
        there.send(x)
        assert here.recv().tolist() == [1] * 10
        del x
        assert names() == []
    finally:
        mp.set_sharing_strategy("file_descriptor")


def test_output_of_cat_and_stack() -> None:
    parts = [torch.arange(6.0).view(2, 3), torch.ones(2, 3)]
    for call in (torch.cat, torch.stack):
        for dim in (0, 1, -1):
            out = torch.full((100,), 9)
            assert call(parts, dim, out=out) is out and out.tolist() == call(parts, dim).tolist()
            written = torch.empty(call(parts, dim).size()).share_memory_()
            address = written.data_ptr()
            assert call(parts, dim, out=written).data_ptr() == address
    with pytest.raises(RuntimeError, match="out"):
        torch.cat([torch.ones(2, requires_grad=True)], out=torch.zeros(2))
    with pytest.raises(RuntimeError, match="shares memory"):
        torch.stack([parts[0]], out=parts[0])
