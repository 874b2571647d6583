"""Rebuild on import: one build for everybody who imports, words instead of riddles if it fails, and a way around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from orchestrator import process
from orchestrator.packaging import bootstrap, editable, importguard, importhook
from orchestrator.packaging.metadata import Metadata

ROOT = Path(__file__).resolve().parents[2]
SHOW = "import family; print(family.greeting)"
PACKAGE = """\
import ctypes
import pathlib

base = ctypes.CDLL(str(pathlib.Path(__file__).parent / "lib/libBase.so.1"))
base.base_greeting.restype = ctypes.c_char_p
greeting = base.base_greeting().decode()
"""


@dataclass(frozen=True)
class Checkout:
    """The small family as a Python package, registered in an environment of its own."""

    root: Path
    python: Path
    site: Path

    def run(self, code: str = SHOW, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=False, **self.how(variables))

    def how(self, variables: dict[str, str]) -> dict[str, object]:
        kept = {name: value for name, value in os.environ.items() if name not in ("FAMILY_REBUILD", "REBUILD_ON_IMPORT")}
        return {"env": kept | variables, "cwd": self.root.parent}

    def greet(self, text: str) -> None:
        """Edits the source that decides `family.greeting`."""
        path = self.root / "base/src/Greeting.c"
        path.write_text(f'#include "Base/Base.h"\nconst char *base_greeting(void) {{ return {text}; }}\n', encoding="utf-8")

    def build(self, *arguments: str) -> str:
        command = [self.python, ROOT / "tools/build_deps.py", "--manifest", self.root / "libraries.toml", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self.how({}))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def builds(self) -> int:
        return len(list((self.root / "build").glob("*/logs/[0-9]*")))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "a check'out"
    shutil.copytree(ROOT / "tests/packages/family", root)
    shutil.copytree(ROOT / "cmake", root / "cmake")
    (root / "family").mkdir()
    (root / "family/__init__.py").write_text(PACKAGE, encoding="utf-8")
    venv.EnvBuilder(symlinks=True, with_pip=False).create(tmp_path / "environment")
    python = tmp_path / "environment/bin/python"
    site = next((tmp_path / "environment/lib").glob("python3.*")) / "site-packages"
    # cmake and ninja, but none of the .pth files that the running environment may have, nor its byte code: the finders that
    # two tests write within a second have one name, and byte code tells sources apart by second and size.
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and not entry.name.startswith(("torch", "__editable__", "__pycache__")):
            (site / entry.name).symlink_to(entry)
    hook = editable.Hook(ROOT / "tools", root, root / "family/lib", root / "libraries.toml")
    for name, content in editable.editable_texts(root, "family", hook=hook).items():
        (site / name).write_bytes(content)
    made = Checkout(root, python, site)
    made.greet('"one"')
    made.build()
    return made


def test_an_edit_is_there_at_the_next_import(checkout: Checkout) -> None:
    first = checkout.run()
    assert (first.stdout, first.returncode) == ("one\n", 0), first.stderr
    count = checkout.builds()
    idle = checkout.run()
    assert (idle.stdout, idle.stderr) == ("one\n", ""), "an import with nothing to do prints or builds"
    assert checkout.builds() == count
    checkout.greet('"two"')
    edited = checkout.run()
    assert edited.stdout == "two\n" and "Greeting.c" in edited.stderr
    assert checkout.builds() == count + 1
    checkout.greet('"three"')
    off = checkout.run(FAMILY_REBUILD="0")
    assert (off.stdout, off.stderr) == ("two\n", "")


def test_a_failed_build_is_an_import_error_with_the_compilers_words(checkout: Checkout) -> None:
    checkout.greet("nothing_of_this_name")
    broken = checkout.run()
    assert broken.returncode == 1 and broken.stdout == ""
    error = broken.stderr[broken.stderr.index("ImportError: family was not imported") :]
    assert "status 7" in error and "nothing_of_this_name" in error and "FAMILY_REBUILD=0" in error
    assert broken.stderr.count("undeclared (first use") == 1, "the error is told twice"
    assert checkout.run(FAMILY_REBUILD="0").stdout == "one\n"
    # A session goes on: the import may be tried again.
    again = (
        "import pathlib, sys\ntry:\n    import family\nexcept ImportError as error:\n    assert error.name == 'family'\n"
        f"path = pathlib.Path({str(checkout.root / 'base/src/Greeting.c')!r})\n"
        "path.write_text(path.read_text().replace('nothing_of_this_name', '\"mended\"'))\n"
        "import family\nprint(family.greeting)\n"
    )
    assert checkout.run(again).stdout == "mended\n"


def test_it_works_in_the_checkout_itself(checkout: Checkout) -> None:
    """`python -c` puts the current folder before site-packages."""
    checkout.greet('"two"')
    how = {**checkout.how({}), "cwd": checkout.root}
    done = subprocess.run([checkout.python, "-c", SHOW], capture_output=True, text=True, check=False, **how)
    assert done.stdout == "two\n", done.stderr


def test_children_do_not_ask_again(checkout: Checkout) -> None:
    checkout.run()
    source = str(checkout.root / "base/src/Greeting.c")
    code = (
        "import os, subprocess, sys, pathlib, family\n"
        f"path = pathlib.Path({source!r}); path.write_text(path.read_text().replace('one', 'two'))\n"
        f"print(family.greeting, subprocess.check_output([sys.executable, '-c', {SHOW!r}], text=True).strip())\n"
    )
    done = checkout.run(code)
    assert done.stdout == "one one\n", done.stderr
    assert checkout.run().stdout == "two\n"


def test_the_guard_names_a_living_process() -> None:
    start = importguard._start_of(os.getpid())
    assert importguard.is_checked("0") and importguard.is_checked("off")
    assert importguard.is_checked(f"{os.getpid()}:{start}")
    for value in ("", "1", f"{os.getpid()}:1", f"{os.getpid()}", "none:1", "99999999:5"):
        assert not importguard.is_checked(value), value


def test_programs_of_a_build_do_not_build(checkout: Checkout) -> None:
    """A command of the build graph that imports the package would wait for the build that waits for it."""
    path = checkout.root / "base/CMakeLists.txt"
    command = f'"{checkout.python}" -c "import family"'
    path.write_text(
        path.read_text(encoding="utf-8")
        + f"\nadd_custom_target(importer ALL COMMAND {command} VERBATIM)\nadd_dependencies(importer Base)\n",
        encoding="utf-8",
    )
    checkout.greet('"inside"')
    done = checkout.run()
    assert done.stdout == "inside\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("good", [True, False])
def test_many_imports_at_once_are_one_build(checkout: Checkout, good: bool) -> None:
    checkout.run()
    before = checkout.builds()
    checkout.greet('"new"' if good else "broken")
    how = checkout.how({})
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([checkout.python, "-c", SHOW], **pipes, **how) for _ in range(64)]
    ended = [(*process.communicate(), process.returncode) for process in processes]
    errors = [error for _, error, _ in ended]
    if good:
        assert Counter((out, status) for out, _, status in ended) == {("new\n", 0): 64}, errors
        assert sum("Linking" in error for error in errors) == 1
        assert checkout.builds() == before + 1
        assert all(error.count("waiting") <= 1 for error in errors)
    else:
        assert Counter((out, status) for out, _, status in ended) == {("", 1): 64}
        assert all("undeclared (first use" in error for error in errors)
        # Whoever began before the answer was known may have to find it out; nobody else does.
        assert checkout.builds() <= before + 4


def test_without_tools_the_last_build_is_imported_with_a_warning(checkout: Checkout) -> None:
    checkout.run()
    for name in ("cmake", "ninja"):
        (checkout.site / name).unlink()
    shutil.rmtree(checkout.root / "build/fast")
    (checkout.root / "build/release/configure.json").write_text("{}")
    checkout.greet('"two"')
    done = checkout.run(PATH="/nowhere")
    assert done.stdout == "one\n" and done.returncode == 0, done.stderr
    assert "cmake" in done.stderr and "Traceback" not in done.stderr


def test_a_read_only_checkout_is_imported_with_a_warning(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by access(2), which says no where even root's open would fail (a read-only mount)."""
    monkeypatch.setattr(importhook.os, "access", lambda path, mode: False)
    monkeypatch.setattr(importhook.os, "dup2", lambda *_: None)
    said: list[str] = []
    monkeypatch.setattr(importhook, "_say", said.append)
    monkeypatch.chdir(checkout.root)
    assert importhook.main(str(checkout.root), str(checkout.root / "family/lib")) == importhook.UNABLE
    assert "cannot be written" in said[0]


