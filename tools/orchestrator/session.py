"""What every command resolves first: manifest, graph, options, configuration, folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.cachefolder import user_cache
from orchestrator.configure import remembered_tools
from orchestrator.detect import DETECTORS, Context, Detection, Found, Missing, detect
from orchestrator.errors import OptionError
from orchestrator.fastpath import build_base
from orchestrator.fresh import make_fresh
from orchestrator.graph import Graph, build_graph, check_order, wanted
from orchestrator.launcher import find_launcher
from orchestrator.manifest import Manifest, load_manifest
from orchestrator.options import BUILTIN, Options, OptionSpec, Setting, default_jobs, resolve
from orchestrator.options.configurations import Configuration, all_configurations, with_lines
from orchestrator.options.ledger import last_config, last_settings
from orchestrator.options.optionspec import RUN
from orchestrator.options.userfile import UserFile, read_user_file, user_file
from orchestrator.plan import Plan, check_features, choose_config, make_plan
from orchestrator.stage import stage_all

__all__ = ["BuildRequest", "Session", "open_session"]


@dataclass(frozen=True)
class BuildRequest:
    """What a user asks for. Empty `libraries` means all of the manifest; `only` leaves out what they need.

    `root` is the checkout; paths of the manifest are relative to the manifest's own folder, which is `root` by default.
    `defines` are NAME=VALUE (or LIBRARY:NAME=VALUE). `again` takes the options of the last build of the configuration instead
    of environment and user file. With `keep_going` a failure stops only what needs it. `fresh` names libraries that are made
    anew from nothing; empty means all, None nobody.
    `prefix` is a folder into which the libraries are installed after the build. With `publish` False the package is left alone:
    the products stay in the build tree. `python` is the interpreter that extensions are built for (None: the running one).
    `prebuilt` is such a prefix: what is not requested is taken from there instead of being built. `lines` adds tables of source
    lines to what is compiled, for debug symbols beside a release. `argv` is the command line, for records
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
    publish: bool = True
    python: Path | None = None
    prebuilt: Path | None = None
    lines: bool = False
    fresh: tuple[str, ...] | None = None
    keep_going: bool = False
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
    configurations: Mapping[str, Configuration]

    @property
    def configuration(self) -> Configuration:
        """What `config` stands for."""
        chosen = self.configurations[self.config]
        return with_lines(chosen) if self.request.lines else chosen

    @property
    def verbose(self) -> int:
        """How much of cmake's and ninja's output is shown."""
        return max(self.request.verbose, int(self.options.values["VERBOSE"].on))

    def inputs(self) -> tuple[Path, ...]:
        """Files that options come from, or that they name: a change of one, its coming and its going count."""
        toolchain = self.options["CMAKE_TOOLCHAIN_FILE"]
        return (user_file(self.root), *((Path(toolchain).expanduser().absolute(),) if toolchain else ()))

    @property
    def root(self) -> Path:
        """The folder that destinations are relative to."""
        return self.manifest.root

    @property
    def products(self) -> Path:
        """Where journal and marker of publishing stand; a family that publishes nothing has only its prefix."""
        named = self.manifest.framework.products
        return self.root / named if named else self.build_dir / "published"

    @property
    def prefix(self) -> Path:
        """Where projects that are built alone are installed."""
        named = self.manifest.framework.prefix
        return self.root / named if named else self.build_dir / "prefix"

    @property
    def jobs(self) -> int:
        """Commands that run at once."""
        return self.request.jobs or int(self.options["MAX_JOBS"] or default_jobs())

    def specs(self) -> tuple[OptionSpec, ...]:
        """The whole ledger: the orchestrator's options and the manifest's."""
        return (*BUILTIN, *self.manifest.options)

    def context(self) -> Context:
        """What detectors look at."""
        return Context(self.options, os.environ, remembered_tools(self.build_dir), user_cache(os.environ), self.request.python)

    def cache_server(self) -> str:
        """The program of a compiler cache that has a server, if one is to be used."""
        item = detect({"cache"}, self.context())["cache"]
        return item.values["program"] if isinstance(item, Found) and item.values["kind"] == "sccache" else ""

    def detect(self) -> dict[str, Detection]:
        """Looks for the tools, and for all that the manifest's libraries use."""
        used = {name for library in self.graph.order for name in library.uses}
        if "compiler" in used:
            used |= {"linker", "cache"}
        if any(library.alone for library in self.graph.order):
            used.add("make")
        found = detect({"cmake", "ninja", *used}, self.context())
        # Not looked for: what only happens to be installed must neither cost time nor stand in the package.
        found.setdefault("cuda", Missing("cuda", "off: no library of this tree uses CUDA", required=False))
        return found

    def plan(self, found: Mapping[str, Detection], *, dry_run: bool) -> tuple[Plan, dict[str, Detection]]:
        """The plan, and the detections with temporary files staged in the build tree (`dry_run`: as they would be)."""
        wanted = self.options.values["HOLD_MEMORY"].on
        memory = find_launcher(found, user_cache(os.environ), self.build_dir, wanted=wanted, dry_run=dry_run)
        found = {**found, "memory": memory}
        plan = self._plan_with(found)  # what is missing is said before anything is written
        if not dry_run:
            make_fresh(plan)
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
            configuration=self.configuration,
            fresh=self.request.fresh,
            prebuilt=self.request.prebuilt,
            publish=self.request.publish,
            prefix=self.prefix,
        )


