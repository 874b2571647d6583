"""Convolutions by cuDNN against the host's; and what is said, and still works, where there is no cuDNN."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import torch
import torch.nn.functional as F
from torch.backends import cudnn

needs_cudnn = pytest.mark.skipif(not cudnn.is_available(), reason=f"no cuDNN: {cudnn.unavailable_reason()}")
without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")

# --- switches ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def switches() -> Iterator[None]:
    before = cudnn.set_flags()
    yield
    cudnn.set_flags(*before)


def test_switches_are_attributes() -> None:
    assert (cudnn.enabled, cudnn.benchmark, cudnn.deterministic, cudnn.allow_tf32) == (True, False, False, False)
    torch.backends.cudnn.benchmark = True
    assert cudnn.benchmark and torch._C.cudnn.switches() == (True, True, False, False)
    assert cudnn.set_flags(allow_tf32=True, benchmark=False) == (True, True, False, False)
    assert cudnn.set_flags() == (True, False, False, True)


def test_flags_come_back_after_an_exception() -> None:
    with pytest.raises(KeyError), cudnn.flags(deterministic=True):
        assert (cudnn.enabled, cudnn.deterministic) == (False, True)
        raise KeyError
    assert (cudnn.enabled, cudnn.deterministic) == (True, False)


def test_the_module_shows_what_it_has() -> None:
    assert {"enabled", "benchmark", "deterministic", "allow_tf32", "flags", "is_available", "version"} <= set(dir(cudnn))
    assert (cudnn.version() is None) == (not cudnn.is_available())


@without_gpu
def test_without_a_device_there_is_a_reason() -> None:
    assert cudnn.unavailable_reason()
    assert cudnn.plans() == {"hits": 0, "misses": 0, "refusals": 0, "kept": 0}
    with cudnn.flags(enabled=True, benchmark=True):
        assert F.conv1d(torch.ones(1, 1, 3), torch.ones(1, 1, 2)).tolist() == [[[2.0, 2.0]]]


_ASK = """
import sys, torch
try:
    print("version", torch._C.cudnn.version())
except RuntimeError as error:
    print(error)
