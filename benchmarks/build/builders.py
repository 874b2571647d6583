"""How each build tool is called: a first build, bringing a tree up to date, setting an option, installing again.

Every tool is used in the fastest way that its own manual describes: a persistent build folder, no build isolation, and, where
it can, a rebuild when the package is imported instead of another `pip install`. All are told the same number of jobs.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checkout import Timing, timed
from common import clean_environment
from forms import JOBS
from generated import PACKAGE

_EDITABLE = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps")
_IMPORT = f"from {PACKAGE} import _C; print(list(_C.probe()))"
_PROGRAMS = "import cmake, ninja; print(cmake.CMAKE_BIN_DIR + '/cmake'); print(ninja.BIN_DIR + '/ninja')"
# Meson takes a compiler cache by itself, and so does the orchestrator.
NO_CACHE = {"CCACHE_DISABLE": "1", "USE_CCACHE": "OFF"}


@dataclass(frozen=True)
class Step:
    """One command, as a user would type it. `inside`: its current folder is the tree; else it is the file system's root."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    inside: bool = True


def perform(steps: Sequence[Step], tree: Path, env: Mapping[str, str]) -> Timing:
    """Runs the commands one after the other. Returns the sum."""
    timings = [timed(step.command, tree if step.inside else Path("/"), {**env, **step.env}) for step in steps]
    return Timing(sum(timing.wall for timing in timings), sum(timing.cpu for timing in timings))


