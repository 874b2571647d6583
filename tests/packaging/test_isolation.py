"""Build isolation: each build finds its tools in another temporary folder, and the persistent tree does not care."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from environments import Make
from orchestrator import api

# What pip does in an isolated build: PYTHONPATH leads to a fresh folder with the build requirements.
BUILD = """
import sys
from pathlib import Path
sys.path.insert(0, {tools!r})
from orchestrator import api
result = api.build(api.BuildRequest(root=Path({root!r}), quiet=True, command="isolated"))
print("edges", result.edges_run)
print("from", *[path for path in sys.path if "isolated" in path])
"""


@pytest.fixture(autouse=True)
def same_parts(built: api.BuildResult) -> None:
    """Skips where an isolated environment cannot see what the checkout was built with."""
    if any(file.owner == "THC" for file in built.published):
        pytest.skip(
            "built with CUDA: an isolated build sees neither nvcc on this PATH nor NVIDIA's packages, and makes other libraries"
        )


def lay_out(folder: Path) -> Path:
    """A folder with copies (hard links where they can be) of all installed packages but torch."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name.startswith(("torch", "__", "scipy-", "sklearn", "matplotlib", "mypy")) or entry.suffix == ".pth":
            continue
        if entry.is_dir():
            shutil.copytree(entry, folder / entry.name, copy_function=_link, symlinks=True)
        else:
            _link(entry, folder / entry.name)
    scripts = folder.parent / f"{folder.name}-bin"
    scripts.mkdir()
    for name in ("ninja", "cmake"):
        shutil.copy2(Path(sysconfig.get_path("scripts"), name), scripts / name)
    return folder


def _link(source: str | Path, target: str | Path) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.slow
def test_vanishing_tools_cause_no_work(root: Path, built: api.BuildResult, tmp_path: Path, make_environment: Make) -> None:
    environment = make_environment()
    script = BUILD.format(tools=str(root / "tools"), root=str(root))
    for number in (1, 2):
        folder = lay_out(tmp_path / f"isolated-{number}")
        path = f"{folder.parent / (folder.name + '-bin')}:/usr/bin:/bin"
        done = environment.run("-c", script, cwd=tmp_path, PYTHONPATH=str(folder), PATH=path)
        assert done.returncode == 0, done.stdout
        assert str(folder) in done.stdout
        assert "edges 0\n" in done.stdout, done.stdout
        shutil.rmtree(folder)
    # And back without isolation.
    assert api.build(api.BuildRequest(root=root, quiet=True, command="pytest")).edges_run == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["pip", "wheel", "--no-deps", "--wheel-dir", "OUT", "."],
        ["pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "OUT", "."],
        ["build", "--wheel", "--outdir", "OUT", "."],
    ],
    ids=["pip-isolated", "pip", "build-isolated"],
)
def test_every_door_gives_the_same_wheel(root: Path, wheel_file: Path, tmp_path: Path, command: list[str]) -> None:
    """pip and build, with and without isolation, compile nothing anew and write the same bytes. Needs a package index."""
    log = root / "build" / "release" / ".ninja_log"
    edges = set(log.read_text().splitlines())
    words = [word.replace("OUT", str(tmp_path)) for word in command]
    done = subprocess.run([sys.executable, "-m", *words], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    made = next(tmp_path.glob("*.whl"))
    assert hashlib.sha256(made.read_bytes()).digest() == hashlib.sha256(wheel_file.read_bytes()).digest()
    assert set(log.read_text().splitlines()) <= edges, "something was built again"