def test_without_a_build_there_is_nothing_to_repeat(tmp_path: Path) -> None:
    assert importhook.arguments_for(str(tmp_path)) is None
    (tmp_path / ".published.json").write_text("not json")
    assert importhook.arguments_for(str(tmp_path)) is None


def test_the_configuration_of_the_package_is_built_again(checkout: Checkout) -> None:
    checkout.build("--config", "debug")
    words, base = importhook.arguments_for(str(checkout.root / "family/lib"), "m.toml") or ([], "")
    assert words == ["--again", "--config", "debug", "--build-dir", base, "--manifest", "m.toml"]
    checkout.greet('"two"')
    assert checkout.run().stdout == "two\n"
    log = (checkout.root / "build/debug/logs/latest/build.log").read_text(encoding="utf-8")
    assert "Greeting.c" in log


def test_python_starts_without_it(checkout: Checkout) -> None:
    code = "import sys; print(*sorted(sys.modules))"
    with_finder = set(checkout.run(code).stdout.split())
    for name in editable.editable_texts(checkout.root, "family"):
        (checkout.site / name).unlink()
    (checkout.site / "any.pth").write_text("# CPython 3.13 loads a codec for each file of this kind\n")
    assert with_finder - set(checkout.run(code).stdout.split()) == {"__editable___family_finder"}


