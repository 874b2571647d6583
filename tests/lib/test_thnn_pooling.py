"""Classic names of poolings against loops in NumPy and differences."""

from __future__ import annotations

import numpy as np
import pytest
from family import DOUBLE, Case, Run, cases, check
from windows import avg_pool, boxes, max_pool

RNG = np.random.default_rng(2)


def distinct(*shape: int) -> np.ndarray:
    """No two elements are nearer than differences step."""
    return RNG.permutation(int(np.prod(shape))).reshape(shape) / 7.0 - 3


def adaptive(x: np.ndarray, output: tuple[int, ...], reduce: str) -> np.ndarray:
    dims = len(output)
    y = np.zeros((*x.shape[:-dims], *output))
    for place, box in boxes(x.shape[-dims:], output):
        y[(..., *place)] = getattr(np, reduce)(x[(..., *box)], tuple(range(-dims, 0)))
    return y


def fractional(x: np.ndarray, samples: np.ndarray, kernel: tuple[int, ...], output: tuple[int, ...]) -> np.ndarray:
    dims = len(output)
    y = np.zeros((*x.shape[:2], *output))
    for n, c in np.ndindex(*x.shape[:2]):
        for place in np.ndindex(*output):
            box = []
            for d in range(dims):
                size, sample = x.shape[2 + d], samples[n, c, dims - 1 - d]
                alpha = (size - kernel[d]) / (output[d] - 1) if output[d] > 1 else 0.0
                start = int((place[d] + sample) * alpha) - int(sample * alpha)
                start = size - kernel[d] if place[d] + 1 == output[d] else start
                box.append(slice(start, start + kernel[d]))
            y[(n, c, *place)] = x[(n, c, *box)].max()
    return y


IMAGE, VOLUME = distinct(2, 2, 7, 6), distinct(1, 2, 4, 5, 3)
K2, D2, P2 = {"kH": 3, "kW": 2}, {"dH": 2, "dW": 1}, {"padH": 1, "padW": 0}
K3, D3 = {"kT": 2, "kH": 3, "kW": 2}, {"dT": 1, "dH": 2, "dW": 1}


def pad3(name: str) -> dict[str, int]:
    return {f"{name}T": 1, f"{name}H": 1, f"{name}W": 0}


