"""Runs the examples of a page of docs/: Python blocks that show what the interpreter answers."""

from __future__ import annotations

import doctest
import re
from typing import Any

from sources import ROOT


def sections(page: str) -> list[str]:
    """The sections of a page that hold examples."""
    found = re.split(r"^## ", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [section for section in found if ">>>" in section]


def run(section: str, names: dict[str, Any]) -> dict[str, Any]:
    """Runs a section's examples with `names`; returns the names that they leave behind. AssertionError shows what differs."""
    example = "\n".join(re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(example, names, section.splitlines()[0], "page", 0)
    assert test.examples
    output: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append, clear_globs=False)
    assert results.failed == 0, "".join(output)
    return test.globs