def test_the_two_kinds_of_registration_differ(tmp_path: Path) -> None:
    plain = editable.editable_texts(ROOT)
    hooked = editable.editable_texts(ROOT, hook=editable.hook_for(ROOT))
    assert plain.keys() == hooked.keys() and plain != hooked
    assert b"importguard" not in b"".join(plain.values())
    assert editable.hook_for(ROOT).words() == [str(ROOT / "tools"), str(ROOT), str(ROOT / "torch/lib")]
    assert sys.executable and editable.switch_name("torch") == "TORCH_REBUILD"


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_pip_asks_for_it_by_a_setting(tmp_path: Path, wanted: str) -> None:
    import build_backend

    name = build_backend.build_editable(str(tmp_path), {"build": "false", "rebuild-on-import": ["false", wanted]})
    with zipfile.ZipFile(tmp_path / name) as wheel:
        finder = wheel.read("__editable___torch_finder.py").decode()
    assert ("importguard" in finder) is (wanted == "true")


def test_develop_asks_pip_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(editable, "_site_folders", lambda: [str(tmp_path)])
    monkeypatch.setattr(bootstrap, "_locked_reason", lambda: "")
    commands: list[list[str]] = []
    monkeypatch.setattr(process, "attached", lambda command, **_: commands.append(command) or 0)
    for rebuild in (True, False):
        with pytest.raises(editable.RegistrationError, match="is not there"):
            editable.register(Metadata(ROOT), rebuild=rebuild)
    assert ["rebuild-on-import=true" in command for command in commands] == [True, False]


def test_a_registration_of_the_other_kind_is_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(editable, "_site_folders", lambda: [str(tmp_path)])
    metadata = Metadata(ROOT)
    for name, content in editable.editable_texts(ROOT, hook=editable.hook_for(ROOT)).items():
        (tmp_path / name).write_bytes(content)
    metadata.write_dist_info(tmp_path)
    (tmp_path / metadata.dist_info / "RECORD").write_text("")
    record = f'{{"dir_info": {{"editable": true}}, "url": "file://{ROOT}"}}'
    (tmp_path / metadata.dist_info / "direct_url.json").write_text(record)
    assert editable.registration(metadata, rebuild=True) is not None
    assert editable.registration(metadata) is None
