"""Which requirements are found missing, and what happens where pip may not or cannot install them."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest
from environments import Make
from orchestrator import process
from orchestrator.errors import BuildError
from orchestrator.packaging import bootstrap
from orchestrator.packaging.bootstrap import Requirement

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77", "cmake>=3.24", "scipy-openblas32==0.3.34.481.3"]

[dependency-groups]
test = ["pytest>=8"]
lint = ["ruff"]
dev = [{ include-group = "test" }, { include-group = "lint" }, "pytest>=8"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return tmp_path


@pytest.mark.parametrize(
    ("rule", "version", "accepted"),
    [
        ("cmake>=3.24", "3.24.0", True),
        ("cmake>=3.24", "3.9", False),
        ("cmake>=3.24", "4.4.4", True),
        ("ninja>=1.13", "1.13.2.git.kitware.jobserver-pipe-1", True),
        ("ninja>=1.13", "1.11.1", False),
        ("blas==0.3.34.481.3", "0.3.34.481.3", True),
        ("blas==0.3.34.481.3", "0.3.34.481.4", False),
        ("blas==1.0", "1", True),
        ("x>=2,<3", "2.9", True),
        ("x>=2,<3", "3.0", False),
        ("x", "0.0.1", True),
    ],
)
def test_versions(rule: str, version: str, accepted: bool) -> None:
    assert Requirement.parse(rule).accepts(version) is accepted


@pytest.mark.parametrize("text", ["x~=1", "x; python_version>'3'", "x[extra]", "", "x>=1.*"])
def test_a_rule_that_cannot_be_checked_is_refused(text: str) -> None:
    with pytest.raises(BuildError, match="cannot be read"):
        Requirement.parse(text)


def test_the_project_lists_only_rules_that_can_be_checked(root: Path) -> None:
    names = {requirement.name for requirement in bootstrap.read_requirements(root / "pyproject.toml", ("build", "dev"))}
    assert {"setuptools", "cmake", "ninja", "pybind11", "scipy-openblas32", "pytest", "ruff", "numpy", "tqdm"} <= names


def test_groups_are_expanded_once(checkout: Path) -> None:
    found = bootstrap.read_requirements(checkout / "pyproject.toml", ("build", "dev"))
    assert [requirement.name for requirement in found] == ["setuptools", "cmake", "scipy-openblas32", "pytest", "ruff"]


@pytest.mark.parametrize(
    ("arguments", "groups"),
    [
        (["develop"], ("build", "dev")),
        (["develop", "--config", "debug"], ("build", "dev")),
        (["build_deps", "--libs", "TH"], ("build",)),
        (["bdist_wheel"], ("build",)),
        (["clean", "--dry-run"], ("setup",)),
        (["--help"], ("setup",)),
        ([], ("setup",)),
    ],
)
def test_commands_need_their_groups(arguments: list[str], groups: tuple[str, ...]) -> None:
    assert bootstrap.groups_for(arguments) == groups


def test_clean_needs_no_compiler_tools(checkout: Path) -> None:
    assert [r.name for r in bootstrap.read_requirements(checkout / "pyproject.toml", ("setup",))] == ["setuptools"]


def test_a_broken_list_is_reported_with_its_line(checkout: Path) -> None:
    (checkout / "pyproject.toml").write_text(PYPROJECT + "broken =\n")
    with pytest.raises(BuildError, match="at line 8"):
        bootstrap.ensure(checkout, ["develop"], say=lambda _: None)


def test_missing_says_why(checkout: Path) -> None:
    installed = {"setuptools": "84.2.1", "cmake": "3.18.4"}
    lacking = bootstrap.missing(bootstrap.read_requirements(checkout / "pyproject.toml", ("build",)), installed.get)
    assert [(requirement.name, reason) for requirement, reason in lacking] == [
        ("cmake", "3.18.4 is installed"),
        ("scipy-openblas32", "not installed"),
    ]


def test_nothing_missing_installs_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "missing", lambda *_: ())
    monkeypatch.setattr(process, "attached", lambda *_, **__: pytest.fail("pip was run"))
    assert bootstrap.ensure(checkout, ["develop"], say=pytest.fail) is False


def test_what_is_missing_is_said_then_installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"setuptools": "84.2.1", "cmake": "4.4.4", "pytest": "9.2", "ruff": "0.17"}
    said: list[str] = []
    commands: list[list[str]] = []

    def pip(command: list[str], **_: object) -> int:
        assert said, "pip was run before anything was said"
        commands.append(command)
        installed["scipy-openblas32"] = "0.3.34.481.3"
        return 0

    monkeypatch.setattr(
        bootstrap.importlib.metadata, "version", lambda name: installed[name] if name in installed else _absent(name)
    )
    monkeypatch.setattr(bootstrap, "_locked_reason", lambda: "")
    monkeypatch.setattr(process, "attached", pip)
    assert bootstrap.ensure(checkout, ["develop"], say=said.append) is True
    assert "scipy-openblas32==0.3.34.481.3  (not installed)" in said[0]
    assert commands[0][:4] == [sys.executable, "-m", "pip", "install"]
    assert commands[0][-1] == "scipy-openblas32==0.3.34.481.3"


def _absent(name: str) -> str:
    raise bootstrap.importlib.metadata.PackageNotFoundError(name)


def test_externally_managed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PEP 668: the marker file beside the standard library, outside of a virtual environment."""
    (checkout / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(checkout))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.delenv("PIP_BREAK_SYSTEM_PACKAGES", raising=False)
    monkeypatch.setattr(bootstrap.importlib.metadata, "version", _absent)
    monkeypatch.setattr(process, "attached", lambda *_, **__: pytest.fail("pip was run"))
    with pytest.raises(bootstrap.EnvironmentLockedError) as caught:
        bootstrap.ensure(checkout, ["develop"], say=lambda _: None)
    message = str(caught.value)
    assert "PEP 668" in message and "-m venv .venv" in message and "python setup.py develop" in message
    assert caught.value.exit_code == 10


