"""The PEP 517 and PEP 660 build backend: what pip and `python -m build` call.

Everything native is built in the checkout's one persistent build tree, with and without build isolation. Settings
(`pip install -C NAME=VALUE .`) are options of the orchestrator; `build=false` packages what is built already.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator import api
from orchestrator.bootstrap import check_platform
from orchestrator.editable import editable_texts
from orchestrator.errors import BuildError, OptionError
from orchestrator.metadata import Metadata
from orchestrator.sdist import write_sdist
from orchestrator.wheel import wheel_members, write_wheel

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
    published = _guarded(_published, config_settings, "build_wheel")
    return write_wheel(Path(wheel_directory), Metadata(ROOT), wheel_members(ROOT, published))


def build_editable(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Builds, publishes and writes a wheel that holds only a finder for the checkout. Returns its file name."""
    _guarded(_published, config_settings, "build_editable")
    return write_wheel(Path(wheel_directory), Metadata(ROOT), {}, texts=editable_texts(ROOT), compress=False)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Writes the source distribution; builds nothing. Returns its file name."""
    return write_sdist(Path(sdist_directory), Metadata(ROOT))


def request_from(config_settings: Settings, command: str) -> tuple[api.BuildRequest, bool]:
    """The build request that config settings ask for, and whether to build at all.

    `config=NAME`, `jobs=N` and `build=false` are ours; any other NAME=VALUE is an option of the build. A value given more than
    once arrives as a list, of which the last counts.
    """
    settings = {name: value[-1] if isinstance(value, list) else value for name, value in (config_settings or {}).items()}
    build = str(settings.pop("build", "true")).lower() not in _OFF
    config = settings.pop("config", None)
    jobs = settings.pop("jobs", None)
    if jobs is not None and not (str(jobs).isdigit() and int(jobs) > 0):
        raise OptionError(f"The setting jobs={jobs} is not a number of jobs.", next_step="give a number above 0: -C jobs=4")
    defines = tuple(f"{name}={value}" for name, value in settings.items())
    request = api.BuildRequest(root=ROOT, config=config, defines=defines, jobs=int(jobs) if jobs else None, command=command)
    return request, build


def _published(config_settings: Settings, command: str) -> tuple[api.PublishedFile, ...]:
    check_platform()
    request, build = request_from(config_settings, command)
    return api.build(request).published if build else api.published(request)


def _guarded(function: Any, config_settings: Settings, command: str) -> tuple[api.PublishedFile, ...]:
    """Our errors are for users: their text and exit code, without a traceback of this file."""
    try:
        return function(config_settings, command)  # type: ignore[no-any-return]
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        raise SystemExit(error.exit_code) from None
