"""Files dated in the future: ninja would make what depends on them again in each build, or never.

Now is what the file system says of a file that was just written, so that a server with another clock is no trouble.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["correct_future", "forget_future", "settle", "sources"]

_TOLERANCE = 2.0
_NAMED = 3
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".cu", ".h", ".hh", ".hpp", ".cuh", ".inc", ".in", ".py", ".toml", ".cmake", ".txt")


def settle(build_dir: Path, files: Iterable[str]) -> list[str]:
    """Makes the tree and the given sources fit for ninja's comparison of times. The caller holds the tree's lock.

    Returns what to say about it.
    """
    lock = build_dir / ".lock"
    os.utime(lock)
    now = lock.stat().st_mtime
    return [*forget_future(build_dir, now), *correct_future(files, now)]


def sources(folders: Iterable[Path], *, without: Path) -> Iterator[str]:
    """What people edit below the folders; nothing in hidden folders or in `without`, where build trees stand."""
    for folder in folders:
        for place, names, files in os.walk(folder):
            names[:] = [name for name in names if not name.startswith(".") and Path(place, name) != without]
            yield from (os.path.join(place, name) for name in files if name.endswith(_SUFFIXES))


def correct_future(files: Iterable[str], now: float) -> list[str]:
    """Gives files that are dated after `now` (seconds) the present time; returns what to say about that."""
    late = []
    for name in files:
        try:
            if os.stat(name).st_mtime > now + _TOLERANCE:
                os.utime(name)
                late.append(name)
        except FileNotFoundError:
            continue
        except OSError as error:
            return [f"{name} is dated in the future and builds again each time; its time cannot be set: {error.strerror}"]
    if not late:
        return []
    more = f" and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
    return [f"dated in the future, which would build them again each time; set to now: {', '.join(late[:_NAMED])}{more}"]


def forget_future(build_dir: Path, now: float) -> list[str]:
    """Drops ninja's log if it was written after `now` (seconds), and dates its outputs now; returns what to say about that.

    ninja compares sources with the times in that log: an edit would count as older than what was built before.
    """
    log = build_dir / ".ninja_log"
    try:
        ahead = log.stat().st_mtime - now
    except OSError:
        return []
    if ahead <= _TOLERANCE:
        return []
    log.unlink()
    for place, _, names in os.walk(build_dir):
        for name in names:
            path = f"{place}/{name}"
            if os.lstat(path).st_mtime > now:
                os.utime(path, follow_symlinks=False)
    return [f"the clock was put back by {ahead:.0f} s since the last build: everything is built again"]
