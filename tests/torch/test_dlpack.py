"""DLPack both ways with NumPy, which speaks it as well, and the buffer protocol of tensors."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import torch
from torch.utils import dlpack

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


class Old:
    """An array of a library from before DLPack 1.0: no keywords."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __dlpack__(self) -> Any:
        return self._array.__dlpack__()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrap", [lambda a: a, Old, lambda a: a.__dlpack__()], ids=["new", "old", "capsule"])
def test_from_numpy(dtype: str, wrap: Any) -> None:
    array = np.arange(12, dtype=dtype).reshape(3, 4)[:, ::2]
    x = dlpack.from_dlpack(wrap(array))
    assert x.dtype is getattr(torch, dtype) and x.tolist() == array.tolist() and x.stride() == (4, 2)
    x[0, 0] = 7
    assert array[0, 0] == 7
    del array
    gc.collect()
    assert x[0, 0].item() == 7


@pytest.mark.parametrize("dtype", DTYPES)
def test_to_numpy(dtype: str) -> None:
    x = torch.arange(12).to(getattr(torch, dtype)).view(3, 4).t()
    array = np.from_dlpack(x)
    assert array.dtype == dtype and array.tolist() == x.tolist()
    x[0, 0] = 9
    assert array[0, 0] == 9
    del x
    gc.collect()
    assert array[0, 0] == 9


def test_shapes() -> None:
    for shape in ((), (0,), (2, 0, 3), (1,) * 20):
        assert np.from_dlpack(torch.ones(shape)).shape == shape
        assert dlpack.from_dlpack(np.ones(shape)).size() == shape
    assert dlpack.from_dlpack(np.array([True, False])).tolist() == [1, 0]


def test_a_capsule_is_taken_once() -> None:
    capsule = dlpack.to_dlpack(torch.ones(2))
    assert dlpack.from_dlpack(capsule).tolist() == [1, 1]
    with pytest.raises(ValueError, match="can be taken once"):
        dlpack.from_dlpack(capsule)
    dlpack.to_dlpack(torch.ones(2))  # one that nobody takes


def test_what_is_refused() -> None:
    with pytest.raises(BufferError, match="requires grad"):
        dlpack.to_dlpack(torch.ones(1, requires_grad=True))
    with pytest.raises(TypeError, match="must be Tensor, not list"):
        dlpack.to_dlpack([1])
    with pytest.raises(ValueError, match="capsule named"):
        dlpack.from_dlpack([1])
    with pytest.raises(ValueError, match="negative"):
        dlpack.from_dlpack(np.arange(4)[::-1])
    with pytest.raises(TypeError, match="no dtype of torch has code"):
        dlpack.from_dlpack(np.ones(2, dtype=np.complex64))
    with pytest.raises(BufferError, match="no stream"):
        torch.ones(1).__dlpack__(stream=1)
    with pytest.raises(BufferError, match="device"):
        torch.ones(1).__dlpack__(dl_device=(2, 0))
    frozen = np.ones(2)
    frozen.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        dlpack.from_dlpack(frozen)


def test_options_of_the_protocol() -> None:
    x = torch.ones(2)
    assert x.__dlpack_device__() == (1, 0)
    copied = np.from_dlpack(x, copy=True)
    copied[0] = 5
    assert x[0].item() == 1
    assert "dltensor_versioned" in repr(x.__dlpack__(max_version=(1, 0))) and "versioned" not in repr(x.__dlpack__())


def test_the_memory_may_not_move_while_it_is_out() -> None:
    x = torch.ones(20)
    capsule = dlpack.to_dlpack(x)
    with pytest.raises(RuntimeError, match="looks at its memory"):
        x.resize_(1000)
    assert capsule is not None


def test_buffer_protocol() -> None:
    x = torch.tensor([[1, 2, 3], [4, 5, 6]], dtype=torch.int16)
    view = memoryview(x)
    assert (view.shape, view.strides, view.format, view.tolist()) == ((2, 3), (6, 2), "h", x.tolist())
    view[1, 2] = 9
    assert x[1, 2].item() == 9
    assert memoryview(x.t()).tolist() == x.t().tolist()
    assert bytes(x) == x.numpy().tobytes() and bytes(torch.ones(0)) == b""
    with pytest.raises(BufferError):
        memoryview(torch.ones(1, requires_grad=True))
    with pytest.raises(BufferError, match="not contiguous"):
        import hashlib

        hashlib.md5(x.t())
    with pytest.raises(RuntimeError, match="looks at its memory"):
        torch.ones(2).storage() and x.resize_(100)


def test_array_protocols() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    interface = x.t().__array_interface__
    assert interface["typestr"] == "<f4" and interface["shape"] == (2, 2) and interface["data"] == (x.data_ptr(), False)
    assert np.asarray(x).base is not None and np.asarray(x).tolist() == x.tolist()
    assert np.shares_memory(np.array(x, copy=False), x.numpy()) and not np.shares_memory(np.array(x, copy=True), x.numpy())
    assert np.array(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)
    with pytest.raises(RuntimeError, match="requires grad"):
        np.asarray(torch.ones(1, requires_grad=True))


def test_arrays_and_tensors_in_one_expression() -> None:
    x, array = torch.tensor([1.0, 2.0]), np.array([3.0, 4.0], dtype=np.float32)
    for result in (x * torch.from_numpy(array), np.float32(2) * x, x * np.float32(2), np.float64(2) + x):
        assert isinstance(result, torch.Tensor) and result.dtype == torch.float32
    assert isinstance(array * x, (torch.Tensor, np.ndarray)) and (array * x).tolist() == [3, 8]


def test_the_warning_names_the_line_of_the_caller() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable") as caught:
        dlpack.from_dlpack(array)
    assert caught[0].filename == __file__
