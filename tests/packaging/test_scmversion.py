"""Versions of checkouts, source distributions and tarballs, and that all of them hold the same files."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.scmversion import checkout_version, described_version
from orchestrator.packaging.sdist import write_sdist

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("described", "coming", "version"),
    [
        ("v0.4.0-0-gabc1234", "0.4.0", "0.4.0"),
        ("v1.0", "0.4.0", "1.0"),
        ("v0.5.0rc1-0-gabc1234", "0.5.0", "0.5.0rc1"),
        ("v0.4.0-7-gabc1234", "0.4.0", "0.4.1.dev7+gabc1234"),
        ("v0.4-1-gabc1234", "0.4.0", "0.5.dev1+gabc1234"),
        ("v0.4.0-7-gabc1234", "0.5.0", "0.5.0.dev7+gabc1234"),
        ("v0.10.0-7-gabc1234", "0.9.0", "0.10.1.dev7+gabc1234"),
        ("v0.5.0rc1-2-gabc1234", "0.5.0", "0.5.0rc2.dev2+gabc1234"),
        ("v0.4.0-0-gabc1234-dirty", "0.4.0", "0.4.1.dev0+gabc1234.dirty"),
        ("v0.4.0-7-gabc1234-dirty", "0.4.0", "0.4.1.dev7+gabc1234.dirty"),
        ("v1-2-gabc1234", "0.1", "2.dev2+gabc1234"),
        ("version-1-2-gabc1234", "0.1", ""),
        ("v1.0-beta-2-gabc1234", "0.1", ""),
        ("$Format:%(describe)$", "0.1", ""),
        ("", "0.1", ""),
    ],
)
def test_what_git_describes(described: str, coming: str, version: str) -> None:
    from packaging.version import Version

    assert described_version(described, coming) == version
    if version:
        assert str(Version(version)) == version, "not in the normal form"
        base = described.partition("-")[0]
        exact = version == str(Version(base))
        assert exact or Version(version) > Version(base)


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A repository with the files that say a version, and a few more."""
    folder = tmp_path / "a checkout"
    (folder / "sub").mkdir(parents=True)
    for name in (
        "pyproject.toml",
        "libraries.toml",
        ".gitattributes",
        ".git_archival.txt",
        ".gitignore",
        "README.md",
        "LICENSE",
    ):
        (folder / name).write_bytes((root / name).read_bytes())
    (folder / "sub/run").write_text("#!/bin/sh\n")
    (folder / "sub/run").chmod(0o755)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


def version(folder: Path) -> str:
    assert checkout_version(folder, "0.4.0") == Metadata(folder).version
    return Metadata(folder).version


def test_a_checkout(checkout: Path) -> None:
    assert version(checkout) == "0.4.0", "without a tag, the one of libraries.toml"
    git(checkout, "tag", "other-1.0")
    git(checkout, "tag", "v0.6.0")
    assert version(checkout) == "0.6.0"
    git(checkout, "commit", "-q", "--allow-empty", "-m", "second")
    commit = git(checkout, "rev-parse", "--short=7", "HEAD").strip()
    assert version(checkout) == f"0.6.1.dev1+g{commit}"
    (checkout / "README.md").write_text("other\n")
    assert version(checkout) == f"0.6.1.dev1+g{commit}.dirty"
    text = (checkout / "pyproject.toml").read_text()
    (checkout / "pyproject.toml").write_text(text.replace('dynamic = ["version"]', 'version = "7.0"'))
    assert version(checkout) == "7.0", "what [project] says stands"


def test_archives_keep_the_version_and_the_files(checkout: Path, tmp_path: Path) -> None:
    """The source distributions of a checkout, of a tarball of it and of itself are the same file."""
    git(checkout, "tag", "v0.6.0")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "second")
    git(checkout, "archive", "--prefix=tarball/", "--output", str(tmp_path / "t.tar"), "HEAD")
    (checkout / "torch/lib").mkdir(parents=True)
    (checkout / "torch/lib/libTH.so.1").write_text("a product")
    first = tmp_path / write_sdist(tmp_path, Metadata(checkout))
    for archive in (tmp_path / "t.tar", first):
        with tarfile.open(archive) as opened:
            opened.extractall(tmp_path / "unpacked", filter="data")
    unpacked = [tmp_path / "unpacked/tarball", tmp_path / "unpacked" / first.name.removesuffix(".tar.gz")]
    digests = {hashlib.sha256(first.read_bytes()).hexdigest()}
    for number, folder in enumerate(unpacked):
        assert Metadata(folder).version == Metadata(checkout).version
        again = tmp_path / str(number) / write_sdist(tmp_path / str(number), Metadata(folder))
        digests.add(hashlib.sha256(again.read_bytes()).hexdigest())
    assert len(digests) == 1
    with tarfile.open(first) as opened:
        names = {name.split("/", 1)[1] for name in opened.getnames()}
    tracked = set(git(checkout, "ls-files").split("\n")) - {"", ".git_archival.txt"}
    assert names == tracked | {"PKG-INFO"}


def test_a_checkout_of_somebody_else(checkout: Path, tmp_path: Path) -> None:
    """As in a container, where git alone would refuse to say anything."""
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    git(checkout, "tag", "v0.6.0")
    subprocess.run(["chown", "-R", "65534:65534", str(checkout)], check=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "tools")}
    refused = subprocess.run(["git", "describe"], cwd=checkout, capture_output=True, text=True, env=environment)
    assert "dubious ownership" in refused.stderr
    code = "from pathlib import Path; from orchestrator.packaging.scmversion import checkout_version; "
    code += "print(checkout_version(Path.cwd(), ''))"
    done = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, env=environment)
    assert done.stdout == "0.6.0\n", done.stderr
