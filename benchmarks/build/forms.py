"""What each build tool reads, beside the sources of the synthetic framework: the same libraries, flags and extension.

ours          libraries.toml, a CMake project for each library, setup.py and tools/ of this checkout
raw           one CMakeLists.txt for cmake and ninja called directly
scikit-build-core   the CMakeLists.txt of `raw`, and pyproject.toml
meson-python        meson.build and pyproject.toml
setuptools          setup.py: each library is an Extension, so that its units and the libraries are built in parallel
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from generated import FLAGS, LINK_FLAGS, PACKAGE, VERSION, Library, Shape, unit_paths

ROOT = Path(__file__).resolve().parents[2]
JOBS = 2  # what every tool is told

Files = Iterator[tuple[str, str]]

_INIT = '"""The package of the synthetic framework."""\n'
# Extensions are not linked against each other: what one needs is looked up among those loaded before.
_INIT_SETUPTOOLS = (
    _INIT
    + """
import ctypes
import pathlib

for path in sorted((pathlib.Path(__file__).parent / "lib").glob("L*.so")):
    ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
"""
)


def ours(shape: Shape) -> Files:
    """A family for this project's orchestrator, with a copy of it."""
    for folder in ("tools/orchestrator", "cmake"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for name in ("setup.py", "tools/build_deps.py", "tools/build_backend.py"):
        yield name, (ROOT / name).read_text(encoding="utf-8")
    requires = ["setuptools", "packaging", "pyproject-metadata", "pathspec", "cmake", "ninja"]
    backend = _pyproject(requires, "build_backend", 'backend-path = ["tools"]\n', 'license-files = ["LICENSE"]\n')
    yield "pyproject.toml", backend + "[dependency-groups]\ndev = []\n"
    yield "LICENSE", "None.\n"
    yield f"{PACKAGE}/__init__.py", _INIT
    yield "libraries.toml", _manifest(shape)
    yield "CMakeLists.txt", _joined(shape)
    for library in shape.table:
        yield f"{library.name}/CMakeLists.txt", _library_project(shape, library)
    yield "extension/CMakeLists.txt", _extension_project(shape)


def _pyproject(requires: list[str], backend: str, more: str = "", project: str = "") -> str:
    lines = ", ".join(f'"{name}"' for name in requires)
    return (
        f'[build-system]\nrequires = [{lines}]\nbuild-backend = "{backend}"\n{more}\n'
        f'[project]\nname = "{PACKAGE}"\nversion = "{VERSION}"\nrequires-python = ">=3.11"\n{project}\n'
    )


def _manifest(shape: Shape) -> str:
    text = (
        f'[framework]\nname = "synthetic"\npackage = "{PACKAGE}"\nproducts = "{PACKAGE}/lib"\n'
        f'version-file = "{PACKAGE}/version.py"\nversion = "{VERSION}"\n\n'
        f'[option.{shape.option}]\ntype = "int"\ndefault = "1"\ndoc = "A definition of {shape.changed.name}."\n'
    )
    for library in shape.table:
        name = library.name
        needs = ", ".join(f'"{need}"' for need in library.needs)
        text += (
            f'\n[library.{name}]\nsummary = "library {library.number}"\nsource = "{name}"\nversion = "{VERSION}"\n'
            f'needs = [{needs}]\nproducts = {{ "lib/lib{name}.so.1" = "{PACKAGE}/lib/lib{name}.so.1" }}\n'
            f'headers = {{ "{name}/include" = "{PACKAGE}/lib/include" }}\n'
        )
        if library == shape.changed:
            text += f'options = ["{shape.option}"]\ncmake = ["-D{shape.option}={{option.{shape.option}}}"]\n'
    needs = ", ".join(f'"{library.name}"' for library in shape.table)
    return text + (
        f'\n[extension._C]\nsummary = "the extension"\nsource = "extension"\nversion = "{VERSION}"\nneeds = [{needs}]\n'
        'uses = ["compiler", "python"]\n'
        'cmake = ["-DTORCH_EXTENSION_INCLUDE={python.include}", "-DTORCH_EXTENSION_SUFFIX={python.suffix}"]\n'
        f'products = {{ "{PACKAGE}/_C{{python.suffix}}" = "{PACKAGE}/_C{{python.suffix}}" }}\n'
    )


def _joined(shape: Shape) -> str:
    folders = ";".join([*(library.name for library in shape.table), "extension"])
    return f"""\
cmake_minimum_required(VERSION 3.24)
set(CMAKE_PROJECT_TOP_LEVEL_INCLUDES "${{CMAKE_CURRENT_LIST_DIR}}/cmake/TorchProvider.cmake")
project(Synthetic VERSION {VERSION} LANGUAGES C)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${{CMAKE_BINARY_DIR}}/lib")
set(TORCH_PROJECTS "{folders}" CACHE STRING "Project folders, in dependency order")
foreach(folder IN LISTS TORCH_PROJECTS)
  add_subdirectory("${{folder}}")
endforeach()
"""


def _scale(shape: Shape, library: Library) -> str:
    if library != shape.changed:
        return f"target_compile_definitions({library.name} PRIVATE {library.name}_SCALE=1)\n"
    return (
        f'set({shape.option} 1 CACHE STRING "A definition of {library.name}")\n'
        f"target_compile_definitions({library.name} PRIVATE {library.name}_SCALE=${{{shape.option}}})\n"
    )


def _library_project(shape: Shape, library: Library) -> str:
    name = library.name
    text = (
        f"cmake_minimum_required(VERSION 3.24)\nproject({name} VERSION {VERSION} LANGUAGES C)\n"
        'include("${CMAKE_CURRENT_LIST_DIR}/../cmake/TorchLibrary.cmake")\n'
    )
    text += "".join(f"find_package({need} 1.0 CONFIG REQUIRED)\n" for need in library.needs)
    text += f"torch_add_library({name} VERSION {VERSION} ABI 1 SOURCES\n  " + "\n  ".join(unit_paths(shape, library)) + ")\n"
    text += _scale(shape, library) + f"target_link_libraries({name} PRIVATE m)\n"
    if library.needs:
        text += f"torch_link_libraries({name} {' '.join(f'{need}::{need}' for need in library.needs)})\n"
        return text + f"torch_export_library({name} DEPENDS {' '.join(library.needs)})\n"
    return text + f"torch_export_library({name})\n"


def _extension_project(shape: Shape) -> str:
    names = [library.name for library in shape.table]
    text = f"cmake_minimum_required(VERSION 3.24)\nproject(_C VERSION {VERSION} LANGUAGES C)\n"
    text += 'include("${CMAKE_CURRENT_LIST_DIR}/../cmake/TorchLibrary.cmake")\n'
    text += "".join(f"find_package({name} 1.0 CONFIG REQUIRED)\n" for name in names)
    return (
        text
        + _module_target(f'INSTALL_RPATH "$ORIGIN/lib" LIBRARY_OUTPUT_DIRECTORY "${{CMAKE_BINARY_DIR}}/{PACKAGE}"')
        + (f"torch_link_libraries(_C {' '.join(f'{name}::{name}' for name in names)})\n")
    )


def _module_target(properties: str, source: str = "Module.c") -> str:
    return (
        f'add_library(_C MODULE {source})\nset_target_properties(_C PROPERTIES PREFIX "" SUFFIX "${{TORCH_EXTENSION_SUFFIX}}"\n'
        f'  {properties})\ntarget_include_directories(_C SYSTEM PRIVATE "${{TORCH_EXTENSION_INCLUDE}}")\n'
        "target_link_options(_C PRIVATE -Wl,--unresolved-symbols=ignore-in-object-files)\n"
    )


def raw(shape: Shape) -> Files:
    """One ordinary CMake project. The Python variables may be given, as the orchestrator does, or are found."""
    text = f"""\
cmake_minimum_required(VERSION 3.24)
project(Synthetic VERSION {VERSION} LANGUAGES C)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(NOT TORCH_EXTENSION_INCLUDE)
  find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
  set(TORCH_EXTENSION_INCLUDE "${{Python_INCLUDE_DIRS}}")
  set(TORCH_EXTENSION_SUFFIX ".${{Python_SOABI}}.so")
endif()
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${{CMAKE_BINARY_DIR}}/{PACKAGE}/lib")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
add_compile_options({" ".join(FLAGS)})
add_link_options({" ".join(LINK_FLAGS)})
"""
    for library in shape.table:
        name = library.name
        paths = "\n  ".join(f"{name}/{path}" for path in unit_paths(shape, library))
        text += f"\nadd_library({name} SHARED\n  {paths})\n"
        text += f'set_target_properties({name} PROPERTIES INSTALL_RPATH "$ORIGIN")\n'
        text += f"target_include_directories({name} PUBLIC {name}/include)\n" + _scale(shape, library)
        text += f"target_link_libraries({name} PRIVATE m {' '.join(library.needs)})\n"
        text += f"install(TARGETS {name} LIBRARY DESTINATION {PACKAGE}/lib)\n"
        text += f"install(DIRECTORY {name}/include/ DESTINATION {PACKAGE}/lib/include)\n"
    text += "\n" + _module_target(
        f'INSTALL_RPATH "$ORIGIN/lib" LIBRARY_OUTPUT_DIRECTORY "${{CMAKE_BINARY_DIR}}/{PACKAGE}"', "extension/Module.c"
    )
    text += f"target_link_libraries(_C PRIVATE {' '.join(library.name for library in shape.table)})\n"
    yield "CMakeLists.txt", text + f"install(TARGETS _C LIBRARY DESTINATION {PACKAGE})\n"
    yield f"{PACKAGE}/__init__.py", _INIT


def scikit_build_core(shape: Shape) -> Files:
    """A persistent build folder, and a rebuild when the package is imported: the fastest ways that its manual describes."""
    yield from raw(shape)
    yield (
        "pyproject.toml",
        _pyproject(["scikit-build-core"], "scikit_build_core.build")
        + (
            '[tool.scikit-build]\nbuild-dir = "build"\ncmake.build-type = "Release"\n'
            f'editable.rebuild = true\neditable.verbose = false\nwheel.packages = ["{PACKAGE}"]\n'
        ),
    )


def meson_python(shape: Shape) -> Files:
    """A persistent build folder (`-C build-dir=build`); an editable install rebuilds when the package is imported."""
    flags = ", ".join(f"'{flag}'" for flag in ("-O3", "-DNDEBUG", *FLAGS))
    links = ", ".join(f"'{flag}'" for flag in (LINK_FLAGS[0], LINK_FLAGS[2]))
    text = (
        f"project('synthetic', 'c', version: '{VERSION}', meson_version: '>=1.3',\n"
        "  default_options: ['buildtype=plain', 'c_std=c11', 'warning_level=0', 'b_lundef=true'])\n"
        f"add_project_arguments({flags}, language: 'c')\nadd_project_link_arguments({links}, language: 'c')\n"
        "py = import('python').find_installation(pure: false)\nm = meson.get_compiler('c').find_library('m')\n"
    )
    for library in shape.table:
        name = library.name
        paths = ",\n  ".join(f"'{name}/{path}'" for path in unit_paths(shape, library))
        scale = f"get_option('{shape.option.lower()}').to_string()" if library == shape.changed else "'1'"
        text += (
            f"\n{name} = shared_library('{name}',\n  {paths},\n  c_args: ['-D{name}_SCALE=' + {scale}],\n"
            f"  include_directories: include_directories('{name}/include'), gnu_symbol_visibility: 'hidden',\n"
            f"  dependencies: [m, {', '.join(f'{need}_dep' for need in library.needs)}],\n"
            f"  install: true, install_dir: py.get_install_dir() / '{PACKAGE}/lib', install_rpath: '$ORIGIN')\n"
            f"{name}_dep = declare_dependency(link_with: {name}, include_directories: include_directories('{name}/include'))\n"
            f"install_subdir('{name}/include', install_dir: py.get_install_dir() / '{PACKAGE}/lib',\n"
            "  install_tag: 'python-runtime')\n"
        )
    text += (
        f"\npy.extension_module('_C', 'extension/Module.c', subdir: '{PACKAGE}', install: true,\n"
        f"  dependencies: [{', '.join(f'{library.name}_dep' for library in shape.table)}], install_rpath: '$ORIGIN/lib')\n"
        f"py.install_sources('{PACKAGE}/__init__.py', subdir: '{PACKAGE}', pure: false)\n"
    )
    yield "meson.build", text
    yield "meson.options", f"option('{shape.option.lower()}', type: 'integer', value: 1)\n"
    yield f"{PACKAGE}/__init__.py", _INIT
    yield "pyproject.toml", _pyproject(["meson-python"], "mesonpy") + (f'[tool.meson-python.args]\ncompile = ["-j{JOBS}"]\n')


_SETUP = """\
import os

from setuptools import Extension, setup

NEEDS = {needs!r}
FLAGS = {flags!r}
UNITS = {units!r}


def library(name):
    includes = [f"{{other}}/include" for other in (name, *NEEDS[name])]
    headers = [f"{{other}}/include/{{other}}/{{other}}.h" for other in (name, *NEEDS[name])]
    scale = os.environ.get(f"{{name}}_SCALE", "1")
    return Extension(
        f"{package}.lib.{{name}}",
        [f"{{name}}/src/{{name}}_u{{unit:03d}}.c" for unit in range(UNITS)],
        include_dirs=includes,
        depends=headers,
        define_macros=[(f"{{name}}_SCALE", scale)],
        extra_compile_args=FLAGS,
        libraries=["m"],
    )


setup(ext_modules=[*map(library, NEEDS), Extension("{package}._C", ["extension/Module.c"], extra_compile_args=FLAGS)])
"""


def setuptools(shape: Shape) -> Files:
    """Extensions, compiled two at a time; `build_ext --inplace` keeps its objects in build/."""
    flags = ["-O3", "-g0", "-DNDEBUG", "-std=c11", "-fvisibility=hidden", *FLAGS]  # Python's own flags ask for -g
    needs = {library.name: list(library.needs) for library in shape.table}
    yield "setup.py", _SETUP.format(needs=needs, flags=flags, units=shape.units, package=PACKAGE)
    yield "setup.cfg", f"[build_ext]\nparallel = {JOBS}\n"
    yield (
        "pyproject.toml",
        _pyproject(["setuptools"], "setuptools.build_meta")
        + (f'[tool.setuptools]\npackages = ["{PACKAGE}", "{PACKAGE}.lib"]\n'),
    )
    yield f"{PACKAGE}/__init__.py", _INIT_SETUPTOOLS
    yield f"{PACKAGE}/lib/__init__.py", '"""Libraries."""\n'


FORMS: dict[str, Callable[[Shape], Files]] = {
    "ours": ours,
    "raw": raw,
    "scikit-build-core": scikit_build_core,
    "meson-python": meson_python,
    "setuptools": setuptools,
}
