"""The one door to subprocesses."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import InterruptedBuildError

__all__ = ["Completed", "attached", "capture", "stream"]


@dataclass(frozen=True)
class Completed:
    """A command that ended. `status` is negative after a signal and 127 if it could not start."""

    status: int
    output: str


def capture(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Completed:
    """Runs a short command and returns stdout and stderr together."""
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
    return subprocess.run(
        list(command), stdin=subprocess.DEVNULL, env=None if env is None else dict(env), cwd=cwd, check=False
    ).returncode


def stream(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], None],
    inherit: Sequence[int] = (),
) -> int:
    """Runs a command in a process group of its own and hands over its output line by line. Returns its exit status.

    `inherit` are descriptors that the command keeps open: the tree's lock then ends with the last process that can write the
    tree, even if this process is killed. Ctrl-C and SIGTERM stop the whole group.
    """
    child = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        pass_fds=tuple(inherit),
        start_new_session=True,
    )
    assert child.stdout is not None
    try:
        with _terminate_as_interrupt():
            for raw in child.stdout:
                on_line(raw.decode("utf-8", "replace").rstrip("\n"))
            return child.wait()
    except KeyboardInterrupt:
        _stop(child)
        text = f"Interrupted: {Path(command[0]).name} and what it had started were stopped."
        raise InterruptedBuildError(text, next_step="run the same command again: finished work is kept") from None
    except BaseException:
        _stop(child)
        raise
    finally:
        child.stdout.close()


def _stop(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(timeout=5)
            return
        except ProcessLookupError:
            child.wait()
            return
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt here, so that both take one way. Only the main thread may set handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
