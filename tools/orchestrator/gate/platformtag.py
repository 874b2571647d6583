"""Which Linux systems a wheel runs on, as auditwheel finds out from the symbols that its libraries use."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import BuildError, OptionError
from orchestrator.process import capture

__all__ = ["PlatformReport", "glibc_of", "platform_report"]

_ANY = (99, 0)


@dataclass(frozen=True)
class PlatformReport:
    """`tag` is the best platform tag that holds (manylinux_2_34_x86_64, or linux_x86_64 for none). `outside` are libraries that
    lie neither in the wheel nor in every system."""

    tag: str
    outside: tuple[str, ...]

    @property
    def glibc(self) -> tuple[int, int]:
        """The oldest glibc that it runs with."""
        return glibc_of(self.tag)


def glibc_of(tag: str) -> tuple[int, int]:
    """The glibc that a platform tag stands for.

    >>> glibc_of("manylinux_2_28_x86_64"), glibc_of("manylinux2014_x86_64"), glibc_of("linux_x86_64")
    ((2, 28), (2, 17), (99, 0))
    """
    match = re.match(r"manylinux_(\d+)_(\d+)", tag)
    if match:
        return int(match[1]), int(match[2])
    old = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
    return next((version for name, version in old.items() if tag.startswith(name)), _ANY)


def stated_floor(tag: str) -> str:
    """A tag that may be stated as a floor: of manylinux, with or without the machine. Raises OptionError for another text."""
    if tag and not re.fullmatch(r"manylinux(_\d+_\d+|1|2010|2014)(_\w+)?", tag):
        raise OptionError(f"{tag} is no tag of manylinux.", next_step="state a floor as manylinux_2_28 or manylinux2014")
    return tag


def platform_report(wheel: Path) -> PlatformReport:
    """Asks auditwheel."""
    done = capture([sys.executable, "-m", "auditwheel", "show", "--json", str(wheel)])
    try:
        answer = json.loads(done.output[done.output.index("{") :])
        libraries = tuple(sorted(name for name, path in answer["external_libs"].items() if path))
        return PlatformReport(answer["overall_tag"], libraries)
    except (ValueError, KeyError):
        text = f"auditwheel cannot judge {wheel.name} (status {done.status})."
        raise BuildError(text, why=done.output.strip()[-2000:], next_step="python -m pip install 'auditwheel>=6.4'") from None
