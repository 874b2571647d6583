"""IndexLinear under its classic names against a dense product and finite differences, plain and with normalised values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from thnn import REALS, Tensor, Typed

INPUTS, OUT, SKIP = 6, 3, 4
DOUBLES = [real for real in REALS if real.endswith("Double")]
SIZES = np.array([2, 0, 3])
KEYS = np.array([1, 3, 4, 1, 6])  # counted from 1: keysOffset is -1
VALUES = np.array([0.5, -2.0, 1.5, 3.0, -0.25])
ROWS = KEYS - 1
SAMPLES = np.repeat(np.arange(len(SIZES)), SIZES)


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def weights(normalizing: bool) -> np.ndarray:
    weight = rng().standard_normal((INPUTS, OUT))
    if not normalizing:
        return weight
    largest = np.array([1.0, 2.0, 0.0, 2.0, 3.0, 0.5])
    inverse = np.divide(1, largest, out=np.zeros(INPUTS), where=largest > 0)
    return np.column_stack([largest, inverse, np.full(INPUTS, 0.5), rng(8).standard_normal(INPUTS), weight])


BIAS, GY = rng(9).standard_normal(OUT), rng(10).standard_normal((len(SIZES), OUT))


def used_values(weight: np.ndarray, train: bool) -> np.ndarray:
    """What each value counts. In training the largest of its row is kept, pair after pair."""
    if weight.shape[1] == OUT:
        return VALUES
    used = []
    for row, value in zip(ROWS, VALUES, strict=True):
        if train:
            if abs(value) > weight[row, 0]:
                weight[row, :2] = abs(value), 1 / abs(value)
            weight[row, 2] = 1
        used.append((np.sign(value) if abs(value) > weight[row, 0] else value * weight[row, 1]) + weight[row, 3])
    return np.array(used)


def product(weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    dense = np.zeros((len(SIZES), INPUTS))
    np.add.at(dense, (SAMPLES, ROWS), values)
    return dense @ weight[:, -OUT:] + BIAS


def arguments(typed: Typed, weight: np.ndarray, **more: Any) -> dict[str, Any]:
    """The tensors of a call; arrays become tensors of the dtype."""
    given = {"values": VALUES, "bias": BIAS, "weight": weight, "gradOutput": GY, **more}
    found = {n: Tensor(v.astype(typed.dtype)) if isinstance(v, np.ndarray) else v for n, v in given.items()}
    empty = {"output": Tensor(), "normalizedValues": Tensor(), "gradWeight": Tensor()}
    return {**empty, "keys": Tensor(KEYS), "runningKeys": Tensor(KEYS), "sizes": Tensor(SIZES), "keysOffset": -1, **found}


@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("normalizing", [False, True])
def test_output(normalizing: bool, train: bool, real: str) -> None:
    typed, weight = Typed(real), weights(normalizing)
    given = arguments(typed, weight, train=train)
    typed.call("IndexLinear_updateOutput", given)
    values = used_values(weight, train)
    np.testing.assert_allclose(given["output"].array, product(weight, values), **typed.close)
    np.testing.assert_allclose(given["weight"].array, weight, **typed.close)  # with the largest values, where they are kept
    if normalizing:
        np.testing.assert_allclose(given["normalizedValues"].array, values, **typed.close)


@pytest.mark.parametrize("real", DOUBLES)
@pytest.mark.parametrize("normalizing", [False, True])
def test_gradients_are_those_of_finite_differences(normalizing: bool, real: str) -> None:
    """Each number of the weight, and each shift, moved by a little; a row's gradients are the sum over its pairs."""
    typed, weight, scale = Typed(real), weights(normalizing), 0.7
    given = arguments(typed, weight, values=used_values(weight, False), gradBias=np.ones(OUT), scale=scale)
    typed.call("IndexLinear_accGradParameters", given)

    def loss(changed: np.ndarray) -> float:
        return float((product(changed, used_values(changed, False)) * GY).sum())

    def slope(row: int, column: int) -> float:
        up, down = weight.copy(), weight.copy()
        up[row, column] += 1e-6
        down[row, column] -= 1e-6
        return scale * (loss(up) - loss(down)) / 2e-6

    gradient = given["gradWeight"].array
    assert gradient.shape == (len(KEYS), 2 * OUT if normalizing else OUT)
    skip = weight.shape[1] - OUT
    for row in range(INPUTS):
        of_weight = gradient[row == ROWS][:, -OUT:].sum(0)
        np.testing.assert_allclose(of_weight, [slope(row, skip + k) for k in range(OUT)], atol=1e-7)
        if normalizing:
            of_shift = gradient[row == ROWS][:, :OUT].sum(0) @ weight[row, skip:]
            np.testing.assert_allclose(of_shift, slope(row, 3), atol=1e-7)
    np.testing.assert_allclose(given["gradBias"].array, 1 + scale * GY.sum(0))


def stepped(weight: np.ndarray, gradient: np.ndarray, rate: float, decay: float) -> np.ndarray:
    """One step for each pair, one after the other."""
    weight = weight.copy()
    for k, row in enumerate(ROWS):
        factor = 1.0
        if weight.shape[1] > OUT:
            factor = weight[row, 2]
            weight[row, 3] -= rate * factor * gradient[k, :OUT] @ weight[row, SKIP:]
        weight[row, -OUT:] = (1 - decay * factor) * weight[row, -OUT:] - rate * factor * gradient[k, -OUT:]
    return weight


