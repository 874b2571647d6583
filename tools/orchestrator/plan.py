"""The plan of a build. Pure: from values to values, so that tests compare it and a dry run prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.detect import Detection, Found, Missing
from orchestrator.errors import ManifestError, OptionError, ToolMissingError, UnknownNameError, nearest
from orchestrator.graph import Graph
from orchestrator.manifest import Carried, Library, Manifest
from orchestrator.options import Options
from orchestrator.product import HeaderFolder, Product

__all__ = ["CONFIGS", "Plan", "check_cuda", "choose_config", "make_plan"]

CONFIGS = {"release": "Release", "debug": "Debug", "relwithdebinfo": "RelWithDebInfo"}

_INSTALL = {
    "compiler": "install one (Debian: apt install gcc g++), or name it with CC and CXX",
    "python": "install CPython >= 3.11 with its headers",
    "pybind11": "python -m pip install 'pybind11>=3'",
    "blas": "python -m pip install scipy-openblas32, or choose BLAS=auto or BLAS=none",
    "cuda": "install the CUDA toolkit, name it with CUDA_HOME, or choose USE_CUDA=AUTO",
    "cmake": "python -m pip install 'cmake>=3.24'",
    "ninja": "python -m pip install 'ninja>=1.13'",
}


@dataclass(frozen=True)
class Plan:
    """Everything that a build will do, before it does it."""

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

    def lines(self) -> list[str]:
        """For a dry run."""
        text = [f"configuration {self.config} in {self.build_dir}", f"projects: {', '.join(self.configured)}"]
        text += [f"  -D{name}={value}" for name, value in sorted(self.definitions.items())]
        text += [f"ninja {' '.join(self.targets)}"]
        text += [f"publish {product.destination} ({product.kind} of {product.owner})" for product in self.products]
        text += [f"publish {folder.destination}/** (headers of {folder.owner})" for folder in self.headers]
        return text


def choose_config(config: str | None, options: Options) -> str:
    """The configuration's name: as asked for, or by DEBUG and REL_WITH_DEB_INFO."""
    name = config or (
        "debug" if options.values["DEBUG"].on else "relwithdebinfo" if options.values["REL_WITH_DEB_INFO"].on else ""
    )
    name = name.lower() or "release"
    if name not in CONFIGS:
        text = f"There is no configuration `{name}`.{nearest(name, CONFIGS)}"
        raise UnknownNameError(text, next_step=f"configurations: {', '.join(CONFIGS)}")
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
) -> Plan:
    """Raises ToolMissingError if what a requested library uses is missing, OptionError if an option cannot be met."""
    requested = graph.closure(names, only=only)
    for name in ("cmake", "ninja"):
        _demand(found[name], needed_by="every build")
    for library in graph.closure([library.name for library in requested]):
        for used in library.uses:
            _demand(found[used], needed_by=library.name)
    configured = _possible(graph, found)
    products = [product for library in requested for product in _products(manifest, library, found, options, build_dir)]
    for part in manifest.carried:
        if any(library.name in part.owners for library in requested):
            products += _carried(part, found[part.name])
    definitions = _common_definitions(options, found, config)
    definitions["TORCH_PROJECTS"] = ";".join(library.source for library in configured)
    for library in configured:
        definitions.update(_library_definitions(manifest, library, found, options))
    definitions.update(options.cmake)
    return Plan(
        config=config,
        build_dir=build_dir,
        cmake_root=(manifest.root / manifest.framework.cmake).resolve(),
        definitions=definitions,
        siblings=_siblings(graph.order),
        configured=tuple(library.name for library in configured),
        requested=tuple(library.name for library in requested),
        targets=tuple(f"{library.source}/all" for library in requested),
        products=tuple(products),
        headers=tuple(
            HeaderFolder(manifest.root / source, destination, library.name)
            for library in requested
            for source, destination in library.headers
        ),
        complete=len(requested) == len(graph.order),
    )


def check_cuda(manifest: Manifest, options: Options) -> None:
    """USE_CUDA=ON needs a library that has it."""
    if options["USE_CUDA"] == "ON" and not any("cuda" in library.uses for library in manifest.libraries):
        origin = options.values["USE_CUDA"].origin
        text = f"USE_CUDA=ON ({origin}), but no library of {manifest.path.name} uses CUDA: this tree has no CUDA library."
        raise OptionError(text, next_step="choose USE_CUDA=AUTO or USE_CUDA=OFF")


def _demand(item: Detection, *, needed_by: str) -> None:
    if isinstance(item, Missing) and item.required:
        why = "\n".join(["Places searched:", *(f"  {place}" for place in item.searched)]) if item.searched else ""
        text = f"{item.name}, which {needed_by} needs, is missing: {item.reason}."
        raise ToolMissingError(text, why=why, next_step=_INSTALL.get(item.name, ""))


