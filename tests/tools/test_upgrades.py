"""A Python package that a build took its BLAS from is upgraded in place, as pip does it: who links it is made again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from .conftest import LEAKS, ROOT

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
        # Everything else (cmake, ninja) comes from this test's environment, whose own copy of the package stands behind.
        (self.site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        self._environ = {name: value for name, value in os.environ.items() if not LEAKS.match(name)}
        self._environ |= {"CCACHE_DISABLE": "1", "XDG_CACHE_HOME": str(folder / "cache")}

    def _edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def install(self, version: str, content: bytes) -> None:
        """What `pip install --upgrade` does: the old version goes, the new one comes."""
        for old in self.site.glob(f"{PACKAGE}*"):
            shutil.rmtree(old)
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

    def build(self) -> dict[str, object]:
        command = [
            str(self.python),
            str(ROOT / "tools/build_deps.py"),
            "--json",
            "--manifest",
            str(self.root / "libraries.toml"),
        ]
        done = subprocess.run(command, cwd=self.root, env=self._environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.install("0.3.1", b"first")
    assert made.build()["found"]["blas"]["version"] == "OpenBLAS 0.3.1"  # type: ignore[index]
    assert made.build()["up_to_date"]
    return made


def test_another_version_of_the_blas(place: Place) -> None:
    """Its user alone is configured, compiled and linked; and the answer says what it is now."""
    place.install("0.3.2", b"second")
    done = place.build()
    assert done["found"]["blas"]["version"] == "OpenBLAS 0.3.2"  # type: ignore[index]
    assert done["linked"] == ["lib/libCore.so.1"] and done["compiled"] == 1
    assert any("blas" in str(reason).lower() for reason in done["configured_because"])  # type: ignore[attr-defined]
    assert place.build()["up_to_date"]


def test_the_blas_is_uninstalled(place: Place) -> None:
    """The next one on the path is taken, not the one that is gone."""
    for old in place.site.glob(f"{PACKAGE}*"):
        shutil.rmtree(old)
    done = place.build()
    assert done["found"]["blas"]["version"] != "OpenBLAS 0.3.1"  # type: ignore[index]
    assert done["compiled"] == 1 and done["configured_because"]
    assert place.build()["up_to_date"]
