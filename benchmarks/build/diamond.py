"""Other people's projects: six generated CMake projects with a diamond of needs, sequential scripts against the orchestrator.

    python benchmarks/build/diamond.py --units 20 --rounds 3 --json diamond.json

        Base        Extra       Each project is plain CMake that finds the others with find_package in the prefix.
       /    \\         |        "script" is what a person writes: for each project cmake, ninja, install, with all jobs.
     Left  Right      |
       \\    /         |
        Top --------- |
          \\          /
             Crown

Besides: what the job server costs a ninja that runs alone, and what the memory launcher costs each unit.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checkout import timed
from common import ROOT, machine

NEEDS = {
    "Base": (),
    "Left": ("Base",),
    "Right": ("Base",),
    "Extra": (),
    "Top": ("Left", "Right"),
    "Crown": ("Top", "Extra"),
}
# One function of so many terms: a unit takes about 0.2 s to compile.
TERMS = 120
TRIVIAL = 400


def write_family(folder: Path, units: int) -> None:
    """The six projects and the manifest."""
    rows = ['[framework]\nname = "diamond"\nversion = "1.0"\n']
    for name, needs in NEEDS.items():
        place = folder / name.lower()
        (place / "src").mkdir(parents=True)
        for unit in range(units):
            (place / "src" / f"{name}{unit}.c").write_text(unit_text(name, unit), encoding="utf-8")
        (place / f"{name}.h").write_text(f"int {name}0(int x);\n", encoding="utf-8")
        (place / "CMakeLists.txt").write_text(cmake_text(name, needs), encoding="utf-8")
        rows.append(f'[project.{name}]\nsource = "{name.lower()}"\nneeds = {json.dumps(list(needs))}\n')
    (folder / "libraries.toml").write_text("\n".join(rows), encoding="utf-8")


def unit_text(name: str, unit: int) -> str:
    """One C file."""
    calls = "".join(f'#include "{need}.h"\n' for need in NEEDS[name]) if unit == 0 else ""
    used = "".join(f" + {need}0(x)" for need in NEEDS[name]) if unit == 0 else ""
    body = "".join(f"    y = (y * {2 * term + 3}) ^ (y >> {term % 13 + 1}) % {term + 7};\n" for term in range(TERMS))
    return f"{calls}int {name}{unit}(int x) {{\n    int y = x{used};\n{body}    return y;\n}}\n"


def cmake_text(name: str, needs: Sequence[str]) -> str:
    """A project as thousands are."""
    found = "".join(f"find_package({need} REQUIRED)\n" for need in needs)
    packages = "".join(f"find_dependency({need})\\n" for need in needs)
    linked = " ".join(f"{need}::{need}" for need in needs)
    return f"""cmake_minimum_required(VERSION 3.10)
