"""What a wheel costs beside its compilation: packing the same files with each tool, and further Pythons.

    python benchmarks/build/payload.py --megabytes 0 300 --environments /tmp/environments --json payload.json
    python benchmarks/build/payload.py --pythons 3.11 3.12 3.13 --environments /tmp/environments --json pythons.json

Packing: the synthetic framework with so many megabytes among its public headers, which every tool ships. The libraries are
built before; each round makes the wheel again with every tool (`pip wheel --no-build-isolation`). The payload is what wheels of
this kind hold: the carried OpenBLAS, cut and turned so that no two files are the same.

Pythons: wheels for all of them from a fresh checkout, without a compiler cache. build_wheels.py is one command; the peers are
called once for each Python.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from builders import NO_CACHE, TOOLS, Step, Tool, environment, perform
from common import ROOT, clean_environment, machine
from forms import FORMS, JOBS
from generated import Shape, Values, sources, write_files

PEERS = ("ours", "scikit-build-core", "meson-python")
FILE = 25_000_000  # bytes of each file of the payload
_WHEEL = ("-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps", "-w", "out", ".")
_MORE = {"meson-python": ("-Cbuild-dir=build",)}


@dataclass(frozen=True)
class Packed:
    """Medians of the wall and CPU seconds of making a wheel with so many megabytes, all wall seconds, and its size in bytes."""

    megabytes: int
    tool: str
    median: float
    cpu: float
    seconds: list[float]
    size: int


@dataclass(frozen=True)
class Series:
    """Seconds for each Python's wheel, in the order in which they were made."""

    tool: str
    pythons: list[str]
    seconds: list[float]


def payload(folder: Path, megabytes: int) -> None:
    """Files of 25 MB below `folder`, which together have that size."""
    spec = importlib.util.find_spec("scipy_openblas32")
    if spec is None or spec.origin is None:
        raise SystemExit("the payload is made from the package scipy-openblas32: python setup.py develop installs it")
    material = (Path(spec.origin).parent / "lib" / "libscipy_openblas.so").read_bytes()
    left = megabytes * 1_000_000
    while left > 0:
        number = left // FILE
        turned = material[number * 100_003 :] + material[: number * 100_003]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"payload{number:03d}.bin").write_bytes(turned[: min(left, FILE)])
        left -= FILE


def checkout(tool: Tool, shape: Shape, tree: Path, megabytes: int) -> Path:
    """The framework in the tool's form, with the payload."""
    write_files(tree, sources(shape, Values()))
    write_files(tree, FORMS[tool.form](shape))
    payload(tree / shape.table[0].name / "include" / "payload", megabytes)
    return tree


def wheel_steps(tool: Tool) -> list[Step]:
    """One wheel, into the folder `out`."""
    return [Step((tool.python, *_WHEEL, *_MORE.get(tool.name, ())))]


def pack(tools: Sequence[Tool], megabytes: int, rounds: int, folder: Path) -> Iterator[Packed]:
    """Times and sizes of wheels that hold the same files."""
    shape = Shape(2, 2)
    trees = {tool.name: checkout(tool, shape, folder / f"{tool.folder}-{megabytes}", megabytes) for tool in tools}
    seconds: dict[str, list[float]] = {tool.name: [] for tool in tools}
    cpu: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for number in range(rounds + 1):  # the first one compiles
        for tool in tools:
            tree = trees[tool.name]
            shutil.rmtree(tree / "out", ignore_errors=True)
            timing = perform(wheel_steps(tool), tree, tool.environment(folder / "user"))
            if number:
                seconds[tool.name].append(timing.wall)
                cpu[tool.name].append(timing.cpu)
                print(f"  {megabytes} MB: {tool.name}: {timing.wall:.2f} s", file=sys.stderr, flush=True)
    for tool in tools:
        (wheel,) = (trees[tool.name] / "out").glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            held = sum(entry.file_size for entry in archive.infolist() if "payload" in entry.filename)
        if held != megabytes * 1_000_000:
            raise SystemExit(f"{wheel} holds {held} bytes of the payload")
        medians = [statistics.median(values[tool.name]) for values in (seconds, cpu)]
        yield Packed(megabytes, tool.name, *medians, seconds[tool.name], wheel.stat().st_size)
        shutil.rmtree(trees[tool.name])


