"""The plan of one sub-build: somebody else's CMake project, configured and built alone, then put into the prefix. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.definitions import LibraryDefinitions, cache_definitions
from orchestrator.detect import Detection, Found
from orchestrator.graph import Graph
from orchestrator.manifest import Library, Manifest
from orchestrator.options import OptionValue
from orchestrator.options.configurations import Configuration

__all__ = ["FOLDER", "SubPlan", "installed_plan", "sub_plan"]

FOLDER = "sub"
"""Where the trees of sub-builds stand, in the build tree of a configuration."""

# What every project is told besides. A manifest's own `cmake` lines come later and win.
_COMMON = {
    "CMAKE_INSTALL_LIBDIR": "lib",  # one folder on every distribution, so that `{prefix}/lib` is right
    "CMAKE_POLICY_VERSION_MINIMUM": "3.5",  # cmake 4 refuses older code without it; others do not read it
    "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",  # compiledb.py puts all of them into one file
    "CMAKE_EXPORT_NO_PACKAGE_REGISTRY": "ON",  # nothing outside the prefix
    "CMAKE_FIND_USE_PACKAGE_REGISTRY": "OFF",
    "CMAKE_INSTALL_RPATH": "$ORIGIN/../lib",
}


@dataclass(frozen=True)
class SubPlan:
    """One project: `needs` are all that stand behind it, directly or not. `definitions` go to cmake as -D.

    `follows` names the options behind a definition. `install` adds files to the stage, from the tree or the source folder;
    `produces` are paths below the prefix that must then be there. `places` has FILE:LINE of each key of the manifest.
    """

    name: str
    source: Path
    build_dir: Path
    prefix: Path
    needs: tuple[str, ...]
    definitions: Mapping[str, str]
    follows: Mapping[str, tuple[str, ...]]
    options: Mapping[str, OptionValue]
    install: tuple[tuple[str, str], ...]
    produces: tuple[str, ...]
    tests: str
    places: Mapping[str, str]

    @property
    def stage(self) -> Path:
        """Where its install rules put things before they go into the prefix."""
        return self.build_dir / ".stage"

    def lines(self) -> list[str]:
        """For a dry run."""
        given = [f"    -D{name}={value}" for name, value in sorted(self.definitions.items())]
        return [f"project {self.name} in {self.build_dir}", *given, f"  into {self.prefix}"]


def sub_plan(
    manifest: Manifest,
    library: Library,
    own: LibraryDefinitions,
    configuration: Configuration,
    shared: Mapping[str, str],
    found: Mapping[str, Detection],
    graph: Graph,
    build_dir: Path,
    prefix: Path,
) -> SubPlan:
    """`own` is what the library alone is given, `shared` what holds for all; `build_dir` is the configuration's tree."""
    tree = build_dir / FOLDER / library.name
    launchers = cache_definitions(found, manifest.root, tree, build_dir)
    definitions = {**_COMMON, **shared, **launchers, "CMAKE_BUILD_TYPE": own.build_type, "CMAKE_INSTALL_PREFIX": str(prefix)}
    searched = (str(prefix), shared.get("CMAKE_PREFIX_PATH", ""))
    definitions["CMAKE_PREFIX_PATH"] = ";".join(path for path in searched if path)
    definitions |= dict(_flags(library, own.options, configuration)) | dict(_cuda(library, own.options, found.get("cuda")))
    definitions |= {name: item.value for name, item in own.definitions.items()}
    return SubPlan(
        name=library.name,
        source=(manifest.root / library.source).resolve(),
        build_dir=tree,
        prefix=prefix,
        needs=graph.behind(library.name),
        definitions=definitions,
        follows={name: item.follows for name, item in own.definitions.items()},
        options=own.options,
        install=library.install,
        produces=library.produces,
        tests=library.tests,
        places={key: f"{manifest.path}:{line}" for key, line in {"": library.line, **library.lines}.items()},
    )


def _cuda(library: Library, options: Mapping[str, OptionValue], cuda: Detection | None) -> Iterable[tuple[str, str]]:
    """Architectures and flags for a project that uses CUDA. nvcc 13 joins the job server if it is told to."""
    if "cuda" not in library.uses or not isinstance(cuda, Found):
        return
    major = cuda.version.partition(".")[0]
    joins = "-jobserver" if major.isdigit() and int(major) >= 13 else ""
    given = (joins, cuda.values.get("flags", ""), options["TORCH_NVCC_FLAGS"].value)
    flags = " ".join(text for text in given if text)
    yield from (("CMAKE_CUDA_ARCHITECTURES", cuda.values["architectures"]), ("CMAKE_CUDA_FLAGS", flags))


def installed_plan(item: LibraryDefinitions, build_dir: Path, prefix: Path) -> SubPlan:
    """For a library of the one graph that a project needs: its install rules put it into the prefix as well."""
    folder = build_dir / item.source
    return SubPlan(item.name, folder, folder, prefix, (), {}, {}, item.options, (), (), "", defaultdict(lambda: item.name))


def _flags(library: Library, options: Mapping[str, OptionValue], configuration: Configuration) -> Iterable[tuple[str, str]]:
    """The configuration's flags before those of the options."""
    if "compiler" not in library.uses:
        return
    own = {name: item.value for name, item in options.items()}
    rows = (
        ("CMAKE_C_FLAGS", configuration.cflags, own["CPPFLAGS"], own["CFLAGS"]),
        ("CMAKE_CXX_FLAGS", configuration.cxxflags, own["CPPFLAGS"], own["CXXFLAGS"]),
        *((f"CMAKE_{kind}_LINKER_FLAGS", configuration.ldflags, own["LDFLAGS"]) for kind in ("SHARED", "MODULE", "EXE")),
    )
    for name, *flags in rows:
        if given := " ".join(text for text in flags if text):
            yield name, given
