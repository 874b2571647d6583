"""The example on real data reaches its accuracies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import torch

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "digits.py"
REQUIRED = {"multilayer perceptron": 0.95, "convolutional network": 0.97}


@pytest.mark.slow
def test_digits(tmp_path: Path) -> None:
    picture = tmp_path / "curves.png"
    command = [sys.executable, str(EXAMPLE), "--plot", str(picture)]
    environment = {**os.environ, "PYTHONPATH": str(Path(torch.__file__).parents[1])}  # this very torch
    done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = {name: float(value) for name, value in re.findall(r"^(.+): test accuracy ([\d.]+)$", done.stdout, re.MULTILINE)}
    assert found.keys() == REQUIRED.keys()
    assert all(found[name] >= REQUIRED[name] for name in REQUIRED), found
    assert done.stdout.rstrip().splitlines()[-1].startswith("convolutional network: test accuracy")
    assert "loss=" in done.stderr and "accuracy=" in done.stderr  # the progress bar
    assert picture.read_bytes().startswith(b"\x89PNG")
