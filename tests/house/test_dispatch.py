"""Calls of the C libraries from the extension go where the tensors are: each function that touches elements has its object."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sources import ROOT, text

# What looks at shapes, strides, references and bytes as such, never at an element.
_SHAPES = (
    "broadcast", "dataBytes", "describeSize", "device", "free", "isContiguous", "isSameSizeAs", "mayOverlap", "new",
    "newAsStrided", "newDiagonal", "newExpand", "newNarrow", "newPermute", "newSelect", "newSlice", "newSqueeze",
    "newSqueezeAll", "newTranspose", "newUnfold", "newUnsqueeze", "newView", "newWithScalar", "newWithSize",
    "newWithStorage", "newWithTensor", "output", "outputOn", "resize", "retain", "set", "version", "wrapDim",
)  # fmt: skip
NEUTRAL = {f"THTensor_{name}" for name in _SHAPES}

FUNCTIONS = ROOT / "torch/csrc/backend/Functions.h"
# The letters first, and only then what stands before them: so `re` looks for them fast.
_CALL = re.compile(r"TH(?<!\wTH)(?:Tensor|NN)_[A-Za-z]\w*(?=\()")
_UNQUALIFIED = re.compile(r"TH(?<!\wTH)(?<!::TH)(?:Tensor|NN)_[A-Za-z]\w*(?=\()")


@cache
def called(folder: Path) -> dict[str, str]:
    """The functions of TH and THNN that a folder names, each with a file that does."""
    files = [path for path in folder.rglob("*") if path.suffix in {".cpp", ".h", ".toml"} and "include" not in path.parts]
    return {name: str(path) for path in files for name in _UNQUALIFIED.findall(text(path))}


def declared() -> set[str]:
    headers = [*(ROOT / "lib/TH/include").rglob("*.h"), *(ROOT / "lib/THNN/include").rglob("*.h")]
    return {name for path in headers for name in _CALL.findall(text(path))}


def test_what_touches_elements_has_an_object() -> None:
    objects = set(re.findall(r"^TORCH_FUNCTION(?:_ACROSS|_OF_SCALARS)?\((\w+)\);", text(FUNCTIONS), re.MULTILINE))
    known = declared()
    found = {name: path for name, path in called(ROOT / "torch/csrc").items() if name in known}
    assert len(found) > 200
    assert {name: path for name, path in found.items() if name not in objects | NEUTRAL} == {}


def test_every_object_is_used() -> None:
    objects = set(re.findall(r"^TORCH_FUNCTION(?:_ACROSS|_OF_SCALARS)?\((\w+)\);", text(FUNCTIONS), re.MULTILINE))
    assert objects - set(called(ROOT / "torch/csrc")) == set()