project({name} VERSION 1.0 LANGUAGES C)
{found}file(GLOB sources src/*.c)
add_library({name} SHARED ${{sources}})
target_include_directories({name} PUBLIC "$<BUILD_INTERFACE:${{CMAKE_CURRENT_SOURCE_DIR}}>" "$<INSTALL_INTERFACE:include>")
target_link_libraries({name} PUBLIC {linked})
install(TARGETS {name} EXPORT {name} LIBRARY DESTINATION lib)
install(FILES {name}.h DESTINATION include)
install(EXPORT {name} NAMESPACE {name}:: FILE {name}Targets.cmake DESTINATION lib/cmake/{name})
file(WRITE "${{CMAKE_BINARY_DIR}}/{name}Config.cmake"
  "include(CMakeFindDependencyMacro)\\n{packages}include(${{CMAKE_CURRENT_LIST_DIR}}/{name}Targets.cmake)\\n")
install(FILES "${{CMAKE_BINARY_DIR}}/{name}Config.cmake" DESTINATION lib/cmake/{name})
""".replace("include(${CMAKE_CURRENT_LIST_DIR}", "include(\\${CMAKE_CURRENT_LIST_DIR}")


def script(folder: Path, jobs: int, cmake: str, ninja: str) -> str:
    """The sequential way, as a shell script."""
    prefix = folder / "script-prefix"
    lines = ["set -e"]
    for name in ("Base", "Left", "Right", "Extra", "Top", "Crown"):
        tree = folder / "script" / name
        lines.append(
            f"{cmake} -S {folder / name.lower()} -B {tree} -G Ninja -DCMAKE_MAKE_PROGRAM={ninja} -DCMAKE_BUILD_TYPE=Release "
            f"-DCMAKE_INSTALL_PREFIX={prefix} -DCMAKE_PREFIX_PATH={prefix}"
        )
        lines += [f"{ninja} -C {tree} -j {jobs}", f"{cmake} --install {tree}"]
    return "\n".join(lines)


def programs() -> tuple[str, str]:
    """cmake and ninja as the orchestrator would take them."""
    sys.path.insert(0, str(ROOT / "tools"))
    from orchestrator.detect import Context, detect
    from orchestrator.options import BUILTIN, resolve

    found = detect(["cmake", "ninja"], Context(resolve(BUILTIN, {}, ()), os.environ))
    return found["cmake"].values["program"], found["ninja"].values["program"]


def family_rows(folder: Path, units: int, rounds: int, jobs: int) -> dict[str, list[float]]:
    """Cold and with nothing to do: the script, us, and us without CMake's remembered answers (a new machine)."""
    cmake, ninja = programs()
    env = {"CCACHE_DISABLE": "1", "XDG_CACHE_HOME": str(folder / "user")}
    write_family(folder, units)
    shell = ["sh", "-c", script(folder, jobs, cmake, ninja)]
    ours = [sys.executable, str(ROOT / "tools/build_deps.py"), "--manifest", str(folder / "libraries.toml"), "-j", str(jobs)]
    ours += ["-D", "USE_CCACHE=OFF"]
    rows: dict[str, list[float]] = {}

    def clear() -> None:
        for name in ("script", "script-prefix", "build"):
            shutil.rmtree(folder / name, ignore_errors=True)

    for _ in range(rounds):
        clear()
        shutil.rmtree(folder / "user", ignore_errors=True)
        rows.setdefault("script, first build", []).append(timed(shell, folder, env).wall)
        rows.setdefault("ours, first build on a new machine", []).append(timed(ours, folder, env).wall)
        shutil.rmtree(folder / "build")
        rows.setdefault("ours, first build in a new folder", []).append(timed(ours, folder, env).wall)
        rows.setdefault("script, nothing to do", []).append(timed(shell, folder, env).wall)
        rows.setdefault("ours, nothing to do", []).append(timed(ours, folder, env).wall)
        print("; ".join(f"{name} {values[-1]:.2f} s" for name, values in rows.items()), file=sys.stderr, flush=True)
    return rows


def cost_rows(folder: Path, rounds: int, jobs: int) -> dict[str, list[float]]:
    """Milliseconds for each of many trivial commands: plain, through the job server, through the memory launcher."""
    _, ninja = programs()
    from orchestrator.cachefolder import CacheFolder
    from orchestrator.detect import Context, detect
    from orchestrator.jobserver import JobServer
    from orchestrator.launcher import find_launcher, launcher_arguments
    from orchestrator.options import BUILTIN, resolve

    found = detect(["compiler"], Context(resolve(BUILTIN, {}, ()), os.environ))
    item = find_launcher(found, CacheFolder(folder / "launcher"), folder, wanted=True, dry_run=False)
    rows: dict[str, list[float]] = {}

    def run(title: str, through: Sequence[str], arguments: Sequence[str], more: dict[str, str]) -> None:
        tree = folder / "trivial"
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        rule = f"rule unit\n  command = {' '.join(through)} /bin/true -o $out\n"
        (tree / "build.ninja").write_text(rule + "".join(f"build {n}.o: unit\n" for n in range(TRIVIAL)), encoding="utf-8")
        took = timed([ninja, "-C", str(tree), *arguments], tree, more).wall
        rows.setdefault(title, []).append(took / TRIVIAL * 1000)

    through = launcher_arguments(item, folder / "trivial", folder)
    for _ in range(rounds):
        run("a command", [], ["-j", str(jobs)], {})
        run("a command through the memory launcher", through, ["-j", str(jobs)], {})
        with JobServer(jobs) as server:
            server.take()
            run("a command under the job server", [], [], dict(server.budget().variables))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the medians, and writes all figures as JSON."""
    parser = argparse.ArgumentParser(
        description="A diamond of six CMake projects: sequential scripts against the orchestrator."
    )
    parser.add_argument("--units", type=int, default=20, help="C files of each project (default: 20)")
    parser.add_argument("--rounds", type=int, default=3, help="the medians count (default: 3)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="default: the processors")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="diamond-") as temporary:
        family = family_rows(Path(temporary), arguments.units, arguments.rounds, arguments.jobs)
        costs = cost_rows(Path(temporary), arguments.rounds, arguments.jobs)
    record = {
        "kind": "diamond",
        "machine": machine() | {"jobs": str(arguments.jobs)},
        "units": arguments.units,
        "seconds": family,
        "milliseconds": costs,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("| what | median |\n|---|---|")
    for name, values in family.items():
        print(f"| {name} | {statistics.median(values):.3f} s |")
    for name, values in costs.items():
        print(f"| {name} | {statistics.median(values):.2f} ms |")


if __name__ == "__main__":
    main()
