"""Iteration over a `DataLoader` with workers: each has a pipe of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
import warnings
import weakref
from multiprocessing.connection import wait

from torch.utils.data.batch_memory import BorrowedMemory, socket_of
from torch.utils.data.dataloader import LoaderIterator
from torch.utils.data.loader_worker import Failure, run
from torch.utils.data.parcel import Parcel, receive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

    from torch.utils.data.dataloader import DataLoader

_AHEAD = 2  # batches that each worker has been asked for at a time
_PATIENCE = 2.0  # seconds that a worker gets to end by itself, and then to end by SIGTERM


class Worker:
    """The main process's side of one worker."""

    def __init__(self, number: int, process: Any, connection: Connection) -> None:
        self.number = number
        self.process = process
        self.connection = connection
        self._memory = BorrowedMemory()

    @property
    def name(self) -> str:
        return f"DataLoader worker {self.number} (pid {self.process.pid})"

    def request(self, indices: list[Any]) -> None:
        """Asks for a batch. A worker that is gone is noticed when its answer is due."""
        try:
            self.connection.send((indices, self._memory.returned()))
        except OSError:
            return

    def answer(self, timeout: float) -> Any:
        """The next batch, or Failure. timeout: seconds, 0 for any time."""
        ready = wait([self.connection, self.process.sentinel], timeout or None)
        if not ready:
            raise TimeoutError
        try:
            # What a worker sent before it died is still there.
            if self.connection in ready or self.connection.poll():
                return receive(self.connection, self._memory)
        except (EOFError, OSError):
            pass
        raise RuntimeError(self.obituary())

    def hang_up(self) -> None:
        """Tells the worker to end. Closing would not do: processes that were forked meanwhile hold copies of the pipe."""
        with socket_of(self.connection) as pipe:
            pipe.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def obituary(self) -> str:
        """How it ended, as a sentence."""
        self.process.join(_PATIENCE)
        code = self.process.exitcode
        if code is None:
            return f"{self.name} closed its pipe and still runs."
        if code >= 0:
            return f"{self.name} exited unexpectedly with exit code {code}. Look at what it printed, or try num_workers=0."
        name = signal.Signals(-code).name
        hint = " Often the kernel does that when memory is short." if -code == signal.SIGKILL else ""
        return f"{self.name} is killed by signal: {name}.{hint}"


def _start_method(loader: DataLoader) -> Any:
    chosen = loader.multiprocessing_context
    if chosen is None:
        chosen = multiprocessing.get_start_method(allow_none=True) or "fork"
    return multiprocessing.get_context(chosen) if isinstance(chosen, str) else chosen


def _start(loader: DataLoader, base_seed: int) -> list[Worker]:
    context = _start_method(loader)
    parcel = Parcel((loader.dataset, loader.collate_fn, loader.worker_init_fn))
    workers: list[Worker] = []
    try:
        for number in range(loader.num_workers):
            ours, theirs = multiprocessing.Pipe()
            process = context.Process(target=run, args=(theirs, parcel, number, base_seed + number), daemon=True)
            workers.append(Worker(number, process, ours))
            with warnings.catch_warnings():
                # TH's pool of threads, which Python sees here, is made to be forked.
                warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)
                process.start()
            theirs.close()
    except BaseException:
        _stop([worker for worker in workers if worker.process.pid is not None], os.getpid())
        raise
    return workers


def _stop(workers: list[Worker], owner: int) -> None:
    if os.getpid() != owner:
        return  # a forked copy of the iterator: the workers are not its own
    for worker in workers:
        worker.hang_up()
    for urge in (None, "terminate", "kill"):
        deadline = time.monotonic() + _PATIENCE
        for worker in workers:
            if urge is not None and worker.process.is_alive():
                getattr(worker.process, urge)()
        for worker in workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
    workers.clear()


class WorkersIterator(LoaderIterator):
    """Worker k computes batches k, k + n, k + 2n, ... of n workers; they arrive in the order of the sampler."""

    def __init__(self, loader: DataLoader) -> None:
        super().__init__(loader)
        self._asked = 0
        self._taken = 0
        self._error: str | None = None
        self._workers = _start(loader, self._base_seed)
        # Also at the end of the interpreter; never a reference to self, which would live for ever.
        self._finish = weakref.finalize(self, _stop, self._workers, os.getpid())
        for _ in range(_AHEAD * len(self._workers)):
            self._ask()

    def _ask(self) -> None:
        indices = next(self._batches, None)
        if indices is not None:
            self._workers[self._asked % len(self._workers)].request(indices)
            self._asked += 1

    def _next(self) -> Any:
        if self._error is not None:
            raise RuntimeError(self._error)
        if self._taken == self._asked:
            self._finish()
            raise StopIteration
        worker = self._workers[self._taken % len(self._workers)]
        batch = self._answer_of(worker)
        self._taken += 1
        self._ask()
        if isinstance(batch, Failure):
            raise batch.error()
        return batch

    def _answer_of(self, worker: Worker) -> Any:
        timeout = self._loader.timeout
        try:
            return worker.answer(timeout)
        except TimeoutError:
            raise RuntimeError(
                f"DataLoader timed out after {timeout} seconds: {worker.name} has not delivered batch {self._taken}"
            ) from None
        except BaseException as error:  # dead, or Ctrl-C within a message: the pipe is of no use any more
            self._error = str(error) if isinstance(error, RuntimeError) else "this iteration over a DataLoader was interrupted"
            self._finish()
            raise
