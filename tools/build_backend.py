"""The PEP 517 and PEP 660 build backend: what pip and `python -m build` call.

Everything native is built in the checkout's one persistent build tree, with and without build isolation. Settings
(`pip install -C NAME=VALUE .`) are options of the orchestrator; `build=false` packages what is built already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from orchestrator import api
from orchestrator.errors import BuildError
from orchestrator.front.console import Console
from orchestrator.options.translate import request_from as request_from_settings
from orchestrator.packaging.bootstrap import check_platform, read_requirements
from orchestrator.packaging.editable import editable_texts, hook_for
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.sdist import write_sdist
from orchestrator.packaging.wheel import wheel_members, write_wheel

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = Mapping[str, Any] | None
_Answer = TypeVar("_Answer")

ROOT = Path(__file__).resolve().parent.parent
_OFF = frozenset({"0", "false", "off", "no"})


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Nothing beyond [build-system].requires; for a wheel to release, what judges and describes it."""
    if not _flag(config_settings, "release"):
        return []
    return [item.text for item in read_requirements(ROOT / "pyproject.toml", ("wheels",))]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Nothing beyond [build-system].requires."""
    return []


get_requires_for_build_editable = get_requires_for_build_sdist


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    """Writes the dist-info folder without building anything. Returns its name."""
    return Metadata(ROOT).write_dist_info(Path(metadata_directory))


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Builds, publishes and writes the wheel. Returns its file name.

    The setting `release=true` makes the one that tools/build_wheels.py makes for this Python: stripped, described, checked,
    named for the systems that it runs on. Its libraries are built once for all Pythons.
    """
    settings = dict(config_settings or {})
    if _flag(settings, "release"):
        del settings["release"]
        return _guarded(lambda given, command: _release(given, command, Path(wheel_directory)), settings, "build_wheels")
    published, result = _guarded(_published, config_settings, "build_wheel")
    with api.recorded(result, "package", "wheel"):
        return write_wheel(Path(wheel_directory), Metadata(ROOT), wheel_members(ROOT, published))


def build_editable(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Builds, publishes and writes a wheel that holds only a finder for the checkout. Returns its file name.

    The setting `rebuild-on-import=true` lets the finder build what changed before the first import of a program.
    """
    settings = dict(config_settings or {})
    rebuild = _flag(settings, "rebuild-on-import")
    settings.pop("rebuild-on-import", None)
    _, result = _guarded(_published, settings, "build_editable")
    texts = editable_texts(ROOT, hook=hook_for(ROOT) if rebuild else None)
    with api.recorded(result, "package", "editable wheel"):
        return write_wheel(Path(wheel_directory), Metadata(ROOT), {}, texts=texts, compress=False)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Writes the source distribution; builds nothing. Returns its file name."""
    return write_sdist(Path(sdist_directory), Metadata(ROOT))


def request_from(config_settings: Settings, command: str) -> tuple[api.BuildRequest, bool]:
    """The build request that config settings ask for, and whether to build at all.

    `build=false` packages what is built already; the rest is as translate.SETTINGS says, and any other NAME=VALUE (or
    LIBRARY:NAME=VALUE) is an option of the build.
    """
    settings = dict(config_settings or {})
    wanted = _flag(settings, "build", "true")
    settings.pop("build", None)
    return request_from_settings(settings, root=ROOT, command=command), wanted


def _published(config_settings: Settings, command: str) -> tuple[tuple[api.PublishedFile, ...], api.BuildResult | None]:
    """What is published, and the build that did it, if there was one."""
    check_platform()
    request, build = request_from(config_settings, command)
    if not build:
        return api.published(request), None
    result = api.build(request)
    return result.published, result


def _flag(settings: Settings, name: str, default: str = "false") -> bool:
    """Whether a setting is on; of several values, the last counts."""
    value = (settings or {}).get(name, default)
    return str(value[-1] if isinstance(value, list) else value).lower() not in _OFF


def _release(settings: Settings, command: str, out: Path) -> str:
    from orchestrator.packaging.interpreters import find_interpreters
    from orchestrator.packaging.wheelset import make_wheels  # with requirements of its own

    check_platform()
    request, _ = request_from(settings, command)
    (wheel,) = make_wheels(request, find_interpreters([sys.executable], os.environ), out).wheels
    return wheel.path.name


def _guarded(function: Callable[[Settings, str], _Answer], config_settings: Settings, command: str) -> _Answer:
    """Our errors are for users: their text and exit code, without a traceback of this file."""
    try:
        return function(config_settings, command)
    except BuildError as error:
        Console().error(str(error))
        raise SystemExit(error.exit_code) from None
