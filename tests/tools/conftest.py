"""A small real family of C libraries, built through the command line in a folder whose name has a space."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from orchestrator.detect import DETECTORS, Context, Found
from orchestrator.options import BUILTIN, resolve

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
LEAKS = re.compile(
    r"CPATH|C_INCLUDE_PATH|CPLUS_INCLUDE_PATH|LIBRARY_PATH|LD_LIBRARY_PATH|LD_RUN_PATH"
    r"|GITHUB_ACTIONS|GITLAB_CI|NO_COLOR|FORCE_COLOR|CLICOLOR(_FORCE)?"
)
OPTIONS = frozenset(name for spec in BUILTIN for name in (spec.name, *spec.aliases))


@pytest.fixture(scope="package", autouse=True)
def plain_environment() -> Iterator[None]:
    """The user's options, search paths and kind of terminal change nothing here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name in OPTIONS or LEAKS.fullmatch(name)]:
            patch.delenv(name)
        yield


def cmake_and_ninja() -> tuple[str, str]:
    """The programs that a build finds."""
    context = Context(resolve(BUILTIN, os.environ, ()), os.environ)
    cmake, ninja = DETECTORS["cmake"](context), DETECTORS["ninja"](context)
    assert isinstance(cmake, Found) and isinstance(ninja, Found)
    return str(cmake.path), str(ninja.path)


@dataclass(frozen=True)
class Done:
    """A finished build: status, stdout, stderr, and what ninja said it did."""

    status: int
    out: str
    err: str

    @property
    def steps(self) -> list[str]:
        """Descriptions of the commands that ran, in the order of their ends."""
        return re.findall(r"^\[\d+/\d+\] (.+)$", self.out, re.MULTILINE)

    def count(self, beginning: str) -> int:
        """How many commands' descriptions begin so."""
        return sum(step.startswith(beginning) for step in self.steps)


@dataclass(frozen=True)
class Family:
    """A copy of a project of tests/packages, with the CMake modules beside it."""

    root: Path

    def command(self, *arguments: str) -> list[str]:
        """The command line that builds it."""
        tool = ROOT / "tools" / "build_deps.py"
        return [sys.executable, str(tool), "--manifest", str(self.root / "libraries.toml"), *arguments]

    def build(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        """Runs the command line to its end."""
        # One for all tests of a session, and none of the user's.
        session = self.root.parents[1]
        base = os.environ | {"CCACHE_DIR": str(session / "ccache"), "XDG_CACHE_HOME": str(session / "cache")}
        done = subprocess.run(
            self.command(*arguments), cwd=self.root, env=base | (env or {}), capture_output=True, text=True, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def built(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        """The same, for a build that must succeed."""
        done = self.build(*arguments, env=env)
        assert done.status == 0, done.out + done.err
        return done

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces text that must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def journal(self) -> dict[str, dict[str, object]]:
        """What is published, by destination."""
        data = json.loads((self.root / "family/lib/.published.json").read_text(encoding="utf-8"))
        return {item["destination"]: item for item in data["files"]}

    def call(self, expression: str, *, env: dict[str, str] | None = None) -> str:
        """Evaluates an expression over the published libUpper and libBase in a fresh process."""
        code = (
            "import ctypes, sys\n"
            f"upper = ctypes.CDLL({str(self.root / 'family/lib/libUpper.so.1')!r})\n"
            f"base = ctypes.CDLL({str(self.root / 'family/lib/libBase.so.1')!r})\n"
            "base.base_greeting.restype = ctypes.c_char_p\n"
            f"print({expression})\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | (env or {}), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def last_event(family: Family, event: str, **having: object) -> dict[str, Any] | None:
    """The last event of that kind (and with these fields) of the last build; None if there is none."""
    text = (family.root / "build/release/logs/latest/events.jsonl").read_text(encoding="utf-8")
    found = (json.loads(line) for line in reversed(text.splitlines()))
    return next((item for item in found if item["event"] == event and having.items() <= item.items()), None)


def copy_family(root: Path) -> Family:
    """tests/packages/family in a new folder."""
    shutil.copytree(ROOT / "tests/packages/family", root)
    shutil.copytree(ROOT / "cmake", root / "cmake")
    return Family(root)


@pytest.fixture
def family(tmp_path: Path) -> Family:
    """tests/packages/family, copied."""
    return copy_family(tmp_path / "a family")


@pytest.fixture
def write_manifest(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a libraries.toml whose libraries' folders (one, two, three) exist."""

    def write(text: str) -> Path:
        for name in ("one", "two", "three"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "CMakeLists.txt").touch()
        path = tmp_path / "libraries.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def zoo(tmp_path: Path) -> Family:
    """tests/packages/zoo, copied: three projects that know nothing of each other's build."""
    root = tmp_path / "a zoo"
    shutil.copytree(ROOT / "tests/packages/zoo", root)
    return Family(root)


@pytest.fixture
def browser() -> Iterator[Any]:
    """A browser without a window."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt install chromium chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()
