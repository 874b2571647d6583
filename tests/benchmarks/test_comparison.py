"""The measuring of benchmarks/: clean environments, workers, tables. No test looks at how fast anything is."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("common")


def test_environment_is_cleaned_for_everyone(common: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    clean, found = common.clean_environment(threads=2)
    assert found["OPENBLAS_CORETYPE"] == "Haswell" and "OPENBLAS_CORETYPE" not in clean
    assert {clean[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")} == {"2"}


def test_ratio_is_the_peers_time_over_ours(common: ModuleType) -> None:
    result = common.Result("row", {"torch": 2e-6, "NumPy": 6e-6}, {"PyTorch": "ValueError: no"}, budget=1e-3)
    assert result.ratio("NumPy") == pytest.approx(3)
    assert result.ratio("PyTorch") is None
    lines = common.table([result], ["NumPy", "PyTorch"]).splitlines()
    assert lines[0] == "| row | torch | budget | NumPy | NumPy / torch | PyTorch | PyTorch / torch |"
    assert lines[2] == "| row | 2 us | 1 ms | 6 us | 3.00 | error: ValueError: no | - |"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "-"), (1.5, "1.5 s"), (0.0021, "2.1 ms"), (3.14e-6, "3.14 us"), (42e-9, "42 ns")]
)
def test_times_are_readable(common: ModuleType, seconds: float | None, text: str) -> None:
    assert common.format_seconds(seconds) == text


def test_worker_measures_and_reports_errors(common: ModuleType) -> None:
    rows = importlib.import_module("rows")
    worker = common.Worker(common.Peer("NumPy", "numpy", sys.executable), threads=1, span=0.001, clock="wall")
    try:
        assert "version" in worker.about
        assert worker.measure(rows.Row("sum", "", "", "import numpy as np; x = np.ones(3)", "x.sum()")) > 0
        assert worker.measure(rows.Row("bad", "", "", "pass", "1 / 0")) == "ZeroDivisionError: division by zero"
        assert worker.measure(rows.Row("no NumPy text", "", "x + y")) is None
    finally:
        worker.close()


@pytest.mark.parametrize("name", ["overhead", "kernels", "train"])
def test_statements_run(common: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row of a table, once, in this project's torch: a typo would else show only in a long run."""
    monkeypatch.syspath_prepend(str(FOLDER / name))
    module = importlib.import_module(name)
    rows = module.every_row([100]) if name == "kernels" else module.ROWS
    codes = [(row.name, *(row.code("torch") or ("", ""))) for row in rows]
    # In a process of its own: some rows switch things off for good.
    script = "import json, sys\nfor name, *code in json.load(sys.stdin):\n  space = {}\n  for text in code: exec(text, space)\n"
    done = subprocess.run([sys.executable, "-c", script], input=json.dumps(codes), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_digest_names_what_falls_short(common: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER / "kernels"))
    digest = importlib.import_module("digest")
    record = {
        "title": "Kernels, 2 threads",
        "results": [
            {"name": "exp (float32, 1e4)", "seconds": {"torch": 2e-6, "NumPy": 6e-6, "PyTorch": 1e-6}},
            {"name": "exp (float32, 1e6)", "seconds": {"torch": 2e-6, "NumPy": 3e-6}},
            {"name": "gemm 64 (float32)", "seconds": {"torch": 2e-6, "NumPy": 2e-6}},
            {"name": "no peer", "seconds": {"torch": 2e-6}},
        ],
    }
    rows = digest.measured([json.dumps(record)])
    assert digest.ratios(rows).split("\n\n") == [
        "| operation | float32 |\n| --- | --- |\n| exp | 0.50 1.50 |",
        "| row | ratio |\n| --- | --- |\n| gemm 64 (float32) | 1.00 |",
    ]
    assert digest.shortfalls(rows).splitlines()[2:] == ["| exp (float32, 1e4) | 2 | 2 us | 1 us (PyTorch) | 0.50 |"]


def test_a_setup_runs_once_for_rows_that_share_it(common: ModuleType, tmp_path: Path) -> None:
    rows = importlib.import_module("rows")
    log = tmp_path / "log"
    setup = f"import numpy as np; x = np.ones(3); open({str(log)!r}, 'a').write('1')"
    worker = common.Worker(common.Peer("NumPy", "numpy", sys.executable), threads=1, span=0.001, clock="wall")
    try:
        for statement in ("x.sum()", "x + x"):
            assert worker.measure(rows.Row("row", "", "", setup, statement)) > 0
    finally:
        worker.close()
    assert log.read_text(encoding="utf-8") == "1"
