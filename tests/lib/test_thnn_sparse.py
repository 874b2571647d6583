"""SparseLinear under its classic names, in both forms of its input, against a dense product."""

from __future__ import annotations

import numpy as np
import pytest
from thnn import Tensor, Typed

RNG = np.random.default_rng(6)
DENSE = np.array([[0.0, 1.5, 0, -2], [0, 0, 0, 0], [3, 0, 0.5, 0]])
WEIGHT, BIAS = RNG.standard_normal((2, 4)), RNG.standard_normal(2)
TRIPLES = np.array([[i + 1, j + 1, DENSE[i, j]] for i, j in zip(*DENSE.nonzero(), strict=True)] + [[1, 9, 5.0]])
PAIRS = np.array([[[2, 1.5], [4, -2]], [[1, 0], [1, 0]], [[1, 3], [3, 0.5]]])
FORMS = {"": TRIPLES, "legacy_": PAIRS}


@pytest.mark.parametrize("real", ["Double", "Float"])
@pytest.mark.parametrize("form", FORMS)
def test_products_and_gradients(form: str, real: str) -> None:
    typed = Typed(real)

    def tensor(array: np.ndarray) -> Tensor:
        return Tensor(array.astype(typed.dtype))

    gy = RNG.standard_normal((3, 2))
    given = {"input": tensor(FORMS[form]), "output": tensor(np.zeros((3, 2))), "weight": tensor(WEIGHT), "bias": tensor(BIAS)}
    typed.call(f"SparseLinear_{form}updateOutput", given)
    np.testing.assert_allclose(given["output"].array, DENSE @ WEIGHT.T + BIAS, rtol=1e-5, atol=1e-6)
    given |= {"gradOutput": tensor(gy), "gradWeight": tensor(np.ones((2, 4))), "gradBias": tensor(np.ones(2))}
    typed.call(f"SparseLinear_{form}accGradParameters", {**given, "weightDecay": 0.1, "scale": 0.5})
    of_weight, of_bias = 1 + 0.5 * gy.T @ DENSE + 0.1 * WEIGHT, 1 + 0.5 * gy.sum(0)
    np.testing.assert_allclose(given["gradWeight"].array, of_weight, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(given["gradBias"].array, of_bias, rtol=1e-5, atol=1e-6)
    used = {**given, "lastInput": given["input"], "learningRate": 0.3}
    typed.call(f"SparseLinear_{form}updateParameters", used)
    np.testing.assert_allclose(given["weight"].array, WEIGHT - 0.3 * of_weight, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(given["bias"].array, BIAS - 0.3 * of_bias, rtol=1e-5, atol=1e-6)
    typed.call(f"SparseLinear_{form}zeroGradParameters", used)
    assert abs(given["gradWeight"].array).max() == abs(given["gradBias"].array).max() == 0


def test_columns_that_are_not_used_stay() -> None:
    typed = Typed("Double")
    one = Tensor(np.array([[1.0, 2.0, 1.0]]))
    given = {"lastInput": one, "gradWeight": Tensor(np.ones((2, 4))), "gradBias": Tensor(np.ones(2))}
    typed.call("SparseLinear_zeroGradParameters", given)
    assert given["gradWeight"].array.tolist() == [[1, 0, 1, 1], [1, 0, 1, 1]]


def test_bad_input() -> None:
    typed = Typed("Double")
    given = {"output": Tensor(np.zeros((1, 2))), "weight": Tensor(WEIGHT), "bias": Tensor(BIAS)}
    with pytest.raises(RuntimeError, match="input names sample 3, expected 1 to 1"):
        typed.call("SparseLinear_updateOutput", {**given, "input": Tensor(TRIPLES[-2:])})
    with pytest.raises(RuntimeError, match="expected elements x 3, or N x elements x 2"):
        typed.call("SparseLinear_updateOutput", {**given, "input": Tensor(np.zeros((2, 2)))})
