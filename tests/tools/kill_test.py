"""Kills builds at random moments and looks at what is left: python tests/tools/kill_test.py --times 100

After each `kill -9` (of the orchestrator alone, or of everything that it started as well) the published libraries must load and
be old or new, each as a whole; the next build must be right without waiting for anybody who is gone, leave no temporary file
behind, and be followed by one that has nothing to do. At the end the products are compared, byte by byte, with a clean build.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TEMPORARY = re.compile(r"\..+\.(publishing|\d+)$")


class Victim:
    """A copy of tests/packages/family, whose libBase adds a number that changes from round to round."""

    package, source, header = "family", "base/src/Base.c", "base/include/Base/Base.h"
    library, symbol = "family/lib/libUpper.so.1", "upper_mix"
    products = ("family/lib/libBase.so.1", "family/lib/libUpper.so.1")
    made = ("build", "family")

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "tests/packages" / self.package, root)
        shutil.copytree(ROOT / "cmake", root / "cmake", dirs_exist_ok=True)
        self.number = 0

    def command(self) -> list[str]:
        return [sys.executable, str(ROOT / "tools/build_deps.py"), "--manifest", str(self.root / "libraries.toml")]

    def build(self) -> str:
        """Builds to the end; returns what was printed."""
        done = subprocess.run(self.command(), cwd=self.root, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def edit(self) -> None:
        """The next number, in the source and in a public header."""
        source, header = self.root / self.source, self.root / self.header
        before = "return a + b;" if self.number == 0 else f"return a + b + {self.number};"
        self.number += 1
        text = source.read_text(encoding="utf-8")
        assert before in text
        source.write_text(text.replace(before, f"return a + b + {self.number};"), encoding="utf-8")
        if self.number % 2:
            header.write_text(f"{header.read_text(encoding='utf-8')}/* {self.number} */\n", encoding="utf-8")

    def value(self) -> int:
        """What the published libraries add, loaded in a fresh process."""
        code = f"import ctypes; print(ctypes.CDLL({str(self.root / self.library)!r}).{self.symbol}(0, 0, 0))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    def kill(self, after: float, *, everything: bool) -> bool:
        """Starts a build and kills it after some seconds. True if it had not ended by then."""
        process = subprocess.Popen(self.command(), cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=after)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if everything:
            for pid in self.relatives():
                with contextlib.suppress(ProcessLookupError):  # it ended by itself
                    os.kill(pid, signal.SIGKILL)
        return True

    def relatives(self) -> list[int]:
        """Processes that have something of this copy on their command line or as their folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
                folder = str((process / "cwd").readlink())
            except OSError:
                continue
            if os.fsencode(self.root) in words or folder.startswith(str(self.root)):
                found.append(int(process.name))
        return [pid for pid in found if pid != os.getpid()]

    def left(self) -> list[str]:
        """Temporary files that stand about."""
        names = [path for folder in self.made for path in (self.root / folder).rglob(".*")]
        return [str(path.relative_to(self.root)) for path in names if _TEMPORARY.match(path.name)]

    def digests(self) -> dict[str, str]:
        """Of the published libraries."""
        return {name: hashlib.sha256((self.root / name).read_bytes()).hexdigest() for name in self.products}

    def forget(self) -> None:
        """As if nothing had ever been built."""
        for name in self.made:
            shutil.rmtree(self.root / name, ignore_errors=True)


class Projects(Victim):
    """A copy of tests/packages/zoo: projects that are built alone, into one prefix."""

    package, source, header = "zoo", "sums/add.c", "sums/sums.h"
    library, symbol = "build/release/prefix/lib/libfables.so.2.1", "sums_add"
    products = ("build/release/prefix/lib/libsums.a", "build/release/prefix/lib/libfables.so.2.1")
    made = ("build",)


def run(folder: Path, *, times: int, seed: int, kind: type[Victim] = Victim, say: Callable[[str], object] = print) -> int:
    """Kills `times` builds below `folder`; returns how many of them had not ended. Mistakes are assertions."""
    chance = random.Random(seed)
    victim = kind(folder / "a victim")
    begin = time.monotonic()
    victim.build()
    first = time.monotonic() - begin
    unit = victim.value()
    victim.edit()
    begin = time.monotonic()
    victim.build()
    edit = time.monotonic() - begin
    step = victim.value() - unit  # what one more in libBase is in libUpper
    killed = 0
    for number in range(times):
        from_nothing = number % 10 == 9
        if from_nothing:
            victim.forget()
        before, everything = victim.number, chance.random() < 0.5
        victim.edit()
        moment = chance.uniform(0, (first if from_nothing else edit) * 1.1)
        landed = victim.kill(moment, everything=everything)
        killed += landed
        if not from_nothing:
            assert victim.value() in {unit + step * before, unit + step * victim.number}, "neither the old nor the new library"
        victim.build()
        assert victim.value() == unit + step * victim.number, "not what the source says"
        assert victim.left() == [], victim.left()
        assert "nothing to do" in victim.build()
        what = "first build" if from_nothing else "edit"
        end = f"{'killed' if landed else 'ended'} after {moment:.3f} s{', with all that it had started' if everything else ''}"
        say(f"{number + 1}/{times}: {what} {end}")
    digests = victim.digests()
    victim.forget()
    victim.build()
    assert victim.digests() == digests, "the products are not those of a clean build"
    return killed


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--times", type=int, default=100, help="how many builds are killed (default: 100)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the random moments, to repeat a run")
    parser.add_argument("--projects", action="store_true", help="builds of projects that go into a prefix")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    kind = Projects if arguments.projects else Victim
    with tempfile.TemporaryDirectory() as folder:
        killed = run(Path(folder).resolve(), times=arguments.times, seed=arguments.seed, kind=kind)
    print(f"{arguments.times} builds, {killed} of them killed before their end: each next build was right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
