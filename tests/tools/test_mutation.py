"""Each kind of input is changed in turn: exactly the work that follows from it is done, and then there is nothing to do.

One tree serves all changes, one after the other. Which way the orchestrator took (the fast one, that of an edit, the long one)
is read from the modules that it loaded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import ROOT

WAYS = {"orchestrator.session": "long", "orchestrator.rebuild": "edit", "orchestrator.fastpath": "fast"}
WORDS = (
    (r"Building C object \w+/CMakeFiles/(\w+)\.dir/src/(\w+)\.c\.o", r"compile \1 \2"),
    (r"Linking C shared (?:library|module) lib/(?:lib)?(\w+)\.so.*", r"link \1"),
    (r"Listing the symbols of (\w+)", r"symbols \1"),
    (r"Generating the table", "generate Core"),
    (r"Re-running CMake.*", "cmake"),
)

ALL_CORE = {"compile Core Sum", "compile Core Table", "compile Core Tone", "link Core", "symbols Core"}
ALL_FRONT = {"compile front Front", "link front"}


@dataclass(frozen=True)
class Outcome:
    """One build: the way it took, the commands that ran, and what was printed."""

    way: str
    work: frozenset[str]
    text: str


@dataclass(frozen=True)
class Foundry:
    """A copy of tests/packages/foundry, with a compiler and a cmake of its own to be replaced."""

    root: Path
    environ: dict[str, str]

    def build(self, *arguments: str, env: dict[str, str] | None = None) -> Outcome:
        command = [sys.executable, "-X", "importtime", str(ROOT / "tools/build_deps.py"), *arguments]
        command += ["--manifest", str(self.root / "libraries.toml")]
        done = subprocess.run(
            command, cwd=self.root, env=self.environ | (env or {}), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + re.sub(r"import time:.*\n", "", done.stderr)
        loaded = set(re.findall(r"\| +(orchestrator\.\w+)$", done.stderr, re.MULTILINE))
        work = {_kind(step) for step in re.findall(r"^\[\d+/\d+\] (.+)$", done.stdout, re.MULTILINE)}
        if re.search(r"^configure: ", done.stdout, re.MULTILINE):
            work.add("cmake")
        return Outcome(next(way for name, way in WAYS.items() if name in loaded), frozenset(work), done.stdout)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with (self.root / name).open("a", encoding="utf-8") as file:
            file.write(text)


def _kind(step: str) -> str:
    for pattern, word in WORDS:
        if re.fullmatch(pattern, step):
            return re.sub(pattern, word, step)
    return step


def wrapper(path: Path, program: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {shutil.which(program)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture(scope="module")
def foundry(tmp_path_factory: pytest.TempPathFactory) -> Foundry:
    """Built, with nothing to do."""
    folder = tmp_path_factory.mktemp("mutation")
    root = folder / "a foundry ä"
    shutil.copytree(ROOT / "tests/packages/foundry", root)
    shutil.copytree(ROOT / "cmake", root / "cmake")
    tools = folder / "tools"
    tools.mkdir()
    for program in ("cc", "c++"):
        wrapper(tools / program, program)
    environ = os.environ | {
        "CC": str(tools / "cc"),
        "CXX": str(tools / "c++"),
        "CCACHE_DISABLE": "1",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    made = Foundry(root, environ)
    made.build()
    assert made.build().way == "fast"
    return made


@pytest.fixture(autouse=True)
def back_to_nothing(foundry: Foundry) -> Iterator[None]:
    """After each change, one more build finds nothing to do, and says so on the fast path."""
    yield
    again = foundry.build()
    assert (again.way, again.work) == ("fast", frozenset()), again.text
    assert "nothing to do" in again.text


def check(foundry: Foundry, way: str, work: set[str], *arguments: str, env: dict[str, str] | None = None) -> Outcome:
    done = foundry.build(*arguments, env=env)
    assert (done.way, done.work) == (way, frozenset(work)), done.text
    return done


VISIBLE = '__attribute__((visibility("default")))'
BODY = {"compile Core Sum", "link Core", "symbols Core"}


def test_a_body(foundry: Foundry) -> None:
    foundry.append("core/src/Sum.c", f"{VISIBLE} int core_one(void);\nint core_one(void) {{ return 1; }}\n")
    check(foundry, "edit", {*BODY, "link front"})  # a new symbol: who is linked against the list is linked again
    foundry.edit("core/src/Sum.c", "return 1;", "return 2;")
    check(foundry, "edit", BODY)


def test_a_public_header(foundry: Foundry) -> None:
    foundry.append("core/include/Core/Core.h", "/* more */\n")
    done = foundry.build()
    assert done.way == "edit"
    assert {"compile front Front", "compile Core Sum"} <= done.work
    assert "/* more */" in (foundry.root / "foundry/lib/include/Core/Core.h").read_text(encoding="utf-8")


def test_a_private_header(foundry: Foundry) -> None:
    (foundry.root / "core/src/private.h").write_text("#define PRIVATE 0\n", encoding="utf-8")
    foundry.append("core/src/Sum.c", '#include "private.h"\n')
    check(foundry, "edit", BODY)
    foundry.edit("core/src/private.h", "PRIVATE 0", "PRIVATE 1")
    check(foundry, "edit", BODY)


def test_a_declaration(foundry: Foundry) -> None:
    """What a generator reads. Where its output stays the same, nothing is compiled."""
    foundry.edit("core/squares.txt", "9", "9, 16")
    check(foundry, "edit", {"generate Core", "compile Core Table", "link Core", "symbols Core"})
    foundry.append("core/squares.txt", "# more\n")
    check(foundry, "edit", {"generate Core"})


def test_a_generator(foundry: Foundry) -> None:
    foundry.append("core/squares.sh", "echo '/* one more line */' >> \"$2\"\n")
    done = foundry.build()
    assert done.way == "edit"
    assert {"generate Core", "compile Core Table"} <= done.work and not done.work & ALL_FRONT


def test_cmake_code(foundry: Foundry) -> None:
    foundry.append("core/CMakeLists.txt", "target_compile_definitions(Core PRIVATE ADDED=1)\n")
    check(foundry, "edit", {"cmake", *ALL_CORE})


def test_a_cmake_module_of_all(foundry: Foundry) -> None:
    foundry.append("cmake/TorchLibrary.cmake", "# changed\n")
    check(foundry, "edit", {"cmake"})


def test_the_manifest(foundry: Foundry) -> None:
    foundry.edit("libraries.toml", "the lower library, with", "the lower one, with")
    check(foundry, "long", set())
    foundry.edit("libraries.toml", 'default = "plain"', 'default = "rich"')
    check(foundry, "long", {"cmake", "compile Core Tone", "link Core", "symbols Core"})


def test_an_option(foundry: Foundry) -> None:
    work = {"cmake", "compile Core Tone", "link Core", "symbols Core"}
    assert "TONE" in check(foundry, "long", work, "-D", "TONE=loud").text
    check(foundry, "fast", set(), "-D", "TONE=loud")
    check(foundry, "long", set(), env={"TONE": "loud"})  # the same value from elsewhere
    check(foundry, "long", work)


def test_an_unrelated_variable(foundry: Foundry) -> None:
    check(foundry, "fast", set(), env={"UNRELATED": "1", "HOME": "/", "CPATH": "/nothing"})


def test_flags_of_the_environment(foundry: Foundry) -> None:
    everything = {"cmake", "generate Core"} | ALL_CORE | ALL_FRONT
    assert check(foundry, "long", everything - {"generate Core"}, env={"CFLAGS": "-DFLAG=1"}).work
    check(foundry, "long", everything - {"generate Core"})


def test_a_compiler_replaced_in_place(foundry: Foundry) -> None:
    path = Path(foundry.environ["CC"])
    path.write_text(path.read_text(encoding="utf-8") + "# an upgrade\n", encoding="utf-8")
    done = foundry.build()
    assert done.way == "long"
    assert {"cmake", *ALL_CORE, *ALL_FRONT} <= done.work
    assert "compiler" in done.text


def test_a_file_that_was_only_touched(foundry: Foundry) -> None:
    (foundry.root / "core/src/Sum.c").touch()
    check(foundry, "edit", BODY)


def test_a_folder_of_tools_that_changed_and_changed_back(foundry: Foundry, tmp_path: Path) -> None:
    folder = tmp_path / "more tools"
    folder.mkdir()
    env = {"PATH": f"{folder}:{foundry.environ['PATH']}"}
    foundry.build(env=env)
    (folder / "passing").touch()
    (folder / "passing").unlink()
    check(foundry, "fast", set(), env=env)
    (folder / "something").touch()
    check(foundry, "long", set(), env=env)
    foundry.build()


def test_a_product_that_vanished_from_the_tree(foundry: Foundry) -> None:
    (foundry.root / "build/release/lib/libCore.so.1").unlink()
    check(foundry, "edit", {"link Core", "symbols Core"})


@pytest.mark.parametrize("name", ["foundry/lib/libCore.so.1", "foundry/front.so", "foundry/version.py"])
def test_a_published_file_that_vanished(foundry: Foundry, name: str) -> None:
    (foundry.root / name).unlink()
    check(foundry, "edit", set())
    assert (foundry.root / name).is_file()


def test_a_published_library_that_somebody_wrote_into(foundry: Foundry) -> None:
    library = foundry.root / "foundry/lib/libCore.so.1"
    whole = library.read_bytes()
    with library.open("r+b") as file:
        file.write(b"damaged")
    done = foundry.build()
    assert done.way == "edit" and {"link Core"} <= done.work
    assert library.read_bytes() == whole


def test_a_published_header_that_somebody_changed(foundry: Foundry) -> None:
    (foundry.root / "foundry/lib/include/Core/Core.h").write_text("#error\n", encoding="utf-8")
    check(foundry, "edit", set())
    assert "#error" not in (foundry.root / "foundry/lib/include/Core/Core.h").read_text(encoding="utf-8")


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda path: path.write_bytes(b"\0garbage\n" * 40),
    "cut": truncate,
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [".ninja_log", ".ninja_deps"])
def test_the_memory_of_ninja(foundry: Foundry, name: str, damage: str) -> None:
    DAMAGES[damage](foundry.root / "build/release" / name)
    foundry.build()
    foundry.append("core/include/Core/Core.h", f"/* after {name} {damage} */\n")
    assert {"compile front Front", "compile Core Sum"} <= foundry.build().work


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_journal(foundry: Foundry, damage: str) -> None:
    DAMAGES[damage](foundry.root / "foundry/lib/.published.json")
    foundry.append("core/src/Sum.c", f"/* after a journal that was {damage} */\n")
    check(foundry, "edit", BODY)
    assert "libCore.so.1" in (foundry.root / "foundry/lib/.published.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_record_of_the_fast_path(foundry: Foundry, damage: str) -> None:
    for record in (foundry.root / "build/fast").glob("*.json"):
        DAMAGES[damage](record)
    check(foundry, "long", set())


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_memory_of_the_configuration(foundry: Foundry, damage: str) -> None:
    DAMAGES[damage](foundry.root / "build/release/configure.json")
    done = foundry.build()
    assert done.way == "long" and "cmake" in done.work


def test_a_source_dated_in_the_future(foundry: Foundry) -> None:
    late = time.time() + 5000
    os.utime(foundry.root / "core/src/Sum.c", (late, late))
    done = check(foundry, "edit", BODY)
    assert "dated in the future" in done.text and "Sum.c" in done.text


def test_cmake_code_dated_in_the_future(foundry: Foundry) -> None:
    late = time.time() + 5000
    os.utime(foundry.root / "core/CMakeLists.txt", (late, late))
    assert "dated in the future" in check(foundry, "edit", {"cmake"}).text


def test_a_clock_that_was_put_back(foundry: Foundry) -> None:
    late = time.time() + 5000
    for path in (foundry.root / "build/release").rglob("*"):
        os.utime(path, (late, late), follow_symlinks=False)
    foundry.append("core/src/Sum.c", "/* after the clock was put back */\n")
    done = foundry.build()
    assert "the clock was put back" in done.text
    assert done.work >= ALL_CORE | ALL_FRONT


def test_a_commit(foundry: Foundry) -> None:
    git = ["git", "-C", str(foundry.root), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "core"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    foundry.build()
    version = foundry.root / "foundry/version.py"
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "two"], check=True, capture_output=True)
    check(foundry, "edit", set())
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert f"git_version = {head!r}" in version.read_text(encoding="utf-8")
    subprocess.run([*git, "pack-refs", "--all"], check=True, capture_output=True)
    check(foundry, "fast", set())
    subprocess.run([*git, "checkout", "-q", "-b", "side"], check=True, capture_output=True)
    check(foundry, "fast", set())  # another name for the same commit
    subprocess.run([*git, "checkout", "-q", "--detach"], check=True, capture_output=True)
    check(foundry, "fast", set())
    for words in (["tag", "v7.0"], ["commit", "-q", "--allow-empty", "-m", "three"], ["tag", "-d", "v7.0"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
        check(foundry, "long", set())  # the version may be another one; only once
        check(foundry, "fast", set())
    shutil.rmtree(foundry.root / ".git")
    foundry.build()


def test_a_manifest_saved_while_building(foundry: Foundry) -> None:
    """The build read the old one: the next command must look again."""
    script = foundry.root / "core/squares.sh"
    old = script.read_text(encoding="utf-8")
    manifest = foundry.root / "libraries.toml"
    script.write_text(f'{old}touch "{manifest}"\n', encoding="utf-8")
    (foundry.root / "setup.py").touch()  # takes the long way, which writes the record anew
    foundry.build()
    script.write_text(old, encoding="utf-8")
    assert foundry.build().way == "long"
