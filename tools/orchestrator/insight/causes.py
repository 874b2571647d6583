"""From what ninja and the fingerprint say to causes that a person can act on. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.insight.buildgraph import BuildGraph, Edge
from orchestrator.ninja import explained_output

__all__ = [
    "FIRST",
    "Cause",
    "Impact",
    "Reason",
    "Reasoner",
    "age",
    "change_causes",
    "flag_difference",
    "impact",
    "merged",
    "parse_reason",
]

_NEWER = re.compile(r".+? older than most recent input (?P<path>.+) \((?P<before>\d+) vs (?P<after>\d+)\)$")
_CHANGE = re.compile(
    r"(?P<name>[\w ]+)(?:: (?P<before>.*?) -> (?P<after>.*)| is new: (?P<new>.*)| is gone; it was (?P<gone>.*))$", re.DOTALL
)
_OPTION = re.compile(r"option (?P<name>\w+)")


@dataclass(frozen=True)
class Cause:
    """A root cause. `text` completes "because ..."; `details` are further evidence, a line each.

    `kind` is file (modified), gone (a file that is not there any more), new (never made or published), option, definition, tool
    (another version), first (nothing was built yet), missing or damaged (a product), command (another command line), earlier
    (an unfinished build), unrecorded (by ninja), generated (the text of a published file) or unknown. `subject` is the file,
    option or definition; `library` is where it counts, empty for everywhere.
    """

    kind: str
    subject: str
    text: str
    details: tuple[str, ...] = ()
    library: str = ""

    def to_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "text": self.text,
            "details": list(self.details),
            "library": self.library,
        }


FIRST = Cause("first", "build tree", "nothing is built yet in this build tree")


@dataclass(frozen=True)
class Reason:
    """ninja's reason for one output. `kind` is newer, missing, command, unlogged, deps or other.

    For newer: `path` is the newest input, and inputs modified after `before` and until `after` (nanoseconds) are to blame.
    """

    kind: str
    output: str
    path: str = ""
    before: int = 0
    after: int = 0


def parse_reason(text: str) -> Reason | None:
    """The reason in a line of `-d explain` (without its prefix); None for "X is dirty", which the graph says as well."""
    output = explained_output(text)
    if not output:
        return None
    newer = _NEWER.match(text)
    if newer:
        return Reason("newer", output, newer["path"], int(newer["before"]), int(newer["after"]))
    for beginning, kind in (
        ("command line changed", "command"),
        ("command line not found", "unlogged"),
        ("deps for", "deps"),
        ("depfile", "deps"),
        ("stored deps", "deps"),
    ):
        if text.startswith(beginning):
            return Reason(kind, output)
    return Reason("missing" if "doesn't exist" in text else "other", output)


def age(seconds: float, since: str = "ago") -> str:
    """How long ago, in words; `since` may be "before the build"."""
    if seconds < 0:
        return f"{-seconds:.0f} s in the future" if since == "ago" else "during the build"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} {since}"
    return f"{seconds:.0f} s {since}"


@dataclass(frozen=True)
class Reasoner:
    """Turns reasons into causes. `modified` gives a file's time in nanoseconds (None: not there); `now` is in seconds."""

    graph: BuildGraph
    root: Path
    deps: Mapping[str, tuple[str, ...]]
    logged: frozenset[str]
    modified: Callable[[str], int | None]
    now: float
    before: BuildGraph | None = None
    since: str = "ago"

    def name(self, path: str) -> str:
        """A path relative to the root where it lies in it."""
        return self.graph.relative(path).removeprefix(f"{self.root}/")

    def file(self, path: str, time_ns: int) -> Cause:
        """A file that is newer than what was made from it."""
        return Cause("file", self.name(path), f"{self.name(path)} was modified {age(self.now - time_ns / 1e9, self.since)}")

    def causes(self, reason: Reason) -> tuple[Cause, ...]:
        """The causes behind one reason; at least one."""
        output = self.graph.relative(reason.output)
        edge = self.graph.by_output.get(output)
        if reason.kind == "newer":
            return self._newer(reason, edge)
        if not self.logged:
            return (FIRST,)
        if reason.kind in ("missing", "deps", "unlogged"):
            if output not in self.logged:
                return (Cause("new", output, f"{output} was not made before", library=edge.library if edge else ""),)
            if reason.kind == "missing":
                return (Cause("missing", output, f"{output} is not there any more"),)
            return (Cause("unrecorded", output, f"ninja's record of {output} is incomplete"),)
        if reason.kind == "command" and edge is not None:
            return (self._command(edge),)
        return (Cause("unknown", output, f"ninja says that {output} is out of date"),)

    def _newer(self, reason: Reason, edge: Edge | None) -> tuple[Cause, ...]:
        found: list[Cause] = []
        paths = (*edge.inputs, *edge.implicit, *self.deps.get(edge.output, ())) if edge else ()
        for path in dict.fromkeys((*paths, self.graph.relative(reason.path))):
            time_ns = self.modified(path)
            if time_ns is None or not reason.before < time_ns <= reason.after:
                continue
            maker = self.graph.by_output.get(path)
            if maker is not None and not maker.phony:
                found.append(Cause("earlier", path, f"{path} was made again by a build that did not come further"))
            else:
                found.append(self.file(path, time_ns))
        if not found:
            name = self.name(reason.path)
            found.append(Cause("file", name, f"{name} was modified"))
        return tuple(found)

    def _command(self, edge: Edge) -> Cause:
        old = self.before.by_output.get(edge.output) if self.before else None
        difference = flag_difference(self.before.command(old), self.graph.command(edge)) if self.before and old else ""
        text = f"the command line changed: {difference}" if difference else "the command line changed"
        return Cause("command", difference or edge.output, text, library=edge.library)


