"""What a type checker finds in programs that use torch: the stubs say enough to be wrong about."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """\
import torch
from torch import nn
from typing import assert_type

x = torch.zeros(2, 3)
x.size("a")
torch.zeros("a")
torch.max(x, dim="a")
x.size(0).upper()
x + "a"
nn.Linear("a", 2)
torch.optim.SGD(3)
values, indices = torch.max(x, 1)
indices.view("a")
assert_type(torch.cat([x, x]), str)
right: torch.Tensor = x.sort(0)[0] @ x.t()
"""


def test_mistakes_are_found(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "--cache-dir", "cache"]
    environment = {"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*command, program.name], cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=300)
    found = {int(line) for line in re.findall(r"^program\.py:(\d+): error", done.stdout, re.MULTILINE)}
    assert found == {6, 7, 8, 9, 10, 11, 12, 14, 15}, done.stdout + done.stderr


def test_the_functions_of_the_extension_are_typed() -> None:
    """Each has its line in the stub that torch/__init__.py imports for type checkers only."""
    import torch

    stub = (Path(torch.__file__).parent / "_functions.pyi").read_text(encoding="utf-8")
    typed = set(re.findall(r"^(\w+) = _C\.ops\.\1$", stub, re.MULTILINE))
    assert typed == {name for name in dir(torch._C.ops) if not name.startswith("_")}
