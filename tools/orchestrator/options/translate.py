"""Settings in text, as setup.py's options and pip's `-C NAME=VALUE` give them, into one BuildRequest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.errors import OptionError, nearest
from orchestrator.session import BuildRequest

__all__ = ["SETTINGS", "request_from", "split_defines", "to_settings"]

SETTINGS: Mapping[str, str] = {
    "config": "configuration, such as release or debug",
    "jobs": "how many commands run at once",
    "libs": "the libraries to build, separated by commas",
    "only": "without what they need (true or false)",
    "build-dir": "where build trees stand",
    "prefix": "also install the libraries into this folder",
    "fresh": "make these libraries anew from nothing, separated by commas; `all` for all",
    "again": "with the options of the last build of this configuration (true or false)",
    "system-libs": "the same as SYSTEM_LIBS=ON (true or false)",
}
"""The names that are no options of the build, each with its meaning."""

_TRUE, _FALSE = ("1", "true", "on", "yes"), ("0", "false", "off", "no", "")


def request_from(
    settings: Mapping[str, Any], *, root: Path, command: str, verbose: int = 0, quiet: bool = False, argv: Sequence[str] = ()
) -> BuildRequest:
    """The build that settings ask for. A name that SETTINGS does not list is an option: NAME or LIBRARY:NAME.

    None stands for a setting that was not given; of a list, the last counts. Raises OptionError for a value of the wrong form.
    Whether an option exists is seen when the build begins.

    >>> request = request_from({"jobs": "4", "THNN:DEBUG": "1", "fresh": "all"}, root=Path("."), command="build_wheel")
    >>> request.jobs, request.defines, request.fresh
    (4, ('THNN:DEBUG=1',), ())
    """
    given = {
        name: str(value[-1] if isinstance(value, list) else value) for name, value in settings.items() if value is not None
    }
    ours = {}
    for name in list(given):
        plain = name.replace("_", "-")
        if plain in SETTINGS:
            ours[plain] = given.pop(name)
        elif name == name.lower() and ":" not in name and (hint := nearest(plain, SETTINGS)):
            raise OptionError(f"There is no setting {name}.{hint}", next_step=f"settings: {', '.join(SETTINGS)}")
    defines = [f"{name}={value}" for name, value in given.items()]
    if _truth("system-libs", ours):
        defines.append("SYSTEM_LIBS=ON")
    fresh = _names(ours["fresh"]) if ours.get("fresh") else None
    return BuildRequest(
        root=root,
        libraries=_names(ours.get("libs", "")),
        only=_truth("only", ours),
        config=ours.get("config"),
        defines=tuple(defines),
        jobs=_jobs(ours.get("jobs")),
        verbose=verbose,
        quiet=quiet,
        build_dir=Path(ours["build-dir"]) if ours.get("build-dir") else None,
        prefix=Path(ours["prefix"]) if ours.get("prefix") else None,
        fresh=() if fresh is not None and [name.lower() for name in fresh] in (["all"], ["true"]) else fresh,
        again=_truth("again", ours),
        argv=tuple(argv),
        command=command,
    )


def split_defines(text: str) -> dict[str, str]:
    """`A=1,LIB:B=2` as a mapping. A comma ends a value only if another NAME= follows.

    >>> split_defines("CPU_LEVELS=BASE,AVX2,TH:WERROR=1")
    {'CPU_LEVELS': 'BASE,AVX2', 'TH:WERROR': '1'}
    """
    pairs = {}
    for part in re.split(r",(?=\s*(?:\w+:)?\w+=)", text):
        name, equals, value = part.strip().partition("=")
        if name:
            pairs[name] = value if equals else "ON"
    return pairs


def to_settings(request: BuildRequest) -> list[str]:
    """NAME=VALUE of all that the request asks for: `request_from` makes the same of them."""
    pairs = list(request.defines)
    given = {
        "config": request.config,
        "jobs": request.jobs,
        "libs": ",".join(request.libraries),
        "only": "true" if request.only else None,
        "build-dir": request.build_dir,
        "prefix": request.prefix,
        "fresh": None if request.fresh is None else ",".join(request.fresh) or "all",
        "again": "true" if request.again else None,
    }
    return [*pairs, *(f"{name}={value}" for name, value in given.items() if value)]


def _names(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", text) if part)


def _truth(name: str, given: Mapping[str, str]) -> bool:
    value = given.get(name, "").lower()
    if value in (*_TRUE, *_FALSE):
        return value in _TRUE
    raise OptionError(f"The setting {name}={given[name]} is neither true nor false.", next_step=f"give {name}=true")


def _jobs(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        said = f"--jobs={text} (or the setting jobs={text}) is not a number of jobs."
        raise OptionError(said, next_step="give a number above 0: --jobs=4, or -C jobs=4")
    return int(text)
