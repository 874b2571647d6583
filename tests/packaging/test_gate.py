"""The gate: a wheel without a fault passes, and each seeded fault is found, named, and has its exit code."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from orchestrator.gate.checks import CHECKS
from orchestrator.gate.findings import GateError
from orchestrator.gate.gatekeeper import inspect, read_limits
from orchestrator.gate.platformtag import glibc_of
from orchestrator.gate.release import check_release
from orchestrator.gate.reproduce import first_difference
from orchestrator.gate.wheelfacts import Expected, WheelFacts, open_wheel

PYTHON = f"{sys.version_info[0]}{sys.version_info[1]}"
TAG = f"cp{PYTHON}-cp{PYTHON}-manylinux_2_28_{os.uname().machine}"
INFO = "bell-1.0.dist-info"
EXTENSION = f"bell/_bell.cpython-{PYTHON}-x86_64-linux-gnu.so"
METADATA = """\
Metadata-Version: 2.4
Name: bell
Version: 1.0
Summary: rings
Description-Content-Type: text/markdown

It rings.
"""


def compile_library(folder: Path, name: str, source: str, *flags: str) -> bytes:
    """A shared library of one line of C, stripped."""
    (folder / "source.c").write_text(source)
    shared = ["-shared", "-fPIC", "-Wl,--disable-new-dtags", "-Wl,-s", f"-Wl,-soname,{name}"]
    subprocess.run(["cc", "source.c", "-o", name, *shared, *flags], cwd=folder, check=True)
    return (folder / name).read_bytes()


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A library, and something that needs it, each in a good form and in several bad ones."""
    folder = tmp_path_factory.mktemp("libraries")
    ring, call = "int bell_ring(void) { return 1; }", "int bell_ring(void); int PyInit__bell(void) { return bell_ring(); }"
    make = {name: compile_library(folder, "libbell.so.1", *words) for name, words in {
        "libbell": (ring,),
        "chatty": (f"{ring} int helper(void) {{ return 2; }}",),
        "telling": (f'{ring} const char *bell_home = "/builder/checkout/bell.c";',),
        "new": ("#include <pthread.h>\nint bell_ring(void) { return pthread_create(0, 0, 0, 0); }",),
    }.items()}  # fmt: skip
    compile_library(folder, "libbell.so.1", ring)
    unstripped = subprocess.run(["cc", "-shared", "-fPIC", "-g", "source.c", "-o", "unstripped.so"], cwd=folder, check=True)
    assert unstripped.returncode == 0
    make["unstripped"] = (folder / "unstripped.so").read_bytes()
    for name, flags in {
        "_bell": ("-Wl,-rpath,$ORIGIN/lib",),
        "runpath": ("-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN/lib"),
        "absolute": ("-Wl,-rpath,/builder/lib",),
        "outside": ("-Wl,-rpath,$ORIGIN/../../lib",),
        "lost": (),
    }.items():
        make[name] = compile_library(folder, "_bell.so", call, "-L.", "-l:libbell.so.1", *flags)
    return make


def good(libraries: Mapping[str, bytes]) -> dict[str, bytes]:
    """The members of a wheel that has no fault; RECORD is added when it is written."""
    return {
        "bell/__init__.py": b'"""A bell."""\n',
        "bell/lib/bell.h": b"int bell_ring(void);\n",
        "bell/lib/libbell.so.1": libraries["libbell"],
        EXTENSION: libraries["_bell"],
        f"{INFO}/METADATA": METADATA.encode(),
        f"{INFO}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
        f"{INFO}/licenses/LICENSE": b"free\n",
    }


EXPECTED = Expected(
    members=frozenset({"bell/__init__.py", "bell/lib/bell.h", "bell/lib/libbell.so.1", EXTENSION}),
    own={"bell/lib/libbell.so.1": ("bell_*",), EXTENSION: ("PyInit__bell",)},
    folders=("/builder/checkout",),
    budget=1_000_000,
    floor="manylinux_2_28",
)


def write(folder: Path, contents: Mapping[str, bytes], *, record: Mapping[str, str] | None = None, tag: str = TAG) -> Path:
    """A wheel with these members; `record` replaces rows of RECORD."""
    rows = {name: _row(name, data) for name, data in contents.items()} | dict(record or {})
    path = folder / f"bell-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
        archive.writestr(f"{INFO}/RECORD", "".join([*rows.values(), f"{INFO}/RECORD,,\n"]))
    return path


