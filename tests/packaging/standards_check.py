"""Every standard way to a wheel, each tried as a user would: builds, installs into an empty environment, computes.

    python tests/packaging/standards_check.py                    # all ways; several minutes without a compiler cache
    python tests/packaging/standards_check.py git read-only      # some
    python tests/packaging/standards_check.py --quick            # baseline kernels and -O1 only, where nothing is cached

Not part of the suite, which tries the same code with less work: run it after changes of how packages are made. Ways that need a
package index say so by failing without one; `offline` ways may not ask one. Exit status 1 if a way failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.parse
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
# May read everything, because this Python may stand in root's home, but write only what belongs to nobody. (The secure bit lets
# access(2) answer by that as well.)
_READS = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--securebits=+no_setuid_fixup")
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *_READS)
CHECK = "import torch; assert torch.mm(torch.ones(2, 3), torch.ones(3, 2)).sum().item() == 12; print(torch.__version__)"
QUICK = {"CPU_LEVELS": "BASE", "CFLAGS": "-O1", "CXXFLAGS": "-O1"}


class Attempt:
    """A fresh folder (with a blank in its path) for one way, and what it needs."""

    def __init__(self, folder: Path, *, options: Mapping[str, str]) -> None:
        self.folder = folder
        self.options = options
        self.prefix: list[str] = []
        folder.mkdir()

    def settings(self, flag: str = "-C") -> list[str]:
        """The options as config settings."""
        return [word for name, value in self.options.items() for word in (flag, f"{name}={value}")]

    def run(self, *command: str | Path, cwd: Path | None = None, **variables: str) -> str:
        """Runs a command to its end; returns what it printed, or raises RuntimeError with its last lines."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "TORCH"))}
        words = [*self.prefix, *map(str, command)]
        done = subprocess.run(
            words,
            cwd=cwd or self.folder,
            env={**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if done.returncode:
            raise RuntimeError("\n".join(["$ " + " ".join(words), *done.stdout.splitlines()[-30:]]))
        return done.stdout

    def python(self, *arguments: str | Path, **named: str) -> str:
        """Runs this Python."""
        return self.run(sys.executable, *arguments, **named)

    def environment(self) -> Path:
        """An empty environment; its Python."""
        venv.EnvBuilder(symlinks=True, with_pip=False).create(self.folder / "environment")
        return self.folder / "environment/bin/python"

    def installed(self, *requirement: str | Path) -> str:
        """Makes a wheel of it with this Python's pip, installs that into an empty environment, and computes there."""
        self.python("-m", "pip", "wheel", "--no-deps", "-w", self.folder / "made", *requirement)
        python = self.environment()
        made = next((self.folder / "made").glob("*.whl"))
        self.python("-m", "pip", "--python", python, "install", "--no-deps", "--no-index", made)
        return self.run(python, "-c", CHECK)

    def clone(self, name: str = "a clone") -> Path:
        """What is committed, as git gives it to others."""
        self.run("git", "-c", "safe.directory=*", "clone", "-q", ROOT, self.folder / name)
        return self.folder / name

    def sdist(self) -> Path:
        """The source distribution of the checkout."""
        self.python("-m", "build", "--sdist", "--no-isolation", "--outdir", self.folder / "sdist", ROOT)
        return next((self.folder / "sdist").glob("*.tar.gz"))


OFFLINE = ("--no-index", "--no-build-isolation")


def pip_wheel(attempt: Attempt) -> str:
    """pip wheel . with build isolation"""
    attempt.python("-m", "pip", "wheel", "--no-deps", "-w", attempt.folder / "w", *attempt.settings(), ROOT)
    return attempt.installed("--no-index", next((attempt.folder / "w").glob("*.whl")))


def pip_offline(attempt: Attempt) -> str:
    """pip wheel . offline, without isolation"""
    return attempt.installed(*OFFLINE, *attempt.settings(), ROOT)


def build_both(attempt: Attempt) -> str:
    """python -m build: the sdist, and the wheel from it, isolated"""
    attempt.python("-m", "build", "--outdir", attempt.folder / "w", *attempt.settings(), ROOT)
    return attempt.installed("--no-index", next((attempt.folder / "w").glob("*.whl")))


def from_git(attempt: Attempt) -> str:
    """pip wheel git+file://... of a local clone, isolated"""
    return attempt.installed(*attempt.settings(), f"git+file://{urllib.parse.quote(str(attempt.clone()))}")


def from_sdist(attempt: Attempt) -> str:
    """pip wheel torch-*.tar.gz, offline"""
    return attempt.installed(*OFFLINE, *attempt.settings(), attempt.sdist())


def from_tarball(attempt: Attempt) -> str:
    """pip wheel of a `git archive`, offline"""
    clone = attempt.clone()
    attempt.run("git", "archive", "--prefix=torch/", "-o", attempt.folder / "torch.tar.gz", "HEAD", cwd=clone)
    return attempt.installed(*OFFLINE, *attempt.settings(), attempt.folder / "torch.tar.gz")


def by_uv(attempt: Attempt) -> str:
    """uv pip install ., isolated"""
    python = attempt.environment()
    attempt.run(sys.executable, "-m", "uv", "pip", "install", "--python", python, "--no-deps", *attempt.settings(), ROOT)
    return attempt.run(python, "-c", CHECK)


def by_uv_offline(attempt: Attempt) -> str:
    """uv build --wheel --no-build-isolation --offline"""
    words = ("--wheel", "--no-build-isolation", "--offline", "--python", sys.executable, "-o", attempt.folder / "w")
    attempt.run(sys.executable, "-m", "uv", "build", *words, *attempt.settings(), ROOT)
    return attempt.installed("--no-index", next((attempt.folder / "w").glob("*.whl")))


@contextlib.contextmanager
def as_nobody(attempt: Attempt, source: Path, home: Path) -> Iterator[None]:
    """Inside, commands are run by a user that is not root, who may write `home` and the attempt's folder, but not `source`."""
    folders = [source, *(path for path in source.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    if os.getuid() == 0:
        for path in (attempt.folder, home):
            os.chown(path, NOBODY, NOBODY)
        attempt.prefix = list(AS_NOBODY)
    try:
        yield
    finally:
        attempt.prefix = []
        for folder in folders:
            folder.chmod(0o755)  # so that it can be deleted


def read_only(attempt: Attempt) -> str:
    """pip wheel of the sdist, by a user that is not root, offline, from a folder that cannot be written"""
    with tarfile.open(attempt.sdist()) as archive:
        archive.extractall(attempt.folder, filter="data")
    source, home, wheels = next(attempt.folder.glob("torch-*")), attempt.folder / "home", attempt.folder / "w"
    home.mkdir()
    variables = {"HOME": str(home), "XDG_CACHE_HOME": "", "CCACHE_DIR": str(home / "ccache")}
    with as_nobody(attempt, source, home):
        attempt.python("-m", "pip", "wheel", "--no-deps", "-w", wheels, *OFFLINE, *attempt.settings(), source, **variables)
    return attempt.installed("--no-index", next(wheels.glob("*.whl")))


WAYS: dict[str, Callable[[Attempt], str]] = {
    "pip": pip_wheel,
    "pip-offline": pip_offline,
    "build": build_both,
    "git": from_git,
    "sdist": from_sdist,
    "tarball": from_tarball,
    "uv": by_uv,
    "uv-offline": by_uv_offline,
    "read-only": read_only,
}


def main() -> int:
    """Tries the ways that the command line names, or all; prints a line for each."""
    parser = argparse.ArgumentParser(description="\n".join((__doc__ or "").splitlines()[:1]))
    parser.add_argument("ways", nargs="*", metavar="WAY", choices=[[], *WAYS], help=f"of {', '.join(WAYS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="baseline kernels and -O1 only")
    given = parser.parse_args()
    failed = 0
    for name in given.ways or WAYS:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="standards-", ignore_cleanup_errors=True) as scratch:
            Path(scratch).chmod(0o755)
            try:
                said = WAYS[name](Attempt(Path(scratch, "a folder"), options=QUICK if given.quick else {})).strip()
            except (RuntimeError, StopIteration) as error:
                failed += 1
                said = f"FAILED\n{error}"
        print(f"{name:<12} {WAYS[name].__doc__}: {time.monotonic() - begin:.0f} s, {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
