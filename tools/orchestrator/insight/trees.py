"""The build tree of a configuration and those of the projects that are built alone, in `sub/NAME` below it, as one graph.

Paths of a project's tree get its folder in front, so that all are relative to one tree. What a project needs is built and
installed before it: in the graph, its commands wait for all of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.insight.buildgraph import BuildGraph, Edge, load_graph
from orchestrator.insight.ninjalog import LogEntry, read_log
from orchestrator.insight.ninjaquery import ask_deps
from orchestrator.insight.survey import sources_of
from orchestrator.manifest import Library
from orchestrator.memory import read_memory
from orchestrator.session import Session
from orchestrator.subbuild.subplan import FOLDER

__all__ = ["load_log", "load_peaks", "load_trees", "moved", "target_of", "within"]


def target_of(library: Library) -> str:
    """The name behind which all commands of a library stand."""
    return f"{FOLDER}/{library.name}/all" if library.alone else f"{library.source}/all"


def within(prefix: str, path: str, around: str = "") -> str:
    """A path of a project's tree as one of the tree `around` it (with a slash at its end).

    >>> within("sub/A/", "a.o"), within("sub/A/", "/usr/include/a.h"), within("sub/A/", "/tree/prefix/a.h", "/tree/")
    ('sub/A/a.o', '/usr/include/a.h', 'prefix/a.h')
    """
    if path.startswith("/"):
        return path.removeprefix(around) if around else path
    return prefix + path


def load_trees(session: Session, *, ninja: str = "") -> BuildGraph | None:
    """The graph of all trees that are configured; None if none is. With `ninja`, the files that commands were seen to read."""
    graph = load_graph(session.build_dir, sources_of(session))
    if graph is not None and ninja:
        graph = replace(graph, deps=ask_deps(ninja, session.build_dir))
    trees = [] if graph is None else [graph]
    for library in session.graph.order:
        folder = session.build_dir / FOLDER / library.name
        tree = load_graph(folder) if library.alone else None
        if tree is not None:
            tree = replace(tree, deps=ask_deps(ninja, folder) if ninja else {})
            behind = [other for other in session.graph.order if other.name in library.needs]
            trees.append(moved(tree, library.name, f"{session.build_dir}/", [target_of(other) for other in behind]))
    if not trees:
        return None
    edges = tuple(edge for tree in trees for edge in tree.edges)
    deps = {output: read for tree in trees for output, read in tree.deps.items()}
    return replace(trees[0], build_dir=session.build_dir, edges=edges, deps=deps)


def load_log(session: Session) -> Mapping[str, LogEntry]:
    """What ninja remembers of all trees."""
    log = dict(read_log(session.build_dir))
    for library in session.graph.order:
        if library.alone:
            folder = f"{FOLDER}/{library.name}/"
            log |= {within(folder, output): entry for output, entry in read_log(session.build_dir / folder).items()}
    return log


def load_peaks(session: Session) -> Mapping[str, int]:
    """The memory in bytes that each command of all trees needed when it was measured last, by output."""
    folders = ["", *(f"{FOLDER}/{library.name}/" for library in session.graph.order if library.alone)]
    return {
        within(folder, unit.output): unit.peak_bytes for folder in folders for unit in read_memory(session.build_dir / folder)
    }


def moved(tree: BuildGraph, library: str, around: str, behind: list[str]) -> BuildGraph:
    """The graph of a project's tree as part of the one in the folder `around` it; its commands wait for `behind`."""
    prefix = f"{FOLDER}/{library}/"

    def placed(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(within(prefix, path, around) for path in paths)

    def edge_of(edge: Edge) -> Edge:
        return replace(
            edge,
            outputs=placed(edge.outputs),
            inputs=placed(edge.inputs),
            implicit=placed(edge.implicit),
            order_only=(*placed(edge.order_only), *(() if edge.phony else behind)),
            library="" if edge.phony else library,
        )

    deps = {within(prefix, output): placed(read) for output, read in tree.deps.items()}
    return replace(tree, edges=tuple(edge_of(edge) for edge in tree.edges), deps=deps)
