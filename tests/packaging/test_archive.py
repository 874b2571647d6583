"""The parallel archive: what any unzip reads, and the same bytes for any number of workers."""

from __future__ import annotations

import hashlib
import random
import stat
import zipfile
import zlib
from pathlib import Path

import pytest
from orchestrator.packaging import archive
from orchestrator.packaging.archive import Archive

BLOCK = 1 << 20
SIZES = (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 12345)


def content(size: int) -> bytes:
    """Compressible, and without a period that a block could hide behind."""
    return bytes(random.Random(size).choices(b"etaoin shrdlu", k=size))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("content")
    for size in SIZES:
        (folder / str(size)).write_bytes(content(size))
    return {f"a/{size}": folder / str(size) for size in SIZES}


@pytest.mark.parametrize("compress", [True, False])
def test_round_trip(files: dict[str, Path], tmp_path: Path, compress: bool) -> None:
    with Archive(tmp_path / "x.zip", date=1500000000, compress=compress, workers=3) as packed:
        members = packed.add([*files.items(), ("text", b"as it is")])
    with zipfile.ZipFile(tmp_path / "x.zip") as read:
        assert read.testzip() is None
        assert read.namelist() == [*files, "text"]
        for member in members:
            data = read.read(member.name)
            assert (member.size, member.sha256) == (len(data), hashlib.sha256(data).digest())
        for name, path in files.items():
            assert read.read(name) == path.read_bytes()
        for entry in read.infolist():
            assert entry.date_time == (2017, 7, 14, 2, 40, 0)
            assert entry.external_attr >> 16 == stat.S_IFREG | 0o644
            assert entry.compress_type == (zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED)


def test_the_number_of_workers_does_not_show(files: dict[str, Path], tmp_path: Path) -> None:
    digests = set()
    for workers in (1, 2, 7):
        with Archive(tmp_path / "x.zip", date=0x20000000, workers=workers) as packed:
            packed.add(files.items())
        digests.add(hashlib.sha256((tmp_path / "x.zip").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_cutting_costs_next_to_nothing(files: dict[str, Path]) -> None:
    """Without the dictionary each block would begin anew: 0.1 % is what is left."""
    data = files[f"a/{SIZES[-1]}"].read_bytes()
    starts = range(0, len(data), BLOCK)
    cut = sum(len(archive.deflated(memoryview(data), start, last=start + BLOCK >= len(data))) for start in starts)
    assert cut <= len(zlib.compress(data, 6)) * 1.001


def test_storing_compresses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise AssertionError("compressed")

    monkeypatch.setattr(archive, "deflated", fail)
    with Archive(tmp_path / "x.zip", date=0x20000000, compress=False) as packed:
        packed.add([("a", content(1000))])
    assert (tmp_path / "x.zip").stat().st_size > 1000


def test_a_file_that_cannot_be_read_leaves_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Archive(tmp_path / "x.zip", date=0x20000000) as packed:
        packed.add([("a", b"1"), ("b", tmp_path / "missing")])


def test_large_members_have_headers_of_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is lowered, so that the test need not write two gigabytes."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    with Archive(tmp_path / "x.zip", date=0x20000000) as packed:
        packed.add([("small", content(10)), ("large", content(5000)), ("after", content(20))])
    with zipfile.ZipFile(tmp_path / "x.zip") as read:
        assert read.testzip() is None
        assert [read.read(name) for name in read.namelist()] == [content(10), content(5000), content(20)]
