"""Trains two networks on scikit-learn's 1,797 images of handwritten digits, 8 x 8 pixels each.

A multilayer perceptron and a small convolutional network learn from four fifths of the images. Their learning curves are
saved as a PNG; the accuracies on the remaining fifth are printed last.

    python examples/digits.py [--device cuda] [--epochs 25] [--seed 1] [--plot digits.png]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt


class MLP(nn.Module):
    """64 pixels -> 128 -> 64 -> 10 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.view(-1, 64)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


class ConvNet(nn.Module):
    """Two 3 x 3 convolutions with pooling: 1 x 8 x 8 -> 16 x 4 x 4 -> 32 x 2 x 2 -> 10 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(32 * 2 * 2, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return F.log_softmax(self.fc(x.view(-1, 32 * 2 * 2)), dim=1)


@dataclass(frozen=True)
class Digits:
    """Images N x 1 x 8 x 8 with pixels in [0, 1], and labels N in 0 .. 9: to learn from, and to test with."""

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor


@dataclass
class Curve:
    """What was measured after each epoch."""

    loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)


def load_data(seed: int, device: torch.device) -> Digits:
    """The digits; a fifth of each class is held out."""
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=seed)
    train_images, test_images = (torch.from_numpy(part).float().view(-1, 1, 8, 8).div(16).to(device) for part in parts[:2])
    train_labels, test_labels = (torch.from_numpy(part).long().to(device) for part in parts[2:])
    return Digits(train_images, train_labels, test_images, test_labels)


def batches(data: Digits, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The training images in a new random order."""
    order = torch.randperm(len(data.train_images)).to(data.train_images.device)
    for batch in order.split(size):
        yield data.train_images[batch], data.train_labels[batch]


def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The fraction of images whose most probable class is the right one."""
    model.eval()
    with torch.no_grad():
        predicted = model(images).argmax(dim=1)
    return float((predicted == labels).float().mean().item())


def train(name: str, model: nn.Module, data: Digits, epochs: int) -> Curve:
    """Trains with SGD; the step size falls to a tenth for the last quarter."""
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    curve = Curve()
    progress = tqdm(range(epochs), desc=name, unit="epoch")
    for epoch in progress:
        if epoch == epochs * 3 // 4:
            for group in optimizer.param_groups:
                group["lr"] *= 0.1
        model.train()
        total_loss = 0.0
        for images, labels in batches(data, size=32):
            optimizer.zero_grad()
            loss = F.nll_loss(model(images), labels)
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(labels)
        curve.loss.append(total_loss / len(data.train_labels))
        curve.train_accuracy.append(accuracy(model, data.train_images, data.train_labels))
        curve.test_accuracy.append(accuracy(model, data.test_images, data.test_labels))
        progress.set_postfix(loss=f"{curve.loss[-1]:.4f}", accuracy=f"{curve.train_accuracy[-1]:.3f}")
    return curve


def plot(curves: dict[str, Curve], path: Path) -> None:
    """Loss (left) and accuracy (right) by epoch."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for name, curve in curves.items():
        epochs = range(1, len(curve.loss) + 1)
        left.plot(epochs, curve.loss, label=name)
        (line,) = right.plot(epochs, curve.test_accuracy, label=f"{name}, held-out images")
        right.plot(epochs, curve.train_accuracy, linestyle=":", color=line.get_color(), label=f"{name}, training images")
    left.set(xlabel="epoch", ylabel="negative log-likelihood", yscale="log", title="Training loss")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0.85, 1.005), title="Accuracy")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains two networks on handwritten digits.")
    parser.add_argument("--device", type=torch.device, help="cpu, cuda or cuda:1 (default: a CUDA device if there is one)")
    parser.add_argument("--epochs", type=int, default=25, help="passes over the training images (default: 25)")
    parser.add_argument("--seed", type=int, default=1, help="of initial values and of the order of images (default: 1)")
    parser.add_argument("--plot", type=Path, default=Path("digits.png"), help="learning curves (default: digits.png)")
    arguments = parser.parse_args()

    device = arguments.device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(arguments.seed)
    data = load_data(arguments.seed, device)
    models: dict[str, nn.Module] = {"multilayer perceptron": MLP().to(device), "convolutional network": ConvNet().to(device)}
    curves = {name: train(name, model, data, arguments.epochs) for name, model in models.items()}
    plot(curves, arguments.plot)
    print(f"learning curves: {arguments.plot}")
    for name, model in models.items():
        print(f"{name}: test accuracy {accuracy(model, data.test_images, data.test_labels):.4f}")


if __name__ == "__main__":
    main()
