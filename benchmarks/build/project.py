"""What a developer of this project waits for, beside cmake and ninja called directly with the same variables.

    python benchmarks/build/project.py --scenarios cold noop file header clone hold import --json project.json
    python benchmarks/build/render.py project.json

Copies of the checkout are built, in turns, one for each side. `noop` also measures `setup.py develop` in the checkout itself,
where that is built and registered; `import` registers it with rebuild-on-import, and without it at the end. The floor of the
first build comes from the direct one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from builders import NO_CACHE, Step, perform
from checkout import BUILD_DEPS, build_folder, cache_variables, copy_tree, tool
from common import ROOT, clean_environment, machine
from floor import floor, longest_chain
from forms import JOBS
from render import markdown
from scenarios import Row, cache_hits, objects

SCENARIOS = ("cold", "noop", "file", "header", "clone", "hold", "import")
DIRECT = "cmake + ninja"
_MARK = "benchmark edit %d"


class Project:
    """A copy of the checkout for each side, both below `folder`. The edited `file` ends up in `product`."""

    def __init__(self, folder: Path, file: str, header: str, product: str, jobs: int = JOBS) -> None:
        self.jobs = jobs
        self.file, self.header, self.product = file, header, product
        self.ours, self.raw = folder / "ours", folder / "raw"
        self.direct = folder / "direct"  # the build folder of `raw`
        self.user = folder / "user"  # what the caches of a user stand in: a first build finds it empty
        self.env = NO_CACHE | {"MAX_JOBS": str(jobs), "XDG_CACHE_HOME": str(self.user)}
        self.rows: dict[tuple[str, str], Row] = {}
        self._serial = 0

    def first(self, env: Mapping[str, str] | None = None, *, clone: str = "") -> None:
        """Both first builds, from fresh copies. The reference for the direct one is our build of the same round."""
        scenario = "clone" if clone else "cold"
        for folder in (self.ours, self.raw, self.direct, self.user):
            shutil.rmtree(folder, ignore_errors=True)
        self._measure(scenario, "ours", copy_tree(self.ours), [Step(BUILD_DEPS)], self.ours, env)
        reference = build_folder(self.ours)
        copy_tree(self.raw)
        configure = self._configure(reference, env or {})
        row = self._measure(scenario, DIRECT, self.direct, [configure, self._ninja()], self.raw, env)
        self.rows[scenario, "ours"].expected = row.expected = row.compiled[-1]
        if not clone:
            chain = longest_chain(self.direct, tool(reference, "CMAKE_MAKE_PROGRAM"))
            again = perform([configure], self.raw, self.env)
            row.floor.append(floor(cpu=row.cpu[-1], cores=self.jobs, configure=again.wall, chain=chain))

    def noop(self) -> None:
        """Nothing to do."""
        self._measure("noop", "ours", self.ours, [Step(BUILD_DEPS)], self.ours, expected=0)
        self._measure("noop", DIRECT, self.direct, [self._ninja()], self.raw, expected=0)
        self._measure("noop", "Python alone", self.direct, [Step((sys.executable, "-c", "pass"))], self.raw, expected=0)
        if (ROOT / "build/fast").is_dir():
            develop = [Step((sys.executable, "setup.py", "develop"))]
            if ("noop", "setup.py develop") not in self.rows:
                perform(develop, ROOT, {})  # so that there really is nothing to do
            self._measure("noop", "setup.py develop", ROOT / "build", develop, ROOT, {}, expected=0)

    def edit(self) -> None:
        """One C file: a string that nobody else sees, and that is found again in the product."""
        self._serial += 1
        mark = _MARK % self._serial
        line = f'static const char benchmark_edit_{self._serial}[] __attribute__((used)) = "{mark}";\n'
        for name, tree, counted, steps, product in self._sides(self.file, line):
            row = self._measure("file", name, counted, steps, tree, expected=1)
            if mark.encode() not in product.read_bytes():
                row.wrong.append(f"the change is not in {self.product}")

    def edit_header(self) -> None:
        """A public header of the lowest library: ninja's own count of its users is what both are held against."""
        self._serial += 1
        for name, tree, counted, steps, _ in self._sides(self.header, f"/* {_MARK % self._serial} */\n"):
            self._measure("header", name, counted, steps, tree)
        row = self.rows["header", DIRECT]
        self.rows["header", "ours"].expected = row.expected = row.compiled[-1]

    def clone(self, cache: Path, rounds: int) -> None:
        """Fresh copies in other folders, with a compiler cache that the first of them has filled."""
        home = self.ours.parent
        for number in range(rounds + 1):
            place = home / f"clone{number}"
            env = {"CCACHE_DIR": str(cache), "CCACHE_BASEDIR": str(place), "CCACHE_NOHASHDIR": "1", "MAX_JOBS": str(self.jobs)}
            env |= {"USE_CCACHE": "ON", "XDG_CACHE_HOME": str(cache)}
            other = Project(place, self.file, self.header, self.product, self.jobs)
            other.rows = self.rows if number else {}  # what fills the cache is no figure
            before = cache_hits(env) if number else 0
            other.first(env, clone="yes")
            if number == 1:
                row = self.rows["clone", "ours"]
                row.notes.append(f"and {DIRECT}: {cache_hits(env) - before} hits for two builds of {row.expected} units")
            shutil.rmtree(place)

    def hold(self, turn: int) -> None:
        """First builds that measure and hold memory, and that do not; who comes first alternates."""
        sides = [("ours", "ON"), ("HOLD_MEMORY=OFF", "OFF")]
        tree = self.ours.parent / "held"
        for name, value in sides if turn % 2 else reversed(sides):
            row = self._measure("hold", name, copy_tree(tree), [Step(BUILD_DEPS)], tree, self.env | {"HOLD_MEMORY": value})
            row.expected = row.compiled[0]
            shutil.rmtree(tree)

    def first_import(self) -> None:
        """`import torch` of the checkout itself, built and registered so that it looks for changes first; none are there."""
        program = [Step((sys.executable, "-c", "import torch"))]
        for name, env in (("ours", {}), ("TORCH_REBUILD=0", {"TORCH_REBUILD": "0"})):
            self._measure("import", name, ROOT / "build", program, self.ours.parent, env, expected=0)

    def _sides(self, name: str, text: str) -> list[tuple[str, Path, Path, list[Step], Path]]:
        """Appends `text` to a file on both sides. Returns what to build and where to look."""
        for tree in (self.ours, self.raw):
            with (tree / name).open("a", encoding="utf-8") as stream:
                stream.write(text)
        return [
            ("ours", self.ours, self.ours, [Step(BUILD_DEPS)], self.ours / "torch" / self.product),
            (DIRECT, self.raw, self.direct, [self._ninja()], self.direct / self.product),
        ]

    def _configure(self, reference: Path, env: Mapping[str, str]) -> Step:
        variables = [f"-D{name}={value}" for name, value in cache_variables(reference).items()]
        launchers = (
            {f"CMAKE_{language}_COMPILER_LAUNCHER": "ccache" for language in ("C", "CXX")} if "CCACHE_DIR" in env else {}
        )
        cmake = tool(reference, "CMAKE_COMMAND")
        return Step((cmake, "-S", str(self.raw), "-B", str(self.direct), "-G", "Ninja", *variables), launchers)

    def _ninja(self) -> Step:
        return Step((tool(build_folder(self.ours), "CMAKE_MAKE_PROGRAM"), "-C", str(self.direct), "-j", str(self.jobs)))

    def _measure(
        self,
        scenario: str,
        name: str,
        counted: Path,
        steps: Sequence[Step],
        tree: Path,
        env: Mapping[str, str] | None = None,
        expected: int | None = None,
    ) -> Row:
        row = self.rows.setdefault((scenario, name), Row(scenario, name, expected))
        env = self.env if env is None else dict(env)
        before = objects(counted)
        timing = perform(steps, tree, env)
        row.seconds.append(timing.wall)
        row.cpu.append(timing.cpu)
        row.compiled.append(sum(before.get(path) != stamp for path, stamp in objects(counted).items()))
        print(f"  {scenario}: {name}: {timing.wall:.3f} s, {row.compiled[-1]} compiled", file=sys.stderr, flush=True)
        return row


