"""Calls public functions and methods with arguments that nobody should give, and counts crashes: there must be none.

`python tests/torch/api_fuzz.py --calls 1000000` takes a while; a sample of it is a test. The calls run in child processes with
little memory. Each is made from the seed and its number alone: `--seed S --only N` repeats one and shows it.

With `--device cuda` the tensors are on the device, and a fault of a kernel counts as a crash. With `--compare` too, each call
is made on the host and on the device, with larger tensors and rarer values, and what comes of both has to agree.
"""

from __future__ import annotations

import argparse
import faulthandler
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fuzz_compare
from fuzz_arguments import Maker, targets

PATIENCE = 30  # seconds without progress that count as a hang
MEMORY = 2 << 30  # address space of a child
PER_CHILD = 20_000  # calls

# Exceptions that no public function should let out, whatever it is given.
INDECENT = (SystemError, AssertionError, NameError, RecursionError)


@dataclass(frozen=True)
class Mode:
    """Where the calls are made. compare: there and on the host."""

    device: str = "cpu"
    compare: bool = False

    def options(self) -> list[str]:
        return ["--device", self.device, *(["--compare"] if self.compare else [])]


def call(
    seed: int, number: int, known: list[tuple[str, Callable[..., Any]]], mode: Mode = Mode(), *, show: bool = False
) -> str:
    """Makes one call. What was wrong with it, if anything; LOST at the beginning if no further call can be made."""
    if mode.compare:
        return fuzz_compare.compare(seed, number, known, mode.device, show=show)
    wrong = _call(seed, number, known, mode.device, show=show)
    if mode.device != "cpu":
        import torch

        try:
            torch.cuda.synchronize()
        except RuntimeError as error:
            return f"LOST {wrong or ''} {error}"
    return wrong


def _call(seed: int, number: int, known: list[tuple[str, Callable[..., Any]]], device: str, *, show: bool) -> str:
    import torch

    numbers = random.Random(f"{seed}:{number}")
    maker = Maker(numbers, device)
    name, function = numbers.choice(known)
    arguments, keywords = maker.call(name, function)
    if show:
        print(name, *(f"{type(a).__name__}: {a!r}"[:300] for a in (*arguments, keywords)), sep="\n  ", flush=True)
    try:
        result = function(*arguments, **keywords)
        repr(result)[:10]
        for value in (*arguments, result):  # what was changed or made must be sound
            if isinstance(value, torch.Tensor) and 0 < value.numel() < 5000:
                value.contiguous().view(-1).tolist()
                if value.requires_grad and numbers.random() < 0.5:
                    value.backward(torch.ones_like(value))
    except INDECENT as error:
        return f"{name}: {type(error).__name__}: {error}"
    except Exception as error:  # a decent one
        if show:
            print(type(error).__name__, error)
    finally:
        torch.set_grad_enabled(True)
        torch.autograd.set_detect_anomaly(False)
        torch.set_default_dtype(torch.float32)
        torch.set_printoptions(profile="default")
    return ""


def child(seed: int, start: int, stop: int, mode: Mode = Mode()) -> int:
    """Makes calls, writing the number of each to standard output before it."""
    faulthandler.enable()
    progress = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LAPACK prints what it thinks of some arguments
    if mode == Mode():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    else:  # the driver reserves addresses for the memory of all devices
        resource.setrlimit(resource.RLIMIT_DATA, (4 * MEMORY, 4 * MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    known = targets()
    for number in range(start, stop):
        os.pwrite(progress, b"%-20d" % number, 0)
        if wrong := call(seed, number, known, mode):
            print(f"call {number}: {wrong}", file=sys.stderr, flush=True)
            if wrong.startswith("LOST"):
                return 77
    os.pwrite(progress, b"%-20d" % stop, 0)
    return 0


@dataclass
class Outcome:
    """What came of it: a line for each crash, hang or indecent exception."""

    calls: int = 0
    found: list[str] = field(default_factory=list)


def run(calls: int, seed: int = 0, first: int = 0, mode: Mode = Mode(), seconds: float | None = None) -> Outcome:
    """Makes the calls in child processes; after a crash the next one goes on behind it."""
    outcome, number, end = Outcome(), first, first + calls
    last = time.monotonic() + seconds if seconds is not None else math.inf
    while number < end and time.monotonic() < last:
        stop = min(end, number + (PER_CHILD if seconds is None else PER_CHILD // 20))
        with tempfile.TemporaryDirectory() as folder:
            number_file = Path(folder, "number")
            errors = Path(folder, "errors")
            code, reached = _watch(seed, number, stop, number_file, errors, mode)
            told = errors.read_text(errors="replace")
        if code != 0 and reached is None:  # no call is to blame, and the next child would fare alike
            raise RuntimeError(f"a child could not start (exit status {code}):\n{told[-2000:]}")
        outcome.found += [line for line in told.splitlines() if line.startswith("call ")]
        if code != 0:
            what = "hang" if code is None else f"exit status {code}"
            frames = " <- ".join(line.strip() for line in told.splitlines() if line.startswith("  File"))[:300]
            outcome.found.append(f"call {reached}: {what}: repeat with --seed {seed} --only {reached} {frames}")
        outcome.calls += (stop if code == 0 else reached + 1) - number
        number = stop if code == 0 else reached + 1
    return outcome


def _watch(seed: int, start: int, stop: int, number_file: Path, errors: Path, mode: Mode) -> tuple[int | None, int | None]:
    """Exit status of a child (None: it hung), and the number it came to (None: to no call at all)."""
    command = [sys.executable, str(Path(__file__).resolve()), "--seed", str(seed), *mode.options()]
    command += ["--child", str(start), str(stop)]
    # On a machine of many processors, stacks and buffers of the threads alone would fill the address space.
    env = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    with open(number_file, "wb") as progress, open(errors, "wb") as log:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=progress, stderr=log, cwd=number_file.parent
        )
        before: int | None = -1
        while True:
            try:
                return process.wait(PATIENCE), _number(number_file)
            except subprocess.TimeoutExpired:
                now = _number(number_file)
                if now == before:
                    process.kill()
                    process.wait()
                    return None, now
                before = now


def _number(file: Path) -> int | None:
    text = file.read_text().strip()
    return int(text) if text else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="make this one call, and show it")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help="begin with no call after so long")
    parser.add_argument("--first", type=int, default=0, help="the number of the first call")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"], help="where the tensors are")
    parser.add_argument("--compare", action="store_true", help="make each call on the host too, and compare")
    options = parser.parse_args()
    mode = Mode(options.device, options.compare)
    if options.child:
        return child(options.seed, *options.child, mode)
    if options.only is not None:
        faulthandler.enable()
        print(call(options.seed, options.only, targets(), mode, show=True))
        return 0
    outcome = run(options.calls, options.seed, options.first, mode, options.seconds)
    print("\n".join([*outcome.found[:50], f"{outcome.calls} calls, {len(outcome.found)} of them wrong"]))
    return 1 if outcome.found else 0


if __name__ == "__main__":
    sys.exit(main())
