"""A virtual environment that one test works in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment made for one test."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        return next((self.folder / "lib").glob("python3.*")) / "site-packages"

    def contents(self) -> set[str]:
        """Everything in site-packages except caches, relative."""
        found = (path.relative_to(self.site).as_posix() for path in self.site.rglob("*"))
        return {name for name in found if "__pycache__" not in name}

    def run(self, *arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs the environment's Python; stderr comes with stdout."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return subprocess.run(
            [str(self.python), *map(str, arguments)],
            cwd=cwd,
            env={**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


Make = Callable[..., Environment]
Install = Callable[[Environment, Path], None]