def measure(project: Project, scenarios: Sequence[str], rounds: int, cache: Path | None = None) -> list[Row]:
    """All rows. A first build is made once if others need it."""
    for _ in range(rounds if "cold" in scenarios else bool({"noop", "file", "header"} & {*scenarios})):
        project.first()
        perform([Step(BUILD_DEPS)], project.ours, project.env)
    for _ in range(rounds):
        for name, scenario in (("noop", project.noop), ("file", project.edit), ("header", project.edit_header)):
            if name in scenarios:
                scenario()
    for turn in range(rounds if "hold" in scenarios else 0):
        project.hold(turn)
    if "import" in scenarios:
        develop = (sys.executable, "setup.py", "develop")
        perform([Step((*develop, "--rebuild-on-import")), Step((sys.executable, "-c", "import torch"))], ROOT, {})
        for _ in range(rounds):
            project.first_import()
        perform([Step(develop)], ROOT, {})
    if "clone" in scenarios:
        project.clone(cache or project.ours.parent / "ccache", rounds)
    return [row for row in project.rows.values() if row.scenario in scenarios]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What a developer of this project waits for.")
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=["cold", "noop", "file"])
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the medians count (default: 3)")
    parser.add_argument("--file", default="lib/TH/src/core/THStorage.c", help="the C file to edit")
    parser.add_argument("--product", default="lib/libTH.so.1", help="the library that this file ends up in")
    parser.add_argument("--header", default="lib/TH/include/TH/THStatus.h", help="the public header to edit")
    parser.add_argument(
        "--jobs", type=int, default=JOBS, help=f"what both sides are told, and the cores of the floor (default: {JOBS})"
    )
    parser.add_argument("--cache", type=Path, help="folder of the clones' compiler cache; kept (default: a temporary one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="build-benchmark-") as folder:
        project = Project(Path(folder), arguments.file, arguments.header, arguments.product, arguments.jobs)
        rows = measure(project, arguments.scenarios, arguments.rounds, arguments.cache and arguments.cache.absolute())
    record = {
        "kind": "scenarios",
        "subject": "this project",
        "machine": machine() | {"jobs": str(arguments.jobs)},
        "cleared": clean_environment()[1],
        "versions": {},
        "rounds": arguments.rounds,
        "rows": [asdict(row) for row in rows],
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(markdown(record))


if __name__ == "__main__":
    main()
