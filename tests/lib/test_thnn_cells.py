"""The fused recurrent cells under their classic names, against NumPy and differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from thnn import Tensor, Typed

RNG = np.random.default_rng(4)
N, H = 3, 5


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm(gates: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    i, f, g, o = np.split(gates, 4, 1)
    after = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(after), after


def gru(input: np.ndarray, hidden: np.ndarray, state: np.ndarray) -> np.ndarray:
    (ir, iz, inew), (hr, hz, hnew) = np.split(input, 3, 1), np.split(hidden, 3, 1)
    r, z = sigmoid(ir + hr), sigmoid(iz + hz)
    new = np.tanh(inew + r * hnew)
    return new + z * (state - new)


def differences(objective: Callable[[np.ndarray], float], array: np.ndarray) -> np.ndarray:
    result = np.zeros_like(array)
    for index in np.ndindex(*array.shape):
        values = []
        for step in (1e-6, -1e-6):
            moved = array.copy()
            moved[index] += step
            values.append(objective(moved))
        result[index] = (values[0] - values[1]) / 2e-6
    return result


def test_lstm() -> None:
    x, h, cell = RNG.standard_normal((N, 4 * H)), RNG.standard_normal((N, 4 * H)), RNG.standard_normal((N, H))
    b1, b2 = RNG.standard_normal(4 * H), RNG.standard_normal(4 * H)
    ghy, gcy = RNG.standard_normal((N, H)), RNG.standard_normal((N, H))
    gates = x + h + b1 + b2
    for real, tolerance in (("Double", 1e-10), ("Float", 2e-5)):
        typed = Typed(real)
        arrays = {"input": x, "hidden": h, "bias1": b1, "bias2": b2, "cell": cell}
        given = {name: Tensor(array.astype(typed.dtype)) for name, array in arrays.items()}
        given |= {"output": Tensor(), "outputCell": Tensor()}
        typed.call("LSTMFused_updateOutput", given)
        expected = lstm(gates, cell)
        np.testing.assert_allclose(given["output"].array, expected[0], rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(given["outputCell"].array, expected[1], rtol=tolerance, atol=tolerance)
        backward = {**given, "storage": given["input"], "gradInGates": Tensor(), "gradInputCell": Tensor()}
        backward |= {"gradOutput": Tensor(ghy.astype(typed.dtype)), "gradOutputCell": Tensor(gcy.astype(typed.dtype))}
        typed.call("LSTMFused_updateGradInput", backward)

        def objective(gates: np.ndarray, cell: np.ndarray) -> float:
            hy, cy = lstm(gates, cell)
            return float((hy * ghy + cy * gcy).sum())

        of_gates = differences(lambda g: objective(g, cell), gates)
        of_cell = differences(lambda c: objective(gates, c), cell)
        np.testing.assert_allclose(backward["gradInGates"].array, of_gates, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(backward["gradInputCell"].array, of_cell, rtol=1e-3, atol=1e-5)


def test_gru() -> None:
    x, h, state = RNG.standard_normal((N, 3 * H)), RNG.standard_normal((N, 3 * H)), RNG.standard_normal((N, H))
    b1, b2 = RNG.standard_normal(3 * H), RNG.standard_normal(3 * H)
    ghy = RNG.standard_normal((N, H))
    for real, tolerance in (("Double", 1e-10), ("Float", 2e-5)):
        typed = Typed(real)
        arrays = {"input": x, "hidden": h, "bias1": b1, "bias2": b2, "hx": state}
        given = {name: Tensor(array.astype(typed.dtype)) for name, array in arrays.items()}
        given |= {"output": Tensor(), "storage": Tensor()}
        typed.call("GRUFused_updateOutput", given)
        np.testing.assert_allclose(given["output"].array, gru(x + b1, h + b2, state), rtol=tolerance, atol=tolerance)
        backward = {**given, "gradOutput": Tensor(ghy.astype(typed.dtype))}
        backward |= {name: Tensor() for name in ("gradInInput", "gradInHidden", "gradInputHx")}
        typed.call("GRUFused_updateGradInput", backward)
        checks = {
            "gradInInput": differences(lambda a: float((gru(a, h + b2, state) * ghy).sum()), x + b1),
            "gradInHidden": differences(lambda a: float((gru(x + b1, a, state) * ghy).sum()), h + b2),
            "gradInputHx": differences(lambda a: float((gru(x + b1, h + b2, a) * ghy).sum()), state),
        }
        for name, expected in checks.items():
            np.testing.assert_allclose(backward[name].array, expected, rtol=1e-3, atol=1e-5)
