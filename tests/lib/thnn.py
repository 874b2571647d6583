"""libTHNN's typed names through ctypes, called by the names of their arguments, which are read from the shipped headers.

`Typed("Double").call("ELU_updateOutput", {"input": x, "output": y, "alpha": 1.0, "scale": 1.0})`: what is not given is NULL, 0
or false. Tensors are `Tensor`s: NumPy arrays on their way into libTH and back. `Typed("CudaDouble")` calls libTHCUNN with
copies on device 0, and copies back what it did to them.
"""

from __future__ import annotations

import ctypes
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import torch

LIB = Path(torch.__file__).parent / "lib"
_PROTOTYPE = re.compile(r"TH_API THStatus THNN_\((\w+)\)\((.*?)\);", re.DOTALL)
_NUMBERS = {"int": ctypes.c_int, "int64_t": ctypes.c_int64, "bool": ctypes.c_bool, "double": ctypes.c_double}
_DTYPES = {"Byte": np.uint8, "Int": np.int32, "Long": np.int64, "Half": np.float16, "Float": np.float32, "Double": np.float64}


class _Struct(ctypes.Structure):
    """The beginning of THTensor (TH/THTensor.h)."""

    _fields_ = [
        ("refcount", ctypes.c_int32),
        ("dtype", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("ndim", ctypes.c_int16),
        ("numel", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("size", ctypes.POINTER(ctypes.c_int64)),
    ]


def _load(name: str) -> ctypes.CDLL:
    return ctypes.CDLL(str(LIB / name), mode=ctypes.RTLD_GLOBAL)


TH, THNN = _load("libTH.so.1"), _load("libTHNN.so.1")
for _function in ("THTensor_new", "THTensor_newWithSize", "THTensor_newTranspose"):
    getattr(TH, _function).restype = ctypes.POINTER(_Struct)
TH.THDtype_name.restype = TH.THStatus_message.restype = ctypes.c_char_p
_CODES = {TH.THDtype_name(code).decode(): code for code in range(8)}
for _name in _DTYPES:
    getattr(TH, f"TH{_name}Tensor_data").restype = ctypes.c_void_p


class Tensor:
    """One reference to a THTensor."""

    def __init__(self, array: Any = None, *, strided: bool = False) -> None:
        """An empty one, or a copy of an array; `strided`: the last dimension is stored first."""
        if array is None:
            self.pointer = TH.THTensor_new()
            return
        values = np.ascontiguousarray(array)
        if strided and values.ndim > 1:
            stored = Tensor(np.swapaxes(values, 0, -1))
            self.pointer = TH.THTensor_newTranspose(stored.pointer, 0, values.ndim - 1)
            return
        name = next(name for name, dtype in _DTYPES.items() if values.dtype == dtype)
        self.pointer = TH.THTensor_newWithSize(_CODES[name], values.ndim, (ctypes.c_int64 * values.ndim)(*values.shape))
        ctypes.memmove(self._data(name), values.ctypes.data, values.nbytes)

    @classmethod
    def of(cls, pointer: Any) -> Tensor:
        """Takes the reference."""
        self = cls.__new__(cls)
        self.pointer = pointer
        if not pointer:
            raise RuntimeError(TH.THStatus_message().decode())
        return self

    def _data(self, name: str) -> int:
        found: int = getattr(TH, f"TH{name}Tensor_data")(self.pointer)
        return found

    @property
    def array(self) -> np.ndarray:
        """A copy; of contiguous tensors, which outputs are."""
        struct = self.pointer.contents
        name = next(name for name, code in _CODES.items() if code == struct.dtype)
        result = np.empty([struct.size[d] for d in range(struct.ndim)], _DTYPES[name])
        if result.size:
            ctypes.memmove(result.ctypes.data, self._data(name), result.nbytes)
        return result

    def __del__(self) -> None:
        TH.THTensor_free(self.pointer)


def _prototypes() -> dict[str, list[tuple[str, str]]]:
    """For each typed name, the types and names of its arguments."""
    found = {}
    for header in sorted((LIB / "include" / "THNN" / "generic").glob("*.h")):
        for name, text in _PROTOTYPE.findall(header.read_text(encoding="utf-8")):
            arguments = [argument.split() for argument in text.replace("*", " * ").split(",")]
            found[name] = [(" ".join(words[:-1]), words[-1]) for words in arguments]
    return found


PROTOTYPES = _prototypes()


REALS = ["Double", "Float", *(["CudaDouble", "Cuda", "CudaHalf"] if torch.cuda.is_available() else [])]
_CLOSE = {"Half": (5e-3, 5e-3), "Float": (1e-5, 1e-6), "Double": (1e-5, 1e-6)}


@cache
def _device_libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    thc, thcunn = _load("libTHC.so.1"), _load("libTHCUNN.so.1")
    thc.THCTensor_newOnDevice.restype = ctypes.POINTER(_Struct)
    return thc, thcunn


class Typed:
    """The names of one dtype, Float or Double; or, on devices, Cuda (of floats), CudaHalf or CudaDouble."""

    def __init__(self, real: str) -> None:
        self.real = real
        name = real.removeprefix("Cuda") or "Float"
        self.dtype = _DTYPES[name]
        rtol, atol = _CLOSE[name]
        self.close: dict[str, float] = {"rtol": rtol, "atol": atol}

    def call(self, name: str, given: dict[str, Any]) -> None:
        """Raises RuntimeError with the library's message."""
        if not self.real.startswith("Cuda"):
            self._call(THNN, name, given)
            return
        thc, thcunn = _device_libraries()

        def copy(tensor: Tensor, device: int) -> Tensor:
            empty = tensor.pointer.contents.dtype not in _CODES.values()
            return Tensor() if empty else Tensor.of(thc.THCTensor_newOnDevice(tensor.pointer, device))

        tensors = {id(value): value for value in given.values() if isinstance(value, Tensor)}
        there = {key: copy(value, 0) for key, value in tensors.items()}
        self._call(thcunn, name, {argument: there.get(id(value), value) for argument, value in given.items()})
        for key, value in tensors.items():
            back = copy(there[key], -1)
            value.pointer, back.pointer = back.pointer, value.pointer

    def _call(self, library: ctypes.CDLL, name: str, given: dict[str, Any]) -> None:
        values = []
        for kind, argument in PROTOTYPES[name]:
            value = given.get(argument)
            if "*" in kind:
                values.append(value.pointer if isinstance(value, Tensor) else None)
            else:
                values.append(_NUMBERS[kind](value or 0))
        if getattr(library, f"THNN_{self.real}{name}")(*values) != 0:
            raise RuntimeError(TH.THStatus_message().decode())
