"""A build with nothing to do, beside ninja alone and Python alone.

    python setup.py develop && python benchmarks/build/noop.py

It measures the checkout that it lies in, which has to be built.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from checkout import BUILD_DEPS, build_folder, timed, tool
from common import ROOT

BUDGETS = {"setup.py develop": 0.12, "build_deps.py": 0.08}


def main() -> None:
    parser = argparse.ArgumentParser(description="A build with nothing to do.")
    parser.add_argument("--rounds", type=int, default=11, help="interleaved rounds; the median counts (default: 11)")
    arguments = parser.parse_args()
    build = build_folder(ROOT)
    commands = {
        "setup.py develop": (sys.executable, "setup.py", "develop"),
        "build_deps.py": BUILD_DEPS,
        "ninja alone": (tool(build, "CMAKE_MAKE_PROGRAM"), "-C", str(build)),
        "Python alone": (sys.executable, "-c", "pass"),
    }
    for name in ("setup.py develop", "build_deps.py"):
        timed(commands[name], ROOT)  # so that there really is nothing to do
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            times[name].append(timed(command, ROOT).wall)
    print("| nothing to do | median s | budget s |\n|---|---|---|")
    for name, values in times.items():
        budget = BUDGETS.get(name)
        print(f"| {name} | {statistics.median(values):.3f} | {'-' if budget is None else budget} |")


if __name__ == "__main__":
    main()
