"""A first build, configure included, beside CMake and ninja called directly with the same variables.

    python benchmarks/build/cold.py

Both build copies of the checkout, in turns. The floor is the larger of CPU seconds / cores and the longest single edge, taken
from the direct build.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from checkout import BUILD_DEPS, Timing, build_folder, cache_variables, copy_tree, timed, tool

BUDGET = 1.05  # times the floor


def direct(tree: Path, reference: Path, target: Path) -> Timing:
    """cmake and ninja with the variables of an orchestrated build; the build folder is left in place."""
    variables = [f"-D{name}={value}" for name, value in cache_variables(reference).items()]
    configure = timed((tool(reference, "CMAKE_COMMAND"), "-S", str(tree), "-B", str(target), "-G", "Ninja", *variables), tree)
    compile_ = timed((tool(reference, "CMAKE_MAKE_PROGRAM"), "-C", str(target)), tree)
    return Timing(configure.wall + compile_.wall, configure.cpu + compile_.cpu)


def longest_edge(build: Path) -> float:
    """Seconds of the longest single command of a build."""
    lines = (build / ".ninja_log").read_text(encoding="utf-8").splitlines()[1:]
    return max((int(end) - int(start)) / 1000 for start, end, *_ in (line.split("\t") for line in lines))


def main() -> None:
    parser = argparse.ArgumentParser(description="A first build, configure included.")
    parser.add_argument("--rounds", type=int, default=2, help="pairs; the medians count (default: 2)")
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    ours, raw, floors = [], [], []
    for number in range(arguments.rounds):
        with tempfile.TemporaryDirectory(prefix="torch-benchmark-") as folder:
            tree = copy_tree(Path(folder) / "tree")
            ours.append(timed(BUILD_DEPS, tree).wall)
            reference = build_folder(tree)
            timing = direct(tree, reference, Path(folder) / "direct")
            raw.append(timing.wall)
            floors.append(max(timing.cpu / cores, longest_edge(Path(folder) / "direct")))
            shutil.rmtree(tree)
        print(f"pair {number + 1}: {ours[-1]:.1f} s, direct {raw[-1]:.1f} s, floor {floors[-1]:.1f} s", flush=True)
    ratio = statistics.median(a / b for a, b in zip(ours, floors, strict=True))
    print("\n| first build | median s |\n|---|---|")
    print(f"| build_deps.py | {statistics.median(ours):.1f} |\n| cmake and ninja | {statistics.median(raw):.1f} |")
    print(f"| floor | {statistics.median(floors):.1f} |\n| build_deps.py / floor (budget {BUDGET}) | {ratio:.2f} |")


if __name__ == "__main__":
    main()
