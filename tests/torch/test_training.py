"""Whole trainings: a seed decides them, bit by bit, and one that was interrupted ends as if it had not been."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import torch
import torch.nn.functional as F
from torch import nn, optim


class Images(nn.Module):
    """Convolution, batch normalisation, pooling, dropout: parameters, buffers and random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3))
        self.out = nn.Linear(4 * 3 * 3, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.body(x).view(-1, 4 * 3 * 3))


class Sequences(nn.Module):
    """A table, two recurrent layers with dropout between them, both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(7, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, dropout=0.2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(10, 4, batch_first=True)
        self.out = nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.gru(self.lstm(self.table(x))[0])[0][:, -1])


INPUTS = {Images: lambda: torch.randn(48, 1, 8, 8), Sequences: lambda: torch.randint(0, 7, (48, 6)).long()}
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adam": lambda p: optim.Adam(p, lr=0.01, amsgrad=True),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.005, momentum=0.5, centered=True),
}


class Training:
    """A network with its optimizer, a schedule and data; every part that its state needs."""

    def __init__(self, kind: type[nn.Module], optimizer: str, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.inputs, self.targets = INPUTS[kind](), torch.randint(0, 5, (48,)).long()
        self.model = kind()
        self.optimizer = OPTIMIZERS[optimizer](self.model.parameters())
        self.schedule = optim.lr_scheduler.StepLR(self.optimizer, step_size=2, gamma=0.5)

    def run(self, epochs: int) -> None:
        for _ in range(epochs):
            self.schedule.step()
            for rows in torch.randperm(48).split(16):
                self.optimizer.zero_grad()
                F.cross_entropy(self.model(self.inputs[rows]), self.targets[rows]).backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()

    def save(self, file: Path) -> None:
        parts = {name: getattr(self, name).state_dict() for name in ("model", "optimizer", "schedule")}
        torch.save({**parts, "random": torch.get_rng_state()}, str(file))

    def load(self, file: Path) -> None:
        saved = torch.load(str(file))
        for name in ("model", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(saved[name])
        torch.set_rng_state(saved["random"])

    def numbers(self) -> dict[str, list[Any]]:
        return {name: value.tolist() for name, value in self.model.state_dict().items()}


every_training = pytest.mark.parametrize("optimizer", OPTIMIZERS)
every_network = pytest.mark.parametrize("kind", INPUTS, ids=lambda kind: kind.__name__)


def _skip_tables_on_devices(kind: type[nn.Module]) -> None:
    if kind is Sequences and torch.zeros(0).is_cuda:
        pytest.skip("gradients of rows of a table add up in any order on a device")


@every_network
@every_training
def test_the_seed_decides(kind: type[nn.Module], optimizer: str) -> None:
    first, second, other = Training(kind, optimizer), Training(kind, optimizer), Training(kind, optimizer, seed=1)
    _skip_tables_on_devices(kind)
    found = []
    for training, seed in ((first, 0), (second, 0), (other, 1)):
        torch.manual_seed(seed)
        training.run(3)
        found.append(training.numbers())
    assert found[0] == found[1] != found[2]


@every_network
@every_training
def test_an_interruption_leaves_no_trace(kind: type[nn.Module], optimizer: str, tmp_path: Path) -> None:
    _skip_tables_on_devices(kind)
    whole = Training(kind, optimizer)
    whole.run(2)
    whole.save(tmp_path / "half.pt")
    whole.run(2)
    resumed = Training(kind, optimizer)
    resumed.model.out.weight.data.fill_(9)  # whatever was there before
    resumed.load(tmp_path / "half.pt")
    resumed.run(2)
    assert resumed.numbers() == whole.numbers()


@every_network
def test_threads_change_nothing_but_roundings(kind: type[nn.Module]) -> None:
    found = []
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        try:
            training = Training(kind, "SGD")
            training.run(2)
        finally:
            torch.set_num_threads(before)
        found.append(training.model.state_dict())
    for name, value in found[0].items():
        np.testing.assert_allclose(value.numpy(), found[1][name].numpy(), rtol=1e-3, atol=1e-4)
