"""How a build with nothing to do grows with the framework: 10, 20 and 50 libraries of 100 C files.

    python benchmarks/build/growth.py --libraries 10 20 50 --json growth.json

One checkout of each tool grows: libraries are added and built, and then the build with nothing to do is measured. `Python
alone` is what no command of Python's can be faster than.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from builders import TOOLS, Step, Tool, environment, perform
from common import clean_environment, machine
from forms import FORMS, JOBS
from generated import Shape, Values, sources, write_files
from render import markdown
from scenarios import Row, objects

START = "Python alone"


@dataclass
class GrowthRow(Row):
    """A row of "nothing to do" at a size: `units` C files."""

    units: int = 0


def grow(shape: Shape, tools: Sequence[Tool], rounds: int, folder: Path) -> list[GrowthRow]:
    """Brings each tool's checkout to `shape` and measures the build after that."""
    for tool in tools:
        tree = folder / tool.folder
        write_files(tree, sources(shape, Values()))
        write_files(tree, FORMS[tool.form](shape))
        taken = perform(tool.first(tree), tree, tool.environment(folder / "user"))
        print(f"{tool.name}: {shape.total} C files built in {taken.wall:.1f} s", file=sys.stderr, flush=True)
        perform(tool.prime(tree), tree, tool.environment(folder / "user"))
    start = Step((sys.executable, "-c", "pass"))
    rows = [GrowthRow("noop", name, 0, units=shape.total) for name in (*(tool.name for tool in tools), START)]
    before = {tool.name: objects(folder / tool.folder) for tool in tools}
    for _ in range(rounds):
        for row, tool in zip(rows, tools, strict=False):
            tree = folder / tool.folder
            row.seconds.append(perform(tool.update(tree), tree, tool.environment(folder / "user")).wall)
        rows[-1].seconds.append(perform([start], folder, {}).wall)
    for row, tool in zip(rows, tools, strict=False):
        after = objects(folder / tool.folder)
        row.compiled.append(sum(before[tool.name].get(name) != stamp for name, stamp in after.items()))
    rows[-1].compiled.append(0)
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="How a build with nothing to do grows with the framework.")
    parser.add_argument("--tools", nargs="+", choices=sorted(TOOLS), default=["ours", "raw", "ninja"])
    parser.add_argument("--libraries", nargs="+", type=int, default=[10, 20, 50])
    parser.add_argument("--units", type=int, default=100, help="C files of each library (default: 100)")
    parser.add_argument("--rounds", type=int, default=11, help="interleaved rounds; the medians count (default: 11)")
    parser.add_argument("--environments", type=Path, help="folder of the tools' environments, made if missing; kept")
    parser.add_argument("--work", type=Path, help="folder to build in; kept (default: a temporary one)")
    parser.add_argument("--here", action="store_true", help="use the running interpreter's cmake and ninja: no environments")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args(argv)
    rows: list[GrowthRow] = []
    with tempfile.TemporaryDirectory(prefix="build-benchmark-") as temporary:
        places = arguments.environments or Path(temporary) / "environments"
        tools = [TOOLS[name](sys.executable if arguments.here else environment(name, places)) for name in arguments.tools]
        for number in sorted(arguments.libraries):
            rows += grow(Shape(number, arguments.units), tools, arguments.rounds, arguments.work or Path(temporary))
        versions = {} if arguments.here else {tool.name: tool.versions() for tool in tools}
    record = {
        "kind": "growth",
        "subject": f"nothing to do, libraries with {arguments.units} C files each",
        "machine": machine() | {"jobs": str(JOBS)},
        "cleared": clean_environment()[1],
        "versions": versions,
        "rounds": arguments.rounds,
        "rows": [asdict(row) for row in rows],
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(markdown(record))


if __name__ == "__main__":
    main()
