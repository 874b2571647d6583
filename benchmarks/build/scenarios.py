"""What a developer waits for, with this project's orchestrator and with its peers, on a synthetic framework.

    python benchmarks/build/scenarios.py --quick
    python benchmarks/build/scenarios.py --libraries 6 --units 50 --environments /tmp/environments --json results.json
    python benchmarks/build/render.py results.json

Every figure is one command line, from the start of the process to its end. A round visits every tool before the next round
begins, and what each build did is checked: the value that the extension returns, and how many C files were compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from builders import HOUSE, TOOLS, Raw, Step, Tool, environment, perform
from common import clean_environment, machine
from floor import floor, longest_chain
from forms import FORMS, JOBS
from generated import Shape, Values, change, sources, write_files
from render import markdown

Stamps = dict[str, tuple[int, int]]


@dataclass
class Row:
    """All samples of one scenario in one tool. `expected` C files have to be compiled (None: they cannot be counted); `wrong`
    names what a build did not do."""

    scenario: str
    tool: str
    expected: int | None
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    compiled: list[int] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Place:
    """A tool with its checkout and what the constants in it are."""

    tool: Tool
    tree: Path
    values: Values = field(default_factory=Values)

    @property
    def user(self) -> Path:
        """What the caches of a user stand in: a first build finds it empty."""
        return self.tree.parent / "user"

    @property
    def env(self) -> dict[str, str]:
        """Variables that all commands get."""
        return self.tool.environment(self.user)


class Bench:
    """Runs scenarios. `say` gets a line for each sample."""

    def __init__(self, shape: Shape, tools: Sequence[Tool], folder: Path, say: Callable[[str], None]) -> None:
        self.shape, self.folder, self.say = shape, folder, say
        self.places = [Place(tool, folder / tool.folder / "checkout") for tool in tools]
        self.rows: dict[tuple[str, str], Row] = {}
        self._serial = 1

    def run(self, scenario: str, rounds: int) -> None:
        """Measures a scenario in all tools that have it."""
        places = [place for place in self.places if scenario in place.tool.scenarios]
        for _ in range(rounds):
            for place in places:
                getattr(self, "_" + scenario)(place)

    def prepare(self) -> None:
        """A built checkout for every tool that has none yet."""
        for place in self.places:
            if not place.tree.exists():
                self._write(place)
                perform(place.tool.first(place.tree), place.tree, place.env)
            perform(place.tool.prime(place.tree), place.tree, place.env)

    def _write(self, place: Place) -> None:
        if place.tree.exists():
            perform(place.tool.forget(place.tree), place.tree, place.env)
            shutil.rmtree(place.tree)
        place.values = Values()
        write_files(place.tree, sources(self.shape, place.values))
        write_files(place.tree, FORMS[place.tool.form](self.shape))

    def _cold(self, place: Place) -> None:
        self._write(place)
        shutil.rmtree(place.user, ignore_errors=True)
        row = self._measure("cold", place, place.tool.first(place.tree), expected=self.shape.total)
        if isinstance(place.tool, Raw):
            build = place.tree / "build"
            chain = longest_chain(build, place.tool.ninja)
            again = perform(place.tool.first(place.tree)[:1], place.tree, place.env)
            row.floor.append(floor(cpu=row.cpu[-1], cores=JOBS, configure=again.wall, chain=chain))
        perform(place.tool.prime(place.tree), place.tree, place.env)

    def _noop(self, place: Place) -> None:
        self._measure("noop", place, place.tool.update(place.tree), expected=0)

    def _file(self, place: Place) -> None:
        place.values = replace(place.values, step=self._next())
        change(place.tree, self.shape.changed_file, "STEP", place.values.step)
        self._measure("file", place, place.tool.update(place.tree), expected=1)

    def _header(self, place: Place) -> None:
        place.values = replace(place.values, base=self._next())
        change(place.tree, self.shape.changed_header, f"{self.shape.table[0].name}_BASE", place.values.base)
        self._measure("header", place, place.tool.update(place.tree), expected=self.shape.header_users)

    def _option(self, place: Place) -> None:
        place.values = replace(place.values, scale=self._next())
        steps = place.tool.option(place.tree, self.shape.option, place.values.scale)
        self._measure("option", place, steps, expected=self.shape.units)
        place.values = replace(place.values, scale=1)
        perform(place.tool.option(place.tree, self.shape.option, 1), place.tree, place.env)

    def _again(self, place: Place) -> None:
        ways = place.tool.again(place.tree)
        for label, steps in ways.items():
            # So that it really is installed already, and in this way: another way rewrites what the environment knows.
            if len(ways) > 1 or ("again", label) not in self.rows:
                perform(steps, place.tree, place.env)
            self._measure("again", place, steps, expected=0, label=label)
        perform(place.tool.prime(place.tree), place.tree, place.env)

    def _clone(self, place: Place) -> None:
        """Another checkout in another folder, beside the cache that the first one has filled."""
        if shutil.which("ccache") is None:
            raise SystemExit("the scenario `clone` needs ccache (apt install ccache)")
        home = place.tree.parent
        cache, stock = home / "ccache", Place(place.tool, home / "stock")
        if not cache.exists():
            self._write(stock)
            perform(place.tool.first(stock.tree), stock.tree, place.tool.cached(cache, stock.tree))
        perform(place.tool.forget(place.tree), Path("/"), place.env)
        other = Place(place.tool, home / f"clone{self._next()}")
        self._write(other)
        env = place.tool.cached(cache, other.tree)
        before = cache_hits(env)
        row = self._measure("clone", other, place.tool.first(other.tree), expected=self.shape.total, env=env)
        hits = cache_hits(env) - before
        if hits < self.shape.total:
            row.notes.append(f"only {hits} of {self.shape.total} C files came from the cache")
        shutil.rmtree(other.tree)
        if place.tool.registers:  # the environment knows one checkout at a time
            perform(place.tool.first(place.tree), place.tree, place.env)

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _measure(
        self,
        scenario: str,
        place: Place,
        steps: Sequence[Step],
        *,
        expected: int,
        label: str = "",
        env: dict[str, str] | None = None,
    ) -> Row:
        label = label or place.tool.name
        counted = None if scenario in place.tool.uncounted else expected
        row = self.rows.setdefault((scenario, label), Row(scenario, label, counted))
        env = env or place.env
        before = objects(place.tree)
        timing = perform(steps, place.tree, env)
        row.seconds.append(timing.wall)
        row.cpu.append(timing.cpu)
        row.compiled.append(sum(before.get(name) != stamp for name, stamp in objects(place.tree).items()))
        wrong = self._check(place, env)
        if wrong and wrong not in row.wrong:
            row.wrong.append(wrong)
        done = "compilations not counted" if counted is None else f"{row.compiled[-1]} of {expected} compiled"
        self.say(f"  {scenario}: {label}: {timing.wall:.3f} s, {done}{', ' * bool(wrong)}{wrong}")
        return row

    def _check(self, place: Place, env: dict[str, str]) -> str:
        """Nothing, or what the built extension says instead of what the sources say."""
        step = place.tool.probe(place.tree)
        environ = {**clean_environment()[0], **env, **step.env}
        done = subprocess.run(step.command, cwd="/", env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"cannot be imported: {done.stderr.strip().splitlines()[-1]}"
        found = json.loads(done.stdout.splitlines()[-1])[:3]
        wanted = [place.values.step, place.values.base, place.values.scale]
        names = [name for name, is_, should in zip(("step", "base", "scale"), found, wanted, strict=True) if is_ != should]
        return f"the change of {' and '.join(names)} is not in the package" if names else ""


def objects(tree: Path) -> Stamps:
    """All object files below a folder, with inode and time: a compilation makes new ones."""
    found = {}
    for folder, _, names in os.walk(tree):
        for name in names:
            if name.endswith(".o"):
                status = Path(folder, name).stat()
                found[f"{folder}/{name}"] = (status.st_ino, status.st_mtime_ns)
    return found


def cache_hits(env: Mapping[str, str]) -> int:
    """How many compilations the cache has served so far."""
    environ = {**clean_environment()[0], **env}
    out = subprocess.run(["ccache", "--print-stats"], env=environ, capture_output=True, text=True, check=True).stdout
    counts = dict(line.split("\t", 1) for line in out.splitlines())
    return int(counts.get("direct_cache_hit", 0)) + int(counts.get("preprocessed_cache_hit", 0))


SCENARIOS = ("cold", "noop", "file", "header", "option", "again", "clone")


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a developer waits for, on a synthetic framework.")
    parser.add_argument("--quick", action="store_true", help="tiny, without peers and package index: does everything work?")
    parser.add_argument("--tools", nargs="+", choices=sorted(TOOLS), default=list(TOOLS))
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--libraries", type=int, default=6)
    parser.add_argument("--units", type=int, default=50, help="C files of each library (default: 50)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the medians count (default: 3)")
    parser.add_argument("--environments", type=Path, help="folder of the tools' environments, made if missing; kept")
    parser.add_argument("--work", type=Path, help="folder to build in; kept (default: a temporary one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args(argv)
    if arguments.quick:
        arguments.tools = [name for name in arguments.tools if name in HOUSE]
        arguments.scenarios = [name for name in arguments.scenarios if name not in ("again", "clone")]
        arguments.libraries, arguments.units, arguments.rounds = 2, 2, 1
    return arguments


def measure(shape: Shape, tools: Sequence[Tool], scenarios: Iterable[str], rounds: int, folder: Path) -> list[Row]:
    """All rows, in the order of SCENARIOS: the first ones leave the trees that the later ones need."""
    bench = Bench(shape, tools, folder, lambda line: print(line, file=sys.stderr, flush=True))
    asked = set(scenarios)
    if "cold" in asked:
        bench.run("cold", rounds)
    bench.prepare()
    for scenario in SCENARIOS[1:]:
        if scenario in asked:
            bench.run(scenario, rounds)
    return list(bench.rows.values())


def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parse(argv)
    with tempfile.TemporaryDirectory(prefix="build-benchmark-") as temporary:
        work = arguments.work or Path(temporary)
        places = arguments.environments or Path(temporary) / "environments"
        pythons = {name: sys.executable if arguments.quick else environment(name, places) for name in arguments.tools}
        tools = [TOOLS[name](pythons[name]) for name in arguments.tools]
        shape = Shape(arguments.libraries, arguments.units)
        rows = measure(shape, tools, arguments.scenarios, arguments.rounds, work)
        record = {
            "kind": "scenarios",
            "subject": f"{shape.libraries} libraries with {shape.units} C files each, and an extension",
            "machine": machine() | {"jobs": str(JOBS)},
            "cleared": clean_environment()[1],
            "versions": {} if arguments.quick else {tool.name: tool.versions() for tool in tools},
            "rounds": arguments.rounds,
            "rows": [asdict(row) for row in rows],
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(markdown(record))


if __name__ == "__main__":
    main()
