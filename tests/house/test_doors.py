"""Who may use whom: every #include and every import of the tree, held against the tables below."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources import sources, text

# Which libraries' public headers a library may include.
LIBRARY_DOORS = {
    "TH": {"TH"},
    "THNN": {"THNN", "TH"},
    "THC": {"THC", "TH"},
    "THCUNN": {"THCUNN", "THNN", "THC", "TH"},
    "THD": {"THD", "TH"},
    "cudnn": {"THCUDNN", "THNN", "THC", "TH"},  # of THNN only the types of its functions
    "nccl": {"THNCCL", "THC", "TH"},
}
HEADER_FOLDERS = set().union(*LIBRARY_DOORS.values())

# Inside a library: which rooms of src/ a room may include. `kernels` see the dtype and a few helpers, never a tensor.
ROOM_DOORS = {
    "net": {"net"},
    "core": {"core", "threads", "net"},
    "threads": {"threads", "core"},
    "iter": {"iter", "core", "threads"},
    "kernels": {"kernels"},
    "blas": {"blas", "core", "threads", "iter", "kernels"},
    "ops": {"ops", "iter", "kernels", "core", "threads", "blas"},
    "typed": {"typed", "core", "ops"},
}

# Kernels are inner loops over pointers, strides and a count. Plain value types and arithmetic are all that they may see.
KERNEL_HEADERS = {
    "TH/THDtype.h",
    "TH/THScalar.h",
    "TH/THKernel.h",
    "TH/THKernelMath.h",
    "TH/THGammaMath.h",
    "TH/THPathwiseMath.h",
    "TH/THRandomMath.h",
    "TH/THVariateMath.h",
    "TH/THCpu.h",
    "core/THHalf.h",
    "core/THConvert.h",
}

# Where a kernel is a function of the device, its room holds also what starts it: the grid, and the walk over the operands.
CUDA_LIBRARIES = {"THC", "THCUNN"}

# CUB's templates cost seconds and hundreds of megabytes in each unit that sees them: only these do, and no header.
CUB_UNITS = {
    "lib/THC/src/ops/THCSortedLines.cu": {"cub/device/device_radix_sort.cuh"},
    "lib/THC/src/ops/THCTensorMask.cu": {"cub/device/device_select.cuh", "thrust/iterator/counting_iterator.h"},
    "lib/THC/src/ops/THCTensorScan.cu": {"cub/block/block_scan.cuh"},
}

# Folders of torch/csrc: what each may include of its siblings. Only `python` may know the interpreter.
CSRC_DOORS = {
    "python": {"python", "autograd", "tensor", "backend", "ops"},
    "autograd": {"autograd", "tensor", "backend", "ops"},
    "ops": {"ops", "autograd", "tensor", "backend"},
    "tensor": {"tensor", "backend"},
    "backend": {"backend", "tensor"},
}

# Python packages: from which top folder which other one must not be imported.
FORBIDDEN_IMPORTS = {
    "tools": {"torch", "tests", "benchmarks", "examples"},
    "torch": {"tools", "orchestrator", "codegen", "tests", "setuptools", "pip"},
    "examples": {"tools", "orchestrator", "codegen", "tests"},
}

# The one module of torch that setuptools loads and that loads setuptools; no other imports it.
SETUPTOOLS_DOOR = {"torch/utils/cpp_extension/build_extension.py"}

# The doors of tools/orchestrator: the only modules that start processes, or print.
SUBPROCESS_DOOR = {"tools/orchestrator/process.py", "tools/orchestrator/fastpath.py"}

_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
_C_SUFFIXES = (".c", ".h", ".cpp", ".cu", ".cuh")


def includes(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and header of each #include."""
    for number, line in enumerate(text(path).splitlines(), 1):
        match = _INCLUDE.match(line)
        if match:
            yield number, match[1]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and absolute module of each import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def library_breaches(path: Path, found: list[tuple[int, str]]) -> Iterator[str]:
    """What is wrong with the includes of a file lib/<library>/{include,src}/..."""
    library, area = path.parts[1], path.parts[2]
    room = path.parts[3] if area == "src" and len(path.parts) > 4 else ""
    for number, header in found:
        first = header.split("/")[0]
        where = f"{path}:{number}: includes {header}"
        if first in {"Python.h", "pybind11", "torch"}:
            yield f"{where}: a library knows no Python"
        elif first in HEADER_FOLDERS and first not in LIBRARY_DOORS[library]:
            yield f"{where}: {library} may use {sorted(LIBRARY_DOORS[library])} only"
        elif area == "include" and first in ROOM_DOORS:
            yield f"{where}: a public header may not need a private one"
        elif room == "kernels" and library in CUDA_LIBRARIES:
            if "/" in header and first in ROOM_DOORS and first not in {"kernels", "core"}:
                yield f"{where}: a kernel of a device sees kernels and core only"
        elif room == "kernels" and "/" in header and first in {"TH", "THNN", *ROOM_DOORS}:
            if first != "kernels" and header not in KERNEL_HEADERS:
                yield f"{where}: a kernel sees neither tensors nor other rooms"
        elif room in ROOM_DOORS and first in ROOM_DOORS and "/" in header and first not in ROOM_DOORS[room]:
            yield f"{where}: {room} may use {sorted(ROOM_DOORS[room])} only"


