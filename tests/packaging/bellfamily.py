"""tests/packages/bells, a small family that wheels are made of, and tools/build_wheels.py as a user runs it on a copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"


def copy_of_bells(folder: Path) -> Path:
    """Makes `folder`: the family, with the CMake modules beside it."""
    shutil.copytree(ROOT / "tests/packages/bells", folder)
    shutil.copytree(ROOT / "cmake", folder / "cmake")
    return folder


def build(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a user would."""
    command = [sys.executable, str(ROOT / "tools/build_wheels.py"), *arguments, "--manifest", str(root / "libraries.toml")]
    return subprocess.run(command, cwd=root, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


def built(root: Path, *arguments: str) -> dict[str, Any]:
    """The same, for a build that must succeed."""
    done = build(root, "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
