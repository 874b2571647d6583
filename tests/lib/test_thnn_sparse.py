"""SparseLinear under its classic names, in both forms of its input, against a dense product."""

from __future__ import annotations

import numpy as np
import pytest
from thnn import REALS, Tensor, Typed

RNG = np.random.default_rng(6)
DENSE = np.array([[0.0, 1.5, 0, -2], [0, 0, 0, 0], [3, 0, 0.5, 0]])
WEIGHT, BIAS = RNG.standard_normal((2, 4)), RNG.standard_normal(2)
TRIPLES = np.array([[i + 1, j + 1, DENSE[i, j]] for i, j in zip(*DENSE.nonzero(), strict=True)] + [[1, 9, 5.0]])
PAIRS = np.array([[[2, 1.5], [4, -2]], [[1, 0], [1, 0]], [[1, 3], [3, 0.5]]])
FORMS = {"": TRIPLES, "legacy_": PAIRS}


@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("form", FORMS)
def test_products_and_gradients(form: str, real: str) -> None:
    typed = Typed(real)

    def tensor(array: np.ndarray) -> Tensor:
        return Tensor(array.astype(typed.dtype))

    gy = RNG.standard_normal((3, 2))
    given = {"input": tensor(FORMS[form]), "output": tensor(np.zeros((3, 2))), "weight": tensor(WEIGHT), "bias": tensor(BIAS)}
    typed.call(f"SparseLinear_{form}updateOutput", given)
    np.testing.assert_allclose(given["output"].array, DENSE @ WEIGHT.T + BIAS, **typed.close)
    given |= {"gradOutput": tensor(gy), "gradWeight": tensor(np.ones((2, 4))), "gradBias": tensor(np.ones(2))}
    typed.call(f"SparseLinear_{form}accGradParameters", {**given, "weightDecay": 0.1, "scale": 0.5})
    of_weight, of_bias = 1 + 0.5 * gy.T @ DENSE + 0.1 * WEIGHT, 1 + 0.5 * gy.sum(0)
    np.testing.assert_allclose(given["gradWeight"].array, of_weight, **typed.close)
    np.testing.assert_allclose(given["gradBias"].array, of_bias, **typed.close)
    used = {**given, "lastInput": given["input"], "learningRate": 0.3}
    typed.call(f"SparseLinear_{form}updateParameters", used)
    np.testing.assert_allclose(given["weight"].array, WEIGHT - 0.3 * of_weight, **typed.close)
    np.testing.assert_allclose(given["bias"].array, BIAS - 0.3 * of_bias, **typed.close)
    typed.call(f"SparseLinear_{form}zeroGradParameters", used)
    assert abs(given["gradWeight"].array).max() == abs(given["gradBias"].array).max() == 0


@pytest.mark.parametrize("real", REALS)
def test_columns_that_are_not_used_stay(real: str) -> None:
    typed = Typed(real)
    one = Tensor(np.array([[1.0, 2.0, 1.0]], typed.dtype))
    ones = np.ones((2, 4), typed.dtype)
    given = {"lastInput": one, "gradWeight": Tensor(ones), "gradBias": Tensor(ones[:, 0])}
    typed.call("SparseLinear_zeroGradParameters", given)
    assert given["gradWeight"].array.tolist() == [[1, 0, 1, 1], [1, 0, 1, 1]]


@pytest.mark.parametrize("real", ["Float", *REALS[2:]])
def test_many_elements_in_any_order(real: str) -> None:
    """Repeated, for few samples and features; and none."""
    typed, random = Typed(real), np.random.default_rng(5)
    listed = np.column_stack([random.integers(1, 8, 500), random.integers(1, 6, 500), random.integers(-2, 3, 500) / 4])
    dense = np.zeros((7, 4))
    inside = listed[listed[:, 1] <= 4]
    np.add.at(dense, (inside[:, 0].astype(int) - 1, inside[:, 1].astype(int) - 1), inside[:, 2])
    gy = random.integers(-3, 4, (7, 2)) / 2
    for triples, expected in ((listed, dense), (listed[:0], dense * 0)):
        arrays = {"input": triples, "output": np.zeros((7, 2)), "weight": WEIGHT, "bias": BIAS, "gradOutput": gy}
        arrays |= {"gradWeight": np.ones((2, 4)), "gradBias": np.ones(2)}
        given = {name: Tensor(array.astype(typed.dtype)) for name, array in arrays.items()}
        typed.call("SparseLinear_updateOutput", given)
        np.testing.assert_allclose(given["output"].array, expected @ WEIGHT.T + BIAS, rtol=10 * typed.close["rtol"], atol=2e-2)
        typed.call("SparseLinear_accGradParameters", {**given, "scale": 0.25})
        np.testing.assert_allclose(given["gradWeight"].array, 1 + 0.25 * gy.T @ expected, **typed.close)
        np.testing.assert_allclose(given["gradBias"].array, 1 + 0.25 * gy.sum(0), **typed.close)


@pytest.mark.parametrize("real", ["Double", *REALS[2:3]])
def test_bad_input(real: str) -> None:
    typed = Typed(real)
    given = {"output": Tensor(np.zeros((1, 2))), "weight": Tensor(WEIGHT), "bias": Tensor(BIAS)}
    with pytest.raises(RuntimeError, match="input names sample 3, expected 1 to 1"):
        typed.call("SparseLinear_updateOutput", {**given, "input": Tensor(TRIPLES[-2:])})
    with pytest.raises(RuntimeError, match="expected elements x 3, or N x elements x 2"):
        typed.call("SparseLinear_updateOutput", {**given, "input": Tensor(np.zeros((2, 2)))})
