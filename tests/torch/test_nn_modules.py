"""Every module that has an input to differentiate: gradients, a copy, a pickle, its state and its repr."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import torch
from torch import nn
from torch.autograd import gradcheck

IMAGE, LINE, VOLUME = (1, 2, 4, 5), (2, 2, 5), (1, 2, 3, 4, 3)
MODULES: list[tuple[nn.Module, tuple[int, ...]]] = [
    *((kind(), (2, 3)) for kind in (nn.ELU, nn.LeakyReLU, nn.LogSigmoid, nn.PReLU, nn.ReLU, nn.ReLU6, nn.SELU, nn.Sigmoid)),
    *((kind(), (2, 3)) for kind in (nn.Softplus, nn.Softshrink, nn.Softsign, nn.Tanh, nn.Tanhshrink, nn.Hardshrink)),
    *((kind(), (2, 4)) for kind in (nn.Hardtanh, nn.GLU)),
    *((kind(1), (2, 3)) for kind in (nn.Softmax, nn.Softmin, nn.LogSoftmax)),
    (nn.RReLU().eval(), (2, 3)),
    (nn.Threshold(0.1, 2), (2, 3)),
    (nn.Softmax2d(), IMAGE),
    (nn.Linear(3, 2), (2, 3)),
    (nn.Conv1d(2, 3, 2), LINE),
    (nn.Conv2d(2, 3, 2), IMAGE),
    (nn.Conv3d(2, 1, 2), VOLUME),
    (nn.ConvTranspose1d(2, 3, 2), LINE),
    (nn.ConvTranspose2d(2, 1, 2), IMAGE),
    (nn.ConvTranspose3d(2, 1, 2), (1, 2, 2, 2, 2)),
    (nn.Unfold(2), IMAGE),
    (nn.Fold((3, 3), 2), (1, 4, 4)),
    (nn.MaxPool1d(2), LINE),
    (nn.MaxPool2d(2), IMAGE),
    (nn.MaxPool3d(2), VOLUME),
    (nn.AvgPool1d(2), LINE),
    (nn.AvgPool2d(2), IMAGE),
    (nn.AvgPool3d(2), VOLUME),
    (nn.AdaptiveMaxPool1d(2), LINE),
    (nn.AdaptiveMaxPool2d(2), IMAGE),
    (nn.AdaptiveMaxPool3d(2), VOLUME),
    (nn.AdaptiveAvgPool1d(2), LINE),
    (nn.AdaptiveAvgPool2d(2), IMAGE),
    (nn.AdaptiveAvgPool3d(2), VOLUME),
    (nn.LPPool1d(2, 2), LINE),
    (nn.LPPool2d(2, 2), IMAGE),
    (nn.FractionalMaxPool2d(2, 2, _random_samples=torch.full((1, 2, 2), 0.5).double()), IMAGE),
    (nn.BatchNorm1d(2, track_running_stats=False), LINE),
    (nn.BatchNorm2d(2, track_running_stats=False), IMAGE),
    (nn.BatchNorm3d(2, track_running_stats=False), VOLUME),
    (nn.InstanceNorm1d(2, affine=True), LINE),
    (nn.InstanceNorm2d(2), IMAGE),
    (nn.InstanceNorm3d(2), VOLUME),
    (nn.GroupNorm(1, 2), LINE),
    (nn.LayerNorm(5), LINE),
    (nn.LocalResponseNorm(2), LINE),
    (nn.Dropout().eval(), LINE),
    (nn.AlphaDropout().eval(), LINE),
    (nn.RNNCell(3, 2), (2, 3)),
    (nn.LSTMCell(3, 2), (2, 3)),
    (nn.GRUCell(3, 2), (2, 3)),
    (nn.RNN(3, 2), (2, 2, 3)),
    (nn.LSTM(3, 2), (2, 2, 3)),
    (nn.GRU(3, 2), (2, 2, 3)),
    (nn.ConstantPad1d(1, 2), LINE),
    (nn.ZeroPad2d(1), IMAGE),
    (nn.ReflectionPad1d(1), LINE),
    (nn.ReflectionPad2d(1), IMAGE),
    (nn.ReplicationPad1d(1), LINE),
    (nn.ReplicationPad2d(1), IMAGE),
    (nn.ReplicationPad3d(1), VOLUME),
    (nn.Upsample(scale_factor=2), LINE),
    (nn.UpsamplingBilinear2d(scale_factor=2), IMAGE),
    (nn.PixelShuffle(1), IMAGE),
]


def tensors(result: Any) -> tuple[torch.Tensor, ...]:
    """The tensors of nested tuples."""
    if isinstance(result, torch.Tensor):
        return (result,)
    return tuple(t for part in result for t in tensors(part))


@pytest.mark.parametrize(("module", "size"), MODULES, ids=lambda v: type(v).__name__ if isinstance(v, nn.Module) else "")
def test_module(module: nn.Module, size: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    module = module.double()
    x = (torch.rand(*size, dtype=torch.float64) + 0.2).requires_grad_()
    parameters = tuple(module.parameters())
    assert gradcheck(lambda x, *_: tensors(module(x)), (x, *parameters))
    expected = [t.tolist() for t in tensors(module(x))]
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert [t.tolist() for t in tensors(other(x))] == expected and repr(other) == repr(module)
    state = {name: value.clone() for name, value in module.state_dict().items()}
    for parameter in parameters:
        parameter.data.zero_()
    module.load_state_dict(state)
    assert [t.tolist() for t in tensors(module(x))] == expected
    assert repr(module).startswith(type(module).__name__ + "(")
