"""The editable install: what it puts into site-packages, whether it still stands, and its registration through pip.

pip writes the metadata (so `pip uninstall torch` works); we add one `.pth` line and one small finder. setuptools' own finder
loads pathlib and urllib at every start of Python (20 ms); this one loads nothing until somebody imports the package, and
exposes the package only, not the checkout's `tools` and `tests`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shlex
import sys
import sysconfig
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from orchestrator import process
from orchestrator.detect import DETECTORS
from orchestrator.errors import BuildError
from orchestrator.manifest import load_manifest
from orchestrator.packaging import bootstrap
from orchestrator.packaging.metadata import GENERATOR, Metadata

__all__ = [
    "ForeignPackageError",
    "Hook",
    "Registration",
    "RegistrationError",
    "check_foreign",
    "editable_texts",
    "hook_for",
    "register",
    "registration",
    "switch_name",
]

_FINDER = '''\
"""Finds the package {package!r} in the checkout that it is developed in."""

import sys

_ROOT = {root!r}


class CheckoutFinder:
    """A meta path finder for one name; everything else is left to the others."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != {package!r}:
            return None
        from importlib.machinery import PathFinder
{call}
        spec = PathFinder.find_spec(name, [_ROOT])
        # A folder without __init__.py is what remains of a removed checkout, not the package.
        return spec if spec is not None and spec.origin is not None else None

{rebuild}
if CheckoutFinder not in sys.meta_path:
    sys.meta_path.{place}CheckoutFinder)
