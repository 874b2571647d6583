"""What people read, compared word for word: on a terminal, in a file, and in the folds of CI services.

`RENEW_GOLDEN=1 python -m pytest tests/tools/test_golden.py` writes tests/tools/golden/*.txt anew; read the difference before
you commit it. Times, paths, versions and the order of commands that ran at once are normalised.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import Family, copy_family

GOLDEN = Path(__file__).parent / "golden"
RENEW = bool(os.environ.get("RENEW_GOLDEN"))
MODES = {
    "plain": {},
    "github": {"GITHUB_ACTIONS": "true"},
    "gitlab": {"GITLAB_CI": "true"},
    "terminal": {"TERM": "xterm-256color"},
}
SLOW = """
add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/slow.h"
  COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/slow.sh" "${CMAKE_CURRENT_BINARY_DIR}/slow.h" VERBATIM)
target_sources(Base PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/slow.h")
"""
_COLORS = {"31;1": "red", "33": "yellow", "1": "bold", "2": "dim", "0": "/"}
_BAR = re.compile(r"^\[\d+/\d+ +\d+% .*\] ")
_NORMAL = [
    (r"(?m)^  (?:reused|linker|cache) .*\n", ""),  # not on every machine
    (r"\x1b\[([\d;]*)m", lambda found: f"<{_COLORS[found[1]]}>"),
    (r"\x1b\[0K", "<clear>"),
    (r"section_(start|end):\d+:(\w+?)_\d+_(\d+)", r"section_\1:TIME:\2_PID_\3"),
    (r"\d{8}-\d{6}-\d+\+*/", "TIME-PID/"),
    (r"\b\d+\.\d+ s\b", "T s"),
    (r"\(expected [^)]*\)", "(expected T)"),
    (r"(?m)^(  (?:compiler|linker|CUDA|cmake|ninja|cache) +).*$", r"\1FOUND"),
    (r"[^\s']*/(ninja|cmake|cc|c\+\+)(?=[\s']|$)", r"/usr/bin/\1"),
    (r"#error broken", "broken"),  # gcc; clang leaves the word out
    (r"\^~+", "^"),
]


def normal(text: str, root: Path) -> str:
    """The text without what differs from run to run and from machine to machine."""
    text = text.replace("\r\n", "\n").replace(str(root), "/checkout")
    for pattern, new in _NORMAL:
        text = re.sub(pattern, new, text)
    lines: list[str] = []
    for line in (piece for whole in text.split("\n") for piece in _pieces(whole)):
        line = "[progress line]" if _BAR.match(line) else line.rstrip()
        if line != "[progress line]" or lines[-1:] != [line]:
            lines.append(line)
    return "\n".join(_ordered(lines)).strip("\n") + "\n"


def _pieces(line: str) -> list[str]:
    """A terminal's line as it was drawn over and over; what remained empty is left out."""
    if "\r" not in line or "section_" in line:
        return [line.replace("\r", "<return>")]
    return [piece for piece in line.split("\r") if piece.strip()]


def _ordered(lines: list[str]) -> list[str]:
    """Commands that ran at once end in any order."""
    result: list[str] = []
    steps: list[str] = []
    for line in [*lines, ""]:
        if step := re.match(r"^\[\d+(/\d+\] .*)", line):
            steps.append(f"[n{step[1]}")
        else:
            result += [*sorted(steps), line]
            steps = []
    return result


class Screen:
    """Runs the family's command line in one mode and compares what it prints with the golden text of that name."""

    def __init__(self, family: Family, mode: str) -> None:
        self.family = family
        self.mode = mode
        caches = {"CCACHE_DIR": str(family.root.parent / "ccache"), "XDG_CACHE_HOME": str(family.root.parent / "cache")}
        self.env = os.environ | caches | {"LC_ALL": "C", "COLUMNS": "100"} | MODES[mode]

    def shows(self, name: str, *arguments: str, status: int = 0, env: dict[str, str] | None = None) -> None:
        process, finish = self.start(*arguments, env=env)
        self.compare(name, finish(), process.wait(), status)

    def compare(self, name: str, text: str, got: int, status: int) -> None:
        path = GOLDEN / f"{name}.{self.mode}.txt"
        text = normal(text, self.family.root) + f"exit status {got}\n"
        if RENEW:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert got == status, text
        assert text == path.read_text(encoding="utf-8"), f"{path}: see CONTRIBUTING.md, `Golden texts`"

    def start(self, *arguments: str, env: dict[str, str] | None = None) -> tuple[subprocess.Popen[str], Callable[[], str]]:
        """The running command line, and a function that gives all that it has printed when it has ended."""
        command, environ = self.family.command("-j", "1", *arguments), self.env | (env or {})

        def no_ignored_signals() -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)

        if self.mode != "terminal":
            process = subprocess.Popen(
                command, cwd=self.family.root, env=environ, text=True, stdout=-1, stderr=-1, preexec_fn=no_ignored_signals
            )

            def both() -> str:
                out, err = process.communicate(timeout=100)
                return out + (f"--- stderr\n{err}" if err else "")

            return process, both
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        process = subprocess.Popen(
            command, cwd=self.family.root, env=environ, stdout=theirs, stderr=theirs, text=True, preexec_fn=no_ignored_signals
        )
        os.close(theirs)
        return process, lambda: _drained(ours)


