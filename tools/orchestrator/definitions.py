"""What cmake is given: a few definitions for the whole tree, and for each library a file of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.cache import launcher
from orchestrator.detect import Detection, Found
from orchestrator.errors import ManifestError
from orchestrator.launcher import launcher_arguments, launcher_variables
from orchestrator.manifest import Library, Manifest
from orchestrator.options import Options, OptionValue
from orchestrator.options.configurations import Configuration

__all__ = [
    "Definition",
    "LibraryDefinitions",
    "cache_definitions",
    "expand",
    "library_definitions",
    "siblings",
    "tree_definitions",
]

_LINKS = ("SHARED", "MODULE", "EXE")


@dataclass(frozen=True)
class Definition:
    """A value, and the options that it follows from."""

    value: str
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class LibraryDefinitions:
    """What one library is configured with. `options` are those that it declares, with the values that count for it."""

    name: str
    source: str
    build_type: str
    options: Mapping[str, OptionValue]
    definitions: Mapping[str, Definition]
    text: str  # of libraries/NAME.cmake


def tree_definitions(options: Options, found: Mapping[str, Detection], configuration: Configuration) -> dict[str, str]:
    """What holds for the whole tree and goes to cmake as -D."""
    definitions = {
        "CMAKE_BUILD_TYPE": configuration.build_type,
        "CMAKE_MAKE_PROGRAM": found["ninja"].values["program"],
    }
    toolchain = options["CMAKE_TOOLCHAIN_FILE"]
    if toolchain:
        definitions["CMAKE_TOOLCHAIN_FILE"] = str(Path(toolchain).expanduser().absolute())
    compiler = found.get("compiler")
    if isinstance(compiler, Found):
        for language, key, option in (("C", "c", "CC"), ("CXX", "cxx", "CXX")):
            # A toolchain file chooses the compilers, unless the user does.
            if options[option] or not toolchain:
                definitions[f"CMAKE_{language}_COMPILER"] = compiler.values[key]
            if compiler.values.get("launcher"):
                definitions[f"CMAKE_{language}_COMPILER_LAUNCHER"] = compiler.values["launcher"]
    cuda = found.get("cuda")
    if isinstance(cuda, Found):
        definitions["CMAKE_CUDA_COMPILER"] = cuda.values["nvcc"]
        if "CMAKE_CXX_COMPILER" in definitions:
            definitions["CMAKE_CUDA_HOST_COMPILER"] = definitions["CMAKE_CXX_COMPILER"]
        if cuda.values.get("flags"):
            definitions["CMAKE_CUDA_FLAGS"] = cuda.values["flags"]
    if options["CMAKE_PREFIX_PATH"]:
        definitions["CMAKE_PREFIX_PATH"] = options["CMAKE_PREFIX_PATH"].replace(":", ";")
    return definitions


def cache_definitions(
    found: Mapping[str, Detection], root: Path, build_dir: Path, table_dir: Path | None = None
) -> dict[str, str]:
    """What stands before compilers and linkers: the compiler cache, if there is one, and what measures memory.

    `table_dir` is the tree of the whole build, where `build_dir` is that of a sub-build.
    """
    cache, memory, compiler = found.get("cache"), found.get("memory"), found.get("compiler")
    measured = launcher_arguments(memory, build_dir, table_dir or build_dir)
    named = isinstance(compiler, Found) and compiler.values.get("launcher")  # as in CC="ccache gcc": the only one, then
    through = [] if named else measured
    if isinstance(cache, Found):
        through = launcher(cache.values, root, build_dir, launcher_variables(memory, build_dir, table_dir or build_dir))
    languages = ("C", "CXX", "CUDA") if isinstance(found.get("cuda"), Found) else ("C", "CXX")
    definitions = {f"CMAKE_{language}_COMPILER_LAUNCHER": ";".join(through) for language in languages if through}
    return definitions | {f"CMAKE_{language}_LINKER_LAUNCHER": ";".join(measured) for language in languages if measured}


def library_definitions(
    manifest: Manifest,
    library: Library,
    found: Mapping[str, Detection],
    options: Options,
    configuration: Configuration,
    prefix: Path,
) -> LibraryDefinitions:
    """Options, definitions and file of one library."""
    declared = {name: options.of(library.name, name) for name, item in options.values.items() if item.spec.touches(library)}
    kinds = {name: own for name in ("DEBUG", "REL_WITH_DEB_INFO") if (own := options.scoped.get((library.name, name)))}
    build_type = _build_type(kinds, configuration)
    declared |= kinds
    definitions = dict(_manifest_definitions(manifest, library, found, options, prefix))
    definitions |= {name: Definition(value) for name, value in options.scoped_cmake.get(library.name, ())}
    cuda = found.get("cuda")
    architectures = cuda.values["architectures"] if "cuda" in library.uses and isinstance(cuda, Found) else ""
    text = _file_text(library, declared, definitions, build_type, configuration, architectures)
    return LibraryDefinitions(library.name, library.source, build_type, declared, definitions, text)


def _build_type(own: Mapping[str, OptionValue], configuration: Configuration) -> str:
    """The library's, where it has a value of its own for one of the classic options."""
    debug, with_info = own.get("DEBUG"), own.get("REL_WITH_DEB_INFO")
    if debug and debug.on:
        return "Debug"
    if with_info and with_info.on:
        return "RelWithDebInfo"
    switched_off = {"Debug": debug, "RelWithDebInfo": with_info}.get(configuration.build_type)
    return "Release" if switched_off else configuration.build_type


