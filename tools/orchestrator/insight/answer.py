"""What `explain` answers: for each target a verdict, its causes, and under each cause the chain of what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from orchestrator.insight.buildgraph import Edge
from orchestrator.insight.causes import Cause
from orchestrator.insight.ninjalog import LogEntry

__all__ = ["Answer", "Chain", "ExplainReport", "Step", "edge_steps", "seconds_of"]

_VERBS = {"compile": "compile", "link": "link", "generate": "generate", "symbols": "list the symbols in", "other": "run"}
_SHOWN = 3


@dataclass(frozen=True)
class Step:
    """One kind of work in one library. `sure` is false where a command before it, or cmake, decides.

    `seconds` is the sum of the commands' last durations; None where one of them has none.
    """

    kind: str
    library: str
    outputs: tuple[str, ...]
    text: str
    sure: bool = True
    seconds: float | None = None

    def line(self) -> str:
        """For people."""
        took = f"   ({self.seconds:.1f} s last time)" if self.seconds is not None else ""
        return f"-> {self.text}{took}"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "kind": self.kind,
            "library": self.library,
            "outputs": list(self.outputs),
            "text": self.text,
            "sure": self.sure,
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class Chain:
    """A cause and what follows from it."""

    cause: Cause
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Answer:
    """`verdict` completes the target's name to a sentence. `notes` stand before the chains, `steps` where there is no cause."""

    target: str
    kind: str
    verdict: str
    chains: tuple[Chain, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    def lines(self) -> list[str]:
        """A short indented chain."""
        text = [f"{self.target} {self.verdict}", *(f"  {note}" for note in self.notes)]
        for steps, chains in groupby(self.chains, key=lambda chain: chain.steps):  # what has one effect is told together
            for chain in chains:
                text.append(f"  because {chain.cause.text}")
                text += [f"      {detail}" for detail in chain.cause.details]
            text += [f"    {step.line()}" for step in steps]
        return [*text, *(f"    {step.line()}" for step in self.steps)]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "target": self.target,
            "kind": self.kind,
            "verdict": self.verdict,
            "notes": list(self.notes),
            "causes": [{**chain.cause.to_json(), "steps": [step.to_json() for step in chain.steps]} for chain in self.chains],
            "steps": [step.to_json() for step in self.steps],
        }


@dataclass(frozen=True)
class ExplainReport:
    """The answers, one for each target; `last` says that they tell of the last build instead of the next."""

    answers: tuple[Answer, ...]
    last: bool
    heading: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Plain text."""
        return [*self.heading, *(line for answer in self.answers for line in answer.lines())]

    def to_json(self) -> dict[str, Any]:
        """`causes` holds each cause once, whichever target it concerns."""
        causes = {(c.cause.kind, c.cause.subject): c.cause for answer in self.answers for c in answer.chains}
        return {
            "last": self.last,
            "heading": list(self.heading),
            "causes": [cause.to_json() for cause in causes.values()],
            "targets": [answer.to_json() for answer in self.answers],
        }


def seconds_of(edges: Iterable[Edge], log: Mapping[str, LogEntry]) -> float | None:
    """The sum of the commands' last durations; None where one of them never ran."""
    entries = [log.get(edge.output) for edge in edges]
    known = [entry.seconds for entry in entries if entry is not None]
    return sum(known) if known and len(known) == len(entries) else None


def edge_steps(edges: Sequence[Edge], log: Mapping[str, LogEntry], *, sure: bool = True, beginning: str = "") -> list[Step]:
    """Edges as steps, one for each run of the same kind and library, in the graph's order of kinds within a library."""
    order = {"generate": 0, "compile": 1, "link": 2, "symbols": 3, "other": 4}
    libraries = list(dict.fromkeys(edge.library for edge in edges))
    ranked = sorted(edges, key=lambda edge: (libraries.index(edge.library), order[edge.kind]))
    steps = []
    for (library, kind), group in groupby(ranked, key=lambda edge: (edge.library, edge.kind)):
        members = list(group)
        names = tuple(edge.output for edge in members)
        if len(names) == 1:
            what = f"{_VERBS[kind]} {names[0]}"
        else:
            more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            shown = ", ".join(name.rpartition("/")[2] for name in names[:_SHOWN])
            units = "units" if kind == "compile" else "files"
            what = f"{_VERBS[kind]} {len(names)} {units} of {library or 'the framework'}: {shown}{more}"
        steps.append(Step(kind, library, names, beginning + what, sure, seconds_of(members, log)))
    return steps
