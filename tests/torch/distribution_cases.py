"""One row for each distribution: parameters, and the same distribution of SciPy. The tests go over these rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats as st

import torch
from torch import distributions as dist
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli
from torch.distributions.relaxed_categorical import ExpRelaxedCategorical
from torch.distributions.transforms import AffineTransform

Array = np.ndarray


@dataclass(frozen=True)
class Case:
    """`kind(**parameters)`; `peer(**parameters)` is SciPy's. `fixed`: arguments that are no tensors."""

    kind: type[dist.Distribution]
    parameters: dict[str, Any]
    peer: Callable[..., Any] | None = None
    fixed: dict[str, Any] | None = None
    note: str = ""
    build: Callable[..., dist.Distribution] | None = None  # in place of `kind`

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
        return (self.build or self.kind)(**(self.fixed or {}), **tensors, **more)

    def oracle(self) -> Any:
        """SciPy's distribution, of the parameters as float64 arrays."""
        assert self.peer is not None
        return self.peer(**{name: np.array(value, dtype=float) for name, value in self.parameters.items()})


def one_minus(p: Array) -> Array:
    return 1 - p


def expit(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def falling(loc: torch.Tensor, scale: torch.Tensor, **more: Any) -> dist.Distribution:
    """1 - 2 x for a normal x."""
    return dist.TransformedDistribution(dist.Normal(loc, scale), [AffineTransform(1, -2)], **more)


def together(loc: torch.Tensor, scale: torch.Tensor, **more: Any) -> dist.Distribution:
    """Vectors of independent normal numbers."""
    return dist.Independent(dist.Normal(loc, scale), 1, **more)


PROBS = [0.1, 0.5, 0.97]
LOGITS = [-3.0, 0.0, 1.5]
COVARIANCE = [[[4.0, 1.0], [1.0, 2.0]], [[1.0, -0.5], [-0.5, 3.0]]]

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
    Case(dist.LogNormal, {"loc": [0.0, 2.0], "scale": [0.3, 1.5]}, lambda loc, scale: st.lognorm(scale, scale=np.exp(loc))),
    Case(dist.Gumbel, {"loc": [0.0, -3.0], "scale": [1.0, 5.0]}, lambda loc, scale: st.gumbel_r(loc, scale)),
    Case(dist.HalfNormal, {"scale": [1.0, 7.0]}, lambda scale: st.halfnorm(scale=scale)),
    Case(dist.HalfCauchy, {"scale": [1.0, 7.0]}, lambda scale: st.halfcauchy(scale=scale)),
    Case(dist.Pareto, {"scale": [1.0, 4.0], "alpha": [2.5, 9.0]}, lambda scale, alpha: st.pareto(alpha, scale=scale)),
    Case(
        dist.TransformedDistribution,
        {"loc": [0.0, 2.0], "scale": [1.0, 3.0]},
        lambda loc, scale: st.norm(1 - 2 * loc, 2 * scale),
        build=falling,
    ),
    Case(dist.Cauchy, {"loc": [0.0, 5.0], "scale": [1.0, 0.3]}, lambda loc, scale: st.cauchy(loc, scale)),
]

# Vectors, numbers that SciPy has otherwise, and those of which it has no peer.
OTHER = [
    Case(dist.Categorical, {"probs": [[0.1, 0.2, 0.7], [2.0, 1.0, 1.0]]}),
    Case(dist.Categorical, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 9.0]]}, note="logits"),
    Case(dist.OneHotCategorical, {"probs": [[0.1, 0.2, 0.7], [2.0, 1.0, 1.0]]}),
    Case(dist.OneHotCategorical, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 9.0]]}, note="logits"),
    Case(dist.Multinomial, {"probs": [[0.1, 0.2, 0.7], [2.0, 1.0, 1.0]]}, fixed={"total_count": 7}),
    Case(dist.Multinomial, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 1.0]]}, fixed={"total_count": 3}, note="logits"),
    Case(LogitRelaxedBernoulli, {"temperature": [0.5, 2.0], "probs": [0.3, 0.8]}),
    Case(dist.RelaxedBernoulli, {"temperature": [0.5, 2.0], "probs": [0.3, 0.8]}),
    Case(dist.RelaxedBernoulli, {"temperature": [0.7, 1.0], "logits": [-1.0, 2.0]}, note="logits"),
    Case(ExpRelaxedCategorical, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 1.0]]}, fixed={"temperature": 0.6}),
    Case(dist.RelaxedOneHotCategorical, {"logits": [[0.0, -1.0, 2.0], [0.5, 0.5, 1.0]]}, fixed={"temperature": 0.6}),
    Case(
        dist.RelaxedOneHotCategorical, {"probs": [[0.2, 0.3, 0.5], [0.4, 0.4, 0.2]]}, fixed={"temperature": 1.5}, note="probs"
    ),
    Case(dist.MultivariateNormal, {"loc": [[0.0, 1.0], [2.0, 3.0]], "covariance_matrix": COVARIANCE}),
    Case(dist.MultivariateNormal, {"loc": [[0.0, 1.0], [2.0, 3.0]], "precision_matrix": COVARIANCE}, note="precision"),
    Case(
        dist.MultivariateNormal, {"loc": [[0.0, 1.0], [2.0, 3.0]], "scale_tril": [[[2.0, 0.0], [0.5, 1.0]]] * 2}, note="factor"
    ),
    Case(dist.Independent, {"loc": [[0.0, 1.0], [2.0, 3.0]], "scale": [[1.0, 2.0], [0.3, 1.0]]}, build=together),
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