"""


def test_a_missing_library_is_named_with_what_to_install() -> None:
    """In a process that finds no Python packages: a machine may have a cuDNN of its own all the same."""
    path = str(Path(torch.__file__).parents[1])
    environment = {k: v for k, v in os.environ.items() if k not in ("LD_LIBRARY_PATH", "CUDA_HOME")}
    command = [sys.executable, "-S", "-c", _ASK]
    done = subprocess.run(command, env={**environment, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built_without = "this torch was built without cuDNN (torch.__config__.show() says why)" in done.stdout
    installed = done.stdout.startswith("version 9")
    missing = "libcudnn.so.9 was not found; install it: pip install nvidia-cudnn-cu13" in done.stdout
    assert built_without or missing or installed, done.stdout


# --- every convolution ------------------------------------------------------------------------------------------------------

CONVOLUTIONS: dict[tuple[int, bool], Callable[..., torch.Tensor]] = {
    (1, False): F.conv1d,
    (2, False): F.conv2d,
    (3, False): F.conv3d,
    (1, True): F.conv_transpose1d,
    (2, True): F.conv_transpose2d,
    (3, True): F.conv_transpose3d,
}
SPATIAL = {1: (19,), 2: (13, 10), 3: (6, 7, 5)}
CHANNELS = [(2, 8, 16, 1), (1, 3, 5, 1), (3, 6, 9, 3), (2, 4, 4, 4), (0, 4, 4, 1), (1, 64, 64, 1)]  # batch, in, out, groups
WINDOWS = [(3, 1, 1, 1), (3, 2, 1, 1), (3, 1, 2, 2), (1, 1, 0, 1), (2, 2, 0, 1)]  # kernel, stride, padding, dilation
TOLERANCE = {torch.float16: 2e-3, torch.float32: 3e-6, torch.float64: 1e-12}  # of the largest value


def passes(
    place: str, dtype: torch.dtype, inputs: list[torch.Tensor], transposed: bool, groups: int, window: tuple[int, ...]
) -> list[torch.Tensor]:
    """The output, and the gradients of input, weight and bias."""
    x, w, b = [tensor.detach().to(place, dtype).requires_grad_() for tensor in inputs]
    _, stride, padding, dilation = window
    function = CONVOLUTIONS[x.dim() - 2, transposed]
    more = (stride - 1, groups, dilation) if transposed else (dilation, groups)
    y = function(x, w, b, stride, padding, *more)
    slopes = (torch.arange(y.numel()) % 7 - 3).view(y.shape).to(place, dtype)
    return [y, *torch.autograd.grad(y, (x, w, b), slopes)]


def assert_near(got: torch.Tensor, want: torch.Tensor, tolerance: float) -> None:
    assert got.shape == want.shape
    if want.numel():
        error = float((got.detach().cpu().double() - want.detach()).abs().max())
        assert error <= tolerance * max(1.0, float(want.abs().max())), error


@needs_cudnn
@pytest.mark.parametrize("dtype", list(TOLERANCE), ids=str)
@pytest.mark.parametrize("transposed", [False, True], ids=["plain", "transposed"])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_every_convolution_agrees_with_the_host(dims: int, transposed: bool, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    for (batch, fan_in, fan_out, groups), window in itertools.product(CHANNELS, WINDOWS):
        head = (fan_in, fan_out // groups) if transposed else (fan_out, fan_in // groups)
        shapes = [(batch, fan_in, *SPATIAL[dims]), (*head, *[window[0]] * dims), (fan_out,)]
        inputs = [torch.randn(shape).to(dtype).double() for shape in shapes]
        want = passes("cpu", torch.float64, inputs, transposed, groups, window)
        for got, host in zip(passes("cuda", dtype, inputs, transposed, groups, window), want, strict=True):
            assert_near(got, host, TOLERANCE[dtype])


@needs_cudnn
def test_strided_inputs_and_outputs() -> None:
    x, w = torch.randn(2, 9, 8, 4).cuda(), torch.randn(4, 8, 3, 3).cuda()
    turned = x.transpose(1, 2).transpose(2, 3)  # 2 x 8 x 4 x 9, strided
    want = F.conv2d(turned.cpu().double(), w.cpu().double())
    assert_near(F.conv2d(turned, w), want, 3e-6)
    assert_near(
        F.conv2d(turned[:, :, 1:], w.transpose(2, 3)),
        F.conv2d(turned[:, :, 1:].cpu().double(), w.transpose(2, 3).cpu().double()),
        3e-6,
    )


@needs_cudnn
def test_double_backward() -> None:
    x, w = torch.randn(1, 2, 5, 4).double().cuda().requires_grad_(), torch.randn(3, 2, 3, 3).double().cuda().requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: F.conv2d(a, b, padding=1), (x, w))
    assert torch.autograd.gradgradcheck(lambda a, b: F.conv2d(a, b, padding=1), (x, w))


# --- softmax -----------------------------------------------------------------------------------------------------------------


@needs_cudnn
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32], ids=str)
@pytest.mark.parametrize("length", [1, 10, 333, 512, 513, 2048, 2049])
def test_softmax_of_rows(length: int, dtype: torch.dtype) -> None:
    """On both sides of the lengths up to which cuDNN does it."""
    torch.manual_seed(4)
    x = (torch.randn(2**18 // length + 1, length) * 3).to(dtype)
    slopes = ((torch.arange(x.numel()) % 7 - 3).double() / 4).view(x.shape)
    for function in (F.softmax, F.log_softmax):
        found = []
        for place, kind in (("cuda", dtype), ("cpu", torch.float64)):
            y = x.to(place, kind).requires_grad_()
            out = function(y, -1)
            found.append((out, *torch.autograd.grad(out, y, slopes.to(place, kind))))
        for got, want in zip(*found, strict=True):
            assert_near(got, want, TOLERANCE[dtype])


# --- plans -------------------------------------------------------------------------------------------------------------------


def change(use: Callable[[], Any]) -> dict[str, int]:
    before = cudnn.plans()
    use()
    after = cudnn.plans()
    return {name: after[name] - before[name] for name in after}


@needs_cudnn
def test_a_plan_is_found_once_for_each_problem_and_setting() -> None:
    x, w = torch.randn(1, 5, 11, 11).cuda(), torch.randn(7, 5, 3, 3).cuda()
    first = change(lambda: F.conv2d(x, w))
    assert (first["hits"], first["misses"], first["refusals"]) == (0, 1, 0)
    again = change(lambda: F.conv2d(x + 1, w))
    assert again == {"hits": 1, "misses": 0, "refusals": 0, "kept": 0}
    with cudnn.flags(enabled=True, deterministic=True):
        assert change(lambda: F.conv2d(x, w))["misses"] == 1
    with cudnn.flags(enabled=False):
        assert not any(change(lambda: F.conv2d(x, w)).values())
    assert change(lambda: F.conv2d(x, w, padding=1))["misses"] == 1


@needs_cudnn
def test_the_number_of_plans_is_bounded() -> None:
    signal, w = torch.randn(1, 1, 700).cuda(), torch.randn(1, 1, 2).cuda()
    used = change(lambda: [F.conv1d(signal[:, :, :length], w) for length in range(100, 700)])
    assert used["misses"] == 600 and cudnn.plans()["kept"] <= (512 + 128) * torch.cuda.device_count()  # 128: recurrent
    assert change(lambda: F.conv1d(signal[:, :, :699], w))["hits"] == 1  # of the last ones
    assert change(lambda: F.conv1d(signal[:, :, :100], w))["misses"] == 1  # the first one has gone


@needs_cudnn
def test_benchmark_and_determinism_give_the_same_numbers() -> None:
    x, w = torch.randn(4, 16, 28, 28).cuda(), torch.randn(32, 16, 3, 3).cuda().requires_grad_()
    want = F.conv2d(x.cpu().double(), w.detach().cpu().double(), padding=1)
    for flags in ({"benchmark": True}, {"deterministic": True}):
        with cudnn.flags(enabled=True, **flags):
            runs = []
            for _ in range(3):
                y = F.conv2d(x, w, padding=1)
                assert_near(y, want, 3e-6)
                runs.append((y.detach(), *torch.autograd.grad(y, w, torch.ones(*y.shape).cuda())))
            if "deterministic" in flags:
                assert all(torch.equal(a, b) for run in runs for a, b in zip(run, runs[0], strict=True))


@needs_cudnn
def test_float_means_float_unless_told_otherwise() -> None:
    x, w = torch.randn(8, 64, 28, 28).cuda(), torch.randn(64, 64, 3, 3).cuda()
    want = F.conv2d(x.cpu().double(), w.cpu().double(), padding=1)
    assert_near(F.conv2d(x, w, padding=1), want, 3e-6)
    with cudnn.flags(enabled=True, allow_tf32=True):
        assert_near(F.conv2d(x, w, padding=1), want, 2e-3)


@needs_cudnn
def test_mistakes_are_named_as_without_cudnn() -> None:
    x, w = torch.randn(1, 3, 8, 8).cuda(), torch.randn(4, 2, 3, 3).cuda()
    for enabled in (True, False):
        with cudnn.flags(enabled=enabled):
            with pytest.raises(RuntimeError, match="input has 3 channels, weight expects 2"):
                F.conv2d(x, w)
            with pytest.raises(RuntimeError, match="weight is a Half tensor, expected Float"):
                F.conv2d(x, torch.randn(4, 3, 3, 3).cuda().half())
            with pytest.raises(RuntimeError, match="smaller than the window"):
                F.conv2d(x, torch.randn(4, 3, 9, 9).cuda())
