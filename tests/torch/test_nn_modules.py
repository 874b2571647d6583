"""Every module of torch.nn: gradients, seeds, copies, pickles, files, reductions, batches of none and one."""

from __future__ import annotations

import copy
import inspect
import io
import math
import pickle
from typing import Any

import numpy as np
import pytest
from every_layer import CONTAINERS, LAYERS, LOSSES, Layer, tensors

import torch
from torch import nn
from torch.autograd import gradcheck

every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS.keys())
every_loss = pytest.mark.parametrize("layer", LOSSES.values(), ids=LOSSES.keys())


def values(result: Any) -> list[Any]:
    return [t.tolist() for t in tensors(result)]


def called(layer: Layer, module: nn.Module, n: int = 3) -> Any:
    torch.manual_seed(3)
    return module(*layer.inputs(n))


def test_no_module_is_left_out() -> None:
    found = {name for name, kind in vars(nn).items() if inspect.isclass(kind) and issubclass(kind, nn.Module)}
    assert found == LAYERS.keys() | CONTAINERS


@every_layer
def test_gradients(layer: Layer) -> None:
    """In training: each call of a layer that draws numbers starts from the same seed."""
    module = layer.module()
    parameters = tuple(module.parameters())
    inputs = layer.inputs(3)
    # Targets have no gradient.
    differentiable = inputs[:1] if type(module).__name__ in LOSSES else [x for x in inputs if x.is_floating_point()]
    places = [i for i, x in enumerate(inputs) if any(x is y for y in differentiable)]

    def function(*arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        given = list(inputs)
        for place, argument in zip(places, arguments, strict=False):
            given[place] = argument
        torch.manual_seed(4)
        return tuple(t for t in tensors(module(*given)) if t.is_floating_point())

    leaves = tuple(inputs[place].clone().requires_grad_() for place in places)
    assert leaves + parameters
    assert gradcheck(function, leaves + parameters)


@every_layer
def test_the_seed_decides(layer: Layer) -> None:
    first, second = layer.module(), layer.module()
    assert values(called(layer, first)) == values(called(layer, second))
    assert values(first.state_dict().values()) == values(second.state_dict().values())


@every_layer
def test_copies_pickles_and_files(layer: Layer) -> None:
    module = layer.module()
    called(layer, module)  # fills running statistics
    torch.manual_seed(99)
    other = layer.make(**layer.options).double()
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file), strict=True)
    whole = io.BytesIO()
    torch.save(module, whole)
    whole.seek(0)
    loaded = torch.load(whole, weights_only=False)
    expected = values(called(layer, module.eval()))
    for found in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), other, loaded):
        assert values(called(layer, found.eval())) == expected
        assert repr(found) == repr(module) and repr(module).startswith(type(module).__name__ + "(")
        assert list(found.state_dict()) == list(module.state_dict())
    changed = copy.deepcopy(module)
    for parameter in changed.parameters():
        parameter.data.add_(1)
    assert values(called(layer, module)) == expected  # a copy shares nothing


@every_layer
def test_a_batch_is_its_samples(layer: Layer) -> None:
    """In evaluation, a sample's result does not depend on the others; a batch of one is a batch."""
    module = layer.module(**({"reduction": "none"} if layer in LOSSES.values() else {})).eval()
    together = [t for t in tensors(called(layer, module, 3)) if t.dim() > layer.batch]
    inputs = layer.inputs(3)
    assert together
    for i in range(3):
        torch.manual_seed(3)
        alone = tensors(module(*(x.narrow(layer.batch, i, 1) for x in inputs)))
        for a, b in zip([t for t in alone if t.dim() > layer.batch], together, strict=True):
            np.testing.assert_allclose(a.detach().numpy(), b.detach().narrow(layer.batch, i, 1).numpy(), rtol=1e-12)


@every_layer
def test_a_batch_of_none(layer: Layer) -> None:
    """It has a result without samples, and gradients that are zero."""
    reduced = {"reduction": "none"} if layer in LOSSES.values() else {}
    module = layer.module(**reduced).eval()
    inputs = [x.requires_grad_() if x.is_floating_point() and not reduced else x for x in layer.inputs(0)]
    results = tensors(module(*inputs))
    for none, some in zip(results, tensors(called(layer, module, 2)), strict=True):
        expected = list(some.size())
        if some.dim() > layer.batch:
            expected[layer.batch] = 0
        assert list(none.size()) == expected and none.dtype == some.dtype
    for result in results:
        if result.requires_grad and result.numel() == 0:
            result.sum().backward(retain_graph=True)
    for parameter in module.parameters():
        assert parameter.grad is None or parameter.grad.abs().sum().item() == 0


@every_loss
def test_reductions(layer: Layer) -> None:
    """The mean and the sum are those of the single losses, under the names of 0.4.0 and of 0.4.1."""
    single = called(layer, layer.module(reduction="none"))
    assert torch.equal(single, called(layer, layer.module(reduce=False)))
    mean = single.mean().item()
    for options in ({}, {"reduction": "elementwise_mean"}, {"size_average": True}, {"size_average": True, "reduce": True}):
        assert called(layer, layer.module(**options)).item() == pytest.approx(mean)
    for options in ({"reduction": "sum"}, {"size_average": False}):
        assert called(layer, layer.module(**options)).item() == pytest.approx(single.sum().item())
    with pytest.raises(ValueError, match="reduction must be .*, not .median."):
        layer.module(reduction="median")


@every_loss
def test_losses_of_none(layer: Layer) -> None:
    """A sum of nothing is 0, a mean of nothing nan; for classes 0, as in 0.4, where also all of them may be ignored."""
    assert called(layer, layer.module(reduction="sum"), 0).item() == 0
    mean = called(layer, layer.module(), 0).item()
    assert mean == 0 if isinstance(layer.module(), nn.NLLLoss) else math.isnan(mean)
