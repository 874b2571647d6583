"""Somebody who has an installed wheel, in a folder that was moved after installation, and no checkout."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from environments import Environment

# Parts of the checkout that no build of a stranger may need.
_HIDDEN = ("lib", "torch", "build", "tools", "cmake")
_HIDE = """
for name; do
    shift
    [ "$name" = -- ] && break
    if [ -d "$name" ]; then mount -t tmpfs none "$name" || exit; fi
done
exec "$@"
"""


@cache
def _can_hide() -> bool:
    """Whether this user may mount (in a namespace of its own, so that nobody else sees it)."""
    try:
        return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass(frozen=True)
class Stranger:
    """Runs commands that see the environment and not the checkout `root`, where this user may hide it."""

    environment: Environment
    root: Path

    @property
    def package(self) -> Path:
        """The folder of the installed torch."""
        return self.environment.site / "torch"

    def run(self, *command: str | Path, cwd: Path, **variables: str) -> str:
        """Runs a command to its end and returns what it printed; it must succeed."""
        done = self.attempt(*command, cwd=cwd, **variables)
        assert done.returncode == 0, f"$ {shlex.join(map(str, command))}\n{done.stdout}"
        return done.stdout

    def attempt(self, *command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        words = [str(word) for word in command]
        if _can_hide():
            hidden = [str(self.root / name) for name in _HIDDEN]
            words = ["unshare", "--mount", "sh", "-c", _HIDE, "hide", *hidden, "--", *words]
        dropped = ("PYTHON", "VIRTUAL_ENV", "TORCH_", "MAX_JOBS", "CMAKE_", "CC", "CXX", "CFLAGS", "LDFLAGS", "PKG_CONFIG")
        tools = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return subprocess.run(
            words,
            cwd=cwd,
            env={**kept, **tools, "XDG_CACHE_HOME": str(self.environment.folder / "cache"), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def python(self, *arguments: str | Path, cwd: Path, **variables: str) -> str:
        """Runs the environment's Python; it must succeed."""
        return self.run(self.environment.python, *arguments, cwd=cwd, **variables)

    def tool(self, name: str) -> Path:
        """A program of the environment that runs the tests."""
        return Path(sys.executable).with_name(name)
