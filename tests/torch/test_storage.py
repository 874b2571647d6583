"""Storages, and what tensors say and do about their memory."""

from __future__ import annotations

import copy
import os
import pickle
import re
import struct
from pathlib import Path

import pytest

import torch

KINDS = ["Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind: str) -> None:
    cls = getattr(torch, f"{kind}Storage")
    storage = cls([1, 2, 3])
    assert storage.tolist() == [1, 2, 3] == list(storage) and len(storage) == storage.size() == 3
    assert storage.type() == f"torch.{kind}Storage" == f"torch.{type(storage).__name__}"
    assert cls.dtype is storage.dtype is getattr(torch, f"{kind}Tensor").dtype
    assert storage.element_size() == cls.dtype.itemsize
    assert torch.is_storage(storage) and not torch.is_storage(torch.ones(1)) and isinstance(storage, cls)
    assert len(cls()) == 0 and len(cls(5)) == 5 and cls.__module__ == "torch"
    for twin in (storage.clone(), copy.copy(storage), copy.deepcopy(storage), pickle.loads(pickle.dumps(storage))):
        assert type(twin) is cls and twin.tolist() == [1, 2, 3] and twin.data_ptr() != storage.data_ptr()
    converted = storage.type(torch.DoubleStorage)
    assert type(converted) is torch.DoubleStorage and converted.tolist() == [1, 2, 3]
    assert storage.type(f"torch.{kind}Storage") is storage


def test_repr() -> None:
    assert repr(torch.FloatStorage([1, 2.5])) == " 1.0\n 2.5\n[torch.FloatStorage of size 2]"


def test_items() -> None:
    x = torch.arange(6.0)
    storage = x.storage()
    storage[1] = 10
    assert storage[1] == 10.0 and isinstance(storage[1], float) and storage[-1] == 5.0
    storage[2:4] = -1
    assert x.tolist() == [0, 10, -1, -1, 4, 5]
    part = storage[4:]
    part.fill_(7)
    assert x.tolist() == [0, 10, -1, -1, 7, 7] and part.tolist() == [7, 7]
    with pytest.raises(IndexError):
        storage[6]
    with pytest.raises(ValueError, match="step 1, not 2"):
        storage[::2]


def test_a_slice_outlives_its_storage() -> None:
    storage = torch.FloatStorage(list(range(1000)))
    part = storage[500:502]
    del storage
    torch.zeros(1000)
    assert part.tolist() == [500, 501]


def test_views_share_a_storage() -> None:
    x = torch.zeros(2, 3)
    assert x.t().storage() is x.storage() is x[1].storage()
    assert x[1].storage_offset() == 3 and x[1].storage().data_ptr() == x.data_ptr()
    assert x.storage_type() is torch.FloatStorage and len(x.storage()) == 6
    held = x.storage()
    del x
    assert held.fill_(2).tolist() == [2] * 6


def test_resize_never_leaves_a_tensor_without_memory() -> None:
    storage = torch.FloatStorage([1, 2, 3])
    assert storage.resize_(100) is storage and storage.tolist()[:3] == [1, 2, 3]
    x = torch.empty(0).set_(storage)
    with pytest.raises(RuntimeError, match="which can therefore only grow"):
        storage.resize_(2)
    storage.resize_(1000)
    assert x[:3].tolist() == [1, 2, 3]
    part = storage[2:5]
    with pytest.raises(RuntimeError, match="looks at its memory"):
        storage.resize_(2000)
    del part, x
    assert len(torch.FloatStorage(3).resize_(0)) == 0
    with pytest.raises(RuntimeError, match="must not be negative"):
        torch.FloatStorage(3).resize_(-1)


def test_arrays_pin_the_memory() -> None:
    x = torch.arange(20.0)
    array = x.numpy()
    for grow in (lambda: x.storage().resize_(1000), lambda: x.resize_(1000), x.share_memory_):
        with pytest.raises(RuntimeError, match="looks at its memory"):
            grow()
    assert array.tolist() == list(range(20))


def test_memory_of_exported_tensors_is_freed() -> None:
    """A storage that an array looked at still frees its memory."""
    import gc
    import resource

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    torch.ones(4_000_000).numpy()
    gc.collect()
    before = peak()
    for _ in range(30):
        torch.ones(4_000_000).numpy().sum()
    assert peak() - before < 200_000  # KiB; 30 blocks of 16 MB that stayed would be 480 MB


def test_set_() -> None:
    storage = torch.FloatStorage(list(range(12)))
    assert torch.empty(0).set_(storage).tolist() == list(range(12))
    assert torch.empty(0).set_(storage, 2, (2, 3)).tolist() == [[2, 3, 4], [5, 6, 7]]
    assert torch.empty(0).set_(storage, 1, size=(2, 2), stride=(1, 4)).tolist() == [[1, 5], [2, 6]]
    assert torch.empty(0).set_(source=storage, storage_offset=10).tolist() == [10, 11]
    y = torch.empty(0).set_(torch.ones(2, 3).t())
    assert y.size() == (3, 2) and y.stride() == (1, 3)
    assert y.set_().numel() == 0
    for bad, error in (
        (lambda: torch.empty(0).set_(storage, 11, (2, 3)), RuntimeError),
        (lambda: torch.empty(0).set_(storage, -1, (2,)), RuntimeError),
        (lambda: torch.empty(0).set_(storage, 0, (2, 2), (-1, 1)), RuntimeError),
        (lambda: torch.empty(0).set_(storage, 0, (2, 2), (1,)), RuntimeError),
        (lambda: torch.empty(0).set_(torch.DoubleStorage(3)), TypeError),
        (lambda: torch.empty(0).set_([1]), TypeError),
        (lambda: torch.ones(1, requires_grad=True).set_(storage), RuntimeError),
    ):
        with pytest.raises(error):
            bad()


def test_copy_and_fill() -> None:
    storage = torch.FloatStorage(3)
    assert storage.copy_(torch.LongStorage([4, 5, 6])) is storage and storage.tolist() == [4, 5, 6]
    with pytest.raises(RuntimeError, match="the source has 2 elements"):
        storage.copy_(torch.FloatStorage(2))
    assert type(storage.new(2)) is torch.FloatStorage


def test_from_buffer() -> None:
    data = struct.pack("<3f", 1, 2, 3)
    assert torch.FloatStorage.from_buffer(data, "little").tolist() == [1, 2, 3]
    assert torch.FloatStorage.from_buffer(data, "native", count=1, offset=4).tolist() == [2]
    assert torch.ShortStorage.from_buffer(b"\x01\x00\x02\x00", "big").tolist() == [256, 512]
    for bad in ({"count": 4}, {"offset": 2}, {"offset": 100}, {"byte_order": "middle"}, {"offset": -4}):
        with pytest.raises(ValueError, match="from_buffer"):
            torch.FloatStorage.from_buffer(data, **bad)


def test_from_file(tmp_path: Path) -> None:
    file = tmp_path / "numbers"
    file.write_bytes(struct.pack("<4f", 1, 2, 3, 4))
    alone = torch.FloatStorage.from_file(str(file), size=3)
    assert alone.fill_(9).tolist() == [9] * 3
    shared = torch.FloatStorage.from_file(str(file), shared=True, size=6)
    assert shared.tolist() == [1, 2, 3, 4, 0, 0]
    shared[5] = 8
    assert struct.unpack("<6f", file.read_bytes()) == (1, 2, 3, 4, 0, 8)
    with pytest.raises(ValueError, match="fewer than 100 elements"):
        torch.FloatStorage.from_file(str(file), size=100)


def test_memory_shared_with_children() -> None:
    x = torch.zeros(100)
    view = x[10:20]
    assert not x.is_shared() and x.share_memory_() is x and view.is_shared() and x.storage().is_shared()
    child = os.fork()
    if child == 0:
        view.fill_(5)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert view.tolist() == [5] * 10 and x.sum().item() == 50
    with pytest.raises(RuntimeError, match="borrowed"):
        x.resize_(1000)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_no_pinned_memory() -> None:
    x = torch.ones(1)
    assert not x.is_pinned() and not x.storage().is_pinned()
    for call in (x.pin_memory, x.storage().pin_memory, x.storage().cuda):
        with pytest.raises(RuntimeError, match=re.escape(torch.cuda.unavailable_reason())):
            call()
    with pytest.raises(RuntimeError, match=r"get_device is not implemented for type torch\.FloatTensor"):
        x.get_device()


def test_deepcopy_keeps_views_of_one_storage() -> None:
    x = torch.arange(6.0).view(2, 3)
    whole, row, column = copy.deepcopy([x, x[1], x.t()])
    whole[1, 0] = 9
    assert row.tolist() == [9, 4, 5] and column.tolist() == [[0, 9], [1, 4], [2, 5]]
    assert x[1, 0].item() == 3 and column.stride() == (1, 3)


def test_pickle_keeps_views_of_one_storage() -> None:
    x = torch.arange(6.0).view(2, 3)
    held = x.storage()
    whole, row = pickle.loads(pickle.dumps([x, x[1]]))
    whole[1, 0] = 9
    assert row.tolist() == [9, 4, 5] and held[3] == 3


def test_parameters_travel() -> None:
    p = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    for twin in (pickle.loads(pickle.dumps(p)), copy.deepcopy(p)):
        assert type(twin) is torch.nn.Parameter and not twin.requires_grad and twin.tolist() == [1, 1]


def test_apply_and_map() -> None:
    x = torch.arange(4).view(2, 2).t()
    assert x.apply_(lambda v: v * 10) is x and x.tolist() == [[0, 20], [10, 30]]
    seen: list[int] = []
    x.apply_(lambda v: seen.append(v) or 0)
    assert seen == [0, 20, 10, 30]
    y = torch.zeros(2, 3, dtype=torch.float64)
    assert y.map_(torch.tensor([1.0, 2.0, 3.0]), lambda a, b: a - b).tolist() == [[-1, -2, -3]] * 2
    with pytest.raises(RuntimeError, match="Can't call apply_.. on Variable that requires grad"):
        torch.ones(1, requires_grad=True).apply_(abs)
    with pytest.raises(ZeroDivisionError):
        y.apply_(lambda v: 1 / 0)
    with pytest.raises(TypeError):
        y.apply_(lambda v: "a")


def test_small_conveniences() -> None:
    x = torch.tensor([[1, 2], [3, 4]], dtype=torch.int16)
    assert x.type_as(torch.ones(1)).dtype == torch.float32 and x.type_as(x) is x
    assert x.is_signed() and not torch.ones(1, dtype=torch.uint8).is_signed()
    assert 3 in x and 7 not in x and torch.tensor(4, dtype=torch.int16) in x
    with pytest.raises(TypeError, match="whether str is in it"):
        "a" in x  # noqa: B015
    assert torch.empty(0).resize_as_(x).size() == (2, 2)
    assert x.element_size() == 2 and x.data_ptr() == x.storage().data_ptr()
    assert f"{torch.tensor(2.5):.2f}" == "2.50" and f"{x}" == repr(x)
    assert len({x: 1, x.view(4): 2}) == 2


def test_flush_denormal() -> None:
    tiny = torch.tensor([1e-310], dtype=torch.float64)
    assert torch.set_flush_denormal(True)
    try:
        assert (tiny * 1).item() == 0
    finally:
        assert torch.set_flush_denormal(False)
    assert (tiny * 1).item() == 1e-310


def test_a_shared_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "with space.bin"
    torch.FloatStorage.from_file(str(path), shared=True, size=2).fill_(1)
    assert path.stat().st_size == 8
    assert torch.FloatStorage.from_file(str(path), size=2).tolist() == [1, 1]
    with pytest.raises(ValueError, match="size must be positive, not 0"):
        torch.FloatStorage.from_file(str(tmp_path / "other"), shared=True)
    assert not (tmp_path / "other").exists()
    with pytest.raises(FileNotFoundError):
        torch.FloatStorage.from_file(str(tmp_path / "other"), size=1)
