"""What the packaging tests share: the built checkout, its wheel, and environments that see our tools but no torch."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from environments import Environment
from orchestrator import api
from orchestrator.options.ledger import last_settings
from stranger import Stranger

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def choices() -> Iterator[None]:
    """The options of the checkout's last build, as variables: every door makes the same of it, with CUDA where it has that."""
    with pytest.MonkeyPatch.context() as patch:
        tree = ROOT / "build/release"
        for setting in last_settings(tree) if (tree / "options.json").is_file() else ():
            if not setting.scope:
                patch.setenv(setting.name, setting.text)
        yield


@pytest.fixture(scope="session")
def built(choices: None) -> api.BuildResult:
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
        return _environment(tmp_path / name, other_packages if packages else None)

    return make


def _environment(folder: Path, packages: Path | None) -> Environment:
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    environment = Environment(folder)
    if packages is not None:
        (environment.site / "packages.pth").write_text(f"{packages}\n")
    return environment


@pytest.fixture(scope="session")
def stranger(wheel_file: Path, other_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """The wheel in an environment that was moved after installation, into a folder with a blank; the checkout is hidden."""
    folder = tmp_path_factory.mktemp("stranger")
    _install(_environment(folder / "first", other_packages), wheel_file)
    (folder / "first").rename(folder / "moved to")
    return Stranger(Environment(folder / "moved to"), ROOT)


@pytest.fixture
def install_wheel() -> Callable[[Environment, Path], None]:
    """Installs one wheel, without its requirements, an index and byte code, most of which nobody imports."""
    return _install


def _install(environment: Environment, wheel: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(environment.python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True, capture_output=True)
