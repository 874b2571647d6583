"""Carries what was learned from the digits 0 to 4 over to the digits 5 to 9, through a checkpoint on disk.

A convolutional network learns the first five digits of scikit-learn's images and is saved with `torch.save`. Another network
loads that file strictly, gets a new last layer, and learns the other five digits; beside it, one of the same kind learns them
from nothing. Their accuracies on a held-out fifth, by the number of steps, are saved as a PNG; those after ten steps and at
the end are printed last.

    python examples/transfer.py [--checkpoint FILE] [--trials 5] [--seed 1] [--plot transfer.png]

With --checkpoint, FILE is loaded instead of learning the first five digits: PyTorch runs `python examples/transfer.py
--save-only FILE` as well, and its file loads here.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from sklearn.datasets import load_digits
from tqdm import tqdm

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt

MEASURED = (1, 2, 5, 10, 20, 40, 80)  # the steps after which accuracies are taken, each with 32 images


class Network(nn.Module):
    """Images N x 1 x 8 x 8 -> logits N x 5: two convolutions with batch normalisation and pooling, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, kernel_size=3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 24, kernel_size=3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Linear(24 * 2 * 2, 5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.classifier(self.features(images).view(-1, 24 * 2 * 2))
        return scores


@dataclass(frozen=True)
class Digits:
    """Images N x 1 x 8 x 8 with pixels in [0, 1], and labels N in 0 .. 4."""

    images: torch.Tensor
    labels: torch.Tensor

    def rows(self, rows: torch.Tensor) -> Digits:
        return Digits(self.images[rows], self.labels[rows])


def load_halves() -> tuple[Digits, Digits]:
    """The digits 0 to 4, and 5 to 9 with labels that count from 0 again."""
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    images = pixels.float().view(-1, 1, 8, 8).div(16)
    low, high = ((digits < 5).nonzero().view(-1), (digits >= 5).nonzero().view(-1))
    return Digits(images[low], digits[low]), Digits(images[high], digits[high] - 5)


def batches(data: Digits) -> Iterator[Digits]:
    """32 images at a time, in a new random order each time that all were seen; without end."""
    while True:
        for rows in torch.randperm(len(data.labels)).split(32):
            yield data.rows(rows)


def accuracy(model: nn.Module, data: Digits) -> float:
    """The fraction of images whose most probable class is the right one."""
    model.eval()
    with torch.no_grad():
        return float((model(data.images).argmax(dim=1) == data.labels).float().mean().item())


def train(model: nn.Module, data: Digits, steps: int) -> Iterator[int]:
    """Yields the number of steps taken, after each."""
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for step, batch in zip(range(1, steps + 1), batches(data), strict=False):
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(batch.images), batch.labels).backward()
        optimizer.step()
        yield step


def train_first_half(file: Path) -> None:
    """Learns the digits 0 to 4 and saves the network's state."""
    first, _ = load_halves()
    model = Network()
    for _ in tqdm(train(model, first, steps=800), desc="digits 0 to 4", total=800, unit="step"):
        pass
    torch.save(model.state_dict(), str(file))


def loaded(file: Path) -> Network:
    """The network of the checkpoint, with a fresh last layer. The names and shapes in the file must be the network's."""
    model = Network()
    model.load_state_dict(torch.load(str(file)), strict=True)
    model.classifier.reset_parameters()
    return model


def compare(file: Path, trials: int) -> dict[str, list[float]]:
    """The mean accuracies with the checkpoint and without it, after each of the MEASURED steps."""
    _, second = load_halves()
    found: dict[str, list[float]] = {"from the checkpoint": [0.0] * len(MEASURED), "from nothing": [0.0] * len(MEASURED)}
    with tqdm(total=2 * trials, desc="digits 5 to 9", unit="network") as progress:
        for _ in range(trials):
            order = torch.randperm(len(second.labels))
            held_out, learned = (second.rows(rows) for rows in order.split([len(order) // 5, len(order) - len(order) // 5]))
            for name, model in (("from the checkpoint", loaded(file)), ("from nothing", Network())):
                for step in train(model, learned, MEASURED[-1]):
                    if step in MEASURED:
                        found[name][MEASURED.index(step)] += accuracy(model, held_out) / trials
                progress.update()
                progress.set_postfix(accuracy=f"{accuracy(model, held_out):.3f}")
    return found


def plot(found: dict[str, list[float]], path: Path) -> None:
    """Accuracy by the number of steps."""
    figure, axes = plt.subplots(figsize=(6, 4))
    for name, accuracies in found.items():
        axes.plot(MEASURED, accuracies, "o-", label=name)
    axes.set_xscale("log", base=2)
    axes.set(xlabel="steps, each with 32 images", ylabel="accuracy on held-out images", title="Digits 5 to 9")
    axes.set_xticks(MEASURED, [str(step) for step in MEASURED])
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description="Carries what was learned from five digits over to the other five.")
    parser.add_argument("--checkpoint", type=Path, help="load this file instead of learning the digits 0 to 4")
    parser.add_argument("--save-only", type=Path, help="learn the digits 0 to 4, save them in this file, and end")
    parser.add_argument("--trials", type=int, default=5, help="networks of each kind (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="of initial values and of the held-out images (default: 1)")
    parser.add_argument("--plot", type=Path, default=Path("transfer.png"), help="accuracies (default: %(default)s)")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    if arguments.save_only:
        train_first_half(arguments.save_only)
        return
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = arguments.checkpoint or Path(folder, "digits-0-4.pt")
        if arguments.checkpoint is None:
            train_first_half(checkpoint)
        found = compare(checkpoint, arguments.trials)
    plot(found, arguments.plot)
    print(f"accuracies: {arguments.plot}")
    for name, accuracies in found.items():
        early = accuracies[MEASURED.index(10)]
        print(f"{name}: accuracy {early:.4f} after 10 steps, {accuracies[-1]:.4f} after {MEASURED[-1]}")


if __name__ == "__main__":
    main()
