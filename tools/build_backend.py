"""The PEP 517 and PEP 660 build backend: what pip and `python -m build` call.

Everything native is built in the checkout's one persistent build tree, with and without build isolation. Settings
(`pip install -C NAME=VALUE .`) are options of the orchestrator; `build=false` packages what is built already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from orchestrator import api
from orchestrator.errors import BuildError
from orchestrator.front.console import Console
from orchestrator.options.translate import request_from as request_from_settings
from orchestrator.packaging.bootstrap import check_platform
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
    """Nothing beyond [build-system].requires."""
    return []


get_requires_for_build_editable = get_requires_for_build_wheel
get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    """Writes the dist-info folder without building anything. Returns its name."""
    return Metadata(ROOT).write_dist_info(Path(metadata_directory))


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Builds, publishes and writes the wheel. Returns its file name."""
    published, result = _guarded(_published, config_settings, "build_wheel")
    with api.recorded(result, "package", "wheel"):
        return write_wheel(Path(wheel_directory), Metadata(ROOT), wheel_members(ROOT, published))


def build_editable(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Builds, publishes and writes a wheel that holds only a finder for the checkout. Returns its file name.

    The setting `rebuild-on-import=true` lets the finder build what changed before the first import of a program.
    """
    settings = dict(config_settings or {})
    wanted = settings.pop("rebuild-on-import", "false")
    rebuild = str(wanted[-1] if isinstance(wanted, list) else wanted).lower() not in _OFF
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
    build = settings.pop("build", "true")
    wanted = str(build[-1] if isinstance(build, list) else build).lower() not in _OFF
    return request_from_settings(settings, root=ROOT, command=command), wanted


def _published(config_settings: Settings, command: str) -> tuple[tuple[api.PublishedFile, ...], api.BuildResult | None]:
    """What is published, and the build that did it, if there was one."""
    check_platform()
    request, build = request_from(config_settings, command)
    if not build:
        return api.published(request), None
    result = api.build(request)
    return result.published, result


def _guarded(function: Callable[[Settings, str], _Answer], config_settings: Settings, command: str) -> _Answer:
    """Our errors are for users: their text and exit code, without a traceback of this file."""
    try:
        return function(config_settings, command)
    except BuildError as error:
        Console().error(str(error))
        raise SystemExit(error.exit_code) from None
