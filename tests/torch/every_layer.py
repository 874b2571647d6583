"""One row for each module of torch.nn that computes something: how to make it, and inputs for it at any batch size.

The tests of gradients, pickles, batches, reductions and errors all go over these rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

Inputs = tuple[Any, ...]


@dataclass(frozen=True)
class Layer:
    """`make(**more)` makes the module; `inputs(n)` the arguments of a call with n samples, the same each time."""

    make: Callable[..., nn.Module]
    inputs: Callable[[int], Inputs]
    batch: int = 0  # the dimension that counts samples, in inputs and outputs
    options: dict[str, Any] = field(default_factory=dict)

    def module(self, **more: Any) -> nn.Module:
        """The module in float64, its parameters the same each time; in training, as it comes."""
        torch.manual_seed(1)
        return self.make(**self.options, **more).double()


def real(*size: Any, low: float = 0.2) -> Callable[[int], torch.Tensor]:
    """Numbers in [low, low + 1); `size` holds "N" where the samples are counted."""

    def make(n: int) -> torch.Tensor:
        torch.manual_seed(2 + len(size))
        shape = [n if s == "N" else s for s in size]
        # Drawn sample by sample, so that the first ones are the same at every batch size.
        samples = [torch.rand([s for s in size if s != "N"], dtype=torch.float64) for _ in range(n)]
        dim = size.index("N")
        return (torch.stack(samples, dim) if n else torch.zeros(*shape, dtype=torch.float64)) + low

    return make


def whole(high: int, *size: Any) -> Callable[[int], torch.Tensor]:
    """Numbers 0 to high - 1, int64."""
    numbers = real(*size, low=0)
    return lambda n: (numbers(n) * high).long()


def sign(*size: Any) -> Callable[[int], torch.Tensor]:
    """1 or -1."""
    numbers = whole(2, *size)
    return lambda n: numbers(n).double() * 2 - 1


def counts(*size: Any) -> Callable[[int], torch.Tensor]:
    """0 to 3, in float64."""
    numbers = whole(4, *size)
    return lambda n: numbers(n).double()


def layer(make: Callable[..., nn.Module], *inputs: Callable[[int], Any], batch: int = 0, **options: Any) -> Layer:
    return Layer(make, lambda n: tuple(each(n) for each in inputs), batch, options)


def positional(kind: Callable[..., nn.Module], *arguments: Any) -> Callable[..., nn.Module]:
    return lambda **options: kind(*arguments, **options)


def unpooling(kind: type[nn.Module], pool: type[nn.Module], *size: int) -> Layer:
    """Its inputs are what a pooling gave."""
    whole_input = real("N", *size)
    return Layer(lambda **options: kind(2, **options), lambda n: tuple(pool(2, return_indices=True)(whole_input(n))))


LINE, IMAGE, VOLUME = (2, 5), (2, 4, 5), (2, 3, 4, 3)


_ELEMENTWISE = (
    "ELU Hardshrink Hardtanh LeakyReLU LogSigmoid PReLU RReLU ReLU ReLU6 SELU Sigmoid Softplus Softshrink Softsign Tanh "
    "Tanhshrink Dropout AlphaDropout"
)
_ARGUMENTS: dict[str, tuple[tuple[Any, ...], tuple[int, ...]]] = {
    "GLU": ((), (4,)),
    "Softmax": ((1,), (3,)),
    "Softmin": ((1,), (3,)),
    "LogSoftmax": ((1,), (3,)),
    "Threshold": ((0.7, 2), (3,)),
    "Softmax2d": ((), IMAGE),
    "Linear": ((3, 2), (3,)),
    "Conv1d": ((2, 3, 2), LINE),
    "Conv2d": ((2, 3, 2), IMAGE),
    "Conv3d": ((2, 1, 2), VOLUME),
    "ConvTranspose1d": ((2, 3, 2), LINE),
    "ConvTranspose2d": ((2, 1, 2), IMAGE),
    "ConvTranspose3d": ((2, 1, 2), (2, 2, 2, 2)),
    "Unfold": ((2,), IMAGE),
    "Fold": (((3, 3), 2), (4, 4)),
    "MaxPool1d": ((2,), LINE),
    "MaxPool2d": ((2,), IMAGE),
    "MaxPool3d": ((2,), VOLUME),
    "AvgPool1d": ((2,), LINE),
    "AvgPool2d": ((2,), IMAGE),
    "AvgPool3d": ((2,), VOLUME),
    "AdaptiveMaxPool1d": ((2,), LINE),
    "AdaptiveMaxPool2d": ((2,), IMAGE),
    "AdaptiveMaxPool3d": ((2,), VOLUME),
    "AdaptiveAvgPool1d": ((2,), LINE),
    "AdaptiveAvgPool2d": ((2,), IMAGE),
    "AdaptiveAvgPool3d": ((2,), VOLUME),
    "LPPool1d": ((2, 2), LINE),
    "LPPool2d": ((2, 2), IMAGE),
    "BatchNorm1d": ((2,), LINE),
    "BatchNorm2d": ((2,), IMAGE),
    "BatchNorm3d": ((2,), VOLUME),
    "InstanceNorm1d": ((2, 1e-5, 0.1, True), LINE),
    "InstanceNorm2d": ((2,), IMAGE),
    "InstanceNorm3d": ((2,), VOLUME),
    "GroupNorm": ((1, 2), LINE),
    "LayerNorm": ((5,), LINE),
    "LocalResponseNorm": ((2,), LINE),
    "Dropout2d": ((), IMAGE),
    "Dropout3d": ((), VOLUME),
    "RNNCell": ((3, 2), (3,)),
    "LSTMCell": ((3, 2), (3,)),
    "GRUCell": ((3, 2), (3,)),
    "ConstantPad1d": ((1, 2), LINE),
    "ConstantPad2d": ((1, 2), IMAGE),
    "ConstantPad3d": ((1, 2), VOLUME),
    "ZeroPad2d": ((1,), IMAGE),
    "ReflectionPad1d": ((1,), LINE),
    "ReflectionPad2d": ((1,), IMAGE),
    "ReplicationPad1d": ((1,), LINE),
    "ReplicationPad2d": ((1,), IMAGE),
    "ReplicationPad3d": ((1,), VOLUME),
    "Upsample": ((None, 2), LINE),
    "UpsamplingBilinear2d": ((None, 2), IMAGE),
    "UpsamplingNearest2d": ((None, 2), IMAGE),
    "PixelShuffle": ((2,), (4, 2, 3)),
}

# Losses take reduction, size_average and reduce.
LOSSES: dict[str, Layer] = {
    "L1Loss": layer(nn.L1Loss, real("N", 3), real("N", 3, low=0.1)),
    "MSELoss": layer(nn.MSELoss, real("N", 3), sign("N", 3)),
    "SmoothL1Loss": layer(nn.SmoothL1Loss, real("N", 3), sign("N", 3)),
    "SoftMarginLoss": layer(nn.SoftMarginLoss, real("N", 3), sign("N", 3)),
    "KLDivLoss": layer(nn.KLDivLoss, real("N", 3), real("N", 3)),
    "MultiLabelMarginLoss": layer(nn.MultiLabelMarginLoss, real("N", 3), whole(3, "N", 3)),
    "BCELoss": layer(nn.BCELoss, lambda n: real("N", 3)(n) * 0.6, real("N", 3, low=0)),
    "MultiLabelSoftMarginLoss": layer(nn.MultiLabelSoftMarginLoss, real("N", 3), real("N", 3, low=0)),
    "BCEWithLogitsLoss": layer(nn.BCEWithLogitsLoss, real("N", 3), real("N", 3, low=0)),
    "NLLLoss": layer(nn.NLLLoss, real("N", 3), whole(3, "N")),
    "CrossEntropyLoss": layer(nn.CrossEntropyLoss, real("N", 3), whole(3, "N")),
    "PoissonNLLLoss": layer(nn.PoissonNLLLoss, real("N", 3), counts("N", 3)),
    "MarginRankingLoss": layer(nn.MarginRankingLoss, real("N"), real("N", low=0.45), sign("N"), margin=0.3),
    "CosineEmbeddingLoss": layer(nn.CosineEmbeddingLoss, real("N", 3), real("N", 3, low=-0.5), sign("N")),
    "HingeEmbeddingLoss": layer(nn.HingeEmbeddingLoss, real("N", 3), sign("N", 3)),
    "MultiMarginLoss": layer(nn.MultiMarginLoss, real("N", 3), whole(3, "N")),
    "TripletMarginLoss": layer(nn.TripletMarginLoss, real("N", 3), real("N", 3, low=0), real("N", 3, low=1)),
}

LAYERS: dict[str, Layer] = {
    **{name: layer(getattr(nn, name), real("N", 3)) for name in _ELEMENTWISE.split()},
    **{name: layer(positional(getattr(nn, name), *made), real("N", *size)) for name, (made, size) in _ARGUMENTS.items()},
    "FractionalMaxPool2d": Layer(
        lambda **more: nn.FractionalMaxPool2d(2, 2, **more), lambda n: (real("N", *IMAGE)(n),)
    ),
    "MaxUnpool1d": unpooling(nn.MaxUnpool1d, nn.MaxPool1d, 2, 4),
    "MaxUnpool2d": unpooling(nn.MaxUnpool2d, nn.MaxPool2d, 2, 4, 4),
    "MaxUnpool3d": unpooling(nn.MaxUnpool3d, nn.MaxPool3d, 2, 2, 4, 2),
    "RNN": layer(positional(nn.RNN, 3, 2), real(4, "N", 3), batch=1),
    "LSTM": layer(positional(nn.LSTM, 3, 2), real(4, "N", 3), batch=1, num_layers=2, bidirectional=True),
    "GRU": layer(positional(nn.GRU, 3, 2), real(4, "N", 3), batch=1),
    "Embedding": layer(positional(nn.Embedding, 5, 2), whole(5, "N", 3)),
    "EmbeddingBag": layer(positional(nn.EmbeddingBag, 5, 2), whole(5, "N", 3)),
    "Bilinear": layer(positional(nn.Bilinear, 3, 4, 2), real("N", 3), real("N", 4)),
    "CosineSimilarity": layer(nn.CosineSimilarity, real("N", 3), real("N", 3, low=-0.5)),
    "PairwiseDistance": layer(nn.PairwiseDistance, real("N", 3), real("N", 3, low=1)),
    "AdaptiveLogSoftmaxWithLoss": layer(
        positional(nn.AdaptiveLogSoftmaxWithLoss, 8, 6, [2, 4], 2.0), real("N", 8), whole(6, "N")
    ),
    **LOSSES,
}  # fmt: skip

# Hold other modules or parameters; tests of their own. RNNBase is what RNN, LSTM and GRU share.
CONTAINERS = {"Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "DataParallel", "RNNBase"}


def tensors(result: Any) -> tuple[torch.Tensor, ...]:
    """The tensors of nested tuples."""
    if isinstance(result, torch.Tensor):
        return (result,)
    return tuple(t for part in result for t in tensors(part))
