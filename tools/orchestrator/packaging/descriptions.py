"""What tells other builds how to use the published libraries: CMake packages of each and of the family, pkg-config files.

Pure, from the plan of a build. Every path is relative to the file that it stands in: the package may be moved.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from orchestrator.manifest import Framework, Manifest
from orchestrator.plan import Plan

__all__ = ["package_files"]


@dataclass(frozen=True)
class _Library:
    """A published library: `file` and `include` are relative to the manifest's folder; `include` may be empty."""

    name: str
    summary: str
    version: str
    needs: tuple[str, ...]
    file: str
    include: str


def package_files(manifest: Manifest, plan: Plan) -> dict[str, str]:
    """Destination -> text of every file, for the libraries that the plan publishes; none that the manifest does not ask for."""
    framework = manifest.framework
    libraries = _libraries(manifest, plan)
    files: dict[str, str] = {}
    if framework.cmake_package:
        files |= _cmake(framework, libraries, _headers(plan))
    if framework.pkg_config:
        files |= {f"{framework.pkg_config}/{item.name}.pc": _pkg_config(framework.pkg_config, item) for item in libraries}
    return files


def _libraries(manifest: Manifest, plan: Plan) -> list[_Library]:
    """In the order of the plan: what a library needs comes before it. Projects of others describe themselves, or do not."""
    described = {library.name: library for library in manifest.libraries if not library.alone}
    includes = {folder.owner: folder.destination for folder in plan.headers}
    found: list[_Library] = []
    for product in plan.products:
        library = described.get(product.owner)
        if product.kind == "library" and library is not None:
            needs = tuple(item.name for item in found if item.name in library.needs)
            include = includes.get(library.name, "")
            found.append(_Library(library.name, library.summary, library.version, needs, product.destination, include))
    return found


def _headers(plan: Plan) -> list[str]:
    """Every folder of published headers, those of extensions included."""
    return list(dict.fromkeys(folder.destination for folder in plan.headers))


def _cmake(framework: Framework, libraries: Sequence[_Library], headers: Sequence[str]) -> dict[str, str]:
    """The family's package, and beside it one of each library, so that `find_package(TH)` works as well."""
    folder = PurePosixPath(framework.cmake_package)
    family = folder.name
    files = {
        f"{folder}/{family}Targets.cmake": _targets(framework, libraries, headers),
        f"{folder}/{family}Config.cmake": _config(framework, libraries, headers),
        f"{folder}/{family}ConfigVersion.cmake": _version(family, framework.version),
    }
    for item in libraries:
        place = folder.parent / item.name
        files[f"{place}/{item.name}Config.cmake"] = (
            f'# {item.summary}\ninclude("${{CMAKE_CURRENT_LIST_DIR}}/../{family}/{family}Targets.cmake")\n'
        )
        files[f"{place}/{item.name}ConfigVersion.cmake"] = _version(item.name, item.version)
    return files


def _targets(framework: Framework, libraries: Sequence[_Library], headers: Sequence[str]) -> str:
    folder, family = framework.cmake_package, PurePosixPath(framework.cmake_package).name
    lines = ["# Imported targets. Paths are relative to this file: the package may be moved.", ""]
    for item in libraries:
        needs = ";".join(f"{need}::{need}" for need in item.needs)
        lines += [
            f"# {item.summary}",
            f"if(NOT TARGET {item.name}::{item.name})",
            _absolute("_library", folder, item.file),
            '  if(NOT EXISTS "${_library}")',
            f'    message(FATAL_ERROR "{item.name}: ${{_library}} is not there; install {framework.name} anew.")',
            "  endif()",
            f"  add_library({item.name}::{item.name} SHARED IMPORTED)",
            f"  set_target_properties({item.name}::{item.name} PROPERTIES",
            f'    IMPORTED_LOCATION "${{_library}}" IMPORTED_SONAME "{posixpath.basename(item.file)}"',
            f'    INTERFACE_LINK_LIBRARIES "{needs}")',
        ]
        if item.include:
            lines += _include(f"{item.name}::{item.name}", folder, [item.include])
        lines += ["endif()", ""]
    everything = ";".join(f"{item.name}::{item.name}" for item in libraries)
    lines += [
        "# All of them, and all headers.",
        f"if(NOT TARGET {family}::{family})",
        f"  add_library({family}::{family} INTERFACE IMPORTED)",
        f'  set_target_properties({family}::{family} PROPERTIES INTERFACE_LINK_LIBRARIES "{everything}")',
        *_include(f"{family}::{family}", folder, headers),
        "endif()",
        "unset(_library)",
        "unset(_include)",
    ]
    return "\n".join([*lines, ""])


