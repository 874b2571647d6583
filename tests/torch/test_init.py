"""Initial values: exact ones by their definition, random ones by their moments and bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import torch
from torch import nn
from torch.nn import init

SHAPE = (40, 30, 3, 3)  # fan_in 270, fan_out 360
FAN_IN, FAN_OUT = 270, 360


@pytest.mark.parametrize(
    ("nonlinearity", "param", "gain"),
    [
        *[(name, None, 1.0) for name in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid")],
        *[(f"conv_transpose{d}d", None, 1.0) for d in (1, 2, 3)],
        ("tanh", None, 5 / 3),
        ("relu", None, math.sqrt(2)),
        ("leaky_relu", None, math.sqrt(2 / 1.0001)),
        ("leaky_relu", 0.5, math.sqrt(1.6)),
        ("leaky_relu", 2, math.sqrt(0.4)),
    ],
)
def test_gain(nonlinearity: str, param: float | None, gain: float) -> None:
    assert init.calculate_gain(nonlinearity, param) == pytest.approx(gain)


def test_gain_refuses() -> None:
    with pytest.raises(ValueError, match="Unsupported nonlinearity selu"):
        init.calculate_gain("selu")
    for slope in ("0.1", True):
        with pytest.raises(ValueError, match="not a valid number"):
            init.calculate_gain("leaky_relu", slope)  # type: ignore[arg-type]


def flat(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    return np.array(tensor.contiguous().view(-1).tolist())


UNIFORM: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], float, float]] = {
    "uniform_": (lambda t: init.uniform_(t, -2, 5), -2, 5),
    "uniform_ by default": (init.uniform_, 0, 1),
    "xavier_uniform_": (
        lambda t: init.xavier_uniform_(t, 2),
        -2 * math.sqrt(6 / (FAN_IN + FAN_OUT)),
        2 * math.sqrt(6 / (FAN_IN + FAN_OUT)),
    ),
    "kaiming_uniform_": (init.kaiming_uniform_, -math.sqrt(6 / FAN_IN), math.sqrt(6 / FAN_IN)),
    "kaiming_uniform_ fan_out": (
        lambda t: init.kaiming_uniform_(t, a=1, mode="FAN_OUT"),
        -math.sqrt(3 / FAN_OUT),
        math.sqrt(3 / FAN_OUT),
    ),
}

NORMAL: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], float, float]] = {
    "normal_": (lambda t: init.normal_(t, 3, 0.5), 3, 0.5),
    "normal_ by default": (init.normal_, 0, 1),
    "xavier_normal_": (lambda t: init.xavier_normal_(t, 3), 0, 3 * math.sqrt(2 / (FAN_IN + FAN_OUT))),
    "kaiming_normal_": (init.kaiming_normal_, 0, math.sqrt(2 / FAN_IN)),
    "kaiming_normal_ tanh": (
        lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="tanh"),
        0,
        5 / 3 / math.sqrt(FAN_OUT),
    ),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform(name: str) -> None:
    fill, low, high = UNIFORM[name]
    torch.manual_seed(0)
    weight = nn.Parameter(torch.empty(*SHAPE))
    assert fill(weight) is weight and weight.requires_grad and weight.is_leaf
    values = (flat(weight.data) - low) / (high - low)
    assert values.min() >= -1e-6 and values.max() <= 1 + 1e-6
    # 10800 draws: the mean of a uniform has the standard error 0.0028, its variance 1/12 that of 0.0007.
    assert values.mean() == pytest.approx(0.5, abs=0.014) and values.var() == pytest.approx(1 / 12, abs=0.0036)


@pytest.mark.parametrize("name", NORMAL)
def test_normal(name: str) -> None:
    fill, mean, std = NORMAL[name]
    torch.manual_seed(0)
    weight = nn.Parameter(torch.empty(*SHAPE))
    assert fill(weight) is weight and weight.requires_grad and weight.is_leaf
    values = (flat(weight.data) - mean) / std
    # Five standard errors: 1 / sqrt(10800) and 1 / sqrt(21600).
    assert values.mean() == pytest.approx(0, abs=0.048) and values.std() == pytest.approx(1, abs=0.034)
    assert np.abs(values).max() > 3


def test_fans_refuse() -> None:
    with pytest.raises(ValueError, match="Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"):
        init.xavier_normal_(torch.empty(3))
    with pytest.raises(ValueError, match="Mode fan_avg not supported, please use one of"):
        init.kaiming_normal_(torch.empty(3, 3), mode="fan_avg")


def test_constant() -> None:
    weight = nn.Parameter(torch.empty(2, 3))
    assert init.constant_(weight, 0.25) is weight
    assert weight.tolist() == [[0.25] * 3] * 2


@pytest.mark.parametrize("size", [(3, 3), (2, 4), (4, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64])
def test_eye(size: tuple[int, int], dtype: torch.dtype) -> None:
    assert init.eye_(torch.empty(*size, dtype=dtype)).tolist() == np.eye(*size).tolist()


@pytest.mark.parametrize("size", [(3, 3, 3), (4, 2, 5), (2, 3, 3, 4), (3, 2, 3, 3, 1)])
def test_dirac(size: tuple[int, ...]) -> None:
    weight = init.dirac_(nn.Parameter(torch.ones(*size)))
    expected = np.zeros(size)
    for channel in range(min(size[:2])):
        expected[(channel, channel, *(extent // 2 for extent in size[2:]))] = 1
    assert weight.tolist() == expected.tolist()


def test_dirac_keeps_an_image() -> None:
    layer = nn.Conv2d(3, 3, 3, padding=1, bias=False)
    init.dirac_(layer.weight)
    image = torch.randn(1, 3, 5, 5)
    assert layer(image).tolist() == image.tolist()


@pytest.mark.parametrize("size", [(4, 4), (3, 7), (7, 3), (5, 2, 3), (2, 3, 3, 3), (1, 5), (5, 1), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(size: tuple[int, ...], gain: float) -> None:
    """LAPACK's QR of the same normal numbers, with the signs that make the diagonal of R positive."""
    rows, columns = size[0], math.prod(size[1:])
    torch.manual_seed(3)
    weight = nn.Parameter(torch.empty(*size, dtype=torch.float64))
    assert init.orthogonal_(weight, gain) is weight
    torch.manual_seed(3)
    normal = np.array(torch.empty(rows, columns, dtype=torch.float64).normal_().tolist())
    q, r = np.linalg.qr(normal if rows >= columns else normal.T)
    q = q * np.sign(np.diag(r))
    np.testing.assert_allclose(flat(weight.data), gain * (q if rows >= columns else q.T).reshape(-1), atol=1e-12)


