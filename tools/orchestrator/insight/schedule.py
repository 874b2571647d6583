"""How long a set of commands takes on some jobs: a list schedule in ninja's order. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Schedule", "Task", "simulate"]


@dataclass(frozen=True)
class Task:
    """A command: `seconds` is its wall time, `after` names the tasks that must end before it starts."""

    name: str
    seconds: float
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """`wall` seconds from the first start to the last end; `work` is the sum; `critical` the longest chain, in its order."""

    wall: float
    work: float
    critical: tuple[str, ...]
    critical_seconds: float


def simulate(tasks: Sequence[Task], jobs: int) -> Schedule:
    """Runs the tasks on `jobs` workers; of those that may start, the one with the longest chain behind it goes first.

    That is ninja's rule; between equals the order of `tasks` decides. Names in `after` that are no tasks count as done. A cycle
    is a ValueError.

    >>> simulate([Task("a", 2), Task("b", 1, ("a",)), Task("c", 3)], jobs=2).wall
    3
    """
    by_name = {task.name: task for task in tasks}
    after = {task.name: [name for name in dict.fromkeys(task.after) if name in by_name] for task in tasks}
    users: dict[str, list[str]] = {task.name: [] for task in tasks}
    for name, needs in after.items():
        for need in needs:
            users[need].append(name)
    order = _topological(after, users)
    tail: dict[str, float] = {}
    for name in reversed(order):
        tail[name] = by_name[name].seconds + max((tail[user] for user in users[name]), default=0)
    rank = {task.name: number for number, task in enumerate(tasks)}
    waiting = {name: len(needs) for name, needs in after.items()}
    ready = [(-tail[name], rank[name], name) for name in order if not waiting[name]]
    heapq.heapify(ready)
    running: list[tuple[float, int, str]] = []
    now: float = 0
    while ready or running:
        while ready and len(running) < max(1, jobs):
            _, number, name = heapq.heappop(ready)
            heapq.heappush(running, (now + by_name[name].seconds, number, name))
        now, _, done = heapq.heappop(running)
        for user in users[done]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, (-tail[user], rank[user], user))
    critical = _critical(order, after, users, tail)
    return Schedule(now, sum(task.seconds for task in tasks), critical, tail[critical[0]] if critical else 0)


def _topological(after: Mapping[str, Sequence[str]], users: Mapping[str, Sequence[str]]) -> list[str]:
    waiting = {name: len(needs) for name, needs in after.items()}
    order = [name for name, count in waiting.items() if not count]
    for name in order:  # which grows
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                order.append(user)
    if len(order) != len(after):
        stuck = sorted(name for name, count in waiting.items() if count)
        raise ValueError(f"the tasks wait for each other: {', '.join(stuck[:5])}")
    return order


def _critical(
    order: Sequence[str], after: Mapping[str, Sequence[str]], users: Mapping[str, Sequence[str]], tail: Mapping[str, float]
) -> tuple[str, ...]:
    starts = [name for name in order if not after[name]]
    path: list[str] = []
    choices: Sequence[str] = starts
    while choices:
        name = max(choices, key=lambda item: tail[item])
        path.append(name)
        choices = users[name]
    return tuple(path)