def csrc_breaches(path: Path, found: list[tuple[int, str]]) -> Iterator[str]:
    """What is wrong with the includes of a file below torch/csrc."""
    folder = path.parts[2] if len(path.parts) > 3 else "python"
    for number, header in found:
        first = header.split("/")[0]
        where = f"{path}:{number}: includes {header}"
        if first in {"Python.h", "structmember.h", "pybind11"} and folder != "python":
            yield f"{where}: only torch/csrc/python knows the interpreter"
        elif first in {"core", "iter", "kernels", "threads", "typed", "blas"} and "/" in header:
            yield f"{where}: the extension uses public headers of libraries only"
        elif first in CSRC_DOORS and "/" in header and folder in CSRC_DOORS and first not in CSRC_DOORS[folder]:
            yield f"{where}: {folder} may use {sorted(CSRC_DOORS[folder])} only"


def python_breaches(path: Path, found: list[tuple[int, str]]) -> Iterator[str]:
    """What is wrong with the imports of a Python file."""
    forbidden = FORBIDDEN_IMPORTS.get(path.parts[0], set())
    for number, module in found:
        allowed = module.split(".")[0] == "setuptools" and path.as_posix() in SETUPTOOLS_DOOR
        if module.split(".")[0] in forbidden and not allowed:
            yield f"{path}:{number}: imports {module}: {path.parts[0]} may not"
        if path.parts[:2] == ("tools", "orchestrator") and module == "subprocess" and path.as_posix() not in SUBPROCESS_DOOR:
            yield f"{path}:{number}: imports subprocess: orchestrator/process.py is the one door"


def test_libraries_keep_their_doors() -> None:
    files = [path for path in sources(*_C_SUFFIXES, under="lib") if path.parts[2] in {"include", "src"}]
    assert len(files) > 20
    assert [breach for path in files for breach in library_breaches(path, list(includes(path)))] == []


def test_extension_keeps_its_doors() -> None:
    files = list(sources(*_C_SUFFIXES, under="torch/csrc"))
    assert len(files) > 10
    assert [breach for path in files for breach in csrc_breaches(path, list(includes(path)))] == []


def test_python_keeps_its_doors() -> None:
    files = [path for folder in FORBIDDEN_IMPORTS for path in sources(".py", under=folder)]
    assert len(files) > 20
    assert [breach for path in files for breach in python_breaches(path, list(imports(path)))] == []


