"""How a process finds the others: env://, tcp://host:port and file://path."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_OP = "init_process_group"


@dataclass(frozen=True)
class Place:
    """What the caller said: rank and size are -1 where the method tells them."""

    rank: int
    size: int
    timeout: float


def join(method: str, place: Place) -> Any:
    """Meets the other processes, by the method that the URL names."""
    scheme, separator, rest = method.partition("://")
    if not separator or scheme not in _METHODS:
        raise ValueError(
            f"[{_OP}] init_method {method!r}, must be env://, tcp://HOST:PORT or file://PATH: how the processes find each other"
        )
    return _METHODS[scheme](rest, place)


def _checked(place: Place, rank: int, size: int, told: str) -> tuple[int, int]:
    """Rank and size, from the call or else from what `told` names."""
    rank = place.rank if place.rank >= 0 else rank
    size = place.size if place.size >= 0 else size
    if rank < 0 or size < 0:
        missing = "rank" if rank < 0 else "world_size"
        raise ValueError(f"[{_OP}] {missing} is missing: {told}")
    return rank, size


def _environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ValueError(
            f"[{_OP}] init_method env:// needs the environment variable {name}, which is not set: start the processes with "
            "`python -m torch.distributed.launch`, or set MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE for each"
        )
    return value


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"[{_OP}] {name} {text!r}, must be a whole number") from None


def _join_by_environment(rest: str, place: Place) -> Any:
    rank = place.rank if place.rank >= 0 else _number("RANK", _environment("RANK"))
    size = place.size if place.size >= 0 else _number("WORLD_SIZE", _environment("WORLD_SIZE"))
    host, port = _environment("MASTER_ADDR"), _number("MASTER_PORT", _environment("MASTER_PORT"))
    return _C.distributed.World(rank=rank, size=size, host=host, port=port, timeout=place.timeout)


def _join_by_address(rest: str, place: Place) -> Any:
    host, separator, port = rest.rpartition(":")
    if not separator or not host:
        raise ValueError(f"[{_OP}] init_method tcp://{rest}, must be tcp://HOST:PORT with rank 0's address")
    rank, size = _checked(place, -1, -1, "with tcp:// both are arguments of init_process_group")
    host = host.removeprefix("[").removesuffix("]")  # an address of IPv6
    return _C.distributed.World(rank=rank, size=size, host=host, port=_number("port", port), timeout=place.timeout)


@contextmanager
def _locked(path: str) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The file, and the records in it, while no other process has it."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RuntimeError(
            f"[{_OP}] the shared file {path!r} cannot be opened ({error.strerror}); its folder must exist"
        ) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        with os.fdopen(os.dup(fd), encoding="utf-8") as file:
            lines = file.read().splitlines()
        try:
            records = [json.loads(line) for line in lines]
        except ValueError:
            raise RuntimeError(f"[{_OP}] {path!r} holds something else than ranks: give a file that is empty or new") from None
        yield fd, records
    finally:
        os.close(fd)


def _write(fd: int, record: dict[str, Any]) -> None:
    os.lseek(fd, 0, os.SEEK_END)
    os.write(fd, (json.dumps(record) + "\n").encode())


def _answers(record: dict[str, Any]) -> bool:
    """Whether somebody listens where the record says: one that an earlier job left behind tells of nobody."""
    try:
        socket.create_connection((record["host"], record["port"]), timeout=2).close()
    except OSError:
        return False
    return True


def _free_rank(path: str, records: list[dict[str, Any]], size: int) -> int:
    taken = {record["rank"] for record in records}
    free = [rank for rank in range(size) if rank not in taken]
    if not free:
        raise RuntimeError(
            f"[{_OP}] {path!r} has all {size} ranks already: too many processes, or an earlier job left the file; remove it"
        )
    return free[0]


def _enter(path: str, place: Place) -> tuple[int, int, dict[str, Any]]:
    """Takes a rank in the file. Rank 0 also listens, and writes where."""
    with _locked(path) as (fd, records):
        rank = place.rank if place.rank >= 0 else _free_rank(path, records, place.size)
        record: dict[str, Any] = {"rank": rank, "host": "", "port": 0}
        listener = -1
        if rank == 0:
            old = next((each for each in records if each["rank"] == 0), None)
            if old is not None and _answers(old):
                raise RuntimeError(f"[{_OP}] rank 0 is waiting in {path!r} already: each process needs a rank of its own")
            if old is not None:
                os.ftruncate(fd, 0)  # of an earlier job
            # Nobody named an interface: the one that no other machine reaches, unless MASTER_ADDR does.
            record["host"] = os.environ.get("MASTER_ADDR", "127.0.0.1")
            record["port"], listener = _C.distributed.listen(record["host"], 0)
        _write(fd, record)
    return rank, listener, record


def _first(path: str, deadline: float) -> dict[str, Any]:
    """The record of rank 0, once it is there and answers."""
    while True:
        with _locked(path) as (_, records):
            found = next((record for record in records if record["rank"] == 0), None)
        if found is not None and _answers(found):
            return found
        if time.monotonic() >= deadline:
            why = "has not come" if found is None else "does not answer; the file may be an earlier job's: remove it"
            raise RuntimeError(f"[{_OP}] timed out: rank 0 of {path!r} {why}")
        time.sleep(0.02)


def _join_by_file(path: str, place: Place) -> Any:
    if not path:
        raise ValueError(f"[{_OP}] init_method file:// needs a path that all processes see: file:///shared/job")
    if place.size < 0:
        raise ValueError(f"[{_OP}] world_size is missing: with file:// it is an argument of init_process_group")
    deadline = time.monotonic() + place.timeout
    rank, listener, record = _enter(path, place)
    if rank != 0:
        record = _first(path, deadline)
    world = _C.distributed.World(
        rank=rank, size=place.size, host=record["host"], port=record["port"], listener=listener, timeout=place.timeout
    )
    if rank == 0:  # all have met: the file is as new, for another job
        with _locked(path) as (fd, _):
            os.ftruncate(fd, 0)
    return world


_METHODS = {"env": _join_by_environment, "tcp": _join_by_address, "file": _join_by_file}
