"""Rows of layers: the same statements in this torch and in PyTorch, forward, and forward with backward."""

from __future__ import annotations

from rows import Row

_START = "import torch, torch.nn as nn, torch.nn.functional as F; torch.manual_seed(0); "


def _pair(name: str, setup: str, call: str, leaves: str) -> list[Row]:
    """Forward alone, and with backward through `leaves`. setup: makes x, and whatever `call` needs."""
    backward = f"{_START}{setup}; [t.requires_grad_() for t in ({leaves},)]; g = torch.ones_like(({call}).detach())"
    return [Row(name, _START + setup, call), Row(f"{name}, with backward", backward, f"({call}).backward(g)")]


def _convolution(name: str, x: str, w: str, call: str) -> list[Row]:
    return _pair(f"{name}, x {x} w {w}", f"x = torch.randn({x}); w = torch.randn({w})", call, "x, w")


CONVOLUTIONS = [
    *_convolution("conv2d 3x3", "16, 64, 56, 56", "64, 64, 3, 3", "F.conv2d(x, w, None, 1, 1)"),
    *_convolution("conv2d 1x1", "16, 64, 56, 56", "128, 64, 1, 1", "F.conv2d(x, w)"),
    *_convolution("conv2d 5x5", "16, 32, 28, 28", "64, 32, 5, 5", "F.conv2d(x, w, None, 1, 2)"),
    *_convolution("conv2d 3x3 stride 2", "16, 64, 56, 56", "128, 64, 3, 3", "F.conv2d(x, w, None, 2, 1)"),
    *_convolution("conv2d 3x3 dilated", "16, 64, 28, 28", "64, 64, 3, 3", "F.conv2d(x, w, None, 1, 2, 2)"),
    *_convolution("conv2d depth-wise", "16, 64, 56, 56", "64, 1, 3, 3", "F.conv2d(x, w, None, 1, 1, 1, 64)"),
    *_convolution("conv_transpose2d", "16, 64, 28, 28", "64, 32, 4, 4", "F.conv_transpose2d(x, w, None, 2, 1)"),
    *_convolution("conv1d", "16, 64, 1000", "128, 64, 5", "F.conv1d(x, w, None, 1, 2)"),
    *_convolution("conv3d", "4, 16, 16, 28, 28", "32, 16, 3, 3, 3", "F.conv3d(x, w, None, 1, 1)"),
]
_IMAGES = "x = torch.randn(16, 64, 56, 56)"
_POOLINGS = {
    "max_pool2d 2": "F.max_pool2d(x, 2)",
    "max_pool2d 3, stride 2": "F.max_pool2d(x, 3, 2, 1)",
    "avg_pool2d 2": "F.avg_pool2d(x, 2)",
    "adaptive_avg_pool2d 1": "F.adaptive_avg_pool2d(x, 1)",
    "adaptive_avg_pool2d 7": "F.adaptive_avg_pool2d(x, 7)",
    "adaptive_max_pool2d 7": "F.adaptive_max_pool2d(x, 7)",
}
_NORMS = {
    "batch_norm, training": "F.batch_norm(x, None, None, w, b, True)",
    "batch_norm, evaluation": "F.batch_norm(x, m, v, w, b, False)",
    "group_norm 8": "F.group_norm(x, 8, w, b)",
}
_CHANNELS = "; w = torch.rand(64); b = torch.rand(64); m = torch.rand(64); v = torch.rand(64) + 0.5"
_ACTIVATIONS = {
    "relu": "F.relu(x)",
    "elu": "F.elu(x)",
    "dropout": "F.dropout(x, 0.5, True)",
    "softplus": "F.softplus(x)",
    "log_softmax over channels": "F.log_softmax(x, 1)",
}
IMAGES = [
    *[row for name, call in _POOLINGS.items() for row in _pair(f"{name}, 16x64x56x56", _IMAGES, call, "x")],
    *[row for name, call in _NORMS.items() for row in _pair(f"{name}, 16x64x56x56", _IMAGES + _CHANNELS, call, "x, w, b")],
    *[row for name, call in _ACTIVATIONS.items() for row in _pair(f"{name}, 16x64x56x56", _IMAGES, call, "x")],
    *[
        row
        for mode, more in (("nearest", ""), ("bilinear", ", align_corners=False"))
        for row in _pair(
            f"up-sampling, {mode}, 16x16x28x28",
            "x = torch.randn(16, 16, 28, 28)",
            f"F.interpolate(x, scale_factor=2, mode='{mode}'{more})",
            "x",
        )
    ],
]
_SCORES = "x = torch.randn(256, 1000); t = torch.randint(1000, (256,)).long()"
SEQUENCES = [
    *_pair("log_softmax 256x1000", _SCORES, "F.log_softmax(x, 1)", "x"),
    *_pair("softmax 256x1000", _SCORES, "F.softmax(x, 1)", "x"),
    *_pair("cross_entropy 256x1000", _SCORES, "F.cross_entropy(x, t)", "x"),
    *_pair(
        "embedding 10000x128, 32x50 indices",
        "x = torch.randn(10000, 128); i = torch.randint(10000, (32, 50)).long()",
        "F.embedding(i, x)",
        "x",
    ),
    *[
        row
        for kind in ("LSTM", "GRU", "RNN")
        for row in _pair(
            f"{kind} 128-256, 35 steps of 32",
            f"x = torch.randn(35, 32, 128); net = nn.{kind}(128, 256)",
            "net(x)[0]",
            "x",
        )
    ],
    *[
        row
        for kind in ("LSTM", "GRU", "RNN")
        for row in _pair(
            f"{kind} 128-256, packed, 32 sequences of 4 to 35 steps",
            f"p = nn.utils.rnn.pack_padded_sequence(torch.randn(35, 32, 128), list(range(35, 3, -1))); x, b = p[:2]; "
            f"net = nn.{kind}(128, 256); pack = nn.utils.rnn.PackedSequence",
            "net(pack(x, b))[0].data",
            "x",
        )
    ],
    *_pair("LSTMCell 128-256, 32", "x = torch.randn(32, 128); net = nn.LSTMCell(128, 256)", "net(x)[0]", "x"),
    *_pair("GRUCell 128-256, 32", "x = torch.randn(32, 128); net = nn.GRUCell(128, 256)", "net(x)", "x"),
    *_pair("Linear 4-4, 1", "x = torch.randn(1, 4); net = nn.Linear(4, 4)", "net(x)", "x"),
    *_pair("LayerNorm 32x50x256", "x = torch.randn(32, 50, 256); net = nn.LayerNorm(256)", "net(x)", "x"),
]
LAYERS = CONVOLUTIONS + IMAGES + SEQUENCES
