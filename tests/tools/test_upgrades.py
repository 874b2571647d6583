"""A Python package that a build took its BLAS from is upgraded or uninstalled, as pip does it: who uses it is made again.

And what is then missing is said: nothing is left out silently.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT

PACKAGE = "scipy_openblas32"


class Place:
    """A foundry whose lower library is told its BLAS, and an environment of its own to upgrade that in."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "foundry"
        shutil.copytree(ROOT / "tests/packages/foundry", self.root)
        shutil.copytree(ROOT / "cmake", self.root / "cmake")
        self._edit("libraries.toml", 'options = ["TONE"]', 'options = ["TONE"]\nuses = ["compiler", "blas"]')
        self._edit("libraries.toml", 'TONE={option.TONE}"', 'TONE={option.TONE}", "-DCORE_BLAS={blas.library}"')
        self._edit("core/CMakeLists.txt", 'CORE_TONE="${CORE_TONE}"', '"CORE_TONE=\\"${CORE_TONE}\\";BLAS=\\"${CORE_BLAS}\\""')
        environment = folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
        self.python = environment / "bin/python"
        self.site = next((environment / "lib").glob("python3.*")) / "site-packages"
        for name in ("cmake", "ninja"):
            for path in Path(sysconfig.get_path("purelib")).glob(f"{name}*"):
                (self.site / path.name).symlink_to(path)
        self._environ = os.environ | {"CCACHE_DISABLE": "1", "XDG_CACHE_HOME": str(folder / "cache")}

    def _edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def install(self, version: str, content: bytes) -> None:
        """What `pip install --upgrade` does: the old version goes, the new one comes."""
        self.uninstall()
        files = {
            f"{PACKAGE}/__init__.py": b"",
            f"{PACKAGE}/lib/libscipy_openblas.so": content,
            f"{PACKAGE}-{version}.dist-info/LICENSE.txt": b"free",
            f"{PACKAGE}-{version}.dist-info/METADATA": f"Name: scipy-openblas32\nVersion: {version}\n".encode(),
        }
        files[f"{PACKAGE}-{version}.dist-info/RECORD"] = "".join(f"{name},,\n" for name in files).encode()
        for name, text in files.items():
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Builds with the environment's Python, whose programs come first."""
        command = [str(self.python), str(ROOT / "tools/build_deps.py"), *arguments]
        command += ["--manifest", str(self.root / "libraries.toml")]
        return subprocess.run(command, cwd=self.root, env=self._environ, capture_output=True, text=True, check=False)

    def build(self) -> Any:
        """The answer as JSON."""
        done = self.run("--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def uninstall(self) -> None:
        for old in self.site.glob(f"{PACKAGE}*"):
            shutil.rmtree(old)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.install("0.3.1", b"first")
    assert made.build()["found"]["blas"]["version"] == "OpenBLAS 0.3.1"
    assert made.build()["up_to_date"]
    return made


def test_another_version_of_the_blas(place: Place) -> None:
    """Its user alone is configured, compiled and linked; and the answer says what it is now."""
    place.install("0.3.2", b"second")
    done = place.build()
    assert done["found"]["blas"]["version"] == "OpenBLAS 0.3.2"
    assert done["linked"] == ["lib/libCore.so.1"] and done["compiled"] == 1
    assert any("blas" in reason.lower() for reason in done["configured_because"])
    assert place.build()["up_to_date"]


TONE = "core/CMakeFiles/Core.dir/src/Tone.c.o"
REASON = "plain C: the Python package scipy-openblas32 is not installed"


def test_the_blas_is_uninstalled(place: Place) -> None:
    """Its user is made again without it, and summary and package say so. Who demands it gets an error with the places."""
    place.uninstall()
    done = place.run()
    assert done.returncode == 0 and f"  BLAS        {REASON}\n" in done.stdout, done.stdout + done.stderr
    assert re.findall(r"^\[\d+/\d+\] Building C object (.+)$", done.stdout, re.MULTILINE) == [TONE]
    assert f"'BLAS': 'auto -> {REASON}'" in (place.root / "foundry/version.py").read_text(encoding="utf-8")
    assert place.build()["up_to_date"]
    demanded = place.run("-D", "BLAS=openblas")
    assert demanded.returncode == 5
    assert "Python package scipy_openblas32: not on sys.path" in demanded.stderr, demanded.stderr
