"""What goes wrong with devices: a Python exception with its cause, behind which the process goes on where CUDA allows it."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import torch

from .test_cuda import needs_gpu

BUILT = "built without CUDA" not in torch.cuda.unavailable_reason()
needs_build = pytest.mark.skipif(not BUILT, reason="torch was built without CUDA")


def run(program: str, *arguments: str, **environment: str) -> str:
    """What a Python program prints; it has to end well."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --- no device ---------------------------------------------------------------------------------------------------------------

EVERY_USE = """
import torch
assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
for use in (lambda: torch.ones(2).cuda(), lambda: torch.zeros(2, device="cuda"), torch.cuda.init, lambda: torch.cuda.Stream(0),
            lambda: torch.cuda.set_device(0), lambda: torch.nn.Linear(2, 2).cuda(), torch.ones(2).pin_memory,
            lambda: torch.set_default_tensor_type(torch.cuda.FloatTensor)):
    try:
        use()
    except RuntimeError as error:
        assert torch.cuda.unavailable_reason() in str(error), error
    else:
        raise AssertionError("no error")
assert (torch.ones(2) + 1).tolist() == [2, 2]
print(torch.cuda.unavailable_reason())
"""


@needs_build
def test_an_old_driver_is_named_with_both_versions(tmp_path: Path) -> None:
    """A library in the driver's place that says it is of CUDA 10.1."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    source = tmp_path / "driver.c"
    source.write_text(
        "int cuInit(unsigned flags) { return (int)flags; }\n"
        "int cuDriverGetVersion(int *version) { *version = 10010; return 0; }\n"
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "libcuda.so.1", source], check=True)
    told = run(EVERY_USE, LD_LIBRARY_PATH=f"{tmp_path}:{os.environ.get('LD_LIBRARY_PATH', '')}")
    assert "the driver supports CUDA 10.1, older than the 1" in told and "install a newer driver" in told


@needs_gpu
def test_hidden_devices() -> None:
    assert "the driver is there and finds no device (CUDA_VISIBLE_DEVICES hides them?)" in run(
        EVERY_USE, CUDA_VISIBLE_DEVICES=""
    )


# --- devices that are not there ----------------------------------------------------------------------------------------------

BEYOND = 63
WRONG_DEVICES: list[Callable[[], Any]] = [
    lambda: torch.ones(2, device=f"cuda:{BEYOND}"),
    lambda: torch.ones(2).cuda(BEYOND),
    lambda: torch.ones(2).to(torch.device("cuda", BEYOND)),
    lambda: torch.ones(2, device="cuda").to(f"cuda:{BEYOND}"),
    lambda: torch.nn.Linear(2, 2).cuda(BEYOND),
    lambda: torch.cuda.set_device(BEYOND),
    lambda: torch.cuda.device(BEYOND).__enter__(),
    lambda: torch.cuda.get_device_name(BEYOND),
    lambda: torch.cuda.get_device_capability(BEYOND),
    lambda: torch.cuda.memory_allocated(BEYOND),
    lambda: torch.cuda.max_memory_cached(BEYOND),
    lambda: torch.cuda.reset_max_memory_allocated(BEYOND),
    lambda: torch.cuda.synchronize(BEYOND),
    lambda: torch.cuda.Stream(BEYOND),
    lambda: torch.cuda.get_rng_state(BEYOND),
    lambda: torch.cuda.set_device(1 << 20),
    lambda: torch.ones(2, device="cuda:1000000000000"),
    lambda: torch.cuda.current_stream(1 << 20),
    lambda: torch.cuda.default_stream(BEYOND),
]


@needs_gpu
@pytest.mark.parametrize("use", WRONG_DEVICES)
def test_a_device_that_is_not_there(use: Callable[[], Any]) -> None:
    with pytest.raises((RuntimeError, IndexError), match="invalid device ordinal|this machine has"):
        use()
    assert torch.cuda.current_device() == 0 and torch.ones(2, device="cuda").sum().item() == 2


@needs_gpu
@pytest.mark.parametrize("name", ["cuda:-1", "cuda:x", "cuda:", "gpu", "cuda:0:1", -2, 1.5, [], "cpu"])
def test_what_names_no_cuda_device(name: Any) -> None:
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        torch.ones(2).cuda(name)
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        torch.cuda.set_device(name)


# --- memory ------------------------------------------------------------------------------------------------------------------


@needs_gpu
def test_out_of_memory_counts_what_is_asked_held_cached_and_free() -> None:
    torch.cuda.empty_cache()
    held = torch.empty(256 << 20, dtype=torch.uint8, device="cuda")
    cached = torch.empty(512 << 20, dtype=torch.uint8, device="cuda")
    del cached
    with pytest.raises(RuntimeError) as told:
        torch.empty(1 << 42, dtype=torch.uint8, device="cuda")
    text = str(told.value)
    assert "asked for 4194304.00 MiB" in text and "tensors hold 0.25 GiB" in text and "are free" in text
    assert "0.00 GiB are cached" in text  # what was cached has been given back before
    assert held.fill_(3).sum().item() == 3 * 256 << 20
    x = torch.rand(100, 100, device="cuda", requires_grad=True)
    with pytest.raises(RuntimeError, match="out of memory"):
        x.expand(1 << 23, 100, 100).exp()
    (x * 2).sum().backward()
    assert x.grad.min().item() == 2


@needs_gpu
def test_cached_memory_serves_larger_requests() -> None:
    torch.cuda.empty_cache()
    total = torch._C.cuda.properties(0)["total_memory"]
    quarter = total // 4 >> 21 << 21
    pieces = [torch.empty(quarter, dtype=torch.uint8, device="cuda") for _ in range(3)]
    del pieces
    assert torch.cuda.memory_cached() >= 3 * quarter
    whole = torch.empty(3 * quarter - (64 << 20), dtype=torch.uint8, device="cuda")  # fits only where the pieces were
    whole[-1] = 7
    assert whole[-1].item() == 7
    del whole
    torch.cuda.empty_cache()


@needs_gpu
def test_page_locked_memory_serves_again_when_its_copies_have_ended() -> None:
    torch.cuda.synchronize()
    x = torch.zeros(3 << 20).pin_memory()
    place = x.data_ptr()
    del x
    assert torch.zeros(3 << 20).pin_memory().data_ptr() == place
    x, busy = torch.ones(3 << 20).pin_memory(), torch.rand(4096, 4096, device="cuda")
    place = x.data_ptr()
    for _ in range(40):
        busy = busy @ busy * 1e-4
    y = x.cuda(non_blocking=True)
    del x
    again = torch.full((3 << 20,), 5.0).pin_memory()
    assert again.data_ptr() != place  # the copy still waits for the products
    torch.cuda.synchronize()
    assert y.min().item() == y.max().item() == 1
    third = torch.zeros(3 << 20).pin_memory()
    assert third.data_ptr() == place
    del third, again
    torch.cuda.empty_cache()


# --- faults of kernels -------------------------------------------------------------------------------------------------------

FAULT = """
import ctypes, sys, torch
host = torch.arange(4.0)
kept = torch.ones(4, device="cuda")
parameters, side = torch.nn.Linear(4, 4).cuda(), torch.cuda.Stream()
torch.cuda.synchronize()
x = torch.ones(1000, device="cuda")
y = (x + 1).mul_(2)
# A kernel that goes wrong, as one of a user's extension might.
driver, module, function = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p(), ctypes.c_void_p()
assert driver.cuModuleLoadData(ctypes.byref(module), sys.argv[1].encode()) == 0
assert driver.cuModuleGetFunction(ctypes.byref(function), module, b"wrong") == 0
assert driver.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, None, None, None) == 0
try:
    y.exp()
    torch.cuda.synchronize()
