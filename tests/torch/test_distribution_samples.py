"""Samples of distributions: laws, shapes, dtypes, seeds, gradients."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import scipy.stats as st
from distribution_cases import ALL, IMPLICIT, SCALAR, Case, discrete
from test_distribution_values import has, rows

import torch
from torch import distributions as dist
from torch.autograd import gradcheck, gradgradcheck

N = 20_000
DTYPES = [torch.float32, torch.float64]


def integers_p_value(drawn: np.ndarray, oracle: st.rv_frozen) -> float:
    """Of a chi-square test, with values that are rarely expected in one cell with their neighbours."""
    values = np.arange(oracle.ppf(0.001), oracle.ppf(0.999) + 1)
    bounds = np.concatenate([[-np.inf], values, [np.inf]])
    shares = np.diff(np.concatenate([[0], oracle.cdf(values), [1]]))
    counts = np.diff(np.concatenate([[0], [(drawn <= b).sum() for b in bounds[1:]]]))
    cells: list[list[float]] = [[0.0, 0.0]]
    for count, share in zip(counts, shares, strict=True):
        cells[-1][0] += count
        cells[-1][1] += share * len(drawn)
        if cells[-1][1] >= 10:
            cells.append([0.0, 0.0])
    last = cells.pop()
    cells[-1][0] += last[0]
    cells[-1][1] += last[1]
    if len(cells) == 1:
        return 1.0
    observed, expected = np.array(cells).T
    return float(st.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@rows(SCALAR)
def test_law(case: Case, dtype: torch.dtype) -> None:
    """Kolmogorov and Smirnov's test, or chi-square, of each distribution of the batch. The seed is fixed: so is the result."""
    torch.manual_seed(1)
    drawn = case.make(dtype).sample((N,)).double().numpy()
    for k in range(drawn.shape[1]):
        given = {name: np.array(value[k], dtype=float) for name, value in case.parameters.items()}
        oracle = case.peer(**given)
        p = integers_p_value(drawn[:, k], oracle) if discrete(case) else st.kstest(drawn[:, k], oracle.cdf).pvalue
        assert p > 1e-3, (k, p)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@rows(ALL)
def test_shapes_and_dtypes(case: Case, dtype: torch.dtype) -> None:
    d = case.make(dtype)
    for sample_shape in ((), (3,), (2, 0), torch.Size([2, 3])):
        shape = torch.Size((*sample_shape, *d.batch_shape, *d.event_shape))
        for draw in [d.sample, d.rsample][: 1 + d.has_rsample]:
            drawn = draw(sample_shape)
            assert drawn.shape == shape
            assert drawn.dtype == (torch.int64 if case.kind is dist.Categorical else dtype)
        assert d.log_prob(drawn).shape == shape[: len(shape) - len(d.event_shape)]


@rows(ALL)
def test_samples_lie_in_the_support(case: Case) -> None:
    for dtype in DTYPES:
        d = case.make(dtype, validate_args=True)
        torch.manual_seed(2)
        assert (d.log_prob(d.sample((1000,))) > -np.inf).all()


@rows(ALL)
def test_samples_follow_the_seed(case: Case) -> None:
    def draw() -> list[object]:
        torch.manual_seed(5)
        return case.make().sample((4,)).tolist()

    assert draw() == draw()


@rows(ALL)
def test_sample_has_no_gradient(case: Case) -> None:
    tensors = {name: value.requires_grad_() for name, value in case.tensors().items()}
    d = case.of(tensors)
    assert not d.sample((2,)).requires_grad
    assert d.log_prob(d.sample((2,))).requires_grad
    assert d.has_rsample or case.kind.rsample is dist.Distribution.rsample


