"""The plan of a build. Pure: from values to values, so that tests compare it and a dry run prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.definitions import (
    LibraryDefinitions,
    cache_definitions,
    expand,
    library_definitions,
    siblings,
    tree_definitions,
)
from orchestrator.detect import Detection, Found, Missing, account
from orchestrator.errors import OptionError, ToolMissingError, UnknownNameError, nearest
from orchestrator.graph import Graph
from orchestrator.manifest import Carried, Library, Manifest
from orchestrator.options import Options, OptionType, Setting
from orchestrator.options.configurations import BUILTIN_CONFIGURATIONS, Configuration
from orchestrator.options.optionspec import DECLARED
from orchestrator.product import HeaderFolder, Product
from orchestrator.subbuild.subplan import SubPlan, sub_plan

__all__ = ["Plan", "check_features", "choose_config", "make_plan", "what_to_do"]

_INSTALL = {
    "compiler": "install one (Debian: apt install gcc g++), or name it with CC and CXX",
    "python": "install CPython >= 3.11 with its headers",
    "pybind11": "python -m pip install 'pybind11>=3'",
    "blas": "python -m pip install scipy-openblas32, or choose BLAS=auto or BLAS=none",
    "cuda": "install a CUDA toolkit (python -m pip install nvidia-cuda-nvcc nvidia-cuda-cccl), name one with CUDA_HOME, "
    "or choose USE_CUDA=OFF",
    "cmake": "python -m pip install 'cmake>=3.24'",
    "ninja": "python -m pip install 'ninja>=1.13'",
    "cache": "install ccache (Debian: apt install ccache), or choose USE_CCACHE=AUTO or USE_CCACHE=OFF",
    "cudnn": "python -m pip install --no-deps nvidia-cudnn-cu13 (or -cu12), or name it with CUDNN_HOME or CUDNN_INCLUDE_DIR",
    "nccl": "python -m pip install nvidia-nccl-cu13 (or -cu12), or name it with NCCL_HOME or NCCL_INCLUDE_DIR",
    "linker": "install binutils (Debian: apt install binutils), or choose another linker with LDFLAGS=-fuse-ld=NAME",
}
"""What to do about something that is missing, by detector."""
_FEATURES = {"cuda": "CUDA", "cudnn": "cuDNN", "nccl": "NCCL", "distributed": "distributed"}
# insight/record.py reads the two lines that cmake prints, so that the time of a configuration is known for each library.
_MARKS = """\
message(STATUS "{0}: configuring")
cmake_language(DEFER CALL message STATUS "{0}: configured")
"""


@dataclass(frozen=True)
class Plan:
    """Everything that a build will do, before it does it.

    `definitions` go to cmake for the whole tree, `libraries` hold what each library alone is given; `settings` is all
    that was chosen, for builds that repeat it. `fresh` names libraries that are made anew; empty means all, None nobody.
    Unless `publish`, nothing outside of the build tree changes.
    """

    config: str
    build_dir: Path
    cmake_root: Path
    definitions: Mapping[str, str]
    siblings: str
    configured: tuple[str, ...]
    requested: tuple[str, ...]
    targets: tuple[str, ...]
    products: tuple[Product, ...]
    headers: tuple[HeaderFolder, ...]
    complete: bool  # all libraries are requested: files that nobody makes any more leave the package
    configuration: Configuration = BUILTIN_CONFIGURATIONS["release"]
    libraries: tuple[LibraryDefinitions, ...] = ()
    settings: tuple[Setting, ...] = ()
    fresh: tuple[str, ...] | None = None
    publish: bool = True
    prefix: Path = Path()
    projects: tuple[SubPlan, ...] = ()  # requested, in build order

    @property
    def graph(self) -> tuple[str, ...]:
        """The requested libraries of the one graph."""
        alone = {project.name for project in self.projects}
        return tuple(name for name in self.requested if name not in alone)

    def files(self) -> dict[str, str]:
        """Texts that cmake reads, by their names in the build tree. It says when a library's turn begins and ends."""
        texts = {f"libraries/{item.name}.cmake": item.text + _MARKS.format(item.name) for item in self.libraries}
        return {"siblings.cmake": self.siblings} | texts

    def lines(self) -> list[str]:
        """For a dry run."""
        text = [f"configuration {self.config} in {self.build_dir}", f"projects: {', '.join(self.configured)}"]
        text += [f"  -D{name}={value}" for name, value in sorted(self.definitions.items())]
        for item in self.libraries:
            given = [line for line in item.text.splitlines() if not line.startswith("#")]
            text += [f"  {item.name}: {line}" for line in given]
        text += [f"ninja {' '.join(self.targets)}"] if self.targets else []
        text += [line for project in self.projects for line in project.lines()]
        text += [f"publish {product.destination} ({product.kind} of {product.owner})" for product in self.products]
        text += [f"publish {folder.destination}/** (headers of {folder.owner})" for folder in self.headers]
        return text


