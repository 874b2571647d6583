"""The examples of docs/semantics.md."""

from __future__ import annotations

import pytest
from pages import run, sections

import torch


@pytest.mark.parametrize("section", sections("semantics.md"), ids=lambda s: s.splitlines()[0][:30])
def test_section(section: str) -> None:
    run(section, {"torch": torch})
