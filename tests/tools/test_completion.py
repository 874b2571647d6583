"""Completion in real shells: bash by its own functions, fish by `complete -C`, zsh in a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest
from orchestrator.front.completion import SHELLS, option_words
from orchestrator.options import BUILTIN

from .conftest import ROOT, Family

pytest.importorskip("shtab")

# Fills what readline fills: its words end at blanks, and `=` and `:` are words of their own.
BASH = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
_build_deps
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The code for each shell, made over the family's manifest."""
    family = Family(ROOT / "tests/packages/family")
    folder = tmp_path_factory.mktemp("completion")
    made = {}
    for shell in SHELLS:
        made[shell] = folder / f"code.{shell}"
        made[shell].write_text(family.built("completion", shell).out, encoding="utf-8")
    return made


def bash(script: Path, line: str) -> list[str]:
    words = re.findall(r"[=:]+|[^\s=:]+", line) + ([""] if line.endswith(" ") else [])
    command = ["bash", "--norc", "-c", BASH, "bash", str(script), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [word for word in done.stdout.splitlines() if word]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("build_deps.py cle", ["clean"]),
        ("build_deps.py U", ["Upper"]),
        ("python tools/build_deps.py U", ["Upper"]),
        ("python3 /a/b/build_deps.py test Base U", ["Upper"]),
        ("python other.py U", []),
        ("build_deps.py build --config ", ["release", "debug", "relwithdebinfo"]),
        ("build_deps.py build --config=de", ["debug"]),
        ("build_deps.py build --fresh B", ["Base"]),
        ("build_deps.py -D GREE", ["GREETING="]),
        ("build_deps.py build -D USE_CUDA=", ["ON", "OFF", "AUTO"]),
        ("build_deps.py build -D USE_CUDA=O", ["ON", "OFF"]),
        ("build_deps.py build -D Base:WERR", ["WERROR="]),
        ("build_deps.py build -D Base:WERROR=OF", ["OFF"]),
        ("build_deps.py build -D WERROR=ON U", ["Upper"]),
        ("build_deps.py clean --dr", ["--dry-run"]),
        ("build_deps.py clean --jo", []),
        ("build_deps.py completion z", ["zsh"]),
        ("build_deps.py --color ne", ["never"]),
    ],
)
def test_bash(scripts: dict[str, Path], line: str, expected: list[str]) -> None:
    assert [word for word in bash(scripts["bash"], line) if word in expected or not line.endswith(" ")] == expected


def test_bash_offers_every_verb_and_library_first(scripts: dict[str, Path]) -> None:
    from orchestrator.front.verbs import VERBS

    assert bash(scripts["bash"], "build_deps.py ") == [*VERBS, "Base", "Upper"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("build_deps.py cle", ["clean"]),
        ("build_deps.py test Base U", ["Upper"]),
        ("build_deps.py build --config d", ["debug"]),
        ("build_deps.py build -D USE_CUDA", ["USE_CUDA=ON", "USE_CUDA=OFF", "USE_CUDA=AUTO"]),
    ],
)
def test_fish(scripts: dict[str, Path], line: str, expected: list[str]) -> None:
    command = ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', str(scripts["fish"]), line]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [answer.partition("\t")[0] for answer in done.stdout.splitlines()] == expected


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_accepts_the_code(scripts: dict[str, Path]) -> None:
    code = 'autoload -Uz compinit; compinit -u -D; eval "$(<$1)"; print -r -- "${_comps[build_deps.py]}"'
    command = ["zsh", "-f", "-c", code, "zsh", str(scripts["zsh"])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "_shtab_build_deps"


# An interactive zsh that shows, at Ctrl-X, what has become of the line.
ZSH = """PS1= RPS1=; autoload -Uz compinit; compinit -u -D; eval "$(<{script})"
show() {{ print -r -- "<$BUFFER>"; BUFFER=; }}; zle -N show; bindkey '^X' show; print -r -- "<"ready">"
"""


def zsh(script: Path, line: str) -> str:
    """What the line is after Tab."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb"})
    said = ""

    def until(pattern: str) -> str:
        nonlocal said
        while not (found := re.search(pattern, said)):
            assert select.select([terminal], [], [], 30)[0], said
            said += os.read(terminal, 65536).decode("utf-8", "replace")
        return found[1]

    try:
        os.write(terminal, ZSH.format(script=script).encode())
        until("<(ready)>")
        os.write(terminal, f"{line}\t\x18".encode())
        return until("<(build_deps[^$]*)>")
    finally:
        os.close(terminal)  # ends the shell
        os.waitpid(process, 0)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("build_deps.py cle", "build_deps.py clean "),
        ("build_deps.py test Base U", "build_deps.py test Base Upper "),
        ("build_deps.py build --config debu", "build_deps.py build --config debug "),
        ("build_deps.py build -D USE_CUDA=A", "build_deps.py build -D USE_CUDA=AUTO "),
        ("build_deps.py completion fi", "build_deps.py completion fish "),
    ],
)
def test_zsh(scripts: dict[str, Path], line: str, expected: str) -> None:
    assert zsh(scripts["zsh"], line) == expected


def test_print_completion_is_the_same(scripts: dict[str, Path]) -> None:
    done = Family(ROOT / "tests/packages/family").built("--print-completion", "bash")
    assert done.out == scripts["bash"].read_text(encoding="utf-8")


def test_values_follow_from_the_type_of_an_option() -> None:
    words = option_words(BUILTIN)
    assert words["WERROR"] == ("ON", "OFF") and words["USE_CUDA"] == ("ON", "OFF", "AUTO") and words["CFLAGS"] == ()


def test_without_shtab_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from orchestrator.errors import ToolMissingError
    from orchestrator.front.completion import completion_report
    from orchestrator.session import BuildRequest

    monkeypatch.setitem(sys.modules, "shtab", None)
    with pytest.raises(ToolMissingError, match="python -m pip install shtab"):
        completion_report(BuildRequest(root=ROOT), ["bash"])
