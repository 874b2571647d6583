"""The source distribution: all sources, no product, the same bytes twice, and a build that works from it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from environments import Make
from orchestrator import api
from orchestrator.detect import Found
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.sdist import source_files, write_sdist
from standards_check import OFFLINE, Attempt, as_nobody

PRODUCT_SUFFIXES = (".so", ".so.1", ".o", ".a", ".pyc", ".whl")


def names_of(archive: Path) -> list[str]:
    """Member names without the leading folder."""
    with tarfile.open(archive) as opened:
        return [member.name.split("/", 1)[1] for member in opened]


@pytest.fixture(scope="module")
def sdist_file(root: Path, built: api.BuildResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made after a build, when products lie in the package folder."""
    folder = tmp_path_factory.mktemp("sdist")
    return folder / write_sdist(folder, Metadata(root))


def test_holds_every_source(root: Path, sdist_file: Path) -> None:
    names = set(names_of(sdist_file))
    needed = {
        "PKG-INFO",
        "pyproject.toml",
        "setup.py",
        "libraries.toml",
        "CMakeLists.txt",
        "LICENSE",
        "README.md",
        "tools/build_backend.py",
    }
    assert needed <= names
    for folder, pattern in (
        ("lib", "*.c"),
        ("lib", "*.h"),
        ("torch/csrc", "*.cpp"),
        ("torch", "*.py"),
        ("tools", "*.py"),
        ("cmake", "*"),
    ):
        sources = {path.relative_to(root).as_posix() for path in (root / folder).rglob(pattern) if path.is_file()}
        sources = {name for name in sources if not name.startswith("torch/lib/") and "__pycache__" not in name}
        assert sources - {"torch/version.py"} <= names, folder


def test_holds_no_product(built: api.BuildResult, sdist_file: Path) -> None:
    names = names_of(sdist_file)
    assert {file.destination for file in built.published} & set(names) == set()
    assert [name for name in names if name.endswith(PRODUCT_SUFFIXES) or name.startswith(("build/", "dist/", ".git/"))] == []


def test_the_same_bytes_twice(root: Path, sdist_file: Path, tmp_path: Path) -> None:
    write_sdist(tmp_path, Metadata(root))
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (sdist_file, tmp_path / sdist_file.name)}
    assert len(digests) == 1


def test_without_git_the_same_files(root: Path, sdist_file: Path, tmp_path: Path) -> None:
    """An unpacked sdist has no git; its own sdist holds the same, also after products appeared in it."""
    with tarfile.open(sdist_file) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = next(tmp_path.iterdir())
    for product in (
        "torch/lib/libTH.so.1",
        "build/release/x.o",
        "torch/__pycache__/x.pyc",
        "torch/_C.cpython-311.so",
        "dist/x.whl",
    ):
        (unpacked / product).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / product).write_text("")
    assert ["PKG-INFO", *source_files(unpacked)] == names_of(sdist_file)


def test_git_and_walk_agree(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.o\n/build/\n!keep.o\n")
    for name in ("a.c", "a.o", "keep.o", "build/b.c", "sub/build/c.c", "sub/d.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    walked = source_files(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert source_files(tmp_path) == walked == [".gitignore", "a.c", "keep.o", "sub/build/c.c", "sub/d.py"]
    shutil.rmtree(tmp_path / ".git")


@pytest.mark.slow
def test_builds_from_it(
    sdist_file: Path,
    tmp_path: Path,
    names_in_wheel: set[str],
    make_environment: Make,
    built: api.BuildResult,
) -> None:
    """A wheel built from the unpacked sdist, in a folder with a blank, holds the same files as the checkout's."""
    folder = tmp_path / "un packed"
    with tarfile.open(sdist_file) as archive:
        archive.extractall(folder, filter="data")
    environment = make_environment(packages=True)
    # One CPU level: the files are the same, and it takes half the time.
    command = ["setup.py", "bdist_wheel", "--dist-dir", tmp_path / "out", "--define", "CPU_LEVELS=BASE"]
    # What NVIDIA's packages have is not looked for in a folder of links.
    parts = {name: item for name in ("cudnn", "nccl") if isinstance(item := built.found.get(name), Found)}
    places = {f"{name.upper()}_INCLUDE_DIR": item.values["include"] for name, item in parts.items()}
    done = environment.run(*command, cwd=next(folder.iterdir()), **places)
    assert done.returncode == 0, done.stdout
    with zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))) as archive:
        assert set(archive.namelist()) == names_in_wheel


def test_a_user_that_is_not_root_in_a_folder_that_cannot_be_written(root: Path, tmp_path: Path) -> None:
    """A small family; standards_check.py makes a whole wheel so."""
    attempt = Attempt(tmp_path / "read only", options={})
    source, home = attempt.folder / "source", attempt.folder / "home"
    home.mkdir()
    shutil.copytree(root / "tests/packages/family", source)
    for name in ("tools", "cmake"):
        shutil.copytree(root / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = (source / "tools/build_deps.py", "--manifest", source / "libraries.toml", "build")
    with as_nobody(attempt, source, home):
        said = attempt.python(*command, HOME=str(home), XDG_CACHE_HOME="", CCACHE_DIR=str(home / "ccache"))
    assert "nothing was published" in said and "linked: lib/libBase.so.1, lib/libUpper.so.1" in said, said
    assert len(list((home / ".cache/build_deps").glob("source-*/release/lib/libUpper.so.1"))) == 1
    assert [path for path in source.rglob("*") if path.suffix == ".so" or path.name in ("build", "__pycache__")] == []


@pytest.mark.slow
def test_pip_installs_from_git(root: Path, built: api.BuildResult, tmp_path: Path) -> None:
    """From a local repository, offline; the version follows its tag."""
    attempt = Attempt(tmp_path / "from git", options={"CPU_LEVELS": "BASE"})
    clone = attempt.clone()
    attempt.run("git", "-C", clone, "tag", "v0.9.0")
    assert attempt.installed(*OFFLINE, *attempt.settings(), f"git+file://{quote(str(clone))}") == "0.9.0\n"


@pytest.fixture
def names_in_wheel(wheel_file: Path) -> set[str]:
    with zipfile.ZipFile(wheel_file) as archive:
        return set(archive.namelist())
