"""Making a build tree, or what one library put there, anew from nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from orchestrator.errors import BuildError
from orchestrator.insight.buildgraph import Sources, load_graph
from orchestrator.plan import Plan
from orchestrator.tree import is_ours

__all__ = ["make_fresh"]

# The lock is held, the tag says that the tree is ours, logs and durations are history and make nothing.
_KEPT = {".lock", "CACHEDIR.TAG", "logs", ".ninja_log", "configure.json", "options.json"}


def make_fresh(plan: Plan) -> None:
    """Deletes what `plan.fresh` asks for, inside the tagged build tree only. The lock of the tree is held."""
    if plan.fresh is None or not plan.build_dir.is_dir():
        return
    if not is_ours(plan.build_dir):
        raise BuildError(f"{plan.build_dir} is not emptied: it does not hold the tag of a build tree.")
    for path in _everything(plan.build_dir) if not plan.fresh else _of_libraries(plan, plan.fresh):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _everything(build_dir: Path) -> Iterable[Path]:
    return [path for path in build_dir.iterdir() if path.name not in _KEPT]


def _of_libraries(plan: Plan, names: tuple[str, ...]) -> Iterable[Path]:
    """Projects' folders in the build tree, their definitions, and all that their commands put elsewhere in the tree."""
    folders = {item.source: item.name for item in plan.libraries}
    for folder, name in folders.items():
        if name in names:
            yield plan.build_dir / folder
            yield plan.build_dir / "libraries" / f"{name}.cmake"
    yield from (project.build_dir for project in plan.projects if project.name in names and project.build_dir.is_dir())
    graph = load_graph(plan.build_dir, Sources(folders))
    edges = graph.edges if graph else ()
    for output in (output for edge in edges if edge.library in names and not edge.phony for output in edge.outputs):
        path = plan.build_dir / output
        if plan.build_dir in Path(os.path.normpath(path)).parents:
            yield path
