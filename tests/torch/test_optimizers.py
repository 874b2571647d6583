"""Every optimiser against its formula: twenty steps in NumPy's float64, for all combinations of options."""

from __future__ import annotations

import copy
import io
import itertools
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import torch
from torch import optim

START = np.array([1.0, -2.0, 3.0, 0.25])
CURVATURE = np.array([1.0, 0.3, 2.5, 4.0])
STEPS = 20

Array = Any
Step = Callable[[Array, Array, dict[str, Any], int], Array]


def gradient(p: Array) -> Array:
    """Of sum(curvature * p^2 / 2 + cos(p)), which no step can make zero by luck."""
    return CURVATURE * p - np.sin(p)


def loss_of(p: torch.Tensor) -> torch.Tensor:
    return (torch.tensor(CURVATURE.tolist(), dtype=p.dtype) * p * p / 2 + torch.cos(p)).sum()


def optimised(name: str, options: dict[str, Any]) -> Array:
    p = torch.tensor(START.tolist(), dtype=torch.float64, requires_grad=True)
    optimizer = getattr(optim, name)([p], **options)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(p).backward()
        optimizer.step()
    return np.array(p.tolist())


def expected(step: Step, o: dict[str, Any]) -> Array:
    p, state = START.copy(), dict[str, Any]()
    for t in range(1, STEPS + 1):
        g = gradient(p) + o.get("weight_decay", 0) * p
        p = step(p, g, {**o, "state": state}, t)
    return p


