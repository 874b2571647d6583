"""Classic names of paddings, interpolations, grid samplers, tables, Linear and BatchNormalization against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from family import DOUBLE, Case, Run, cases, check
from thnn import Tensor

RNG = np.random.default_rng(3)
SIGNAL, IMAGE, VOLUME = (RNG.standard_normal(shape) for shape in ((2, 2, 5), (2, 2, 4, 5), (1, 2, 3, 4, 3)))


def padded(x: np.ndarray, pads: list[tuple[int, int]], mode: str) -> np.ndarray:
    return np.pad(x, [(0, 0)] * (x.ndim - len(pads)) + pads, mode)  # type: ignore[call-overload]


PADDINGS = [
    Case(
        "TemporalReflectionPadding",
        {"input": SIGNAL},
        lambda input: padded(input, [(1, 3)], "reflect"),
        {"pad_l": 1, "pad_r": 3},
    ),
    Case(
        "TemporalReplicationPadding", {"input": SIGNAL}, lambda input: padded(input, [(2, 6)], "edge"), {"pad_l": 2, "pad_r": 6}
    ),
    *[
        Case(
            family,
            {"input": x},
            lambda input, m=mode: padded(input, [(2, 1), (0, 3)], m),
            {"pad_l": 0, "pad_r": 3, "pad_t": 2, "pad_b": 1},
        )
        for family, mode in (("SpatialReflectionPadding", "reflect"), ("SpatialReplicationPadding", "edge"))
        for x in (IMAGE, IMAGE[0])
    ],
    Case(
        "SpatialReplicationPadding",
        {"input": IMAGE},
        lambda input: input[:, :, 1:, :-2],
        {"pad_l": 0, "pad_r": -2, "pad_t": -1, "pad_b": 0},
    ),
    Case(
        "VolumetricReplicationPadding",
        {"input": VOLUME},
        lambda input: padded(input, [(1, 2), (0, 1), (3, 0)], "edge"),
        {"pleft": 3, "pright": 0, "ptop": 0, "pbottom": 1, "pfront": 1, "pback": 2},
    ),
]


def cubic(x: float) -> float:
    a, d = -0.75, abs(x)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def matrix(size: int, output: int, align: bool, kind: str) -> np.ndarray:
    """One axis of an interpolation: output x size."""
    result = np.zeros((output, size))
    for o in range(output):
        at = o * (size - 1) / (output - 1) if align and output > 1 else 0.0 if align else (o + 0.5) * size / output - 0.5
        at = max(at, 0.0) if kind == "linear" else at
        low = math.floor(at)
        for k in range(-1, 3):
            weight = cubic(at - low - k) if kind == "cubic" else max(0.0, 1 - abs(at - low - k))
            result[o, min(max(low + k, 0), size - 1)] += weight
    return result


def interpolated(x: np.ndarray, output: tuple[int, ...], align: bool, kind: str) -> np.ndarray:
    for d, n in enumerate(output):
        axis = x.ndim - len(output) + d
        x = np.moveaxis(np.tensordot(matrix(x.shape[axis], n, align, kind), x, (1, axis)), 0, axis)
    return x


def repeated(x: np.ndarray, dims: int) -> np.ndarray:
    for axis in range(x.ndim - dims, x.ndim):
        x = np.repeat(x, 3, axis)
    return x


SIZES = ("outputDepth", "outputHeight", "outputWidth")
INPUTS = ("inputDepth", "inputHeight", "inputWidth")


def interpolation(family: str, x: np.ndarray, output: tuple[int, ...], kind: str) -> list[Case]:
    dims = len(output)
    sizes = dict(zip(SIZES[3 - dims :], output, strict=True)) | dict(zip(INPUTS[3 - dims :], x.shape[2:], strict=True))
    counts = {"nbatch": x.shape[0], "nchannels": x.shape[1]}
    return [
        Case(
            family,
            {"input": x},
            lambda input, a=align: interpolated(input, output, a, kind),
            {**sizes, **counts, "align_corners": align},
        )
        for align in (False, True)
    ]


INTERPOLATIONS = [
    *[
        Case(f"{name}UpSamplingNearest", {"input": x}, lambda input, d=dims: repeated(input, d), {"scale_factor": 3})
        for name, x, dims in (("Temporal", SIGNAL, 1), ("Spatial", IMAGE, 2), ("Volumetric", VOLUME, 3))
    ],
    *interpolation("TemporalUpSamplingLinear", SIGNAL, (8,), "linear"),
    *interpolation("SpatialUpSamplingBilinear", IMAGE, (7, 3), "linear"),
    *interpolation("SpatialUpSamplingBicubic", IMAGE, (6, 9), "cubic"),
    *interpolation("VolumetricUpSamplingTrilinear", VOLUME, (4, 3, 5), "linear"),
]


def grid_sample(input: np.ndarray, grid: np.ndarray, border: bool) -> np.ndarray:
    dims, size = grid.shape[-1], input.shape[2:]
    y = np.zeros((*input.shape[:2], *grid.shape[1:-1]))
    for n, *place in np.ndindex(*grid.shape[:-1]):
        at = [(grid[(n, *place)][dims - 1 - d] + 1) / 2 * (size[d] - 1) for d in range(dims)]
        at = [min(max(v, 0), size[d] - 1) if border else v for d, v in enumerate(at)]
        for corner in np.ndindex(*[2] * dims):
            index = [math.floor(v) + k for v, k in zip(at, corner, strict=True)]
            if all(0 <= i < s for i, s in zip(index, size, strict=True)):
                weight = np.prod([1 - abs(v - i) for v, i in zip(at, index, strict=True)])
                y[(n, slice(None), *place)] += weight * input[(n, slice(None), *index)]
    return y


GRIDS = [
    Case(
        family,
        {"input": x, "grid": RNG.uniform(-1.3, 1.3, (x.shape[0], *shape, len(shape)))},
        lambda input, grid, b=border: grid_sample(input, grid, bool(b)),
        {"padding_mode": border},
    )
    for border in (0, 1)
    for family, x, shape in (
        ("SpatialGridSamplerBilinear", IMAGE, (3, 2)),
        ("VolumetricGridSamplerBilinear", VOLUME, (2, 1, 3)),
    )
]


def linear(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return input @ weight.T + bias


ROWS = RNG.standard_normal((4, 3))
OTHERS = [
    Case(
        "Linear",
        {"input": x, "weight": RNG.standard_normal((2, 3)), "bias": RNG.standard_normal(2)},
        linear,
        learnt={"weight": "gradWeight", "bias": "gradBias"},
    )
    for x in (ROWS, ROWS[:1], ROWS[0])
]
CASES = cases(PADDINGS, INTERPOLATIONS, GRIDS, OTHERS)


@pytest.mark.parametrize("name", CASES)
def test_family(name: str) -> None:
    check(CASES[name])


def test_grids_have_gradients() -> None:
    for case in GRIDS:
        run = Run(case, DOUBLE)
        output = run.forward()
        run.grad_input(np.ones_like(output))
        found = run._given["gradGrid"].array
        for index in list(np.ndindex(*found.shape))[::3]:
            sums = []
            for step in (1e-6, -1e-6):
                grid = case.inputs["grid"].copy()
                grid[index] += step
                sums.append(grid_sample(case.inputs["input"], grid, bool(case.settings["padding_mode"])).sum())
            assert found[index] == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-4, abs=1e-6)


def test_lookup_table() -> None:
    indices, gradient = np.array([[2, 0, 2], [1, 2, 3]]), RNG.standard_normal((2, 3, 4))
    for by_frequency in (False, True):
        given = {"input": Tensor(indices), "gradOutput": Tensor(gradient), "gradWeight": Tensor(np.ones((5, 4)))}
        DOUBLE.call(
            "LookupTable_accGradParameters", {**given, "scaleGradByFreq": by_frequency, "paddingValue": 1, "scale": 0.5}
        )
        expected = np.ones((5, 4))
        for at in np.ndindex(*indices.shape):
            if indices[at] != 1:
                expected[indices[at]] += 0.5 * gradient[at] / ((indices == indices[at]).sum() if by_frequency else 1)
        np.testing.assert_allclose(given["gradWeight"].array, expected)
    with pytest.raises(RuntimeError, match=r"input holds 2, expected rows in \[0, 2\)"):
        DOUBLE.call("LookupTable_accGradParameters", {**given, "gradWeight": Tensor(np.ones((2, 4)))})


@pytest.mark.parametrize("norm", [1.0, 2.0, 3.0])
def test_renorm(norm: float) -> None:
    table = RNG.standard_normal((5, 4)) * 2
    given = {"idx": Tensor(np.array([0, 3, 0])), "weight": Tensor(table), "maxNorm": 1.0, "normType": norm}
    DOUBLE.call("LookupTable_renorm", given)
    expected = table.copy()
    for row in (0, 3):
        size = (abs(table[row]) ** norm).sum() ** (1 / norm)
        expected[row] *= min(1.0, 1.0 / (size + 1e-7))
    np.testing.assert_allclose(given["weight"].array, expected, rtol=1e-12)


@pytest.mark.parametrize("train", [True, False])
def test_batch_normalization(train: bool) -> None:
    x, gy = RNG.standard_normal((3, 2, 4)), RNG.standard_normal((3, 2, 4))
    weight, bias = np.array([1.5, -0.5]), np.array([0.3, 0.7])
    mean, var = np.array([0.1, -0.2]), np.array([1.2, 0.8])

    def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
        m = x.mean((0, 2), keepdims=True) if train else mean.reshape(1, 2, 1)
        v = x.var((0, 2), keepdims=True) if train else var.reshape(1, 2, 1)
        return (x - m) / np.sqrt(v + 1e-3) * w.reshape(1, 2, 1) + b.reshape(1, 2, 1)

    names = ("output", "save_mean", "save_std", "gradInput")
    given = {name: Tensor() for name in names} | {"train": train, "momentum": 0.1, "eps": 1e-3, "scale": 2.0}
    arrays = {"input": x, "weight": weight, "bias": bias, "running_mean": mean, "running_var": var, "gradOutput": gy}
    given |= {name: Tensor(array) for name, array in arrays.items()}
    given |= {"gradWeight": Tensor(np.ones(2)), "gradBias": Tensor(np.ones(2))}
    DOUBLE.call("BatchNormalization_updateOutput", given)
    np.testing.assert_allclose(given["output"].array, forward(x, weight, bias), rtol=1e-10)
    DOUBLE.call("BatchNormalization_backward", given)
    for name, argument in (("gradInput", 0), ("gradWeight", 1), ("gradBias", 2)):
        inputs = [x, weight, bias]
        differences = np.zeros_like(inputs[argument])
        for index in np.ndindex(*differences.shape):
            values = []
            for step in (1e-6, -1e-6):
                moved = [array.copy() for array in inputs]
                moved[argument][index] += step
                values.append((forward(*moved) * gy).sum())
            differences[index] = (values[0] - values[1]) / 2e-6
        expected = differences if argument == 0 else 1 + 2 * differences
        np.testing.assert_allclose(given[name].array, expected, rtol=1e-5, atol=1e-7)
