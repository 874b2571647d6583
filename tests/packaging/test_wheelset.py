"""tools/build_wheels.py: one native build, a thin one for each Python, and no trace of it in the development tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from bellfamily import ROOT, RUNNING, build, built, copy_of_bells
from environments import Environment
from orchestrator.gate.findings import TrialError
from orchestrator.gate.trial import clean, run_suite, try_wheel
from orchestrator.gate.wheelfacts import open_wheel
from orchestrator.packaging.archive import Archive
from orchestrator.packaging.interpreters import InterpreterError, find_interpreters
from orchestrator.packaging.wheel import record_text

OTHERS = [item for item in find_interpreters([], os.environ) if item.short != RUNNING]


@pytest.fixture(scope="session")
def bells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of tests/packages/bells, with the CMake modules beside it."""
    return copy_of_bells(tmp_path_factory.mktemp("wheels") / "a family")


@pytest.fixture(scope="session")
def made(bells: Path) -> dict[str, Any]:
    """Wheels for the running Python and one other, if there is one."""
    return built(bells, "--python", RUNNING, *[item.short for item in OTHERS[:1]])


def test_one_native_build_serves_each_python(bells: Path, made: dict[str, Any]) -> None:
    assert made["libraries"]["compiled"] == 1
    assert [wheel["compiled"] for wheel in made["wheels"]] == [1] * len(made["wheels"])
    libraries = set()
    for wheel in made["wheels"]:
        with zipfile.ZipFile(wheel["path"]) as archive:
            libraries.add(archive.read("bells/lib/libBell.so.1"))
            python = wheel["tag"].split("-")[0]
            assert f"Tag: {wheel['tag']}" in archive.read("bells-3.1.0.dist-info/WHEEL").decode()
            assert [name for name in archive.namelist() if name.startswith("bells/_ring.cpython-" + python[2:])]
    assert len(libraries) == 1
    again = built(bells, "--python", RUNNING)
    assert (again["libraries"]["compiled"], again["wheels"][0]["compiled"]) == (0, 0)
    assert again["wheels"][0]["sha256"] == next(
        wheel["sha256"] for wheel in made["wheels"] if wheel["python"].startswith(f"{RUNNING}.")
    )


def test_each_wheel_works_in_its_python(
    bells: Path, made: dict[str, Any], tmp_path: Path, install_wheel: Callable[[Environment, Path], None]
) -> None:
    for number, wheel in enumerate(made["wheels"]):
        subprocess.run([wheel["program"], "-m", "venv", "--without-pip", tmp_path / str(number)], check=True)
        environment = Environment(tmp_path / str(number))
        install_wheel(environment, Path(wheel["path"]))
        done = environment.run("-I", "-c", "import bells; print(bells.strokes(15), bells.__version__)", cwd=tmp_path)
        assert done.stdout == "3 3.1.0\n"


def test_the_development_tree_is_left_alone(bells: Path, made: dict[str, Any]) -> None:
    assert {path.name for path in (bells / "bells").iterdir()} == {"__init__.py"}
    assert {path.name for path in (bells / "build").iterdir()} == {"wheels"}
    assert not (bells / "compile_commands.json").is_symlink()


def test_what_is_made_passes_all_checks(bells: Path, made: dict[str, Any]) -> None:
    """Also those that a build leaves to the verb `check`: what twine and check-wheel-contents say."""
    done = build(bells, "check", *(wheel["path"] for wheel in made["wheels"]))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("passed contents, record, size, paths, symbols, search paths, tags, platform, metadata\n") == len(
        made["wheels"]
    )


def test_debug_symbols_stand_in_a_side_file(made: dict[str, Any], tmp_path: Path) -> None:
    wheel = made["wheels"][0]
    with zipfile.ZipFile(wheel["path"]) as archive:
        archive.extract("bells/lib/libBell.so.1", tmp_path)
    library = tmp_path / "bells/lib/libBell.so.1"
    sections = subprocess.run(["readelf", "-SnW", library], capture_output=True, text=True, check=True).stdout
    assert ".symtab" not in sections and ".debug_line" not in sections
    name = re.search(r"Build ID: ([0-9a-f]+)", sections)
    assert name is not None
    with zipfile.ZipFile(wheel["debug"]) as archive:
        debug = archive.extract(f".build-id/{name[1][:2]}/{name[1][2:]}.debug", tmp_path)
    lines = subprocess.run(["readelf", "-SW", debug], capture_output=True, text=True, check=True).stdout
    assert ".debug_line" in lines and ".symtab" in lines


