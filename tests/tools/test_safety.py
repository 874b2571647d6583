"""Kills, second builds and hostile environments: the next build is right and the package stays whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import ROOT, Family

# A slow step in the build: the marker file says when it runs, and it waits until a second file appears or it is killed.
SLOW = """
add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/slow.h"
  COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/slow.sh" "${CMAKE_CURRENT_BINARY_DIR}/slow.h" VERBATIM)
target_sources(Base PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/slow.h")
"""

SLOW_SH = 'touch "$1.running"\nwhile [ ! -e "$1.go" ]; do sleep 0.05; done\ntouch "$1"\n'


@pytest.fixture
def slow(family: Family) -> Family:
    """The family with a step that waits for `let_go`."""
    family.edit("base/CMakeLists.txt", "torch_export_library(Base)", f"torch_export_library(Base)\n{SLOW}")
    (family.root / "base/slow.sh").write_text(SLOW_SH, encoding="utf-8")
    return family


def start(family: Family) -> subprocess.Popen[str]:
    # Whoever runs the tests in the background may have made SIGINT ignored, and children inherit that.
    return subprocess.Popen(
        family.command(),
        cwd=family.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for(path: Path) -> None:
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} did not appear")


def let_go(family: Family) -> None:
    (family.root / "build/release/base/slow.h.go").touch()


def test_a_second_build_waits_and_names_the_first(slow: Family) -> None:
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    second = start(slow)
    assert second.stdout is not None
    line = second.stdout.readline()
    assert line.startswith(f"waiting: the build tree is in use by process {first.pid} (build_deps)")
    let_go(slow)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "nothing to do" in out


def test_kill_9_leaves_the_lock_with_ninja_and_the_next_build_is_right(slow: Family) -> None:
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    first.kill()
    first.communicate()
    second = start(slow)
    assert second.stdout is not None
    # The first one's ninja still writes the tree.
    assert second.stdout.readline().startswith("waiting: the build tree is in use by process")
    let_go(slow)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert slow.call("upper.upper_mix(7, 5, 2)") == "10"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_everything_that_was_started(slow: Family, number: signal.Signals) -> None:
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    first.send_signal(number)
    _, err = first.communicate(timeout=30)
    assert first.returncode == 130
    assert "Interrupted: ninja" in err
    let_go(slow)
    second = start(slow)  # nobody holds the lock any more
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "waiting" not in out


def test_ctrl_c_while_waiting_works_at_once(slow: Family) -> None:
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    second = start(slow)
    assert second.stdout is not None
    second.stdout.readline()
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=30)
    assert second.returncode == 130
    let_go(slow)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 0, err  # the first one did not notice


def test_an_interrupt_stops_even_what_ignores_it(slow: Family) -> None:
    """A child of a command of ninja's, in the background and deaf to Ctrl-C: it would go on, and keep the lock."""
    text = "trap '' INT\n(while :; do sleep 0.05; done) &\necho $! > \"$1.pid\"\n"
    (slow.root / "base/slow.sh").write_text(text + SLOW_SH, encoding="utf-8")
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    pid = int((slow.root / "build/release/base/slow.h.pid").read_text(encoding="utf-8"))
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert first.returncode == 130
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or ") Z " in state.read_text(encoding="utf-8")  # nobody may have collected it yet
    (slow.root / "base/slow.sh").write_text(SLOW_SH, encoding="utf-8")
    let_go(slow)
    assert "waiting" not in slow.built().out


def test_many_who_wait_find_the_work_done(slow: Family) -> None:
    (slow.root / "base/slow.sh").write_text('touch "$1" "$1.go" "$1.running"\n', encoding="utf-8")
    slow.built()
    (slow.root / "base/slow.sh").write_text(SLOW_SH, encoding="utf-8")
    (slow.root / "build/release/base/slow.h.go").unlink()
    (slow.root / "build/release/base/slow.h.running").unlink()
    (slow.root / "build/release/base/slow.h").unlink()
    slow.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    first = start(slow)
    wait_for(slow.root / "build/release/base/slow.h.running")
    others = [start(slow) for _ in range(6)]
    for other in others:
        assert other.stdout is not None and other.stdout.readline().startswith("waiting: ")
    let_go(slow)
    first.communicate(timeout=60)
    assert first.returncode == 0
    for other in others:
        out, err = other.communicate(timeout=60)
        assert other.returncode == 0, err
        assert "nothing to do" in out and "[1/" not in out
    assert slow.call("upper.upper_mix(7, 5, 2)") == "11"


@pytest.mark.parametrize("moment", [0.05, 0.15, 0.3, 0.45, 0.6, 0.8])
def test_kill_9_at_a_moment_of_the_first_build(family: Family, moment: float) -> None:
    process = start(family)
    time.sleep(moment)
    process.kill()
    process.communicate()
    family.built()
    assert family.call("upper.upper_mix(7, 5, 2)") == "10"
    assert "nothing to do" in family.built().out


KILLED_WHILE_PUBLISHING = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from orchestrator import api
left = int(sys.argv[3])
def replace(self, target, original=pathlib.Path.replace):
    global left
    if self.name.endswith(".publishing"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return original(self, target)
pathlib.Path.replace = replace
root = pathlib.Path(sys.argv[2])
api.build(api.BuildRequest(root=root, quiet=True))
"""


@pytest.mark.parametrize("renames", [0, 1, 3])
def test_kill_9_while_publishing(family: Family, renames: int) -> None:
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    family.edit("upper/src/Upper.c", "base_add(a, b)", "base_add(a, b) * 2")
    family.edit("base/include/Base/Base.h", "/* Returns a + b. */", "/* Returns a + b + 1. */")
    family.edit("upper/include/Upper/Upper.h", "/* Returns", "/* Gives")
    command = [sys.executable, "-c", KILLED_WHILE_PUBLISHING, str(ROOT / "tools"), str(family.root), str(renames)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (family.root / "family/lib/.publishing").exists()
    assert family.call("upper.upper_mix(0, 0, 0)") is not None  # each library is whole, old or new
    family.built()
    assert family.call("upper.upper_mix(7, 5, 2)") == "24"
    left = [path.name for path in (family.root / "family").rglob(".*publishing")]
    assert left == []
    assert "nothing to do" in family.built().out


def test_a_running_process_keeps_its_library(family: Family) -> None:
    family.built()
    code = (
        "import ctypes, sys\n"
        f"base = ctypes.CDLL({str(family.root / 'family/lib/libBase.so.1')!r})\n"
        "print('ready', flush=True)\nsys.stdin.readline()\nprint(base.base_add(1, 1))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    family.edit("base/src/Base.c", "return a + b;", "return 77;")
    family.built()
    out, _ = process.communicate("\n")
    assert out.strip() == "2"
    assert family.call("base.base_add(1, 1)") == "77"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with another Base: a header that breaks whoever includes it, and a library of the same file name."""
    folder = tmp_path / "foreign"
    (folder / "Base").mkdir(parents=True)
    (folder / "Base/Base.h").write_text("#error a foreign header\n", encoding="utf-8")
    source = folder / "foreign.c"
    text = "int base_add(int a, int b) { return a * b * 0 - 99; }\nint base_subtract(int a, int b) { return a * b * 0 - 99; }\n"
    source.write_text(text + 'const char *base_greeting(void) { return "foreign"; }\n', encoding="utf-8")
    library = folder / "libBase.so.1"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-Wl,-soname,libBase.so.1", "-o", str(library), str(source)], check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("name", ["CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "LD_RUN_PATH"])
def test_the_environment_does_not_bring_in_a_foreign_copy(family: Family, foreign: Path, name: str) -> None:
    hostile = {name: str(foreign)}
    done = family.built(env=hostile)
    if name != "LD_LIBRARY_PATH":
        assert f"kept from the compilers: {name}" in done.out
    code = f"import ctypes; print(ctypes.CDLL({str(family.root / 'family/lib/libUpper.so.1')!r}).upper_mix(7, 5, 2))"
    run = subprocess.run([sys.executable, "-c", code], env=os.environ | hostile, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "10"


def test_no_path_of_the_builder_is_in_a_library(family: Family) -> None:
    family.built()
    for name in ("libBase.so.1", "libUpper.so.1"):
        assert str(family.root).encode() not in (family.root / "family/lib" / name).read_bytes()


def test_publishing_across_file_systems_copies(family: Family) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == family.root.stat().st_dev:
        pytest.skip("needs /dev/shm on another file system than the temporary folder")
    build = other / f"family-{os.getpid()}"
    try:
        family.built("--build-dir", str(build))
        assert family.call("upper.upper_mix(7, 5, 2)") == "10"
        assert family.built("--build-dir", str(build)).steps == []
    finally:
        shutil.rmtree(build)