def test_the_marker_does_not_bind_a_virtual_environment(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(checkout))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix + "-venv")
    assert bootstrap._locked_reason() == ""


def test_platforms() -> None:
    fine = {"system": "Linux", "machine": "x86_64", "python": (3, 11), "name": "CPython"}
    bootstrap.check_platform(**fine)
    bootstrap.check_platform(**{**fine, "machine": "aarch64", "python": (3, 14)})
    wrong = [
        ("system", "Darwin", "Darwin"),
        ("machine", "riscv64", "riscv64"),
        ("python", (3, 10), "3.10"),
        ("name", "PyPy", "PyPy"),
    ]
    for key, value, named in wrong:
        with pytest.raises(bootstrap.UnsupportedPlatformError, match=named):
            bootstrap.check_platform(**{**fine, key: value})


def copy_front(root: Path, folder: Path) -> Path:
    """A copy of what stands before the build: setup.py, the lists, the tools."""
    shutil.copytree(root / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "libraries.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, folder / name)
    return folder


def test_an_environment_without_pip(root: Path, tmp_path: Path, make_environment: Make) -> None:
    copy = copy_front(root, tmp_path / "check out") if (tmp_path / "check out").mkdir() is None else tmp_path
    done = make_environment().run("setup.py", "develop", cwd=copy)
    assert done.returncode == 10, done.stdout
    assert "has no pip" in done.stdout and "cmake>=3.24  (not installed)" in done.stdout and "-m venv .venv" in done.stdout


def test_no_network(root: Path, tmp_path: Path, make_environment: Make) -> None:
    copy = tmp_path / "checkout"
    copy.mkdir()
    copy_front(root, copy)
    environment = make_environment()
    # Not imported: with Python 3.11 a process that knows pip can no longer import setuptools without a warning.
    (environment.site / "pip").symlink_to(str(importlib.metadata.distribution("pip").locate_file("pip")))
    offline = {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    done = environment.run("setup.py", "develop", cwd=copy, **offline)
    assert done.returncode == 11, done.stdout
    assert "still missing:" in done.stdout and "ninja" in done.stdout and "--find-links" in done.stdout
    assert not (copy / "build").exists()


def test_pip_hooks_never_start_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """setuptools' hooks run setup.py as __main__ inside pip's helper process; it must do nothing there."""
    monkeypatch.setattr(sys, "argv", ["/somewhere/_in_process.py", "build_wheel"])
    monkeypatch.setattr(process, "attached", lambda *_, **__: pytest.fail("pip was run"))
    # The way setuptools does it; runpy would set argv[0] to setup.py.
    namespace = {"__name__": "__main__", "__file__": str(root / "setup.py")}
    exec(compile((root / "setup.py").read_text(), "setup.py", "exec"), namespace)
    assert "main" in namespace


@pytest.mark.parametrize(
    ("arguments", "environ", "on"),
    [
        (["build"], {}, False),
        (["build"], {"SYSTEM_LIBS": "1"}, True),
        (["build", "-D", "SYSTEM_LIBS=ON"], {}, True),
        (["build", "-DSYSTEM_LIBS"], {}, True),
        (["build", "--define=BLAS=none,SYSTEM_LIBS=yes"], {}, True),
        (["build", "-D", "SYSTEM_LIBS=OFF"], {"SYSTEM_LIBS": "1"}, False),
        (["build", "--system-libs"], {}, True),
    ],
)
def test_when_the_system_provides_everything(arguments: list[str], environ: dict[str, str], on: bool) -> None:
    assert bootstrap.system_libraries(arguments, environ) is on


def test_with_system_libraries_nothing_is_installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEM_LIBS", "ON")
    monkeypatch.setattr(bootstrap.process, "attached", lambda *_, **__: pytest.fail("pip was run"))
    monkeypatch.setattr(bootstrap, "missing", lambda *_: ((bootstrap.Requirement.parse("pybind11>=3"), "not installed"),))
    with pytest.raises(bootstrap.SystemLibrariesError) as caught:
        bootstrap.ensure(checkout, ["build"], say=lambda _: pytest.fail("something was announced"))
    assert caught.value.exit_code == 16
    assert "pybind11>=3  (not installed; Python package of" in str(caught.value) and "apt install" in str(caught.value)
    # A program of the system serves as well as a package; the BLAS is optional.
    for text in ("cmake>=3.24", "ninja>=1.13", "scipy-openblas32==0.3"):
        monkeypatch.setattr(bootstrap, "missing", lambda *_, text=text: ((bootstrap.Requirement.parse(text), "no"),))
        assert bootstrap.ensure(checkout, ["build"], say=print) is False
