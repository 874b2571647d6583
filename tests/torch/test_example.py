"""The examples on real data reach what they state, draw a picture and show their progress."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import torch

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# The features of the digits 0 to 4: PyTorch 2.13 ran `python examples/transfer.py --save-only digits-0-4.pt`.
CHECKPOINT = Path(__file__).resolve().parent / "data" / "digits-0-4.pt"


def run(name: str, folder: Path, *arguments: str) -> str:
    """What the example prints, its picture and its progress bar being as they should. It draws where it does if nobody says."""
    picture = folder / (arguments[-1] if "--plot" in arguments else name.replace(".py", ".png"))
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(torch.__file__).parents[1])}  # this very torch
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.name in done.stdout
    assert "100%" in done.stderr  # the progress bar
    return done.stdout


def numbers(line: str, text: str) -> dict[str, tuple[float, ...]]:
    """For each "name: ..." of the text that reads like `line`, its numbers."""
    pattern = "^(.+): " + re.escape(line).replace(r"\#", r"(\d+\.\d+)") + "$"
    return {name: tuple(map(float, found)) for name, *found in re.findall(pattern, text, re.MULTILINE)}


@pytest.mark.slow
def test_digits(tmp_path: Path) -> None:
    found = numbers("test accuracy #", run("digits.py", tmp_path))
    required = {"multilayer perceptron": 0.95, "convolutional network": 0.97}
    assert found.keys() == required.keys()
    assert all(found[name][0] >= required[name] for name in required), found


@pytest.mark.slow
def test_documentation(tmp_path: Path) -> None:
    """The network knows the text better than the counts of which character follows which two."""
    text = run("documentation.py", tmp_path)
    found = numbers("# bits per character", text)
    assert found["LSTM"][0] < found["counting"][0] - 0.3 and 1.5 < found["LSTM"][0] < 2.3, found
    written = text[text.index("An expression") :].partition("\ntext: ")[0]
    assert len(written) == 300 and len(set(written.split())) > 20, written


@pytest.mark.slow
def test_diabetes(tmp_path: Path) -> None:
    """The ensemble's variances are worth more than one for all, and its intervals hold what they say."""
    found = numbers("error #, nll #, in intervals of 50%: #, 80%: #, 95%: #", run("diabetes.py", tmp_path))
    error, nll, *inside = found["ensemble"]
    assert error < found["least squares"][0] + 1 and nll < found["least squares"][1] - 0.01, found
    assert inside == pytest.approx([0.5, 0.8, 0.95], abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [[], ["--checkpoint", str(CHECKPOINT), "--plot", "picture.png"]],
    ids=["own checkpoint", "checkpoint of PyTorch"],
)
def test_transfer(tmp_path: Path, arguments: list[str]) -> None:
    """What was learned of five digits helps with the others, most at the beginning."""
    found = numbers("accuracy # after 10 steps, # after 80", run("transfer.py", tmp_path, *arguments))
    checkpoint, nothing = found["from the checkpoint"], found["from nothing"]
    assert checkpoint[0] > nothing[0] + 0.1 and checkpoint[0] > 0.7 and min(checkpoint[1], nothing[1]) > 0.95, found


@pytest.mark.slow
def test_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    state = torch.load(str(CHECKPOINT))
    state["classifier.weights"] = state.pop("classifier.weight")
    torch.save(state, str(tmp_path / "other.pt"))
    with pytest.raises(AssertionError, match=r"Missing key.*classifier\.weight(?s:.*)Unexpected key.*classifier\.weights"):
        run("transfer.py", tmp_path, "--checkpoint", str(tmp_path / "other.pt"))