def test_nothing_half_written_is_left(bells: Path, made: dict[str, Any]) -> None:
    assert {path.name for path in (bells / "dist").iterdir()} == {Path(wheel["path"]).name for wheel in made["wheels"]} | {
        "debug"
    }
    shutil.copytree(bells, bells.parent / "broken", ignore=shutil.ignore_patterns("build", "dist"))
    (bells.parent / "broken/ring/ring.c").write_text("this is no C\n")
    done = build(bells.parent / "broken", "--python", RUNNING)
    assert done.returncode == 7, done.stderr
    assert not (bells.parent / "broken/dist").exists()


def test_a_python_that_cannot_be_used_is_named(bells: Path, tmp_path: Path) -> None:
    for word, said in (("3.99", "There is no CPython 3.99 here."), ("3.9", "CPython 3.9 is too old: 3.11 is the oldest")):
        done = build(bells, "--python", word)
        assert done.returncode == 20
        assert said in done.stderr and f"{sys.executable}" in done.stderr, done.stderr
    fake = tmp_path / "python3.8"
    fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.8.1\n')
    fake.chmod(0o755)
    with pytest.raises(InterpreterError, match=r"made for .*python3.8: Python 3.8.1; CPython >= 3.11 is needed"):
        find_interpreters([str(fake)], os.environ)


def test_one_interpreter_of_each_version(tmp_path: Path) -> None:
    """The running one first, then PATH; a version that is found twice counts once."""
    (tmp_path / f"python{RUNNING}").symlink_to(sys.executable)
    found = find_interpreters([], {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)})
    assert [item.short for item in found if item.short == RUNNING] == [RUNNING]
    assert next(item for item in found if item.short == RUNNING).program == Path(sys.executable)


def rewritten(wheel: Path, folder: Path, name: str, text: str) -> Path:
    """The wheel with another text in one member, and a RECORD to match."""
    with zipfile.ZipFile(wheel) as archive:
        contents = {member: archive.read(member) for member in archive.namelist()}
    record = next(member for member in contents if member.endswith("/RECORD"))
    del contents[record]
    contents[name] = text.encode()
    with Archive(folder / wheel.name, date=0x20000000) as archive:
        archive.add([(record, record_text(archive.add(contents.items()), record))])
    return folder / wheel.name


def test_a_trial_tells_what_does_not_work(bells: Path, made: dict[str, Any], tmp_path: Path) -> None:
    wheel = next(Path(wheel["path"]) for wheel in made["wheels"] if wheel["python"].startswith(f"{RUNNING}."))
    steps = try_wheel(open_wheel(wheel), Path(sys.executable), "bells", "import bells; assert bells.strokes(0) == 12")
    assert steps == ("installed", "imported and used", "replaced an older one", "removed without a trace")
    module = "import pathlib\nfrom bells import _ring\npathlib.Path(__file__).with_name('litter').touch()\n"
    littering = rewritten(wheel, tmp_path, "bells/__init__.py", module)
    with pytest.raises(TrialError, match=r"removing it leaves .*bells/litter.* behind") as found:
        try_wheel(open_wheel(littering), Path(sys.executable), "bells", "")
    assert found.value.exit_code == 28
    with pytest.raises(TrialError, match="cannot import and use it") as found:
        try_wheel(open_wheel(wheel), Path(sys.executable), "bells", "import that_is_not_there")
    assert "No module named 'that_is_not_there'" in str(found.value)


RUNNER = """
import pathlib, sys, bells
here = sorted(path.name for path in pathlib.Path().iterdir())
print(sys.argv[1:], pathlib.Path(bells.__file__).is_relative_to(sys.prefix), here)
sys.exit(bells.strokes(15) != 3 or "fail" in sys.argv)
"""