def flag_difference(before: str, after: str) -> str:
    """The words that differ between two command lines; empty if none does (or only their order)."""
    old, new = Counter(before.split()), Counter(after.split())
    gone, added = list((old - new).elements()), list((new - old).elements())
    parts = []
    for word in list(gone):
        stem = re.match(r"(-[DIW]?\w+)=", word)
        match = next((other for other in added if stem and other.startswith(stem[0])), None)
        if match:
            parts.append(f"{word} -> {match}")
            gone.remove(word)
            added.remove(match)
    parts += [f"without {word}" for word in gone] + [f"with {word}" for word in added]
    return ", ".join(parts[:8]) + (f", and {len(parts) - 8} more" if len(parts) > 8 else "")


def change_causes(changes: Iterable[Mapping[str, Any] | str]) -> tuple[Cause, ...]:
    """The causes of a configuration: dicts of `fingerprint.Change`, or lines of text where only these are known.

    Several definitions that follow from one option are one cause.
    """
    found = []
    for change in changes:
        facts = _facts(change) if isinstance(change, str) else change
        if facts is None:
            first = "was not configured yet" in str(change)
            text = str(change)
            found.append(replace(FIRST, text=text) if first else Cause("definition", text.partition(":")[0], text))
            continue
        name, said = str(facts["name"]), str(facts.get("cause") or "")
        was = _difference(facts.get("before"), facts.get("after"))
        text = f"{name}{was}"
        library = str(facts.get("scope") or "")
        match = _OPTION.match(said)
        if match:
            option, by = match["name"], f" ({said})"
            details = () if name == option else (text,)
            found.append(Cause("option", option, f"{option}{was}{by}", details, library))
        else:
            kind = "tool" if name in ("cmake", "ninja") or "compiler" in name else "definition"
            found.append(Cause(kind, name, text + (f" ({said})" if said else ""), (), library))
    return merged(found)


def _difference(before: str | None, after: str | None) -> str:
    """What follows the name; None stands for a definition that was not, or is not, there."""
    if before is None:
        return f" is new: {after or '(empty)'}"
    if after is None:
        return f" is gone; it was {before or '(empty)'}"
    return f" changed: {before or '(empty)'} -> {after or '(empty)'}"


def _facts(line: str) -> Mapping[str, Any] | None:
    """What a line of text says about a change."""
    match = _CHANGE.match(line)
    if match is None:
        return None
    before, after = match["before"] or match["gone"], match["after"] or match["new"]
    return {"name": match["name"], "before": before, "after": after}


def merged(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each cause once; what counts in several libraries counts everywhere."""
    found: dict[tuple[str, str], Cause] = {}
    for cause in causes:
        key = (cause.kind, cause.subject)
        old = found.get(key)
        if old is None:
            found[key] = cause
        else:
            details = tuple(dict.fromkeys((*old.details, *cause.details)))
            found[key] = replace(old, details=details, library=old.library if old.library == cause.library else "")
    return tuple(found.values())


@dataclass(frozen=True)
class Impact:
    """The edges that run, in the graph's order: surely, and only if a command before them changes its outputs."""

    sure: tuple[Edge, ...]
    perhaps: tuple[Edge, ...]


def impact(graph: BuildGraph, roots: Iterable[str], *, within: Iterable[Edge] | None = None) -> Impact:
    """What follows from running the commands that make `roots`; `within` limits it to these edges."""
    allowed = {edge.output for edge in (graph.edges if within is None else within)}
    sure: dict[str, Edge] = {}
    perhaps: dict[str, Edge] = {}
    start = (graph.by_output.get(path) for path in roots)
    pending = [(edge, True) for edge in start if edge is not None and not edge.phony]
    while pending:
        edge, certain = pending.pop()
        if edge.output not in allowed or edge.output in sure or (not certain and edge.output in perhaps):
            continue
        (sure if certain else perhaps)[edge.output] = edge
        for output in edge.outputs:
            pending += [(user, certain and not edge.restat) for user in graph.real_consumers(output)]
    both = [edge for edge in graph.edges if edge.output in sure or edge.output in perhaps]
    return Impact(tuple(edge for edge in both if edge.output in sure), tuple(edge for edge in both if edge.output not in sure))
