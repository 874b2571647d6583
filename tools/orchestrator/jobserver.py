"""One budget of jobs for everything that a build starts: the protocol of GNU make's job server, over one pipe.

A token in the pipe is the right to run one job beside the one that each client may run anyway. The orchestrator is that
"anyway": it takes a token for each ninja, cmake or make that it starts, and puts it back when that ends. So no more than `jobs`
commands run at once, however many builds overlap, and whatever make, nvcc or LTO links start inside of them.

The pipe has no name in any file system: clients that want a FIFO open it as /proc/PID/fd/N, which has no spaces (MAKEFLAGS has
no quotes) and is gone with this process. Two inherited descriptors are better still, where ninja knows them (PyPI's does): GNU
make before 4.4 aborts on the word `fifo:`, and LTO links of gcc before 13 do not find a FIFO and run outside of the budget.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import termios
from collections.abc import Mapping
from types import TracebackType

from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

__all__ = ["FIFO", "PIPE", "STATIC", "Budget", "JobServer", "style_of"]

FIFO, PIPE, STATIC = "fifo", "pipe", "static"
"""How clients are told: a path, two inherited descriptors, or (nothing fits both ninja and make) a fixed -j for each."""


class Knowing(Protocol):
    """A detection whose value `jobserver` is what the program understands; where there is none, it is not there."""

    @property
    def values(self) -> Mapping[str, str]: ...


def style_of(ninja: Knowing | None, make: Knowing | None) -> str:
    """How ninja, and the make that a build may call, can both be told. Nobody looked for make: a fixed number, as ever."""
    known = [item.values.get("jobserver", "") if item is not None else None for item in (ninja, make)]
    if known[0] == PIPE:
        return PIPE
    return STATIC if known[1] in (None, PIPE) else FIFO


_TOKEN = b"+"
_INHERITED = 11  # process.spawn: 10 is the lock of the tree


class Budget(Value):
    """How one program is told about its share: arguments of ninja, environment, and descriptors to inherit after the lock."""

    jobs: int = 1
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}
    inherit: tuple[int, ...] = ()


class JobServer:
    """A pool of `jobs` tokens. `width` is how many clients may overlap, which divides the jobs where the style is STATIC.

    >>> with JobServer(2) as server:
    ...     server.take(), server.take(), server.take(), server.free()
    (True, True, False, 0)
    """

    def __init__(self, jobs: int, *, style: str = FIFO, width: int = 1) -> None:
        self.jobs = jobs
        self.style = style
        self._width = width
        self._held = 0
        self._read, self._write = os.pipe()
        # A file description of its own: whether reading waits is not the clients' matter.
        self._own = os.open(f"/proc/self/fd/{self._read}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.write(self._write, _TOKEN * jobs)

    def __enter__(self) -> JobServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for descriptor in (self._own, self._read, self._write):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def fileno(self) -> int:
        """Readable when a token is free."""
        return self._own

    def budget(self, *more: str) -> Budget:
        """What a client of this server is given; `more` are arguments of ninja."""
        if self.style == STATIC:
            share = max(1, self.jobs // max(1, self._width))
            return Budget(share, ("-j", str(share), *more))
        flags = f" -j{self.jobs} --jobserver-auth="
        if self.style == PIPE:
            return Budget(self.jobs, more, {"MAKEFLAGS": f"{flags}{_INHERITED},{_INHERITED + 1}"}, (self._read, self._write))
        return Budget(self.jobs, more, {"MAKEFLAGS": f"{flags}fifo:/proc/{os.getpid()}/fd/{self._write}"})

    def take(self) -> bool:
        """Takes a token for a client that is to start; False if none is free."""
        try:
            taken = bool(os.read(self._own, 1))
        except BlockingIOError:
            taken = False
        self._held += taken
        return taken

    def give(self) -> None:
        """Puts the token of a client that ended back."""
        self._held -= 1
        os.write(self._write, _TOKEN)

    def free(self) -> int:
        """Tokens that nobody holds."""
        answer = fcntl.ioctl(self._own, termios.FIONREAD, b"\0\0\0\0")
        return int.from_bytes(answer, "little")

    def refill(self) -> int:
        """Makes the pool whole when no client lives: tokens of killed ones are lost. Returns how many were missing."""
        missing = self.jobs - self._held - self.free()
        if missing > 0:
            os.write(self._write, _TOKEN * missing)
        return max(0, missing)
