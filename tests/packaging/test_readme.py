"""What README.md shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from orchestrator import api


def blocks(root: Path, language: str) -> list[str]:
    """The fenced blocks of README.md in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_first_program_prints_what_is_shown(root: Path, built: api.BuildResult, tmp_path: Path) -> None:
    shown = re.search(
        r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    program, output = shown.groups()
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{program}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == output


def test_ci_runs_exactly_the_two_commands(root: Path) -> None:
    """The first shell block is the whole set-up; .ci/run does that, and before it asks for programs of the system only."""
    commands = blocks(root, "sh")[0].splitlines()
    assert len(commands) == 2
    script = (root / ".ci" / "run").read_text()
    steps = re.findall(r'^step "[^"]+" (.*?)(?: \|\| exit 1)?$', script, re.MULTILINE)
    assert steps[:3] == ["system_packages", commands[0], "tests"]
    # The second command in two halves at once: some rooms, and all but these.
    halves = re.findall(r'^    (.+) "\$\{apart\[@\](/#/--ignore=)?\}"', script, re.MULTILINE)
    assert halves == [(commands[1], ""), (commands[1], "/#/--ignore=")]


@pytest.mark.parametrize("arguments", [["setup.py", "--help"]])
def test_the_help_is_shown_as_it_is(root: Path, arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout in "".join(blocks(root, "text"))