def test_every_library_and_room_has_a_rule() -> None:
    libraries = {path.parts[1] for path in sources(*_C_SUFFIXES, under="lib")}
    rooms = {path.parts[3] for path in sources(*_C_SUFFIXES, under="lib") if path.parts[2] == "src" and len(path.parts) > 4}
    assert libraries <= set(LIBRARY_DOORS)
    assert rooms <= set(ROOM_DOORS)


def test_public_headers_are_plain_c() -> None:
    """A C++ construct may stand only behind `#ifdef __cplusplus`, which is for extern "C"."""
    words = re.compile(r"^\s*(?:class|namespace|template|using)\b")
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in sources(".h", under="lib")
        if path.parts[2] == "include"
        for number, line in enumerate(text(path).splitlines(), 1)
        if words.match(line)
    ]
    assert found == []


def test_no_backend_switch_runs_through_the_code() -> None:
    """A missing backend is a file of stubs with the same functions, not an #ifdef in every function."""
    switch = re.compile(r"#\s*(?:if|ifdef|ifndef|elif).*\b(?:WITH|USE)_(?:CUDA|CUDNN|NCCL)\b")
    files = [*sources(*_C_SUFFIXES, under="lib"), *sources(*_C_SUFFIXES, under="torch/csrc")]
    assert [str(path) for path in files if switch.search(text(path))] == []


def test_cub_stands_in_its_own_units() -> None:
    found: dict[str, set[str]] = {}
    for path in sources(*_C_SUFFIXES, under="lib"):
        for _, header in includes(path):
            if header.split("/")[0] in {"cub", "thrust", "cuda"} and "/" in header:
                found.setdefault(path.as_posix(), set()).add(header)
    assert found == CUB_UNITS


@pytest.mark.parametrize(
    ("path", "header", "breaks"),
    [
        ("lib/TH/src/kernels/X.c", "TH/THTensor.h", True),
        ("lib/TH/src/kernels/X.c", "kernels/THLoop.h", False),
        ("lib/TH/src/core/X.c", "ops/Y.h", True),
        ("lib/TH/src/ops/X.c", "THNN/THNN.h", True),
        ("lib/THNN/src/ops/X.c", "TH/THTensor.h", False),
        ("lib/TH/include/TH/X.h", "core/THCore.h", True),
        ("lib/TH/src/core/X.c", "Python.h", True),
        ("lib/THC/src/kernels/X.cuh", "core/Y.cuh", False),
        ("lib/THC/src/kernels/X.cuh", "ops/Y.cuh", True),
        ("lib/THCUNN/src/ops/X.cu", "THNN/THNN.h", False),
        ("lib/THNN/src/ops/X.c", "THC/THC.h", True),
        ("lib/cudnn/src/ops/X.cu", "THCUDNN/THCUDNN.h", False),
        ("lib/cudnn/src/ops/X.cu", "THCUNN/THCUNN.h", True),
        ("lib/THCUNN/src/ops/X.cu", "THCUDNN/THCUDNN.h", True),
    ],
)
def test_library_rules_can_fail(path: str, header: str, breaks: bool) -> None:
    assert bool(list(library_breaches(Path(path), [(1, header)]))) is breaks


@pytest.mark.parametrize(
    ("path", "header", "breaks"),
    [
        ("torch/csrc/autograd/X.cpp", "Python.h", True),
        ("torch/csrc/python/X.cpp", "Python.h", False),
        ("torch/csrc/tensor/X.cpp", "python/PyRef.h", True),
        ("torch/csrc/backend/X.cpp", "core/THCore.h", True),
    ],
)
def test_extension_rules_can_fail(path: str, header: str, breaks: bool) -> None:
    assert bool(list(csrc_breaches(Path(path), [(1, header)]))) is breaks


def test_import_rules_can_fail() -> None:
    assert list(python_breaches(Path("tools/orchestrator/x.py"), [(1, "torch.nn"), (2, "subprocess")])) != []
    assert list(python_breaches(Path("torch/nn/x.py"), [(1, "orchestrator.api")])) != []
    assert list(python_breaches(Path("torch/nn/x.py"), [(1, "torch._C")])) == []
