"""The record of a build: its files, its end after any error, and that it never stands in the way."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
from orchestrator.errors import CompileError
from orchestrator.events import (
    Began,
    Configured,
    Event,
    Explained,
    Note,
    Output,
    Progress,
    Published,
    Started,
    Step,
    StepEnded,
    Warned,
)
from orchestrator.front.log import BuildLog, logged
from orchestrator.front.owners import Owners, places

from .conftest import Family

OWNERS = Owners({"base/": "Base", "lib/libBase.so.1": "Base", "Base": "Base", "upper/": "Upper", "base/more/": "More"})
BEGAN = Began("build_deps", ("-j", "2"), "release", ("Base",), (("WERROR", "ON", "command line"),))


def events_of(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "latest/events.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Building C object base/CMakeFiles/Base.dir/src/a.c.o", "Base"),
        ("Building C object base/more/CMakeFiles/More.dir/a.c.o", "More"),
        ("Linking C shared library lib/libBase.so.1", "Base"),
        ("Listing the symbols of Base", "Base"),
        ("Generating upper/a.h, upper/b.h", "Upper"),
        ("Re-running CMake...", ""),
    ],
)
def test_the_library_of_a_command(text: str, owner: str) -> None:
    assert OWNERS.of(text) == owner


def test_each_library_has_its_own_log(tmp_path: Path) -> None:
    with BuildLog(tmp_path, owners=OWNERS) as log:
        for event in (
            Output("before"),
            Progress(1, 2, "Building C object base/a.c.o"),
            Output("[1/2] Building C object base/a.c.o"),
            Output("base/a.c:1: warning: w"),
            Progress(2, 2, "Building C object upper/b.c.o"),
            Output("[2/2] Building C object upper/b.c.o"),
            Published(("p",), ()),
            Output("after"),
        ):
            log.write(event)
    latest = tmp_path / "latest"
    assert (latest / "Base.log").read_text() == "[1/2] Building C object base/a.c.o\nbase/a.c:1: warning: w\n"
    assert (latest / "Upper.log").read_text() == "[2/2] Building C object upper/b.c.o\n"
    assert (latest / "build.log").read_text().splitlines()[-2:] == ["published p", "after"]
    assert latest.readlink() == Path(log.folder.name) and log.path == log.folder / "build.log"


def test_lines_of_builds_that_overlap_go_to_their_libraries(tmp_path: Path) -> None:
    with BuildLog(tmp_path, owners=OWNERS) as log:
        for event in (
            Step("zoo", "build"),
            Output("[1/2] compile", "zoo"),
            Progress(1, 3, "Building C object base/a.c.o"),
            Output("[1/1] Building C object base/a.c.o"),
            Progress(2, 3, "Building C object base/a.c.o", "zoo"),
            Output("[2/2] Building C object base/a.c.o", "zoo"),
            StepEnded("zoo", "build", 1.5, 1),
        ):
            log.write(event)
    latest = tmp_path / "latest"
    assert (latest / "Base.log").read_text() == "[1/1] Building C object base/a.c.o\n"
    assert (latest / "zoo.log").read_text() == "[1/2] compile\n[2/2] Building C object base/a.c.o\n"
    lines = (latest / "build.log").read_text().splitlines()
    assert lines[1] == "zoo: [1/2] compile" and lines[-1] == "== zoo: build failed with status 1 after 1.50 s"


def test_every_event_is_a_line_of_json(tmp_path: Path) -> None:
    change = {"scope": "Base", "name": "A", "before": "1", "after": "2", "cause": ""}
    with BuildLog(tmp_path, began=BEGAN, now=lambda: 1000.5) as log:
        for event in (
            Started("build", "Base"),
            Configured(("A",), 0.5, (change,)),
            Explained("x.o", "dirty"),
            Output("\udcff"),
        ):
            log.write(event)
        log.predicted = 2.5
    lines = events_of(tmp_path)
    assert [line["event"] for line in lines] == ["Began", "Started", "Configured", "Explained", "Output", "Ended"]
    assert lines[0]["options"] == [["WERROR", "ON", "command line"]] and lines[0]["time"] == 1000.5
    assert lines[2]["changes"] == [change]
    assert lines[-1] == {"event": "Ended", "time": 1000.5, "status": 0, "seconds": 0.0, "predicted": 2.5, "error": ""}


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CompileError("It failed.\nmore"), 7, "It failed."),
        (KeyboardInterrupt(), 130, "KeyboardInterrupt"),
        (ValueError("x"), 1, "x"),
    ],
)
def test_the_record_ends_with_the_status_of_the_error(tmp_path: Path, error: BaseException, status: int, said: str) -> None:
    with pytest.raises(type(error)), BuildLog(tmp_path, began=BEGAN):
        raise error
    last = events_of(tmp_path)[-1]
    assert (last["event"], last["status"], last["error"]) == ("Ended", status, said)


def test_only_so_many_builds_are_kept(tmp_path: Path) -> None:
    (tmp_path / "20200101-000000-1").mkdir()
    (tmp_path / "20200101-000000-1/build.log").touch()
    (tmp_path / "20200101-000000-2.log").touch()
    (tmp_path / "mine").mkdir()
    for second in range(5):
        with BuildLog(tmp_path, kept=3, now=lambda second=second: 2e9 + second) as log:  # type: ignore[misc]
            log.write(Note("x"))
    kept = sorted(path.name for path in tmp_path.iterdir() if path.name[0].isdigit())
    assert len(kept) == 3 and kept[-1] == log.folder.name
    assert (tmp_path / "mine").is_dir() and (tmp_path / "latest/build.log").read_text() == "x\n"


def test_two_records_in_one_second(tmp_path: Path) -> None:
    folders = set()
    for _ in range(3):
        with BuildLog(tmp_path, now=lambda: 1e9) as log:
            log.write(Note("x"))
        folders.add(log.folder)
    assert len(folders) == 3 and (tmp_path / "latest").resolve() == log.folder


class Full:
    """A file on a disk that becomes full after so many lines."""

    def __init__(self, lines: int) -> None:
        self.left = lines

    def write(self, text: str) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(text)

    def close(self) -> None:
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk() -> Iterator[Path]:
    yield Path("/dev/full")


def test_a_full_disk_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    seen: list[Event] = []

    def open_file(path: Path) -> TextIO:
        return Full(2)  # type: ignore[return-value]

    with BuildLog(tmp_path, began=BEGAN, open_file=open_file) as log:
        emit = logged(log, seen.append)
        for number in range(10):
            emit(Note(str(number)))
    assert [event.text for event in seen if isinstance(event, Note)] == [str(number) for number in range(10)]
    (warning,) = [event for event in seen if isinstance(event, Warned)]
    assert warning.text == f"the log in {log.folder} cannot be written: No space left on device"


def test_a_real_full_device(tmp_path: Path, full_disk: Path) -> None:
    with BuildLog(tmp_path, began=BEGAN, open_file=lambda path: full_disk.open("w", buffering=1)) as log:
        log.write(Note("x"))
    assert "No space left on device" in log.trouble


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with BuildLog(tmp_path / "logs", began=BEGAN) as log:
        log.write(Note("x"))
    assert log.trouble


def test_a_build_records_itself_on_each_way(family: Family) -> None:
    logs = family.root / "build/release/logs"
    family.built("-D", "GREETING=hi")
    lines = events_of(logs)
    assert lines[0]["event"] == "Began" and lines[0]["options"] == [["GREETING", "hi", "command line"]]
    assert lines[0]["argv"][-2:] == ["-D", "GREETING=hi"] and lines[0]["libraries"] == ["Base", "Upper"]
    assert lines[-1]["event"] == "Ended" and lines[-1]["status"] == 0
    assert "Building C object upper" in (logs / "latest/Upper.log").read_text()
    assert "upper" not in (logs / "latest/Base.log").read_text()
    family.edit("base/src/Base.c", "return a + b;", "return a + c;")
    first = (logs / "latest").readlink()
    assert family.build("-D", "GREETING=hi").status == 7  # the way for an edit
    lines = events_of(logs)
    assert (logs / "latest").readlink() != first
    assert lines[0]["event"] == "Began" and lines[0]["options"] == [["GREETING", "hi", "command line"]]
    assert lines[-1]["status"] == 7 and lines[-1]["error"].startswith("The build failed at ")
    assert "undeclared" in (logs / "latest/Base.log").read_text()


def test_places_of_the_manifests_libraries() -> None:
    from orchestrator.detect import DETECTORS
    from orchestrator.manifest import load_manifest

    root = Path(__file__).resolve().parents[2]
    owners = Owners(places(load_manifest(root / "libraries.toml", detectors=tuple(DETECTORS)).libraries))
    assert owners.of("Building C object lib/THNN/CMakeFiles/THNN.dir/src/a.c.o") == "THNN"
    assert owners.of("Linking C shared library lib/libTH.so.1") == "TH"
    assert owners.of("Linking CXX shared module torch/_C.cpython-311-x86_64-linux-gnu.so") == "_C"
