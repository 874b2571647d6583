"""Device memory between processes: `torch.multiprocessing` and events."""

from __future__ import annotations

import gc
import os
import time
from typing import Any

import pytest

import torch
import torch.multiprocessing as mp
from torch.multiprocessing import _device_memory

from .test_cuda import needs_gpu

pytestmark = needs_gpu


def add_one(tensors: Any, done: Any, go: Any) -> None:
    for x in tensors:
        assert x.is_cuda and x.is_shared()
        x.add_(1)
    torch.cuda.synchronize()
    done.put([x.tolist() for x in tensors])
    go.wait(60)


@pytest.fixture
def context() -> Any:
    return mp.get_context("spawn")


def claims() -> int:
    _device_memory.collect()
    return len(_device_memory._claimed)


def test_both_see_writes_and_memory_comes_back(context: Any) -> None:
    before = claims()
    whole = torch.zeros(4, 6, device="cuda")
    numbers = torch.arange(5, device="cuda")
    tensors = [whole, whole[1:3, ::2], numbers, torch.nn.Parameter(torch.ones(2, device="cuda")).detach(), whole.new_empty(0)]
    done, go = context.Queue(), context.Event()
    process = context.Process(target=add_one, args=(tensors, done, go))
    process.start()
    received = done.get(timeout=120)
    assert received[2] == [1, 2, 3, 4, 5] == numbers.tolist()
    assert whole.sum().item() == 24 + 6 and whole[1].tolist() == [2, 1, 2, 1, 2, 1]  # a view of the same memory
    assert claims() > before
    go.set()
    process.join(60)
    assert process.exitcode == 0
    assert claims() == before


def receive(queue: Any, back: Any) -> None:
    x = queue.get()
    try:
        back.put(x)
        back.close()
        back.join_thread()
    except RuntimeError:
        pass
    x.fill_(7)
    torch.cuda.synchronize()
    total = float((x.double() * 2).sum())
    del x
    gc.collect()
    queue.get()  # let go before the end
    os._exit(0 if total == 14.0 * (1 << 20) else 9)


def test_a_queue_and_a_receiver_that_lets_go(context: Any) -> None:
    before = claims()
    queue, back = context.Queue(), context.Queue()
    process = context.Process(target=receive, args=(queue, back))
    process.start()
    x = torch.ones(1 << 20, dtype=torch.float64, device="cuda")
    place, held = x.data_ptr(), torch.cuda.memory_allocated()
    queue.put(x)
    deadline = time.monotonic() + 120
    while x[-1].item() != 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    del x
    while claims() > before and time.monotonic() < deadline:  # the receiver has let go
        time.sleep(0.01)
    assert claims() == before and torch.cuda.memory_allocated() == held - (8 << 20)
    assert torch.empty(1 << 20, dtype=torch.float64, device="cuda").data_ptr() == place
    queue.put(None)
    process.join(60)
    assert process.exitcode == 0


def hold_until_killed(queue: Any, done: Any) -> None:
    kept = queue.get()
    done.put(float(kept.sum()))
    time.sleep(600)


def test_a_killed_receiver_holds_nothing(context: Any) -> None:
    before = claims()
    queue, done = context.Queue(), context.Queue()
    process = context.Process(target=hold_until_killed, args=(queue, done))
    process.start()
    queue.put(torch.ones(1000, device="cuda"))
    assert done.get(timeout=120) == 1000
    assert claims() == before + 1
    process.kill()
    process.join(60)
    assert claims() == before


def test_within_one_process_it_is_the_same_storage(context: Any) -> None:
    there, here = context.Pipe()
    x = torch.arange(3.0, device="cuda")
    there.send(x)
    y = here.recv()
    y[0] = 9
    assert x.tolist() == [9, 1, 2] and y.data_ptr() == x.data_ptr()


def share_again(queue: Any, done: Any) -> None:
    x = queue.get()
    try:
        torch._C.cuda.ipc_export(x)
    except RuntimeError as error:
        done.put(str(error))
    try:
        x.resize_(10_000)
    except RuntimeError as error:
        done.put(str(error))


def test_received_memory_is_its_senders(context: Any) -> None:
    queue, done = context.Queue(), context.Queue()
    process = context.Process(target=share_again, args=(queue, done))
    process.start()
    x = torch.ones(5, device="cuda")
    queue.put(x)
    assert "share a clone" in done.get(timeout=120)
    assert "cannot be resized" in done.get(timeout=60)
    process.join(60)
    assert process.exitcode == 0


