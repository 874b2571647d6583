"""Which members of static archives went into a library: its link, repeated beside it, says so in a map."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

from orchestrator.errors import BuildError
from orchestrator.process import capture

__all__ = ["archive_members", "static_parts"]

_HEADING = "Archive member included"
_MEMBER = re.compile(r"^(?P<archive>/[^\n(]*\.a)\((?P<member>[^)\n]+)\)", re.MULTILINE)


def static_parts(ninja: str, build_dir: Path, binary: Path) -> dict[str, tuple[str, ...]]:
    """Archive -> its members that are part of `binary`, which `build_dir` has made."""
    output = binary.relative_to(build_dir).as_posix()
    done = capture([ninja, "-C", str(build_dir), "-t", "commands", "-s", output])
    step = next((part for part in done.output.split(" && ") if f" -o {output} " in f"{part} "), "")
    if done.status != 0 or not step:
        text = f"ninja does not say how {output} was linked (status {done.status})."
        raise BuildError(text, why=done.output.strip()[-1000:], next_step="build anew: --fresh")
    with tempfile.TemporaryDirectory(prefix="linkmap-") as folder:
        text_map = Path(folder, "map")
        words = [str(Path(folder, binary.name)) if word == output else word for word in shlex.split(step)]
        done = capture([*words, f"-Wl,-Map,{text_map}"], cwd=build_dir)
        if done.status != 0:
            why = done.output.strip()[-2000:]
            raise BuildError(f"{output} cannot be linked again.", why=why, next_step="build anew: --fresh")
        return archive_members(text_map.read_text(encoding="utf-8", errors="replace"))


def archive_members(text: str) -> dict[str, tuple[str, ...]]:
    """Reads a map of GNU ld, gold or mold.

    >>> heading = "Archive member included to satisfy reference by file (symbol)"
    >>> archive_members(f"{heading}\\n\\n/usr/lib/libgcc.a(cpuinfo.o)\\n                a.o (__cpu_model)\\n")
    {'/usr/lib/libgcc.a': ('cpuinfo.o',)}
    """
    _, heading, rest = text.partition(_HEADING)
    found: dict[str, list[str]] = {}
    if heading:
        listing = re.split(r"\n(?:Discarded input|Memory Configuration|Allocating common|There are no)", rest, maxsplit=1)[0]
        for match in _MEMBER.finditer(listing):
            found.setdefault(match["archive"], []).append(match["member"])
    return {archive: tuple(sorted(set(members))) for archive, members in sorted(found.items())}
