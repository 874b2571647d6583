"""docs/c_api.md is what the headers of TH declare.

`RENEW_API=1 python -m pytest tests/lib/test_c_api_page.py` writes the page anew.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from prototypes import DTYPES, exported
from tagged import dtypes_of, tagged
from test_th_families import ABSENT, FAMILIES
from thc_inventory import ABSENT as ABSENT_ON_CUDA

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "c_api.md"
HEADERS = ROOT / "lib" / "TH" / "include" / "TH"
CUDA_HEADERS = ROOT / "lib" / "THC" / "include" / "THC"
TYPED = re.compile(r"TH(" + "|".join(DTYPES) + r")(Tensor|Storage|Blas|Lapack|Vector)_(\w+)")
DECLARED = re.compile(
    r"(?P<comment>^/\*(?:[^*]|\*(?!/))*\*/\n)?^THC?_API (?P<text>[^;]+?)\((?P<arguments>[^;]*)\);"
    r"(?:[ \t]*/\*(?P<note>[^\n]*?)\*/)?|^/\* (?P<tag>Dtypes|Torch): (?P<value>.*?)\.? \*/$",
    re.MULTILINE,
)

HEAD = """# The C interface of TH, function by function

Made from the headers in [lib/TH/include/TH](../lib/TH/include/TH), and at the end from those of
[lib/THC/include/THC](../lib/THC/include/THC); a test fails when it is not what they declare.

```sh
RENEW_API=1 python -m pytest tests/lib/test_c_api_page.py
```

There are two sets of names for one library. *Tagged* functions (`THTensor_add`) take tensors of the dtypes in the second
column; others are TH_ERR_UNSUPPORTED or TH_ERR_DTYPE. *Typed* functions (`THFloatTensor_cadd`, below `TH*Tensor_cadd`) have the
names and arguments of Torch and refuse a tensor of another dtype.

Headers hold both columns as data: a line `/* Dtypes: ... */` or `/* Torch: ... */` counts for the functions below it, until the
next one. A test calls every tagged function with tensors of each dtype, and fails where its header says something else.

"""


def header_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def words(comment: str) -> str:
    """A C comment as one line of Markdown."""
    text = re.sub(r"\n\s*\* ?", "\n", comment.strip().removeprefix("/*").removesuffix("*/").strip())
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


@dataclass(frozen=True)
class Declaration:
    """One public function. said: what its own comment says; dtypes, torch: of the tags that count for it."""

    text: str
    said: str
    dtypes: str
    torch: str

    @property
    def name(self) -> str:
        return self.text.split("(")[0].split()[-1].lstrip("*")


def declarations(path: Path) -> list[Declaration]:
    """Of a header; comments that only divide say nothing."""
    found, tags = [], {"Dtypes": "", "Torch": ""}
    for match in DECLARED.finditer(header_text(path)):
        if match["tag"]:
            tags[match["tag"]] = match["value"]
            continue
        comment = match["comment"] or ""
        if tag := re.fullmatch(r"/\* (Dtypes|Torch): (.*?)\.? \*/\n", comment):  # a tag right above the function
            tags[tag[1]], comment = tag[2], ""
        said = words(match["note"] or comment)
        text = " ".join(f"{match['text']}({match['arguments']})".split())
        found.append(Declaration(text, "" if said.startswith("---") else said, tags["Dtypes"], tags["Torch"]))
    return found


def tagged_part() -> list[str]:
    lines = ["## Tagged functions, and what is around them", ""]
    with_dtypes = tagged()
    for path in sorted(HEADERS.glob("*.h")):
        functions = declarations(path)
        if functions:
            about = re.match(r"/\*(?:[^*]|\*(?!/))*\*/", header_text(path))
            assert about, f"{path}: a header begins with a comment that says what it is"
            lines += [f"### {path.name}", "", words(about[0]), "", "| function | dtypes | |", "|---|---|---|"]
            lines += [f"| `{one.text}` | {one.dtypes if one.name in with_dtypes else ''} | {one.said} |" for one in functions]
            lines.append("")
    return lines


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
    if len(dtypes) >= 6:
        return "all but " + ", ".join(name for name in DTYPES if name not in dtypes)
    return ", ".join(dtypes)


def beside_torch(kind: str, name: str, one: Declaration) -> str:
    """How a typed function differs from Torch's, beyond what is said of all."""
    if not any(kind == group and name in names.split() for group, _, _, names in FAMILIES.values()):
        return "not in Torch7"
    result = "returns void" if one.text.startswith("THStatus ") else ""
    return "; ".join(part for part in (result, one.torch if one.torch != "the same" else "") if part) or "the same"


