"""torch.utils.cpp_extension.load and load_inline, from an installed and moved wheel: what they build, and what they say."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from stranger import Stranger

C_SOURCE = """\
#include <torch/capi.h>
#include "number.h"

static PyObject *twice(PyObject *module, PyObject *argument)
{
    (void)module;
    THTensor *x = TorchTensor_get(argument);
    if (x == NULL) return NULL;
    THTensor *y = THTensor_new();
    if (y == NULL || THTensor_mul(y, x, THScalar_fromLong(NUMBER)) != TH_OK) {
        THTensor_free(y);
        return Torch_raise();
    }
    return TorchTensor_wrap(y);
}

static PyObject *third(PyObject *module, PyObject *argument)
{
    (void)module;
    THTensor *x = TorchTensor_get(argument);
    return x == NULL ? NULL : TorchTensor_wrap(THTensor_newSelect(x, 0, 3));
}

static PyObject *check(PyObject *module, PyObject *argument)
{
    (void)module;
    const int tensor = TorchTensor_check(argument);
    return PyLong_FromLong(10 * tensor + (tensor ? TorchTensor_recorded(argument) : 0));
}

static PyMethodDef functions[] = {
    {"twice", twice, METH_O, ""}, {"third", third, METH_O, ""}, {"check", check, METH_O, ""}, {NULL, NULL, 0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "numbers_c", "", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_numbers_c(void)
{
    return Torch_api() == NULL ? NULL : PyModule_Create(&definition);
}
"""

LOAD = """\
import sys, torch
from torch.utils.cpp_extension import load
m = load("numbers_c", ["numbers.c"], build_directory="b", extra_cflags=sys.argv[1:])
print(m.twice(torch.ones(2)).tolist())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A C extension with a header, in a folder with a blank."""
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "numbers.c").write_text(C_SOURCE)
    (folder / "number.h").write_text("#ifndef NUMBER\n#define NUMBER 2\n#endif\n")
    (folder / "use.py").write_text(LOAD)
    return folder


def test_a_c_extension_and_what_makes_it_anew(stranger: Stranger, project: Path) -> None:
    assert stranger.python("use.py", cwd=project) == "[2.0, 2.0]\n"
    product = project / "b/numbers_c.so"
    first = product.stat().st_mtime_ns
    assert stranger.python("use.py", cwd=project) == "[2.0, 2.0]\n"
    assert product.stat().st_mtime_ns == first, "nothing changed, but it was linked again"
    (project / "number.h").write_text("#ifndef NUMBER\n#define NUMBER 3\n#endif\n")
    assert stranger.python("use.py", cwd=project) == "[3.0, 3.0]\n"
    assert stranger.python("use.py", "-DNUMBER=4", cwd=project) == "[4.0, 4.0]\n"
    reads = stranger.run(stranger.tool("ninja"), "-C", project / "b", "-t", "deps", cwd=project)
    assert str(stranger.package / "lib/include/TH/THTensor.h") in reads and str(stranger.root) not in reads


def test_the_c_interface(stranger: Stranger, project: Path) -> None:
    (project / "use.py").write_text(
        LOAD
        + """\
x = torch.ones(4, requires_grad=True)
print(m.check(x), m.check(x.detach()), m.check(1), m.third(torch.arange(4)).item())
with torch.no_grad():
    print(m.check(x))
y = torch.arange(5)
assert m.third(y).data_ptr() == y[3].data_ptr()
for call, wrong in ((m.twice, "text"), (m.third, torch.ones(2))):
    try:
        call(wrong)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""
    )
    said = stranger.python("use.py", cwd=project).splitlines()
    assert said[:3] == ["[2.0, 2.0]", "11 10 0 3", "10"]
    assert said[3] == "TypeError: expected a torch.Tensor, got str"
    assert said[4].startswith("IndexError: ") and len(said) == 5


def test_another_torch_is_refused(stranger: Stranger, project: Path) -> None:
    """What was built for another layout of the table or of TH's structs does not load."""
    other = "#include <TH/TH.h>\n#undef TH_ABI\n#define TH_ABI 99\n"
    (project / "numbers.c").write_text(other + C_SOURCE)
    done = stranger.attempt(stranger.environment.python, "use.py", cwd=project)
    assert done.returncode == 1
    assert "ImportError: this extension was built for another torch: its C API is 1" in done.stdout
    assert "libTH 99" in done.stdout and "build the extension again" in done.stdout


INLINE = '''\
import torch
from torch.utils.cpp_extension import load_inline

source = """
#include <numeric>
#include <stdexcept>

torch::Tensor relu6(const torch::Tensor& x) {
  torch::Tensor y = torch::empty_like(x), input = x.contiguous();
  const float* from = input.data<float>();
  float* to = y.mutable_data<float>();
  for (int64_t i = 0; i < x.numel(); ++i) to[i] = from[i] < 0 ? 0 : from[i] > 6 ? 6 : from[i];
  return y;
}
std::pair<torch::Tensor, std::vector<double>> mix(std::vector<torch::Tensor> all, double scale, std::optional<int64_t> plus) {
  torch::Tensor sum = all.at(0).clone();
  for (size_t i = 1; i < all.size(); ++i) torch::check(THTensor_cadd(sum.get(), sum.get(), all[i].get(), THScalar_fromLong(1)));
  return {sum, {scale, static_cast<double>(plus.value_or(-1))}};
}
std::string shout(std::string text, bool loud) { return loud ? text + "!" : text; }
void add_one(torch::Tensor x) { x.mutable_data<int64_t>()[0] += 1; }
uint8_t small(uint8_t x) { return x; }
int64_t fails(int64_t how) {
  if (how == 0) throw std::invalid_argument("how");
  if (how == 1) throw std::bad_alloc();
  if (how == 2) torch::check(THStatus_fail(TH_ERR_INDEX, "index"));
  throw 3;
}
"""
names = ["relu6", "mix", "shout", "add_one", "small", "fails"]
m = load_inline("inline_ops", source, functions=dict.fromkeys(names, 'says "what"\\n'))
x = torch.tensor([[-1., 7.], [2., 3.]])
print(m.relu6(x.t()).tolist(), m.relu6.__doc__.encode())
total, rest = m.mix([x, x], 2, None)
print(total.tolist(), rest, m.mix((x,), 1.5, 4)[1], m.shout("hé", True))
w = torch.ones(2, requires_grad=True)
version = torch.tensor([1])
before = version._version if hasattr(version, "_version") else None
m.add_one(version)
print(version.item(), m.small(255))


def error(call, *arguments):
    try:
        call(*arguments)
    except Exception as caught:
        return f"{type(caught).__name__}: {caught}"


for line in (
    error(m.relu6), error(m.relu6, 3), error(m.relu6, x.double()), error(m.relu6, w), error(m.mix, 3, 1, None),
    error(m.mix, [], 1, None), error(m.shout, 1, True), error(m.small, 256), error(m.small, 1.5),
    *(error(m.fails, how) for how in range(4)),
):
    print(line)
with torch.no_grad():
    print(m.relu6(w).tolist())


class ReLU6(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return m.relu6(x)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * ((x > 0) & (x < 6)).float()


y = torch.tensor([-1., 2., 9.], requires_grad=True)
ReLU6.apply(y).sum().backward()
print(y.grad.tolist())

# Changed: loaded anew beside the old one.
source = source.replace("> 6 ? 6", "> 5 ? 5")
n = load_inline("inline_ops", source, functions=names)
print(m.relu6(x)[0].tolist(), n.relu6(x)[0].tolist(), load_inline("inline_ops", source, functions=names) is n)
'''


def test_inline(stranger: Stranger, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(INLINE)
    said = stranger.python("use.py", cwd=tmp_path).splitlines()
    assert said[:3] == [
        "[[0.0, 2.0], [6.0, 3.0]] b'says \"what\"\\n'",
        "[[-2.0, 14.0], [4.0, 6.0]] [2.0, -1.0] [1.5, 4.0] hé!",
        "2 255",
    ]
    errors = iter(said[3:16])
    assert next(errors) == "TypeError: relu6() takes 1 arguments (0 given)"
    assert next(errors) == "TypeError: expected a torch.Tensor, got int"
    assert next(errors) == "RuntimeError: data: the elements are float64, not float32; convert the tensor first"
    assert next(errors).startswith("RuntimeError: this tensor requires a gradient, and autograd cannot see")
    assert next(errors) == "TypeError: expected a sequence"
    assert next(errors).startswith("IndexError: ")
    assert next(errors).startswith("TypeError: ")
    assert next(errors) == "OverflowError: 256 does not fit into 1 bytes"
    assert next(errors).startswith("TypeError: ")
    last = ["ValueError: how", "MemoryError: ", "IndexError: index", "RuntimeError: an unknown C++ exception"]
    assert list(errors) == last
    assert said[16:] == ["[1.0, 1.0]", "[0.0, 1.0, 0.0]", "[0.0, 6.0] [0.0, 5.0] True"]
    folders = list((stranger.environment.folder / "cache/torch_extensions").glob("cpython-3*-torch0.4.0-*/inline_ops"))
    assert len(folders) == 1


PYBIND11 = '''\
import torch
from torch.utils.cpp_extension import load_inline
m = load_inline("bound", """
#include <torch/pybind.h>
torch::Tensor first(const torch::Tensor& x) { return x.numel() ? x.clone() : torch::Tensor(); }
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("first", &first, "what it says"); }
""", extra_cflags=["-O0"])
print(m.first(torch.ones(2)).tolist(), m.first(torch.ones(0)), m.first.__doc__.splitlines()[0])
for wrong in (3, torch.ones(1, requires_grad=True)):
    try:
        m.first(wrong)
    except Exception as error:
        print(f"{type(error).__name__}: {error}".splitlines()[0][:70])
'''


def test_pybind11(stranger: Stranger, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(PYBIND11)
    assert stranger.python("use.py", cwd=tmp_path).splitlines() == [
        "[1.0, 1.0] None first(arg0: torch.Tensor) -> torch.Tensor",
        "TypeError: first(): incompatible function arguments. The following arg",
        "RuntimeError: this tensor requires a gradient, and autograd cannot see",
    ]


def test_the_page_shows_what_happens(root: Path, stranger: Stranger, tmp_path: Path) -> None:
    page = (root / "docs/extending.md").read_text()
    shown = re.search(r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown is not None
    (tmp_path / "use.py").write_text(shown[1])
    assert stranger.python("use.py", cwd=tmp_path) == shown[2]


def test_what_a_compiler_says_is_in_the_error(stranger: Stranger, project: Path) -> None:
    (project / "numbers.c").write_text(C_SOURCE + "int broken = nowhere;\n")
    done = stranger.attempt(stranger.environment.python, "use.py", cwd=project)
    assert done.returncode == 1
    assert "BuildError: extension 'numbers_c' could not be built" in done.stdout and "nowhere" in done.stdout
    assert not (project / "b/numbers_c.so").exists()


NO_PATH = 'import os; os.environ["PATH"] = "/nowhere"'


@pytest.mark.parametrize(
    ("call", "variables", "says"),
    [
        ('load("a-b", ["numbers.c"])', {}, "ValueError: the name of an extension is a Python identifier"),
        ('load("a", [])', {}, "ValueError: extension 'a' has no sources"),
        ('load("a", ["gone.c"])', {}, "FileNotFoundError: extension 'a': the source "),
        ('load("a", ["number.h"])', {}, "number.h: the ending of a source is one of .c, .cpp, .cc, .cxx, .cu"),
        ('load("a", ["numbers.c"])', {"TORCH_EXTENSIONS_DIR": "/proc/none"}, "cannot be written: No such file or directory"),
        ('load("a", ["numbers.c"])', {"MAX_JOBS": "many"}, "RuntimeError: MAX_JOBS=many: the number of jobs"),
        (f'{NO_PATH}; load("a", ["numbers.c"])', {}, "RuntimeError: There is no C compiler: neither CC is set nor is cc on"),
        (f'{NO_PATH}; load("a", ["numbers.c"])', {"CC": "/bin/cc"}, "RuntimeError: Building C++ extensions needs ninja:"),
        ('load("a", ["numbers.c"])', {"CC": "/nowhere/cc"}, "/nowhere/cc"),
        ('load("a", ["k.cu"])', {"CUDA_HOME": "/nowhere"}, "/nowhere/bin/nvcc"),
        ('load("a", ["k.cu"])', {"TORCH_CUDA_ARCH_LIST": "8"}, "TORCH_CUDA_ARCH_LIST holds '8'; write it as 8.0"),
    ],
)
def test_mistakes(stranger: Stranger, project: Path, call: str, variables: dict[str, str], says: str) -> None:
    (project / "k.cu").write_text("")
    code = f"from torch.utils.cpp_extension import load; {call}"
    done = stranger.attempt(stranger.environment.python, "-c", code, cwd=project, **variables)
    assert done.returncode == 1 and says in done.stdout, done.stdout


def test_who_holds_the_lock_is_said(stranger: Stranger, project: Path) -> None:
    folder = project / "b"
    folder.mkdir()
    with (folder / ".lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = {"pid": 4711, "program": "train.py", "since": time.time()}
        lock.write(json.dumps(record))
        lock.flush()
        command = [str(stranger.environment.python), "use.py"]
        waiting = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        line = waiting.stderr.readline()
        assert waiting.poll() is None
    assert line.startswith("extension 'numbers_c': waiting for process 4711 (train.py), which has been building it for ")
    assert waiting.communicate()[0] == "[2.0, 2.0]\n" and waiting.returncode == 0


def test_a_killed_build_leaves_no_lock(stranger: Stranger, project: Path) -> None:
    """The compiler holds the lock until it ends, and nobody after it."""
    slow = project.parent / "cc"
    slow.write_text('#!/bin/sh\necho $$ > started\nsleep 1\nexec cc "$@"\n')
    slow.chmod(0o755)
    command = [str(stranger.environment.python), "use.py"]
    first = subprocess.Popen(command, cwd=project, env={**os.environ, "CC": str(slow)})
    while not (project / "b/started").exists():
        assert first.poll() is None
        time.sleep(0.02)
    first.kill()
    first.wait()
    with (project / "b/.lock").open() as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the compiler
    assert stranger.python("use.py", cwd=project) == "[2.0, 2.0]\n"
