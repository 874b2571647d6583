"""docs/c_api.md is what the headers of TH declare.

`RENEW_API=1 python -m pytest tests/lib/test_c_api_page.py` writes the page anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import torch

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "c_api.md"
HEADERS = ROOT / "lib" / "TH" / "include" / "TH"
DTYPES = ["Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double"]
TYPED = re.compile(r"TH(" + "|".join(DTYPES) + r")(Tensor|Storage|Blas|Lapack|Vector)_(\w+)")
DECLARED = re.compile(
    r"(?P<comment>/\*(?:[^*]|\*(?!/))*\*/\n)?TH_API (?P<text>[^;]+?)\((?P<arguments>[^;]*)\);(?:[ \t]*/\*(?P<note>[^\n]*?)\*/)?"
)

HEAD = """# The C interface of TH, function by function

Made from the headers in [lib/TH/include/TH](../lib/TH/include/TH); a test fails when it is not what they declare.

```sh
RENEW_API=1 python -m pytest tests/lib/test_c_api_page.py
```

There are two sets of names for one library. *Tagged* functions (`THTensor_add`) take tensors of all dtypes, or of those that
their header names; others are TH_ERR_UNSUPPORTED. *Typed* functions (`THFloatTensor_cadd`, below `TH*Tensor_cadd`) have the
names and arguments of Torch and refuse a tensor of another dtype.

"""


def header_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def words(comment: str) -> str:
    """A C comment as one line of Markdown."""
    text = re.sub(r"\n\s*\* ?", "\n", comment.strip().removeprefix("/*").removesuffix("*/").strip())
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def declarations(path: Path) -> list[tuple[str, str]]:
    """(declaration, what its own comment says) of each public function of a header; lines that only divide say nothing."""
    found = []
    for match in DECLARED.finditer(header_text(path)):
        said = words(match["note"] or match["comment"] or "")
        text = " ".join(f"{match['text']}({match['arguments']})".split())
        found.append((text, "" if said.startswith("---") else said))
    return found


def tagged_part() -> list[str]:
    lines = ["## Tagged functions, and what is around them", ""]
    for path in sorted(HEADERS.glob("*.h")):
        functions = declarations(path)
        if functions:
            about = re.match(r"/\*(?:[^*]|\*(?!/))*\*/", header_text(path))
            assert about, f"{path}: a header begins with a comment that says what it is"
            lines += [f"### {path.name}", "", words(about[0]), "", "| function | |", "|---|---|"]
            lines += [f"| `{text}` | {said} |" for text, said in functions] + [""]
    return lines


@cache
def exported() -> frozenset[str]:
    """The functions that libTH exports."""
    library = Path(torch.__file__).parent / "lib" / "libTH.so.1"
    listing = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    return frozenset(line.split()[-1] for line in listing.splitlines() if line.split()[-2] in "TtWi")


def typed_names() -> dict[tuple[str, str], list[str]]:
    """The dtypes of each typed function: (Tensor, cadd) -> [Byte, ...]."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in sorted(exported()):
        if match := TYPED.fullmatch(name):
            found.setdefault((match[2], match[3]), []).append(match[1])
    return {key: sorted(dtypes, key=DTYPES.index) for key, dtypes in found.items()}


def dtypes_in_words(dtypes: list[str]) -> str:
    if len(dtypes) == len(DTYPES):
        return "all"
    if len(dtypes) >= 5:
        return "all but " + ", ".join(name for name in DTYPES if name not in dtypes)
    return ", ".join(dtypes)


def typed_part() -> list[str]:
    about = re.match(r"/\*(?:[^*]|\*(?!/))*\*/", header_text(HEADERS / "THTyped.h"))
    assert about
    items = re.sub(r"\n \* ?", "\n", about[0][2:-2]).strip().splitlines()
    lines = ["## Typed functions, and how they differ from Torch's", "", *(line.removeprefix("  ") for line in items), ""]
    names = typed_names()
    for path in sorted((HEADERS / "generic").glob("*.h")):
        rows = []
        for text, said in declarations(path):
            match = re.search(r"TH(Tensor|Storage|Blas|Lapack|Vector)_ ?\((\w+)\)", text)
            assert match, f"{path}: {text}"
            dtypes = names.get((match[1], match[2]))
            assert dtypes, f"{path.name}: {text}: libTH exports it for no dtype"
            shown = text.replace(match[0], f"TH*{match[1]}_{match[2]}")
            rows.append(f"| `{shown}` | {dtypes_in_words(dtypes)} | {said} |")
        if rows:
            lines += [f"### generic/{path.name}", "", "| function | dtypes | |", "|---|---|---|", *rows, ""]
    return lines


def page() -> str:
    return HEAD + "\n".join([*tagged_part(), *typed_part()]).rstrip() + "\n"


@pytest.mark.skipif("RENEW_API" not in os.environ, reason="only to renew docs/c_api.md")
def test_renew_the_page() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def test_the_page_is_what_the_headers_declare() -> None:
    renew = f"RENEW_API=1 {Path(sys.executable).name} -m pytest tests/lib/test_c_api_page.py"
    assert PAGE.read_text(encoding="utf-8") == page(), f"docs/c_api.md is not what the headers declare: {renew}"


def test_every_exported_function_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    typed = {f"TH*{kind}_{name}(" for kind, name in typed_names()}
    tagged = {f"{name}(" for name in exported() if re.fullmatch(r"TH\w+", name) and not TYPED.fullmatch(name)}
    assert sorted(name for name in typed | tagged if name not in text) == []
