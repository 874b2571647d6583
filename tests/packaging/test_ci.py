"""What CI is configured with: valid by the tools' own rules, and nothing in it that does not run here as well."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from environments import Install, Make
from ruamel.yaml import YAML

WORKFLOWS = ("checks.yml", "wheels.yml")


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, check=False)


def by_schema(root: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *files, cwd=root)


def commands(workflow: Path) -> Iterator[str]:
    """What its steps run."""
    jobs: dict[str, Any] = YAML(typ="safe").load(workflow)["jobs"]
    for job in jobs.values():
        for step in job["steps"]:
            if "run" in step:
                yield from step["run"].strip().splitlines()


def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_each_workflow_is_one_by_the_schema(root: Path, tmp_path: Path) -> None:
    folder = root / ".github/workflows"
    assert {path.name for path in folder.iterdir()} == set(WORKFLOWS)
    done = by_schema(root, *(folder / name for name in WORKFLOWS))
    assert done.returncode == 0, done.stdout
    spoiled = tmp_path / "checks.yml"
    spoiled.write_text((folder / "checks.yml").read_text().replace("    steps:", "    stops:"))
    assert by_schema(root, spoiled).returncode == 1


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_command_is_one_of_the_checkout(root: Path, name: str) -> None:
    """A script of .ci, or a program of tools; git, to be allowed to look at it."""
    found = list(commands(root / ".github/workflows" / name))
    assert found
    for command in found:
        program, *words = shlex.split(command)
        if program == "git":
            continue
        script = root / (words[0] if program == "python" else program)
        assert script.is_file() and script.is_relative_to(root / (".ci" if program.startswith(".ci") else "tools")), command
        if program == "python":  # its own answer to the same words
            done = run(sys.executable, *words, "--help", cwd=root)
            assert done.returncode == 0 and f"usage: {script.name} {words[1]}" in done.stdout, done.stderr


def test_the_scripts_are_sound(root: Path) -> None:
    scripts = sorted((root / ".ci").iterdir())
    assert [path.name for path in scripts] == ["run", "wheels"]
    assert all(path.stat().st_mode & 0o111 for path in scripts)
    program = Path(sys.executable).with_name("shellcheck")
    done = run(program if program.exists() else shutil.which("shellcheck") or "shellcheck", *scripts, cwd=root)
    assert done.returncode == 0, done.stdout


def test_cibuildwheel_reads_its_configuration(root: Path) -> None:
    words = ("-m", "cibuildwheel", "--platform", "linux", "--archs", "x86_64", "--print-build-identifiers")
    done = run(sys.executable, *words, cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"cp{number}-manylinux_x86_64" for number in (311, 312, 313)]
    tool = pyproject(root)
    images = {value for name, value in tool["cibuildwheel"].items() if name.endswith("-image")}
    assert images == {tool["build_wheels"]["floor"]}


def test_what_cibuildwheel_tries_works(
    root: Path, wheel_file: Path, tmp_path: Path, make_environment: Make, install_wheel: Install
) -> None:
    environment = make_environment()
    install_wheel(environment, wheel_file)
    program, *words = shlex.split(pyproject(root)["cibuildwheel"]["test-command"])
    assert program == "python"
    done = environment.run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
