"""A sample of api_fuzz.py, and that it sees what it looks for."""

from __future__ import annotations

import functools
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import torch

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


class TwoPlaces:
    """What a call gives on the host and, as `there` of it, on the device, as fuzz_compare.py makes it."""

    def __init__(self, there: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self._there, self.calls = there, 0

    def inverse(self, *arguments: torch.Tensor, **keywords: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        given = torch.inverse(*arguments, **keywords)
        return self._there(given) if self.calls == 2 else given


def differences(fuzz: object, there: Callable[[torch.Tensor], torch.Tensor]) -> tuple[int, list[str]]:
    """How many inverses were compared, and what was told of them."""
    compared, told = 0, []
    for number in range(1500):
        places = TwoPlaces(there)
        function = functools.wraps(torch.inverse)(lambda *a, places=places, **k: places.inverse(*a, **k))
        wrong = fuzz.fuzz_compare.compare(3, number, [("torch.inverse", function)], "cpu")  # type: ignore[attr-defined]
        compared += places.calls >= 2
        told += [wrong] if wrong else []
    return compared, told


def test_a_wrong_inverse_is_told_from_a_rounded_one(fuzz: object) -> None:
    compared, told = differences(fuzz, lambda x: x)
    assert compared > 100 and told == []
    assert len(differences(fuzz, lambda x: x * 1.01)[1]) > 10
    assert len(differences(fuzz, torch.neg)[1]) > 10

    def refuse(x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("[inverse] U(1,1) is 0, U is singular")

    assert len(differences(fuzz, refuse)[1]) > 10


def test_rounding_decides_where_a_matrix_is_nearly_singular(fuzz: object) -> None:
    compare = fuzz.fuzz_compare  # type: ignore[attr-defined]

    def result(a: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor] = torch.inverse) -> object:
        try:
            return compare.Result(None, [function(a)])
        except RuntimeError as error:
            return compare.Result(error)

    def decides(a: torch.Tensor, there: Callable[[torch.Tensor], torch.Tensor]) -> bool:
        moved = [result(compare._nudged(a, trial)) for trial in range(1, compare.TRIALS + 1)]
        return bool(compare.rounding_decides(result(a), result(a, there), moved))

    i = torch.arange(12.0, dtype=torch.float64)
    hilbert = 1 / (i.view(-1, 1) + i + 1)  # its condition number is 2e16
    sound = hilbert + torch.eye(12).double()
    lost = torch.arange(9.0).view(3, 3).double() * 0.1
    assert decides(hilbert, lambda a: torch.inverse(a) * 1.01) and not decides(sound, lambda a: torch.inverse(a) * 1.01)
    assert decides(lost, lambda a: torch.inverse(torch.zeros(3, 3))) and not decides(sound, lambda a: torch.inverse(a * 0))
    assert decides(torch.ones(3, 3), lambda a: a * 1e9) and not decides(torch.zeros(3, 3), lambda a: a)
    bad = sound.clone()
    bad[3, 4] = float("nan")

    def with_input(a: torch.Tensor, answer: torch.Tensor) -> object:
        return compare.Result(None, [answer, a])

    for answer, accepted in ((torch.zeros(12, 12), False), (torch.inverse(bad) * torch.eye(12).double(), True)):
        assert compare.rounding_decides(with_input(bad, bad), with_input(bad, answer.double()), []) == accepted
    assert not decides(hilbert, lambda a: torch.inverse(a[:2]))  # a refusal that has another cause
