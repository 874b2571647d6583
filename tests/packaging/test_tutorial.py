"""docs/tutorial.md is one session, and shows what comes out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from orchestrator import api
from pages import run, sections


@pytest.mark.slow
def test_the_session(built: api.BuildResult, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the first section to the last; the extension is compiled anew."""
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    names: dict[str, Any] = {"__name__": "tutorial"}
    for section in sections("tutorial.md"):
        names = run(section, names)
    assert list(tmp_path.rglob("*.so"))
