"""NULL given to any function of the libraries below, as far as they were built, is refused, or means what its header says.

libTH, libTHNN, libTHC, libTHCUNN, libTHCUDNN and libTHNCCL; no device is needed. Every function that they export is called with
each of its pointers NULL in turn, the others given, in a forked child: one that dies is named by its call.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prototypes import DTYPES, HOST, LIBRARIES, NUMBERS, TH, Prototype, prototypes

ERR_VALUE = 4
_TYPED = re.compile(
    r"TH(?:NN_(?:Cuda)?|Cuda)?(" + "|".join(DTYPES) + r")(?:Tensor|Storage|[A-Z])|THCuda(?:Tensor|Storage)|THNN_Cuda"
)
_BYTES = 4096  # under every plain pointer

# (functions, arguments, what NULL means there): patterns of whole names.
MAY_BE_NULL = (
    (r".*", "generator", "the process's own generator"),
    (r".*", "context|owner|args", "what is handed to a function of the caller's, unseen"),
    (r".*_free", "self", "nothing to free"),
    (r"THCStream_(handle|synchronize|query|wait)", "self", "the default stream"),
    (r"THC_setStream|THCTensor_recordStream|THCEvent_record", "stream", "the default stream"),
    (r"THC_freePinned", "data", "nothing to free"),
    (r"THCuda(Host)?Free", "ptr", "nothing to free"),
    (r"THCStream_retain", "self", "nothing to keep"),
    (
        r"THCState_setStream(OnDevice)?|THCCachingAllocator_recordStream|THCCachingHostAllocator_recordEvent",
        "stream",
        "the default stream",
    ),
    (r"THCCachingAllocator_getBaseAllocation", "size", "not wanted"),
    (r"THCudaBlas_\w+", "pivot", "no exchanges"),
    (r"THNCCLComm_abort", "self", "nothing to end"),
    (r"THNCCLComm_reduce", "output", "a rank that is not the root"),
    (r"THNCCLComm_gather", "outputs", "a rank that is not the root"),
    (r"THNCCLComm_scatter", "inputs", "a rank that is not the root"),
    (r"THCUDNN_ctcLoss", "gradInput", "not wanted"),
    (r"THCUDNN_recurrent\w+", "cx|cy|gradCx", "no LSTM"),
    (r"THCUDNN_recurrent\w+", "reserve|gradHy|gradCy|gradParameters", "not wanted, or zeros"),
    (r"THC_searchIn", "folders", "no others"),
    (r"TH(?:CUD?)?NN_\w+", "state", "Torch's place for a state, which nothing reads"),
    (r"THStorage_\w+|THC_ipcImport", "drop", "nothing is called when the memory goes"),
    (r"THMemoryFile_newWithStorage", "storage", "an empty file"),
    (r"TH\w*Lapack_(geev|gesvd)", "vl|vr|u|vt", "not looked at: the job is 'N'"),
    (r"TH\w*Tensor_(addmm|addmv|addr|addbmm|baddbmm)", "t|m|v", "nothing is added: beta is 0"),
    (r"TH\w*Tensor_\w+", "stride", "row-major"),
    (r"TH\w+Tensor_(setStorage|newWithStorage)(Nd|\dd)?", "storage", "a new one"),
    (r"TH\w+Tensor_(narrow|select|transpose|unfold|squeeze|squeeze1d|unsqueeze1d)", "source", "self"),
    (r"TH\w*Tensor_btrifact", "r?info_?", "a singular matrix is an error"),
    (r"THC?Tensor_normalTensors", "mean|stddev", "0, 1"),
    (r"THCTensor_(sgd|adam)Step", "velocities|maxima", "without momentum, without AMSGrad"),
    (r"THC?Tensor_bincount", "weights", "ones"),
    (r"THC?Tensor_unique", "inverse", "not wanted"),
    (r"TH(?:CUD?)?NN_\w+", "bias|gradBias|bias1|bias2", "the layer has none"),
    (r"TH(?:CUD?)?NN_\w+", "weights", "ones"),
    (
        r"TH(?:CUD?)?NN_\w+",
        "finput|fgradInput|columns|gradColumns|ones|addBuffer|buffer|valuesBuffer|cumSumSizes",
        "working memory of Torch's",
    ),
    (
        r"TH(?:CUD?)?NN_\w*(Batch|Group|Layer)Normalization\w+",
        r"weight|gradInput|gradWeight|running_\w+",
        "not there, or not wanted",
    ),
    (r"TH(?:CUD?)?NN_\w*(GRU|LSTM)\w+", "hidden|gradHy|gradCy|gradOutput|gradOutputCell|gradCells", "zeros"),
    (r"TH(?:CUD?)?NN_\w+(PReLU|Linear)_accGradParameters", "weight|gradInput", "not read"),
    (r"TH(?:CUD?)?NN_\w+SoftPlus_updateGradInput", "output", "not read"),
    (r"TH(?:CUD?)?NN_\w+IndexLinear_updateOutput", "normalizedValues", "the weight normalises nothing"),
    (r"TH(?:CUD?)?NN_\w+LookupTable_accGradParameters", "count|sorted|indices", "working memory of Torch's"),
)
NOT_CALLED = {
    "THStatus_setHandler": "what it installs would be told of the other calls' failures",
    "THArgument_missing": "what refuses NULL for all the others",
}


class Scalar(ctypes.Structure):
    """THScalar."""

    _fields_ = [("is_float", ctypes.c_bool), ("i", ctypes.c_int64)]


class Conv(ctypes.Structure):
    """THConv."""

    _fields_ = [
        ("form", ctypes.c_int),
        ("mode", ctypes.c_int),
        ("is_convolution", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("stride", ctypes.c_int64 * 3),
    ]


class Description(ctypes.Structure):
    """THDescBuff."""

    _fields_ = [("str", ctypes.c_char * 64)]


STRUCTS = {"THScalar": Scalar, "THConv": Conv, "THDescBuff": Description}
CALLBACKS = {"callback", "THLoop", "THRange", "THStatusHandler"}


def c_type(kind: str) -> Any:
    """The ctypes type of a C type; an enum is an int."""
    if kind == "void":
        return None
    if kind.endswith("*") or kind in CALLBACKS:
        return ctypes.c_void_p
    return STRUCTS.get(kind) or NUMBERS.get(kind, ctypes.c_int)


def function_of(prototype: Prototype) -> Any:
    function = LIBRARIES[prototype.library][prototype.name]
    function.argtypes = [c_type(argument.kind) for argument in prototype.arguments]
    function.restype = c_type(prototype.result)
    return function


def plain(name: str, *arguments: Any) -> int:
    """A call of libTH that gives a pointer."""
    function = TH[name]
    function.restype = ctypes.c_void_p
    found: int = function(*arguments)
    return found


class Givens:
    """What is given for the arguments that are not NULL: two-by-two tensors, buffers, ones."""

    def __init__(self, prototype: Prototype) -> None:
        typed = _TYPED.match(prototype.name)
        self.code = DTYPES.index(typed[1] or "Float" if typed else "Float")
        self.keep: list[Any] = []
        self.tensors: list[int] = []

    def tensor(self, code: int) -> int:
        tensor = plain("THTensor_newWithSize", code, 2, (ctypes.c_int64 * 2)(2, 2))
        TH.THTensor_zero(ctypes.c_void_p(tensor))
        self.tensors.append(tensor)
        return tensor

    def storage(self, code: int) -> int:
        storage = plain("THStorage_newWithSize", code, ctypes.c_int64(2))
        if code == DTYPES.index("Long"):
            TH.THLongStorage_fill(ctypes.c_void_p(storage), ctypes.c_int64(1))
        return storage

    def buffer(self) -> int:
        """Ones as int64, which are zeros and ones as anything else."""
        block = (ctypes.c_int64 * (_BYTES // 8))(*[1] * (_BYTES // 8))
        self.keep.append(block)
        return ctypes.addressof(block)

    def pointer(self, kind: str, name: str, function: str) -> int:
        if kind == "THTensor*":
            whole = name in ("index", "indices", "target", "places", "J", "rIndx_", "indices_", "inverse", "pivots", "rpivots_")
            return self.tensor(DTYPES.index("Long") if whole else self.code)
        if kind == "THTensor**":
            block = (ctypes.c_void_p * 4)(*[self.tensor(self.code) for _ in range(4)])
            self.keep.append(block)
            return ctypes.addressof(block)
        if kind == "THStorage*":
            sizes = name in ("size", "stride", "size_", "stride_", "sz") and "Storage_" not in function
            reads = re.fullmatch(r"THFile_(?:read|write)(\w+)", function)
            return self.storage(DTYPES.index("Long") if sizes else DTYPES.index(reads[1]) if reads else self.code)
        makers: dict[str, tuple[Any, ...]] = {
            "THGenerator*": ("THGenerator_new",),
            "THFile*": ("THMemoryFile_new", b"rw"),
            "THMapAllocatorContext*": ("THMapAllocatorContext_new", b"/tmp/none", 0),
        }
        if kind in makers:
            return plain(*makers[kind])
        if kind == "THAllocator*":
            return ctypes.addressof(ctypes.c_char.in_dll(TH, "THDefaultAllocator"))
        if kind == "char*":
            text = ctypes.create_string_buffer(
                {"format": b"*a", "mode": b"r", "side": b"L", "uplo": b"L", "vf": b"V", "xc": b"X"}.get(name, b"N"), 64
            )
            self.keep.append(text)
            return ctypes.addressof(text)
        if kind in CALLBACKS:
            made = ctypes.CFUNCTYPE(None)(lambda: None)
            self.keep.append(made)
            found = ctypes.cast(made, ctypes.c_void_p).value
            assert found
            return found
        return self.buffer()

    def values(self, prototype: Prototype, null: int) -> list[Any]:
        found: list[Any] = []
        for place, argument in enumerate(prototype.arguments):
            if place == null:
                found.append(None)
            elif argument.is_pointer or argument.kind in CALLBACKS:
                found.append(self.pointer(argument.kind, argument.name, prototype.name))
            elif argument.kind == "THScalar":
                found.append(Scalar(False, 1))
            elif argument.kind == "THConv":
                found.append(Conv(0, 0, 0, 2, (1, 1, 1)))
            elif argument.kind == "char":
                found.append(b"N")
            elif argument.kind == "THDtype":
                found.append(self.code)
            else:
                found.append(0 if argument.name.startswith("dim") and argument.name != "dims" else 1)
        return found


def pointers(prototype: Prototype) -> Iterator[int]:
    for place, argument in enumerate(prototype.arguments):
        if argument.is_pointer or argument.kind in CALLBACKS:
            yield place


def may_be_null(function: str, argument: str) -> bool:
    return any(re.fullmatch(names, function) and re.fullmatch(words, argument) for names, words, _ in MAY_BE_NULL)


def is_neutral(prototype: Prototype, value: Any) -> bool:
    """Whether a function returned what it returns when it fails."""
    if prototype.result == "THStatus":
        return bool(value == ERR_VALUE)
    if isinstance(value, Scalar | Description):
        return True
    if prototype.result == "uint16_t" and value == 0x7E00:
        return True  # nan of Half
    return value in (None, 0, -1) or (isinstance(value, float) and math.isnan(value))


def untouched(tensor: int) -> bool:
    """Whether a tensor was written once, when it was made."""
    return bool(TH.THTensor_version(ctypes.c_void_p(tensor)) == 1)


def fault(prototype: Prototype, null: int) -> str:
    """What is wrong with how a function takes NULL in this place; "" if nothing."""
    argument = prototype.arguments[null].name
    optional = may_be_null(prototype.name, argument)
    if optional and prototype.library not in HOST:
        return ""  # the tensors given are the host's: nothing else would be learnt
    givens = Givens(prototype)
    values = givens.values(prototype, null)
    TH.THStatus_clear()
    result = function_of(prototype)(*values)
    if optional:
        return ""
    said = TH.THStatus_message().decode()
    name = r"\w+" if _TYPED.match(prototype.name) else argument  # a typed function hands its arguments on
    if TH.THStatus_last() != ERR_VALUE or not re.match(rf"\[[\w .]+\] {name}, NULL: ", said):
        return f"said {said!r}, status {TH.THStatus_last()}"
    if not is_neutral(prototype, result):
        return f"returned {result!r}"
    return "" if all(untouched(one) for one in givens.tensors) else "wrote"


Judge = Callable[[Prototype, int], str]


def in_child(calls: list[tuple[Prototype, int]], judge: Judge, first: int, place: mmap.mmap, report: int) -> None:
    """Makes the calls from `first` on; leaves the number of the current one in `place`, faults in the pipe."""
    for number in range(first, len(calls)):
        place[:8] = number.to_bytes(8, "little")
        prototype, null = calls[number]
        if said := judge(prototype, null):
            os.write(report, f"{call_text(prototype, null)}: {said}\n".encode())
    place[:8] = len(calls).to_bytes(8, "little")


def call_text(prototype: Prototype, null: int) -> str:
    return f"{prototype.name}({prototype.arguments[null].name if null >= 0 else ''})"


def faults(calls: list[tuple[Prototype, int]], judge: Judge = fault) -> list[str]:
    """Of all the calls, the argument of the number NULL (-1: none); a child that dies is followed by another, for the rest."""
    found: list[str] = []
    place = mmap.mmap(-1, 8)
    first = 0
    while first < len(calls):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                in_child(calls, judge, first, place, writing)
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as lines:
            found += [line.rstrip("\n") for line in lines]
        _, status = os.waitpid(child, 0)
        first = int.from_bytes(place[:8], "little")
        if first < len(calls):
            prototype, null = calls[first]
            found.append(f"{call_text(prototype, null)}: ended the process, status {status}")
            first += 1
    return found


def test_null_is_refused_where_it_means_nothing() -> None:
    wanted = prototypes(tuple(LIBRARIES))
    calls = [(one, null) for one in wanted for null in pointers(one) if one.name not in NOT_CALLED]
    found = faults(calls)
    assert not found, f"{len(found)} of {len(calls)}:\n" + "\n".join(found)


def test_null_among_several_is_refused() -> None:
    givens = Givens(next(one for one in prototypes() if one.name == "THTensor_cat"))
    one, other = (ctypes.c_void_p(givens.tensor(6)) for _ in range(2))
    some, all_of_them = (ctypes.c_void_p * 2)(one.value, None), (ctypes.c_void_p * 2)(one.value, other.value)
    cases: tuple[tuple[str, tuple[Any, ...], str], ...] = (
        ("THTensor_cat", (other, some, 2, 0), "[cat] tensor 1, NULL: must be given"),
        ("THFloatTensor_catArray", (other, some, 2, 0), "[cat] tensor 1, NULL: must be given"),
        ("THFloatTensor_expandNd", (some, all_of_them, 2), "[expandNd] rets[1], NULL: must be given"),
        ("THFloatTensor_expandNd", (all_of_them, some, 2), "[expandNd] ops[i], NULL: must be given"),
    )
    for function, arguments, said in cases:
        assert TH[function](*arguments) == ERR_VALUE
        assert TH.THStatus_message().decode() == said
    assert all(untouched(tensor) for tensor in givens.tensors)


@pytest.mark.skipif("THNCCL" not in LIBRARIES, reason="libTHNCCL was not built: no header of NCCL")
def test_null_in_a_list_for_nccl_is_refused() -> None:
    givens = Givens(next(one for one in prototypes() if one.name == "THTensor_cat"))
    one, other = (givens.tensor(6) for _ in range(2))
    some, all_of_them = (ctypes.c_void_p * 2)(one, None), (ctypes.c_void_p * 2)(one, other)
    cases: tuple[tuple[str, tuple[Any, ...], str], ...] = (
        ("THNCCL_allReduce", (all_of_them, some, 2, 0), "[all_reduce] inputs[1], NULL: must be given"),
        ("THNCCL_allReduce", (some, all_of_them, 2, 0), "[all_reduce] outputs[1], NULL: must be given"),
        ("THNCCL_reduce", (ctypes.c_void_p(one), some, 2, 0, 0), "[reduce] inputs[1], NULL: must be given"),
        ("THNCCL_broadcast", (some, 2, 0), "[broadcast] inputs[1], NULL: must be given"),
        ("THNCCL_allGather", (some, all_of_them, 2), "[all_gather] outputs[1], NULL: must be given"),
        ("THNCCL_reduceScatter", (some, all_of_them, 2, 0), "[reduce_scatter] outputs[1], NULL: must be given"),
        ("THNCCL_allReduce", (all_of_them, all_of_them, 0, 0), "[all_reduce] inputs: 0 tensors, expected 1 to 64"),
        ("THNCCL_allReduce", (None, None, 0, 0), "[all_reduce] inputs: 0 tensors, expected 1 to 64"),
        ("THNCCL_reduce", (None, None, 65, 0, 0), "[reduce] inputs: 65 tensors, expected 1 to 64"),
        ("THNCCL_broadcast", (None, -1, 0), "[broadcast] inputs: -1 tensors, expected 1 to 64"),
        ("THNCCL_allGather", (None, None, 0), "[all_gather] inputs: 0 tensors, expected 1 to 64"),
        ("THNCCL_reduceScatter", (None, None, 0, 0), "[reduce_scatter] inputs: 0 tensors, expected 1 to 64"),
    )
    for function, arguments, said in cases:
        assert LIBRARIES["THNCCL"][function](*arguments) == ERR_VALUE
        assert TH.THStatus_message().decode() == said
