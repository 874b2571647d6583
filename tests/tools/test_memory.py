"""The memory of units: what the launcher records, and how it holds back what would not fit."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from orchestrator.cachefolder import CacheFolder
from orchestrator.detect import Context, Found, Missing, detect
from orchestrator.launcher import find_launcher, launcher_arguments, launcher_variables
from orchestrator.memory import LOG, TABLE, UnitMemory, begin_memory, read_memory
from orchestrator.options import BUILTIN, resolve

from .conftest import Family

MIB = 1 << 20
WAIT = "import sys, time; time.sleep(0.25)"


@pytest.fixture(scope="session")
def found() -> dict[str, Found]:
    """The compiler and ninja of this machine."""
    context = Context(resolve(BUILTIN, {}, ()), os.environ)
    return {name: item for name, item in detect(["compiler", "ninja"], context).items() if isinstance(item, Found)}


@pytest.fixture(scope="session")
def launcher(found: dict[str, Found], tmp_path_factory: pytest.TempPathFactory) -> Found:
    """The compiled program."""
    kept = CacheFolder(tmp_path_factory.mktemp("user") / "cache")
    item = find_launcher(found, kept, Path("unused"), wanted=True, dry_run=False)
    assert isinstance(item, Found)
    return item


class Tree:
    """A build tree on a machine with so many bytes available (`limit`: in a control group)."""

    def __init__(self, folder: Path, launcher: Found, available: int, files: dict[str, str] | None = None) -> None:
        self.folder, root = folder, folder / "root"
        texts = {
            "proc/meminfo": f"MemTotal: 1\nMemAvailable: {available // 1024} kB\n",
            "proc/self/cgroup": "",
            **(files or {}),
        }
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        self.start = [*launcher_arguments(launcher, folder, folder), f"--root={root}"]

    def run(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """A command that makes `name`; by default one that takes a moment."""
        return subprocess.Popen([*self.start, *(command or (sys.executable, "-c", WAIT)), "-o", name])

    def knows(self, peak: int, *names: str) -> None:
        """As if the units had been measured."""
        rows = (
            f'{{"output": "{name}", "peak_bytes": {peak}, "wait_seconds": 0, "start": 1, "seconds": 1}}\n' for name in names
        )
        (self.folder / LOG).write_text("".join(rows), encoding="utf-8")

    def most_at_once(self, *names: str) -> int:
        """Runs all of them together; how many ran at the same time, by their records."""
        assert [process.wait() for process in [self.run(name) for name in names]] == [0] * len(names)
        marks = []
        for unit in read_memory(self.folder)[-len(names) :]:
            begin = unit.start + unit.wait_seconds
            marks += [(begin, 1), (begin + unit.seconds - 0.002, -1)]
        running = most = 0
        for _, change in sorted(marks):
            running += change
            most = max(most, running)
        return most


def test_records_are_read_and_damaged_lines_left_out(tmp_path: Path) -> None:
    whole = '{"output": "a.o", "peak_bytes": 41943040, "wait_seconds": 0.25, "start": 1790000000.5, "seconds": 1.5}'
    (tmp_path / LOG).write_text(f'{whole}\n{{"output": "b.o", "peak_\n[]\n{{"output": "c.o"}}\n{whole}\n', encoding="utf-8")
    expected = UnitMemory("a.o", 41943040, 0.25, 1790000000.5, 1.5)
    assert read_memory(tmp_path) == (expected, expected)
    assert read_memory(tmp_path / "nowhere") == ()


def test_a_long_log_keeps_the_last_of_each(tmp_path: Path) -> None:
    row = '{{"output": "{}.o", "peak_bytes": {}, "wait_seconds": 0, "start": 1, "seconds": 1}}\n'
    (tmp_path / LOG).write_text("".join(row.format(number % 3, number) for number in range(9000)), encoding="utf-8")
    (tmp_path / TABLE).touch()
    begin_memory(tmp_path)
    assert [(unit.output, unit.peak_bytes) for unit in read_memory(tmp_path)] == [("0.o", 8997), ("1.o", 8998), ("2.o", 8999)]
    assert not (tmp_path / TABLE).exists()


def test_a_command_is_measured_and_ends_as_it_would(tmp_path: Path, launcher: Found) -> None:
    tree = Tree(tmp_path, launcher, 4096 * MIB)
    grow = "b = b'x' * (64 << 20)"
    assert tree.run('a "quoted"\\name.o', sys.executable, "-c", grow).wait() == 0
    assert tree.run("b.o", "sh", "-c", "exit 7").wait() == 7
    assert tree.run("c.o", "sh", "-c", "kill -9 $$").wait() == -signal.SIGKILL
    first, *others = read_memory(tmp_path)
    assert first.output == 'a "quoted"\\name.o' and 64 * MIB < first.peak_bytes < 128 * MIB
    assert [unit.output for unit in others] == ["b.o", "c.o"]
    done = subprocess.run([*tree.start, "no such program", "-o", "d.o"], capture_output=True, text=True, check=False)
    assert done.returncode == 127 and done.stderr == "no such program: No such file or directory\n"
    assert subprocess.run([*tree.start, "true"], check=False).returncode == 0
    assert len(read_memory(tmp_path)) == 3  # what makes nothing is not recorded


def test_units_wait_for_each_other_only_where_they_do_not_fit(tmp_path: Path, launcher: Found) -> None:
    names = ("a.o", "b.o", "c.o")
    for available, peak, expected in ((700, 200, 3), (500, 200, 2), (300, 200, 1), (100, 200, 1)):
        folder = tmp_path / f"{available}"
        folder.mkdir()
        tree = Tree(folder, launcher, available * MIB)
        tree.knows(peak * MIB, *names)
        assert tree.most_at_once(*names) == expected
        waited = sum(unit.wait_seconds > 0.05 for unit in read_memory(folder)[-3:])  # for a unit of a quarter of a second
        assert waited == 3 - expected or (expected == 2 and waited == 1)


def test_who_waits_is_woken_by_an_end(tmp_path: Path, launcher: Found) -> None:
    """Five units one after the other: with the longest sleep, half a second, the pauses would add up to a second."""
    names = [f"{number}.o" for number in range(5)]
    tree = Tree(tmp_path, launcher, 300 * MIB)
    tree.knows(200 * MIB, *names)
    assert tree.most_at_once(*names) == 1
    units = read_memory(tmp_path)[-5:]
    begins = sorted(unit.start + unit.wait_seconds for unit in units)
    pauses = (begins[-1] - begins[0]) - sum(unit.seconds for unit in units[:-1])
    assert pauses < 0.5


def test_what_needs_no_holding_loses_less_than_three_percent(tmp_path: Path, launcher: Found, found: dict[str, Found]) -> None:
    """Processor time of the launcher beside that of an ordinary unit: of many short commands and of one compilation."""

    def cost(count: int, *command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(count):
            subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / count

    source = tmp_path / "unit.cpp"
    source.write_text("#include <map>\n#include <string>\nstd::map<std::string, int> names;\n", encoding="utf-8")
    start = launcher_arguments(launcher, tmp_path, tmp_path)
    alone = min(cost(100, "true", "-o", "a.o") for _ in range(3))
    through = min(cost(100, *start, "true", "-o", "a.o") for _ in range(3))
    unit = min(cost(1, found["compiler"].values["cxx"], "-O2", "-c", str(source), "-o", f"{tmp_path}/unit.o") for _ in range(3))
    assert through - alone < 0.03 * unit, (alone, through, unit)
    waits = [each.wait_seconds for each in read_memory(tmp_path)]
    assert len(waits) == 300 and sum(wait > 0.05 for wait in waits) < 10  # a busy machine stops one now and then


def test_what_is_not_known_is_guessed_by_language(tmp_path: Path, launcher: Found) -> None:
    tree = Tree(tmp_path, launcher, 600 * MIB)
    wait = (sys.executable, "-c", WAIT)
    for source, waits in (("x.c", 0), ("x.cpp", 1), ("x.cu", 1)):
        processes = [tree.run(f"{number}{source}.o", *wait, source) for number in range(2)]
        assert [process.wait() for process in processes] == [0, 0]
        assert sum(unit.wait_seconds > 0.1 for unit in read_memory(tmp_path)[-2:]) == waits


@pytest.mark.parametrize(
    "files",
    [
        {
            "proc/self/cgroup": "0::/box/build\n",
            "sys/fs/cgroup/box/memory.max": f"{500 * MIB}\n",
            "sys/fs/cgroup/box/memory.current": f"{400 * MIB}\n",
            "sys/fs/cgroup/box/memory.stat": f"anon 1\ninactive_file {200 * MIB}\n",
            "sys/fs/cgroup/box/build/memory.max": "max\n",
        },
        {
            "proc/self/cgroup": "4:memory:/box\n0::/\n",
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": f"{300 * MIB}\n",
            "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "0\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{1 << 62}\n",
        },
    ],
    ids=["v2", "v1"],
)
def test_the_limit_of_a_control_group_counts(tmp_path: Path, launcher: Found, files: dict[str, str]) -> None:
    tree = Tree(tmp_path, launcher, 4096 * MIB, files)
    tree.knows(200 * MIB, "a.o", "b.o")
    assert tree.most_at_once("a.o", "b.o") == 1
    tree.knows(100 * MIB, "a.o", "b.o")
    assert tree.most_at_once("a.o", "b.o") == 2


def test_the_place_of_a_killed_unit_is_free_again(tmp_path: Path, launcher: Found) -> None:
    tree = Tree(tmp_path, launcher, 300 * MIB)
    tree.knows(200 * MIB, "a.o", "b.o")
    first = tree.run("a.o", "sh", "-c", "exec sleep 30")
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children")
    while not (child := children.read_text(encoding="ascii")):
        assert first.poll() is None, "the first unit ended before anybody killed it"
        time.sleep(0.01)
    second = tree.run("b.o")  # only now: whoever comes first gets the room
    assert second.poll() is None
    first.kill()
    first.wait()
    os.kill(int(child), signal.SIGKILL)
    assert second.wait(timeout=10) == 0


@contextlib.contextmanager
def memory_group(limit: int) -> Iterator[Path]:
    """A control group with a limit, where this machine lets us make one."""
    for base, name in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(base, f"build-deps-test-{os.getpid()}")
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / name).write_text(str(limit), encoding="ascii")
        except OSError:
            group.rmdir()
            continue
        try:
            yield group
        finally:
            group.rmdir()
        return
    pytest.skip("no control group with a memory limit can be made here")


def test_a_graph_that_would_not_fit_into_its_control_group_finishes(
    tmp_path: Path, found: dict[str, Found], launcher: Found
) -> None:
    """Four units of 150 MiB at once, of 400: without the launcher the kernel kills, with it the build goes through."""
    unit = f"{sys.executable} -c \"import time; b = b'x' * (150 << 20); time.sleep(0.4)\" -o $out $in"
    with memory_group(400 * MIB) as group:
        for name, through in (("naive", []), ("held", launcher_arguments(launcher, tmp_path / "held", tmp_path / "held"))):
            tree = tmp_path / name
            tree.mkdir()
            rows = "".join(f"build {number}.o: unit {number}.cu\n" for number in range(4))
            (tree / "build.ninja").write_text(f"rule unit\n  command = {' '.join(through)} {unit}\n{rows}", encoding="utf-8")
            for number in range(4):
                (tree / f"{number}.cu").touch()
            command = f"echo $$ > {group}/cgroup.procs && exec {found['ninja'].values['program']} -C {tree} -j 4"
            for attempt in range(2):  # guesses first (one CUDA unit at a time), then what was measured
                done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
                assert (done.returncode == 0) is (name == "held"), done.stdout
                peaks = [each.peak_bytes for each in read_memory(tree)[4 * attempt :]]
                assert all(150 * MIB < peak < 200 * MIB for peak in peaks) and len(peaks) == (4 if name == "held" else 0)


def test_units_of_a_build_are_recorded_and_none_waits(family: Family) -> None:
    """With and without a compiler cache; a hit of the cache runs no compiler, and has no record."""
    tree = family.root / "build/release"
    for _ in range(5):  # a busy machine may stop one for as long; who waits for memory waits each time
        shutil.rmtree(tree, ignore_errors=True)
        family.built(env={"CCACHE_DISABLE": "", "CCACHE_RECACHE": "1"})
        objects = {unit.output: unit for unit in read_memory(tree)}
        if all(unit.wait_seconds < 0.01 for unit in objects.values()):
            break
    assert {"base/CMakeFiles/Base.dir/src/Base.c.o", "lib/libBase.so.1", "lib/libUpper.so.1"} <= set(objects)
    assert all(unit.wait_seconds < 0.01 and 5 * MIB < unit.peak_bytes < 300 * MIB for unit in objects.values())
    before = len(read_memory(tree))
    family.edit("base/src/Base.c", "return a + b;", "return b + a;")
    family.built("-D", "USE_CCACHE=OFF")
    assert "base/CMakeFiles/Base.dir/src/Base.c.o" in {unit.output for unit in read_memory(tree)[before:]}
    done = family.built("-D", "HOLD_MEMORY=OFF", "-D", "USE_CCACHE=OFF")
    assert "HOLD_MEMORY ON -> OFF (command line)" in done.out and "LAUNCHER" not in done.out
    assert "memory_launcher" not in (tree / "build.ninja").read_text(encoding="utf-8")


def test_the_launcher_is_optional(found: dict[str, Found], tmp_path: Path) -> None:
    off = find_launcher(found, CacheFolder(tmp_path), tmp_path, wanted=False, dry_run=False)
    assert isinstance(off, Missing) and launcher_arguments(off, tmp_path, tmp_path) == []
    broken = Found("compiler", "x", Path("false"), "", {"c": "false"})
    item = find_launcher({"compiler": broken}, CacheFolder(tmp_path), tmp_path, wanted=True, dry_run=False)
    assert isinstance(item, Missing) and item.reason == "false could not compile memory_launcher.c"
    spaced = find_launcher(found, CacheFolder(tmp_path / "a user"), tmp_path, wanted=True, dry_run=True)
    assert launcher_variables(spaced, tmp_path, tmp_path) == []  # ccache takes its prefix apart at spaces


def test_checkouts_with_different_compilers_share_the_launcher(found: dict[str, Found], tmp_path: Path) -> None:
    """Else each would compile it anew, and what the others remember of their last build would no longer hold."""
    compiler = found["compiler"]
    files = set()
    for each in (compiler, dataclasses.replace(compiler, version="another")):
        item = find_launcher({"compiler": each}, CacheFolder(tmp_path), tmp_path, wanted=True, dry_run=False)
        assert isinstance(item, Found)
        files.add(item.path.stat().st_ino)
    assert len(files) == 1
