"""CUDA devices as such: memory, streams, threads and processes, and work on two of them."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

import torch

from .test_cuda import layouts, needs_gpu, same

# --- devices, memory, order --------------------------------------------------------------------------------------------------


@needs_gpu
def test_mixed_places_are_refused() -> None:
    with pytest.raises(RuntimeError, match="cpu and cuda:0|cuda:0 and cpu"):
        torch.ones(2) + torch.ones(2, device="cuda")
    with pytest.raises((RuntimeError, IndexError), match="invalid device ordinal"):
        torch.ones(2, device="cuda:63")
    with pytest.raises((TypeError, RuntimeError), match="CUDA"):
        torch.ones(2, device="cuda").numpy()


@needs_gpu
def test_scalars_of_the_host_mix_with_tensors_of_a_device() -> None:
    def together(x: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        return ((s - x * s) / s + x**s).max(s * 0.1)

    grads = []
    for device in ("cpu", "cuda"):
        x = torch.tensor([1.5, 2.0, 0.5], dtype=torch.float64, device=device, requires_grad=True)
        v = torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)
        y = together(x, v.sum())  # a scalar of the host, by way of a gradient of its own
        assert y.device.type == device
        y.sum().backward()
        assert v.grad.device.type == "cpu" and x.grad.device.type == device
        grads.append((y.tolist(), x.grad.tolist(), v.grad.tolist()))
    assert [pytest.approx(row, rel=1e-14) for row in grads[0]] == list(grads[1])
    s = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(together, (x.detach().requires_grad_(), s))

    n, two = torch.arange(0, 5, device="cuda"), torch.tensor(2)
    assert (n % two).tolist() == [0, 1, 0, 1, 0] and (two < n).tolist() == [0, 0, 0, 1, 1]
    assert (n << two).tolist() == [0, 4, 8, 12, 16] and n.add_(two).tolist() == [2, 3, 4, 5, 6]
    big = torch.tensor((1 << 60) + 1)
    assert (torch.zeros(1, dtype=torch.int64, device="cuda") + big).tolist() == [(1 << 60) + 1]
    for refused in (lambda: two.add_(n[0]), lambda: n + torch.ones(1, dtype=torch.int64), lambda: torch.add(n, n, out=two)):
        with pytest.raises(RuntimeError, match="cpu and cuda:0|cuda:0 and cpu"):
            refused()
    with pytest.raises(RuntimeError, match="dtype"):
        n + torch.tensor(2.0)


@needs_gpu
def test_memory_is_kept_and_given_back() -> None:
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    x = torch.empty(1 << 20, device="cuda")
    assert torch.cuda.memory_allocated() == before + (4 << 20)
    place = x.data_ptr()
    del x
    assert torch.cuda.memory_allocated() == before
    assert torch.empty(1 << 20, device="cuda").data_ptr() == place
    assert torch.cuda.memory_cached() > 0
    torch.cuda.empty_cache()


@needs_gpu
def test_out_of_memory_is_an_exception_that_counts() -> None:
    with pytest.raises((RuntimeError, MemoryError), match="out of memory on cuda:0: asked for"):
        torch.empty(1 << 40, device="cuda")
    assert torch.ones(3, device="cuda").tolist() == [1, 1, 1]


@needs_gpu
def test_streams_and_events() -> None:
    side = torch.cuda.Stream()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    x = torch.ones(1 << 20, device="cuda")
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        assert torch.cuda.current_stream() == side
        start.record()
        for _ in range(10):
            x.add_(1)
        end.record()
    assert torch.cuda.current_stream() != side
    torch.cuda.current_stream().wait_stream(side)
    assert x[-1].item() == 11
    end.synchronize()
    assert end.query() and start.elapsed_time(end) > 0


@needs_gpu
def test_memory_waits_for_streams_that_were_named() -> None:
    torch.cuda.empty_cache()
    side = torch.cuda.Stream()
    x = torch.ones(1 << 24, device="cuda")
    place, total = x.data_ptr(), torch.zeros(1 << 24, device="cuda")
    busy = torch.ones(4096, 4096, device="cuda")
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(40):
            busy = busy @ busy * 1e-4
        total.add_(x)
    x.record_stream(side)
    del x
    assert not side.query()  # still at work when the memory is asked for again
    again = torch.full((1 << 24,), 5.0, device="cuda")
    assert again.data_ptr() != place
    side.synchronize()
    assert total.min().item() == total.max().item() == 1
    later = torch.empty(1 << 24, device="cuda")
    assert later.data_ptr() == place  # and then it serves
    later.record_stream(side)
    del side  # the tensor may outlive its user
    del later, again, total, busy
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    with pytest.raises(RuntimeError, match=r"\[record_stream\] self: a tensor of the host"):
        torch.ones(2).record_stream(torch.cuda.current_stream())


@needs_gpu
def test_a_profile_has_the_times_of_the_device() -> None:
    x = torch.rand(4096, 4096, device="cuda", requires_grad=True)
    x.mm(x).sum().backward()  # cuBLAS is opened
    with torch.autograd.profiler.profile(use_cuda=True) as prof:
        y = x.mm(x)
        torch.ones(2)  # of the host
        y.sum().backward()
    averages = {average.key: average for average in prof.key_averages()}
    assert {"mm", "ones", "sum", "MmBackward"} <= set(averages)
    assert averages["mm"].cuda_time > 500 and averages["MmBackward"].cuda_time > 1.5 * averages["mm"].cuda_time
    assert averages["mm"].cuda_time > averages["mm"].cpu_time  # the call only starts it
    assert "CUDA total" in prof.table() and prof.total_average().cuda_time_total > averages["mm"].cuda_time
    with torch.autograd.profiler.profile() as prof:
        x.exp()
    assert "CUDA total" not in prof.table()


@needs_gpu
def test_threads_share_a_device() -> None:
    results: list[float] = []

    def work(k: int) -> None:
        x = torch.full((1000,), float(k), device="cuda")
        for _ in range(50):
            x = x + 1
        results.append(x[0].item() - k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [50] * 8


@needs_gpu
def test_a_forked_child_is_told() -> None:
    program = (
        "import os, torch\ntorch.ones(1, device='cuda')\npid = os.fork()\n"
        "if pid == 0:\n    try:\n        torch.ones(1, device='cuda')\n    except RuntimeError as error:\n"
        "        os._exit(7 if 'spawn' in str(error) else 8)\n    os._exit(9)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# --- two devices -------------------------------------------------------------------------------------------------------------

needs_two = pytest.mark.skipif(torch.cuda.device_count() < 2, reason="fewer than two CUDA devices")


@needs_two
def test_copies_between_devices() -> None:
    x = torch.arange(0, 42).view(6, 7)
    for form in layouts(x):
        first = form.to("cuda:0")
        second = first.to("cuda:1")
        assert second.device == torch.device("cuda:1") and same(second, form)
        assert same(second.to("cuda:0", torch.float64), form.double())
    target = torch.zeros(7, 6, device="cuda:1").t()
    target.copy_(x.float().to("cuda:0"))
    assert same(target, x.float())
    large = torch.rand(1 << 22, device="cuda:0")
    for _ in range(20):  # memory serves again while copies of it still run
        moved = (large + 1).to("cuda:1") - 1
        assert float((moved - large.to("cuda:1")).abs().max()) < 1e-6


@needs_two
def test_work_goes_where_the_tensors_are() -> None:
    assert torch.cuda.current_device() == 0
    x = torch.rand(64, 64, device="cuda:1")
    y = torch.nn.Linear(64, 8).to("cuda:1")(x)
    y.sum().backward()
    assert y.device == torch.device("cuda:1") and torch.cuda.current_device() == 0
    assert same((x @ x).sum(0).sort()[0], (x @ x).to("cuda:0").sum(0).sort()[0].cpu())
    with torch.cuda.device(1):
        assert torch.ones(2, device="cuda").device.index == 1
    with pytest.raises(RuntimeError, match="cuda:1 and cuda:0|cuda:0 and cuda:1"):
        x + torch.rand(64, 64, device="cuda:0")
    assert torch.cuda.memory_allocated(1) > 0
