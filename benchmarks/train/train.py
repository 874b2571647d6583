"""Training beside PyTorch: a step of an optimizer over a hundred small parameters, steps of small networks, a DataLoader.

python benchmarks/train/train.py --peer-python /path/to/peer/bin/python
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import chosen, compare, parser, peers, report
from rows import Row

_START = """
import inspect, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
"""

_PARAMETERS = """
parameters = [torch.randn(32, 32, requires_grad=True) for _ in range(50)] + [
    torch.randn(32, requires_grad=True) for _ in range(50)
]
for parameter in parameters:
    parameter.grad = torch.randn(parameter.shape) * 1e-3
"""

# PyTorch has a faster form of some optimizers, which its default is not; ours has one form.
_FASTEST = """
def fastest(kind, **options):
    if "fused" in inspect.signature(kind).parameters:
        options["fused"] = True
    return kind(parameters, **options)
"""

_STEP = """
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
def step():
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), target)
    loss.backward()
    optimizer.step()
"""

_EPOCH = "for batch in loader: pass"

_OPTIMIZERS = {
    "SGD": "SGD(parameters, lr=1e-3)",
    "SGD with momentum and weight decay": "SGD(parameters, lr=1e-3, momentum=0.9, weight_decay=1e-4)",
    "Adam": "Adam(parameters, lr=1e-4)",
    "Adam with weight decay and amsgrad": "Adam(parameters, lr=1e-4, weight_decay=1e-4, amsgrad=True)",
    "RMSprop": "RMSprop(parameters, lr=1e-4)",
    "Adagrad": "Adagrad(parameters, lr=1e-3)",
}
_FUSED = {
    "SGD with momentum": "fastest(torch.optim.SGD, lr=1e-3, momentum=0.9)",
    "Adam": "fastest(torch.optim.Adam, lr=1e-4)",
}

OPTIMIZERS = [
    *[
        Row(f"{name}, 100 parameters", f"{_START}{_PARAMETERS}optimizer = torch.optim.{call}", "optimizer.step()")
        for name, call in _OPTIMIZERS.items()
    ],
    *[
        Row(
            f"{name}, 100 parameters, PyTorch's fused form",
            f"{_START}{_PARAMETERS}{_FASTEST}optimizer = {call}",
            "optimizer.step()",
        )
        for name, call in _FUSED.items()
    ],
    Row(
        "zero_grad, 100 parameters",
        f"{_START}{_PARAMETERS}optimizer = torch.optim.SGD(parameters, lr=1e-3)",
        "[p.grad.zero_() for p in parameters]",
    ),
    Row("clip_grad_norm_, 100 parameters", _START + _PARAMETERS, "nn.utils.clip_grad_norm_(parameters, 1e3)"),
]

_MLP = """
model = nn.Sequential(nn.Linear({0}, {1}), nn.ReLU(), nn.Linear({1}, {1}), nn.ReLU(), nn.Linear({1}, 10))
x, target = torch.randn({2}, {0}), torch.randint(0, 10, ({2},)).long()
"""
_CONVOLUTIONS = """
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(32 * 7 * 7, 10)
    def forward(self, x):
        return self.classifier(self.features(x).view(-1, 32 * 7 * 7))
model = Network()
x, target = torch.randn(32, 1, 28, 28), torch.randint(0, 10, (32,)).long()
"""
_LANGUAGE = """
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.out = nn.Embedding(100, 48), nn.LSTM(48, 192), nn.Linear(192, 100)
    def forward(self, x):
        return self.out(self.lstm(self.embedding(x))[0]).view(-1, 100)
model = Network()
x, target = torch.randint(0, 100, (64, 32)).long(), torch.randint(0, 100, (64 * 32,)).long()
"""
_NETWORKS = {
    "MLP 20-32-32-10, batch of 16": _MLP.format(20, 32, 16),
    "MLP 784-256-256-10, batch of 64": _MLP.format(784, 256, 64),
    "two convolutions with batch_norm, batch of 32 x 1 x 28 x 28": _CONVOLUTIONS,
    "language model, LSTM 192, batch of 32 x 64 characters": _LANGUAGE,
}
NETWORKS = [Row(f"step of Adam: {name}", _START + network + _STEP, "step()") for name, network in _NETWORKS.items()]

# An epoch of batches of 1.5 MB, start and end of the workers included.
_LOADER = """
import torch, torch.utils.data as data
class Images(data.Dataset):
    images = torch.rand(256, 3, 64, 64)
    def __len__(self):
        return {0}
    def __getitem__(self, i):
        return self.images[i % 256], i
loader = data.DataLoader(Images(), 32, num_workers={1})
"""
LOADERS = [
    Row(f"DataLoader, {batches} batches of 32 x 3 x 64 x 64, {workers} workers", _LOADER.format(32 * batches, workers), _EPOCH)
    for batches in (64, 512)
    for workers in (0, 2)
]
ROWS = [*OPTIMIZERS, *NETWORKS, *LOADERS]


def main() -> None:
    options = parser(__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads (default: 1 2)")
    arguments = options.parse_args()
    rows = chosen(ROWS, arguments)
    columns = [peer.label for peer in peers(arguments)[1:] if peer.library != "numpy"]
    for threads in arguments.threads:
        results = compare(rows, arguments, threads=threads)
        report(f"Training, {threads} thread{'s' if threads > 1 else ''}", results, arguments, columns)


if __name__ == "__main__":
    main()
