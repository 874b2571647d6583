"""The examples of docs/semantics.md."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "semantics.md"
SECTIONS = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("section", [s for s in SECTIONS if ">>>" in s], ids=lambda s: s.splitlines()[0][:30])
def test_section(section: str) -> None:
    import torch

    example = "\n".join(re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(example, {"torch": torch}, section.splitlines()[0], str(PAGE), 0)
    assert test.examples
    output: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert results.failed == 0, "".join(output)
