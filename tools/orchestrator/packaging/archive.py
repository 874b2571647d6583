"""Writes zip archives on all cores, with bytes that do not depend on how many cores there are.

A file is deflated in blocks of fixed size. Each block starts with the last 32 KiB before it as its dictionary, so that cutting
costs next to nothing, and ends on a byte boundary, so that the blocks of a file joined together are one deflate stream (RFC
1951, the way of `pigz`). zlib and hashlib release the interpreter lock: threads suffice, and no file is read twice.
"""

from __future__ import annotations

import functools
import hashlib
import mmap
import os
import stat
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

__all__ = ["Archive", "Content", "Member", "cores", "deflated"]

Content = bytes | Path
"""What a member holds: the bytes themselves, or a file to read."""

_BLOCK = 1 << 20
_WINDOW = 1 << 15
_LEVEL = 6
_AHEAD = 4
"""Blocks that may wait for each worker: bounds the memory."""
_REGULAR = (stat.S_IFREG | 0o644) << 16
"""Never the mode bits of the file: they follow the umask of whoever made it."""


@dataclass(frozen=True)
class Member:
    """What was written: the size in bytes of the content, and its SHA-256."""

    name: str
    size: int
    sha256: bytes


@dataclass(frozen=True)
class _Source:
    """A member before it is written. `digest` is computed meanwhile."""

    name: str
    data: memoryview
    digest: Future[tuple[int, bytes]]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


class Archive:
    """A zip file that is being written. All members have the same mode and the time `date` (seconds since 1970).

    `compress` False stores. The members' order is the caller's.
    """

    def __init__(self, path: Path, *, date: int, compress: bool = True, workers: int | None = None) -> None:
        self._method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        self._time = time.gmtime(date)[:6]
        self._workers = workers or cores()
        self._zip = zipfile.ZipFile(path, "w", self._method)
        self._pool = ThreadPoolExecutor(self._workers)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._zip.close()

    def add(self, contents: Iterable[tuple[str, Content]]) -> list[Member]:
        """Writes the members one after the other, while the blocks of later ones are deflated."""
        sources: deque[_Source] = deque()
        members: list[Member] = []
        entry: zipfile.ZipInfo | None = None
        for block, last in self._ahead(self._blocks(contents, sources)):
            entry = entry or self._begin(sources[0])
            self._file.write(block.result())
            if last:
                members.append(self._end(entry, sources.popleft()))
                entry = None
        return members

    def _blocks(
        self, contents: Iterable[tuple[str, Content]], sources: deque[_Source]
    ) -> Iterator[tuple[Callable[[], bytes], bool]]:
        """What is to be done for each block, and whether it is the last of its member; `sources` gets the members."""
        for name, content in contents:
            data = _read(content)
            sources.append(_Source(name, data, self._pool.submit(_digest, data)))
            for start in range(0, max(len(data), 1), _BLOCK):
                last = start + _BLOCK >= len(data)
                if self._method == zipfile.ZIP_DEFLATED:
                    yield functools.partial(deflated, data, start, last=last), last
                else:
                    yield functools.partial(bytes, data[start : start + _BLOCK]), last

    def _ahead(self, blocks: Iterable[tuple[Callable[[], bytes], bool]]) -> Iterator[tuple[Future[bytes], bool]]:
        """The blocks in their order, each already being worked on, a bounded number ahead."""
        waiting: deque[tuple[Future[bytes], bool]] = deque()
        for work, last in blocks:
            waiting.append((self._pool.submit(work), last))
            if len(waiting) > _AHEAD * self._workers:
                yield waiting.popleft()
        yield from waiting

    @property
    def _file(self) -> IO[bytes]:
        file = self._zip.fp
        assert file is not None
        return file

    def _begin(self, source: _Source) -> zipfile.ZipInfo:
        """Leaves room for the header, which needs sizes and checksum."""
        entry = zipfile.ZipInfo(source.name, date_time=self._time)
        entry.external_attr, entry.create_system, entry.compress_type = _REGULAR, 3, self._method
        entry.CRC, entry.compress_size, entry.file_size = 0, 0, len(source.data)
        entry.header_offset = self._file.seek(self._zip.start_dir)
        self._file.write(entry.FileHeader(_large(entry)))
        return entry

    def _end(self, entry: zipfile.ZipInfo, source: _Source) -> Member:
        """Enters a member that came compressed already, which `zipfile` itself has no way to take."""
        end = self._file.tell()
        entry.CRC, sha256 = source.digest.result()
        entry.compress_size = end - entry.header_offset - len(entry.FileHeader(_large(entry)))
        self._file.seek(entry.header_offset)
        self._file.write(entry.FileHeader(_large(entry)))
        self._zip.start_dir = self._file.seek(end)
        self._zip.filelist.append(entry)
        self._zip.NameToInfo[entry.filename] = entry
        self._zip._didModify = True  # type: ignore[attr-defined]  # or `close` writes no directory
        return Member(source.name, len(source.data), sha256)


def _large(entry: zipfile.ZipInfo) -> bool:
    """Whether the header has fields of 64 bits; known before the compressed size, which may be a little above the other."""
    return entry.file_size * 1.05 > zipfile.ZIP64_LIMIT


def deflated(data: memoryview, start: int, *, last: bool) -> bytes:
    """The block that begins at `start`, as its part of one raw deflate stream."""
    window = bytes(data[max(0, start - _WINDOW) : start])
    settings = (_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY)
    packer = zlib.compressobj(*settings, window) if window else zlib.compressobj(*settings)
    return packer.compress(data[start : start + _BLOCK]) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def _digest(data: memoryview) -> tuple[int, bytes]:
    return zlib.crc32(data), hashlib.sha256(data).digest()


def _read(content: Content) -> memoryview:
    if isinstance(content, bytes):
        return memoryview(content)
    with content.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:  # nothing cannot be mapped
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
