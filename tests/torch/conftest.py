"""What tests of this folder share."""

from __future__ import annotations

import pytest

import torch


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> str:
    """Each place that tensors can lie in; what needs a GPU is skipped where there is none."""
    name: str = request.param
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip(f"no CUDA device: {torch.cuda.unavailable_reason()}")
    return name
