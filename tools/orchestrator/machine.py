"""What this machine grants this process: processors and memory, with the limits of control groups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.values import Value

__all__ = ["Machine", "look", "processors"]


class Machine(Value):
    """`cores` of the machine, `allowed` by affinity, `quota` in processors. Memory is in bytes. None is no limit."""

    cores: int
    allowed: int
    quota: float | None
    memory: int
    memory_limit: int | None

    @property
    def usable(self) -> int:
        """Commands that can run at once: affinity, and a quota rounded up; at least 1."""
        quota = self.allowed if self.quota is None else -int(-self.quota // 1)
        return max(1, min(self.allowed, quota))

    @property
    def usable_memory(self) -> int:
        """Bytes."""
        return self.memory if self.memory_limit is None else min(self.memory, self.memory_limit)


def processors(root: Path = Path("/")) -> int:
    """Processors that this process may keep busy."""
    return look(root).usable


def look(root: Path = Path("/")) -> Machine:
    """`root` is where proc and sys stand. What cannot be read limits nothing."""
    quotas = [value for folder in _groups(root) if (value := _quota(folder)) is not None]
    limits = [value for folder in _groups(root) if (value := _limit(folder)) is not None]
    return Machine(
        cores=os.cpu_count() or 1,
        allowed=len(os.sched_getaffinity(0)),
        quota=min(quotas, default=None),
        memory=_memory(root),
        memory_limit=min(limits, default=None),
    )


def _groups(root: Path) -> Iterator[Path]:
    """The folders of this process's control groups and of those above them, which limit it as well."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        names = controllers.split(",") if controllers else [""]
        for name in names:
            if name not in ("", "cpu", "memory"):
                continue
            base = root / "sys/fs/cgroup" / name
            folder = base / path.strip("/")
            # In a container the path may be the host's, and the folder is mounted at the base itself.
            yield folder if folder.is_dir() else base
            yield from (parent for parent in folder.parents if parent.is_relative_to(base))


def _quota(folder: Path) -> float | None:
    words = _text(folder / "cpu.max").split()
    if not words:
        words = [_text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us").strip()]
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]) > 0:
        return int(words[0]) / int(words[1])
    return None


def _limit(folder: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _text(folder / name).strip()
        if text.isdigit() and int(text) < 1 << 60:  # the first version's "no limit" is a huge number
            return int(text)
    return None


def _memory(root: Path) -> int:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
