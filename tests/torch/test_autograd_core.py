"""The engine: deep and wide graphs, writes in place and through views, what is kept and what is freed, threads, reentrance."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest

import torch


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.float64, requires_grad=True)


# --- the shape of the graph ---------------------------------------------------------------------------------------------------


def test_a_deep_graph_needs_no_deep_stack() -> None:
    """A million nodes: walked, run and freed on a stack of 256 KiB."""
    code = (
        "import threading, torch\n"
        "def work():\n"
        "    x = torch.ones(1, requires_grad=True)\n"
        "    y = x\n"
        "    for _ in range(1_000_000): y = y + 1\n"
        "    y.backward()\n"
        "    assert x.grad.item() == 1\n"
        "    y = x\n"
        "    for _ in range(1_000_000): y = y * 1.0\n"
        "    (g,) = torch.autograd.grad(y, x)\n"
        "    del y\n"
        "    y = x\n"
        "    for _ in range(100_000): y = y * y\n"
        "    del y\n"
        "    print(g.item())\n"
        "threading.stack_size(256 * 1024)\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()\n"
        "thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1.0\n", "")


def test_a_shared_result_gets_the_sum_of_its_gradients_once() -> None:
    x = leaf(2)
    y = x * x
    calls = []
    y.register_hook(lambda g: calls.append(g.item()))
    (y * 3 + y * 4 + y).backward()
    assert calls == [8.0]
    assert x.grad.item() == 32.0


def test_doubling_paths_are_not_walked_one_by_one() -> None:
    x = leaf(1)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60


def test_many_inputs() -> None:
    parts = [leaf(i) for i in range(100)]
    joined = torch.cat(parts)
    (joined * torch.arange(100).double()).sum().backward()
    assert [p.grad.item() for p in parts] == list(range(100))


def test_only_the_asked_paths_run() -> None:
    x, w = leaf(2), leaf(3)
    side = x * 1
    ran = []
    side.register_hook(lambda g: ran.append("side"))
    (gw,) = torch.autograd.grad((side * side).sum() + w * w, w)
    assert gw.item() == 6.0
    assert ran == []


def test_a_gradient_of_an_inner_tensor() -> None:
    x = leaf(2)
    y = x * 3
    z = y * y
    gy, gx, gz = torch.autograd.grad(z, (y, x, z))
    assert (gy.item(), gx.item(), gz.item()) == (12.0, 36.0, 1.0)


# --- writes in place ----------------------------------------------------------------------------------------------------------


def test_a_saved_tensor_that_was_written_is_noticed() -> None:
    x = leaf(1, 2)
    y = x * 2
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_a_saved_result_that_was_written_is_noticed() -> None:
    x = leaf(1, 2)
    y = x.exp()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_write_that_no_gradient_needs_is_allowed() -> None:
    x = leaf(1, 2)
    y = x + 1
    z = y + 1
    y.add_(5)
    (z + y).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_in_place_chain() -> None:
    x = leaf(1, 2)
    y = x.clone()
    y.mul_(3).add_(x).mul_(x)
    y.sum().backward()
    assert x.grad.tolist() == [8.0, 16.0]


def test_leaves_and_their_views_must_not_be_written() -> None:
    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match=r"a leaf Variable that requires grad has been used in an in-place operation\."):
        x.add_(1)
    with pytest.raises(
        RuntimeError, match=r"a view of a leaf Variable that requires grad is being used in an in-place operation\."
    ):
        x[0].add_(1)
    with torch.no_grad():
        x.add_(1)
    assert x.tolist() == [2.0, 3.0]


def test_in_place_must_not_change_the_shape() -> None:
    x = torch.ones(1)
    with pytest.raises(RuntimeError, match=r"output with shape \(1,\) doesn't match the broadcast shape \(2,\)"):
        x.add_(torch.ones(2))
    assert x.tolist() == [1.0]


def test_out_refuses_gradients() -> None:
    with pytest.raises(
        RuntimeError, match=r"add\(\): functions with out=\.\.\. arguments don't support automatic differentiation"
    ):
        torch.add(leaf(1), leaf(1), out=torch.empty(1, dtype=torch.float64))


# --- views --------------------------------------------------------------------------------------------------------------------


def test_a_write_through_a_view_reaches_the_base() -> None:
    x = leaf(1, 2, 3)
    base = x * 1
    base[1].mul_(10)
    base.sum().backward()
    assert x.grad.tolist() == [1.0, 10.0, 1.0]


def test_a_write_to_the_base_reaches_an_older_view() -> None:
    x = leaf(1, 2, 3)
    base = x * 1
    view = base[1]
    base.mul_(10)
    assert view.item() == 20.0
    view.backward()
    assert x.grad.tolist() == [0.0, 10.0, 0.0]


def test_a_write_through_one_view_reaches_another() -> None:
    x = leaf(1, 2, 3, 4)
    base = x * 1
    rows, column = base.view(2, 2), base.view(2, 2)[:, 1]
    rows[0].mul_(5)
    column.sum().backward()
    assert x.grad.tolist() == [0.0, 5.0, 0.0, 1.0]


def test_a_base_without_gradient_gets_one() -> None:
    w = leaf(5)
    base = torch.zeros(3, dtype=torch.float64)
    view = base[0:2]
    base[1] = w[0] * 2
    assert base.requires_grad and view.requires_grad and not base.is_leaf
    (base * torch.tensor([1.0, 10.0, 100.0]).double()).sum().backward()
    assert w.grad.tolist() == [20.0]


def test_an_overwritten_view_passes_no_gradient_to_the_old_values() -> None:
    x, w = leaf(1, 2, 3), leaf(7)
    base = x * 1
    base[0] = w[0]
    (base * base).sum().backward()
    assert x.grad.tolist() == [0.0, 4.0, 6.0]
    assert w.grad.tolist() == [14.0]


def test_second_gradients_through_a_written_view() -> None:
    x = leaf(1, 2, 3)
    base = x * x
    base[1].mul_(x[0])
    (first,) = torch.autograd.grad((base * base).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    # base = (a^2, a b^2, c^2): f = a^4 + a^2 b^4 + c^4
    assert first.tolist() == [4 + 2 * 16, 4 * 8, 4 * 27]
    assert second.tolist() == [12 + 2 * 16 + 8 * 8, 8 * 8 + 12 * 4, 12 * 9]


def test_writes_through_a_non_contiguous_base() -> None:
    x = leaf(1, 2, 3, 4, 5, 6)
    base = (x * 1).view(2, 3).t().clone().t()
    base[:, 1].mul_(10)
    base.sum().backward()
    assert x.grad.tolist() == [1.0, 10.0, 1.0, 1.0, 10.0, 1.0]


def test_a_view_that_is_a_leaf_of_its_own() -> None:
    part = torch.zeros(3, dtype=torch.float64)[1:].requires_grad_()
    (part[0] * 3).backward()
    assert part.is_leaf and part.grad.tolist() == [3.0, 0.0]


def test_detached_memory_is_not_tracked() -> None:
    x = leaf(1, 2)
    y = x * 1
    y.detach()[0] = 9
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


# --- what is kept -------------------------------------------------------------------------------------------------------------


class Witness:
    """Something whose death can be seen."""

    alive = 0

    def __init__(self) -> None:
        Witness.alive += 1

    def __del__(self) -> None:
        Witness.alive -= 1

    def __call__(self, grad: torch.Tensor) -> None:
        """Used as a hook."""


def test_a_graph_dies_with_its_tensors() -> None:
    gc.collect()
    before = Witness.alive
    x = leaf(1, 2)
    y = x.exp()
    y.register_hook(Witness())
    assert Witness.alive == before + 1
    del y
    assert Witness.alive == before


def test_a_tensor_that_comes_to_depend_on_what_saved_it_is_freed() -> None:
    gc.collect()
    before = Witness.alive
    w = leaf(3)
    h = torch.ones(1, dtype=torch.float64)
    y = h * w
    y.register_hook(Witness())
    h.add_(y)
    del y, h
    gc.collect()
    assert Witness.alive == before


def test_backward_frees_saved_tensors() -> None:
    x = leaf(1)
    y = x.exp()
    y.backward()
    with pytest.raises(RuntimeError, match=r"the buffers have already been freed\. Specify retain_graph=True"):
        y.backward()


def test_accumulated_gradients_share_no_memory() -> None:
    x, y = leaf(1), leaf(2)
    z = x + y
    seed = torch.ones(1, dtype=torch.float64)
    z.backward(seed)
    x.grad.add_(5)
    assert (y.grad.item(), seed.item()) == (1.0, 1.0)


def test_gradients_of_gradients_reach_grad() -> None:
    x = leaf(3)
    (x * x * x).backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    x.grad = None
    first.backward()
    assert x.grad.item() == 18.0


# --- reentrance and threads ---------------------------------------------------------------------------------------------------


def test_backward_inside_a_hook_over_the_same_leaf() -> None:
    x = leaf(2)
    y = x * 1
    inner = []

    def hook(grad: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            inner.extend(torch.autograd.grad((x * x * x).sum(), x))
        return grad * 2

    y.register_hook(hook)
    (y * y).backward()
    assert [g.item() for g in inner] == [12.0]
    assert x.grad.item() == 8.0


def test_backward_inside_a_hook_over_the_same_nodes() -> None:
    x = leaf(2)
    y = x * x
    z = y * 3
    inner = []
    z.register_hook(lambda grad: inner.extend(torch.autograd.grad(y, x, retain_graph=True)))
    z.backward()
    assert [g.item() for g in inner] == [4.0]
    assert x.grad.item() == 12.0


def test_a_failing_hook_leaves_the_graph_usable() -> None:
    x = leaf(2)
    y = x * x

    def hook(grad: torch.Tensor) -> None:
        raise ValueError("no")

    handle = y.register_hook(hook)
    z = y * 3
    with pytest.raises(ValueError, match="no"):
        z.backward(retain_graph=True)
    handle.remove()
    z.backward()
    assert x.grad.item() == 12.0


def test_threads_share_a_leaf() -> None:
    x = torch.ones(1000, dtype=torch.float64, requires_grad=True)

    def work() -> None:
        for _ in range(100):
            (x * 2).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad.tolist() == [800.0] * 1000


def test_a_view_made_without_gradients_has_none() -> None:
    x = leaf(1, 2)
    with torch.no_grad():
        view, inner = x[0], x.view(2, 1)
    later = inner[0]
    assert not view.requires_grad and not inner.requires_grad and not later.requires_grad
    assert view.is_leaf and view.grad_fn is None
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being modified inplace"):
        later.mul_(leaf(3))
    with torch.no_grad():
        later.mul_(leaf(3))
    assert x.tolist() == [3.0, 2.0]
