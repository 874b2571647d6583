"""Short runs of the fuzz programs, and that fuzz.py sees what it looks for. Long ones: tests/lib/fuzz.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import fuzz
import pytest

OPS, FILES, READERS = fuzz.FUZZERS


def needs(fuzzer: fuzz.Fuzzer) -> pytest.MarkDecorator:
    return pytest.mark.skipif(bool(fuzz.missing(fuzzer)), reason=fuzz.missing(fuzzer) or "it is there")


@pytest.mark.slow
@needs(OPS)
def test_operations_under_the_sanitizers() -> None:
    """ctest runs 20000 inputs from nothing, of both programs."""
    fuzz.build()
    assert all((fuzz.BUILD / "tests" / each.program).is_file() for each in (OPS, FILES))


@needs(READERS)
def test_readers(tmp_path: Path) -> None:
    outcome = fuzz.run(READERS, ["-runs=4000", "-seed=1"], tmp_path)
    assert outcome.finding is None, outcome.said
    assert outcome.inputs >= 4000 and outcome.covered > 100
    assert len(list((tmp_path / "corpus" / "readers").iterdir())) > 30


@needs(READERS)
def test_a_finding_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets an IndexError out where a file has a certain byte."""
    program = tmp_path / "faulty.py"
    program.write_text(
        f"import sys\nsys.path.insert(0, {str(fuzz.READERS.parent)!r})\nimport fuzz_readers\n"
        "fuzz_readers.READERS[:] = [lambda data: [][data.index(7)]]\nfuzz_readers.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(fuzz, "READERS", program)
    outcome = fuzz.run(READERS, ["-runs=100000", "-seed=1"], tmp_path)
    assert outcome.finding is not None and outcome.finding.is_file()
    assert "Error" in outcome.said


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz.shutil, "which", lambda name: None)
    monkeypatch.setattr(fuzz.importlib.util, "find_spec", lambda name: None)
    assert "apt install clang" in fuzz.missing(OPS)
    assert "--group fuzz" in fuzz.missing(READERS)


def test_help() -> None:
    done = subprocess.run([sys.executable, fuzz.__file__, "--help"], capture_output=True, text=True, check=True)
    assert "--seconds" in done.stdout
