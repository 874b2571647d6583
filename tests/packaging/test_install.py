"""The wheel in an empty environment, as a stranger has it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environments import Install, Make
from orchestrator.gate.gatekeeper import read_limits
from orchestrator.gate.trial import try_wheel
from orchestrator.gate.wheelfacts import open_wheel

CHECK = """
import torch
x = torch.ones(2, 3)
print(torch.__file__)
print(torch.__version__)
print(float((x + x).sum()))
print(torch.mm(torch.ones(3, 4), torch.ones(4, 5)).sum().item())
with open("/proc/self/maps") as maps:
    mapped = {line.split(maxsplit=5)[5].strip() for line in maps if "/" in line}
print(*sorted(path for path in mapped if "libTH" in path or "/_C." in path or "openblas" in path), sep="\\n")
"""


def test_imports_and_computes_without_any_other_package(
    root: Path,
    wheel_file: Path,
    tmp_path: Path,
    make_environment: Make,
    install_wheel: Install,
) -> None:
    environment = make_environment()
    install_wheel(environment, wheel_file)
    done = environment.run("-W", "error", "-c", CHECK, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    place, version, total, product, *mapped = done.stdout.splitlines()
    assert Path(place).is_relative_to(environment.site)
    assert (version, float(total), float(product)) == ("0.4.0", 12.0, 60.0)
    assert len(mapped) >= 4
    assert [path for path in mapped if not Path(path).is_relative_to(environment.site)] == []
    assert str(root) not in done.stdout


def test_a_foreign_library_on_the_search_path_changes_nothing(
    wheel_file: Path,
    tmp_path: Path,
    make_environment: Make,
    install_wheel: Install,
) -> None:
    environment = make_environment()
    install_wheel(environment, wheel_file)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "empty.c").write_text("int foreign;\n")
    for name in ("libTH.so.1", "libTHNN.so.1", "libTHD.so.1"):
        command = ["cc", "-shared", "-fPIC", f"-Wl,-soname,{name}", "-o", str(foreign / name), str(foreign / "empty.c")]
        subprocess.run(command, check=True)
    done = environment.run("-c", CHECK, cwd=tmp_path, LD_LIBRARY_PATH=str(foreign))
    assert done.returncode == 0, done.stdout
    assert str(foreign) not in done.stdout


def test_the_checkout_without_a_build_says_what_to_do(root: Path, tmp_path: Path, make_environment: Make) -> None:
    shutil.copytree(
        root / "torch", tmp_path / "torch", ignore=shutil.ignore_patterns("lib", "*.so", "version.py", "__pycache__", "csrc")
    )
    shutil.copy(root / "setup.py", tmp_path)
    done = make_environment().run("-c", "import torch", cwd=tmp_path)
    assert done.returncode != 0
    assert "ImportError" in done.stdout and "python setup.py develop" in done.stdout, done.stdout


def test_pip_uninstall_leaves_nothing(
    wheel_file: Path,
    tmp_path: Path,
    make_environment: Make,
    install_wheel: Install,
) -> None:
    environment = make_environment(packages=True)
    before = environment.contents()
    install_wheel(environment, wheel_file)
    assert environment.contents() > before
    done = environment.run("-m", "pip", "uninstall", "--yes", "torch", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert environment.contents() == before


def test_an_upgrade_leaves_nothing_of_the_older_one(root: Path, wheel_file: Path) -> None:
    """Installed, used, removed; an older one that holds one module more, replaced, removed: each time without a trace."""
    smoke = read_limits(root / "pyproject.toml").smoke
    steps = try_wheel(open_wheel(wheel_file), Path(sys.executable), "torch", smoke)
    assert steps == ("installed", "imported and used", "replaced an older one", "removed without a trace")


@pytest.mark.slow
def test_setup_install_makes_a_copy(root: Path, built: object, tmp_path: Path, make_environment: Make) -> None:
    environment = make_environment(packages=True)
    done = environment.run(root / "setup.py", "install", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    found = environment.run("-c", CHECK, cwd=tmp_path)
    assert found.returncode == 0, found.stdout
    assert Path(found.stdout.splitlines()[0]).is_relative_to(environment.site)


@pytest.mark.slow
def test_the_example_learns(
    root: Path,
    wheel_file: Path,
    tmp_path: Path,
    make_environment: Make,
    install_wheel: Install,
) -> None:
    environment = make_environment(packages=True)
    install_wheel(environment, wheel_file)
    shutil.copy(root / "examples" / "digits.py", tmp_path)
    done = environment.run("digits.py", cwd=tmp_path, MPLBACKEND="Agg")
    assert done.returncode == 0, done.stdout
    accuracies = [float(number) for number in re.findall(r"accuracy[^\n0-9]*([01]\.\d+)", done.stdout)[-2:]]
    assert len(accuracies) == 2, done.stdout
    assert accuracies[0] >= 0.95 and accuracies[1] >= 0.97, done.stdout
    assert list(tmp_path.rglob("*.png"))
