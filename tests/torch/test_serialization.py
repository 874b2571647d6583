"""torch.save and torch.load: both formats, sharing, places, and what a file may not do."""

from __future__ import annotations

import collections
import io
import os
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

import torch
from torch import serialization

FORMATS = {"legacy": False, "zip": True}


def written(obj: object, form: str = "legacy", **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(obj, file, _use_new_zipfile_serialization=FORMATS[form], **options)
    return file.getvalue()


def there_and_back(obj: object, form: str = "legacy", **options: Any) -> Any:
    return torch.load(io.BytesIO(written(obj, form)), **options)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return type(a) is type(b) and a.dtype is b.dtype and repr(a) == repr(b) and a.stride() == b.stride()
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def everything() -> dict[str, Any]:
    x = torch.arange(12.0).view(3, 4)
    return {
        **{str(dtype): torch.tensor([0, 1, 100]).to(dtype) for dtype in (
            torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64,
        )},
        "view": x.t()[1:], "scalar": torch.tensor(2.5), "empty": torch.empty(0, 3), "grad": torch.ones(2, requires_grad=True),
        "parameter": torch.nn.Parameter(x[0]), "size": torch.Size([2, 3]),
        "device": torch.device("cpu"), "dtypes": [torch.float32, torch.int8, torch.strided], 1: None,
         (1, "a"): [True, False, -5, 2**70, -(2**40)],
        "floats": (1.5, float("inf"), -0.0), "text": "añ€", "bytes": b"\0\1", "set": {1, 2}, "frozen": frozenset([3]),
        "ordered": collections.OrderedDict(a=torch.ones(1)), "complex": 1 + 2j, "long": "x" * 70000, "array": bytearray(b"ab"),
    }  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("protocol", range(1, 6))
def test_everything(form: str, protocol: int) -> None:
    original = everything()
    loaded = torch.load(io.BytesIO(written(original, form, pickle_protocol=protocol)))
    assert same(original, loaded)


@pytest.mark.parametrize("form", FORMATS)
def test_sharing_is_kept(form: str) -> None:
    x = torch.zeros(2, 3)
    loaded = there_and_back([x, x[1], x.t(), x.storage(), x], form)
    loaded[0][1, 0] = 5
    assert loaded[1].tolist() == [5, 0, 0] and loaded[2][0].tolist() == [0, 5] and loaded[3][3] == 5
    assert loaded[4] is loaded[0] and x.sum().item() == 0
    assert len(written([x, x[0], x[1]], form)) < len(written([x, x.clone(), x.clone()], form))


@pytest.mark.parametrize("form", FORMATS)
def test_paths_and_files(form: str, tmp_path: Path) -> None:
    for where in (tmp_path / "a.pt", str(tmp_path / "b.pt")):
        torch.save(torch.ones(2), where, _use_new_zipfile_serialization=FORMATS[form])
        assert torch.load(where).tolist() == [1, 1]
    assert Path(tmp_path / "a.pt").read_bytes() == written(torch.ones(2), form)
    with open(tmp_path / "c.pt", "wb") as file:
        torch.save(torch.ones(2), file, _use_new_zipfile_serialization=FORMATS[form])
    with open(tmp_path / "c.pt", "rb", buffering=0) as file:
        assert torch.load(file).tolist() == [1, 1]
    with pytest.raises(ValueError, match="pickle_protocol must be 1 or more"):
        written(1, form, pickle_protocol=0)
    for call in (lambda: torch.load(3), lambda: torch.save(1, 3)):
        with pytest.raises(TypeError, match="argument 'f' must be a path"):
            call()


def test_two_objects_in_one_file() -> None:
    file = io.BytesIO()
    torch.save(torch.ones(1), file)
    torch.save({"b": torch.zeros(2)}, file)
    file.seek(0)
    assert torch.load(file).tolist() == [1] and torch.load(file)["b"].tolist() == [0, 0]


@pytest.mark.parametrize("form", FORMATS)
def test_networks_and_optimizers(form: str) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    state = there_and_back({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, form)
    twin = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    twin.load_state_dict(state["model"])
    assert same(list(model.parameters()), list(twin.parameters()))
    other = torch.optim.Adam(twin.parameters())
    other.load_state_dict(state["optimizer"])
    assert same(other.state_dict(), optimizer.state_dict())


@pytest.mark.parametrize("form", FORMATS)
def test_whole_modules_need_trust(form: str) -> None:
    model = torch.nn.Linear(3, 2)
    data = written(model, form)
    with pytest.raises(RuntimeError, match=r"names torch\.nn\.modules\.linear\.Linear.*weights_only=False"):
        torch.load(io.BytesIO(data))
    for options in ({"weights_only": False}, {"pickle_module": pickle}):
        twin = torch.load(io.BytesIO(data), **options)
        assert same(list(twin.parameters()), list(model.parameters()))
    with pytest.raises(RuntimeError, match="give one of them"):
        torch.load(io.BytesIO(data), pickle_module=pickle, weights_only=True)


class Point:
    def __init__(self, x: int) -> None:
        self.x = x


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, ("evil",)


@pytest.mark.parametrize("form", FORMATS)
def test_no_code_runs(form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    data = written([torch.ones(1), Evil()], form)
    with pytest.raises(RuntimeError, match="posix.mkdir, which is not plain data"):
        torch.load(io.BytesIO(data))
    assert not (tmp_path / "evil").exists()
    with pytest.raises(FileNotFoundError):  # os.mkdir gives None: this shows that the file would have made the folder
        torch.load(io.BytesIO(data), weights_only=False)
        (tmp_path / "evil").rename("gone")
        (tmp_path / "evil").stat()


@pytest.mark.parametrize(
    "code",
    [
        b"c__builtin__\neval\n(S'1'\ntR.",  # GLOBAL
        b"(cos\nsystem\nS'1'\no.",  # OBJ
        b"(S'1'\nios\nsystem\n.",  # INST
        b"\x80\x02\x82\x01.",  # EXT1
        b"\x80\x04\x8c\x05torch\x8c\x04load\x93.",  # STACK_GLOBAL
        b"ctorch._utils\n_rebuild_tensor_v2\n}(X\x01\x00\x00\x00aK\x01ub.",  # BUILD on a function
        b"ctorch\nSize\n}X\x07\x00\x00\x00__new__K\x01s\x86b.",
        b"ccollections\nOrderedDict\n)R(NNtb.",  # BUILD with a pair
        b"ctorch\nSize\nN\x85R.",
        b"K\x01K\x02R.",
        b"K\x01.K\x02",
        b"}]]s.",  # a list as key
        b"(" * 5 + b"t.",
        b"\x80\x09.",
        b"X\xff\xff\xff\xff.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"j\xff\xff\xff\xff.",
        b"0.",
        b"e.",
        b"R.",
        b"b.",
        b"\x86.",
        b"Iabc\n.",
        b"L" + b"9" * 5000 + b"L\n.",
        b"V\\u12\n.",
        b"",
    ],
    ids=repr,
)
def test_pickles_that_are_refused(code: bytes) -> None:
    """Each instead of a whole file, and as the pickle inside of each format."""
    head = written(0)[: written(0).rindex(b"\x80\x02K\x00.")]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("archive/data.pkl", code)
    for data in (code, head + code, archive.getvalue()):
        try:
            assert torch.load(io.BytesIO(data)) in (1, (), "\\u12", "�")
        except RuntimeError as error:
            assert str(error).startswith("load(): ")


def packed(method: int) -> bytes:
    """The archive of a tensor, packed anew."""
    archive = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(written(torch.arange(1000.0), "zip"))) as given,
        zipfile.ZipFile(archive, "w", method) as to,
    ):
        for name in given.namelist():
            to.writestr(name, given.read(name))
    return archive.getvalue()


def test_archives_packed_by_others() -> None:
    deflated = packed(zipfile.ZIP_DEFLATED)
    assert len(deflated) < 4000 and torch.equal(torch.load(io.BytesIO(deflated)), torch.arange(1000.0))
    for place in range(0, len(deflated), 7):  # each of its parts, one byte wrong
        broken = deflated[:place] + bytes([deflated[place] ^ 0xFF]) + deflated[place + 1 :]
        try:
            assert torch.equal(torch.load(io.BytesIO(broken)), torch.arange(1000.0))
        except RuntimeError as error:
            assert str(error).startswith("load(): ")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(RuntimeError, match="packed by another method than deflation"):
            torch.load(io.BytesIO(packed(method)))


def test_deeply_nested_data_does_not_recurse() -> None:
    deep = b"(" * 100_000 + b"t" * 100_000 + b"0N."
    head = written(0)[: written(0).rindex(b"\x80\x02K\x00.")]
    assert torch.load(io.BytesIO(head + deep + b"].")) is None
    key = b"}" + b"(" * 100_000 + b"t" * 100_000 + b"Ns."
    with pytest.raises(RuntimeError, match="as a key"):
        torch.load(io.BytesIO(head + key))


def test_classes_that_the_user_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serialization, "_safe_globals", {})
    data = written(Point(3))
    with pytest.raises(RuntimeError, match="Point, which is not plain data"):
        torch.load(io.BytesIO(data))
    serialization.add_safe_globals([Point])
    assert torch.load(io.BytesIO(data)).x == 3


