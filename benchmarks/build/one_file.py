"""One C file changed until the change can be imported, beside ninja alone.

    python benchmarks/build/one_file.py [--file lib/TH/src/...c]

It builds a copy of the checkout. Each edit adds a static constant, so that the object really differs and no symbol does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from checkout import BUILD_DEPS, build_folder, copy_tree, timed, tool

BUDGET = 0.1  # seconds over ninja alone


def edit(file: Path, number: int) -> None:
    """Changes the object file that comes out, and nothing that others see."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"static const int benchmark_edit_{number} __attribute__((used)) = {number};\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="One C file changed until the change can be imported.")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of edits; the medians count (default: 5)")
    parser.add_argument("--file", default="lib/TH/src/core/THStorage.c", help="the file to edit (default: a file of TH)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torch-benchmark-") as folder:
        tree = copy_tree(Path(folder))
        print(f"first build of the copy: {timed(BUILD_DEPS, tree).wall:.1f} s")
        build = build_folder(tree)
        ninja = (tool(build, "CMAKE_MAKE_PROGRAM"), "-C", str(build))
        ours, raw = [], []
        for number in range(arguments.rounds):
            edit(tree / arguments.file, 2 * number)
            ours.append(timed(BUILD_DEPS, tree).wall)
            edit(tree / arguments.file, 2 * number + 1)
            raw.append(timed(ninja, tree).wall)
            timed(BUILD_DEPS, tree)  # publishes what ninja built, outside of the measurement
    difference = statistics.median(a - b for a, b in zip(ours, raw, strict=True))
    print("| one C file changed | median s |\n|---|---|")
    print(f"| build_deps.py, published | {statistics.median(ours):.3f} |\n| ninja alone | {statistics.median(raw):.3f} |")
    print(f"| difference (budget {BUDGET} s) | {difference:.3f} |")


if __name__ == "__main__":
    main()
