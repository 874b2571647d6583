"""Large graphs, interrupts, leaks and threads."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
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


def test_a_node_with_many_edges() -> None:
    x = torch.ones(70_000, requires_grad=True)
    parts = x.split(1)
    torch.cat([part * 2 for part in parts]).sum().backward()
    assert x.grad.sum().item() == 140_000


INTERRUPTED = """
import signal, torch
signal.signal(signal.SIGVTALRM, signal.default_int_handler)  # what Ctrl-C does, after so much work of this process
x = torch.ones(1, requires_grad=True)
y = x
for _ in range(3_000_000): y = y * 1
signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
try:
    y.backward()
except KeyboardInterrupt:
    print("stopped", x.grad is None, torch.ones(2).sum().item(), flush=True)
"""


def test_ctrl_c_ends_a_long_backward() -> None:
    """In the middle of a pass: it never comes to the leaf."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0 and done.stdout == "stopped True 2.0\n", done.stderr


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


LEAKING = """
import gc, sys
import torch
from torch.utils.checkpoint import checkpoint

class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 + x * 0

def fail(grad):
    raise ValueError

def once():
    x = torch.ones(1 << 18, requires_grad=True)  # 1 MiB
    hidden = Scale.apply(x * x).exp()
    hidden.register_hook(lambda grad: grad * 1)
    hidden.grad_fn.register_hook(lambda inputs, outputs: None)
    out = (hidden * hidden[1:2]).sum()
    out.backward(retain_graph=True)
    (first,) = torch.autograd.grad(out, x, create_graph=True)
    first.sum().backward()
    checkpoint(lambda t: (t * t).exp(), x).sum().backward()
    with torch.autograd.detect_anomaly():
        (x * 2).log().sum().backward()
    y = x * 2
    y.add_(1)[2:].mul_(3)
    y.register_hook(fail)
    try:
        (y * y).sum().backward()
    except ValueError:
        pass
    (x * 2).exp()  # a graph that nobody runs
    table = torch.nn.Embedding(64, 4096, sparse=True)
    table(torch.arange(64)).sum().backward()
    table(torch.arange(64)).sum().backward()

def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20

for _ in range(10): once()
before = resident()
for _ in range(60): once()
print(resident() - before)
"""


def test_memory_does_not_grow() -> None:
    """Also that of nodes and saved tensors, which no Python object stands for: a single lost tensor a round would be 60 MiB."""
    done = subprocess.run([sys.executable, "-c", LEAKING], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 30


class Masked(torch.nn.Module):
    """Its hook leads back to it; the handle is kept, as users do."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))
        self.mask = torch.ones(3)
        self.handle = self.weight.register_hook(lambda grad: grad * self.mask)


def test_a_hook_that_holds_its_tensor_is_collected() -> None:
    def leaf_hook() -> Any:
        x = leaf(1.0)
        x.register_hook(lambda grad: grad * x.item())
        x.mul(2).backward()
        return x

    def inner_hook() -> Any:
        y = leaf(1.0) * 2
        y.register_hook(lambda grad: grad * y.item())
        y.backward(retain_graph=True)
        return y

    for make in (leaf_hook, inner_hook, Masked):
        alive = weakref.ref(make())
        gc.collect()
        assert alive() is None, make


def test_a_hook_lives_as_long_as_a_graph_leads_to_it() -> None:
    """The tensor's object is gone, and only C++ holds its node: the collector must leave the hook alone."""
    seen: list[float] = []

    def graph() -> torch.Tensor:
        module = Masked()
        module.weight.register_hook(lambda grad: seen.append(float(grad.sum() * module.mask.sum())))
        return (module.weight * 2).sum()

    out = graph()
    for _ in range(3):
        gc.collect()
    out.backward()
    assert seen == [18.0]


def test_collections_while_threads_run_graphs() -> None:
    """Hooks stay whole although reference counts of nodes change while the collector looks at them."""
    module = Masked()
    calls: list[int] = []
    module.weight.register_hook(lambda grad: calls.append(int(module.mask.numel())))
    stop = threading.Event()

    def collect() -> None:
        while not stop.is_set():
            gc.collect()

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        workers = [
            threading.Thread(target=lambda: [(module.weight * 2).sum().backward() for _ in range(200)]) for _ in range(3)
        ]
        for thread in workers:
            thread.start()
        for thread in workers:
            thread.join()
    finally:
        stop.set()
        collector.join()
    assert calls == [3] * 600


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


class Remembering(torch.autograd.Function):
    """A result as an attribute of its ctx: each keeps the other."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, several: bool) -> Any:
        results = (x * 2, x * 3) if several else (x * 2,)
        ctx.results = [results[0]]
        return results if several else results[0]

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return grads[0] * ctx.results[0].detach(), None


@pytest.mark.parametrize("several", [False, True])
def test_a_result_on_ctx_does_not_leak(several: bool) -> None:
    x = leaf(1, 2)
    results = Remembering.apply(x, several)
    first = results[0] if several else results
    total = first.sum()
    known = weakref.ref(first)
    del results, first
    gc.collect()
    total.backward()  # the graph still has it
    assert x.grad.tolist() == [2, 4] and known() is not None
    del total
    gc.collect()
    assert known() is None
