"""A worker process of `DataLoader`: it is sent lists of indices and sends back batches, in the same order."""

from __future__ import annotations

import os
import pickle
import queue
import random
import signal
import sys
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import wait

from torch import _C
from torch.utils.data import collate
from torch.utils.data.batch_memory import BatchMemory
from torch.utils.data.collate import fetch
from torch.utils.data.parcel import Packed, Parcel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from typing import Any

_PULSE = 2.0  # seconds between looks at whether the main process still lives


class KeyErrorText(str):
    """KeyError prints the repr of its argument: a traceback in it would be one long line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Failure:
    """An exception on its way to the main process: its type and its traceback as text."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.type: type[BaseException] = type(error)
        self.text = f"{where}:\n" + "".join(traceback.format_exception(error))
        try:
            pickle.loads(pickle.dumps(self.type))
        except Exception:  # a class that the other process cannot find: the text names it
            self.type = RuntimeError

    def error(self) -> BaseException:
        """The exception to raise: of the same type if that can be made from a text."""
        # StopIteration would end the caller's loop as if all were well.
        if self.type is not StopIteration:
            try:
                made = self.type(KeyErrorText(self.text) if self.type is KeyError else self.text)
            except Exception:
                return RuntimeError(self.text)
            if isinstance(made, BaseException):
                return made
        return RuntimeError(self.text)


def run(connection: Connection, parcel: Parcel, number: int, seed: int) -> None:
    """The life of a worker. parcel: data set, collate_fn and worker_init_fn."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the main process decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not the main process's handler
    outbox: queue.SimpleQueue[Packed] = queue.SimpleQueue()
    threading.Thread(target=_deliver, args=(connection, outbox), daemon=True).start()
    dataset, collate_fn, init_fn = parcel.content
    broken = _prepare(number, seed, init_fn)
    memory = collate.memory = BatchMemory()
    for indices, returned in _requests(connection):
        memory.begin(returned)
        result: Any = broken
        if result is None:
            try:
                result = Packed(fetch(dataset, indices, collate_fn), memory)
            except Exception as error:
                result = Failure(error, f"DataLoader worker {number} (pid {os.getpid()})")
        outbox.put(result if isinstance(result, Packed) else Packed(result))


def _prepare(number: int, seed: int, init_fn: Callable[[int], object] | None) -> Failure | None:
    _C.set_num_threads(1)
    random.seed(seed)
    _C.ops.manual_seed(seed)
    if "numpy" in sys.modules:  # else all workers would draw the same numbers, those of the main process
        sys.modules["numpy"].random.seed(seed % 2**32)
    try:
        if init_fn is not None:
            init_fn(number)
    except Exception as error:
        return Failure(error, f"worker_init_fn of DataLoader worker {number} (pid {os.getpid()})")
    return None


def _requests(connection: Connection) -> Iterator[tuple[list[Any], list[tuple[int, bool]]]]:
    """Lists of indices, and what memory is free again, until the main process shuts the pipe down or is gone."""
    parent, parent_pid = parent_process(), os.getppid()
    watched: list[Any] = [connection] if parent is None else [connection, parent.sentinel]
    while True:
        # Processes that were forked from the main one may hold both ends open after its death: then the pulse finds it.
        ready = wait(watched, _PULSE)
        if os.getppid() != parent_pid or (ready and connection not in ready):
            return
        if not ready:
            continue
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        yield request


def _deliver(connection: Connection, outbox: queue.SimpleQueue[Packed]) -> None:
    """A thread of its own, so that the next batch is computed while the last one waits to be taken."""
    try:
        while True:
            outbox.get().send(connection)
    except OSError:
        os._exit(0)  # nobody reads any more
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # else the main process would wait for ever
