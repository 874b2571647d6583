"""Dicts and lists of modules and parameters, the adaptive softmax, DataParallel, and the names of the documented page."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import torch
from torch import nn


def test_module_dict() -> None:
    layers = nn.ModuleDict({"b": nn.Linear(2, 3), "a": nn.ReLU()})
    assert list(layers) == ["a", "b"] and "b" in layers and len(layers) == 2
    layers.update(OrderedDict([("z", nn.Tanh()), ("c", nn.Sigmoid())]))
    assert list(layers.keys()) == ["a", "b", "z", "c"]
    assert isinstance(layers.pop("a"), nn.ReLU) and [name for name, _ in layers.items()] == ["b", "z", "c"]
    del layers["z"]
    assert [name for name, _ in layers.named_parameters()] == ["b.weight", "b.bias"] and len(list(layers.values())) == 2
    layers.clear()
    assert len(layers) == 0
    with pytest.raises(ValueError, match="element 0 is 3, expected a pair"):
        layers.update([3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="not a Module subclass"):
        layers["x"] = torch.ones(1)  # type: ignore[assignment]


def test_parameter_list_and_dict() -> None:
    rows = nn.ParameterList([nn.Parameter(torch.ones(2, 3))])
    rows.append(nn.Parameter(torch.zeros(1)))
    rows += [nn.Parameter(torch.zeros(2))]
    assert len(rows) == 3 and rows[-1].size() == (2,) and [name for name, _ in rows.named_parameters()] == ["0", "1", "2"]
    rows[0] = nn.Parameter(torch.zeros(5))
    assert rows[0].numel() == 5 and len(list(rows)) == 3 and isinstance(rows[:2], nn.ParameterList)
    with pytest.raises(IndexError, match="out of range"):
        rows[3]
    table = nn.ParameterDict({"w": nn.Parameter(torch.ones(2, 3))})
    table["v"] = nn.Parameter(torch.ones(1))
    assert list(table) == ["w", "v"] and "w" in table and table.pop("v").numel() == 1
    assert repr(table) == "ParameterDict(\n  (w): Parameter containing: [torch.FloatTensor of size 2x3]\n)" or "2x3" in repr(
        table
    )
    with pytest.raises(TypeError, match="Parameter or None required"):
        table["x"] = torch.ones(1)


def test_adaptive_softmax_is_a_distribution() -> None:
    torch.manual_seed(0)
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], div_value=2.0).double()
    x, target = torch.randn(7, 8, dtype=torch.float64), torch.tensor([0, 3, 4, 9, 10, 19, 2])
    everything = layer.log_prob(x)
    np.testing.assert_allclose(everything.exp().sum(1).detach().numpy(), np.ones(7), rtol=1e-10)
    output, loss = layer(x, target)
    picked = everything.detach().numpy()[np.arange(7), target.numpy()]
    np.testing.assert_allclose(output.detach().numpy(), picked, rtol=1e-10)
    assert loss.item() == pytest.approx(-picked.mean())
    assert layer.predict(x).tolist() == everything.detach().numpy().argmax(1).tolist()
    loss.backward()
    assert all(parameter.grad is not None for parameter in layer.parameters())
    with pytest.raises(RuntimeError, match=r"should be in \[0, 19\]"):
        layer(x, target + 1)
    with pytest.raises(ValueError, match="cutoffs should be a sequence of unique"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 4])


def test_data_parallel_runs_on_the_cpu() -> None:
    inner = nn.Linear(3, 2)
    outer = nn.DataParallel(inner, device_ids=[])
    x = torch.randn(4, 3)
    assert outer(x).tolist() == inner(x).tolist() == nn.parallel.data_parallel(inner, x, device_ids=[]).tolist()
    assert list(outer.state_dict()) == ["module.weight", "module.bias"]