@rows([case for case in ALL if case.kind.has_rsample and not issubclass(case.kind, IMPLICIT)])
def test_gradients_of_samples(case: Case) -> None:
    """With the noise held by the seed, a sample is a smooth function of the parameters."""
    tensors = {name: value.requires_grad_() for name, value in case.tensors().items()}

    def draw(*values: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(7)
        return case.of(dict(zip(tensors, values, strict=True))).rsample((2,))

    assert gradcheck(draw, tuple(tensors.values()))


@rows(ALL)
def test_gradients_of_log_prob(case: Case) -> None:
    torch.manual_seed(3)
    names = list(case.parameters)
    tensors = [value.requires_grad_() for value in case.tensors().values()]
    value = case.make().sample((3,))
    smooth = case.kind.has_rsample
    if smooth and (value > 0).all():  # finite differences need room
        value = value.clamp(0.02, 0.98 if (value <= 1).all() else np.inf)
    inputs = (*tensors, value.requires_grad_()) if smooth else tuple(tensors)

    def log_prob(*given: torch.Tensor) -> torch.Tensor:
        d = case.of(dict(zip(names, given[: len(names)], strict=True)))
        return d.log_prob(given[-1] if smooth else value)

    assert gradcheck(log_prob, inputs)


@rows([case for case in SCALAR if has(case, "icdf") and case.kind.has_rsample])
def test_gradients_of_quantiles(case: Case) -> None:
    """icdf and cdf, also twice; far out and in the middle."""
    tensors = [value[:2].requires_grad_() for value in case.tensors().values()]
    u = torch.tensor([[0.01], [0.3], [0.9]], dtype=torch.float64, requires_grad=True)

    def of(values: tuple[torch.Tensor, ...]) -> dist.Distribution:
        return case.of(dict(zip(case.parameters, values, strict=True)))

    assert gradcheck(lambda u, *values: of(values).icdf(u), (u, *tensors))
    assert gradgradcheck(lambda u: of(tuple(tensors)).icdf(u), (u,))
    x = case.make().icdf(u)[:, :2].detach().requires_grad_()
    assert gradcheck(lambda x, *values: of(values).cdf(x), (x, *tensors))


@rows(ALL)
def test_copies_and_pickles(case: Case) -> None:
    d = case.make()
    torch.manual_seed(9)
    x = d.sample((2,))
    for copied in (copy.deepcopy(d), pickle.loads(pickle.dumps(d))):
        assert copied.log_prob(x).tolist() == d.log_prob(x).tolist()


@rows(ALL)
def test_batch_of_none(case: Case) -> None:
    tensors = {name: value[:0] for name, value in case.tensors().items()}
    d = case.of(tensors, validate_args=True)
    assert d.batch_shape[0] == 0
    drawn = d.sample((2,))
    assert drawn.numel() == 0 and d.log_prob(drawn).numel() == 0
    if case.kind.entropy is not dist.Distribution.entropy:
        assert d.entropy().shape == d.batch_shape


@pytest.mark.host("distributions of numbers draw on the host")
@rows(SCALAR)
def test_numbers_as_parameters(case: Case) -> None:
    first = {name: value[0] for name, value in case.parameters.items()}
    d = (case.build or case.kind)(**(case.fixed or {}), **first)
    assert d.batch_shape == () and d.sample().shape == () and d.sample((2,)).shape == (2,)
    assert d.sample().dtype == torch.float32
    torch.manual_seed(1)
    value = d.sample()
    expected = case.make().log_prob(value.double())[0].item()
    assert d.log_prob(value).item() == pytest.approx(expected, rel=1e-4, abs=1e-5)


@rows([case for case in SCALAR if len(case.parameters) > 1])
def test_parameters_are_broadcast(case: Case) -> None:
    tensors = case.tensors()
    first, *others = tensors
    mixed = {first: tensors[first].unsqueeze(-1)} | {name: tensors[name] for name in others}
    d = case.of(mixed)
    rows_, columns = len(tensors[first]), len(tensors[others[0]])
    assert d.batch_shape == (rows_, columns)
    x = d.sample()
    for i in range(rows_):
        alone = case.of({first: tensors[first][i]} | {name: tensors[name] for name in others})
        assert alone.log_prob(x[i]).tolist() == d.log_prob(x)[i].tolist()


@rows(SCALAR)
def test_nan_stays_nan(case: Case) -> None:
    tensors = {name: torch.full((2,), float("nan"), dtype=torch.float64) for name in case.parameters}
    d = case.of(tensors)
    assert np.isnan(d.log_prob(torch.ones(2, dtype=torch.float64)).numpy()).all()
    if case.build is None:
        with pytest.raises(ValueError, match=rf"{case.kind.__name__}: \w+ is nan at \[0\], expected"):
            case.of(tensors, validate_args=True)
