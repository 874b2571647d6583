"""The libraries as a graph: closure over what they need, and an order in which each stands after its needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.errors import ManifestError, OptionError, UnknownNameError, nearest
from orchestrator.manifest import Library, Manifest
from orchestrator.options import Options

__all__ = ["Graph", "build_graph", "check_order", "wanted"]


@dataclass(frozen=True)
class Graph:
    """All libraries of a manifest in topological order; equal rank keeps the manifest's order."""

    order: tuple[Library, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)  # why, by name

    def behind(self, name: str) -> tuple[str, ...]:
        """What a library needs, directly or not, in build order."""
        return tuple(library.name for library in self.closure([name]) if library.name != name)

    def names(self) -> tuple[str, ...]:
        """Names in build order."""
        return tuple(library.name for library in self.order)

    def closure(self, names: Iterable[str], *, only: bool = False) -> tuple[Library, ...]:
        """The named libraries (all, if none is named) and, unless `only`, what they need, in build order."""
        by_name = {library.name: library for library in self.order}
        pending = list(names) or list(by_name)
        wanted: set[str] = set()
        while pending:
            name = pending.pop()
            if name in self.left_out:
                raise OptionError(f"{name} is not wanted here: {self.left_out[name]}.", next_step=f"see `when` of {name}")
            if name not in by_name:
                text = f"There is no library `{name}`.{nearest(name, by_name)}"
                raise UnknownNameError(text, next_step=f"libraries: {', '.join(by_name)}")
            if name not in wanted:
                wanted.add(name)
                if not only:
                    pending.extend(by_name[name].needs)
        return tuple(library for library in self.order if library.name in wanted)


def build_graph(manifest: Manifest) -> Graph:
    """Orders the manifest's libraries; a cycle is a ManifestError that lists it."""
    by_name = {library.name: library for library in manifest.libraries}
    done: dict[str, Library] = {}
    path: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in path:
            cycle = [*path[path.index(name) :], name]
            where = f"{manifest.path}:{by_name[name].line_of('needs')}"
            text = f"{where}: libraries need each other in a circle: {' -> '.join(cycle)}"
            raise ManifestError(text, next_step="take one of these names out of a `needs` list")
        path.append(name)
        for need in by_name[name].needs:
            visit(need)
        path.pop()
        done[name] = by_name[name]

    for name in by_name:
        visit(name)
    return Graph(tuple(done.values()))


def wanted(manifest: Manifest, graph: Graph, options: Options, config: str) -> Graph:
    """The graph without what its `when` and `configurations` leave out.

    A library that is wanted and needs one that is not is a ManifestError: nobody can tell which of the two was meant.
    """
    left_out = {library.name: why for library in graph.order if (why := _unwanted(library, options, config))}
    for library in graph.order:
        for need in library.needs:
            if need in left_out and library.name not in left_out:
                where = f"{manifest.path}:{library.line_of('needs')}"
                text = f"{where}: {library.name} needs {need}, which is not wanted here: {left_out[need]}."
                step = f"give {library.name} the same `when` and `configurations` as {need}"
                raise ManifestError(text, next_step=f"{step}, or choose otherwise: {left_out[need].partition(' ')[0]}")
    return Graph(tuple(library for library in graph.order if library.name not in left_out), left_out)


def _unwanted(library: Library, options: Options, config: str) -> str:
    """Why a library is left out; empty if it is not."""
    if library.configurations and config not in library.configurations:
        return f"configuration is {config}, and it is for {', '.join(library.configurations)}"
    for name in library.when:
        item = options.of(library.name, name)
        if item.value in ("OFF", ""):
            return f"{name}={item.value} ({item.origin})"
    return ""


def check_order(manifest: Manifest, graph: Graph) -> None:
    """The one graph is configured once, so it stands either before or behind a project, not on both sides."""
    in_graph = {library.name for library in graph.order if not library.alone}
    for library in graph.order:
        if library.alone:
            continue
        for need in graph.behind(library.name):
            other = next(item for item in graph.order if item.name == need)
            between = [name for name in graph.behind(need) if name in in_graph] if other.alone else []
            if between:
                where = f"{manifest.path}:{other.line_of('needs')}"
                text = f"{where}: {need} is a project of its own between {between[0]} and {library.name} of the one graph."
                step = f"take {need} out of the needs of {library.name}, or make {between[0]} a [project.{between[0]}] as well"
                raise ManifestError(text, next_step=step)
