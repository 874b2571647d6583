"""Importing torch: what it loads, and what it says when it cannot."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import torch

PACKAGE = Path(torch.__file__).parent
SUFFIX = next(PACKAGE.glob("_C.*.so")).name.removeprefix("_C")


def run(code: str, path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(path)!r})\n{code}"]
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True, timeout=60)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package's Python files without anything that a build puts there."""
    root = tmp_path / "checkout"
    (root / "torch").mkdir(parents=True)
    for file in PACKAGE.glob("*.py"):
        if file.name != "version.py":
            shutil.copy(file, root / "torch")
    (root / "setup.py").touch()
    return root


def test_heavy_modules_stay_unloaded(tmp_path: Path) -> None:
    heavy = "{'typing', 'inspect', 'dataclasses', 'numpy', 'multiprocessing', 'argparse', 'subprocess', 'torch.nn'}"
    done = run(f"import torch; print(sorted({heavy} & set(sys.modules)))", PACKAGE.parent, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_lazy_packages_arrive(tmp_path: Path) -> None:
    code = "import torch; print(torch.nn.Linear(2, 3), torch.optim.SGD.__name__, torch.cuda.is_available())"
    done = run(code, PACKAGE.parent, tmp_path)
    assert done.stdout.strip() == "Linear(in_features=2, out_features=3, bias=True) SGD False", done.stderr


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="module 'torch' has no attribute 'no_such_name'"):
        _ = torch.no_such_name


def test_version_and_config_from_anywhere(tmp_path: Path) -> None:
    done = run("import torch; print(torch.__version__, torch.__config__.show())", PACKAGE.parent, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(torch.__version__)
    for word in ("BLAS in use", "CPU level in use", "libTH", "threads"):
        assert word in done.stdout


def test_without_a_build(copy: Path, tmp_path: Path) -> None:
    done = run("import torch", copy, tmp_path)
    assert done.returncode == 1
    assert "torch is not built for this interpreter" in done.stderr
    assert f"cd '{copy}' && python setup.py develop" in done.stderr


def test_from_the_checkout_itself(copy: Path) -> None:
    done = run("import torch", copy, copy)
    assert "Run:  python setup.py develop" in done.stderr


def test_built_for_another_python(copy: Path, tmp_path: Path) -> None:
    (copy / "torch" / "_C.cpython-27-other.so").touch()
    done = run("import torch", copy, tmp_path)
    assert done.returncode == 1
    assert "It is built for another one: _C.cpython-27-other.so" in done.stderr


def test_broken_extension(copy: Path, tmp_path: Path) -> None:
    (copy / "torch" / f"_C{SUFFIX}").write_bytes(b"not an ELF file")
    done = run("import torch", copy, tmp_path)
    assert done.returncode == 1
    assert f"torch cannot load _C{SUFFIX}" in done.stderr
    assert "Build it again with:" in done.stderr


def test_interrupted_publish(copy: Path, tmp_path: Path) -> None:
    (copy / "torch" / "lib").mkdir()
    (copy / "torch" / "lib" / ".publishing").touch()
    done = run("import torch", copy, tmp_path)
    assert "a build was interrupted while it put its files there" in done.stderr


def test_installed_wheel_says_reinstall(copy: Path, tmp_path: Path) -> None:
    (copy / "setup.py").unlink()
    done = run("import torch", copy, tmp_path)
    assert "python -m pip install --force-reinstall torch" in done.stderr


MODULES = (
    *("torch.autograd", "torch.autograd.profiler", "torch.cuda", "torch.cuda.comm", "torch.cuda.nccl", "torch.cuda.nvtx"),
    "torch.cuda.sparse",
    *("torch.functional", "torch.nn", "torch.nn.functional"),
    *("torch.nn.init", "torch.nn.parallel", "torch.nn.utils", "torch.nn.utils.rnn", "torch.optim", "torch.optim.lr_scheduler"),
    *("torch.random", "torch.serialization", "torch.sparse", "torch.storage", "torch.utils", "torch.utils.checkpoint"),
    *("torch.utils.cpp_extension", "torch.utils.data", "torch.utils.data.distributed", "torch.utils.dlpack"),
)


@pytest.mark.parametrize("name", MODULES)
def test_completion_shows_public_names(name: str) -> None:
    """Nothing that the module only uses itself: what is neither listed nor a module of its own below it."""
    module = importlib.import_module(name)
    below = {found.name for found in pkgutil.iter_modules(getattr(module, "__path__", []))}
    shown = {name for name in dir(module) if not name.startswith("_")}
    assert shown and shown <= {*module.__all__, *below}
    assert all(hasattr(module, name) for name in shown)


def test_public_names_only() -> None:
    names = dir(torch)
    assert {"Tensor", "add", "zeros", "nn", "optim", "no_grad", "float32"} <= set(names)
    assert not [name for name in names if name.startswith("_") and not name.startswith("__")]
    assert not {"annotations", "TYPE_CHECKING", "Any"} & set(names)
