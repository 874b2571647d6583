"""The prototypes of every function that torch's libraries export, as their headers declare them, for calls through ctypes."""

from __future__ import annotations

import ctypes
import re
import subprocess
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch

LIB = Path(torch.__file__).parent / "lib"
DTYPES = ("Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double")
HEADERS = {
    "TH": ("TH/TH", "TH/THIter", "TH/THTyped", "TH/THVersion"),
    "THNN": ("THNN/THNN",),
    "THC": ("THC/THC", "THC/THCTyped", "THC/THCIpc", "THC/THCRows"),
    "THCUNN": ("THCUNN/THCUNN", "THCUNN/THCUNNTyped"),
    "THCUDNN": ("THCUDNN/THCUDNN",),
    "THNCCL": ("THNCCL/THNCCL",),
}
HOST = ("TH", "THNN")
# Handles of their own: what a test says of a function's arguments counts for no other test. Those that were built.
LIBRARIES = {
    name: ctypes.CDLL(str(LIB / f"lib{name}.so.1")) for name in HEADERS if name in HOST or (LIB / f"lib{name}.so.1").exists()
}
TH, THNN = (LIBRARIES[name] for name in HOST)
TH.THStatus_message.restype = ctypes.c_char_p
_FUNCTION = re.compile(
    r"(?P<result>(?:const )?(?:struct )?\w+[ *]*?)\b(?P<name>TH\w*_\w+)\((?P<arguments>(?:[^()]|\([^()]*\))*)\) ?;"
)
_LIKE = re.compile(r"__typeof__ ?\((?P<model>\w+)\) (?P<name>THC\w+);")
_CALLBACK = re.compile(r"(?P<result>[\w ]+[ *]*)\(\*(?P<name>\w+)\)\(.*\)")


@dataclass(frozen=True)
class Argument:
    """One argument. kind: its C type without `const`; "callback": a pointer to a function. constant: what it points to."""

    kind: str
    name: str
    constant: bool = False

    @property
    def is_pointer(self) -> bool:
        return self.kind.endswith("*") or self.kind == "callback"


@dataclass(frozen=True)
class Prototype:
    library: str
    name: str
    result: str
    arguments: tuple[Argument, ...]


def _argument(text: str) -> Argument:
    if callback := _CALLBACK.fullmatch(text):
        return Argument("callback", callback["name"])
    match = re.fullmatch(r"(.*?)(\w+)(\[\w*\])?", text)
    assert match, text
    kind = "".join(match[1].replace("const", " ").split()) + ("*" if match[3] else "")
    return Argument(kind, match[2], text.startswith("const "))


@cache
def exported(library: str = "TH") -> frozenset[str]:
    """The functions that a library exports."""
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", LIB / f"lib{library}.so.1"], capture_output=True, text=True, check=True
    ).stdout
    return frozenset(line.split()[-1] for line in listing.splitlines() if line.split()[-2] in "TtWi")


@cache
def prototypes(names: tuple[str, ...] = HOST) -> tuple[Prototype, ...]:
    """All of these libraries; fails if one that is exported is not declared."""
    source = "".join(f"#include <{header}.h>\n" for name in names for header in HEADERS[name])
    done = subprocess.run(
        ["cc", "-E", "-P", "-I", LIB / "include", "-x", "c", "-"], input=source, capture_output=True, text=True, check=True
    )
    text = re.sub(r"__attribute__ ?\(\((?:[^()]|\([^()]*\))*\)\)", "", " ".join(done.stdout.split()))
    libraries = {name: library for library in names for name in exported(library)}
    found: dict[str, Prototype] = {}
    for match in _FUNCTION.finditer(text):
        name = match["name"]
        if name not in libraries:
            continue
        pieces = re.split(r",(?![^()]*\))", match["arguments"])
        given = [piece.strip() for piece in pieces if piece.strip() not in ("", "void", "...")]
        result = "".join(match["result"].replace("const", " ").replace("extern", " ").split())
        found[name] = Prototype(libraries[name], name, result, tuple(_argument(one) for one in given))
    for like in _LIKE.finditer(text):
        found[like["name"]] = replace(found[like["model"]], library=libraries[like["name"]], name=like["name"])
    missing = sorted(name for name in libraries if name.startswith("TH") and "_" in name and name not in found)
    assert missing == [], f"no header declares {missing}"
    return tuple(found[name] for name in sorted(found))


NUMBERS = {
    "int": ctypes.c_int, "char": ctypes.c_char, "int8_t": ctypes.c_int8, "uint8_t": ctypes.c_uint8, "int16_t": ctypes.c_int16,
    "uint16_t": ctypes.c_uint16, "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t, "float": ctypes.c_float, "double": ctypes.c_double,
    "_Bool": ctypes.c_bool, "unsignedchar": ctypes.c_uint8,
}  # fmt: skip
