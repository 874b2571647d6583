"""Memory shared with NumPy, both ways."""

from __future__ import annotations

import gc
import subprocess
import sys

import numpy as np
import pytest

import torch

DTYPES = [
    (np.uint8, torch.uint8), (np.int8, torch.int8), (np.int16, torch.int16), (np.int32, torch.int32), (np.int64, torch.int64),
    (np.float16, torch.float16), (np.float32, torch.float32), (np.float64, torch.float64),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "ours"), DTYPES, ids=lambda d: repr(d))
def test_dtypes_both_ways(theirs: type, ours: torch.dtype) -> None:
    array = np.array([[1, 2, 3], [4, 5, 6]], dtype=theirs)
    tensor = torch.from_numpy(array)
    assert tensor.dtype is ours
    assert tensor.shape == (2, 3)
    back = tensor.numpy()
    assert back.dtype == theirs
    assert np.array_equal(back, array)


def test_writes_are_seen_on_the_other_side() -> None:
    array = np.zeros((2, 3), dtype=np.float32)
    tensor = torch.from_numpy(array)
    array[1, 2] = 5
    tensor[0, 0] = 7
    assert tensor.tolist() == [[7, 0, 0], [0, 0, 5]] == array.tolist()
    other = torch.zeros(3)
    view = other.numpy()
    view[1] = 2
    other[2] = 3
    assert view.tolist() == other.tolist() == [0, 2, 3]


def test_strides_and_shapes() -> None:
    array = np.arange(24.0).reshape(4, 6)
    for view in (array.T, array[::2, 1::3], array[1], array[1:1], array[2, 3], np.broadcast_to(array[0], (3, 6)).copy()):
        view = np.asarray(view)
        assert np.array_equal(torch.from_numpy(view).numpy(), view)
    x = torch.arange(6.0).view(2, 3).t()
    assert x.numpy().strides == (4, 12)
    assert np.array_equal(x.numpy(), [[0, 3], [1, 4], [2, 5]])
    assert torch.tensor(5).numpy().shape == ()


def test_memory_lives_as_long_as_anybody_needs_it() -> None:
    tensor = torch.from_numpy(np.full(100_000, 3.0))
    view = torch.full((100_000,), 4.0).numpy()
    small = torch.tensor([1.0, 2.0]).numpy()  # inside the storage's header
    gc.collect()
    assert tensor.sum().item() == 300_000
    assert view.sum() == 400_000
    assert small.tolist() == [1, 2]
    array = np.zeros(3)
    before = sys.getrefcount(array)
    held = torch.from_numpy(array)
    assert sys.getrefcount(array) > before
    del held
    assert sys.getrefcount(array) == before


def test_shared_memory_does_not_move() -> None:
    x = torch.zeros(3)
    view = x.numpy()
    with pytest.raises(RuntimeError):
        x.resize_(1000)
    view[0] = 1
    assert x[0].item() == 1
    with pytest.raises(RuntimeError):
        torch.from_numpy(np.zeros(3)).resize_(1000)


@pytest.mark.parametrize("array", [np.zeros(2, dtype=bool), np.zeros(2, dtype=np.complex64), np.array(["a"]), np.array([None])])
def test_dtypes_that_tensors_do_not_have(array: np.ndarray) -> None:
    with pytest.raises(TypeError, match="can't convert np.ndarray of type"):
        torch.from_numpy(array)


def test_arrays_that_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="copy"):
        torch.from_numpy(np.zeros(3)[::-1])
    with pytest.raises(TypeError, match="can't convert"):
        torch.from_numpy(np.zeros(3, dtype=">f4"))
    for other in ([1, 2], torch.zeros(1), 3, None):
        with pytest.raises(TypeError, match=r"expected np.ndarray \(got"):
            torch.from_numpy(other)
    readonly = np.zeros(3)
    readonly.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        torch.from_numpy(readonly)


def test_array_protocol() -> None:
    x = torch.tensor([1.0, 2.0])
    assert np.asarray(x).tolist() == [1, 2]
    assert np.asarray(x, dtype=np.int64).tolist() == [1, 2]
    np.asarray(x)[0] = 5
    assert x[0].item() == 5
    np.array(x)[0] = 6
    assert x[0].item() == 5
    assert np.add(x.numpy(), 1).tolist() == [6, 3]
    assert float(np.sqrt(torch.tensor(4.0).numpy())) == 2


def test_as_tensor() -> None:
    array = np.zeros(2, dtype=np.float32)
    torch.as_tensor(array)[0] = 1
    torch.as_tensor(array, dtype=torch.float64)[1] = 1
    assert array.tolist() == [1, 0]
    x = torch.ones(1, requires_grad=True)
    assert torch.as_tensor(x, device="cpu") is x and torch.as_tensor(x, dtype=torch.float64).requires_grad
    assert torch.as_tensor([1, 2]).dtype == torch.int64 and torch.as_tensor(np.array([True])).dtype == torch.uint8
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="no tensor can live on cuda"):
            torch.as_tensor([1], device="cuda")


def test_gradients_are_not_lost_silently() -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="requires grad"):
        x.numpy()
    with pytest.raises(RuntimeError, match="requires grad"):
        np.asarray(x)
    assert x.detach().numpy().tolist() == [1, 1]


def test_numpy_is_imported_only_when_asked_for() -> None:
    code = "import sys, torch; torch.ones(2).tolist(); assert 'numpy' not in sys.modules; torch.ones(2).numpy()"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(torch.Tensor, "__buffer__"), reason="Python asks for buffers in C only")
def test_memory_without_a_shape_has_one_dimension() -> None:
    """A reader that asks for no shape gets none: two dimensions would have it look for one."""
    x = torch.arange(6.0).view(2, 3)
    for flags in (0, 1):  # PyBUF_SIMPLE, PyBUF_WRITABLE
        view = x.__buffer__(flags)
        assert (view.ndim, view.nbytes) == (1, 24)
    assert x.__buffer__(0x8).shape == (2, 3)  # PyBUF_ND
    assert torch.ones(2, 0, 3).__buffer__(3).nbytes == 0
