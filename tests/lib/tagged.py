"""Which dtypes a tagged function takes, as the library itself says: calls on tensors of each."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from prototypes import DTYPES, TH, Prototype, prototypes
from test_null_arguments import Conv, Givens, Scalar, function_of, plain

WRONG_DTYPE, UNSUPPORTED = 2, 7
# What is not two by two, by function and argument.
SHAPES = {
    ("dot", "x"): (2,), ("dot", "y"): (2,), ("addmv", "x"): (2,), ("addmv", "v"): (2,), ("addr", "x"): (2,),
    ("addr", "y"): (2,), ("cross", "a"): (3, 3), ("cross", "b"): (3, 3),
    ("addbmm", "a"): (2, 2, 2), ("addbmm", "b"): (2, 2, 2), ("baddbmm", "a"): (2, 2, 2), ("baddbmm", "b"): (2, 2, 2),
    ("btrifact", "a"): (2, 2, 2), ("btrisolve", "lu"): (2, 2, 2), ("btrisolve", "pivots"): (2, 2),
    ("bincount", "a"): (2,), ("bincount", "weights"): (2,), ("conv", "t"): (2, 2), ("conv", "k"): (2, 2),
    ("indexAdd", "index"): (2,), ("indexCopy", "index"): (2,), ("indexFill", "index"): (2,), ("indexSelect", "index"): (2,),
    ("orgqr", "tau"): (2,), ("ormqr", "tau"): (2,), ("fft", "a"): (2, 2, 2), ("ifftReal", "a"): (2, 2, 1),
    ("aliasSetup", "p"): (2,), ("aliasDraw", "q"): (2,), ("aliasDraw", "places"): (2,), ("multinomial", "p"): (2,),
    ("randperm", "r"): (2,), ("item", "self"): (), ("coalesce", "places"): (2,), ("spmm", "values"): (2,),
}  # fmt: skip

BYTE, INT, LONG, FLOAT = (DTYPES.index(name) for name in ("Byte", "Int", "Long", "Float"))
# Arguments whose dtype is given, whatever the others have; and outputs that an op finds ready.
FIXED = {"weights": FLOAT, "index": LONG, "places": LONG, "pivots": INT, "mask": BYTE, "condition": BYTE}


def _tensor(name: str, argument: str, code: int) -> int:
    """Ones (zeros for places in another tensor) of the size that the function wants there."""
    size = SHAPES.get((name, argument), (2, 2))
    made = plain("THTensor_newWithSize", code, len(size), (ctypes.c_int64 * len(size))(*size))
    TH.THTensor_fill(ctypes.c_void_p(made), Scalar(False, int(argument not in ("index", "places"))))
    return made


def _value(prototype: Prototype, place: int, code: int, givens: Givens) -> Any:
    argument, name = prototype.arguments[place], prototype.name.removeprefix("THTensor_")
    if argument.kind == "THTensor*":
        if argument.name == "self" and not argument.constant:
            return _tensor(name, "self", LONG if name == "aliasDraw" else code)
        return _tensor(name, argument.name, FIXED.get(argument.name, code)) if argument.constant else plain("THTensor_new")
    if argument.kind == "THTensor**":
        both = (ctypes.c_void_p * 2)(_tensor(name, "", code), _tensor(name, "", code))
        givens.keep.append(both)
        return ctypes.addressof(both)
    if argument.is_pointer:
        return givens.pointer(argument.kind, argument.name, prototype.name)
    if argument.kind == "THScalar":
        return Scalar(False, 1)
    if argument.kind == "THConv":
        return Conv(0, 0, 0, 2, (1, 1, 1))
    if argument.kind == "char":
        return {"uplo": b"U", "side": b"L"}.get(argument.name, b"n" if "Blas" in name else b"N")
    if argument.name == "lwork":
        return 64
    return code if argument.kind == "THDtype" else int(argument.name != "dim")


def outcome(prototype: Prototype, code: int) -> tuple[int, str]:
    """Status and message of a call with tensors of this dtype."""
    givens = Givens(prototype)
    values = [_value(prototype, place, code, givens) for place in range(len(prototype.arguments))]
    TH.THStatus_clear()
    function_of(prototype)(*values)
    status: int = TH.THStatus_last()
    return status, TH.THStatus_message().decode()


def dtypes_of(prototype: Prototype) -> list[str]:
    """Those with which the function fails, if at all, for another reason."""
    return [name for code, name in enumerate(DTYPES) if outcome(prototype, code)[0] not in (WRONG_DTYPE, UNSUPPORTED)]


def tagged() -> dict[str, Prototype]:
    """The functions for which a dtype means something: they take tensors, or a dtype and plain pointers."""
    chosen = [one for one in prototypes() if re.match(r"TH(Tensor|Blas|Lapack)_(?!free$|retain$)", one.name)]
    kinds = {one.name: [argument.kind for argument in one.arguments] for one in chosen}
    return {
        one.name: one
        for one in chosen
        if any(kind.startswith("THTensor*") for kind in kinds[one.name]) or {"THDtype", "void*"} <= set(kinds[one.name])
    }
