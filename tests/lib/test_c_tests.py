"""The C tests of each library, built on demand and run by ctest."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTED = [
    name
    for name, entry in tomllib.loads((ROOT / "libraries.toml").read_text(encoding="utf-8"))["library"].items()
    if entry.get("tests")
]


@pytest.mark.slow
@pytest.mark.parametrize("library", TESTED)
def test_c_tests(library: str) -> None:
    if not (ROOT / "torch/lib" / f"lib{library}.so.1").exists():
        pytest.skip(f"{library} is not a part of this build")
    command = [sys.executable, str(ROOT / "tools/build_deps.py"), "test", library, "--again"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    assert re.search(r"C tests \(release\): ([1-9]\d*) of \1 passed", done.stdout)