def test_orthogonal_in_float32() -> None:
    weight = init.orthogonal_(torch.empty(60, 80))
    np.testing.assert_allclose(torch.mm(weight, weight.t()).tolist(), np.eye(60), atol=1e-6)


def test_orthogonal_of_nothing() -> None:
    assert init.orthogonal_(torch.empty(0, 3)).size() == (0, 3)


def test_sparse() -> None:
    torch.manual_seed(0)
    weight = init.sparse_(nn.Parameter(torch.empty(21, 200)), 0.3, std=2.0)
    values = np.array(weight.tolist())
    assert ((values == 0).sum(axis=0) == 7).all()  # ceil(0.3 * 21)
    assert len({tuple(column == 0) for column in values.T}) > 100
    assert values[values != 0].std() == pytest.approx(2, abs=0.14)  # five standard errors of 2800 draws


def test_dimensions() -> None:
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions are supported"):
        init.eye_(torch.empty(3))
    with pytest.raises(ValueError, match="Only tensors with 2 dimensions are supported"):
        init.sparse_(torch.empty(3, 3, 3), 0.5)
    with pytest.raises(ValueError, match="Only tensors with 3, 4, or 5 dimensions are supported"):
        init.dirac_(torch.empty(3, 3))
    with pytest.raises(ValueError, match="Only tensors with 2 or more dimensions are supported"):
        init.orthogonal_(torch.empty(3))


DEPRECATED: dict[str, tuple[Any, ...]] = {
    "uniform": (0, 1),
    "normal": (0, 1),
    "constant": (2,),
    "eye": (),
    "dirac": (),
    "xavier_uniform": (),
    "xavier_normal": (),
    "kaiming_uniform": (),
    "kaiming_normal": (),
    "orthogonal": (),
    "sparse": (0.5,),
}


@pytest.mark.parametrize("name", DEPRECATED)
def test_old_names(name: str) -> None:
    size = (3, 3, 3) if name == "dirac" else (3, 3)
    torch.manual_seed(0)
    expected = getattr(init, name + "_")(torch.empty(*size), *DEPRECATED[name])
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match=f"nn.init.{name} is now deprecated in favor of nn.init.{name}_") as caught:
        weight = getattr(init, name)(torch.empty(*size), *DEPRECATED[name])
    assert weight.tolist() == expected.tolist()
    assert caught[0].filename == __file__
