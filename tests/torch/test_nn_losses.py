"""Losses and distances that are made of other operations, and the modules around all of them, against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import gradcheck

RNG = np.random.default_rng(0)
A, B, C = (RNG.standard_normal((4, 3)) for _ in range(3))
SIGN = np.array([1.0, -1.0, 1.0, -1.0])
COUNTS = np.array([[0.0, 1, 2], [3, 4, 5], [1, 1, 1], [7, 2, 0]])


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def distance(a: np.ndarray, b: np.ndarray, p: float) -> np.ndarray:
    return (abs(a - b + 1e-6) ** p).sum(1) ** (1 / p)


STIRLING = np.where(COUNTS > 1, COUNTS * np.log(np.maximum(COUNTS, 1)) - COUNTS, 0) + np.where(
    COUNTS > 1, 0.5 * np.log(2 * math.pi * np.maximum(COUNTS, 1)), 0
)
CASES = {
    "poisson": (nn.PoissonNLLLoss, {}, (A, COUNTS), np.exp(A) - COUNTS * A),
    "poisson-full": (nn.PoissonNLLLoss, {"full": True}, (A, COUNTS), np.exp(A) - COUNTS * A + STIRLING),
    "poisson-rate": (
        nn.PoissonNLLLoss,
        {"log_input": False},
        (abs(A), COUNTS),
        abs(A) - COUNTS * np.log(abs(A) + 1e-8),
    ),
    "hinge": (
        nn.HingeEmbeddingLoss,
        {"margin": 0.5},
        (A[:, 0], SIGN),
        np.where(SIGN > 0, A[:, 0], np.maximum(0, 0.5 - A[:, 0])),
    ),
    "ranking": (
        nn.MarginRankingLoss,
        {"margin": 0.2},
        (A[:, 0], B[:, 0], SIGN),
        np.maximum(0, -SIGN * (A[:, 0] - B[:, 0]) + 0.2),
    ),
    "cosine": (
        nn.CosineEmbeddingLoss,
        {"margin": 0.1},
        (A, B, SIGN),
        np.where(SIGN > 0, 1 - cosine(A, B), np.maximum(0, cosine(A, B) - 0.1)),
    ),
    "triplet": (
        nn.TripletMarginLoss,
        {"margin": 0.7, "p": 3},
        (A, B, C),
        np.maximum(0, distance(A, B, 3) - distance(A, C, 3) + 0.7),
    ),
    "triplet-swap": (
        nn.TripletMarginLoss,
        {"swap": True},
        (A, B, C),
        np.maximum(0, distance(A, B, 2) - np.minimum(distance(A, C, 2), distance(B, C, 2)) + 1),
    ),
    "soft-labels": (
        nn.MultiLabelSoftMarginLoss,
        {},
        (A, (B > 0) * 1.0),
        (softplus(A) - A * (B > 0)).mean(1),
    ),
    "logits": (nn.BCEWithLogitsLoss, {}, (A, (B > 0) * 1.0), softplus(A) - A * (B > 0)),
    "logits-weighted": (
        nn.BCEWithLogitsLoss,
        {"weight": tensor(abs(C)), "pos_weight": tensor(np.array([1.0, 2.0, 3.0]))},
        (A, (B > 0) * 1.0),
        abs(C) * ((1 - (B > 0)) * softplus(A) + (B > 0) * np.array([1.0, 2.0, 3.0]) * softplus(-A)),
    ),
    "huge-logits": (nn.BCEWithLogitsLoss, {}, (A * 1e4, (B > 0) * 1.0), softplus(A * 1e4) - A * 1e4 * (B > 0)),
    "bce-weighted": (
        nn.BCELoss,
        {"weight": tensor(np.array([1.0, 2.0, 3.0]))},
        (1 / (1 + np.exp(-A)), (B > 0) * 1.0),
        np.array([1.0, 2.0, 3.0]) * (softplus(A) - A * (B > 0)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_loss(name: str) -> None:
    kind, settings, inputs, expected = CASES[name]
    tensors = [tensor(x) for x in inputs]
    for reduction, value in (("none", expected), ("sum", expected.sum()), ("elementwise_mean", expected.mean())):
        result = kind(reduction=reduction, **settings)(*tensors)
        np.testing.assert_allclose(result.numpy(), value, rtol=1e-8, atol=1e-10)
    legacy = kind(size_average=False, **settings)(*tensors)
    np.testing.assert_allclose(legacy.numpy(), expected.sum(), rtol=1e-8)
    if name != "huge-logits":
        first = tensors[0].clone().requires_grad_()
        assert gradcheck(lambda x: kind(**settings)(x, *tensors[1:]), (first,))


def test_distances() -> None:
    x, y = tensor(A), tensor(B)
    np.testing.assert_allclose(nn.CosineSimilarity()(x, y).numpy(), cosine(A, B), rtol=1e-10)
    np.testing.assert_allclose(F.cosine_similarity(x, y, 0).numpy(), cosine(A.T, B.T), rtol=1e-10)
    assert F.cosine_similarity(torch.zeros(1, 3), torch.ones(1, 3)).tolist() == [0.0]
    for p in (1.0, 2.0, 3.5):
        np.testing.assert_allclose(nn.PairwiseDistance(p)(x, y).numpy(), distance(A, B, p), rtol=1e-10)
    assert nn.PairwiseDistance(keepdim=True)(x, y).size() == (4, 1)
    np.testing.assert_allclose(F.normalize(x, 1, 0).numpy(), A / abs(A).sum(0), rtol=1e-10)
    assert F.normalize(torch.zeros(2, 2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_targets_without_a_gradient_say_so() -> None:
    target = torch.rand(3, requires_grad=True)
    with pytest.raises(ValueError, match="target requires a gradient"):
        F.binary_cross_entropy(torch.rand(3), target)
    with pytest.raises(ValueError, match=r"\[kl_div\] target requires a gradient"):
        F.kl_div(torch.rand(3), target)


def test_settings() -> None:
    assert repr(nn.TripletMarginLoss(p=3)) == "TripletMarginLoss(margin=1.0, p=3, eps=1e-06, swap=False)"
    assert repr(nn.NLLLoss(ignore_index=2)) == "NLLLoss(ignore_index=2)"
    assert list(nn.CrossEntropyLoss(torch.ones(3)).state_dict()) == ["weight"]
    with pytest.raises(ValueError, match="p == 1 and p == 2"):
        nn.MultiMarginLoss(p=3)


def test_images_of_classes() -> None:
    scores, target = torch.randn(2, 3, 4, 5, dtype=torch.float64), torch.randint(3, (2, 4, 5)).long()
    flat = scores.permute(0, 2, 3, 1).contiguous().view(-1, 3)
    expected = F.cross_entropy(flat, target.view(-1), reduction="none").view(2, 4, 5)
    np.testing.assert_allclose(F.cross_entropy(scores, target, reduction="none").numpy(), expected.numpy(), rtol=1e-12)
    with pytest.raises(RuntimeError, match=r"CrossEntropyLoss\(\): target has shape \(2, 4\), expected \(2, 4, 5\)"):
        nn.CrossEntropyLoss()(scores, target[:, :, 0])
