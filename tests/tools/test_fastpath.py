"""The fast answer is given when nothing changed, and never when something did."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Family, copy_family

# Runs the fast path alone and prints what it answered.
ASK = """
import sys
import time
sys.path.insert(0, sys.argv[1])
from orchestrator.fastpath import try_fast
print(try_fast(sys.argv[2], sys.argv[3:], "build_deps"))
"""


def ask(family: Family, *arguments: str, env: dict[str, str] | None = None) -> bool:
    command = [sys.executable, "-c", ASK, str(ROOT / "tools"), str(family.root), *family.command(*arguments)[2:]]
    environ = os.environ | (env or {})
    done = subprocess.run(command, cwd=family.root, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1] == "True"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Family:
    return copy_family(tmp_path_factory.mktemp("fast") / "a family")


@pytest.fixture
def ready(tree: Family) -> Family:
    """A family for which the fast path answers: one tree serves all tests, and is built again where one left it changed."""
    if not (tree.root / "build").exists() or not ask(tree):
        tree.built()
        assert ask(tree)
    return tree


def touch(name: str) -> Callable[[Family], None]:
    return lambda family: os.utime(family.root / name, ns=(1, 1))


def delete(name: str) -> Callable[[Family], None]:
    return lambda family: (family.root / name).unlink()


def create(name: str) -> Callable[[Family], None]:
    return lambda family: (family.root / name).write_text("#define NEW 1\n", encoding="utf-8") and None


CHANGES = {
    "a source": lambda family: family.edit("base/src/Base.c", "return a + b;", "return b + a;"),
    "a header": touch("base/include/Base/Base.h"),
    "a new public header": create("base/include/Base/New.h"),
    "cmake code": lambda family: family.edit("base/CMakeLists.txt", "enable_testing()", "enable_testing() # changed"),
    "the manifest": touch("libraries.toml"),
    "a published library": delete("family/lib/libUpper.so.1"),
    "a damaged library": touch("family/lib/libBase.so.1"),
    "a published header": delete("family/lib/include/Base/Base.h"),
    "the version file": touch("family/version.py"),
    "an object": delete("build/release/base/CMakeFiles/Base.dir/src/Base.c.o"),
    "an interrupted publication": create("family/lib/.publishing"),
    "the configuration": delete("build/release/configure.json"),
    "the build tree": delete("build/release/build.ninja"),
    "a new setup.py": create("setup.py"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_takes_the_long_path(ready: Family, change: str) -> None:
    CHANGES[change](ready)
    assert not ask(ready)
    if change != "a damaged library":
        ready.built()
        assert ask(ready)


@pytest.mark.parametrize("name", ["DEBUG", "GREETING", "NO_CUDA", "CFLAGS", "CC", "MAX_JOBS", "PATH"])
def test_each_variable_of_the_ledger_takes_the_long_path(ready: Family, name: str) -> None:
    assert not ask(ready, env={name: "/changed"})


def test_other_variables_do_not(ready: Family) -> None:
    assert ask(ready, env={"LD_LIBRARY_PATH": "/x", "CPATH": "/y", "HOME": "/z", "UNRELATED": "1"})


def test_what_looks_like_a_switch_is_said_to_be_none_each_time(ready: Family) -> None:
    slip = {"USE_CUDDA": "1"}
    for _ in range(2):
        assert not ask(ready, env=slip)
        done = ready.built(env=slip)
        assert "environment variable USE_CUDDA=1 is no option and has no effect. Did you mean USE_CUDA?" in done.out + done.err
    others = {"BUILD_NUMBER": "7", "NO_COLOR": "1"}
    ready.built(env=others)
    assert ask(ready, env=others) and ask(ready), "names of other programs cost nothing"


def test_other_arguments_have_their_own_answer(ready: Family) -> None:
    assert not ask(ready, "Base")
    ready.built("Base")
    assert ask(ready, "Base") and ask(ready)


def test_what_a_caller_watches(ready: Family, tmp_path: Path) -> None:
    from orchestrator import api, fastpath

    watched = tmp_path / "registration"
    watched.write_text("here", encoding="utf-8")
    request = api.BuildRequest(root=ready.root, quiet=True, command="develop")
    result = api.build(request)
    api.remember(request, result, argv=["develop", "-q"], watch=[watched])
    assert fastpath.try_fast(str(ready.root), ["develop", "-q"], "develop")
    watched.unlink()
    assert not fastpath.try_fast(str(ready.root), ["develop", "-q"], "develop")


def test_a_damaged_record_is_no_answer_and_no_error(family: Family) -> None:
    family.built()
    assert ask(family)
    (record,) = (family.root / "build/fast").glob("*.json")
    for text in ("", "{", "[]", '{"format": 2}'):
        record.write_text(text, encoding="utf-8")
        assert not ask(family)


def test_the_fast_path_imports_little(ready: Family) -> None:
    tool = ROOT / "tools" / "build_deps.py"
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            "import sys; sys.path.insert(0, sys.argv[1]); import orchestrator.fastpath; print(*sys.modules)",
        ]
        + [str(tool.parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {
        "dataclasses",
        "argparse",
        "pathlib",
        "subprocess",
        "tomllib",
        "typing",
        "importlib.metadata",
        "setuptools",
        "shutil",
    }
    assert heavy.isdisjoint(done.stdout.split())


# The same, and the files that it opened.
WATCH = "import sys\nopened = []\nsys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n" + ASK


def test_the_names_of_git_are_read_only_after_they_changed(family: Family) -> None:
    """A file of a hundred thousand packed names would cost more than all the rest."""
    git = ["git", "-C", str(family.root), "-c", "user.name=x", "-c", "user.email=x@example.org"]

    def run(*words: str) -> None:
        subprocess.run([*git, *words], check=True, capture_output=True)

    def opened() -> list[str]:
        command = [sys.executable, "-c", f"{WATCH}print(*opened, sep='\\n')", str(ROOT / "tools"), str(family.root)]
        command += family.command()[2:]
        done = subprocess.run(command, cwd=family.root, env=dict(os.environ), capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        assert lines[lines.index("True")] == "True", "it has an answer"
        return [line for line in lines if line.endswith("packed-refs")]

    for words in (("init", "-q"), ("add", "base"), ("commit", "-q", "-m", "one"), ("tag", "v1.0"), ("pack-refs", "--all")):
        run(*words)
    time.sleep(0.05)  # the clock of file systems is coarse
    family.built()
    assert not opened()
    run("tag", "v2.0")
    assert not ask(family)
    family.built()
    run("pack-refs", "--all")
    assert opened(), "only their place is another"