def _include(target: str, folder: str, headers: Sequence[str]) -> list[str]:
    """Not as SYSTEM: CPATH in the environment would come before."""
    lines = []
    for header in headers:
        lines += [
            _absolute("_include", folder, header),
            f'  set_property(TARGET {target} APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES "${{_include}}")',
        ]
    return [*lines, f"  set_property(TARGET {target} PROPERTY IMPORTED_NO_SYSTEM ON)"]


def _absolute(variable: str, folder: str, destination: str) -> str:
    relative = posixpath.relpath(destination, folder)
    return f'  get_filename_component({variable} "${{CMAKE_CURRENT_LIST_DIR}}/{relative}" ABSOLUTE)'


def _config(framework: Framework, libraries: Sequence[_Library], headers: Sequence[str]) -> str:
    folder, family = framework.cmake_package, PurePosixPath(framework.cmake_package).name
    upper = family.upper()
    names = ";".join(item.name for item in libraries)
    lines = [
        f"# find_package({family}) gives {family}::{family}, and a target for each library: {names.replace(';', ', ')}.",
        f"# {upper}_LIBRARIES, {upper}_INCLUDE_DIRS and {upper}_INSTALL_PREFIX are for projects that use variables.",
        f'include("${{CMAKE_CURRENT_LIST_DIR}}/{family}Targets.cmake")',
        f"set({upper}_LIBRARIES {family}::{family})",
        f"get_target_property({upper}_INCLUDE_DIRS {family}::{family} INTERFACE_INCLUDE_DIRECTORIES)",
        _absolute(f"{upper}_INSTALL_PREFIX", folder, framework.package).strip(),
        f"foreach(_component IN LISTS {family}_FIND_COMPONENTS)",
        "  if(NOT TARGET ${_component}::${_component})",
        f"    set({family}_FOUND FALSE)",
        f'    set({family}_NOT_FOUND_MESSAGE "{family} has no library ${{_component}}; it has {names.replace(";", ", ")}")',
        "  endif()",
        "endforeach()",
    ]
    return "\n".join([*lines, ""])


def _version(name: str, version: str) -> str:
    """The rule of the libraries' own packages (SameMinorVersion); ranges may be wider. Named: a wheel holds no file twice."""
    minor = ".".join(version.split(".")[:2])
    return f"""\
# Whether {name} {version} is one that find_package may take.
set(PACKAGE_VERSION "{version}")
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN AND
      (PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX OR
       (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX)))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION)
  # find_package(Name 1) asks for any 1.x.
  if(PACKAGE_FIND_VERSION_COUNT LESS 2)
    string(REGEX MATCH "^[0-9]+" _have "${{PACKAGE_VERSION}}")
    set(_want "${{PACKAGE_FIND_VERSION_MAJOR}}")
  else()
    set(_have "{minor}")
    set(_want "${{PACKAGE_FIND_VERSION_MAJOR}}.${{PACKAGE_FIND_VERSION_MINOR}}")
  endif()
  if(_have VERSION_EQUAL _want)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
  if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"""


def _pkg_config(folder: str, item: _Library) -> str:
    """`pkg-config --define-prefix` is not needed: paths start from ${pcfiledir}."""
    place, file = posixpath.split(item.file)
    lines = [f"libdir=${{pcfiledir}}/{posixpath.relpath(place, folder)}"]
    if item.include:
        lines.append(f"includedir=${{pcfiledir}}/{posixpath.relpath(item.include, folder)}")
    lines += [
        "",
        f"Name: {item.name}",
        f"Description: {item.summary}",
        f"Version: {item.version}",
        f"Requires: {' '.join(item.needs)}",
        *(["Cflags: -I${includedir}"] if item.include else []),
        # The file's name carries its ABI; there is no libNAME.so beside it, because wheels cannot hold links.
        f"Libs: -L${{libdir}} -l:{file}",
    ]
    return "\n".join([*lines, ""])
