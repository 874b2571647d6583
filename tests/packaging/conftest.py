"""What the packaging tests share: the built checkout, its wheel, and environments that see our tools but no torch."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from environments import Environment
from orchestrator import api

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def built() -> api.BuildResult:
    """The real tree, built; nothing to do where `develop` ran before."""
    return api.build(api.BuildRequest(root=ROOT, quiet=True, command="pytest"))


@pytest.fixture(scope="session")
def wheel_file(built: api.BuildResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout as the build backend writes it."""
    import build_backend

    folder = tmp_path_factory.mktemp("wheel")
    return folder / build_backend.build_wheel(str(folder))


@pytest.fixture(scope="session")
def other_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that leads to every installed package of the running environment except torch, ours or another's."""
    folder = tmp_path_factory.mktemp("packages")
    for key in ("purelib", "platlib"):
        for entry in Path(sysconfig.get_path(key)).iterdir():
            ours = entry.name.startswith(("torch", "__editable__")) or entry.suffix == ".pth"
            if not ours and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture
def make_environment(tmp_path: Path, other_packages: Path) -> Callable[..., Environment]:
    """Makes an environment; with `packages` it sees all that the running one has, except torch."""

    def make(name: str = "environment", *, packages: bool = False) -> Environment:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(tmp_path / name)
        environment = Environment(tmp_path / name)
        if packages:
            (environment.site / "packages.pth").write_text(f"{other_packages}\n")
        return environment

    return make


@pytest.fixture
def install_wheel() -> Callable[[Environment, Path], None]:
    """Installs one wheel, without its requirements and without an index."""

    def install(environment: Environment, wheel: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(environment.python),
            "install",
            "--no-deps",
            "--no-index",
            str(wheel),
        ]
        subprocess.run(command, check=True, capture_output=True)

    return install
