"""Classic names of activations and losses against NumPy and differences."""

from __future__ import annotations

import numpy as np
import pytest
from family import DOUBLE, FLOAT, Case, Run, cases, check
from thnn import Tensor

RNG = np.random.default_rng(0)
X = RNG.uniform(0.05, 1.5, (3, 4, 5)) * RNG.choice([-1.0, 1.0], (3, 4, 5))
EMPTY = np.zeros((0, 4))
NO_WEIGHT = -100


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softplus(x: np.ndarray, beta: float, threshold: float) -> np.ndarray:
    return np.where(x * beta > threshold, x, np.log1p(np.exp(np.minimum(x * beta, threshold))) / beta)


def glu(x: np.ndarray, dim: int) -> np.ndarray:
    value, gate = np.split(x, 2, dim)
    return value * sigmoid(gate)


def unary(family: str, function: object, **settings: object) -> list[Case]:
    return [
        Case(family, {"input": x}, lambda input: function(input), settings, smooth=bool(x.size))  # type: ignore[operator]
        for x in (X, EMPTY, X[:1, 0])
    ]


ACTIVATIONS = [
    *unary("Abs", np.abs),
    *unary("ELU", lambda x: np.where(x > 0, 2 * x, 2 * 0.7 * np.expm1(x)), alpha=0.7, scale=2.0),
    *unary("HardShrink", lambda x: np.where(abs(x) > 0.5, x, 0), **{"lambda": 0.5}),
    *unary("HardTanh", lambda x: np.clip(x, -0.6, 0.7), min_val=-0.6, max_val=0.7),
    *unary("LeakyReLU", lambda x: np.where(x > 0, x, 0.2 * x), negval=0.2),
    *unary("LogSigmoid", lambda x: np.log(sigmoid(x))),
    *unary("Sigmoid", sigmoid),
    *unary("SoftPlus", lambda x: softplus(x, 2.0, 1.5), beta=2.0, threshold=1.5),
    *unary("SoftShrink", lambda x: np.sign(x) * np.maximum(abs(x) - 0.3, 0), **{"lambda": 0.3}),
    *unary("Square", np.square),
    *unary("Tanh", np.tanh),
    *unary("Threshold", lambda x: np.where(x > 0.4, x, -2.0), threshold=0.4, val=-2.0),
    Case("Sqrt", {"input": abs(X)}, lambda input: np.sqrt(input), {"eps": 0.0}),
    Case("GatedLinear", {"input": X}, lambda input: glu(input, 1), {"dim": 1}),
    Case("GatedLinear", {"input": X[:, :, :4]}, lambda input: glu(input, -1), {"dim": -1}),
    Case("RReLU", {"input": X}, lambda input: np.where(input > 0, input, 0.25 * input), {"lower": 0.2, "upper": 0.3}),
    *[
        Case(
            "PReLU",
            {"input": X, "weight": weight},
            lambda input, weight: np.where(input > 0, input, input * weight.reshape(1, -1, 1)),
            learnt={"weight": "gradWeight"},
        )
        for weight in (np.array([0.3]), np.array([0.1, -0.2, 0.3, 0.4]))
    ],
    *[
        Case(family, {"input": X}, lambda input, f=f, d=dim: f(input, d), {"dim": dim})
        for dim in (0, 2)
        for family, f in (
            ("SoftMax", lambda x, d: np.exp(x) / np.exp(x).sum(d, keepdims=True)),
            ("LogSoftMax", lambda x, d: x - np.log(np.exp(x).sum(d, keepdims=True))),
        )
    ],
]

MODES = [{"sizeAverage": a, "reduce": r} for a, r in ((True, True), (False, True), (False, False))]
SIGNS = np.sign(RNG.standard_normal(X.shape))
UNIT = RNG.uniform(0.1, 0.9, X.shape)


def reduced(losses: np.ndarray, settings: dict[str, object]) -> np.ndarray:
    if settings.get("reduce") is False:
        return losses
    return losses.mean() if settings["sizeAverage"] else losses.sum()


