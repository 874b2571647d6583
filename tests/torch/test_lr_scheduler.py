"""Schedules of the learning rate against their formulas, epoch by epoch, and resumed in the middle."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import torch
from torch import optim
from torch.optim import lr_scheduler

EPOCHS = 12
BASES = (1.0, 0.05)


class Halving:
    """A callable with state of its own."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, epoch: int) -> float:
        return self.factor**epoch


Make = Callable[..., Any]
SCHEDULES: dict[str, tuple[Make, Callable[[float, int], float]]] = {
    "LambdaLR": (lambda o, **k: lr_scheduler.LambdaLR(o, lambda e: 1 / (e + 1), **k), lambda base, e: base / (e + 1)),
    "LambdaLR, an object": (lambda o, **k: lr_scheduler.LambdaLR(o, Halving(0.5), **k), lambda base, e: base * 0.5**e),
    "StepLR": (lambda o, **k: lr_scheduler.StepLR(o, 3, 0.5, **k), lambda base, e: base * 0.5 ** (e // 3)),
    "MultiStepLR": (
        lambda o, **k: lr_scheduler.MultiStepLR(o, [2, 5, 9], **k),
        lambda base, e: base * 0.1 ** ((e >= 2) + (e >= 5) + (e >= 9)),
    ),
    "ExponentialLR": (lambda o, **k: lr_scheduler.ExponentialLR(o, 0.9, **k), lambda base, e: base * 0.9**e),
    "CosineAnnealingLR": (
        lambda o, **k: lr_scheduler.CosineAnnealingLR(o, 10, 0.01, **k),
        lambda base, e: 0.01 + (base - 0.01) * (1 + math.cos(math.pi * e / 10)) / 2,
    ),
}


def optimizer() -> optim.Optimizer:
    groups = [{"params": torch.ones(1, requires_grad=True), "lr": base} for base in BASES]
    return optim.SGD(groups, lr=1)


def rates(o: optim.Optimizer) -> list[float]:
    return [group["lr"] for group in o.param_groups]


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name: str) -> None:
    make, formula = SCHEDULES[name]
    o = optimizer()
    scheduler = make(o)
    assert scheduler.last_epoch == -1 and rates(o) == pytest.approx([formula(base, 0) for base in BASES])
    for epoch in range(EPOCHS):
        scheduler.step()
        assert scheduler.last_epoch == epoch
        assert rates(o) == pytest.approx([formula(base, epoch) for base in BASES])
    scheduler.step(4)
    assert rates(o) == pytest.approx([formula(base, 4) for base in BASES])


@pytest.mark.parametrize("name", SCHEDULES)
def test_resumed_by_state_dicts(name: str) -> None:
    make, formula = SCHEDULES[name]
    o = optimizer()
    scheduler = make(o)
    for _ in range(5):
        scheduler.step()
    saved = pickle.loads(pickle.dumps((o.state_dict(), scheduler.state_dict())))
    other = optimizer()
    resumed = make(other)
    other.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    assert rates(other) == rates(o) and "optimizer" not in scheduler.state_dict()
    resumed.step()
    assert resumed.last_epoch == 5 and rates(other) == pytest.approx([formula(base, 5) for base in BASES])


@pytest.mark.parametrize("name", SCHEDULES)
def test_resumed_by_last_epoch(name: str) -> None:
    make, formula = SCHEDULES[name]
    o = optimizer()
    with pytest.raises(KeyError, match=r"param 'initial_lr' is not specified in param_groups\[0\] when resuming"):
        make(o, last_epoch=4)
    for group in o.param_groups:
        group["initial_lr"], group["lr"] = group["lr"], 77
    scheduler = make(o, last_epoch=4)
    assert rates(o) == pytest.approx([formula(base, 5) for base in BASES])
    scheduler.step()
    assert scheduler.last_epoch == 5 and rates(o) == pytest.approx([formula(base, 5) for base in BASES])


def test_lambda_for_each_group() -> None:
    o = optimizer()
    scheduler = lr_scheduler.LambdaLR(o, [lambda e: 2, lambda e: e])
    scheduler.step(3)
    assert rates(o) == [2.0, pytest.approx(0.15)]
    with pytest.raises(ValueError, match="Expected 2 lr_lambdas, but got 1"):
        lr_scheduler.LambdaLR(o, [lambda e: 2])


def test_lambda_objects_are_saved() -> None:
    saved = lr_scheduler.LambdaLR(optimizer(), Halving(0.25)).state_dict()
    assert saved["lr_lambdas"] == [{"factor": 0.25}] * 2
    other = lr_scheduler.LambdaLR(optimizer(), Halving(0.5))
    other.load_state_dict(saved)
    assert other.lr_lambdas[0].factor == 0.25
    assert saved["lr_lambdas"] == [{"factor": 0.25}] * 2


def test_refusals() -> None:
    with pytest.raises(TypeError, match="int is not an Optimizer"):
        lr_scheduler.StepLR(3, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Milestones should be a list of increasing integers"):
        lr_scheduler.MultiStepLR(optimizer(), [5, 2])


def test_groups_added_later_keep_their_rate() -> None:
    o = optimizer()
    scheduler = lr_scheduler.ExponentialLR(o, 0.5)
    o.add_param_group({"params": torch.ones(1, requires_grad=True), "lr": 3})
    scheduler.step(1)
    assert rates(o) == [0.5, 0.025, 3]


# --- ReduceLROnPlateau -------------------------------------------------------------------------------------------------


def reductions(values: list[float], **options: Any) -> list[int]:
    """After which epochs the rate fell."""
    o = optimizer()
    scheduler = lr_scheduler.ReduceLROnPlateau(o, factor=0.5, **options)
    found = []
    for epoch, value in enumerate(values):
        before = rates(o)
        scheduler.step(value)
        if rates(o) != before:
            assert rates(o) == [rate / 2 for rate in before]
            found.append(epoch)
    return found


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        # patience + 1 bad epochs in a row; an improvement begins anew.
        ([1, 1, 1, 1, 1, 1, 1], {"patience": 2}, [3, 6]),
        ([5, 6, 6, 4, 6, 6, 6], {"patience": 2}, [6]),
        ([1, 1, 1], {"patience": 0}, [1, 2]),
        # relative: better is less than 0.9 of the best; absolute: less than the best less 0.9.
        ([10, 9.5, 9.1, 8.9], {"patience": 0, "threshold": 0.1}, [1, 2]),
        ([10, 9.5, 9.05, 8.15], {"patience": 0, "threshold": 0.9, "threshold_mode": "abs"}, [1, 3]),
        # the greater the better
        ([1, 2, 3, 3, 2], {"patience": 1, "mode": "max"}, [4]),
        ([10, 10.5, 11.5], {"patience": 0, "mode": "max", "threshold": 0.1}, [1]),
        ([-1, -0.5], {"patience": 0, "mode": "max", "threshold": 0.6, "threshold_mode": "abs"}, [1]),
        # two epochs after a reduction do not count
        ([1, 1, 1, 1, 1, 1, 1], {"patience": 0, "cooldown": 2}, [1, 4]),
        ([float("nan")] * 3, {"patience": 1}, [1]),
        ([1], {"patience": 0}, []),
    ],
)
def test_plateau(values: list[float], options: dict[str, Any], epochs: list[int]) -> None:
    assert reductions(values, **options) == epochs


