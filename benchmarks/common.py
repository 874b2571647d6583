"""Side-by-side measurement: clean environments, one worker process for each peer, interleaved rounds, medians, ratios.

Absolute times drift by tens of per cent within minutes; a ratio of medians from interleaved rounds does not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rows import Row

ROOT = Path(__file__).resolve().parent.parent
# The first ones force slow kernels on one library; the last ones make one build, or one start of Python, unlike another.
_CLEARED = ("OPENBLAS_", "MKL_", "OMP_", "GOTO_", "KMP_", "CCACHE_", "PYTHONDONTWRITEBYTECODE")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def clean_environment(threads: int | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """The environment for everyone, and what was taken out of it: such variables may slow one peer down."""
    found = {name: value for name, value in os.environ.items() if name.startswith(_CLEARED)}
    clean = {name: value for name, value in os.environ.items() if name not in found and name != "PYTHONPATH"}
    if threads is not None:
        clean.update(dict.fromkeys(_THREADS, str(threads)))
    return clean, found


@dataclass(frozen=True)
class Peer:
    """A library in an environment. `label` is its column."""

    label: str
    library: str
    python: str
    path: str = ""  # what PYTHONPATH is set to: where this project's package is found


class Worker:
    """A running worker of one peer."""

    def __init__(self, peer: Peer, *, threads: int, span: float, clock: str) -> None:
        environment, _ = clean_environment(threads)
        if peer.path:
            environment["PYTHONPATH"] = peer.path
        command = [peer.python, str(ROOT / "benchmarks" / "worker.py"), peer.library, str(threads), str(span), clock]
        self.peer = peer
        self._process = subprocess.Popen(
            command, env=environment, cwd=ROOT / "benchmarks", text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.about = self._read()

    def _read(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the worker of {self.peer.label} ({self.peer.python}) ended with {self._process.wait()}")
        answer: dict[str, object] = json.loads(line)
        return answer

    def measure(self, row: Row) -> float | str | None:
        """Seconds, the text of an error, or None where the peer has no such row."""
        code = row.code(self.peer.library)
        if code is None:
            return None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"setup": code[0], "statement": code[1]}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        return float(str(answer["seconds"])) if "seconds" in answer else str(answer["error"])

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@dataclass
class Result:
    """The medians of one row by column; what failed is in `errors`."""

    name: str
    seconds: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    budget: float | None = None

    def ratio(self, label: str) -> float | None:
        """The peer's time over ours: above 1, ours is faster."""
        ours, theirs = self.seconds.get("torch"), self.seconds.get(label)
        return theirs / ours if ours and theirs else None


def chosen(rows: Iterable[Row], arguments: argparse.Namespace) -> list[Row]:
    """What --only asks for."""
    return [row for row in rows if any(text in row.name for text in arguments.only)]


def peers(arguments: argparse.Namespace) -> list[Peer]:
    """Ours, NumPy and, with --peer-python, PyTorch."""
    other = arguments.peer_python or sys.executable
    found = [Peer("torch", "torch", sys.executable, str(ROOT)), Peer("NumPy", "numpy", other)]
    if arguments.peer_python:
        found.append(Peer("PyTorch", "torch", arguments.peer_python))
    return found


def compare(rows: Sequence[Row], arguments: argparse.Namespace, *, threads: int) -> list[Result]:
    """Measures all rows in all peers, round by round, each round visiting every peer for a row before the next row."""
    with contextlib.ExitStack() as stack:
        workers = []
        for peer in peers(arguments):
            worker = Worker(peer, threads=threads, span=arguments.span, clock=arguments.clock)
            stack.callback(worker.close)
            workers.append(worker)
            print(f"{peer.label}: {worker.about['version']} from {worker.about['file']}", file=sys.stderr)
        results = []
        for row in rows:
            result = Result(row.name, budget=row.budget)
            times: dict[str, list[float]] = {}
            for _ in range(arguments.rounds):
                for worker in workers:
                    answer = worker.measure(row)
                    if isinstance(answer, float):
                        times.setdefault(worker.peer.label, []).append(answer)
                    elif answer is not None:
                        result.errors[worker.peer.label] = answer
            result.seconds = {label: statistics.median(values) for label, values in times.items()}
            results.append(result)
            print(f"  {row.name}: {format_seconds(result.seconds.get('torch'))}", file=sys.stderr, flush=True)
        return results


def format_seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def table(results: Iterable[Result], columns: Sequence[str]) -> str:
    """Markdown. A ratio is the peer's time over ours: above 1, ours is faster."""
    head = ["row", "torch", "budget", *[c for column in columns for c in (column, f"{column} / torch")]]
    lines = [head, ["---"] * len(head)]
    for result in results:
        cells = [result.name, _cell(result, "torch"), format_seconds(result.budget)]
        for column in columns:
            ratio = result.ratio(column)
            cells += [_cell(result, column), "-" if ratio is None else f"{ratio:.2f}"]
        lines.append(cells)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(result: Result, label: str) -> str:
    return f"error: {result.errors[label]}" if label in result.errors else format_seconds(result.seconds.get(label))


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    model = platform.processor()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    cpus = str(len(os.sched_getaffinity(0)))
    return {"cpu": model, "cpus": cpus, "python": platform.python_version(), "system": platform.platform()}


def parser(description: str) -> argparse.ArgumentParser:
    """The options that all comparisons have."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--peer-python", metavar="PATH", help="interpreter of an environment with torch==2.13.0 and numpy")
    result.add_argument("--rounds", type=int, default=7, help="interleaved rounds; the median counts (default: 7)")
    result.add_argument("--span", type=float, default=0.02, help="seconds of repetition for one figure (default: 0.02)")
    result.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: of the process, for one thread beside other work (default: wall)",
    )
    result.add_argument("--only", metavar="TEXT", nargs="+", default=[""], help="rows whose name contains a TEXT")
    result.add_argument("--json", metavar="FILE", type=Path, help="write figures and machine here")
    return result


def report(title: str, results: Sequence[Result], arguments: argparse.Namespace, columns: Sequence[str]) -> None:
    """Prints the table with what was found set in the environment, and writes the JSON file."""
    _, found = clean_environment()
    about = machine()
    print(f"\n## {title}\n")
    print(f"{about['cpu']}, {about['cpus']} CPUs, Python {about['python']}; medians of {arguments.rounds} interleaved rounds.")
    cleared = ", ".join(f"{name}={value}" for name, value in sorted(found.items())) or "none was set"
    print(f"Taken out of everyone's environment: {cleared}.\n")
    print(table(results, columns))
    if arguments.json:
        record = {"title": title, "machine": about, "cleared": found, "results": [asdict(result) for result in results]}
        with arguments.json.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
