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


def test_a_child_that_cannot_start_ends_the_run(fuzz: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import sys\nsys.exit('no such library')\n")
    monkeypatch.setattr(fuzz, "__file__", str(broken))
    with pytest.raises(RuntimeError, match=r"a child could not start \(exit status 1\):\nno such library"):
        fuzz.run(10)  # type: ignore[attr-defined]


def test_what_libraries_print_is_not_taken_for_progress(fuzz: object, tmp_path: Path) -> None:
    """LAPACK prints to standard output, where the child's number stands."""
    program = tmp_path / "printing.py"
    program.write_text(
        f"import os, sys\nsys.path.insert(0, {str(PROGRAM.parent)!r})\nimport api_fuzz\n"
        "api_fuzz.call = lambda seed, number, known, mode: os.write(1, b'parameter 4' * 9) and ''\n"
        "sys.exit(api_fuzz.child(0, 0, 3))\n"
    )
    progress, log = tmp_path / "progress", tmp_path / "log"
    with open(progress, "wb") as out, open(log, "wb") as errors:
        assert subprocess.run([sys.executable, program], stdout=out, stderr=errors, timeout=60).returncode == 0
    assert progress.read_text().strip() == "3" and "parameter 4" in log.read_text()