def test_what_cannot_be_shared() -> None:
    with pytest.raises(RuntimeError, match=r"\[ipc\] storage: it is in memory of the host"):
        torch._C.cuda.ipc_export(torch.ones(2))
    with pytest.raises(RuntimeError, match="no bytes"):
        torch._C.cuda.ipc_export(torch.ones(0, device="cuda"))
    with pytest.raises(ValueError, match="no handle"):
        torch._C.cuda.ipc_import(b"abc", torch.float32, -1)
    handle = torch._C.cuda.ipc_export(torch.ones(2, device="cuda"))
    with pytest.raises(IndexError, match="a device that this process does not have"):
        torch._C.cuda.ipc_import(bytes(16) + handle[16:], torch.float32, -1)
    with pytest.raises(RuntimeError, match="while the process that shares it lives, and only in other processes"):
        torch._C.cuda.ipc_import(handle, torch.float32, -1)
    x = torch.ones(2, device="cuda", requires_grad=True)
    with pytest.raises(RuntimeError, match="non-leaf"):
        mp.Pipe()[0].send(x * 2)
    assert x.share_memory_() is x and x.is_shared() and torch.nn.Linear(2, 2).cuda().share_memory().weight.is_shared()


class OnTheDevice:
    """A data set whose tensors, and those of its batches, are on a device."""

    def __init__(self) -> None:
        self.table = torch.arange(24.0, device="cuda").view(4, 6)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> torch.Tensor:
        assert self.table.is_cuda
        self.table[i, 0] = 100 + i
        return self.table[i]


def test_loaders_take_tensors_of_devices() -> None:
    dataset = OnTheDevice()
    loader = torch.utils.data.DataLoader(dataset, 2, num_workers=1, multiprocessing_context="spawn")
    batches = list(loader)
    assert [batch.is_cuda for batch in batches] == [True, True]
    assert torch.cat(batches).tolist() == dataset.table.tolist() and dataset.table[3, 0].item() == 103


def test_loaders_pin_what_they_load() -> None:
    """And their workers, forked from a process that uses devices, do without them."""
    torch.cuda.init()
    rows = [torch.full((3,), float(i)) for i in range(6)]
    for batch in torch.utils.data.DataLoader(rows, 2, num_workers=2, pin_memory=True):
        assert batch.is_pinned()
        moved = batch.to("cuda", non_blocking=True)
        assert moved.tolist() == batch.tolist()
    sample = {"x": torch.ones(2), "parts": (torch.zeros(1), 3), "name": "a"}
    (mixed,) = torch.utils.data.DataLoader([sample, sample], 2, pin_memory=True)
    assert mixed["x"].is_pinned() and all(part.is_pinned() for part in mixed["parts"]) and mixed["name"] == ["a", "a"]


def test_dlpack_there_and_back() -> None:
    from torch.utils import dlpack

    x = torch.arange(6.0, device="cuda").view(2, 3)
    for source in (x, x.t(), x[:, 1], x[:0], x.half(), x.long()):
        for back in (dlpack.from_dlpack(source), dlpack.from_dlpack(dlpack.to_dlpack(source))):
            assert back.is_cuda and back.dtype == source.dtype and torch.equal(back, source)
            assert source.numel() == 0 or back.data_ptr() == source.data_ptr()
    y = dlpack.from_dlpack(x)
    y.add_(1)
    assert x[1, 2].item() == 6 and x.__dlpack_device__() == (2, 0)
    with pytest.raises(RuntimeError, match="borrowed"):
        y.resize_(100)
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        z = torch.full((1 << 20,), 2.0, device="cuda")
        capsule = z.__dlpack__(stream=1)
    assert dlpack.from_dlpack(capsule).sum().item() == 2 << 20
    del x, z
    assert y[1, 2].item() == 6


def wait_for(handle: bytes, x: Any, done: Any) -> None:
    event = torch.cuda.Event(_handle=handle)
    event.synchronize()
    done.put((event.query(), float(x.max())))


def test_events_of_other_processes(context: Any) -> None:
    event = torch.cuda.Event(interprocess=True)
    x = torch.zeros(1000, device="cuda")
    x.fill_(3)
    event.record()
    done = context.Queue()
    process = context.Process(target=wait_for, args=(event.ipc_handle(), x, done))
    process.start()
    assert done.get(timeout=120) == (True, 3.0)
    process.join(60)
    assert process.exitcode == 0
    with pytest.raises(ValueError, match="measures no time"):
        torch.cuda.Event(enable_timing=True, interprocess=True)
    with pytest.raises(RuntimeError, match="ipc_handle"):
        torch.cuda.Event().ipc_handle()