def introduction(path: Path) -> list[str]:
    """What a header of typed names begins with, as Markdown."""
    about = re.match(r"/\*(?:[^*]|\*(?!/))*\*/", header_text(path))
    assert about
    items = re.sub(r"\n \* ?", "\n", about[0][2:-2]).strip().splitlines()
    return [line.removeprefix("  ") for line in items]


def typed_part() -> list[str]:
    lines = ["## Typed functions, and how they differ from Torch's", "", *introduction(HEADERS / "THTyped.h"), ""]
    names = typed_names()
    for path in sorted((HEADERS / "generic").glob("*.h")):
        rows = []
        for one in declarations(path):
            match = re.search(r"TH(Tensor|Storage|Blas|Lapack|Vector)_ ?\((\w+)\)", one.text)
            assert match, f"{path}: {one.text}"
            dtypes = names.get((match[1], match[2]))
            assert dtypes, f"{path.name}: {one.text}: libTH exports it for no dtype"
            shown = one.text.replace(match[0], f"TH*{match[1]}_{match[2]}")
            beside = beside_torch(match[1], match[2], one)
            rows.append(f"| `{shown}` | {dtypes_in_words(dtypes)} | {beside} | {one.said} |")
        if rows:
            lines += [f"### generic/{path.name}", "", "| function | dtypes | Torch's | |", "|---|---|---|---|", *rows, ""]
    return lines


def absent_part(title: str, absent: dict[str, str]) -> list[str]:
    rows = [f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {instead} |" for names, instead in absent.items()]
    return [title, "", "| functions | instead |", "|---|---|", *rows, ""]


def named_for_cuda(text: str) -> str:
    """The macros of generic headers as names: THCuda*Tensor_getDevice; of the host, THByteTensor_copyCuda*."""
    text = re.sub(r"\bTH(Tensor|Storage)_\((\w+)\)", r"THCuda*\1_\2", text)
    text = re.sub(r"\bTHC_HOST_\((\w+)\)", r"TH*\1", text)
    return re.sub(r"\bTHC_TO_HOST_\((\w+), (\w+)\)", r"TH\1\2*", text)


def cuda_part() -> list[str]:
    """What libTHC has besides the names of TH's generic headers, and what of Torch's it has not."""
    lines = ["## Torch's names on CUDA", "", *introduction(CUDA_HEADERS / "THCTyped.h"), ""]
    generic = [CUDA_HEADERS / "generic" / f"THC{name}.h" for name in ("Storage", "Tensor", "TensorMath")]
    for path in [*generic, *(CUDA_HEADERS / f"THC{name}.h" for name in ("State", "RawBlas", "TensorConv"))]:
        about = re.match(r"/\*(?:[^*]|\*(?!/))*\*/", header_text(path))
        assert about, f"{path}: a header begins with a comment that says what it is"
        rows = [f"| `{named_for_cuda(one.text)}` | {one.said} |" for one in declarations(path)]
        name = path.relative_to(CUDA_HEADERS).as_posix()
        lines += [f"### THC/{name}", "", words(about[0]), "", "| function | |", "|---|---|", *rows, ""]
    return lines


def page() -> str:
    absent = absent_part("## What of Torch's TH is not here", ABSENT)
    of_cuda = absent_part("## What of Torch's THC is not here", ABSENT_ON_CUDA)
    return HEAD + "\n".join([*tagged_part(), *typed_part(), *absent, *cuda_part(), *of_cuda]).rstrip() + "\n"


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


def test_dtypes_are_what_the_functions_take() -> None:
    """Of every tagged function, found by calls with tensors of each dtype."""
    said = {one.name: one.dtypes for path in sorted(HEADERS.glob("*.h")) for one in declarations(path)}
    takes = {name: dtypes_in_words(dtypes_of(prototype)) for name, prototype in tagged().items()}
    assert len(takes) > 230
    assert {name: (said[name], found) for name, found in takes.items() if said[name] != found} == {}


def test_every_tag_counts_for_a_function() -> None:
    """A tag with the value of the one before it, or with nothing below it, is a mistake."""
    for path in sorted(HEADERS.rglob("*.h")):
        values: dict[str, str] = {"Torch": "the same"}
        for kind, value in re.findall(r"^/\* (Dtypes|Torch): (.*?)\.? \*/$", header_text(path), re.MULTILINE):
            assert values.get(kind) != value, f"{path.name}: {kind}: {value}"
            values[kind] = value
