"""Full disks, read-only checkouts, moved checkouts, file systems without locks: refused or handled, with the reason."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Done, Family, copy_family
from .kill_test import run as kill_builds

sys.path.insert(0, str(ROOT / "tools"))

from orchestrator.errors import BuildError, ConfigureError
from orchestrator.lock import locked
from orchestrator.publish import JOURNAL, MARKER, read_journal, withdraw
from orchestrator.tree import claim_tree, remove_tree, storage_trouble, sweep_partials, write_if_different
from orchestrator.values import Value


def private(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a shell script that may mount: in namespaces of its own, so that nothing of it outlives the script."""
    command = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    done = subprocess.run([*command, "sh", "-e", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert "unshare failed" not in done.stderr, "these tests need mount namespaces: run as root, or allow user namespaces"
    return done


def words(family: Family, *arguments: str) -> str:
    return shlex.join(family.command(*arguments))


def test_a_value_is_like_a_frozen_dataclass() -> None:
    class Point(Value):
        x: int
        y: int = 0

    class Named(Point):
        name: str = ""

    assert Point(1) == Point(x=1, y=0) != Point(1, 2)
    assert hash(Point(1)) == hash(Point(1)) and repr(Named(1, name="a")) == f"{Named.__qualname__}(x=1, y=0, name='a')"
    match Named(1, 2, "b"):
        case Named(x, y, name):
            assert (x, y, name) == (1, 2, "b")
    make: Any = Point
    for wrong in (lambda: make(), lambda: make(1, 2, 3), lambda: make(1, x=1), lambda: make(1, z=1)):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(AttributeError):
        Point(1).x = 2  # type: ignore[misc]


def test_a_file_system_without_locks_is_named(tmp_path: Path) -> None:
    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with (
        pytest.raises(BuildError, match="cannot lock files") as error,
        locked(tmp_path / "tree/.lock", "test", lambda event: None, flock=flock),
    ):
        pass
    assert str(tmp_path / "tree") in error.value.what and "--build-dir" in error.value.next_step


def test_what_a_killed_process_was_writing_goes_and_what_a_running_one_writes_stays(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        (tmp_path / f".record.json.{pid}").touch()
    (tmp_path / ".lock").touch()
    sweep_partials(tmp_path, tmp_path / "absent")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", f".record.json.{os.getpid()}"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_if_different(tmp_path / "file", "\udcff")
    assert list(tmp_path.iterdir()) == []


def test_a_tree_is_deleted_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    precious = tmp_path / "mine/precious"
    precious.touch()
    tree = tmp_path / "build/release"
    claim_tree(tree)
    (tree / "inside").symlink_to(precious.parent)
    link = tmp_path / "build/link"
    link.symlink_to(tree)
    remove_tree(link)
    assert not link.is_symlink() and tree.is_dir()
    remove_tree(tree)
    assert not tree.exists() and precious.exists()
    with pytest.raises(BuildError, match="not deleted"):
        remove_tree(precious.parent)


def test_a_journal_that_names_files_elsewhere_deletes_nothing_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.touch()
    root = tmp_path / "root"
    folder = root / "package/lib"
    folder.mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    names = ["../outside.txt", str(outside), "link/outside.txt"]
    items = ", ".join(
        f'{{"destination": "{name}", "source": "/x", "kind": "header", "owner": "x", "size": 0, "mtime_ns": 0}}'
        for name in names
    )
    (folder / JOURNAL).write_text(f'{{"files": [{items}]}}', encoding="utf-8")
    assert len(read_journal(folder)) == 3
    withdraw(root, folder, dry_run=False)
    assert outside.exists()


def test_a_full_disk_is_added_to_an_error_that_does_not_name_it(tmp_path: Path) -> None:
    script = f"""
mkdir {shlex.quote(str(tmp_path / "small"))}; mount -t tmpfs -o size=64k none {shlex.quote(str(tmp_path / "small"))}
cat > ask.py <<'END'
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT / "tools")!r})
from orchestrator.errors import ConfigureError
from orchestrator.tree import storage_trouble
folder = Path("small")
try:
    with storage_trouble(folder):
        raise ConfigureError("cmake failed", why="Log: x")
except ConfigureError as error:
    print(error)
END
{shlex.quote(sys.executable)} ask.py
"""
    done = private(script, tmp_path)
    assert "No space left on device: the file system of small" in done.stdout, done.stdout + done.stderr
    with pytest.raises(ConfigureError) as error, storage_trouble(tmp_path):
        raise ConfigureError("cmake failed", why="Log: x")
    assert "No space" not in str(error.value)


# How much of the build fits: nothing at all, a part of configuring, a part of compiling, everything but publishing.
SIZES = ("16k", "100k", "400k", "1m")


@pytest.mark.parametrize("size", SIZES)
def test_a_build_tree_on_a_full_disk(family: Family, size: str) -> None:
    """The package stays as it was; after space was made, the same command builds what the sources say."""
    family.built()
    shutil.rmtree(family.root / "build")
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    build = family.root / "small"
    build.mkdir()
    script = f"""
mount -t tmpfs -o size={size} none small
{words(family, "--build-dir", str(build))} && status=0 || status=$?
echo "status $status"
{shlex.quote(sys.executable)} -c "import ctypes; print('value', ctypes.CDLL('family/lib/libUpper.so.1').upper_mix(7, 5, 2))"
mount -o remount,size=64m small
{words(family, "--build-dir", str(build))}
{shlex.quote(sys.executable)} -c "import ctypes; print('value', ctypes.CDLL('family/lib/libUpper.so.1').upper_mix(7, 5, 2))"
{words(family, "--build-dir", str(build))}
find small family -name '.*.publishing'
"""
    done = private(script, family.root)
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    if size == SIZES[0]:
        assert "status 0" not in done.stdout
    if "status 0" not in done.stdout:
        assert "No space left" in shown and "What to do: " in shown and "Traceback" not in shown, shown
        assert done.stdout.count("value 10") == 1, shown
    assert "value 11" in done.stdout.splitlines() and "nothing to do" in done.stdout, shown
    assert ".publishing" not in done.stdout


def test_a_package_on_a_full_disk(family: Family) -> None:
    """Headers and (here) libraries are copied. All that takes space comes before the first rename."""
    (family.root / "base/include/Base/Large.h").write_text("/* " + "x" * 500_000 + " */\n", encoding="utf-8")
    script = f"""
mkdir family; mount -t tmpfs -o size=300k none family
{words(family)} && status=0 || status=$?
echo "status $status"
find family -name '.*.publishing' -o -name .publishing
mount -o remount,size=64m family
{words(family)}
{words(family)}
{shlex.quote(sys.executable)} -c "import ctypes; print('value', ctypes.CDLL('family/lib/libUpper.so.1').upper_mix(7, 5, 2))"
"""
    done = private(script, family.root)
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    assert "status 8" in done.stdout and "No space left on device" in done.stderr and "Traceback" not in done.stderr, shown
    assert "publishing" not in done.stdout.partition("status 8")[2], shown
    assert "value 10" in done.stdout and "nothing to do" in done.stdout, shown


def test_a_read_only_checkout(family: Family, tmp_path: Path) -> None:
    """Builds in the user's cache, says that nothing can be published, and the built libraries can be had elsewhere."""
    cache, prefix = tmp_path / "user cache", tmp_path / "prefix"
    script = f"""
export XDG_CACHE_HOME={shlex.quote(str(cache))}
mount --bind . . && mount -o remount,ro,bind . && cd "$PWD"
{words(family)}
{words(family, "--prefix", str(prefix))}
"""
    done = private(script, family.root)
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    assert "cannot be written: nothing was published" in shown and "--prefix" in shown
    assert not (family.root / "build").exists() and not (family.root / "family").exists()
    assert list(cache.glob("build_deps/*/release/lib/libBase.so.1"))
    assert list(prefix.rglob("libBase.so.1"))


def test_an_up_to_date_checkout_that_became_read_only(family: Family) -> None:
    family.built()
    done = private(f'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD"\n{words(family)}', family.root)
    assert done.returncode == 0 and "nothing to do" in done.stdout, done.stdout + done.stderr


def test_a_checkout_that_was_moved(tmp_path: Path) -> None:
    family = copy_family(tmp_path / "first/a family")
    family.built()
    moved = Family(tmp_path / "second/ein Überfall")
    moved.root.parent.mkdir()
    family.root.rename(moved.root)
    done: Done = moved.built()
    assert "folder" in done.out and str(family.root) in done.out
    assert done.count("Building C object") == 3
    assert moved.call("upper.upper_mix(7, 5, 2)") == "10"
    assert "nothing to do" in moved.built().out


@pytest.mark.parametrize("character", [",", ";", "$", "[", "\\", "\n"])
def test_a_path_that_tools_would_take_apart_is_refused(tmp_path: Path, character: str) -> None:
    family = copy_family(tmp_path / f"a{character}b")
    done = family.build()
    assert done.status == 1 and "holds" in done.err and "move the checkout" in done.err
    assert not (family.root / "build/release/build.ninja").exists()


MARKED: dict[str, Callable[[Path], object]] = {
    "an empty marker": lambda marker: marker.write_text("", encoding="utf-8"),
    "a marker of other files": lambda marker: marker.write_text('{"files": ["/etc/x", "../y", 3]}', encoding="utf-8"),
}


@pytest.mark.parametrize("marked", MARKED)
def test_a_damaged_marker(family: Family, marked: str) -> None:
    family.built()
    marker = family.root / "family/lib" / MARKER
    MARKED[marked](marker)
    family.built()
    assert not marker.exists()
    assert "nothing to do" in family.built().out


def test_kills_at_random_moments(tmp_path: Path) -> None:
    """The hundred of them: python tests/tools/kill_test.py --times 100"""
    lines: list[str] = []
    kill_builds(tmp_path, times=6, seed=7, say=lines.append)
    assert len(lines) == 6
