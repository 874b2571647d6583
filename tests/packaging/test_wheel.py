"""The wheel: exactly the published files and the package's modules, right records, the same bytes, no trace of the builder."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import build_backend
import pytest
from orchestrator import api
from orchestrator.errors import OptionError
from orchestrator.packaging.metadata import GENERATOR, Metadata
from orchestrator.packaging.wheel import package_modules, wheel_members, write_wheel


@pytest.fixture(scope="session")
def names(wheel_file: Path) -> list[str]:
    with zipfile.ZipFile(wheel_file) as archive:
        return archive.namelist()


def test_holds_exactly_the_published_files_and_the_modules(root: Path, built: api.BuildResult, names: list[str]) -> None:
    dist_info = Metadata(root).dist_info
    expected = {file.destination for file in built.published} | set(package_modules(root))
    expected |= {f"{dist_info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert set(names) == expected
    assert len(names) == len(set(names))


def test_holds_what_users_need(root: Path, names: list[str]) -> None:
    for library in ("libTH.so.1", "libTHNN.so.1", "libTHD.so.1", "libscipy_openblas.so"):
        assert f"torch/lib/{library}" in names
    assert [name for name in names if re.fullmatch(r"torch/_C\.cpython-3\d+-[\w-]+\.so", name)]
    assert {"torch/__init__.py", "torch/py.typed", "torch/_C.pyi", "torch/version.py", "torch/nn/__init__.py"} <= set(names)
    for library in ("TH", "THNN", "THD"):
        headers = {
            path.relative_to(root / "lib" / library / "include") for path in (root / "lib" / library / "include").rglob("*.h")
        }
        assert headers
        assert {f"torch/lib/include/{header.as_posix()}" for header in headers} <= set(names)


def test_carries_the_licence_of_the_blas(built: api.BuildResult, names: list[str]) -> None:
    licences = [file.destination for file in built.published if file.kind == "licence"]
    assert licences
    assert set(licences) <= set(names)


def test_holds_nothing_else(names: list[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"torch", Path(names[-1]).parts[0]}
    assert [
        name for name in names if "__pycache__" in name or name.startswith("torch/csrc") or name.endswith((".c", ".cpp", ".o"))
    ] == []


def test_records_are_right(wheel_file: Path) -> None:
    with zipfile.ZipFile(wheel_file) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = {row[0]: row[1:] for row in csv.reader(archive.read(record).decode().splitlines())}
        assert set(rows) == set(archive.namelist())
        assert rows.pop(record) == ["", ""]
        for name, (digest, size) in rows.items():
            content = archive.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(content)), name


def test_tag_and_generator(wheel_file: Path) -> None:
    python = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    tag = f"{python}-{python}-linux_{os.uname().machine}"
    assert wheel_file.name == f"torch-0.4.0-{tag}.whl"
    with zipfile.ZipFile(wheel_file) as archive:
        text = archive.read("torch-0.4.0.dist-info/WHEEL").decode()
    assert f"Tag: {tag}\n" in text and "Root-Is-Purelib: false\n" in text and f"Generator: {GENERATOR}" in text


def test_modes_and_times_are_fixed(wheel_file: Path) -> None:
    with zipfile.ZipFile(wheel_file) as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {stat.S_IFREG | 0o644}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_small_enough(wheel_file: Path) -> None:
    with zipfile.ZipFile(wheel_file) as archive:
        kernels = [
            entry for entry in archive.infolist() if "/lib/libTHC" in entry.filename
        ]  # as large as the list of GPUs is long
        assert wheel_file.stat().st_size - sum(entry.compress_size for entry in kernels) <= 15e6


def test_the_same_content_gives_the_same_bytes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other times, modes, folders and order of the files must not show."""
    metadata, digests = Metadata(root), []
    for number, mode in ((1, 0o600), (2, 0o755)):
        folder = tmp_path / str(number)
        folder.mkdir()
        members = {}
        for name in ("torch/a.py", "torch/lib/b.so") if number == 1 else ("torch/lib/b.so", "torch/a.py"):
            path = folder / name.replace("/", "_")
            path.write_text(f"content of {name}")
            path.chmod(mode)
            os.utime(path, (number * 10**8, number * 10**8))
            members[name] = path
        write_wheel(folder, metadata, members, texts={"x.pth": b"x"})
        digests.append(hashlib.sha256(next(folder.glob("*.whl")).read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1500000000")
    write_wheel(tmp_path, metadata, {}, texts={"x.pth": b"x"})
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2017, 7, 14, 2, 40, 0)}


def test_a_product_that_is_not_in_the_list_stays_out(tmp_path: Path) -> None:
    for name in ("torch/__init__.py", "torch/lib/libold.so", "torch/lib/libnew.so", "torch/_C.so", "torch/csrc/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    new = api.PublishedFile("torch/lib/libnew.so", tmp_path / "x", "library", "new", 0, 0)
    assert list(wheel_members(tmp_path, [new])) == ["torch/__init__.py", "torch/lib/libnew.so"]


def test_libraries_find_each_other_by_place_only(root: Path, built: api.BuildResult) -> None:
    """DT_RPATH relative to $ORIGIN (RUNPATH would lose against LD_LIBRARY_PATH), and no path of the builder."""
    own = [file for file in built.published if file.kind in {"library", "extension"} and "openblas" not in file.destination]
    assert len(own) >= 3
    for file in own:
        path = root / file.destination
        dynamic = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        assert "(RUNPATH)" not in dynamic, file.destination
        for found in re.findall(r"\(RPATH\).*\[(.*)\]", dynamic):
            assert all(part.startswith("$ORIGIN") for part in found.split(":")), (file.destination, found)
        assert str(root).encode() not in path.read_bytes(), f"{file.destination} holds the path of its builder"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"DEBUG": "1"}, ("DEBUG=1",)),
        ({"BLAS": ["none", "auto"], "CPU_LEVELS": "BASE"}, ("BLAS=auto", "CPU_LEVELS=BASE")),
        (None, ()),
    ],
)
def test_settings_reach_the_request(settings: dict[str, object] | None, expected: tuple[str, ...]) -> None:
    request, build = build_backend.request_from(settings, "build_wheel")
    assert request.defines == expected
    assert build is True


def test_own_settings() -> None:
    request, build = build_backend.request_from({"build": "false", "config": "debug", "jobs": "3"}, "build_editable")
    assert (request.config, request.jobs, request.defines, build) == ("debug", 3, (), False)
    with pytest.raises(OptionError, match="jobs=many"):
        build_backend.request_from({"jobs": "many"}, "build_wheel")
