"""setup.py from the outside: help, mistakes, and that setuptools' own develop and install stay out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from orchestrator import api


def setup(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command, env = [sys.executable, str(root / "setup.py"), *arguments], os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=env)


def test_help_names_every_command(root: Path) -> None:
    done = setup(root, "--help")
    assert done.returncode == 0
    commands = ("build_deps", "build_ext", "build_py", "build", "develop", "install", "bdist_wheel", "sdist", "clean")
    for command in (*commands, "build_TH", "build_THNN", "build_THD"):
        assert f"\n  {command} " in done.stdout, command


def test_no_command_prints_the_help(root: Path) -> None:
    done = setup(root)
    assert done.returncode == 2
    assert "usage: python setup.py" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["develp"], "Did you mean develop?"),
        (["build_THN"], "Did you mean build_THNN?"),
        (["build_deps", "--libs", "TH,THN"], "Did you mean THNN?"),
        (["develop", "--confg", "debug"], "develop has no option --confg. Did you mean --config?"),
        (["build", "-j"], "Option -j requires argument."),
    ],
)
def test_a_wrong_name_gets_the_nearest(root: Path, arguments: list[str], expected: str) -> None:
    done = setup(root, *arguments)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_options_are_refused(root: Path) -> None:
    assert setup(root, "build_TH", "--jbos=3").returncode != 0
    done = setup(root, "build_TH", "--jobs=many")
    assert done.returncode == 3
    assert "--jobs=many" in done.stderr and "Traceback" not in done.stderr


def test_options_of_one_command(root: Path) -> None:
    done = setup(root, "build_deps", "--help")
    assert done.returncode == 0
    for option in ("--libs", "--config", "--define", "--jobs", "--build-dir", "--fresh", "--again"):
        assert option in done.stdout


def test_clean_lists_and_deletes_nothing(root: Path, built: api.BuildResult) -> None:
    done = setup(root, "clean", "--dry-run")
    assert done.returncode == 0, done.stderr
    for file in built.published:
        assert file.destination in done.stdout, file.destination
        assert (root / file.destination).exists()
    assert "would delete" in done.stdout
    assert "setup.py\n" not in done.stdout


@pytest.mark.parametrize("command", ["build_py", "build_ext", "build"])
def test_hooks_of_other_packages_stay_out(root: Path, built: api.BuildResult, tmp_path: Path, command: str) -> None:
    """scikit-build-core, for one, replaces the commands of every setuptools project in its environment."""
    (tmp_path / "meddler-1.0.dist-info").mkdir()
    (tmp_path / "meddler-1.0.dist-info/METADATA").write_text("Name: meddler\nVersion: 1.0\n", encoding="utf-8")
    entry = "[setuptools.finalize_distribution_options]\nmeddler = meddler:meddle\n"
    (tmp_path / "meddler-1.0.dist-info/entry_points.txt").write_text(entry, encoding="utf-8")
    (tmp_path / "meddler.py").write_text("def meddle(dist):\n    raise SystemExit('meddled')\n", encoding="utf-8")
    done = setup(root, command, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_quiet_before_and_behind_the_command(root: Path, built: api.BuildResult) -> None:
    for arguments in (["-q", "build_TH"], ["build_TH", "-q"]):
        assert setup(root, *arguments).stdout == ""
    assert "nothing to do" in setup(root, "build_TH").stdout
    for arguments in (["-v", "build_TH"], ["build_TH", "-v"]):
        assert "ninja: no work to do." in setup(root, *arguments).stdout


def test_setuptools_own_commands_are_not_loaded() -> None:
    code = (
        "import sys; from orchestrator.packaging import setuptools_commands as c; c.commands(); import build_backend;"
        "print([m for m in sys.modules if m.startswith('setuptools.command.') and m.rsplit('.')[-1] in ('develop', 'install')])"
    )
    tools = str(Path(__file__).resolve().parents[2] / "tools")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": tools})
    assert done.stdout == "[]\n"


def test_the_fast_path_imports_nothing_heavy(root: Path) -> None:
    """The no-op's budget leaves no room for setuptools, argparse, tomllib or dataclasses."""
    heavy = "{'setuptools', 'argparse', 'tomllib', 'dataclasses', 'pathlib', 'subprocess', 'importlib.metadata'}"
    code = f"import sys, setup; from orchestrator import fastpath; print({heavy} & set(sys.modules))"
    environment = {"PYTHONPATH": f"{root}:{root / 'tools'}"}
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "set()\n"