def _possible(graph: Graph, found: Mapping[str, Detection]) -> list[Library]:
    """Libraries that can be configured here, so that TH alone builds where, say, pybind11 is missing."""
    possible: list[Library] = []
    for library in graph.order:
        lacks = any(isinstance(item := found[used], Missing) and item.required for used in library.uses)
        if not lacks and all(any(other.name == need for other in possible) for need in library.needs):
            possible.append(library)
    return possible


def _common_definitions(options: Options, found: Mapping[str, Detection], config: str) -> dict[str, str]:
    flags = options["LDFLAGS"]
    definitions = {
        "CMAKE_BUILD_TYPE": CONFIGS[config],
        "CMAKE_MAKE_PROGRAM": found["ninja"].values["program"],
        "CMAKE_C_FLAGS": options["CFLAGS"],
        "CMAKE_CXX_FLAGS": options["CXXFLAGS"],
        "CMAKE_SHARED_LINKER_FLAGS": flags,
        "CMAKE_MODULE_LINKER_FLAGS": flags,
        "CMAKE_EXE_LINKER_FLAGS": flags,
        "TORCH_WERROR": options["WERROR"],
        "TORCH_BUILD_TESTS": options["BUILD_TESTS"],
    }
    compiler = found.get("compiler")
    if isinstance(compiler, Found):
        definitions["CMAKE_C_COMPILER"] = compiler.values["c"]
        definitions["CMAKE_CXX_COMPILER"] = compiler.values["cxx"]
        if compiler.values.get("launcher"):
            definitions["CMAKE_C_COMPILER_LAUNCHER"] = compiler.values["launcher"]
            definitions["CMAKE_CXX_COMPILER_LAUNCHER"] = compiler.values["launcher"]
    if options["CMAKE_PREFIX_PATH"]:
        definitions["CMAKE_PREFIX_PATH"] = options["CMAKE_PREFIX_PATH"].replace(":", ";")
    return definitions


def _library_definitions(
    manifest: Manifest, library: Library, found: Mapping[str, Detection], options: Options
) -> dict[str, str]:
    definitions = {}
    for item in library.cmake:
        name, equals, value = item.partition("=")
        if not name.startswith("-D") or not equals:
            where = f"{manifest.path}:{library.line}"
            raise ManifestError(f'{where}: `cmake` of {library.name} holds {item!r}; expected "-DNAME=VALUE"')
        definitions[name[2:].partition(":")[0]] = _expand(value, manifest, library, found, options)
    return definitions


def _expand(text: str, manifest: Manifest, library: Library, found: Mapping[str, Detection], options: Options) -> str:
    """Fills {detector.key} and {option.NAME}. A library may use only what it declares in `uses` and `options`."""

    def fill(match: re.Match[str]) -> str:
        group, key = match[1], match[2]
        if group == "option" and key in library.options and key in options.values:
            return options[key]
        if group in library.uses and key in found[group].values:
            return found[group].values[key]
        where = f"{manifest.path}:{library.line}"
        step = f"declare `{key}` in `options` or `{group}` in `uses` of {library.name}; keys are listed in docs/manifest.md"
        raise ManifestError(f"{where}: {library.name} has the placeholder {match[0]}, which has no value.", next_step=step)

    return re.sub(r"\{(\w+)\.(\w+)\}", fill, text)


def _products(
    manifest: Manifest, library: Library, found: Mapping[str, Detection], options: Options, build_dir: Path
) -> Iterable[Product]:
    for kind, pairs in ((library.kind, library.products), ("generated", library.generated)):
        for built, destination in pairs:
            built = _expand(built, manifest, library, found, options)
            destination = _expand(destination, manifest, library, found, options)
            yield Product(build_dir / built, destination, kind, library.name)


def _carried(part: Carried, item: Detection) -> Iterable[Product]:
    if not isinstance(item, Found) or item.values["carry"] != "ON":
        return
    library = Path(item.values["library"])
    yield Product(library, f"{part.library}/{library.name}", "library", part.name)
    yield Product(Path(item.values["licence"]), f"{part.licence}/{library.stem}.LICENSE.txt", "licence", part.name)


def _siblings(libraries: Iterable[Library]) -> str:
    """The text of siblings.cmake, which cmake/TorchProvider.cmake reads."""
    lines = ["# Written from the manifest; read by cmake/TorchProvider.cmake."]
    names = []
    for library in libraries:
        names.append(library.name)
        lines.append(f'set(TORCH_SIBLING_VERSION_{library.name} "{library.version}")')
        lines.append(f'set(TORCH_SIBLING_NEEDS_{library.source} "{";".join(library.needs)}")')
    return "\n".join([*lines, f'set(TORCH_SIBLINGS "{";".join(names)}")', ""])
