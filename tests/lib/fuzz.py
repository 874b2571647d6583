"""Runs the fuzz programs for a time, and tells what they found.

`python tests/lib/fuzz.py ops --seconds 600`; `files`, `readers`, or `all`, one after the other. `ops` calls the functions of
libTH, `files` those of THFile, under the sanitizers: they need clang with libFuzzer (apt install clang). `readers` feeds
torch.load and from_dlpack and needs atheris (python -m pip install --group fuzz). Inputs that reached something new are kept in
build/fuzz/corpus, where the next run goes on; findings go to build/fuzz/findings, each with the command that repeats it.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz"
READERS = ROOT / "tests" / "torch" / "fuzz_readers.py"
# libFuzzer's: what one input may take, and how long it may be.
LIMITS = ["-timeout=60", "-rss_limit_mb=4096", "-malloc_limit_mb=100000"]


@dataclass(frozen=True)
class Fuzzer:
    """One fuzz program: how it is called, and the lengths of its inputs. program: of the build, without its folder."""

    name: str
    program: str
    length: int

    def command(self) -> list[str]:
        return [str(BUILD / "tests" / self.program)] if self.program else [sys.executable, str(READERS)]


FUZZERS = (Fuzzer("ops", "TH_fuzz_ops", 512), Fuzzer("files", "TH_fuzz_files", 2048), Fuzzer("readers", "", 4096))


def missing(fuzzer: Fuzzer) -> str:
    """What has to be installed before it can run; "" if nothing."""
    if fuzzer.program:
        return "" if shutil.which("clang") else "clang with libFuzzer is not installed: apt install clang"
    hint = "atheris is not installed: python -m pip install --group fuzz (pip 25.1 or newer)"
    return "" if importlib.util.find_spec("atheris") else hint


def build() -> None:
    """Builds libTH and its fuzz programs in build/fuzz, and has ctest run each shortly; the package stays as it is."""
    command = [sys.executable, str(ROOT / "tools" / "build_deps.py"), "--config", "fuzz", "test", "TH"]
    subprocess.run(command, cwd=ROOT, check=True)


def plant(fuzzer: Fuzzer, corpus: Path) -> None:
    """Seeds, where the program makes some: `readers` begins with files that torch.save wrote."""
    corpus.mkdir(parents=True, exist_ok=True)
    if fuzzer.program:
        return
    done = subprocess.run([*fuzzer.command(), "--seeds", str(corpus)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"no seeds for {fuzzer.name}: {done.stderr[-2000:]}")


@dataclass(frozen=True)
class Outcome:
    """What a run came to. finding: the input that failed, None if none did; said: the end of what was printed."""

    inputs: int
    covered: int
    finding: Path | None
    said: str


def run(fuzzer: Fuzzer, limit: list[str], folder: Path = BUILD) -> Outcome:
    """limit: -max_total_time=SECONDS or -runs=COUNT. A finding ends the run."""
    corpus, findings = folder / "corpus" / fuzzer.name, folder / "findings"
    plant(fuzzer, corpus)
    findings.mkdir(parents=True, exist_ok=True)
    known = set(findings.iterdir())
    options = [*LIMITS, *limit, f"-max_len={fuzzer.length}", "-len_control=0", f"-artifact_prefix={findings}/{fuzzer.name}-"]
    done = subprocess.run(
        [*fuzzer.command(), *options, str(corpus)], capture_output=True, text=True, errors="replace", check=False, cwd=folder
    )
    counts = [int(count) for count in re.findall(r"^#(\d+)", done.stderr, re.MULTILINE)]
    covered = [int(count) for count in re.findall(r"\bcov: (\d+)", done.stderr)]
    new = sorted(set(findings.iterdir()) - known)
    if done.returncode != 0 and not new:  # it failed before it had an input to blame
        raise RuntimeError(f"{fuzzer.name} ended with status {done.returncode}:\n{done.stderr[-3000:]}")
    said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}" if new else ""  # Python's traceback, what the sanitizers say
    return Outcome(max(counts, default=0), max(covered, default=0), new[0] if new else None, said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*(fuzzer.name for fuzzer in FUZZERS), "all"])
    parser.add_argument("--seconds", type=int, default=60, help="for each program (default: 60)")
    options = parser.parse_args()
    chosen = [fuzzer for fuzzer in FUZZERS if options.what in (fuzzer.name, "all")]
    for fuzzer in chosen:
        if lacking := missing(fuzzer):
            parser.exit(5, f"{fuzzer.name}: {lacking}\n")
    if any(fuzzer.program for fuzzer in chosen):
        build()
    BUILD.mkdir(parents=True, exist_ok=True)
    failed = False
    for fuzzer in chosen:
        started = time.monotonic()
        outcome = run(fuzzer, [f"-max_total_time={options.seconds}"])
        seconds = round(time.monotonic() - started)  # a finding ends it early
        kept = len(list((BUILD / "corpus" / fuzzer.name).iterdir()))
        reached = f"{outcome.covered} places reached, {kept} inputs kept"
        print(f"{fuzzer.name}: {outcome.inputs} inputs in {seconds} s, {reached}")
        if outcome.finding is not None:
            failed = True
            repeat = " ".join([*fuzzer.command(), *LIMITS, str(outcome.finding)])
            print(f"{outcome.said}\n{fuzzer.name}: a finding. Repeat it:\n  FUZZ_SHOW=1 {repeat}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