def further(names: Sequence[str], pythons: Sequence[str], shape: Shape, places: Path, folder: Path) -> Iterator[Series]:
    """Seconds until the wheel of each Python stands there, from a fresh checkout."""
    for name in names:
        if name == "ours":
            tool = TOOLS[name](sys.executable)
            tree = checkout(tool, shape, folder / "ours", 0)
            command = [sys.executable, str(ROOT / "tools/build_wheels.py"), "--manifest", str(tree / "libraries.toml")]
            words = ["--python", *pythons, "-j", str(JOBS), "--json", "--quiet"]
            env = {**clean_environment()[0], **NO_CACHE, "XDG_CACHE_HOME": str(folder / "user")}
            done = subprocess.run([*command, *words], cwd=tree, env=env, check=True, capture_output=True, text=True)
            answer = json.loads(done.stdout)
            found = [wheel["extension_seconds"] + wheel["writing_seconds"] for wheel in answer["wheels"]]
            found[0] += answer["libraries"]["seconds"]
        else:
            found = []
            for python in pythons:
                tool = TOOLS[name](_environment_for(name, python, places))
                tree = checkout(tool, shape, folder / f"{tool.folder}-{python}", 0)
                found.append(perform(wheel_steps(tool), tree, tool.environment(folder / "user")).wall)
        print(f"  {name}: {', '.join(f'{value:.1f} s' for value in found)}", file=sys.stderr, flush=True)
        yield Series(name, list(pythons), found)


def _environment_for(name: str, python: str, places: Path) -> str:
    """An environment of the tool for that Python, made with pip if it is not there."""
    sys.path.insert(0, str(ROOT / "tools"))
    from orchestrator.packaging.interpreters import find_interpreters

    place = places / f"{name}-{python}"
    program = place / "bin" / "python"
    if not program.exists():
        (found,) = find_interpreters([python], os.environ)
        subprocess.run([str(found.program), "-m", "venv", str(place)], check=True)
        pip = [str(program), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS[name].packages]
        subprocess.run(pip, check=True)
    return str(program)


def markdown(packed: Sequence[Packed], series: Sequence[Series]) -> str:
    """The tables of what was measured."""
    tables = []
    if packed:
        rows = [
            [f"{row.megabytes} MB", row.tool, f"{row.median:.2f} s", f"{row.cpu:.2f} s", f"{row.size / 1e6:.2f} MB"]
            for row in packed
        ]
        tables.append([["payload", "tool", "time", "CPU", "wheel"], *rows])
    if series:
        heads = [f"wheel for {python}" for python in series[0].pythons]
        tables.append([["tool", *heads], *([row.tool, *(f"{value:.1f} s" for value in row.seconds)] for row in series)])
    for table in tables:
        table.insert(1, ["---"] * len(table[0]))
    return "\n\n".join("\n".join("| " + " | ".join(line) + " |" for line in table) for table in tables)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What a wheel costs beside its compilation.")
    parser.add_argument("--tools", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--megabytes", nargs="+", type=int, default=[], help="sizes of payloads to pack")
    parser.add_argument("--pythons", nargs="+", default=[], metavar="X.Y", help="make wheels for these instead")
    parser.add_argument("--libraries", type=int, default=4, help="of the framework that --pythons builds (default: 4)")
    parser.add_argument("--units", type=int, default=50, help="C files of each library (default: 50)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the median counts (default: 3)")
    parser.add_argument("--environments", type=Path, required=True, help="folder of environments, made if missing; kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args(argv)
    packed: list[Packed] = []
    series: list[Series] = []
    with tempfile.TemporaryDirectory(prefix="payload-benchmark-") as temporary:
        if arguments.megabytes:
            tools = [TOOLS[name](environment(name, arguments.environments)) for name in arguments.tools]
            for megabytes in arguments.megabytes:
                packed += pack(tools, megabytes, arguments.rounds, Path(temporary))
        if arguments.pythons:
            shape = Shape(arguments.libraries, arguments.units)
            series += further(arguments.tools, arguments.pythons, shape, arguments.environments, Path(temporary))
    record: dict[str, object] = {
        "kind": "payload",
        "machine": machine() | {"jobs": str(JOBS)},
        "cleared": clean_environment()[1],
    }
    record |= {"packed": [asdict(row) for row in packed], "pythons": [asdict(row) for row in series]}
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(markdown(packed, series))


if __name__ == "__main__":
    main()
