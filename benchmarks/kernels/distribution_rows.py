"""Rows of torch.distributions: log_prob of a vector, and drawing one, in this torch and in PyTorch."""

from __future__ import annotations

from rows import Row

_START = """
import torch, torch.distributions as D
torch.manual_seed(0)
x, a, b = (torch.rand({n}) + 0.5 for _ in range(3))
d = D.{kind}
"""
# What makes the distribution, and the values whose log_prob is asked for. PyTorch checks both, unless it is told not to.
_KINDS = {
    "Normal": ("Normal(a, b, validate_args=False)", "x"),
    "Gamma": ("Gamma(a, b, validate_args=False)", "x"),
    "Beta": ("Beta(a, b, validate_args=False)", "x / 2"),
    "StudentT": ("StudentT(a, b, b, validate_args=False)", "x"),
    "Poisson": ("Poisson(a, validate_args=False)", "(3 * x).floor()"),
    "Binomial": ("Binomial(10, a / 2, validate_args=False)", "(3 * x).floor()"),
}


def rows(n: int = 10_000) -> list[Row]:
    """For each kind, log_prob of n values and a sample of n, float32."""
    found = []
    for name, (kind, values) in _KINDS.items():
        setup = _START.format(n=n, kind=kind)
        found.append(Row(f"{name}.log_prob (float32, {n})", f"{setup}v = {values}", "d.log_prob(v)"))
        found.append(Row(f"{name}.sample (float32, {n})", setup, "d.sample()"))
    return found
