"""The graph of the real tree: what the edit of one file makes ninja do. tests/tools tries the same on a small family."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from orchestrator import api
from orchestrator.detect import Found


def query(built: api.BuildResult, target: str) -> list[str]:
    """What ninja knows about a file: one line for each input and output, with their `|` and `||`."""
    ninja = built.found["ninja"]
    assert isinstance(ninja, Found)
    command = [str(ninja.path), "-C", str(built.build_dir), "-t", "query", target]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.strip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("consumer", "needs"), [("lib/libTHNN.so.1", ["TH"]), ("lib/libTHD.so.1", ["TH"]), ("torch/_C*.so", ["TH", "THNN", "THD"])]
)
def test_a_consumer_is_linked_again_by_symbol_list_only(built: api.BuildResult, consumer: str, needs: list[str]) -> None:
    (product,) = built.build_dir.glob(consumer)
    lines = query(built, product.relative_to(built.build_dir).as_posix())
    for name in needs:
        assert f"| lib/{name}/{name}.symbols" in lines
        # Order only: the library exists first, but a newer one is no reason to link.
        assert f"|| lib/lib{name}.so.1" in lines
        assert f"lib/lib{name}.so.1" not in lines and f"| lib/lib{name}.so.1" not in lines


def test_one_unit_for_each_source_dtype_and_level(root: Path, built: api.BuildResult) -> None:
    plain = query(built, str(root / "lib/TH/src/core/THStorage.c"))
    assert len([line for line in plain if line.endswith(".o")]) == 1
    kernel = query(built, str(root / "lib/TH/src/kernels/THRandom.c"))
    units = {line.split("/CMakeFiles/")[1].split(".dir/")[0] for line in kernel if line.endswith(".o")}
    levels = [level for level in ("BASE", "AVX2", "AVX512") if any(unit.endswith(f"_{level}") for unit in units)]
    assert "BASE" in levels
    assert units == {f"TH_THRandom_{dtype}_{level}" for dtype in ("Half", "Float", "Double") for level in levels}
