"""Classic names of convolutions against loops in NumPy and differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from family import DOUBLE, Case, Run, cases, check
from thnn import Tensor
from windows import convolve, count, positions, transpose_convolve

RNG = np.random.default_rng(1)
LEARNT = {"weight": "gradWeight", "bias": "gradBias"}


def random(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def spatial(kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int], **more: tuple[int, int]) -> dict[str, int]:
    """Settings of (height, width) pairs under their classic names."""
    found = {}
    for name, pair in {"k": kernel, "d": stride, "pad": pad, **more}.items():
        found[f"{name}H"], found[f"{name}W"] = pair
    return found


def volumetric(prefix: str, **triples: tuple[int, int, int]) -> dict[str, int]:
    """The same of (depth, height, width); `prefix` is what the family calls the padding."""
    found = {}
    for name, triple in triples.items():
        for axis, value in zip("THW", triple, strict=True):
            found[f"{prefix if name == 'pad' else name}{axis}"] = value
    return found


def images(family: str, oracle: Any, **more: tuple[int, int]) -> list[Case]:
    kernel, stride, pad = (3, 2), (2, 1), (1, 0)
    settings = spatial(kernel, stride, pad, **more)
    full = "Full" in family
    inputs = {"input": random(2, 3, 5, 4), "weight": random(*((3, 2) if full else (2, 3)), *kernel), "bias": random(2)}
    single = {**inputs, "input": inputs["input"][:1]}
    bare = {**inputs, "input": inputs["input"][0]}
    return [
        Case(family, inputs, oracle, settings, LEARNT),
        Case(family, single, oracle, settings, LEARNT),
        Case(
            family,
            bare,
            lambda input, weight, bias: oracle(input=input[None], weight=weight, bias=bias)[0],
            settings,
            LEARNT,
        ),
        Case(family, {**inputs, "input": np.zeros((0, 3, 5, 4))}, oracle, settings, smooth=False),
    ]


ONES = (1, 1)
SPATIAL = [
    *images("SpatialConvolutionMM", lambda input, weight, bias: convolve(input, weight, bias, (2, 1), (1, 0), ONES)),
    *images(
        "SpatialDilatedConvolution",
        lambda input, weight, bias: convolve(input, weight, bias, (2, 1), (1, 0), (1, 3)),
        dilation=(1, 3),
    ),
    *images(
        "SpatialFullConvolution",
        lambda input, weight, bias: transpose_convolve(input, weight, bias, (2, 1), (1, 0), ONES, (1, 0)),
        adj=(1, 0),
    ),
    *images(
        "SpatialFullDilatedConvolution",
        lambda input, weight, bias: transpose_convolve(input, weight, bias, (2, 1), (1, 0), (2, 2), (1, 1)),
        dilation=(2, 2),
        adj=(1, 1),
    ),
    Case(
        "SpatialConvolutionMM",
        {"input": random(2, 3, 5, 4), "weight": random(2, 18), "bias": random(2)},
        lambda input, weight, bias: convolve(input, weight.reshape(2, 3, 3, 2), bias, ONES, (1, 0), ONES),
        spatial((3, 2), ONES, (1, 0)),
        LEARNT,
    ),
    Case(
        "SpatialDepthWiseConvolution",
        {"input": random(2, 3, 5, 4), "weight": random(2, 3, 3, 2), "bias": random(2, 3)},
        lambda input, weight, bias: convolve(
            input, np.swapaxes(weight, 0, 1).reshape(6, 1, 3, 2), bias.T.reshape(-1), (2, 1), (1, 0), ONES, 3
        ),
        spatial((3, 2), (2, 1), (1, 0)),
        LEARNT,
    ),
]


def volumes(family: str, oracle: Any, settings: dict[str, int]) -> Case:
    full = "Full" in family
    weight = random(*((2, 1) if full else (1, 2)), 2, 3, 1)
    return Case(family, {"input": random(1, 2, 4, 3, 3), "weight": weight, "bias": random(1)}, oracle, settings, LEARNT)


K, D, P, A = (2, 3, 1), (2, 1, 2), (1, 1, 0), (1, 0, 1)
VOLUMETRIC = [
    volumes(
        "VolumetricConvolution",
        lambda input, weight, bias: convolve(input, weight, bias, D, P, (1, 1, 1)),
        volumetric("p", d=D, pad=P),
    ),
    volumes(
        "VolumetricConvolutionMM",
        lambda input, weight, bias: convolve(input, weight, bias, D, P, (1, 1, 1)),
        volumetric("p", k=K, d=D, pad=P),
    ),
    volumes(
        "VolumetricDilatedConvolution",
        lambda input, weight, bias: convolve(input, weight, bias, D, P, (2, 1, 1)),
        volumetric("pad", k=K, d=D, pad=P, dilation=(2, 1, 1)),
    ),
    volumes(
        "VolumetricFullConvolution",
        lambda input, weight, bias: transpose_convolve(input, weight, bias, D, P, (1, 1, 1), A),
        volumetric("p", k=K, d=D, pad=P, a=A),
    ),
    volumes(
        "VolumetricFullDilatedConvolution",
        lambda input, weight, bias: transpose_convolve(input, weight, bias, D, P, (2, 1, 1), A),
        volumetric("p", k=K, d=D, pad=P, dilation=(2, 1, 1), a=A),
    ),
]


def temporal(input: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    filters = np.swapaxes(weight.reshape(len(weight), 3, -1), 1, 2)
    return np.swapaxes(convolve(np.swapaxes(input, 1, 2), filters, bias, (2,), (0,), (1,)), 1, 2)


FRAMES = {"kW": 3, "dW": 2, "inputFrameSize": 4, "outputFrameSize": 2}
TEMPORAL = [
    Case(
        "TemporalConvolution",
        {"input": random(2, 7, 4), "weight": random(2, 12), "bias": random(2)},
        temporal,
        FRAMES,
        LEARNT,
    ),
    Case(
        "TemporalConvolution",
        {"input": random(7, 4), "weight": random(2, 12), "bias": random(2)},
        lambda input, weight, bias: temporal(input[None], weight, bias)[0],
        FRAMES,
        LEARNT,
    ),
]


def im2col(input: np.ndarray) -> np.ndarray:
    arguments = ((3, 2), (2, 1), (1, 0), (1, 2))
    output = count(input.shape[2:], *arguments)
    columns = np.zeros((*input.shape[:2], 3, 2, *output))
    for place, seen in positions(input.shape[2:], *arguments, output):
        for tap, at in seen:
            columns[(slice(None), slice(None), *tap, *place)] = input[(slice(None), slice(None), *at)]
    return columns.reshape(len(input), input.shape[1] * 6, -1)


COLUMNS = {"kH": 3, "kW": 2, "dH": 1, "dW": 2, "padH": 1, "padW": 0, "sH": 2, "sW": 1}
IMAGES = random(2, 2, 5, 4)
CASES = cases(SPATIAL, VOLUMETRIC, TEMPORAL, [Case("Im2Col", {"input": IMAGES}, im2col, COLUMNS, smooth=False)])


@pytest.mark.parametrize("name", CASES)
def test_family(name: str) -> None:
    check(CASES[name])


def test_columns_and_images_are_each_other_s_gradient() -> None:
    columns = im2col(IMAGES)
    other = random(*columns.shape)
    size = {"outputHeight": 5, "outputWidth": 4, "inputHeight": 5, "inputWidth": 4}
    given = {**COLUMNS, **size, "input": Tensor(other), "output": Tensor()}
    DOUBLE.call("Col2Im_updateOutput", given)
    assert (given["output"].array * IMAGES).sum() == pytest.approx((other * columns).sum())
    backward = {**COLUMNS, **size, "gradOutput": Tensor(other), "gradInput": Tensor()}
    DOUBLE.call("Im2Col_updateGradInput", backward)
    np.testing.assert_array_equal(backward["gradInput"].array, given["output"].array)
    again = {**COLUMNS, "gradOutput": Tensor(IMAGES), "gradInput": Tensor()}
    DOUBLE.call("Col2Im_updateGradInput", again)
    np.testing.assert_array_equal(again["gradInput"].array, columns)


def test_unfolding() -> None:
    x = random(2, 5, 4)
    sizes = {"kW": 2, "kH": 3, "dW": 1, "dH": 1, "padW": 0, "padH": 1, "nInputPlane": 2, "inputWidth": 4, "inputHeight": 5}
    given = {**sizes, "outputWidth": 3, "outputHeight": 5, "finput": Tensor(), "input": Tensor(x)}
    DOUBLE.call("unfolded_copy", given)
    columns = given["finput"].array
    assert columns.shape == (12, 5, 3)
    np.testing.assert_array_equal(columns[1 * 6 + 1 * 2 + 0], x[1, :, :3])
    target = {**given, "input": Tensor(np.ones_like(x)), "finput": Tensor(columns)}
    DOUBLE.call("unfolded_acc", target)
    uses = {**given, "input": Tensor(np.zeros_like(x)), "finput": Tensor(np.ones_like(columns))}
    DOUBLE.call("unfolded_acc", uses)
    np.testing.assert_allclose(target["input"].array, 1 + uses["input"].array * x)


def test_bad_arguments() -> None:
    case = CASES[next(name for name in CASES if name.startswith("SpatialFullConvolution"))]
    with pytest.raises(RuntimeError, match="adjH is 2: output padding must be smaller than either stride or dilation"):
        Run(Case(case.family, case.inputs, case.oracle, {**case.settings, "adjH": 2}), DOUBLE).forward()
    with pytest.raises(RuntimeError, match="input has 2 channels, weight expects 3"):
        Run(Case(case.family, {**case.inputs, "input": random(1, 2, 5, 4)}, case.oracle, case.settings), DOUBLE).forward()
    with pytest.raises(RuntimeError, match="kernel of 3 x 2, kH x kW is 3 x 5"):
        Run(Case(case.family, case.inputs, case.oracle, {**case.settings, "kW": 5}), DOUBLE).forward()