@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("normalizing", [False, True])
def test_both_ways_to_step(normalizing: bool, decay: float, real: str) -> None:
    """Through gradWeight, and at once."""
    typed, weight, rate = Typed(real), weights(normalizing), 0.3
    values = used_values(weight, False)
    gradient = values[:, None] * GY[SAMPLES]
    if normalizing:
        gradient = np.column_stack([GY[SAMPLES], gradient])
    expected = stepped(weight, gradient, rate, decay)
    options = {"weightDecay": decay, "learningRate": rate, "scale": rate}
    through = arguments(typed, weight, gradWeight=gradient, gradBias=GY.sum(0), **options)
    typed.call("IndexLinear_updateParameters", through)
    at_once = arguments(typed, weight, values=values, **options)
    typed.call("IndexLinear_accUpdateGradParameters", at_once)
    for given in (through, at_once):
        np.testing.assert_allclose(given["weight"].array, expected, **typed.close)
        np.testing.assert_allclose(given["bias"].array, BIAS - rate * GY.sum(0), **typed.close)


@pytest.mark.parametrize("real", DOUBLES)
def test_many_pairs_on_threads_and_strides(real: str) -> None:
    typed, random = Typed(real), rng()
    sizes = random.integers(0, 60, 2000)
    keys, values = random.integers(0, 500, sizes.sum()), random.standard_normal(sizes.sum())
    weight, bias = random.standard_normal((500, 8)), random.standard_normal(8)
    given: dict[str, Any] = {"keys": Tensor(keys), "sizes": Tensor(sizes), "values": Tensor(values), "bias": Tensor(bias)}
    given |= {"weight": Tensor(weight, strided=True), "output": Tensor()}
    typed.call("IndexLinear_updateOutput", given)
    dense = np.zeros((2000, 500))
    np.add.at(dense, (np.repeat(np.arange(2000), sizes), keys), values)
    np.testing.assert_allclose(given["output"].array, dense @ weight + bias, atol=1e-10)


@pytest.mark.parametrize("real", DOUBLES)
def test_no_samples(real: str) -> None:
    typed = Typed(real)
    none = np.zeros(0, np.int64)
    given = arguments(typed, weights(False), values=np.zeros(0), gradOutput=np.zeros((0, OUT)), gradBias=np.ones(OUT))
    given |= {"keys": Tensor(none), "sizes": Tensor(none)}
    typed.call("IndexLinear_updateOutput", given)
    typed.call("IndexLinear_accGradParameters", given)
    assert given["output"].array.shape == given["gradWeight"].array.shape == (0, OUT)
    assert given["gradBias"].array.tolist() == [1, 1, 1]


@pytest.mark.parametrize("real", DOUBLES)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"keysOffset": 0}, "keys holds 6, with keysOffset 0 outside of the weight's 6 rows"),
        ({"keys": np.array([1, 2, 3, 4, -(2**63)])}, "keys holds -9223372036854775808, with keysOffset -1 outside"),
        ({"sizes": np.array([2, 0, 2])}, "sizes add up to 4, keys has 5 elements"),
        ({"sizes": np.array([2, -1, 4])}, "sizes holds -1 for sample 1, with 3 of 5 pairs left"),
        ({"sizes": np.array([6])}, "sizes holds 6 for sample 0, with 5 of 5 pairs left"),
        ({"values": np.zeros(4)}, "values has 4 elements, keys 5"),
        ({"values": np.zeros(5, np.float32)}, "values is a Float tensor, expected Double"),
        ({"weight": np.zeros((6, 5))}, "weight has 5 columns, expected 3 .out., or 7 to normalise values"),
        ({"bias": np.zeros((1, 3))}, "bias has 2 dimensions, expected 1"),
    ],
)
def test_bad_input(changed: dict[str, Any], message: str, real: str) -> None:
    typed = Typed(real)
    changed = {name: Tensor(value) if isinstance(value, np.ndarray) else value for name, value in changed.items()}
    with pytest.raises(RuntimeError, match=message):
        typed.call("IndexLinear_updateOutput", arguments(typed, weights(False)) | changed)


@pytest.mark.parametrize("real", DOUBLES)
def test_bad_gradients(real: str) -> None:
    typed = Typed(real)
    given = arguments(typed, weights(True), gradBias=np.ones(OUT), gradWeight=np.zeros((5, OUT)))
    with pytest.raises(RuntimeError, match="gradWeight has shape .*5, 3.*expected .*5, 6"):
        typed.call("IndexLinear_updateParameters", given)
    with pytest.raises(RuntimeError, match="gradOutput has 3 elements, expected 3 samples x 3"):
        typed.call("IndexLinear_accGradParameters", {**given, "gradOutput": Tensor(np.zeros((1, 3)))})
    with pytest.raises(RuntimeError, match="normalizedValues is NULL, and the weight normalises values"):
        typed.call("IndexLinear_updateOutput", {**given, "normalizedValues": None})