def _row(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def test_a_wheel_without_a_fault_passes(libraries: Mapping[str, bytes], tmp_path: Path) -> None:
    passed = inspect(open_wheel(write(tmp_path, good(libraries))), EXPECTED)
    assert passed.checks == tuple(CHECKS)


def replaced(name: str, library: str) -> Callable[[dict[str, bytes], Mapping[str, bytes]], None]:
    def change(contents: dict[str, bytes], libraries: Mapping[str, bytes]) -> None:
        contents[name] = libraries[library]

    return change


def added(name: str, data: bytes) -> Callable[[dict[str, bytes], Mapping[str, bytes]], None]:
    return lambda contents, _: contents.update({name: data})


def removed(name: str) -> Callable[[dict[str, bytes], Mapping[str, bytes]], None]:
    def change(contents: dict[str, bytes], _: Mapping[str, bytes]) -> None:
        del contents[name]

    return change


LIBRARY = "bell/lib/libbell.so.1"
FAULTS = {
    "missing header": (removed("bell/lib/bell.h"), 22, "bell/lib/bell.h is missing"),
    "missing licence": (removed(f"{INFO}/licenses/LICENSE"), 22, "licenses/* is missing"),
    "junk": (added("bell/lib/bell.o", b"x"), 22, "bell/lib/bell.o is in it, and nothing says that it should be"),
    "junk in metadata": (added(f"{INFO}/notes.txt", b"x"), 22, "notes.txt is in it"),
    "leaked path": (replaced(LIBRARY, "telling"), 24, f"{LIBRARY} names /builder/checkout/bell.c"),
    "leaked path in text": (
        added("bell/__init__.py", b'"""/builder/checkout"""'),
        24,
        "bell/__init__.py names /builder/checkout",
    ),
    "exports": (replaced(LIBRARY, "chatty"), 25, f"{LIBRARY} exports helper; it may export bell_*"),
    "debug symbols": (replaced(LIBRARY, "unstripped"), 25, f"{LIBRARY} was not stripped"),
    "RUNPATH": (replaced(EXTENSION, "runpath"), 25, "has a DT_RUNPATH ($ORIGIN/lib)"),
    "absolute RPATH": (replaced(EXTENSION, "absolute"), 25, "looks for libraries in /builder/lib, outside of the wheel"),
    "RPATH out of the wheel": (replaced(EXTENSION, "outside"), 25, "looks for libraries in $ORIGIN/../../lib, outside"),
    "no RPATH": (
        replaced(EXTENSION, "lost"),
        25,
        "needs libbell.so.1, which is neither the system's nor where it looks (nowhere)",
    ),
    "platform": (replaced(LIBRARY, "new"), 26, f"{LIBRARY} uses pthread_create of GLIBC_2.34"),
    "tag": (added(f"{INFO}/WHEEL", b"Wheel-Version: 1.0\nTag: py3-none-any\n"), 27, "WHEEL says py3-none-any"),
    "metadata": (
        added(f"{INFO}/METADATA", METADATA.replace("Description-Content-Type: text/markdown\n", "").encode()),
        27,
        "twine: ",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(
    libraries: Mapping[str, bytes], tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, code, said = FAULTS[fault]
    if code not in (26, 27):  # the programs that these checks start take most of the time
        monkeypatch.setattr("orchestrator.gate.gatekeeper.CHECKS", {name: CHECKS[name] for name in list(CHECKS)[:-2]})
    contents = good(libraries)
    change(contents, libraries)
    with pytest.raises(GateError) as found:
        inspect(open_wheel(write(tmp_path, contents)), EXPECTED)
    assert said in str(found.value) and found.value.exit_code == code, str(found.value)
    assert "What to do: " in str(found.value)


def test_size_record_and_extension(libraries: Mapping[str, bytes], tmp_path: Path) -> None:
    def findings(path: Path, check: str, expected: Expected = EXPECTED) -> list[str]:
        return [finding.text for finding in CHECKS[check](open_wheel(path), expected)]

    path = write(tmp_path, good(libraries))
    (text,) = findings(path, "size", replace(EXPECTED, budget=1000))
    assert text.startswith("it has 0.03 MB, and the budget is 0.00 MB (largest, unpacked: bell/")
    rows = {"bell/__init__.py": "bell/__init__.py,sha256=x,1\n", "no": "gone,sha256=x,1\n"}
    wrong = write(tmp_path, good(libraries), record=rows)
    assert findings(wrong, "record") == ["bell/__init__.py is not what RECORD says", "RECORD names gone, which is missing"]
    other = good(libraries)
    other["bell/_bell.cpython-27-x86_64-linux-gnu.so"] = other.pop(EXTENSION)
    (text,) = findings(write(tmp_path, other), "tags")
    assert text.startswith("bell/_bell.cpython-27-x86_64-linux-gnu.so is for CPython 27, and the wheel for")


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-1-py3-none-any.whl").write_text("no archive")
    with pytest.raises(Exception, match="cannot be read as a wheel"):
        open_wheel(tmp_path / "x-1-py3-none-any.whl")


def test_tags_of_platforms() -> None:
    assert glibc_of("manylinux_2_28_x86_64") < glibc_of("manylinux_2_34_x86_64") < glibc_of("linux_x86_64")
    assert glibc_of("manylinux2014_x86_64") == (2, 17)


def test_limits_are_read(root: Path, tmp_path: Path) -> None:
    limits = read_limits(root / "pyproject.toml")
    assert limits.floor == "manylinux_2_28" and limits.size_budget == 15_000_000 and "import torch" in limits.smoke
    (tmp_path / "pyproject.toml").write_text("[tool.build_wheels]\nsize-budget = 'much'\n")
    with pytest.raises(Exception, match="size-budget"):
        read_limits(tmp_path / "pyproject.toml")


# --- two builds ----------------------------------------------------------------------------------------------------------


def pair(folder: Path, one: list[tuple[str, bytes]], other: list[tuple[str, bytes]], **entry: object) -> tuple[Path, Path]:
    """Two archives; `entry` are attributes of the second one's members."""
    paths = folder / "one.whl", folder / "other.whl"
    for number, (path, members) in enumerate(zip(paths, (one, other), strict=True)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                for attribute, value in entry.items() if number else ():
                    setattr(info, attribute, value)
                archive.writestr(info, data)
    return paths


A, B = ("a.py", b"print(1)\n" * 40), ("b.py", b"pass\n")


@pytest.mark.parametrize(
    ("kind", "member", "other", "entry"),
    [
        ("member", "c.py", [A, B, ("c.py", b"")], {}),
        ("path", "a.py", [("a.py", b"# /the/other/place/x\n"), B], {}),
        ("time", "a.py", [("a.py", A[1] + b"# 2026-01-02 10:11:12\n"), B], {}),
        ("order", "a.py", [B, A], {}),
        ("content", "b.py", [A, ("b.py", b"fail\n")], {}),
        ("time", "a.py", [A, B], {"date_time": (1999, 1, 1, 0, 0, 0)}),
        ("mode", "a.py", [A, B], {"external_attr": 0o777 << 16}),
        ("compression", "a.py", [A, B], {"compress_type": zipfile.ZIP_STORED}),
    ],
)
def test_the_first_difference_and_its_class(
    tmp_path: Path, kind: str, member: str, other: list[tuple[str, bytes]], entry: dict[str, object]
) -> None:
    first = [("a.py", A[1] + b"# 2025-01-02 10:11:12\n"), B] if kind == "time" and not entry else [A, B]
    found = first_difference(*pair(tmp_path, first, other, **entry), ("/the/first/place", "/the/other/place"))
    assert found is not None and (found.kind, found.member) == (kind, member), found


def test_equal_archives_have_no_difference(tmp_path: Path) -> None:
    assert first_difference(*pair(tmp_path, [A, B], [A, B]), ("/x", "/y")) is None


def test_a_build_id_alone_is_told_from_code(tmp_path: Path, libraries: Mapping[str, bytes]) -> None:
    def library(number: int, identity: str) -> bytes:
        source = f"int bell_ring(void) {{ return {number}; }}"
        return compile_library(tmp_path, "libbell.so.1", source, f"-Wl,--build-id=0x{identity}")

    one, same, other = library(1, "01" * 20), library(1, "02" * 20), library(7, "01" * 20)
    found = first_difference(*pair(tmp_path, [("l.so", one)], [("l.so", same)]), ("/x", "/y"))
    assert found is not None and found.kind == "build-id"
    found = first_difference(*pair(tmp_path, [("l.so", one)], [("l.so", other)]), ("/x", "/y"))
    assert found is not None and found.kind == "content" and "section .text" in found.text


# --- releases ------------------------------------------------------------------------------------------------------------


def test_only_a_tagged_and_clean_checkout_is_released(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    with pytest.raises(GateError, match="is no git checkout"):
        check_release(tmp_path, "1.0")
    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "one")
    with pytest.raises(GateError, match="the commit has no tag, and the version is 1.0"):
        check_release(tmp_path, "1.0")
    git("tag", "v1.0")
    check_release(tmp_path, "1.0")
    with pytest.raises(GateError, match=r"has the tags v1.0, and the version is 1.1"):
        check_release(tmp_path, "1.1")
    (tmp_path / "a").write_text("2")
    with pytest.raises(GateError, match="differs from its commit: a") as found:
        check_release(tmp_path, "1.0")
    assert found.value.exit_code == 21
    with pytest.raises(GateError, match="which indices do not take"):
        check_release(tmp_path, "1.0.dev3+dirty")


def test_facts_of_a_wheel(libraries: Mapping[str, bytes], tmp_path: Path) -> None:
    wheel: WheelFacts = open_wheel(write(tmp_path, good(libraries)))
    assert wheel.libraries[EXTENSION].needed[0] == "libbell.so.1"
    assert wheel.libraries[EXTENSION].rpath == ("$ORIGIN/lib",)
    assert wheel.libraries["bell/lib/libbell.so.1"].exports == ("bell_ring",)
    assert wheel.libraries["bell/lib/libbell.so.1"].soname == "libbell.so.1"