except RuntimeError as error:
    print(error)
else:
    raise AssertionError("no error")
assert (host + 1).tolist() == [1, 2, 3, 4]
for use in (lambda: torch.ones(2, device="cuda").tolist(), lambda: (kept + 1).tolist(), kept.cpu, torch.cuda.synchronize,
            lambda: parameters(kept).sum().item(), side.synchronize, lambda: torch.randn(5000, device="cuda").sum().item()):
    try:
        use()
    except RuntimeError as error:
        assert "CUDA" in str(error) or "cuBLAS" in str(error), error
    else:
        raise AssertionError("the device is lost")
del x, y, kept, parameters, side
assert torch.nn.functional.softmax(host, 0).sum().item() > 0.99
print("went on")
"""

PTX = """
.version 7.0
.target sm_50
.address_size 64
.visible .entry wrong()
{
    .reg .u64 %%a;
    .reg .u32 %%v;
    mov.u64 %%a, 16;
    mov.u32 %%v, 1;
    %s;
    ret;
}
"""


@needs_gpu
@pytest.mark.parametrize(("instruction", "cause"), [("st.global.u32 [%a], %v", "illegal memory access"), ("trap", "CUDA")])
def test_a_fault_of_a_kernel_names_what_was_started(instruction: str, cause: str) -> None:
    told = run(FAULT, PTX % instruction)
    assert cause in told and "The device is lost to this process" in told and told.endswith("went on\n")
    assert "add, mul" in told or "exp" in told


@needs_gpu
def test_bad_values_are_exceptions_and_the_device_goes_on() -> None:
    x = torch.arange(6.0, device="cuda").view(2, 3)
    bad = torch.tensor([0, 5], device="cuda")
    weight, target = torch.ones(3, 2, device="cuda"), torch.tensor([0, 9], device="cuda")
    ones = torch.ones(3, dtype=torch.int64, device="cuda")
    uses: list[Callable[[], Any]] = [
        lambda: x[bad],
        lambda: x.index_select(1, bad),
        lambda: x.gather(1, bad.view(2, 1)),
        lambda: x.clone().scatter_(1, bad.view(2, 1), 1.0),
        lambda: x.clone().index_add_(0, bad, x),
        lambda: x.clone().index_fill_(1, bad, 0),
        lambda: x.take(bad * 10),
        lambda: torch.nn.functional.embedding(bad, weight),
        lambda: torch.nn.functional.nll_loss(x, target),
        lambda: torch.nn.functional.cross_entropy(x, -target),
        lambda: torch.multinomial(-x, 1),
        lambda: torch.bernoulli(x),
        lambda: ones / (ones - 1),
        lambda: ones % 0,
        lambda: torch.bincount(-ones),
        lambda: torch.potrf(torch.zeros(2, 2, device="cuda")),
        lambda: torch.inverse(torch.zeros(2, 2, device="cuda")),
    ]
    for number, use in enumerate(uses):
        with pytest.raises((RuntimeError, IndexError, ValueError, ZeroDivisionError)):
            print(number, use())
        torch.cuda.synchronize()
    assert (x + 1).sum().item() == 21


@needs_gpu
def test_the_driver_is_what_it_says() -> None:
    version = ctypes.c_int()
    assert ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version)) == 0
    assert torch._C.cuda.versions()[1] == version.value >= torch._C.cuda.versions()[0] // 1000 * 1000
