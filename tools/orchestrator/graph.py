"""The libraries as a graph: closure over what they need, and an order in which each stands after its needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.errors import ManifestError, UnknownNameError, nearest
from orchestrator.manifest import Library, Manifest

__all__ = ["Graph", "build_graph"]


@dataclass(frozen=True)
class Graph:
    """All libraries of a manifest in topological order; equal rank keeps the manifest's order."""

    order: tuple[Library, ...]

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
            where = f"{manifest.path}:{by_name[name].line}"
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