SPATIAL = [
    Case(
        "SpatialDilatedMaxPooling",
        {"input": IMAGE},
        lambda input, c=ceil: max_pool(input, (3, 2), (2, 1), (1, 0), (1, 3), ceil=c),
        {**K2, **D2, **P2, "dilationH": 1, "dilationW": 3, "ceil_mode": ceil},
    )
    for ceil in (False, True)
] + [
    Case(
        "SpatialMaxPooling",
        {"input": IMAGE[0]},
        lambda input: max_pool(input[None], (3, 2), (2, 1), (1, 0), (1, 1))[0],
        {**K2, **D2, **P2},
    ),
    *[
        Case(
            "SpatialAveragePooling",
            {"input": IMAGE},
            lambda input, c=ceil, i=include: avg_pool(input, (3, 2), (2, 1), (1, 0), ceil=c, include_pad=i),
            {**K2, **D2, **P2, "ceil_mode": ceil, "count_include_pad": include},
        )
        for ceil in (False, True)
        for include in (False, True)
    ],
    Case(
        "SpatialAdaptiveMaxPooling",
        {"input": IMAGE},
        lambda input: adaptive(input, (3, 4), "max"),
        {"osizeH": 3, "osizeW": 4},
    ),
    Case(
        "SpatialAdaptiveAveragePooling",
        {"input": IMAGE},
        lambda input: adaptive(input, (3, 4), "mean"),
        {"osizeH": 3, "osizeW": 4},
    ),
    Case(
        "SpatialFractionalMaxPooling",
        {"input": IMAGE, "randomSamples": RNG.uniform(size=(2, 2, 2))},
        lambda input, randomSamples: fractional(input, randomSamples, (2, 3), (4, 3)),
        {"outputH": 4, "outputW": 3, "poolSizeH": 2, "poolSizeW": 3},
    ),
]
VOLUMETRIC = [
    Case(
        "VolumetricMaxPooling",
        {"input": VOLUME},
        lambda input: max_pool(input, (2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 1), ceil=True),
        {**K3, **D3, **pad3("p"), "ceilMode": True},
    ),
    Case(
        "VolumetricDilatedMaxPooling",
        {"input": VOLUME},
        lambda input: max_pool(input, (2, 3, 2), (1, 2, 1), (1, 1, 0), (2, 1, 1)),
        {**K3, **D3, **pad3("p"), "dilationT": 2, "dilationH": 1, "dilationW": 1},
    ),
    *[
        Case(
            "VolumetricAveragePooling",
            {"input": VOLUME},
            lambda input, i=include: avg_pool(input, (2, 3, 2), (1, 2, 1), (1, 1, 0), include_pad=i),
            {**K3, **D3, **pad3("pad"), "count_include_pad": include},
        )
        for include in (False, True)
    ],
    Case(
        "VolumetricAdaptiveMaxPooling",
        {"input": VOLUME[0]},
        lambda input: adaptive(input, (3, 2, 2), "max"),
        {"osizeT": 3, "osizeH": 2, "osizeW": 2},
    ),
    Case(
        "VolumetricAdaptiveAveragePooling",
        {"input": VOLUME},
        lambda input: adaptive(input, (3, 2, 2), "mean"),
        {"osizeT": 3, "osizeH": 2, "osizeW": 2},
    ),
    Case(
        "VolumetricFractionalMaxPooling",
        {"input": VOLUME, "randomSamples": RNG.uniform(size=(1, 2, 3))},
        lambda input, randomSamples: fractional(input, randomSamples, (2, 2, 1), (2, 3, 2)),
        {"outputT": 2, "outputH": 3, "outputW": 2, "poolSizeT": 2, "poolSizeH": 2, "poolSizeW": 1},
    ),
]


def unpool(x: np.ndarray, indices: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    y = np.zeros((*x.shape[:2], int(np.prod(size))))
    for at in np.ndindex(*x.shape):
        y[(*at[:2], indices[at])] = x[at]
    return y.reshape(*x.shape[:2], *size)


INDICES = np.stack([RNG.permutation(20)[:6] for _ in range(4)]).reshape(2, 2, 2, 3)
UNPOOLING = [
    Case(
        "SpatialMaxUnpooling",
        {"input": distinct(2, 2, 2, 3), "indices": INDICES},
        lambda input, indices: unpool(input, indices, (4, 5)),
        {"oheight": 4, "owidth": 5},
    ),
    Case(
        "VolumetricMaxUnpooling",
        {"input": distinct(2, 2, 1, 2, 3), "indices": INDICES[:, :, None]},
        lambda input, indices: unpool(input, indices, (2, 2, 5)),
        {"oT": 2, "oH": 2, "oW": 5},
    ),
]
CASES = cases(SPATIAL, VOLUMETRIC, UNPOOLING)


@pytest.mark.parametrize("name", CASES)
def test_family(name: str) -> None:
    check(CASES[name])


def test_bad_arguments() -> None:
    case = UNPOOLING[0]
    with pytest.raises(RuntimeError, match=r"indices hold \d+, expected positions in \[0, 2\)"):
        Run(Case(case.family, case.inputs, case.oracle, {"oheight": 1, "owidth": 2}), DOUBLE).forward()
    fractional_case = next(c for c in SPATIAL if "Fractional" in c.family)
    settings = {**fractional_case.settings, "outputH": 7}
    with pytest.raises(RuntimeError, match="too large for an input of 7 along H"):
        Run(Case(fractional_case.family, fractional_case.inputs, fractional_case.oracle, settings), DOUBLE).forward()