def _drained(descriptor: int) -> str:
    content = b""
    with suppress(OSError):  # EIO: nobody holds the other side any more
        while chunk := os.read(descriptor, 65536):
            content += chunk
    os.close(descriptor)
    return content.decode("utf-8", "replace")


@pytest.fixture(params=MODES)
def screen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Screen]:
    yield Screen(copy_family(tmp_path / "a family"), request.param)


def test_the_life_of_a_checkout(screen: Screen) -> None:
    family = screen.family
    screen.shows("first", status=0)
    screen.shows("nothing", status=0)
    family.edit("base/src/Base.c", "return a + b;", "int unused; return a + b + 1;")
    screen.shows("edit-with-a-warning", env={"CFLAGS": ""})
    family.edit("base/src/Base.c", "int unused; return a + b + 1;", "\n#error broken\n    return a + b;")
    screen.shows("failed-compile", status=7)
    family.edit("base/src/Base.c", "\n#error broken\n", "")
    family.edit("base/CMakeLists.txt", "torch_export_library(Base)", 'message(FATAL_ERROR "no such luck")')
    os.utime(family.root / "libraries.toml")
    screen.shows("failed-configure", "-D", "GREETING=servus", status=6)


@pytest.mark.parametrize("mode", ["plain", "terminal"])
def test_mistakes(family: Family, tmp_path: Path, mode: str) -> None:
    screen = Screen(family, mode)
    screen.shows("unknown-verb", "biuld", status=2)
    screen.shows("unknown-flag", "--jsno", status=2)
    screen.shows("unknown-option", "-D", "GREETNG=x", status=3)
    screen.shows("missing-tool", status=5, env={"CC": "/no/such/compiler"})


@pytest.mark.parametrize("mode", ["plain", "github", "terminal"])
def test_interrupted(family: Family, mode: str) -> None:
    (family.root / "base/slow.sh").write_text('touch "$1.running"\nsleep 60\n', encoding="utf-8")
    family.edit("base/CMakeLists.txt", "torch_export_library(Base)", f"torch_export_library(Base)\n{SLOW}")
    screen = Screen(family, mode)
    process, finish = screen.start()
    while not (family.root / "build/release/base/slow.h.running").exists():
        assert process.poll() is None, "the build ended before anybody interrupted it"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    screen.compare("interrupted", finish(), process.wait(), 130)


@pytest.mark.parametrize(
    "verb", ["", "build", "plan", "explain", "doctor", "options", "graph", "report", "test", "clean", "completion"]
)
def test_help(family: Family, verb: str) -> None:
    Screen(family, "plain").shows(f"help-{verb or 'general'}", *([verb] if verb else []), "--help")
