"""Torch's typed names on CUDA: each that a header declares is exported and compiles in a C program. No device is needed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from prototypes import LIB, LIBRARIES, exported

# (library, header, pattern of its typed names, at least so many)
FAMILIES = [
    ("THC", "THC/THCTyped.h", r"THCuda\w*(?:Tensor|Storage)_\w+", 1300),
    ("THCUNN", "THCUNN/THCUNNTyped.h", r"THNN_Cuda\w+", 590),
]


def declared(header: str, pattern: str) -> list[str]:
    """The functions of these names that a C program sees."""
    command = ["cc", "-E", "-P", "-I", LIB / "include", "-x", "c", "-"]
    done = subprocess.run(command, input=f"#include <{header}>\n", capture_output=True, text=True, check=True)
    return sorted(set(re.findall(rf"\b({pattern}) ?\(", done.stdout)))


@pytest.mark.parametrize(("library", "header", "pattern", "least"), FAMILIES)
def test_each_declared_name_is_exported_and_compiles(
    library: str, header: str, pattern: str, least: int, tmp_path: Path
) -> None:
    if library not in LIBRARIES:
        pytest.skip(f"lib{library} was not built: no nvcc")
    names = declared(header, pattern)
    assert len(names) >= least
    assert sorted(set(names) - exported(library)) == []
    uses = "\n".join(f"    (function *){name}," for name in names)
    program = tmp_path / "every name.c"
    program.write_text(
        f"#include <{header}>\n#include <stdio.h>\ntypedef void function(void);\n"
        f"static function *const all[] = {{\n{uses}\n}};\n"
        "int main(void)\n{\n    size_t given = 0;\n"
        "    for (size_t i = 0; i < sizeof all / sizeof *all; i++) given += all[i] != NULL;\n"
        '    printf("%zu\\n", given);\n    return 0;\n}\n',
        encoding="utf-8",
    )
    flags = ["-std=c11", "-Wall", "-Werror", "-Wno-cast-function-type", "-I", LIB / "include"]
    libraries = [LIB / f"lib{name}.so.1" for name in dict.fromkeys((library, "THC", "TH"))]
    subprocess.run(["cc", *flags, program, "-o", tmp_path / "every name", *libraries, f"-Wl,-rpath,{LIB}"], check=True)
    done = subprocess.run([tmp_path / "every name"], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(names)


def test_the_names_of_layers_are_those_of_the_host() -> None:
    if "THCUNN" not in LIBRARIES:
        pytest.skip("libTHCUNN was not built: no nvcc")
    host = {name.removeprefix("THNN_Float") for name in exported("THNN") if name.startswith("THNN_Float")}
    for start in ("THNN_CudaHalf", "THNN_CudaDouble"):
        device = {name.removeprefix(start) for name in exported("THCUNN") if name.startswith(start)}
        assert device == host
