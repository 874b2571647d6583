"""Every documented name of the 0.4 API exists, or docs/api.md says that it is missing.

`RENEW_API=1 python -m pytest tests/torch/test_completeness.py` writes the page anew.
"""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path

import pytest

import torch

NAMES = Path(__file__).with_name("api-0.4.txt")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

# Names that this project leaves out on purpose, with the reason that the page gives.
EXCEPTED = {
    "torch.autograd.profiler.load_nvprof": "reads traces of a GPU profiler that no longer exists",
}

HEADER = """# The API of 0.4, name by name

Which names that the documentation of 0.4 lists exist here. This page is generated and is the list of what may be missing: it
shrinks as names arrive, and a test fails if a name is missing that does not stand here, or stands here and exists.

```sh
RENEW_API=1 python -m pytest tests/torch/test_completeness.py
```

"""


def documented() -> dict[str, list[str]]:
    """Names by page of the documentation."""
    pages: dict[str, list[str]] = {}
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\] \d+", line):
            names = pages.setdefault(header[1], [])
        elif line and not line.startswith("#"):
            names.append(line)
    return pages


def exists(name: str) -> bool:
    """Whether the dotted name leads somewhere: through modules first, then through attributes."""
    found: object = torch
    path = "torch"
    for part in name.split(".")[1:]:
        path += "." + part
        if not hasattr(found, part):
            try:
                found = importlib.import_module(path)
            except ImportError:
                return False
        else:
            found = getattr(found, part)
    return True


def missing() -> dict[str, list[str]]:
    return {page: [name for name in names if name not in EXCEPTED and not exists(name)] for page, names in documented().items()}


def page_text() -> str:
    """docs/api.md as it should be now."""
    pages, absent = documented(), missing()
    rows = ["| page | names | present | missing | left out |", "|---|---|---|---|---|"]
    for page, names in pages.items():
        out = sum(name in EXCEPTED for name in names)
        rows.append(f"| {page} | {len(names)} | {len(names) - out - len(absent[page])} | {len(absent[page])} | {out} |")
    lists = [f"\n## Missing of {page}\n\n```text\n" + "\n".join(names) + "\n```\n" for page, names in absent.items() if names]
    reasons = "".join(f"- `{name}`: {reason}\n" for name, reason in EXCEPTED.items())
    return HEADER + "\n".join(rows) + "\n\nLeft out on purpose:\n\n" + reasons + "".join(lists)


def listed_as_missing() -> set[str]:
    blocks = re.findall(r"^```text\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {name for block in blocks for name in block.split()}


@pytest.mark.skipif("RENEW_API" not in os.environ, reason="only to renew docs/api.md")
def test_renew() -> None:
    PAGE.write_text(page_text(), encoding="utf-8")


def test_the_list_is_whole() -> None:
    pages = documented()
    counts = re.findall(r"^\[\w+\] (\d+)$", NAMES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [len(names) for names in pages.values()] == [int(count) for count in counts]
    assert sum(map(len, pages.values())) == 852


def test_existence_can_be_denied() -> None:
    assert exists("torch.nn.functional.relu") and exists("torch.Tensor.add_") and exists("torch.utils.data.DataLoader")
    assert not exists("torch.no_such_name") and not exists("torch.nn.functional.no_such") and not exists("torch.no.such")


def test_no_name_is_missing_in_silence() -> None:
    now = {name for names in missing().values() for name in names}
    assert sorted(now - listed_as_missing()) == [], "these names of the 0.4 API are gone or never came"
    assert sorted(listed_as_missing() - now) == [], "these names exist now: RENEW_API=1 takes them off docs/api.md"


def test_the_page_is_true() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(), "RENEW_API=1 writes the page anew"