def test_plateau_has_bounds() -> None:
    o = optimizer()
    scheduler = lr_scheduler.ReduceLROnPlateau(o, patience=0, min_lr=[0.3, 0.0], eps=0.001)
    for _ in range(6):
        scheduler.step(torch.tensor(1.0))
    # 0.05 -> 0.005 -> 0.0005; less than eps is left out.
    assert rates(o) == pytest.approx([0.3, 0.0005])


def test_plateau_speaks_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer(), patience=0, verbose=True)
    scheduler.step(1)
    scheduler.step(1)
    assert capsys.readouterr().out.splitlines() == [
        "Epoch     1: reducing learning rate of group 0 to 1.0000e-01.",
        "Epoch     1: reducing learning rate of group 1 to 5.0000e-03.",
    ]


def test_plateau_resumed() -> None:
    o, other = optimizer(), optimizer()
    scheduler = lr_scheduler.ReduceLROnPlateau(o, mode="max", patience=3, cooldown=1)
    for value in (3, 2, 2):
        scheduler.step(value)
    resumed = lr_scheduler.ReduceLROnPlateau(other)
    resumed.load_state_dict(pickle.loads(pickle.dumps(scheduler.state_dict())))
    for value in (2, 2, 2, 4, 2):
        scheduler.step(value)
        resumed.step(value)
        assert rates(o) == rates(other)
    assert rates(o) == pytest.approx([0.1, 0.005]) and resumed.best == 4


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"factor": 1.0}, "Factor should be < 1.0."),
        ({"mode": "least"}, "mode least is unknown!"),
        ({"threshold_mode": "x"}, "threshold mode x is unknown!"),
        ({"min_lr": [0.1]}, "expected 2 min_lrs, got 1"),
    ],
)
def test_plateau_refuses(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        lr_scheduler.ReduceLROnPlateau(optimizer(), **options)