def test_the_suite_runs_against_the_installed_wheel(
    bells: Path, made: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By something else of the name pytest, so that nothing is fetched."""
    info = "pytest-1.0.dist-info"
    contents = {
        "pytest/__main__.py": RUNNER,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: pytest\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    runner = tmp_path / "pytest-1.0-py3-none-any.whl"
    with Archive(runner, date=0x20000000) as archive:
        rows = archive.add((name, text.encode()) for name, text in contents.items())
        archive.add([(f"{info}/RECORD", record_text(rows, f"{info}/RECORD"))])
    wheel = open_wheel(next(Path(item["path"]) for item in made["wheels"] if item["python"].startswith(f"{RUNNING}.")))
    run_suite(wheel, Path(sys.executable), bells, "bells", [str(runner)], ["tests", "-q"])
    said = capfd.readouterr().out
    assert "['-p', 'no:cacheprovider', 'tests', '-q'] True [" in said and "'libraries.toml'" in said, said
    assert "'bells'" not in said, "the checkout's own package is out of sight"
    with pytest.raises(TrialError, match="tests fail against the installed wheel") as found:
        run_suite(wheel, Path(sys.executable), bells, "bells", [str(runner)], ["fail"])
    assert found.value.exit_code == 28


def test_what_a_trial_takes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_TARGET", "PIP_USER", "PYTHONPATH", "LD_PRELOAD", "PIP_INDEX_URL", "PIP_CERT"):
        monkeypatch.setenv(name, "x")
    assert {name for name in ("PIP_TARGET", "PIP_USER", "PYTHONPATH", "LD_PRELOAD") if name in clean()} == set()
    assert (clean()["PIP_INDEX_URL"], clean()["PIP_CERT"]) == ("x", "x")


def test_another_configuration_goes_to_another_folder(bells: Path, tmp_path: Path) -> None:
    (wheel,) = built(bells, "--python", RUNNING, "--config", "debug", "--out", str(tmp_path / "wheel house"))["wheels"]
    assert Path(wheel["path"]).parent == tmp_path / "wheel house"
    with zipfile.ZipFile(wheel["path"]) as archive:
        assert "debug = True" in archive.read("bells/version.py").decode()


def test_a_wheel_that_was_changed_does_not_pass(bells: Path, made: dict[str, Any], tmp_path: Path) -> None:
    wheel = rewritten(Path(made["wheels"][0]["path"]), tmp_path, "bells/extra.py", "")
    done = build(bells, "check", str(wheel))
    assert done.returncode == 22 and "bells/extra.py is in it, and nothing says that it should be" in done.stderr


def test_two_builds_give_the_same_bytes(bells: Path) -> None:
    done = build(bells, "verify", "--quiet", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [wheel["name"][:17] for wheel in json.loads(done.stdout)["wheels"]] == [f"bells-3.1.0-cp{RUNNING.replace('.', '')}"]


def test_what_shows_of_the_circumstances_is_named(bells: Path, tmp_path: Path) -> None:
    """A library that tells when it was made."""
    shutil.copytree(bells, tmp_path / "bells", ignore=shutil.ignore_patterns("build", "dist"))
    source = tmp_path / "bells/bell/src/Bell.c"
    text = source.read_text().replace("% 12 + 1", "% 12 + 1 + (__TIME__[0] == 'x')")
    source.write_text(text.replace("(hour", "(__TIME__[hour % 8] == 'x' ? 0 : hour"))
    done = build(tmp_path / "bells", "verify", "--quiet")
    assert done.returncode == 29, done.stderr
    assert "time: bells/lib/libBell.so.1: section .rodata: holds the time of the build" in done.stderr, done.stderr


def test_the_backend_asks_for_more_only_when_a_release_is_made() -> None:
    """cibuildwheel and pip get the wheel of build_wheels.py with `-C release=true`, and its requirements only then."""
    import build_backend

    assert build_backend.get_requires_for_build_wheel({"DEBUG": "1"}) == []
    wanted = build_backend.get_requires_for_build_wheel({"release": ["false", "true"]})
    assert any(text.startswith("auditwheel") for text in wanted) and any(text.startswith("pyelftools") for text in wanted)


def test_logs_of_ci_are_folded(bells: Path, made: dict[str, Any]) -> None:
    source = bells / "ring/ring.c"
    source.write_text(source.read_text().replace("How often", "How many times"))
    done = build(bells, "--python", RUNNING, GITHUB_ACTIONS="true")
    assert done.returncode == 0, done.stderr
    folds = [line for line in done.stdout.splitlines() if line.startswith(("::group::", "::endgroup::"))]
    assert "::group::build: _ring" in folds[::2] and set(folds[1::2]) == {"::endgroup::"}, done.stdout
    assert re.search(r"^CPython \d+\.\d+\.\d+: ", done.stdout, re.MULTILINE)
    assert re.search(r"^  bells-3\.1\.0-\S+\.whl  .* [0-9a-f]{64}  1 ", done.stdout, re.MULTILINE), done.stdout


def test_the_backend_makes_the_same_wheel(bells: Path, made: dict[str, Any], tmp_path: Path) -> None:
    """What cibuildwheel and `pip wheel -C release=true` call, in another folder: byte for byte what build_wheels.py makes."""
    root = tmp_path / "elsewhere"
    shutil.copytree(bells, root, ignore=shutil.ignore_patterns("build", "dist"))
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    code = f"import build_backend; print(build_backend.build_wheel({str(tmp_path / 'out')!r}, {{'release': 'true'}}))"
    env = {**os.environ, "PYTHONPATH": str(root / "tools")}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    name = done.stdout.splitlines()[-1]
    wheel = built(bells, "--python", RUNNING)["wheels"][0]
    assert (name, sha256((tmp_path / "out" / name).read_bytes()).hexdigest()) == (Path(wheel["path"]).name, wheel["sha256"])