def smooth_l1(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    d = abs(x - t)
    return np.where(d < 1, d * d / 2, d - 0.5)


def bce(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    return -(t * np.log(x) + (1 - t) * np.log(1 - x))


ELEMENTWISE = {
    "AbsCriterion": (X, X[::-1] * 1.7, lambda x, t: abs(x - t)),
    "MSECriterion": (X, X[::-1] * 1.7, lambda x, t: (x - t) ** 2),
    "SmoothL1Criterion": (X, X[::-1] * 1.7, smooth_l1),
    "SoftMarginCriterion": (X, SIGNS, lambda x, t: np.log1p(np.exp(-x * t))),
    "DistKLDivCriterion": (X, UNIT * (UNIT > 0.3), lambda x, t: np.where(t > 0, t * (np.log(np.maximum(t, 1e-9)) - x), 0)),
    "BCECriterion": (UNIT, UNIT[::-1], bce),
}
LOSSES = [
    Case(
        family,
        {"input": x, "target": t},
        lambda input, target, f=f, m=mode: reduced(f(input, target), m),
        mode,
    )
    for family, (x, t, f) in ELEMENTWISE.items()
    for mode in MODES
] + [
    Case(
        "MarginCriterion",
        {"input": X, "target": SIGNS},
        lambda input, target, m=mode: reduced(np.maximum(0, 0.5 - input * target), m),
        {**mode, "margin": 0.5},
    )
    for mode in ({"sizeAverage": True}, {"sizeAverage": False})
]
WEIGHTED = [
    Case(
        "BCECriterion",
        {"input": UNIT, "target": UNIT[::-1], "weights": UNIT * 2},
        lambda input, target, weights, m=mode: reduced(bce(input, target) * weights, m),
        mode,
    )
    for mode in MODES
] + [Case("L1Cost", {"input": X}, lambda input: abs(input).sum())]


def nll(input: np.ndarray, target: np.ndarray, weights: np.ndarray, settings: dict[str, object]) -> np.ndarray:
    losses, used = np.zeros(target.shape), np.zeros(target.shape)
    for at in np.ndindex(*target.shape):
        if target[at] != settings["ignore_index"]:
            used[at] = weights[target[at]]
            losses[at] = -used[at] * input[(at[0], target[at], *at[1:])]
    if settings["reduce"] is False:
        return losses
    return losses.sum() / used.sum() if settings["sizeAverage"] else losses.sum()


def multi_margin(input: np.ndarray, target: np.ndarray, weights: np.ndarray, p: int, margin: float) -> np.ndarray:
    rows = [
        weights[t] * sum(max(0.0, margin - row[t] + row[d]) ** p for d in range(len(row)) if d != t) / len(row)
        for row, t in zip(input, target, strict=True)
    ]
    return np.array(rows)


def multi_label(input: np.ndarray, target: np.ndarray) -> np.ndarray:
    result = []
    for row, labels in zip(input, target, strict=True):
        end = list(labels).index(-1) if -1 in labels else len(labels)
        mine = list(labels[:end])
        others = [d for d in range(len(row)) if d not in mine]
        result.append(sum(max(0.0, 1 - row[t] + row[d]) for t in mine for d in others) / len(row))
    return np.array(result)


FLAT, CLASSES = X[:, :, 0], np.array([1, 3, 0])
WEIGHTS = np.array([0.5, 1.5, 1.0, 2.0])
LABELS = np.array([[1, 3, -1, 0], [0, 1, 2, 3], [-1, 2, 2, 2]])
CHOICES = [
    case
    for mode in MODES
    for case in (
        *(
            Case(
                family,
                {"input": x, "target": t, "weights": WEIGHTS},
                lambda input, target, weights, m=mode: nll(input, target, weights, {**m, "ignore_index": 3}),
                {**mode, "ignore_index": 3},
            )
            for family, x, t in (
                ("ClassNLLCriterion", FLAT, CLASSES),
                ("SpatialClassNLLCriterion", X[..., None], np.arange(15).reshape(3, 5, 1) % 4),
            )
        ),
        *(
            Case(
                "MultiMarginCriterion",
                {"input": FLAT, "target": CLASSES, "weights": WEIGHTS},
                lambda input, target, weights, m=mode, p=p: reduced(multi_margin(input, target, weights, p, 0.7), m),
                {**mode, "p": p, "margin": 0.7},
            )
            for p in (1, 2)
        ),
        Case(
            "MultiLabelMarginCriterion",
            {"input": FLAT, "target": LABELS},
            lambda input, target, m=mode: reduced(multi_label(input, target), m),
            mode,
        ),
    )
]
CASES = cases(ACTIVATIONS, LOSSES, WEIGHTED, CHOICES)


@pytest.mark.parametrize("name", CASES)
def test_family(name: str) -> None:
    check(CASES[name])


@pytest.mark.parametrize("family", ["ELU", "HardTanh", "LeakyReLU", "RReLU", "Threshold"])
def test_in_place(family: str) -> None:
    case = next(case for case in CASES.values() if case.family == family and case.inputs["input"].ndim == 3)
    y, x = Tensor(), Tensor(case.inputs["input"])
    DOUBLE.call(f"{family}_updateOutput", {**case.settings, "input": x, "output": y, "inplace": True})
    np.testing.assert_array_equal(y.array, x.array)
    np.testing.assert_allclose(y.array, case.oracle(**case.inputs), rtol=1e-9)


def test_randomized_slopes() -> None:
    x = np.linspace(-2, 2, 1001)
    settings = {"lower": 0.1, "upper": 0.4, "train": True}
    given = {"input": Tensor(x), "output": Tensor(), "noise": Tensor(), **settings}
    DOUBLE.call("RReLU_updateOutput", given)
    noise = given["noise"].array
    assert noise[x > 0].tolist() == [1.0] * int((x > 0).sum())
    drawn = noise[x <= 0]
    assert drawn.min() >= 0.1 and drawn.max() < 0.4 and 0.23 < drawn.mean() < 0.27
    np.testing.assert_array_equal(given["output"].array, x * noise)
    backward = {**given, "gradOutput": Tensor(x), "gradInput": Tensor()}
    DOUBLE.call("RReLU_updateGradInput", backward)
    np.testing.assert_array_equal(backward["gradInput"].array, x * noise)


def test_dtype_is_that_of_the_name() -> None:
    case = next(case for case in CASES.values() if case.family == "ELU")
    with pytest.raises(RuntimeError, match="input is a Double tensor, expected Float"):
        FLOAT.call("ELU_updateOutput", {**case.settings, "input": Tensor(X), "output": Tensor()})
    run = Run(case, DOUBLE)
    run.forward()
    with pytest.raises(RuntimeError, match=r"gradOutput has shape \(2,\), expected \(3, 4, 5\)"):
        run.grad_input(np.ones(2))
    with pytest.raises(RuntimeError, match="should be between 0~1"):
        DOUBLE.call("BCECriterion_updateOutput", {"input": Tensor(X), "target": Tensor(X), "output": Tensor()})