def open_session(request: BuildRequest) -> Session:
    """Reads the manifest and the user's file, and resolves the options. Raises the errors of all three."""
    manifest = load_manifest(request.manifest or request.root / "libraries.toml", detectors=tuple(DETECTORS))
    graph = build_graph(manifest)
    graph.closure(request.fresh or (), only=True)  # unknown names
    user = read_user_file(manifest.root, graph.names())
    base = (request.build_dir or Path(build_base(str(manifest.root)))).absolute()
    configurations = all_configurations((*manifest.configurations, *user.configurations))
    choose = _choose_again if request.again else _choose
    config, options = choose(request, _Sources((*BUILTIN, *manifest.options), graph, user, configurations, base))
    check_features(manifest, options)
    graph = wanted(manifest, graph, options, config)
    check_order(manifest, graph)
    session = Session(request, manifest, graph, options, config, base, base / config, configurations)
    for path in session.inputs()[1:]:
        if not path.is_file():
            origin = options.values["CMAKE_TOOLCHAIN_FILE"].origin
            raise OptionError(f"CMAKE_TOOLCHAIN_FILE={path} ({origin}): there is no such file.", next_step="correct the path")
    return session


@dataclass(frozen=True)
class _Sources:
    """Where options come from, beside environment and command line."""

    specs: tuple[OptionSpec, ...]
    graph: Graph
    user: UserFile
    configurations: Mapping[str, Configuration]
    build_base: Path

    def resolve(self, environ: Mapping[str, str], request: BuildRequest, *layers: tuple[Setting, ...]) -> Options:
        return resolve(self.specs, environ, request.defines, libraries=self.graph.order, layers=layers)


def _choose(request: BuildRequest, sources: _Sources) -> tuple[str, Options]:
    """Command line, environment, what the configuration sets, the user's file."""
    user = sources.user
    options = sources.resolve(os.environ, request, user.settings)
    config = choose_config(request.config, options, sources.configurations, default=user.configuration)
    if settings := sources.configurations[config].settings:
        options = sources.resolve(os.environ, request, settings, user.settings)
    return config, options


def _choose_again(request: BuildRequest, sources: _Sources) -> tuple[str, Options]:
    """Command line, then the last build of the configuration. Options of the run are no part of a build's memory."""
    known = {name: spec for spec in sources.specs for name in spec.names()}
    run = {name for name, spec in known.items() if spec.affects == (RUN,)}
    environ = {name: value for name, value in os.environ.items() if name in run}
    mine = tuple(setting for setting in sources.user.settings if setting.name in run)
    plain = sources.resolve(environ, request)
    config = choose_config(request.config, plain, sources.configurations, default=last_config(sources.build_base))
    last = tuple(
        setting
        for setting in last_settings(sources.build_base / config)
        # Libraries and options may have left the manifest since.
        if (not setting.scope or setting.scope in sources.graph.names())
        and (setting.name in known or setting.name.startswith("CMAKE_"))
    )
    return config, sources.resolve(environ, request, mine, last)
