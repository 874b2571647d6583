"""The examples of extensions, built from an installed and moved wheel, and what BuildExtension does beside that."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from stranger import Stranger

PIP = ("-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")

SWISH = """\
import torch
from swish import swish
x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
y = swish(x)
print(y.tolist())
assert (y.detach() - x.detach() * torch.sigmoid(x.detach())).abs().max().item() < 1e-6
print(torch.autograd.gradcheck(lambda v: swish(v, 1.5), [torch.randn(3, 4).double().t().requires_grad_()]))
for wrong in (torch.ones(2).long(), "x"):
    try:
        swish(wrong)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""


def copied(root: Path, name: str, tmp_path: Path) -> Path:
    """The example in a folder with a blank."""
    return Path(shutil.copytree(root / "examples" / name, tmp_path / "an extension"))


def modified(folder: Path, pattern: str) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob(pattern)}


def test_setuptools(root: Path, stranger: Stranger, tmp_path: Path) -> None:
    source = copied(root, "extension_setuptools", tmp_path)
    stranger.python(*PIP, "--target", tmp_path / "site", ".", cwd=source)
    site = {"PYTHONPATH": str(tmp_path / "site")}
    said = stranger.python("-c", SWISH, cwd=tmp_path, **site).splitlines()
    assert said[1:] == [
        "True",
        "ValueError: swish: x has to be float32 or float64",
        "TypeError: expected a torch.Tensor, got str",
    ]
    product = next((tmp_path / "site/swish").glob("_ops.*.so"))
    dynamic = stranger.run("readelf", "-d", product, cwd=tmp_path)
    # Behind the folders that this Python was linked with, if any.
    assert re.search(r"\(RPATH\) +Library rpath: \[(.*:)?\$ORIGIN/\.\./torch/lib\]\n", dynamic) and "[libTH.so.1]" in dynamic
    assert str(root).encode() not in product.read_bytes()

    # Again, in place: ninja knows the headers, and which of two sources includes which.
    (source / "swish/other.cpp").write_text("int other = 0;\n")
    setup = (source / "setup.py").read_text().replace('["swish/ops.cpp"]', '["swish/ops.cpp", "swish/other.cpp"]')
    (source / "setup.py").write_text(setup)
    build = ("setup.py", "-q", "build_ext", "--inplace")
    stranger.python(*build, cwd=source, MAX_JOBS="2", CFLAGS="-O0")
    first = modified(source / "build", "*.o")
    assert len(first) == 2
    stranger.python(*build, cwd=source, CFLAGS="-O0")
    assert modified(source / "build", "*.o") == first
    (source / "swish/kernels.h").touch()
    stranger.python(*build, cwd=source, CFLAGS="-O0")
    changed = {name for name, time in modified(source / "build", "*.o").items() if time != first[name]}
    assert len(changed) == 1 and changed.pop().startswith("ops-")


def test_without_ninja_and_without_suffix(stranger: Stranger, tmp_path: Path) -> None:
    """A C extension beside one that is not ours; `extra_compile_args` by compiler."""
    (tmp_path / "one.c").write_text(
        "#include <torch/capi.h>\n#ifndef ONE\n#error ONE\n#endif\n"
        'static PyModuleDef d = {PyModuleDef_HEAD_INIT, "one", TH_VERSION, -1, NULL, NULL, NULL, NULL, NULL};\n'
        "PyMODINIT_FUNC PyInit_one(void) { return Torch_api() ? PyModule_Create(&d) : NULL; }\n"
    )
    (tmp_path / "two.c").write_text("#include <Python.h>\nint PyInit_two;\n")
    (tmp_path / "setup.py").write_text(
        "import setuptools\nfrom torch.utils.cpp_extension import BuildExtension, CppExtension\n"
        "one = CppExtension('one', ['one.c'], extra_compile_args={'cxx': ['-DONE', '-std=gnu11'], 'nvcc': ['-X']})\n"
        "command = BuildExtension.with_options(use_ninja=False, no_python_abi_suffix=True)\n"
        "setuptools.setup(name='x', py_modules=[], cmdclass={'build_ext': command},\n"
        "                 ext_modules=[one, setuptools.Extension('two', ['two.c'])])\n"
    )
    stranger.python("setup.py", "-q", "build_ext", "--inplace", cwd=tmp_path)
    assert (tmp_path / "two.so").is_file()
    assert stranger.python("-c", "import torch, one; print(one.__doc__)", cwd=tmp_path) == "0.4.0\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("CUDAExtension('x', ['x.cu'])", "RuntimeError: CUDA sources need the CUDA toolkit, and there is none"),
        ("BuildExtension.with_options(ninja=True)", "TypeError: BuildExtension has no options ['ninja']"),
    ],
)
def test_mistakes_in_setup(stranger: Stranger, tmp_path: Path, code: str, says: str) -> None:
    given = "from torch.utils.cpp_extension import *; import torch.utils.cpp_extension.toolchain as t; t.CUDA_HOME = None"
    done = stranger.attempt(stranger.environment.python, "-c", f"{given}; {code}", cwd=tmp_path)
    assert done.returncode == 1 and says in done.stdout, done.stdout


def test_cmake(root: Path, stranger: Stranger, tmp_path: Path) -> None:
    source, build = copied(root, "extension_cmake", tmp_path), tmp_path / "b"
    prefix = stranger.python("-c", "import torch; print(torch.utils.cmake_prefix_path)", cwd=tmp_path).strip()
    tools = (f"-DCMAKE_MAKE_PROGRAM={stranger.tool('ninja')}", f"-DPython_EXECUTABLE={stranger.environment.python}")
    command = (stranger.tool("cmake"), "-G", "Ninja", *tools, f"-DCMAKE_PREFIX_PATH={prefix}", "-S", source, "-B", build)
    stranger.run(*command, cwd=tmp_path)
    stranger.run(stranger.tool("ninja"), "-C", build, cwd=tmp_path)
    code = (
        "import torch, pairwise\n"
        "print(pairwise.distances(torch.tensor([[0., 0.], [3., 4.]])).tolist())\n"
        "print(pairwise.distances(torch.ones(2, 0)).tolist())\n"
        "pairwise.distances(torch.ones(3))"
    )
    done = stranger.attempt(stranger.environment.python, "-c", code, cwd=tmp_path, PYTHONPATH=str(build))
    assert "[[0.0, 5.0], [5.0, 0.0]]\n[[0.0, 0.0], [0.0, 0.0]]\n" in done.stdout
    assert "ValueError: distances() wants a float32 matrix, not 1 dimensions of float32" in done.stdout


def test_scikit_build_core(root: Path, stranger: Stranger, tmp_path: Path) -> None:
    source = copied(root, "extension_scikit_build_core", tmp_path)
    stranger.python(*PIP, "--target", tmp_path / "site", ".", cwd=source, CMAKE_GENERATOR="Ninja")
    code = "import torch, welford; print(welford.moments(torch.tensor([4, 7, 13, 16]).double() + 1e9))"
    assert stranger.python("-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site")) == "(1000000010.0, 22.5)\n"
