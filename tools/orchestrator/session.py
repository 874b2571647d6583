"""What every command resolves first: manifest, graph, options, configuration, folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.configure import remembered_tools
from orchestrator.detect import DETECTORS, Context, Detection, Found, Missing, detect
from orchestrator.graph import Graph, build_graph
from orchestrator.manifest import Manifest, load_manifest
from orchestrator.options import BUILTIN, Options, OptionSpec, default_jobs, resolve
from orchestrator.plan import Plan, check_cuda, choose_config, make_plan
from orchestrator.stage import stage_all

__all__ = ["BuildRequest", "Session", "open_session"]


@dataclass(frozen=True)
class BuildRequest:
    """What a user asks for. Empty `libraries` means all of the manifest; `only` leaves out what they need.

    `root` is the checkout; paths of the manifest are relative to the manifest's own folder, which is `root` by default.
    `defines` are NAME=VALUE (or LIBRARY:NAME=VALUE) options. `again` takes the options of the last build of the configuration
    instead of environment and user file. `fresh` names libraries that are made anew from nothing; an empty tuple means all, None
    nobody. `prefix` is a folder into which the libraries are installed after the build. `argv` is the command line, for records
    and messages. `command` is the name under which the build shows up for others.
    """

    root: Path
    libraries: tuple[str, ...] = ()
    only: bool = False
    config: str | None = None
    defines: tuple[str, ...] = ()
    jobs: int | None = None
    verbose: int = 0
    quiet: bool = False
    dry_run: bool = False
    manifest: Path | None = None
    build_dir: Path | None = None
    prefix: Path | None = None
    fresh: tuple[str, ...] | None = None
    again: bool = False
    color: str = "auto"
    json: bool = False
    argv: tuple[str, ...] = ()
    command: str = "build_deps"


@dataclass(frozen=True)
class Session:
    """A request with everything that follows from files and environment, before anything is searched or run."""

    request: BuildRequest
    manifest: Manifest
    graph: Graph
    options: Options
    config: str
    build_base: Path
    build_dir: Path

    @property
    def root(self) -> Path:
        """The folder that destinations are relative to."""
        return self.manifest.root

    @property
    def products(self) -> Path:
        """Where journal and marker of publishing stand."""
        return self.root / self.manifest.framework.products

    @property
    def jobs(self) -> int:
        """Commands that run at once."""
        return self.request.jobs or int(self.options["MAX_JOBS"] or default_jobs())

    def specs(self) -> tuple[OptionSpec, ...]:
        """The whole ledger: the orchestrator's options and the manifest's."""
        return (*BUILTIN, *self.manifest.options)

    def detect(self) -> dict[str, Detection]:
        """Looks for the tools, and for all that the manifest's libraries use."""
        used = {name for library in self.manifest.libraries for name in library.uses}
        context = Context(self.options, os.environ, remembered_tools(self.build_dir))
        found = detect({"cmake", "ninja", "cuda", *used}, context)
        if "cuda" not in used:
            found["cuda"] = _without_cuda(found["cuda"])
        return found

    def plan(self, found: Mapping[str, Detection], *, dry_run: bool) -> tuple[Plan, dict[str, Detection]]:
        """The plan, and the detections with temporary files staged in the build tree (`dry_run`: as they would be)."""
        self._plan_with(found)  # what is missing is said before anything is written
        staged = stage_all(found, self.build_dir, dry_run=dry_run)
        return self._plan_with(staged), staged

    def _plan_with(self, found: Mapping[str, Detection]) -> Plan:
        return make_plan(
            self.manifest,
            self.graph,
            self.options,
            found,
            names=self.request.libraries,
            only=self.request.only,
            config=self.config,
            build_dir=self.build_dir,
        )


def _without_cuda(item: Detection) -> Detection:
    """Nothing in the manifest uses CUDA, whether or not a toolkit is there."""
    if isinstance(item, Found):
        return Missing("cuda", f"off: this tree has no CUDA library (toolkit {item.version} is installed)", required=False)
    if item.reason.endswith("no nvcc found"):
        return Missing("cuda", "off: this tree has no CUDA library, and no nvcc was found", item.searched, required=False)
    return item


def open_session(request: BuildRequest) -> Session:
    """Reads the manifest and resolves the options. Raises the errors of both."""
    manifest = load_manifest(request.manifest or request.root / "libraries.toml", detectors=tuple(DETECTORS))
    options = resolve((*BUILTIN, *manifest.options), os.environ, request.defines)
    check_cuda(manifest, options)
    config = choose_config(request.config, options)
    base = (request.build_dir or manifest.root / "build").absolute()
    return Session(request, manifest, build_graph(manifest), options, config, base, base / config)
