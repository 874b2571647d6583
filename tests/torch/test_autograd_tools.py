"""Around the gradient graph: checkpoints, profiles, anomalies, interrupts, large graphs, leaks, threads."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import torch
from torch.autograd import gradcheck
from torch.autograd.function import once_differentiable
from torch.autograd.profiler import profile, record_function
from torch.utils.checkpoint import checkpoint, checkpoint_sequential


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


# --- checkpoints ----------------------------------------------------------------------------------------------------------


def test_checkpoint_gives_the_same_gradients() -> None:
    weight = leaf(0.5, -1.0)
    calls = []

    def block(x: torch.Tensor, scale: float, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        calls.append(x.requires_grad)
        return (x * weight).tanh() * scale, y * 2

    x, y = leaf(1, 2), torch.ones(2, dtype=torch.float64)
    first, second = checkpoint(block, x, 3.0, y)
    (first.sum() + second.sum()).backward()
    found = x.grad.tolist(), weight.grad.tolist()
    x.grad = weight.grad = None
    first, second = block(x, 3.0, y)
    (first.sum() + second.sum()).backward()
    assert (x.grad.tolist(), weight.grad.tolist()) == found and len(calls) == 3 and y.grad is None


def test_checkpoint_repeats_random_numbers() -> None:
    torch.manual_seed(0)
    x = torch.ones(100, requires_grad=True)
    out = checkpoint(lambda t: t * torch.rand(100), x)
    after = torch.rand(1)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())
    torch.manual_seed(0)
    torch.rand(100)
    assert torch.equal(torch.rand(1), after)


def test_checkpoint_sequential() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 4), torch.nn.Tanh())
    x = torch.randn(2, 3, requires_grad=True)
    model(x).sum().backward()
    expected = [p.grad.tolist() for p in (x, *model.parameters())]
    for segments in (1, 2, 3, 4):
        x.grad = None
        model.zero_grad()
        checkpoint_sequential(model, segments, x).sum().backward()
        for p, e in zip((x, *model.parameters()), expected, strict=True):
            assert torch.equal(p.grad, torch.tensor(e))
    with pytest.raises(ValueError, match="segments must be from 1 to 4"):
        checkpoint_sequential(model, 5, x)


def test_checkpoint_refuses_what_it_cannot_do() -> None:
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match=r"not compatible with \.grad\(\)"):
        torch.autograd.grad(checkpoint(lambda t: t * 2, x), x)
    with pytest.raises(RuntimeError, match="none of the results"):
        checkpoint(lambda t: t.detach() * 2, x).backward()
    assert not checkpoint(lambda t: t * 2, x.detach()).requires_grad


# --- profiles -------------------------------------------------------------------------------------------------------------


def test_profile(tmp_path: Path) -> None:
    x = torch.ones(100, 100, requires_grad=True)
    with profile() as prof:
        with record_function("forward"):
            y = (x * 2 + x).sum()
        y.backward()
        x.data.add_(1)
    names = [event.name for event in prof.function_events]
    assert names[:4] == ["forward", "mul", "add", "sum"] and {"MulBackward", "AddBackward", "AccumulateGrad"} <= set(names)
    forward = prof.function_events[0]
    assert [child.name for child in forward.children] == ["mul", "add", "sum"]
    assert 0 <= forward.self_cpu_time_total <= forward.cpu_time and forward.start == 0
    averages = {row.key: row for row in prof.key_averages()}
    assert averages["AccumulateGrad"].count == 1 and averages["add"].count == 2
    assert prof.self_cpu_time_total == pytest.approx(sum(row.self_cpu_time_total for row in averages.values()))
    assert prof.total_average().count == len(names)
    table = str(prof.key_averages().table(sort_by="cpu_time_total")).splitlines()
    assert table[0].split()[0] == "Name" and len(table) == 2 + len(averages)
    prof.export_chrome_trace(str(tmp_path / "trace.json"))
    rows = json.loads((tmp_path / "trace.json").read_text())
    assert [row["name"] for row in rows] == names and all(row["ph"] == "X" and row["dur"] >= 0 for row in rows)


def test_profiles_that_record_nothing() -> None:
    with profile(enabled=False) as prof:
        torch.ones(1) + 1
    assert prof.function_events is None and "unfinished" in str(prof)
    with pytest.raises(RuntimeError, match="nothing is recorded yet"):
        prof.key_averages()
    with profile(), pytest.raises(RuntimeError, match="already enabled"), profile():
        pass
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match=r"\[cuda\]"), profile(use_cuda=True):
            pass
    with profile() as prof:
        thread = threading.Thread(target=lambda: torch.ones(1) + 1)
        thread.start()
        thread.join()
    assert prof.function_events == [] and prof.self_cpu_time_total == 0


def test_record_function_decorates() -> None:
    @record_function("twice")
    def twice(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    x = torch.ones(1)
    with profile() as prof:
        twice(x)
    assert [event.name for event in prof.function_events] == ["twice", "mul"] and twice.__name__ == "twice"


# --- anomalies ------------------------------------------------------------------------------------------------------------


def divide(x: torch.Tensor) -> torch.Tensor:
    return x / x


def test_anomaly_mode_finds_nan() -> None:
    x = leaf(0.0)
    with torch.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="'DivBackward' returned nan values in its") as info:
        divide(x).sum().backward()
    (note,) = info.value.__notes__
    assert note.startswith("Traceback of forward call that caused the error:") and "in divide" in note
    divide(x).sum().backward()
    assert x.grad.tolist() != x.grad.tolist()


def test_anomaly_mode_tells_where_a_failing_function_ran() -> None:
    class Fails(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
            raise KeyError("nothing here")

    with torch.autograd.set_detect_anomaly(True), pytest.raises(KeyError, match="nothing here") as info:
        Fails.apply(leaf(1.0)).backward()
    assert "Fails.apply" in info.value.__notes__[0]
    with pytest.raises(KeyError) as info:
        Fails.apply(leaf(1.0)).backward()
    assert not hasattr(info.value, "__notes__")


def test_anomaly_mode_switches() -> None:
    torch.autograd.set_detect_anomaly(True)
    try:
        with torch.autograd.set_detect_anomaly(False):
            assert not torch._C.autograd.is_anomaly_enabled()
        assert torch._C.autograd.is_anomaly_enabled()
        assert gradcheck(lambda t: t * t, (leaf(2.0),))
    finally:
        torch.autograd.set_detect_anomaly(False)


# --- functions ------------------------------------------------------------------------------------------------------------


def test_once_differentiable() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, n: int) -> torch.Tensor:
            return x * n

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, grad: torch.Tensor) -> Any:
            return grad * 2, None

    x = leaf(1.0)
    (g,) = torch.autograd.grad(Double.apply(x, 2), x)
    assert g.tolist() == [2] and not g.requires_grad
    (g,) = torch.autograd.grad(Double.apply(x, 2), x, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        g.backward()


def test_marks_and_needs() -> None:
    seen: list[Any] = []

    class Parts(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor, n: int) -> Any:
            seen.append(ctx.needs_input_grad)
            index = (x > 0).double()
            ctx.mark_non_differentiable(index)
            y.mul_(n)
            ctx.mark_dirty(y)
            return x * n, index, y

        @staticmethod
        def backward(ctx: Any, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> Any:
            return a * 3, c * 3, None

    x, base = leaf(1.0, -1.0), leaf(5.0, 6.0)
    y = base * 1
    first, index, dirty = Parts.apply(x, y, 3)
    assert dirty is y and not index.requires_grad and first.requires_grad and seen == [(True, True, False)]
    (first.sum() + dirty.sum()).backward()
    assert x.grad.tolist() == [3, 3] and base.grad.tolist() == [3, 3] and y.tolist() == [15, 18]


# --- switches as decorators -----------------------------------------------------------------------------------------------


def test_set_grad_enabled_decorates() -> None:
    @torch.set_grad_enabled(False)
    def double(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    assert torch.autograd.is_grad_enabled() and double.__name__ == "double"
    assert not double(leaf(1.0)).requires_grad and torch.autograd.is_grad_enabled()


def test_generators_switch_between_their_yields() -> None:
    seen: list[Any] = []

    @torch.no_grad()
    def generate() -> Any:
        try:
            while True:
                seen.append((torch.autograd.is_grad_enabled(), (yield len(seen))))
        except KeyError as error:
            seen.append((torch.autograd.is_grad_enabled(), error.args[0]))
            yield -1
        finally:
            seen.append(("end", torch.autograd.is_grad_enabled()))

    items = generate()
    assert next(items) == 0 and torch.autograd.is_grad_enabled()
    assert items.send("a") == 1 and items.throw(KeyError("b")) == -1
    items.close()
    assert seen[:2] == [(False, "a"), (False, "b")] and seen[2] == ("end", False)
    assert list(torch.no_grad()(lambda: (n for n in range(3)))()) == [0, 1, 2]


def test_saved_tensors_tell_whether_they_require_grad() -> None:
    seen: list[Any] = []

    class Look(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x, y, z, None)
            return x * y * z

        @staticmethod
        def backward(ctx: Any, grad: torch.Tensor) -> Any:
            seen.extend(None if t is None else (t.requires_grad, t.is_leaf) for t in ctx.saved_tensors)
            return grad, grad, grad

    Look.apply(leaf(1.0), leaf(1.0) * 2, leaf(1.0).detach()).backward()
    assert seen == [(True, True), (True, False), (False, True), None]


def test_a_view_is_not_one_of_several_dirty_results() -> None:
    class Write(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor) -> Any:
            ctx.mark_dirty(y)
            return x * 2, y.mul_(3)

        @staticmethod
        def backward(ctx: Any, a: torch.Tensor, b: torch.Tensor) -> Any:
            return a * 2, b * 3

    base = leaf(1.0, 2.0) * 1
    with pytest.raises(RuntimeError, match="give it a clone of the view"):
        Write.apply(leaf(1.0), base[:1])


def test_gradcheck_warns_of_single_precision() -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="not of double precision") as caught:
        assert not torch.autograd.gradcheck(lambda t: t.exp(), (x,), raise_exception=False)
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="not of double precision") as caught:
        torch.autograd.gradgradcheck(lambda t: t.exp(), (x,), raise_exception=False)
    assert [warning.filename for warning in caught] == [__file__]
