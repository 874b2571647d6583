"""A sample of api_fuzz.py, and that it sees what it looks for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("api_fuzz.py")


def program() -> object:
    spec = importlib.util.spec_from_file_location("api_fuzz", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["api_fuzz"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fuzz() -> object:
    return program()


def test_bad_calls_end_in_exceptions(fuzz: object) -> None:
    outcome = fuzz.run(4000, seed=1)  # type: ignore[attr-defined]
    assert outcome.calls == 4000
    assert outcome.found == []


def test_a_crash_is_seen(fuzz: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crashing = tmp_path / "crashing.py"
    crashing.write_text(
        "import os, sys\nstart = int(sys.argv[-2])\nstop = int(sys.argv[-1])\n"
        "os.pwrite(1, b'%-20d' % (start if start > 5 else 5), 0)\n"
        "if start <= 5: os.abort()\nos.pwrite(1, b'%-20d' % stop, 0)\n"
    )
    monkeypatch.setattr(fuzz, "__file__", str(crashing))
    outcome = fuzz.run(10)  # type: ignore[attr-defined]
    assert outcome.calls == 10 and len(outcome.found) == 1 and outcome.found[0].startswith("call 5: exit status -6: repeat")


def test_one_call_can_be_repeated() -> None:
    done = subprocess.run([sys.executable, PROGRAM, "--only", "7"], text=True, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("torch."), done.stderr


def test_what_is_called(fuzz: object) -> None:
    names = {name for name, _ in fuzz.targets()}  # type: ignore[attr-defined]
    assert {"torch.add", "torch.Tensor.add_", "torch.Tensor.__getitem__", "torch.nn.functional.relu", "torch.load"} <= names
    assert len(names) > 400
