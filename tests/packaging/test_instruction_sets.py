"""The builder's processor must not leak into the package: instructions beyond the baseline stand in units of a level alone."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from orchestrator import api

LEVEL_FLAGS = {
    "AVX2": {"-mavx2", "-mfma", "-mf16c"},
    "AVX512": {"-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mf16c", "-mprefer-vector-width=512"},
}
# Vector registers that only AVX has, and its three-operand instructions on the others.
BEYOND_BASELINE = re.compile(r"%[yz]mm\d|%k[0-7]\b|^\s*[0-9a-f]+:\s+v[a-z]+\d*\s.*%xmm", re.MULTILINE)


def level_of(name: str) -> str:
    match = re.search(r"_(AVX2|AVX512)\.dir/", name)
    return match[1] if match else ""


def test_flags_of_a_level_stand_in_its_units_alone(built: api.BuildResult) -> None:
    commands = json.loads((built.build_dir / "compile_commands.json").read_text(encoding="utf-8"))
    assert len(commands) > 100
    for item in commands:
        flags = {word for word in shlex.split(item["command"]) if word.startswith(("-m", "--target", "-Wa,-m"))}
        assert flags == LEVEL_FLAGS.get(level_of(item["output"]), set()), item["output"]


def test_baseline_units_have_baseline_instructions_only(built: api.BuildResult) -> None:
    objects = [path for path in (built.build_dir / "lib").rglob("*.o") if "/tests/" not in str(path)]
    plain = [str(path) for path in objects if not level_of(str(path))]
    assert len(plain) > 50
    found = BEYOND_BASELINE.search(disassembly(plain))
    assert not found, found


def test_the_search_finds_such_instructions(built: api.BuildResult) -> None:
    marked = next((path for path in (built.build_dir / "lib").rglob("*Reduce.c.o") if level_of(str(path)) == "AVX2"), None)
    if marked is None:
        pytest.skip("this tree has no unit of the level AVX2")
    assert BEYOND_BASELINE.search(disassembly([str(marked)]))


def disassembly(objects: list[str]) -> str:
    command = ["objdump", "-d", "--no-show-raw-insn", *objects]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path("/"))
    assert "Disassembly of section" in done.stdout
    return done.stdout
