"""The benchmark of packing: the payload that all tools are given, and its tables."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def payload(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(FOLDER / "build"))
    return importlib.import_module("payload")


def test_the_payload_has_its_size_and_no_file_twice(payload: ModuleType, tmp_path: Path) -> None:
    payload.payload(tmp_path / "p", 60)
    files = sorted((tmp_path / "p").iterdir())
    assert sum(path.stat().st_size for path in files) == 60_000_000
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in files}) == len(files) == 3
    payload.payload(tmp_path / "none", 0)
    assert not (tmp_path / "none").exists()


def test_tables(payload: ModuleType) -> None:
    packed = [payload.Packed(300, "ours", 4.5, 8.1, [4.4, 4.5], 91_500_000)]
    series = [payload.Series("ours", ["3.11", "3.12"], [20.0, 4.25])]
    assert payload.markdown(packed, series).splitlines() == [
        "| payload | tool | time | CPU | wheel |",
        "| --- | --- | --- | --- | --- |",
        "| 300 MB | ours | 4.50 s | 8.10 s | 91.50 MB |",
        "",
        "| tool | wheel for 3.11 | wheel for 3.12 |",
        "| --- | --- | --- |",
        "| ours | 20.0 s | 4.2 s |",
    ]


def test_wheels_for_several_pythons_are_timed(payload: ModuleType, tmp_path: Path) -> None:
    """The synthetic framework is one that tools/build_wheels.py takes."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (series,) = payload.further(["ours"], [running], payload.Shape(1, 1), tmp_path / "environments", tmp_path)
    assert series.pythons == [running] and 0 < series.seconds[0] < 600
    assert len(list((tmp_path / "ours/dist").glob("torch-1.0.0-*.whl"))) == 1