@pytest.mark.host("what is said where there is no device")
def test_places(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch import _checkpoint_writer

    original = _checkpoint_writer._Storages.identifier

    def on_gpu(self: Any, obj: object) -> Any:
        found = original(self, obj)
        return found and tuple("cuda:1" if item == "cpu" else item for item in found)

    monkeypatch.setattr(_checkpoint_writer._Storages, "identifier", on_gpu)
    for form in FORMATS:
        data = written(torch.ones(2), form)
        with pytest.raises(RuntimeError, match="map_location='cpu' to map your storages to the CPU"):
            torch.load(io.BytesIO(data))
        seen: list[Any] = []

        def note(storage: Any, location: str, seen: list[Any] = seen) -> Any:
            seen.append(location)
            return storage

        places: list[Any] = ["cpu", torch.device("cpu"), {"cuda:1": "cpu"}, note]
        for place in places:
            assert torch.load(io.BytesIO(data), map_location=place).tolist() == [1, 1]
        assert seen == ["cuda:1"]
        for place in ("cuda", {"cuda:1": "cuda:0"}, lambda storage, location: None):
            with pytest.raises(RuntimeError, match="on a CUDA device"):
                torch.load(io.BytesIO(data), map_location=place)
        with pytest.raises(TypeError, match="map_location"):
            torch.load(io.BytesIO(data), map_location=3)
        with pytest.raises(RuntimeError, match="restore data location of 'tpu'"):
            torch.load(io.BytesIO(data), map_location="tpu")


def test_history_does_not_travel() -> None:
    with pytest.raises(RuntimeError, match=r"pickle x\.detach"):
        written(torch.ones(1, requires_grad=True) * 2)


def test_an_archive_is_aligned_and_the_same_each_time() -> None:
    state = {"a": torch.ones(3), "b": torch.zeros(5, dtype=torch.uint8), "c": torch.ones(2)}
    data = written(state, "zip")
    assert data == written(state, "zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.filename) + len(info.extra)
            assert start % 64 == 0 and info.compress_type == zipfile.ZIP_STORED


def damaged(data: bytes, random_numbers: random.Random) -> bytes:
    """Some bytes changed, cut off, repeated or put in."""
    broken = bytearray(data)
    for _ in range(random_numbers.randint(1, 4)):
        at = random_numbers.randrange(len(broken)) if broken else 0
        match random_numbers.randrange(4):
            case 0:
                broken[at : at + 1] = bytes([random_numbers.randrange(256)])
            case 1:
                del broken[at:]
            case 2:
                broken[at:at] = broken[at : at + random_numbers.randrange(20)]
            case _:
                broken[at:at] = random_numbers.choice([b"\xff\xff\xff\x7f", b"\0", b".", b"R", b"b", b"(", b"Q"])
    return bytes(broken)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("seed", range(3))
def test_damaged_files(form: str, seed: int) -> None:
    """A reader of damaged files gives an object, or a RuntimeError that says so: never anything else."""
    numbers = random.Random(seed)
    data = written({"a": torch.arange(10), "b": [torch.ones(2, 3), "text"], "c": torch.nn.Parameter(torch.ones(1))}, form)
    failures = 0
    for _ in range(400):
        try:
            torch.load(io.BytesIO(damaged(data, numbers)))
        except RuntimeError as error:
            failures += 1
            assert str(error)
    assert failures > 100


def test_a_storage_longer_than_its_file() -> None:
    """The length that a file claims is held against its size before memory is taken."""
    data = written(torch.zeros(3, dtype=torch.uint8))
    broken = data.replace(b"K\x03N", b"J\xff\xff\xff\x7fN")
    assert broken != data
    with pytest.raises(RuntimeError, match="longer than the file"):
        torch.load(io.BytesIO(broken))


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    torch.save(torch.ones(1), tmp_path / "a")
    with (tmp_path / "a").open() as file, pytest.raises(TypeError, match="a file to read bytes from, not TextIOWrapper"):
        torch.load(file)