def adadelta(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s, rho = o["state"], o["rho"]
    s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
    d = np.sqrt(s.get("d", 0) + o["eps"]) / np.sqrt(s["v"] + o["eps"]) * g
    s["d"] = rho * s.get("d", 0) + (1 - rho) * d**2
    return p - o["lr"] * d


def adagrad(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s = o["state"]
    s["sum"] = s.get("sum", o["initial_accumulator_value"]) + g**2
    return p - o["lr"] / (1 + (t - 1) * o["lr_decay"]) * g / (np.sqrt(s["sum"]) + 1e-10)


def adam(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s, (b1, b2) = o["state"], o["betas"]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g**2
    s["top"] = np.maximum(s.get("top", 0), s["v"])
    v = s["top"] if o["amsgrad"] else s["v"]
    return p - o["lr"] * np.sqrt(1 - b2**t) / (1 - b1**t) * s["m"] / (np.sqrt(v) + o["eps"])


def adamax(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s, (b1, b2) = o["state"], o["betas"]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["u"] = np.maximum(b2 * s.get("u", 0), np.abs(g) + o["eps"])
    return p - o["lr"] / (1 - b1**t) * s["m"] / s["u"]


def asgd(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    eta = o["lr"] / (1 + o["lambd"] * o["lr"] * (t - 1)) ** o["alpha"]
    return (1 - o["lambd"] * eta) * p - eta * g


def rmsprop(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s, a = o["state"], o["alpha"]
    s["v"] = a * s.get("v", 0) + (1 - a) * g**2
    s["m"] = a * s.get("m", 0) + (1 - a) * g
    v = s["v"] - s["m"] ** 2 if o["centered"] else s["v"]
    s["b"] = o["momentum"] * s.get("b", 0) + g / (np.sqrt(v) + o["eps"])
    return p - o["lr"] * s["b"]


def rprop(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s = o["state"]
    same = g * s.get("g", 0)
    d = s.get("d", np.full(4, o["lr"])) * np.where(same > 0, o["etas"][1], np.where(same < 0, o["etas"][0], 1))
    s["d"] = np.clip(d, *o["step_sizes"])
    s["g"] = np.where(same < 0, 0, g)
    return p - np.sign(s["g"]) * s["d"]


def sgd(p: Array, g: Array, o: dict[str, Any], t: int) -> Array:
    s, m = o["state"], o["momentum"]
    s["v"] = g if t == 1 else m * s["v"] + (1 - o["dampening"]) * g
    change = g if m == 0 else g + m * s["v"] if o["nesterov"] else s["v"]
    return p - o["lr"] * change


DECAY = [0, 0.1]
BETAS = [(0.9, 0.999), (0.5, 0.8)]
GRIDS: dict[str, tuple[Step, dict[str, list[Any]]]] = {
    "Adadelta": (adadelta, {"lr": [1.0, 0.3], "rho": [0.9, 0.5], "eps": [1e-6, 1e-2], "weight_decay": DECAY}),
    "Adagrad": (adagrad, {"lr": [0.1], "lr_decay": [0, 0.2], "weight_decay": DECAY, "initial_accumulator_value": [0, 0.5]}),
    "Adam": (adam, {"lr": [0.1], "betas": BETAS, "eps": [1e-8, 0.1], "weight_decay": DECAY, "amsgrad": [False, True]}),
    "Adamax": (adamax, {"lr": [0.1], "betas": BETAS, "eps": [1e-8, 0.1], "weight_decay": DECAY}),
    "ASGD": (asgd, {"lr": [0.1], "lambd": [1e-4, 0.2], "alpha": [0.75, 0.5], "t0": [1e6, 5], "weight_decay": DECAY}),
    "RMSprop": (
        rmsprop,
        {
            "lr": [0.05],
            "alpha": [0.99, 0.6],
            "eps": [1e-8, 0.1],
            "weight_decay": DECAY,
            "momentum": [0, 0.9],
            "centered": [False, True],
        },
    ),
    "Rprop": (rprop, {"lr": [0.01, 0.5], "etas": [(0.5, 1.2), (0.3, 2.0)], "step_sizes": [(1e-6, 50), (0.02, 0.4)]}),
    "SGD": (
        sgd,
        {"lr": [0.1], "momentum": [0, 0.9], "dampening": [0, 0.3], "weight_decay": DECAY, "nesterov": [False, True]},
    ),
}


def cases(name: str) -> Iterator[dict[str, Any]]:
    grid = GRIDS[name][1]
    for values in itertools.product(*grid.values()):
        options = dict(zip(grid, values, strict=True))
        if not options.get("nesterov") or (options["momentum"] and not options["dampening"]):
            yield options


@pytest.mark.parametrize("name", GRIDS)
def test_steps(name: str) -> None:
    for options in cases(name):
        np.testing.assert_allclose(optimised(name, options), expected(GRIDS[name][0], options), rtol=1e-9, err_msg=str(options))


def test_the_options_matter() -> None:
    """Each combination ends elsewhere, so that none of them can be ignored; t0 changes the mean only."""
    for name in GRIDS:
        ends = [
            tuple(optimised(name, o))
            for o in cases(name)
            if o.get("t0") != 5 and not (o.get("momentum") == 0 and o.get("dampening"))
        ]
        assert len(set(ends)) == len(ends), name


def test_asgd_keeps_the_mean() -> None:
    p = torch.tensor(START.tolist(), dtype=torch.float64, requires_grad=True)
    optimizer = optim.ASGD([p], lr=0.1, t0=4)
    path = []
    for _ in range(12):
        optimizer.zero_grad()
        loss_of(p).backward()
        optimizer.step()
        path.append(np.array(p.tolist()))
        # Up to and with step t0 + 2 the weight 1 / max(1, t - t0) of the step before is 1.
        mean = np.mean(path[5:], axis=0) if len(path) > 6 else path[-1]
        np.testing.assert_allclose(optimizer.state[p]["ax"].tolist(), mean, rtol=1e-12)


def test_default_options() -> None:
    """Those of 0.4.1."""
    p = torch.ones(1, requires_grad=True)
    table = {
        "Adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0},
        "Adagrad": {"lr": 1e-2, "lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0},
        "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
        "Adamax": {"lr": 2e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0},
        "ASGD": {"lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0},
        "RMSprop": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
        "Rprop": {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50)},
    }
    for name, options in table.items():
        assert getattr(optim, name)([p]).defaults == options
    assert optim.LBFGS([p]).defaults == {
        "lr": 1, "max_iter": 20, "max_eval": 25, "tolerance_grad": 1e-5, "tolerance_change": 1e-9, "history_size": 100,
        "line_search_fn": None,
    }  # fmt: skip


# --- all of them -------------------------------------------------------------------------------------------------------

ALL = [name for name in optim.__all__ if name not in ("Optimizer", "SparseAdam", "lr_scheduler")]


def made(name: str, params: list[torch.Tensor]) -> Any:
    return getattr(optim, name)(params, lr=0.1)


def advance(optimizer: Any, p: torch.Tensor, steps: int) -> None:
    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_of(p)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)


@pytest.mark.parametrize("way", ["state_dict", "pickled state_dict", "file", "deepcopy", "pickle"])
@pytest.mark.parametrize("name", ALL)
def test_a_copy_continues(name: str, way: str) -> None:
    p = torch.tensor(START.tolist(), dtype=torch.float64, requires_grad=True)
    optimizer = made(name, [p])
    advance(optimizer, p, 3)
    if way in ("deepcopy", "pickle"):
        other = copy.deepcopy(optimizer) if way == "deepcopy" else pickle.loads(pickle.dumps(optimizer))
        q = other.param_groups[0]["params"][0]
    else:
        q = torch.tensor(p.tolist(), dtype=torch.float64, requires_grad=True)
        other = made(name, [q])
        saved = optimizer.state_dict()
        if way == "pickled state_dict":
            saved = pickle.loads(pickle.dumps(saved))
        elif way == "file":
            file = io.BytesIO()
            torch.save(saved, file)
            file.seek(0)
            saved = torch.load(file)
        other.load_state_dict(saved)
    assert q is not p and q.tolist() == p.tolist()
    advance(optimizer, p, 3)
    advance(other, q, 3)
    assert q.tolist() == p.tolist()


@pytest.mark.parametrize("name", ALL)
def test_state_takes_the_dtype_of_its_parameter(name: str) -> None:
    p = torch.tensor(START.tolist(), requires_grad=True)
    optimizer = made(name, [p])
    advance(optimizer, p, 2)
    q = torch.tensor(START.tolist(), dtype=torch.float64, requires_grad=True)
    other = made(name, [q])
    other.load_state_dict(optimizer.state_dict())
    tensors = [value for value in other.state[q].values() if isinstance(value, torch.Tensor)]
    assert all(value.dtype is torch.float64 for value in tensors)
    advance(other, q, 1)


def test_entries_without_a_parameter_survive() -> None:
    p = torch.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=1)
    optimizer.state["mine"] = {"count": 3}  # type: ignore[index]
    other = optim.SGD([p], lr=1)
    other.load_state_dict(optimizer.state_dict())
    assert other.state["mine"] == {"count": 3}  # type: ignore[index]


def test_a_copy_still_knows_required_options() -> None:
    optimizer = pickle.loads(pickle.dumps(optim.SGD([{"params": torch.ones(1, requires_grad=True), "lr": 1}])))
    with pytest.raises(ValueError, match="didn't specify a value of required optimization parameter lr"):
        optimizer.add_param_group({"params": torch.ones(1, requires_grad=True)})


@pytest.mark.parametrize("name", [name for name in ALL if name != "LBFGS"])
def test_groups_that_are_added_later(name: str) -> None:
    p, q = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    optimizer = made(name, [p])
    optimizer.add_param_group({"params": q, "lr": 0})
    (p * 2 + q * 2).sum().backward()
    optimizer.step()
    assert p.item() != 1 and (q.item() == 1 or name == "Rprop")  # Rprop's steps are at least step_sizes[0]


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("SGD", "LBFGS")])  # 0.4 does not check LBFGS's
def test_negative_learning_rate(name: str) -> None:
    with pytest.raises(ValueError, match="Invalid learning rate: -1"):
        getattr(optim, name)([torch.ones(1, requires_grad=True)], lr=-1)


@pytest.mark.parametrize(
    ("name", "option", "value", "text"),
    [
        ("Adadelta", "rho", 1.5, "Invalid rho value: 1.5"),
        ("Adadelta", "eps", -1.0, "Invalid epsilon value: -1.0"),
        ("Adagrad", "lr_decay", -1, "Invalid lr_decay value: -1"),
        ("Adagrad", "initial_accumulator_value", -1, "Invalid initial_accumulator_value value: -1"),
        ("Adam", "lr", float("nan"), "Invalid learning rate: nan"),
        ("Adamax", "betas", (1.0, 0.9), "Invalid beta parameter at index 0: 1.0"),
        ("Adamax", "weight_decay", -1, "Invalid weight_decay value: -1"),
        ("RMSprop", "momentum", -1, "Invalid momentum value: -1"),
        ("RMSprop", "alpha", -1, "Invalid alpha value: -1"),
        ("Rprop", "etas", (1.5, 1.2), "Invalid eta values: 1.5, 1.2"),
        ("ASGD", "weight_decay", -1, "Invalid weight_decay value: -1"),
    ],
)
def test_bad_options(name: str, option: str, value: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        getattr(optim, name)([torch.ones(1, requires_grad=True)], **{option: value})