class Tool:
    """A build tool in an environment of its own. `python` is the interpreter of that environment."""

    name = ""
    form = ""
    packages: tuple[str, ...] = ()
    scenarios = frozenset({"cold", "noop", "file", "header", "option", "clone"})
    registers = False  # a first build lets the environment import that checkout
    uncounted: frozenset[str] = frozenset()  # scenarios whose objects do not stay in the tree

    def __init__(self, python: str) -> None:
        self.python = python
        self.bin = str(Path(python).parent)
        self.env = NO_CACHE | {"MAX_JOBS": str(JOBS), "CMAKE_BUILD_PARALLEL_LEVEL": str(JOBS)}

    @property
    def folder(self) -> str:
        """A name for its checkout's folder: no spaces, and no comma, which CMake's link options split a path at."""
        return self.name.replace(" ", "").replace(",", "-")

    def first(self, tree: Path) -> list[Step]:
        """From a fresh checkout to an importable package."""
        raise NotImplementedError

    def prime(self, tree: Path) -> list[Step]:
        """What a first build leaves to do before later ones can be measured."""
        return []

    def update(self, tree: Path) -> list[Step]:
        """Brings the package up to date after sources changed."""
        raise NotImplementedError

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        """The same, with an option of the build set. 1 is the default."""
        raise NotImplementedError

    def again(self, tree: Path) -> dict[str, list[Step]]:
        """Editable installs of what is installed already, by label."""
        return {}

    def forget(self, tree: Path) -> list[Step]:
        """Takes the package out of the environment."""
        return []

    def probe(self, tree: Path) -> Step:
        """Prints what the extension's probe() returns, as JSON."""
        return Step((self.python, "-c", _IMPORT), inside=False)

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        """The environment that makes the tool use a compiler cache in `folder`, so that another checkout can be served."""
        variables = {name: value for name, value in self.environment(folder).items() if name not in NO_CACHE}
        return variables | {"CCACHE_DIR": str(folder), "CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}

    def environment(self, user: Path) -> dict[str, str]:
        """Variables that every command of the tool gets; its environment is active. `user`: what a user's caches stand in."""
        path = clean_environment()[0].get("PATH", "")
        return {**self.env, "PATH": f"{self.bin}:{path}", "XDG_CACHE_HOME": str(user)}

    def versions(self) -> dict[str, str]:
        """The versions of its packages."""
        code = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
        out = subprocess.run([self.python, "-c", code, *self.packages], capture_output=True, text=True, check=True).stdout
        found: dict[str, str] = json.loads(out)
        return found


class Ours(Tool):
    """This project's orchestrator: one command builds and publishes."""

    name = "ours"
    form = "ours"
    packages = ("setuptools", "packaging", "pyproject-metadata", "pathspec", "cmake", "ninja")
    scenarios = Tool.scenarios | {"again"}

    def first(self, tree: Path) -> list[Step]:
        return [Step((self.python, "tools/build_deps.py"))]

    def prime(self, tree: Path) -> list[Step]:
        return self.first(tree)

    def update(self, tree: Path) -> list[Step]:
        return self.first(tree)

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        return [Step((self.python, "tools/build_deps.py", *((f"-D{name}={value}",) if value != 1 else ())))]

    def again(self, tree: Path) -> dict[str, list[Step]]:
        pip = Step((self.python, *_EDITABLE, "--editable", "."))
        return {"ours, pip": [pip], "ours, setup.py develop": [Step((self.python, "setup.py", "develop"))]}

    def forget(self, tree: Path) -> list[Step]:
        return _uninstall(self.python)

    def probe(self, tree: Path) -> Step:
        return Step((self.python, "-c", _IMPORT), {"PYTHONPATH": str(tree)}, inside=False)

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        return super().cached(folder, tree) | {"USE_CCACHE": "ON"}


class Raw(Tool):
    """cmake and ninja called directly on one CMakeLists.txt."""

    name = "cmake + ninja"
    form = "raw"
    packages = ("cmake", "ninja")

    def __init__(self, python: str) -> None:
        super().__init__(python)
        out = subprocess.run([python, "-c", _PROGRAMS], capture_output=True, text=True, check=True).stdout
        self.cmake, self.ninja = out.split()
        code = "import sysconfig as s; print(s.get_path('include')); print(s.get_config_var('EXT_SUFFIX'))"
        out = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
        self.include, self.suffix = out.split("\n")[:2]

    def first(self, tree: Path) -> list[Step]:
        variables = [f"-DCMAKE_MAKE_PROGRAM={self.ninja}", f"-DTORCH_EXTENSION_INCLUDE={self.include}"]
        variables.append(f"-DTORCH_EXTENSION_SUFFIX={self.suffix}")
        configure = (self.cmake, "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *variables)
        return [Step(configure), *self.update(tree)]

    def update(self, tree: Path) -> list[Step]:
        return [Step((self.ninja, "-C", "build", "-j", str(JOBS)))]

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        return [Step((self.cmake, "-S", ".", "-B", "build", f"-D{name}={value}")), *self.update(tree)]

    def probe(self, tree: Path) -> Step:
        path = str(tree / "build" / PACKAGE)
        return Step((self.python, "-c", _IMPORT.replace(f"from {PACKAGE} ", "")), {"PYTHONPATH": path}, inside=False)

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        return super().cached(folder, tree) | {"CMAKE_C_COMPILER_LAUNCHER": "ccache"}


class Ninja(Raw):
    """ninja alone, in a tree that the orchestrator configured: the same graph, without orchestrator and publication."""

    name = "ninja, our graph"
    form = "ours"
    scenarios = frozenset({"noop", "file", "header"})

    def first(self, tree: Path) -> list[Step]:
        return [Step((self.python, "tools/build_deps.py"))]

    def update(self, tree: Path) -> list[Step]:
        return [Step((self.ninja, "-C", "build/release", "-j", str(JOBS)))]

    def probe(self, tree: Path) -> Step:
        build = tree / "build/release"
        env = {"PYTHONPATH": str(build / PACKAGE), "LD_LIBRARY_PATH": str(build / "lib")}
        return Step((self.python, "-c", _IMPORT.replace(f"from {PACKAGE} ", "")), env, inside=False)


class ScikitBuildCore(Tool):
    """Editable, with `editable.rebuild`: importing the package builds and installs."""

    name = "scikit-build-core"
    form = "scikit-build-core"
    packages: tuple[str, ...] = ("scikit-build-core", "cmake", "ninja")
    registers = True
    scenarios = Tool.scenarios | {"again"}

    def first(self, tree: Path) -> list[Step]:
        return [Step((self.python, *_EDITABLE, "--editable", "."))]

    def update(self, tree: Path) -> list[Step]:
        return [self.probe(tree)]

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        return [Step(("cmake", "-S", ".", "-B", "build", f"-D{name}={value}")), self.probe(tree)]

    def again(self, tree: Path) -> dict[str, list[Step]]:
        return {self.name: self.first(tree)}

    def forget(self, tree: Path) -> list[Step]:
        return _uninstall(self.python)

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        return super().cached(folder, tree) | {"CMAKE_C_COMPILER_LAUNCHER": "ccache"}


class MesonPython(ScikitBuildCore):
    """Editable, with a persistent build folder: importing the package asks ninja, and builds."""

    name = "meson-python"
    form = "meson-python"
    packages = ("meson-python", "meson", "ninja")

    def first(self, tree: Path) -> list[Step]:
        return [Step((self.python, *_EDITABLE, "-Cbuild-dir=build", "--editable", "."))]

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        return [Step(("meson", "configure", "build", f"-D{name.lower()}={value}")), self.probe(tree)]

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        return Tool.cached(self, folder, tree) | {"CC": "ccache cc"}


class Setuptools(ScikitBuildCore):
    """Extensions. An editable install compiles in a temporary folder; `build_ext --inplace` keeps its objects."""

    name = "setuptools"
    form = "setuptools"
    packages: tuple[str, ...] = ("setuptools",)
    uncounted = frozenset({"cold", "again", "clone"})

    def prime(self, tree: Path) -> list[Step]:
        return self._build_ext()

    def update(self, tree: Path) -> list[Step]:
        return self._build_ext()

    def _build_ext(self, **env: str) -> list[Step]:
        return [Step((self.python, "setup.py", "build_ext", "--inplace"), env)]

    def option(self, tree: Path, name: str, value: int) -> list[Step]:
        return self._build_ext(**{name: str(value)})

    def cached(self, folder: Path, tree: Path) -> dict[str, str]:
        return Tool.cached(self, folder, tree) | {"CC": "ccache cc"}


def _uninstall(python: str) -> list[Step]:
    return [Step((python, "-m", "pip", "uninstall", "--quiet", "--yes", "--disable-pip-version-check", PACKAGE))]


TOOLS: dict[str, type[Tool]] = {
    "ours": Ours,
    "raw": Raw,
    "ninja": Ninja,
    "scikit-build-core": ScikitBuildCore,
    "meson-python": MesonPython,
    "setuptools": Setuptools,
}
HOUSE = ("ours", "raw", "ninja")  # these share an environment


def environment(name: str, folder: Path) -> str:
    """The interpreter of a tool's environment below `folder`, which is made with pip if it is not there."""
    import venv

    place = folder / ("house" if name in HOUSE else name)
    python = place / "bin" / "python"
    packages = Ours.packages if name in HOUSE else TOOLS[name].packages
    if not python.exists():
        venv.create(place, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip", *packages]
        subprocess.run(pip, check=True)
    return str(python)
