"""LBFGS against the BFGS formula with its matrices written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import torch
from torch import optim

START = np.array([1.0, -2.0, 3.0, 0.25])
CURVATURE = np.array([1.0, 0.3, 2.5, 4.0])

Array = Any


def gradient(p: Array) -> Array:
    """Of sum(curvature * p^2 / 2 + cos(p))."""
    return CURVATURE * p - np.sin(p)


def loss_of(p: torch.Tensor) -> torch.Tensor:
    return (torch.tensor(CURVATURE.tolist(), dtype=p.dtype) * p * p / 2 + torch.cos(p)).sum()


def lbfgs(iterations: int, lr: float, history: int) -> Array:
    """The same iteration with the inverse Hessian written out: Nocedal and Wright, equation 7.16 applied to H0 = gamma I."""
    p, pairs, gamma = START.copy(), list[tuple[Array, Array]](), 1.0
    g = gradient(p)
    for k in range(iterations):
        h = gamma * np.eye(4)
        for y, s in pairs:
            r = 1 / (y @ s)
            h = (np.eye(4) - r * np.outer(s, y)) @ h @ (np.eye(4) - r * np.outer(y, s)) + r * np.outer(s, s)
        move = -(h @ g) * (min(1.0, 1 / np.abs(g).sum()) * lr if k == 0 else lr)
        p = p + move
        new = gradient(p)
        y = new - g
        g = new
        if y @ move > 1e-10:
            pairs = [*pairs, (y, move)][-history:]
            gamma = (y @ move) / (y @ y)
    return p


def lbfgs_problem(**options: Any) -> tuple[torch.Tensor, torch.Tensor, optim.LBFGS, Callable[[], torch.Tensor]]:
    a = torch.tensor(START[:3].tolist(), dtype=torch.float64, requires_grad=True)
    b = torch.tensor([START[3:].tolist()], dtype=torch.float64, requires_grad=True)
    optimizer = optim.LBFGS([a, b], **options)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_of(torch.cat([a, b.view(-1)]))
        loss.backward()
        return loss

    return a, b, optimizer, closure


@pytest.mark.parametrize("history", [100, 2])
@pytest.mark.parametrize("lr", [1, 0.5])
@pytest.mark.parametrize("per_step", [1, 3])
def test_lbfgs(lr: float, history: int, per_step: int) -> None:
    tight = {"tolerance_grad": 1e-14, "tolerance_change": 1e-16, "max_eval": 10}
    a, b, optimizer, closure = lbfgs_problem(lr=lr, max_iter=per_step, history_size=history, **tight)
    for k in range(1, 4):
        before = closure().item()
        assert optimizer.step(closure).item() == before
        np.testing.assert_allclose([*a.tolist(), b.item()], lbfgs(k * per_step, lr, history), rtol=1e-8, atol=1e-10)
    assert optimizer.state[a]["n_iter"] == optimizer.state[a]["func_evals"] == 3 * per_step


def test_lbfgs_ends_at_the_minimum() -> None:
    a, _, optimizer, closure = lbfgs_problem()
    for _ in range(3):
        optimizer.step(closure)
    assert optimizer.state[a]["func_evals"] < 30
    assert max(abs(g) for g in a.grad.tolist()) < 1e-4


def test_lbfgs_max_eval() -> None:
    a, _, optimizer, closure = lbfgs_problem(max_eval=3)
    optimizer.step(closure)
    assert optimizer.state[a]["func_evals"] == 3


def parabola(curvature: float, **options: Any) -> tuple[float, int]:
    """Where one step on curvature * p^2 / 2 from 1 leads, and how many evaluations it takes."""
    p = torch.ones(1, requires_grad=True)
    optimizer = optim.LBFGS([p], **options)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (p * p).sum() * (curvature / 2)
        loss.backward()
        return loss

    optimizer.step(closure)
    return p.item(), optimizer.state[p]["func_evals"]


def test_lbfgs_leaves_out_negative_curvature() -> None:
    """The estimate stays the identity: p += 0.5 p, three times."""
    assert parabola(-1, lr=0.5, max_iter=3, max_eval=9) == (1.5**3, 3)


def test_lbfgs_ends_when_the_loss_stays() -> None:
    """From 1 over the minimum to -1: the gradient and the move are large, the loss is the same."""
    assert parabola(1, lr=2) == (-1.0, 2)


def test_lbfgs_refuses() -> None:
    p, q = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match="doesn't support per-parameter options"):
        optim.LBFGS([{"params": p}, {"params": q}])
    with pytest.raises(RuntimeError, match="line search function is not supported yet"):
        optim.LBFGS([p], line_search_fn="backtracking")
    with pytest.raises(TypeError, match="needs a closure"):
        optim.LBFGS([p]).step()