def _file_text(
    library: Library,
    declared: Mapping[str, OptionValue],
    definitions: Mapping[str, Definition],
    build_type: str,
    configuration: Configuration,
    architectures: str,
) -> str:
    lines = [f"# What {library.name} alone is given; the orchestrator writes it anew when that differs."]
    if build_type != configuration.build_type:
        lines.append(f"set(CMAKE_BUILD_TYPE {_quoted(build_type)})")
    if "compiler" in library.uses:
        own = {name: item.value for name, item in declared.items()}
        lines += _appended("CMAKE_C_FLAGS", configuration.cflags, own["CPPFLAGS"], own["CFLAGS"])
        lines += _appended("CMAKE_CXX_FLAGS", configuration.cxxflags, own["CPPFLAGS"], own["CXXFLAGS"])
        for kind in _LINKS:
            lines += _appended(f"CMAKE_{kind}_LINKER_FLAGS", configuration.ldflags, own["LDFLAGS"])
        lines += [f"set(TORCH_WERROR {own['WERROR']})", f"set(TORCH_BUILD_TESTS {own['BUILD_TESTS']})"]
    if architectures:
        lines += [f"set(CMAKE_CUDA_ARCHITECTURES {_quoted(architectures)})"]
        lines += _appended("CMAKE_CUDA_FLAGS", declared["TORCH_NVCC_FLAGS"].value)
    lines += [f"set({name} {_quoted(item.value)})" for name, item in definitions.items()]
    return "\n".join([*lines, ""])


def _appended(variable: str, *flags: str) -> Iterable[str]:
    """Appended, because a toolchain file may have put flags there."""
    given = " ".join(text for text in flags if text)
    if given:
        yield f"string(APPEND {variable} {_quoted(f' {given}')})"


def _quoted(text: str) -> str:
    """A bracket argument: nothing in it has a meaning to cmake."""
    level = "="
    while f"]{level}]" in text or text.endswith(f"]{level}"):
        level += "="
    return f"[{level}[{text}]{level}]"


def _manifest_definitions(
    manifest: Manifest, library: Library, found: Mapping[str, Detection], options: Options, prefix: Path
) -> Iterable[tuple[str, Definition]]:
    for item in library.cmake:
        name, equals, value = item.partition("=")
        if not name.startswith("-D") or not equals:
            where = f"{manifest.path}:{library.line_of('cmake')}"
            raise ManifestError(f'{where}: `cmake` of {library.name} holds {item!r}; expected "-DNAME=VALUE"')
        expanded = expand(value, manifest, library, found, options, prefix)
        yield name[2:].partition(":")[0], Definition(expanded, tuple(_follows(value, options)))


_PLACEHOLDER = re.compile(r"\{(\w+)\.(\w+)\}")
_PREFIX = "{prefix}"


def _follows(text: str, options: Options) -> Iterable[str]:
    for group, key in _PLACEHOLDER.findall(text):
        if group == "option":
            yield key
        else:
            yield from (name for name, item in options.values.items() if group in item.spec.affects)


def expand(
    text: str, manifest: Manifest, library: Library, found: Mapping[str, Detection], options: Options, prefix: Path
) -> str:
    """Fills {detector.key}, {option.NAME} and {prefix}. A library may use only what it declares in `uses` and `options`."""

    def fill(match: re.Match[str]) -> str:
        group, key = match[1], match[2]
        if group == "option" and key in library.options and key in options.values:
            return options.of(library.name, key).value
        if group in library.uses and key in found[group].values:
            return found[group].values[key]
        where = f"{manifest.path}:{library.line}"
        step = f"declare `{key}` in `options` or `{group}` in `uses` of {library.name}; keys are listed in docs/manifest.md"
        raise ManifestError(f"{where}: {library.name} has the placeholder {match[0]}, which has no value.", next_step=step)

    return _PLACEHOLDER.sub(fill, text).replace(_PREFIX, str(prefix))


def siblings(libraries: Iterable[Library], prebuilt: Path | None = None) -> str:
    """The text of siblings.cmake, which cmake/TorchProvider.cmake reads. `prebuilt` holds those that are not in the tree."""
    lines = ["# Written from the manifest; read by cmake/TorchProvider.cmake."]
    names = []
    for library in libraries:
        if library.alone:  # found in the prefix, as any package is
            continue
        names.append(library.name)
        lines.append(f'set(TORCH_SIBLING_VERSION_{library.name} "{library.version}")')
        lines.append(f'set(TORCH_SIBLING_NEEDS_{library.source} "{";".join(library.needs)}")')
        # In the scope of the project's folder, after its project(): what stands there is seen by this library alone.
        lines.append(f'set(CMAKE_PROJECT_{library.name}_INCLUDE "${{CMAKE_BINARY_DIR}}/libraries/{library.name}.cmake")')
    if prebuilt is not None:
        lines.append(f"set(TORCH_SIBLING_PREFIX {_quoted(str(prebuilt))})")
    return "\n".join([*lines, f'set(TORCH_SIBLINGS "{";".join(names)}")', ""])
