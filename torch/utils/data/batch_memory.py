"""The shared memory of batches: a worker's side, which writes them, and the main process's, which reads them.

Fresh shared memory costs a page fault for every 4 KiB on both sides, five times what copying through a pipe does. So it is used
again: the main process tells the worker, with the next request, which memory it has let go of. What it does not need a name or
an open descriptor for: each piece is mapped once on both sides and known by a number.
"""

from __future__ import annotations

import contextlib
import os
import socket
from multiprocessing import reduction

from torch import _C, _shared_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

SMALLEST = 16 << 10  # bytes; smaller tensors are written into the pipe
_IDLE = 8  # batches for which a worker keeps memory that nothing fitted into
_MANY = 512  # pieces that the main process may hold at a time: what arrives beyond is copied out

_forks = 0  # of this process: a child may look at what was alive then


def _forked() -> None:
    global _forks
    _forks += 1


os.register_at_fork(before=_forked)


@contextlib.contextmanager
def socket_of(connection: Connection) -> Iterator[socket.socket]:
    """The pipe as a socket, without a second descriptor: there may be none to be had."""
    found = socket.socket(fileno=connection.fileno())
    try:
        yield found
    finally:
        found.detach()


class Piece(_C.SharedMemory):
    """Memory of one batch tensor. lent: the main process has it; used: the number of the batch that was last in it."""

    number = -1
    lent = False
    used = 0


class BatchMemory:
    """A worker's memory. `allocate` is for what goes into the next batch."""

    def __init__(self) -> None:
        self._pieces: dict[int, Piece] = {}
        self._count = 0
        self._batch = 0
        self._made: list[Piece] = []  # since the last message
        self._gone: list[int] = []

    def begin(self, returned: Sequence[tuple[int, bool]]) -> None:
        """A new batch. returned: the numbers that the main process has let go of, and whether they may be used again."""
        self._batch += 1
        for number, reusable in returned:
            self._pieces[number].lent = False
            if not reusable:
                del self._pieces[number]
        for piece in [p for p in self._pieces.values() if not p.lent and p.used < self._batch - _IDLE and p.holders == 0]:
            del self._pieces[piece.number]
            self._gone.append(piece.number)

    def allocate(self, size: Sequence[int], dtype: _C.dtype) -> _C.Tensor | None:
        """A tensor in shared memory. None if it is small, or if there is none to be had: then any other memory does."""
        nbytes = dtype.itemsize
        for extent in size:
            nbytes *= extent
        if nbytes < SMALLEST:
            return None
        piece = next((p for p in self._pieces.values() if p.nbytes == nbytes and not p.lent and p.holders == 0), None)
        if piece is None:
            try:
                piece = Piece(_shared_memory.unnamed_file(nbytes), nbytes)
            except OSError:
                return None
            piece.number = self._count
            self._count += 1
            self._pieces[piece.number] = piece
            self._made.append(piece)
        piece.used = self._batch
        return piece.tensor(dtype).view(*size)

    def place(self, tensor: _C.Tensor) -> Piece | None:
        """The piece where a tensor lies, if `allocate` made it and the main process has not got it."""
        piece = tensor.storage()._shared_memory()
        return piece if isinstance(piece, Piece) and not piece.lent else None

    def lend(self, pieces: Sequence[Piece]) -> tuple[list[Piece], list[int]]:
        """From now on the main process has them. Returns what it does not know yet, and what it may forget."""
        for piece in pieces:
            piece.lent = True
        news = self._made, self._gone
        self._made, self._gone = [], []
        return news


class BorrowedMemory:
    """The main process's side of one worker's memory."""

    def __init__(self) -> None:
        self._pieces: dict[int, _C.SharedMemory] = {}
        self._held: dict[int, int] = {}  # numbers that tensors lie in, and the forks before

    def update(self, connection: Connection, made: Sequence[tuple[int, int]], gone: Sequence[int]) -> None:
        """What a message announces: new pieces, whose descriptors follow, and those that are no more."""
        for number, nbytes in made:
            try:
                with socket_of(connection) as pipe:
                    [fd] = reduction.recvfds(pipe, 1)
            except RuntimeError as error:  # it did not fit into this process's table
                raise RuntimeError(
                    "DataLoader: this process has too many open files to receive a batch; close some, or raise "
                    "the limit (ulimit -n)"
                ) from error
            try:
                piece = _C.SharedMemory(fd, nbytes)
            except BaseException:
                os.close(fd)
                raise
            piece.close()
            self._pieces[number] = piece
        for number in gone:
            del self._pieces[number]

    def tensor(self, number: int, dtype: _C.dtype, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> _C.Tensor:
        """What the worker has written."""
        base = self._pieces[number].tensor(dtype)
        found = _C.ops.empty(0, dtype=dtype).set_(base, offset, size, stride)
        crowded = len(self._held) >= _MANY  # somebody keeps all batches
        self._held[number] = _forks
        return found.clone() if crowded else found

    def returned(self) -> list[tuple[int, bool]]:
        """Numbers of the pieces that no tensor lies in any more, and whether no child can look at them either."""
        over = [(number, forks == _forks) for number, forks in self._held.items() if self._pieces[number].holders == 0]
        for number, reusable in over:
            del self._held[number]
            if not reusable:
                del self._pieces[number]
        return over