def choose_config(
    config: str | None,
    options: Options,
    configurations: Mapping[str, Configuration] = BUILTIN_CONFIGURATIONS,
    *,
    default: str = "",
) -> str:
    """The configuration's name: as asked for, or by DEBUG and REL_WITH_DEB_INFO, or `default` (the user file's), or release.

    DEBUG=0 also means that a `default` of debug does not count.
    """
    name = (config or "").lower()
    for option, kind in (("DEBUG", "debug"), ("REL_WITH_DEB_INFO", "relwithdebinfo")):
        item = options.values[option]
        if not name and item.on:
            name = kind
        elif default == kind and item.origin != "default":
            default = ""
    name = name or default or "release"
    if name not in configurations:
        text = f"There is no configuration `{name}`.{nearest(name, configurations)}"
        raise UnknownNameError(text, next_step=f"configurations: {', '.join(configurations)}")
    return name


def make_plan(
    manifest: Manifest,
    graph: Graph,
    options: Options,
    found: Mapping[str, Detection],
    *,
    names: Iterable[str],
    only: bool,
    config: str,
    build_dir: Path,
    configuration: Configuration | None = None,
    fresh: tuple[str, ...] | None = None,
    prebuilt: Path | None = None,
    publish: bool = True,
    prefix: Path = Path(),
) -> Plan:
    """Raises ToolMissingError if what a requested library uses is missing, OptionError if an option cannot be met.

    With `prebuilt` the requested libraries are the only ones that are configured; the others are taken from that prefix.
    """
    configuration = configuration or BUILTIN_CONFIGURATIONS[config]
    wanted = _wanted(graph, found)
    requested = graph.closure(tuple(names) or [library.name for library in wanted], only=only)
    _demand_all(found, requested if prebuilt else graph.closure([library.name for library in requested]))
    if not names:
        _demand_features(found, graph.order)
    configured = [library for library in (requested if prebuilt else _possible(graph, found)) if not library.alone]
    alone = [library for library in requested if library.alone]
    shared = tree_definitions(options, found, configuration) | cache_definitions(found, manifest.root, build_dir)
    given = shared | dict(options.cmake)
    every = (*configured, *alone)
    own = {item.name: library_definitions(manifest, item, found, options, configuration, prefix) for item in every}
    return Plan(
        config=config,
        build_dir=build_dir,
        cmake_root=(manifest.root / manifest.framework.cmake).resolve(),
        definitions=_of_tree(shared, options, configured, prefix if any(library.alone for library in graph.order) else None),
        siblings=siblings(graph.order, prebuilt),
        configured=tuple(library.name for library in configured),
        requested=tuple(library.name for library in requested),
        targets=tuple(f"{library.source}/all" for library in requested if not library.alone),
        products=tuple(_all_products(manifest, requested, found, options, build_dir, prefix)),
        headers=tuple(_headers(manifest, requested, prefix)),
        complete=len(requested) == len(wanted),
        configuration=configuration,
        libraries=tuple(own[library.name] for library in configured),
        settings=options.explicit(run=False),
        fresh=fresh,
        publish=publish,
        prefix=prefix,
        projects=tuple(
            sub_plan(manifest, item, own[item.name], configuration, given, found, graph, build_dir, prefix) for item in alone
        ),
    )


def _of_tree(shared: Mapping[str, str], options: Options, configured: Iterable[Library], prefix: Path | None) -> dict[str, str]:
    """What the one graph is configured with; `prefix` is searched first, where there are projects that go into it."""
    definitions = {**shared, "TORCH_PROJECTS": ";".join(library.source for library in configured)}
    if prefix is not None:
        definitions["CMAKE_PREFIX_PATH"] = ";".join(filter(None, (str(prefix), shared.get("CMAKE_PREFIX_PATH", ""))))
    return definitions | dict(options.cmake)


def check_features(manifest: Manifest, options: Options) -> None:
    """A feature that is demanded (USE_CUDA=ON) needs a library that has it."""
    for name, item in options.values.items():
        features = [word for word in item.spec.affects if word != DECLARED]
        demanded = item.spec.type is OptionType.TRISTATE and item.on and features
        if demanded and not item.spec.affected(manifest.libraries):
            title = _FEATURES.get(features[0], features[0])
            why = f"no library of {manifest.path.name} uses {title}: this tree has no {title} library."
            raise OptionError(f"{name}=ON ({item.origin}), but {why}", next_step=f"choose {name}=AUTO or {name}=OFF")


