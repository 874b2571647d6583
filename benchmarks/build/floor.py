"""The floor of a build: no schedule of the same commands on the same cores can be faster.

It is the larger of CPU seconds / cores and the longest chain of commands that wait for each other, after the configuration.
"""

from __future__ import annotations

import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

_NODE = re.compile(r'^"(\w+)" \[label="([^"]*)"(, shape=ellipse)?')
_EDGE = re.compile(r'^"(\w+)" -> "(\w+)"')


def durations(build: Path) -> dict[str, float]:
    """Seconds of the last command that made each output, from ninja's log."""
    lines = (build / ".ninja_log").read_text(encoding="utf-8").splitlines()[1:]
    return {name: (int(end) - int(start)) / 1000 for start, end, _, name, _ in (line.split("\t") for line in lines)}


def longest_chain(build: Path, ninja: str) -> float:
    """Seconds of the longest chain of ninja's commands: what infinitely many cores would still need."""
    graph = subprocess.run([ninja, "-C", str(build), "-t", "graph"], capture_output=True, text=True, check=True).stdout
    return chain_of(graph, durations(build))


def chain_of(graph: str, seconds: dict[str, float]) -> float:
    """The longest path through a graph in the words of `ninja -t graph`, whose nodes take `seconds` by their label."""
    labels: dict[str, str] = {}
    before: dict[str, set[str]] = {}
    for line in graph.splitlines():
        if edge := _EDGE.match(line):
            before.setdefault(edge[2], set()).add(edge[1])
        elif node := _NODE.match(line):
            labels[node[1]] = "" if node[3] else node[2]  # an ellipse is a command with several inputs
    done: dict[str, float] = {}
    for name in TopologicalSorter(before).static_order():
        start = max((done[other] for other in before.get(name, ())), default=0.0)
        done[name] = start + seconds.get(labels.get(name, ""), 0.0)
    return max(done.values(), default=0.0)


def floor(*, cpu: float, cores: int, configure: float, chain: float) -> float:
    """Seconds. `cpu` counts configuration and build; the chain can begin after the configuration."""
    return max(cpu / cores, configure + chain)
