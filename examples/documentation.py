"""Trains a character language model on the text of Python's own documentation: the 400,000 characters of prose behind `help()`.

An LSTM learns to predict each character from those before it. A tenth of the topics is held out; the model's bits per
character on it are compared with a model that counts which character follows which two. The learning curve is saved as a
PNG, and the model writes a few lines of its own.

    python examples/documentation.py [--epochs 4] [--seed 1] [--plot documentation.png]
"""

from __future__ import annotations

import argparse
import math
import pydoc_data.topics
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from tqdm import tqdm

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt

STREAMS, STEPS = 32, 64  # a batch: so many places of the text are read at once, so many characters of each
TABLE = re.compile(r"^ *(\||\+[-=]).*\n?", re.MULTILINE)  # a line of one


@dataclass(frozen=True)
class Text:
    """Characters as numbers, int64: to learn from, and held out. `alphabet[number]` is the character."""

    alphabet: str
    train: torch.Tensor
    test: torch.Tensor


def load_text(seed: int) -> Text:
    """The topics of `help()`, each text once and without its tables; a tenth of them is held out.

    Tables are little but rules and blanks, and a network that once begins to write one finds no end.
    """
    topics = sorted({TABLE.sub("", text) for text in pydoc_data.topics.topics.values()})
    random.Random(seed).shuffle(topics)
    held_out = len(topics) // 10
    alphabet = "".join(sorted(set("".join(topics))))
    number = {character: n for n, character in enumerate(alphabet)}
    test, train = ("\n\n".join(part) for part in (topics[:held_out], topics[held_out:]))
    return Text(alphabet, *(torch.tensor([number[character] for character in part]) for part in (train, test)))


class CharacterModel(nn.Module):
    """Characters N x T -> logits N x T x alphabet of the character after each, and the state to go on with."""

    def __init__(self, alphabet: int, width: int = 192) -> None:
        super().__init__()
        self.embedding = nn.Embedding(alphabet, 48)
        self.lstm = nn.LSTM(48, width, batch_first=True)
        self.out = nn.Linear(width, alphabet)

    def forward(
        self, characters: torch.Tensor, state: tuple[torch.Tensor, ...] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        hidden, after = self.lstm(self.embedding(characters), state)
        return self.out(hidden), after


def windows(text: torch.Tensor, streams: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of characters and of those that follow. Row i of a batch goes on where row i of the one before ended."""
    length = (len(text) - 1) // streams
    inputs = text[: streams * length].view(streams, length)
    targets = text[1 : streams * length + 1].view(streams, length)
    yield from zip(inputs.split(STEPS, dim=1), targets.split(STEPS, dim=1), strict=True)


def cross_entropy(logits: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
    """The mean of -log p of the characters that followed, in nats."""
    return F.cross_entropy(logits.contiguous().view(following.numel(), -1), following.contiguous().view(-1))


def bits_per_character(model: nn.Module, text: torch.Tensor) -> float:
    """The mean of -log2 p(character | those before it)."""
    model.eval()
    total, count, state = 0.0, 0, None
    with torch.no_grad():
        for characters, following in windows(text, 4):
            logits, state = model(characters, state)
            total += cross_entropy(logits, following).item() * following.numel()
            count += following.numel()
    return total / count / math.log(2)


def counted_bits_per_character(text: Text) -> float:
    """The same of counting: p(c | a b) from the counts of "a b c", smoothed by p(c | b), and that by p(c)."""
    n = len(text.alphabet)
    a, b, c = text.train[:-2], text.train[1:-1], text.train[2:]
    counts = torch.bincount((a * n + b) * n + c, minlength=n**3).double().view(n, n, n)
    shares = torch.ones(n, dtype=torch.float64) / n
    for table in (counts.sum(0).sum(0), counts.sum(0), counts):
        weight = 2.0 * (table > 0).double().sum(-1, keepdim=True) + 1
        shares = (table + weight * shares) / (table.sum(-1, keepdim=True) + weight)
    a, b, c = text.test[:-2], text.test[1:-1], text.test[2:]
    return float(-(shares[a, b, c].log().mean() / math.log(2)))


def train(model: nn.Module, text: Text, epochs: int) -> tuple[list[float], list[float]]:
    """Bits per character of each batch, and on the held-out text after each epoch. The step size falls like a cosine."""
    steps = len(list(windows(text.train, STREAMS))) * epochs
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    schedule = optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)
    learned, tested = [], []
    with tqdm(total=steps, desc="LSTM", unit="batch") as progress:
        for _ in range(epochs):
            model.train()
            state = None
            for characters, following in windows(text.train, STREAMS):
                logits, state = model(characters, state)
                state = tuple(part.detach() for part in state)  # gradients end at the beginning of the batch
                loss = cross_entropy(logits, following)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                learned.append(loss.item() / math.log(2))
                progress.update()
            tested.append(bits_per_character(model, text.test))
            progress.set_postfix(learned=f"{learned[-1]:.2f}", held_out=f"{tested[-1]:.2f}")
    return learned, tested


def write(model: nn.Module, alphabet: str, start: str, length: int) -> str:
    """Goes on after `start`: each next character is drawn from what the model expects, the probable ones preferred."""
    model.eval()
    written, state = start, None
    characters = torch.tensor([[alphabet.index(character) for character in start]])
    with torch.no_grad():
        while len(written) < length:
            logits, state = model(characters, state)
            characters = F.softmax(logits[:, -1] / 0.6, dim=1).multinomial(1)
            written += alphabet[int(characters.item())]
    return written


def plot(learned: list[float], tested: list[float], counted: float, path: Path) -> None:
    """Bits per character by batch, and on the held-out text after each epoch."""
    figure, axes = plt.subplots(figsize=(7, 4))
    each = len(learned) // len(tested)
    axes.plot(range(1, len(learned) + 1), learned, alpha=0.5, label="LSTM, training text, each batch")
    axes.plot([each * (n + 1) for n in range(len(tested))], tested, "o-", label="LSTM, held-out text")
    axes.axhline(counted, color="gray", linestyle="--", label="counting, held-out text")
    axes.set(xlabel="batch", ylabel="bits per character", ylim=(1.5, 5), title="Characters of Python's documentation")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains a character language model on Python's own documentation.")
    parser.add_argument("--epochs", type=int, default=4, help="passes over the training text (default: 4)")
    parser.add_argument("--seed", type=int, default=1, help="of the topics held out and of initial values (default: 1)")
    parser.add_argument("--plot", type=Path, default=Path("documentation.png"), help="learning curve (default: %(default)s)")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    text = load_text(arguments.seed)
    model = CharacterModel(len(text.alphabet))
    counted = counted_bits_per_character(text)
    learned, tested = train(model, text, arguments.epochs)
    plot(learned, tested, counted, arguments.plot)
    print(f"learning curve: {arguments.plot}")
    print(write(model, text.alphabet, "An expression", 300))
    print(f"text: {len(text.train)} characters to learn from, {len(text.test)} held out")
    print(f"counting: {counted:.3f} bits per character")
    print(f"LSTM: {tested[-1]:.3f} bits per character")


if __name__ == "__main__":
    main()
