"""The one door to subprocesses. Light: an edit's way loads it, so that `subprocess` is imported only where it is needed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.errors import InterruptedBuildError, ToolMissingError
from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import TypeVar

    _Result = TypeVar("_Result")

__all__ = [
    "Command",
    "Completed",
    "Steps",
    "attached",
    "capture",
    "drive",
    "spawn",
    "stop",
    "stream",
    "terminated_as_interrupt",
]

_PATIENCE = 5.0
"""Seconds that a program gets after each signal, before the next and stronger one."""
_IN_FOLDER = ("/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh")


class Completed(Value):
    """A command that ended. `status` is negative after a signal and 127 if it could not start."""

    status: int
    output: str


class Command(Value):
    """A command to run, and who reads its lines. `what` is the phase of the work that it is."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    on_line: Callable[[str], None]
    cwd: Path | None = None
    inherit: tuple[int, ...] = ()
    what: str = ""


if TYPE_CHECKING:
    Steps = Generator[Command, int, _Result]
else:
    Steps = Generator
"""Work that yields commands, gets their exit statuses, and returns a result: `drive` runs it alone, overlap.py many at once."""


def drive(steps: Steps[_Result], *, meanwhile: Callable[[], None] | None = None) -> _Result:
    """Runs the commands one after another; `meanwhile` is called while the first one runs."""
    with contextlib.closing(steps):
        try:
            command = next(steps)
            while True:
                status = stream(
                    command.argv,
                    env=command.env,
                    cwd=command.cwd,
                    on_line=command.on_line,
                    inherit=command.inherit,
                    meanwhile=meanwhile,
                )
                meanwhile = None
                command = steps.send(status)
        except StopIteration as end:
            result: _Result = end.value
            return result


def capture(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Completed:
    """Runs a short command and returns stdout and stderr together."""
    import subprocess

    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            check=False,
        )
    except OSError as error:
        return Completed(127, f"{command[0]}: {error.strerror}")
    return Completed(done.returncode, done.stdout.decode("utf-8", "replace"))


def attached(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> int:
    """Runs a command that talks to the user by itself (pip): our stdout and stderr, no stdin. Returns its exit status."""
    import subprocess

    return subprocess.run(
        list(command), stdin=subprocess.DEVNULL, env=None if env is None else dict(env), cwd=cwd, check=False
    ).returncode


def stream(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    on_line: Callable[[str], None],
    inherit: Sequence[int] = (),
    meanwhile: Callable[[], None] | None = None,
) -> int:
    """Runs a command in a session of its own and hands over its output line by line. Returns its exit status.

    `inherit` are descriptors that the command keeps open: the tree's lock then ends with the last process that can write the
    tree, even if this process is killed. Ctrl-C and SIGTERM stop the whole session: ninja gives each of its commands a process
    group, but the session is one. A daemon that a command leaves behind in a session of its own would keep the lock as well.
    """
    try:
        with terminated_as_interrupt():
            return _streamed(command, env, cwd, on_line, inherit, meanwhile)
    except KeyboardInterrupt:
        text = f"Interrupted: {Path(command[0]).name} and what it had started were stopped."
        raise InterruptedBuildError(text, next_step="run the same command again: finished work is kept") from None
    except FileNotFoundError:
        text = f"{command[0]} is not there any more."
        raise ToolMissingError(text, next_step="run the same command again: tools are then searched anew") from None


def _streamed(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    on_line: Callable[[str], None],
    inherit: Sequence[int],
    meanwhile: Callable[[], None] | None,
) -> int:
    pid, reader = spawn(command, env, cwd, inherit)
    ended = False
    try:
        with open(reader, "rb") as output:
            if meanwhile is not None:
                meanwhile()
            for raw in output:
                on_line(raw.decode("utf-8", "replace").rstrip("\n"))
        status = os.waitpid(pid, 0)[1]
        ended = True
        return os.waitstatus_to_exitcode(status)
    finally:
        if not ended:
            stop(pid)


def spawn(command: Sequence[str], env: Mapping[str, str], cwd: Path | None, inherit: Sequence[int]) -> tuple[int, int]:
    """Returns the process and the descriptor of its output (stdout and stderr together).

    What it inherits is open there as 10, 11, ... in the given order.
    """
    if cwd is not None:
        command = [*_IN_FOLDER, str(cwd), *command]
    reader, writer = os.pipe()
    try:
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_DUP2, writer, 2),
            # A duplicate is open in the program, while the descriptor itself closes with exec.
            *((os.POSIX_SPAWN_DUP2, number, 10 + place) for place, number in enumerate(inherit)),
        ]
        pid = os.posix_spawnp(
            command[0],
            list(command),
            dict(env),
            file_actions=actions,
            setsid=True,
            setsigmask=[],
            # Python ignores these, and whoever runs builds in the background may have ignored SIGINT.
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM],
        )
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    return pid, reader


def stop(pid: int) -> None:
    """Ends the program and everything of its session. A second Ctrl-C makes it hurry."""
    reaped = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if number is signal.SIGINT:  # ninja hands it on by itself, and waits
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
        else:
            _signal_session(pid, number)
        end = time.monotonic() + _PATIENCE
        try:
            while time.monotonic() < end:
                reaped = reaped or os.waitpid(pid, os.WNOHANG)[0] == pid
                if reaped and not _session(pid):
                    return
                if reaped and number is signal.SIGINT:
                    break  # what outlives it would not end by itself
                time.sleep(0.005)
        except KeyboardInterrupt:
            continue


def _session(leader: int) -> list[int]:
    """The processes of the leader's session, itself included, that still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (process / "stat").read_bytes().rpartition(b") ")[2].split()[:4]
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if int(session) == leader and state not in b"ZX":
            found.append(int(process.name))
    return found


def _signal_session(leader: int, number: int) -> None:
    for pid in _session(leader):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


@contextlib.contextmanager
def terminated_as_interrupt() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt here, so that both take one way. Only the main thread may set handlers."""
    threading = sys.modules.get("threading")  # not loaded: there is one thread
    if threading is not None and threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
