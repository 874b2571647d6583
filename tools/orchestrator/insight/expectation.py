"""What one call of ninja is expected to take, found out in its shadow: an edit need not wait for the answer.

Two things are known before the first command ends: what each command took when it ran last, and why ninja runs what it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from orchestrator.ninjaruns import LOG

__all__ = ["Expectation"]


class Expectation:
    """Made before ninja starts. `prepare` is for while it runs, `seconds` for when it has told its reasons."""

    def __init__(self, build_dir: Path, targets: Sequence[str], jobs: int) -> None:
        self._build_dir = build_dir
        self._targets = targets
        self._jobs = jobs
        self._answer: Callable[[Sequence[str]], float | None] | None = None
        try:
            self._log = (build_dir / LOG).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            self._log = ""

    def prepare(self) -> None:
        """Reads the graph, and what commands took."""
        from orchestrator.insight.buildgraph import load_graph  # all of it is loaded while a compiler runs
        from orchestrator.insight.estimate import Expected, durations_near
        from orchestrator.insight.ninjalog import parse_log

        durations = durations_near(self._build_dir, parse_log(self._log, self._build_dir))
        graph = load_graph(self._build_dir) if durations.own or durations.others else None
        if graph is None:  # of a first build nothing can be known
            return
        self._answer = Expected(graph, self._targets, durations, self._jobs).seconds

    def seconds(self, explained: Iterable[str]) -> float | None:
        """What the outputs that ninja gave a reason for, and what follows from them, take; None where nothing is known."""
        outputs = list(explained)
        return self._answer(outputs) if self._answer is not None and outputs else None