def _demand_all(found: Mapping[str, Detection], libraries: Iterable[Library]) -> None:
    for name in ("cmake", "ninja"):
        _demand(found[name], needed_by="every build")
    if "cache" in found:
        _demand(found["cache"], needed_by="USE_CCACHE=ON")
    for library in libraries:
        for used in library.uses:
            _demand(found[used], needed_by=library.name)


def _demand_features(found: Mapping[str, Detection], libraries: Iterable[Library]) -> None:
    """What was asked for (USE_CUDNN=ON) is not left out silently where another thing that its library uses is off."""
    for library in libraries:
        for used in library.uses:
            item = found[used]
            if isinstance(item, Missing) and item.required and item.name in _FEATURES:
                text = f"{item.name}, which {library.name} needs, is missing: {item.reason}."
                option = f"USE_{item.name.upper()}"
                step = f"choose {option}=AUTO, or turn on what it needs" if not item.looked else what_to_do(item)
                raise ToolMissingError(text, why=account(item.looked), next_step=step)


def _demand(item: Detection, *, needed_by: str) -> None:
    if isinstance(item, Missing) and _stops(item):
        text = f"{item.name}, which {needed_by} needs, is missing: {item.reason}."
        raise ToolMissingError(text, why=account(item.looked), next_step=what_to_do(item))


def what_to_do(item: Missing) -> str:
    """About something that is missing."""
    return item.step or _INSTALL.get(item.name, "install it")


def _wanted(graph: Graph, found: Mapping[str, Detection]) -> list[Library]:
    """All libraries but those that use a feature which is off or, under AUTO, not there, and those that need such a library."""
    return _without(graph, found, lambda item: not item.required and _stops(item))


def _possible(graph: Graph, found: Mapping[str, Detection]) -> list[Library]:
    """Libraries that can be configured here, so that one alone builds where, say, another's pybind11 or CUDA is missing."""
    return _without(graph, found, _stops)


def _without(graph: Graph, found: Mapping[str, Detection], counts: Callable[[Missing], bool]) -> list[Library]:
    """The libraries, in order, except those that use something missing which `counts`, and those that need such a library."""
    kept: dict[str, Library] = {}
    for library in graph.order:
        lacks = any(isinstance(item := found[used], Missing) and counts(item) for used in library.uses)
        if not lacks and all(need in kept for need in library.needs):
            kept[library.name] = library
    return list(kept.values())


def _stops(item: Missing) -> bool:
    """Whether what uses it cannot be built. A BLAS, say, has a stand-in; a feature has none."""
    return item.required or item.name in _FEATURES


def _all_products(
    manifest: Manifest,
    requested: Iterable[Library],
    found: Mapping[str, Detection],
    options: Options,
    build_dir: Path,
    prefix: Path,
) -> Iterable[Product]:
    names = {library.name for library in requested}
    for library in requested:
        yield from _products(manifest, library, found, options, build_dir, prefix)
    for part in manifest.carried:
        if names.intersection(part.owners):
            yield from _carried(part, found[part.name])


def _headers(manifest: Manifest, requested: Iterable[Library], prefix: Path) -> Iterable[HeaderFolder]:
    for library in requested:
        folder = prefix if library.alone else manifest.root
        yield from (HeaderFolder(folder / source, destination, library.name) for source, destination in library.headers)


def _products(
    manifest: Manifest,
    library: Library,
    found: Mapping[str, Detection],
    options: Options,
    build_dir: Path,
    prefix: Path,
) -> Iterable[Product]:
    made, folder = ("library", prefix) if library.alone else (library.kind, build_dir)
    for kind, pairs in ((made, library.products), ("generated", library.generated)):
        for built, destination in pairs:
            built = expand(built, manifest, library, found, options, prefix)
            destination = expand(destination, manifest, library, found, options, prefix)
            yield Product(folder / built, destination, kind, library.name)


def _carried(part: Carried, item: Detection) -> Iterable[Product]:
    if not isinstance(item, Found) or item.values["carry"] != "ON":
        return
    library = Path(item.values["library"])
    yield Product(library, f"{part.library}/{library.name}", "library", part.name)
    yield Product(Path(item.values["licence"]), f"{part.licence}/{library.stem}.LICENSE.txt", "licence", part.name)
