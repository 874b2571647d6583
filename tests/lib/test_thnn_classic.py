"""Classic layers that are others in disguise: rows, maxima and sums of sequences, subsampling, tables of connections."""

from __future__ import annotations

import numpy as np
import pytest
from family import DOUBLE, Case, Run, cases, check
from windows import avg_pool, convolve, max_pool, transpose_convolve

RNG = np.random.default_rng(5)
LEARNT = {"weight": "gradWeight", "bias": "gradBias"}


def random(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def frames_last(x: np.ndarray) -> np.ndarray:
    return np.swapaxes(x, -1, -2)


def row(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return convolve(input, weight.reshape(3, 1, 2), bias, (2,), (1,), (1,), 3)


ROW = {"kW": 2, "dW": 2, "padW": 1}
WINDOW = {"kW": 3, "dW": 2}
SEQUENCE = RNG.permutation(42).reshape(2, 7, 3) / 5.0


def sums(x: np.ndarray, kernel: tuple[int, ...], stride: tuple[int, ...]) -> np.ndarray:
    return avg_pool(x, kernel, stride, (0,) * len(kernel)) * np.prod(kernel)


def temporal_sub(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return frames_last(sums(frames_last(input), (3,), (2,))) * weight + bias


def spatial_sub(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return sums(input, (2, 3), (2, 1)) * weight.reshape(-1, 1, 1) + bias.reshape(-1, 1, 1)


TEMPORAL = [
    Case(
        "TemporalMaxPooling",
        {"input": SEQUENCE},
        lambda input: frames_last(max_pool(frames_last(input), (3,), (2,), (0,), (1,))),
        WINDOW,
    ),
    Case(
        "TemporalMaxPooling",
        {"input": SEQUENCE[0]},
        lambda input: frames_last(max_pool(frames_last(input)[None], (3,), (2,), (0,), (1,)))[0],
        WINDOW,
    ),
    Case(
        "TemporalRowConvolution",
        {"input": random(2, 7, 3), "weight": random(3, 1, 2), "bias": random(3)},
        lambda input, weight, bias: frames_last(row(frames_last(input), weight, bias)),
        ROW,
        LEARNT,
    ),
    Case(
        "TemporalRowConvolution",
        {"input": random(2, 3, 7), "weight": random(3, 2), "bias": random(3)},
        row,
        {**ROW, "featFirst": True},
        LEARNT,
    ),
    Case(
        "TemporalSubSampling",
        {"input": random(2, 7, 3), "weight": random(3), "bias": random(3)},
        temporal_sub,
        {**WINDOW, "inputFrameSize": 3},
        LEARNT,
    ),
]
SPATIAL = [
    Case(
        "SpatialSubSampling",
        {"input": x, "weight": random(3), "bias": random(3)},
        lambda input, weight, bias: spatial_sub(input.reshape(-1, 3, 5, 4), weight, bias).reshape(*input.shape[:-3], 3, 2, 2),
        {"kH": 2, "kW": 3, "dH": 2, "dW": 1},
        LEARNT,
    )
    for x in (random(2, 3, 5, 4), random(3, 5, 4))
]
TABLE = np.array([[0, 0], [2, 0], [1, 1], [2, 1]], dtype=np.float64)


def filters(weight: np.ndarray, connTable: np.ndarray) -> np.ndarray:
    full = np.zeros((2, 3, *weight.shape[1:]))
    for k, (source, target) in enumerate(connTable.astype(int)):
        full[target, source] += weight[k]
    return full


PLANES = {"nInputPlane": 3, "nOutputPlane": 2, "dH": 2, "dW": 1}
MAPS = [
    Case(
        "SpatialConvolutionMap",
        {"input": random(2, 3, 5, 4), "weight": random(4, 3, 2), "bias": random(2), "connTable": TABLE},
        lambda input, weight, bias, connTable: convolve(input, filters(weight, connTable), bias, (2, 1), (0, 0), (1, 1)),
        PLANES,
        LEARNT,
    ),
    Case(
        "SpatialFullConvolutionMap",
        {"input": random(2, 3, 3, 4), "weight": random(4, 3, 2), "bias": random(2), "connTable": TABLE},
        lambda input, weight, bias, connTable: transpose_convolve(
            input, np.swapaxes(filters(weight, connTable), 0, 1), bias, (2, 1), (0, 0), (1, 1), (0, 0)
        ),
        PLANES,
        LEARNT,
    ),
]


def local(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    images = input.reshape(-1, 3, 5, 4)
    result = np.zeros((len(images), *bias.shape))
    for place, (i, j) in enumerate(np.ndindex(*bias.shape[1:])):
        filters = weight.reshape(-1, 2, 3, 3, 2)[place]
        whole = convolve(images, filters, None, (2, 1), (1, 0), (1, 1))
        result[:, :, i, j] = whole[:, :, i, j] + bias[:, i, j]
    return result.reshape(*input.shape[:-3], *bias.shape)


LOCAL = {"kH": 3, "kW": 2, "dH": 2, "dW": 1, "padH": 1, "padW": 0}
LOCAL |= {"inputHeight": 5, "inputWidth": 4, "outputHeight": 3, "outputWidth": 3}
LOCALS = [
    Case("SpatialConvolutionLocal", {"input": x, "weight": w, "bias": random(2, 3, 3)}, local, LOCAL, LEARNT)
    for x, w in (
        (random(2, 3, 5, 4), random(9, 2, 18)),
        (random(3, 5, 4), random(3, 3, 2, 3, 3, 2)),
    )
]


def feature_lp(input: np.ndarray, power: float, axis: int) -> np.ndarray:
    moved = np.moveaxis(input, axis, 0)
    windows = [(moved[f : f + 3] ** power).sum(0) ** (1 / power) for f in range(0, len(moved) - 2, 2)]
    return np.moveaxis(np.stack(windows), 0, axis)


FEATURES = [
    Case(
        "FeatureLPPooling",
        {"input": abs(random(*shape)) + 0.1},
        lambda input, a=axis, p=power: feature_lp(input, p, a),
        {"power": power, "width": 3, "stride": 2, "batchMode": bool(axis)},
    )
    for power in (2.0, 3.0)
    for shape, axis in (((7, 2), 0), ((2, 6, 2), 1))
]
CASES = cases(TEMPORAL, SPATIAL, MAPS, LOCALS, FEATURES)


@pytest.mark.parametrize("name", CASES)
def test_family(name: str) -> None:
    check(CASES[name])


def test_bad_tables() -> None:
    case = MAPS[0]
    with pytest.raises(RuntimeError, match=r"connTable names plane 2, expected \[0, 2\)"):
        Run(Case(case.family, case.inputs, case.oracle, {**PLANES, "nInputPlane": 2}), DOUBLE).forward()
