"""One row for each distribution: parameters, and the same distribution of SciPy. The tests go over these rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats as st

import torch
from torch import distributions as dist

Array = np.ndarray


@dataclass(frozen=True)
class Case:
    """`kind(**parameters)`; `peer(**parameters)` is SciPy's. `fixed`: arguments that are no tensors."""

    kind: type[dist.Distribution]
    parameters: dict[str, Any]
    peer: Callable[..., Any] | None = None
    fixed: dict[str, Any] | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """Of the test."""
        return "-".join([self.kind.__name__, *([self.note] if self.note else [])])

    def tensors(self, dtype: torch.dtype = torch.float64) -> dict[str, torch.Tensor]:
        """The parameters as leaves."""
        return {name: torch.tensor(value, dtype=dtype) for name, value in self.parameters.items()}

    def make(self, dtype: torch.dtype = torch.float64, **more: Any) -> dist.Distribution:
        """The distribution."""
        return self.of(self.tensors(dtype), **more)

    def of(self, tensors: dict[str, torch.Tensor], **more: Any) -> dist.Distribution:
        """The distribution with these parameters."""
        return self.kind(**(self.fixed or {}), **tensors, **more)

    def oracle(self) -> Any:
        """SciPy's distribution, of the parameters as float64 arrays."""
        assert self.peer is not None
        return self.peer(**{name: np.array(value, dtype=float) for name, value in self.parameters.items()})


def one_minus(p: Array) -> Array:
    return 1 - p


def expit(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


PROBS = [0.1, 0.5, 0.97]
LOGITS = [-3.0, 0.0, 1.5]

# Numbers: SciPy has all of their functions, with batches.
SCALAR = [
    Case(dist.Normal, {"loc": [0.0, -2.0, 100.0], "scale": [1.0, 0.1, 30.0]}, lambda loc, scale: st.norm(loc, scale)),
    Case(dist.Uniform, {"low": [0.0, -2.0], "high": [1.0, 7.0]}, lambda low, high: st.uniform(low, high - low)),
    Case(dist.Bernoulli, {"probs": PROBS}, lambda probs: st.bernoulli(probs)),
    Case(dist.Bernoulli, {"logits": LOGITS}, lambda logits: st.bernoulli(expit(logits)), note="logits"),
    Case(dist.Geometric, {"probs": PROBS}, lambda probs: st.geom(probs, loc=-1)),
    Case(dist.Geometric, {"logits": LOGITS}, lambda logits: st.geom(expit(logits), loc=-1), note="logits"),
    Case(dist.Exponential, {"rate": [0.2, 1.0, 40.0]}, lambda rate: st.expon(scale=1 / rate)),
    Case(dist.Laplace, {"loc": [0.0, 5.0], "scale": [1.0, 0.3]}, lambda loc, scale: st.laplace(loc, scale)),
    Case(
        dist.Gamma,
        {"concentration": [0.3, 1.0, 50.0], "rate": [2.0, 0.1, 7.0]},
        lambda concentration, rate: st.gamma(concentration, scale=1 / rate),
    ),
    Case(dist.Chi2, {"df": [0.5, 3.0, 80.0]}, lambda df: st.chi2(df)),
    Case(
        dist.Beta,
        {"concentration1": [0.3, 2.0, 30.0], "concentration0": [0.7, 5.0, 2.0]},
        lambda concentration1, concentration0: st.beta(concentration1, concentration0),
    ),
    Case(dist.Poisson, {"rate": [0.2, 4.0, 300.0]}, lambda rate: st.poisson(rate)),
    Case(dist.Binomial, {"probs": PROBS}, lambda probs: st.binom(12, probs), {"total_count": 12}),
    Case(dist.Binomial, {"logits": LOGITS}, lambda logits: st.binom(200, expit(logits)), {"total_count": 200}, "logits"),
    Case(
        dist.StudentT,
        {"df": [2.5, 4.0, 1e5], "loc": [0.0, 1.0, 3.0], "scale": [1.0, 2.0, 0.2]},
        lambda df, loc, scale: st.t(df, loc, scale),
    ),
    Case(dist.FisherSnedecor, {"df1": [1.0, 5.0], "df2": [4.5, 30.0]}, lambda df1, df2: st.f(df1, df2)),
    Case(dist.Cauchy, {"loc": [0.0, 5.0], "scale": [1.0, 0.3]}, lambda loc, scale: st.cauchy(loc, scale)),
]

# Vectors, numbers that SciPy has otherwise, and those of which it has no peer.
OTHER = [
    Case(dist.Categorical, {"probs": [[0.1, 0.2, 0.7], [2.0, 1.0, 1.0]]}),
    Case(dist.Categorical, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 9.0]]}, note="logits"),
    Case(dist.Dirichlet, {"concentration": [[0.5, 2.0, 3.5], [10.0, 1.0, 0.2]]}),
]

# Samples whose gradients hold something else than the noise that the seed gives.
IMPLICIT = (dist.Gamma, dist.Beta, dist.Dirichlet, dist.StudentT, dist.FisherSnedecor)

ALL = SCALAR + OTHER


def classes() -> Iterator[type[dist.Distribution]]:
    """The public distributions that can be made."""
    for value in vars(dist).values():
        if (
            isinstance(value, type)
            and issubclass(value, dist.Distribution)
            and value.log_prob is not dist.Distribution.log_prob
        ):
            yield value


def discrete(case: Case) -> bool:
    """Whether samples are integers."""
    return hasattr(case.oracle().dist, "pmf")