'''

# Another package of the name that stands first on sys.path stays first.
_CALL = """
        found = PathFinder.find_spec(name)
        if found is not None and found.origin is not None and not found.origin.startswith(_ROOT + "/"):
            return None
        _rebuild()"""

# Added by `develop --rebuild-on-import`; what it runs stands in the checkout (orchestrator/packaging/importguard.py).
_REBUILD = """
_WORDS = {words!r}


def _rebuild():
    try:
        with open(_WORDS[0] + "/orchestrator/packaging/importguard.py", "rb") as file:
            code = compile(file.read(), file.name, "exec")
    except OSError:
        return
    scope = {{"__name__": "importguard"}}
    exec(code, scope)
    scope["ensure_built"]({package!r}, {switch!r}, _WORDS)

"""


class ForeignPackageError(BuildError):
    """Another distribution or folder of the same name stands in the environment."""

    exit_code = 12


class RegistrationError(BuildError):
    """pip could not register the editable install."""

    exit_code = 13


@dataclass(frozen=True)
class Registration:
    """An editable install of this checkout: the files in site-packages whose change would end it."""

    files: tuple[Path, ...]


def _module(package: str) -> str:
    return f"__editable___{package}_finder"


@dataclass(frozen=True)
class Hook:
    """Rebuild on import: the folder of the orchestrator, and the arguments of `importhook.main`."""

    tools: Path
    root: Path
    products: Path
    manifest: Path | None = None

    def words(self) -> list[str]:
        """What the finder hands to the process that it starts."""
        words = [self.tools, self.root, self.products, *([self.manifest] if self.manifest else [])]
        return [str(word.absolute()) for word in words]


def hook_for(root: Path) -> Hook:
    """The hook of a checkout's own package."""
    manifest = load_manifest(root / "libraries.toml", detectors=tuple(DETECTORS))
    return Hook(root / "tools", root, root / manifest.framework.products)


def switch_name(package: str) -> str:
    """The environment variable that switches rebuild on import off (0), and in which it remembers that it was done."""
    return f"{package.upper()}_REBUILD"


def editable_texts(root: Path, package: str = "torch", *, hook: Hook | None = None) -> dict[str, bytes]:
    """The files that an editable wheel holds besides its dist-info: name in site-packages -> content.

    With `hook`, importing the package first builds what its sources changed.
    """
    call, rebuild, place = "", "", "append("
    if hook is not None:
        call = _CALL
        place = "insert(0, "  # before the current folder, which is the checkout for many
        rebuild = _REBUILD.format(words=hook.words(), package=package, switch=switch_name(package))
    finder = _FINDER.format(package=package, root=str(root.resolve()), call=call, rebuild=rebuild, place=place)
    return {
        f"{_module(package)}.py": finder.encode(),
        f"__editable__.{package}.pth": f"import {_module(package)}\n".encode(),
    }


def _site_folders() -> list[str]:
    """Where this environment keeps its distributions; the checkout itself is not one of them."""
    return list(dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]))


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    found = importlib.metadata.distributions(name=name, path=_site_folders())
    return next(iter(found), None)


def _origin(distribution: importlib.metadata.Distribution) -> tuple[Path | None, bool]:
    """The folder that a distribution was installed from (if it was one) and whether as an editable."""
    try:
        record = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        record = {}
    address = urllib.parse.urlsplit(record.get("url", ""))
    if address.scheme != "file" or "dir_info" not in record:
        return None, False
    return Path(urllib.parse.unquote(address.path)), bool(record["dir_info"].get("editable"))


def registration(metadata: Metadata, package: str = "torch", *, rebuild: bool = False) -> Registration | None:
    """The standing editable install of this checkout in the running environment, or None if anything about it is stale.

    One that does not rebuild on import is stale if `rebuild` asks for that, and the other way round.
    """
    distribution = _distribution(metadata.name)
    if distribution is None:
        return None
    origin, editable = _origin(distribution)
    if not editable or origin is None or origin.resolve() != metadata.root.resolve():
        return None
    if distribution.read_text("METADATA") != metadata.metadata_text():
        return None
    site = Path(str(distribution.locate_file("")))
    texts = editable_texts(metadata.root, package, hook=hook_for(metadata.root) if rebuild else None)
    files = []
    for name, content in texts.items():
        path = site / name
        if not path.is_file() or path.read_bytes() != content:
            return None
        files.append(path)
    dist_info = site / metadata.dist_info
    files += [dist_info / name for name in ("METADATA", "RECORD", "direct_url.json")]
    return Registration(tuple(files)) if all(path.is_file() for path in files) else None


def check_foreign(metadata: Metadata, package: str = "torch") -> None:
    """Raises ForeignPackageError if the environment holds a package of the same name that is not made by this project."""
    pip = f"{shlex.quote(sys.executable)} -m pip"
    distribution = _distribution(metadata.name)
    if distribution is not None:
        if GENERATOR in (distribution.read_text("WHEEL") or ""):
            return
        place = distribution.locate_file("")
        raise ForeignPackageError(
            f"Another distribution called {metadata.name} ({distribution.version}) is installed in {place}.",
            why="Installing this one would overwrite it, and it is not made by this project.",
            next_step=f"remove it, or use an environment of its own:\n    {pip} uninstall {metadata.name}\n"
            f"    {shlex.quote(sys.executable)} -m venv .venv && . .venv/bin/activate",
        )
    for folder in _site_folders():
        place = Path(folder, package)
        if place.is_dir() and (place / "__init__.py").exists():
            raise ForeignPackageError(
                f"{place} holds a package called {package} that no installed distribution called {metadata.name} owns.",
                why="It would hide this checkout from `import`.",
                next_step="find out which package manager put it there, remove it, or use an environment of its own:\n"
                f"    {shlex.quote(sys.executable)} -m venv .venv && . .venv/bin/activate",
            )


def pip_install(root: Path, arguments: list[str]) -> None:
    """Runs `pip install --no-build-isolation --no-deps ...` here. Raises RegistrationError, EnvironmentLockedError."""
    bootstrap.check_unlocked("pip may not install into this environment.", root, sys.argv[1:])
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    status = process.attached(command, env=environment, cwd=root)
    if status:
        raise RegistrationError(
            f"pip ended with status {status}.",
            why="Its own words stand above. What was built stays in the checkout.",
            next_step=f"see what it says in full:\n    {shlex.join(command).replace(' --quiet', ' -v')}",
        )


def register(metadata: Metadata, package: str = "torch", *, rebuild: bool = False) -> tuple[Registration, bool]:
    """Makes sure that this checkout is installed as an editable. Returns the registration and whether it had to be made.

    `rebuild`: importing the package then builds what its sources changed.
    """
    standing = registration(metadata, package, rebuild=rebuild)
    if standing is not None:
        return standing, False
    check_foreign(metadata, package)
    # The hook would build first; here everything has just been built.
    settings = ["build=false", *(["rebuild-on-import=true"] if rebuild else [])]
    words = [word for setting in settings for word in ("--config-settings", setting)]
    pip_install(metadata.root, [*words, "--editable", str(metadata.root)])
    importlib.invalidate_caches()
    made = registration(metadata, package, rebuild=rebuild)
    if made is None:
        raise RegistrationError(
            "pip reported success, but the editable install is not there.",
            why=f"Looked in {', '.join(_site_folders())}.",
            next_step=f"look at what pip installed: {shlex.quote(sys.executable)} -m pip show -f {metadata.name}",
        )
    return made, True
