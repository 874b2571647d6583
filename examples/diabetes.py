"""Predicts the progression of diabetes in a year, with an uncertainty for each patient, from scikit-learn's 442 patients.

An ensemble of small networks predicts a mean and a variance each (Lakshminarayanan et al., NIPS 2017); least squares with
one variance for all is its competitor. Every patient is predicted by models that have not seen her or him: tenfold
cross-validation. The predictions, and how often the truth lay in their intervals, are saved as a PNG.

    python examples/diabetes.py [--members 5] [--seed 1] [--plot diabetes.png]
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold
from tqdm import tqdm

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt

LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]


@dataclass
class Prediction:
    """A normal distribution for each patient; mean and variance have shape N."""

    mean: torch.Tensor
    variance: torch.Tensor

    def error(self, truth: torch.Tensor) -> float:
        """The root of the mean square error of the means."""
        return float((self.mean - truth).pow(2).mean().sqrt().item())

    def nll(self, truth: torch.Tensor) -> float:
        """The mean of -log p(truth)."""
        logs = (2 * math.pi * self.variance).log() + (truth - self.mean).pow(2) / self.variance
        return float(logs.mean().item()) / 2

    def coverage(self, truth: torch.Tensor, level: float) -> float:
        """The share of patients whose truth lies in the interval around the mean that should hold `level` of them."""
        deviations = ((truth - self.mean) / self.variance.sqrt()).abs()
        return float((deviations <= math.sqrt(2) * torch.erfinv(torch.tensor(level))).float().mean().item())


class MeanAndVariance(nn.Module):
    """N x 10 measurements -> mean N and variance N of the (scaled) progression."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(10, 24)
        self.out = nn.Linear(24, 2)

    def forward(self, patients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = self.out(torch.tanh(self.hidden(patients)))
        return out[:, 0], F.softplus(out[:, 1]) + 1e-2


def fit_network(patients: torch.Tensor, truth: torch.Tensor, steps: int = 100) -> MeanAndVariance:
    """Minimises the Gaussian negative log-likelihood. Weight decay and the few steps keep it from learning by heart."""
    model = MeanAndVariance()
    optimizer = optim.Adam(model.parameters(), lr=5e-3, weight_decay=5e-2)
    for _ in range(steps):
        mean, variance = model(patients)
        loss = (variance.log() + (truth - mean).pow(2) / variance).mean() / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def ensemble(train: torch.Tensor, truth: torch.Tensor, test: torch.Tensor, members: int, progress: tqdm) -> Prediction:
    """The mixture of all members, as one normal distribution: its variance holds their disagreement as well."""
    means, variances = [], []
    for _ in range(members):
        model = fit_network(train, truth)
        with torch.no_grad():
            mean, variance = model(test)
        means.append(mean)
        variances.append(variance)
        progress.update()
    mean = torch.stack(means).mean(0)
    return Prediction(mean, (torch.stack(variances) + torch.stack(means).pow(2)).mean(0) - mean.pow(2))


def least_squares(train: torch.Tensor, truth: torch.Tensor, test: torch.Tensor) -> Prediction:
    """A linear model; the variance is that of its residuals, the same for all."""
    inputs = torch.cat([train, torch.ones(len(train), 1)], 1)
    weights = torch.gels(truth.unsqueeze(1), inputs)[0][: inputs.size(1)]
    variance = (truth - inputs.mm(weights).squeeze(1)).pow(2).sum() / (len(train) - inputs.size(1))
    mean = torch.cat([test, torch.ones(len(test), 1)], 1).mm(weights).squeeze(1)
    return Prediction(mean, variance.expand_as(mean))


def cross_validate(members: int, seed: int) -> tuple[torch.Tensor, dict[str, Prediction]]:
    """The progression of each patient and what each model predicts of it, in the units of the data."""
    patients, progression = (torch.from_numpy(array).float() for array in load_diabetes(return_X_y=True))
    names = ("least squares", "ensemble")
    found = {name: Prediction(torch.zeros(len(patients)), torch.zeros(len(patients))) for name in names}
    folds = KFold(10, shuffle=True, random_state=seed)
    with tqdm(total=10 * members, desc="ensembles", unit="network") as progress:
        for train_rows, test_rows in folds.split(patients.numpy()):
            train, test = torch.from_numpy(train_rows), torch.from_numpy(test_rows)
            # What is scaled, is scaled by the training patients alone.
            center, spread = patients[train].mean(0), patients[train].std(0)
            mean, scale = progression[train].mean(), progression[train].std()
            inputs, unseen = (patients[train] - center) / spread, (patients[test] - center) / spread
            truth = (progression[train] - mean) / scale
            results = (least_squares(inputs, truth, unseen), ensemble(inputs, truth, unseen, members, progress))
            for name, result in zip(names, results, strict=True):
                found[name].mean[test] = result.mean * scale + mean
                found[name].variance[test] = result.variance * scale.pow(2)
            progress.set_postfix(error=f"{found['ensemble'].error(progression):.1f}")
    return progression, found


def plot(truth: torch.Tensor, found: dict[str, Prediction], path: Path) -> None:
    """Left: predictions with one standard deviation. Right: how often the truth lay in the intervals."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
    best = found["ensemble"]
    left.errorbar(best.mean.numpy(), truth.numpy(), xerr=best.variance.sqrt().numpy(), fmt=".", alpha=0.4, elinewidth=0.5)
    left.plot([25, 350], [25, 350], color="gray", linestyle="--")
    left.set(xlabel="predicted progression, with one standard deviation", ylabel="progression", title="Ensemble")
    right.plot([0, 1], [0, 1], color="gray", linestyle="--", label="calibrated")
    for name, prediction in found.items():
        right.plot(LEVELS, [prediction.coverage(truth, level) for level in LEVELS], "o-", label=name)
    right.set(xlabel="interval that should hold this share", ylabel="share of patients in it", title="Calibration")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description="Predicts the progression of diabetes with an uncertainty.")
    parser.add_argument("--members", type=int, default=5, help="networks in an ensemble (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the folds and of initial values (default: 1)")
    parser.add_argument("--plot", type=Path, default=Path("diabetes.png"), help="predictions (default: %(default)s)")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    truth, found = cross_validate(arguments.members, arguments.seed)
    plot(truth, found, arguments.plot)
    print(f"predictions and calibration: {arguments.plot}")
    for name, prediction in found.items():
        inside = ", ".join(f"{level:.0%}: {prediction.coverage(truth, level):.3f}" for level in (0.5, 0.8, 0.95))
        print(f"{name}: error {prediction.error(truth):.2f}, nll {prediction.nll(truth):.4f}, in intervals of {inside}")


if __name__ == "__main__":
    main()
