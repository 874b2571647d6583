"""What no wheel may be made of: each is named, has an exit code of its own, and leaves dist/ as it was."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bellfamily import ROOT, RUNNING, build, copy_of_bells
from orchestrator.detect.python import ask_python
from orchestrator.packaging import interpreters

EARLIER = "bells-3.0.0-py3-none-any.whl"
Change = Callable[[Path], None]


def replaced(name: str, old: str, new: str) -> Change:
    def change(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return change


def appended(name: str, text: str) -> Change:
    """`ROOT` in the text is the folder of the family."""
    return lambda root: (root / name).write_text((root / name).read_text() + text.replace("ROOT", str(root))) and None


def nothing(root: Path) -> None:
    """As it is."""


def dirty_tag(root: Path) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v3.1.0"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)
    (root / "README.md").write_text("not what was tagged\n")


BUDGET = "\n[tool.build_wheels]\nsize-budget = 2000\n"
LEAK = '\n__attribute__((used)) static const char bell_home[] = "ROOT/bell";\n'
BAD: dict[str, tuple[Change, tuple[str, ...], int, str]] = {
    "interpreter missing": (nothing, ("--python", "3.99"), 20, "There is no CPython 3.99 here."),
    "interpreter too old": (nothing, ("--python", "3.9"), 20, "CPython 3.9 is too old: 3.11 is the oldest"),
    "one of several missing": (nothing, ("--python", RUNNING, "3.99"), 20, "There is no CPython 3.99 here."),
    "dirty tag": (dirty_tag, ("--release",), 21, "the checkout differs from its commit: README.md"),
    "size over budget": (appended("pyproject.toml", BUDGET), (), 23, "MB, and the budget is 0.00 MB (largest, unpacked: "),
    "leaked path": (appended("bell/src/Bell.c", LEAK), (), 24, "bells/lib/libBell.so.1 names "),
    "leaked path in a module": (appended("bells/__init__.py", '\nHOME = "ROOT"\n'), (), 24, "bells/__init__.py names "),
    "above the floor": (nothing, ("--floor", "manylinux_2_1"), 26, "the floor is manylinux_2_1"),
    "no headers": (
        replaced("libraries.toml", '"bell/include" =', '"bell/interface" ='),
        (),
        8,
        "Bell should ship the headers below ",
    ),
    "a header that is included is missing": (lambda root: (root / "bell/include/Bell/Bell.h").unlink(), (), 7, "Bell/Bell.h"),
    "a licence that is missing": (lambda root: (root / "LICENSE").unlink(), (), 27, "'LICENSE' did not match any"),
}


@pytest.mark.parametrize("bad", BAD)
def test_no_wheel_is_made_of_it(tmp_path: Path, bad: str) -> None:
    change, arguments, code, said = BAD[bad]
    root = copy_of_bells(tmp_path / "a family")
    change(root)
    (root / "dist").mkdir()
    (root / "dist" / EARLIER).write_text("an earlier one")
    python = () if "--python" in arguments else ("--python", RUNNING)
    done = build(root, *python, *arguments)
    assert (done.returncode, said in done.stderr) == (code, True), done.stdout + done.stderr
    assert "What to do: " in done.stderr
    assert [path.name for path in (root / "dist").rglob("*")] == [EARLIER]
    assert (root / "dist" / EARLIER).read_text() == "an earlier one"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("vrify",), 2, "There is no command vrify. Did you mean verify?"),
        (("--pyton", "3.12"), 2, "--pyton"),
        (("-j", "0"), 2, "'0' is not a number above 0"),
        (("verify", "-j", "-3"), 2, "'-3' is not a number above 0"),
        (("verify", "--python", "3.9"), 20, "CPython 3.9 is too old"),
        (("--floor", "bells.whl"), 3, "bells.whl is no tag of manylinux"),
        (("check", "bells.whl"), 2, "bells.whl cannot be read as a wheel"),
        (("--config", "fast"), 2, "There is no configuration `fast`"),
        (("-D", "BELLS=1"), 3, "there is no option BELLS"),
        (("--python", RUNNING, "--out", "/proc/wheels"), 8, "/proc/wheels/bells-3.1.0-"),
    ],
)
def test_mistakes(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    root = copy_of_bells(tmp_path / "a family")
    done = build(root, *words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "What to do: " in done.stderr and "Traceback" not in done.stderr and not (root / "dist").exists()


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    done = build(tmp_path)
    assert done.returncode == 4 and f"{tmp_path / 'libraries.toml'} is not there." in done.stderr, done.stderr
    (tmp_path / "libraries.toml").write_text("")
    done = build(tmp_path)
    assert done.returncode == 3 and f"{tmp_path / 'pyproject.toml'} is not there." in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"implementation": "PyPy"}, "PyPy {version}; CPython >= 3.11 is needed"),
        ({"version": "3.10.9"}, "CPython 3.10.9; CPython >= 3.11 is needed"),
        ({"include": "/nowhere"}, "CPython {version} without its headers (/nowhere/Python.h)"),
        ({"soabi": "cpython-313t-x86_64-linux-gnu"}, "CPython {version} without the global lock"),
    ],
)
def test_a_python_that_does_not_fit_says_why(monkeypatch: pytest.MonkeyPatch, other: dict[str, str], said: str) -> None:
    facts = ask_python(Path(sys.executable))
    assert facts is not None
    monkeypatch.setattr(interpreters, "ask_python", lambda _: facts | other)
    with pytest.raises(interpreters.InterpreterError, match=re.escape(said.format(**facts))) as found:
        interpreters.find_interpreters([sys.executable], os.environ)
    assert found.value.exit_code == 20


def test_a_header_that_is_missing_from_a_wheel_is_named(tmp_path: Path) -> None:
    """One that the checkout has and the wheel lacks: it came after the wheel was made."""
    root = copy_of_bells(tmp_path / "a family")
    done = build(root, "--python", RUNNING, "-q")
    assert done.returncode == 0, done.stderr
    (root / "bell/include/Bell/Chime.h").write_text("int bell_chime(void);\n")
    (wheel,) = (root / "dist").glob("*.whl")
    done = build(root, "check", str(wheel))
    assert done.returncode == 22 and "bells/lib/include/Bell/Chime.h is missing" in done.stderr, done.stderr


def test_whoever_is_killed_leaves_whole_wheels_only(tmp_path: Path) -> None:
    """At several moments, the last ones while wheels are written; then a build goes on and clears away what was begun."""
    root = copy_of_bells(tmp_path / "a family")
    command = [
        sys.executable,
        str(ROOT / "tools/build_wheels.py"),
        "--python",
        RUNNING,
        "--manifest",
        str(root / "libraries.toml"),
    ]
    for number in range(12):
        (root / "bell/src/Bell.c").touch()
        with subprocess.Popen(
            command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as one:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(0.3 + 0.1 * number)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
        for wheel in (root / "dist").glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                assert archive.testzip() is None
    done = build(root, "--python", RUNNING)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (root / "dist").glob("*.whl")
    done = build(root, "check", str(wheel))
    assert done.returncode == 0, done.stderr
    assert list((root / "build/wheels").glob(".staging-*")) == []
