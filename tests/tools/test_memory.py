"""The memory of units: what the launcher records, and how it holds units back."""

from __future__ import annotations

from pathlib import Path

from orchestrator.memory import LOG, UnitMemory, read_memory


def test_records_are_read_and_damaged_lines_left_out(tmp_path: Path) -> None:
    whole = '{"output": "a.o", "peak_bytes": 41943040, "wait_seconds": 0.25, "start": 1790000000.5, "seconds": 1.5}'
    (tmp_path / LOG).write_text(f'{whole}\n{{"output": "b.o", "peak_\n[]\n{{"output": "c.o"}}\n{whole}\n', encoding="utf-8")
    expected = UnitMemory("a.o", 41943040, 0.25, 1790000000.5, 1.5)
    assert read_memory(tmp_path) == (expected, expected)
    assert read_memory(tmp_path / "nowhere") == ()
