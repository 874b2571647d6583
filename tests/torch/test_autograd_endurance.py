"""Large graphs, interrupts, leaks and threads."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import pytest

import torch
from torch.utils.checkpoint import checkpoint


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


# --- long passes ----------------------------------------------------------------------------------------------------------


def test_a_million_nodes() -> None:
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    del y
    gc.collect()


INTERRUPTED = """
import torch, sys
x = torch.ones(1, requires_grad=True)
y = x
for _ in range(3_000_000): y = y * 1
print("go", flush=True)
try:
    for _ in range(1000):
        y.backward(retain_graph=True)
except KeyboardInterrupt:
    import traceback
    print("stopped", torch.ones(2).sum().item(), flush=True)
"""


def test_ctrl_c_ends_a_long_backward() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + INTERRUPTED],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline() == "go\n"
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert out == "stopped 2.0\n" and child.returncode == 0


# --- leaks and threads ----------------------------------------------------------------------------------------------------


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, n: float) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.n = n
        return x * n

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return grad * ctx.n + x * 0, None


def objects() -> int:
    gc.collect()
    return sum(isinstance(item, (torch.Tensor, torch.autograd.Function)) for item in gc.get_objects())


@pytest.mark.parametrize("create_graph", [False, True])
def test_graphs_leave_nothing_behind(create_graph: bool) -> None:
    def once() -> list[weakref.ref[Any]]:
        x = leaf(1.0, 2.0)
        hidden = x * x
        hidden.register_hook(lambda g: g * 1)
        out = Scale.apply(hidden, 2.0).sum()
        (g,) = torch.autograd.grad(out, x, create_graph=create_graph)
        if create_graph:
            g.sum().backward()
        checkpoint(lambda t: t * t, x).sum().backward()
        return [weakref.ref(item) for item in (x, hidden, out, g)]

    once()
    before = objects()
    kept = [ref for _ in range(20) for ref in once()]
    assert objects() == before and all(ref() is None for ref in kept)


def test_an_error_in_backward_leaves_nothing_behind() -> None:
    def once() -> weakref.ref[Any]:
        x = leaf(1.0)
        y = x * 2
        y.register_hook(lambda g: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            (y * 3).backward()
        return weakref.ref(y)

    assert once()() is None or gc.collect() >= 0
    ref = once()
    gc.collect()
    assert ref() is None


def test_threads_share_a_graph() -> None:
    x = torch.ones(50, dtype=torch.float64, requires_grad=True)
    shared = (x * 2).exp()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(30):
                (Scale.apply(shared, 1.0) * shared).sum().backward(retain_graph=True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    expected = 4 * 30 * 4 * torch.ones(50, dtype=torch.float64).mul(4).exp()
    assert (x.grad / expected - 1).abs().max().item() < 1e-12
