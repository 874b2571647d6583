"""Optimisers against their formulas."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import torch
from torch import nn, optim

START = np.array([1.0, -2.0, 3.0])
TARGET = np.array([0.5, 0.5, 0.5])


def _run(make: object, steps: int) -> np.ndarray:
    """Minimises sum((p - target)^2 / 2), whose gradient is p - target."""
    p = torch.tensor(START.tolist(), dtype=torch.float64, requires_grad=True)
    optimizer = make([p])  # type: ignore[operator]
    for _ in range(steps):
        optimizer.zero_grad()
        (p - torch.tensor(TARGET.tolist(), dtype=torch.float64)).pow(2).sum().div(2).backward()
        optimizer.step()
    result: np.ndarray = p.detach().numpy().copy()
    return result


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(("momentum", "dampening", "decay"), [(0, 0, 0), (0.9, 0, 0), (0.9, 0, 0.1), (0.5, 0.2, 0.1)])
def test_sgd(momentum: float, dampening: float, decay: float, nesterov: bool) -> None:
    if nesterov and (momentum == 0 or dampening != 0):
        with pytest.raises(ValueError, match="Nesterov momentum requires a momentum and zero dampening"):
            optim.SGD([torch.ones(1, requires_grad=True)], 0.1, momentum, dampening, nesterov=nesterov)
        return
    p, v = START.copy(), None
    for _ in range(5):
        g = p - TARGET + decay * p
        if momentum:
            v = g.copy() if v is None else momentum * v + (1 - dampening) * g
            g = g + momentum * v if nesterov else v
        p = p - 0.1 * g
    ours = _run(lambda ps: optim.SGD(ps, 0.1, momentum, dampening, decay, nesterov), 5)
    np.testing.assert_allclose(ours, p, rtol=1e-12)


@pytest.mark.parametrize(("decay", "amsgrad"), [(0.0, False), (0.1, False), (0.0, True)])
def test_adam(decay: float, amsgrad: bool) -> None:
    p, m, v, top = START.copy(), 0.0, 0.0, np.zeros(3)
    for step in range(1, 6):
        g = p - TARGET + decay * p
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
        top = np.maximum(top, v)
        size = 0.1 * np.sqrt(1 - 0.99**step) / (1 - 0.9**step)
        p = p - size * m / (np.sqrt(top if amsgrad else v) + 1e-8)
    ours = _run(lambda ps: optim.Adam(ps, 0.1, (0.9, 0.99), weight_decay=decay, amsgrad=amsgrad), 5)
    np.testing.assert_allclose(ours, p, rtol=1e-10)


def test_groups() -> None:
    a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    optimizer = optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.1)
    (a + b).sum().backward()
    optimizer.step()
    assert a.item() == pytest.approx(0.5) and b.item() == pytest.approx(0.9)
    optimizer.param_groups[1]["lr"] = 0.9
    optimizer.step()
    assert b.item() == pytest.approx(0.0, abs=1e-6)


def test_closure() -> None:
    p = torch.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=0.1)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (p * 3).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 3
    assert p.item() == pytest.approx(0.7)


def test_parameters_without_gradient_are_left() -> None:
    p = torch.ones(1, requires_grad=True)
    optim.SGD([p], lr=0.1).step()
    assert p.item() == 1


@pytest.mark.parametrize("make", [lambda ps: optim.SGD(ps, 0.1, 0.9), lambda ps: optim.Adam(ps, 0.1)], ids=["SGD", "Adam"])
def test_state_dict_continues(make: object) -> None:
    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    x = torch.randn(8, 2)

    def steps(model: nn.Module, optimizer: optim.Optimizer, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            model(x).pow(2).sum().backward()
            optimizer.step()

    optimizer = make(net.parameters())  # type: ignore[operator]
    steps(net, optimizer, 2)
    twin = copy.deepcopy(net)
    other = make(twin.parameters())  # type: ignore[operator]
    other.load_state_dict(optimizer.state_dict())
    steps(net, optimizer, 2)
    steps(twin, other, 2)
    assert twin.weight.tolist() == net.weight.tolist()
    assert [sorted(state) for state in other.state.values()] == [sorted(state) for state in optimizer.state.values()]


def test_load_refuses_another_shape() -> None:
    one = optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
    two = optim.SGD([torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)], lr=0.1)
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        two.load_state_dict(one.state_dict())


def test_bad_arguments() -> None:
    p = torch.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match="didn't specify a value of required optimization parameter lr"):
        optim.SGD([p])
    with pytest.raises(ValueError, match="Invalid learning rate: -1"):
        optim.SGD([p], lr=-1)
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([], lr=1)
    with pytest.raises(TypeError, match=r"should be an iterable of Tensors or dicts, but got torch.(cuda.)?FloatTensor"):
        optim.SGD(p, lr=1)
    with pytest.raises(TypeError, match="can only optimize Tensors, but one of the params is int"):
        optim.SGD([1], lr=1)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="non-leaf"):
        optim.SGD([p * 2], lr=1)
    with pytest.raises(ValueError, match="doesn't require gradients"):
        optim.SGD([torch.ones(1)], lr=1)
    with pytest.raises(TypeError, match="a set has no order"):
        optim.SGD([{"params": {p}}], lr=1)
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": p}, {"params": p}], lr=1)
    with pytest.raises(ValueError, match=r"Invalid beta parameter at index 1: 1\.0"):
        optim.Adam([p], betas=(0.9, 1.0))


def test_printing() -> None:
    text = repr(optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1))
    assert text.startswith("SGD (\nParameter Group 0\n") and "    lr: 0.1\n" in text
