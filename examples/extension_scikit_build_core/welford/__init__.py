"""Mean and variance of a tensor in one pass, written in C++."""

import torch
from welford import _moments

__all__ = ["moments"]


def moments(x: torch.Tensor) -> tuple[float, float]:
    """(mean, variance) over all elements; computed in float64."""
    mean, variance = _moments.moments(x.detach().double())
    return mean, variance
