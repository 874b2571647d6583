"""The parts that need no build: plan, fingerprint, detection, ninja's output, processes, trees, publication."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from orchestrator.configure import first_error
from orchestrator.definitions import Definition
from orchestrator.detect import DETECTORS, Candidate, Context, Detection, Found, Missing, detect
from orchestrator.environment import cleaned
from orchestrator.errors import BuildError, PublishError, ToolMissingError
from orchestrator.fingerprint import Fingerprint
from orchestrator.graph import build_graph
from orchestrator.manifest import load_manifest
from orchestrator.ninja import NinjaRun, _failure, placed_line
from orchestrator.options import BUILTIN, resolve
from orchestrator.plan import Plan, make_plan
from orchestrator.process import capture
from orchestrator.product import Product
from orchestrator.publish import collect, publish, read_journal, withdraw
from orchestrator.stage import stage_all
from orchestrator.tree import claim_tree, remove_tree, write_if_different

ROOT = Path(__file__).resolve().parents[2]


def context(environ: Mapping[str, str], *defines: str) -> Context:
    return Context(resolve(BUILTIN, environ, defines), environ)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def example_plan(tmp_path: Path, found: dict[str, Detection], *names: str) -> Plan:
    manifest = load_manifest(ROOT / "tests/packages/family/libraries.toml", detectors=tuple(DETECTORS))
    options = resolve((*BUILTIN, *manifest.options), {}, ())
    graph = build_graph(manifest)
    return make_plan(manifest, graph, options, found, names=names, only=False, config="release", build_dir=tmp_path / "build")


@pytest.fixture
def found() -> dict[str, Detection]:
    here = Path("/tools")
    return {
        "compiler": Found("compiler", "gcc 12.2.0", here / "cc", "PATH", {"c": "/tools/cc", "cxx": "/tools/c++"}),
        "cmake": Found("cmake", "3.25.1", here / "cmake", "PATH", {"program": "/tools/cmake"}),
        "ninja": Found("ninja", "1.13.2", here / "ninja", "PATH", {"program": "/tools/ninja"}),
        "cuda": Missing("cuda", "off: no nvcc found", required=False),
    }


def test_a_plan_says_everything_before_anything_happens(tmp_path: Path, found: dict[str, Detection]) -> None:
    plan = example_plan(tmp_path, found)
    assert plan.targets == ("base/all", "upper/all")
    assert plan.definitions["TORCH_PROJECTS"] == "base;upper"
    assert plan.libraries[0].definitions["BASE_GREETING"] == Definition("hello", ("GREETING",))
    assert "set(BASE_GREETING [=[hello]=])" in plan.files()["libraries/Base.cmake"]
    assert plan.definitions["CMAKE_C_COMPILER"] == "/tools/cc"
    assert [product.destination for product in plan.products] == ["family/lib/libBase.so.1", "family/lib/libUpper.so.1"]
    assert 'set(TORCH_SIBLING_NEEDS_upper "Base")' in plan.siblings
    assert plan.complete
    assert not list(tmp_path.iterdir())


def test_a_part_of_the_libraries_is_the_same_configuration(tmp_path: Path, found: dict[str, Detection]) -> None:
    whole, part = example_plan(tmp_path, found), example_plan(tmp_path, found, "Base")
    assert part.targets == ("base/all",) and not part.complete
    assert part.definitions == whole.definitions and part.files() == whole.files()


def test_a_missing_requirement_lists_the_places(tmp_path: Path, found: dict[str, Detection]) -> None:
    looked = (Candidate("/usr/bin/ninja (PATH)", "1.11.1 is older than 1.13"),)
    found["ninja"] = Missing("ninja", "no ninja >= 1.13 found", looked)
    with pytest.raises(ToolMissingError) as caught:
        example_plan(tmp_path, found)
    text = str(caught.value)
    assert "/usr/bin/ninja (PATH): 1.11.1 is older than 1.13" in text
    assert "python -m pip install 'ninja>=1.13'" in text


def test_differences_are_said_in_words() -> None:
    now = Fingerprint({"compiler version": "gcc 13"}, {}, {"A": "1", "B": "2"})
    old = Fingerprint({"compiler version": "gcc 12"}, {}, {"A": "0", "C": "3"}).to_json()
    assert [change.text() for change in now.differences(old)] == [
        "compiler version: gcc 12 -> gcc 13",
        "A: 0 -> 1",
        "C is gone; it was 3",
        "B is new: 2",
    ]
    assert now.differences(now.to_json()) == ()


def test_the_environment_of_compilers() -> None:
    kept, removed = cleaned({"CPATH": "/x", "LD_RUN_PATH": "", "CFLAGS": "-O1", "HOME": "/h", "PYTHONPATH": "/p"})
    assert kept == {"HOME": "/h", "REBUILD_ON_IMPORT": "0"}
    assert removed == ("CPATH",)


def test_tools_are_judged_in_order(tmp_path: Path) -> None:
    script = program(tmp_path / "one/ninja", "echo 1.13.0")
    answer = detect(["ninja"], context({"PATH": f"{tmp_path}/one"}, f"NINJA={script}"))["ninja"]
    assert isinstance(answer, Missing)
    assert answer.looked == (Candidate(f"{script} (NINJA)", "a script that only starts the program"),)


def test_a_remembered_tool_comes_first(tmp_path: Path) -> None:
    first = detect(["cmake"], context({"PATH": os.environ["PATH"]}))["cmake"]
    assert isinstance(first, Found)
    link = tmp_path / "cmake"
    link.symlink_to(first.path)
    options = resolve(BUILTIN, {}, ())
    second = DETECTORS["cmake"](Context(options, {"PATH": os.environ["PATH"]}, {"cmake": str(link)}))
    assert isinstance(second, Found) and second.path == link and second.how == "made this build tree"


def test_a_program_beside_the_package_of_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = detect(["ninja"], context({"PATH": os.environ["PATH"]}))["ninja"]
    assert isinstance(real, Found)
    packages = tmp_path / "prefix/lib/python3/site-packages"
    (packages / "ninja").mkdir(parents=True)
    (packages / "ninja/__init__.py").touch()
    (tmp_path / "prefix/bin").mkdir()
    (tmp_path / "prefix/bin/ninja").symlink_to(real.path)
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen/ninja").symlink_to(packages / "ninja")
    monkeypatch.syspath_prepend(str(tmp_path / "seen"))
    answer = detect(["ninja"], context({"PATH": ""}))["ninja"]
    assert isinstance(answer, Found) and answer.path == tmp_path / "prefix/bin/ninja" and answer.version == real.version


def test_an_old_compiler_is_refused(tmp_path: Path) -> None:
    old = program(
        tmp_path / "oldcc", 'printf "#define __GNUC__ 9\\n#define __GNUC_MINOR__ 4\\n#define __GNUC_PATCHLEVEL__ 0\\n"'
    )
    answer = detect(["compiler"], context({"PATH": os.environ["PATH"], "CC": str(old)}))["compiler"]
    assert isinstance(answer, Missing)
    assert answer.looked[0] == Candidate(f"C compiler {old}", "gcc 9.4.0 is older than 11.0", "gcc 9.4.0")


@pytest.mark.parametrize(
    ("value", "required", "words"),
    [
        ("none", False, "plain C (BLAS=none)"),
        ("/no/such/lib.so", True, "neither auto"),
        ("/etc/passwd", True, "no symbol cblas_sgemm"),
    ],
)
def test_blas_choices(value: str, required: bool, words: str) -> None:
    answer = detect(["blas"], context({}, f"BLAS={value}"))["blas"]
    assert isinstance(answer, Missing) and answer.required is required
    assert words in answer.reason


def test_blas_by_path(tmp_path: Path) -> None:
    library = tmp_path / "libmine.so"
    library.write_bytes(b"ELF\0scipy_cblas_sgemm\0")
    answer = detect(["blas"], context({}, f"BLAS={library}"))["blas"]
    assert isinstance(answer, Found)
    assert (answer.values["prefix"], answer.values["carry"]) == ("scipy_", "OFF")


def test_cuda_is_off_or_demanded(tmp_path: Path) -> None:
    off = detect(["cuda"], context({"PATH": str(tmp_path)}, "USE_CUDA=OFF"))["cuda"]
    assert isinstance(off, Missing) and not off.required and off.looked == ()
    on = detect(["cuda"], context({"PATH": str(tmp_path)}, "USE_CUDA=ON", f"CUDA_HOME={tmp_path}"))["cuda"]
    assert isinstance(on, Missing) and on.required and on.looked == (Candidate(f"{tmp_path}/bin/nvcc", "not there"),)
    program(tmp_path / "bin/nvcc", "echo 'Cuda compilation tools, release 13.0, V13.0.88'; echo compute_90")
    there = detect(["cuda"], context({}, f"CUDA_HOME={tmp_path}", "TORCH_CUDA_ARCH_LIST=9.0"))["cuda"]
    assert isinstance(there, Found) and there.version == "13.0"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ('../../a b/c.cu(16): error: expected a ";"', '/r/a b/c.cu:16: error: expected a ";"'),
        ("/x/c.cu(3): warning #177-D: never used", "/x/c.cu:3: warning: never used [#177-D]"),
        ("../../c.cu(1): catastrophic error: cannot open", "/r/c.cu:1: fatal error: cannot open"),
        ("f(1): what", "f(1): what"),
        ("/x/c.c:3:1: error: f(2): error: g", "/x/c.c:3:1: error: f(2): error: g"),
    ],
)
def test_places_are_said_as_gcc_says_them(said: str, line: str) -> None:
    assert placed_line(said, Path("/r/build/release")) == line


def test_staging_is_keyed_by_content(tmp_path: Path) -> None:
    headers = tmp_path / "one/include"
    headers.mkdir(parents=True)
    (headers / "a.h").write_text("1", encoding="utf-8")
    item = Found("thing", "1", headers, "test", {"include": str(headers)}, ("include",))
    first = stage_all({"thing": item}, tmp_path / "build")["thing"].values["include"]
    assert Path(first, "a.h").read_text(encoding="utf-8") == "1"
    moved = tmp_path / "two/include"
    moved.parent.mkdir()
    headers.rename(moved)
    item = Found("thing", "1", moved, "test", {"include": str(moved)}, ("include",))
    assert stage_all({"thing": item}, tmp_path / "build")["thing"].values["include"] == first
    (moved / "a.h").write_text("2", encoding="utf-8")
    assert stage_all({"thing": item}, tmp_path / "build", dry_run=True)["thing"].values["include"] != first
    assert len(list((tmp_path / "build/deps").iterdir())) == 1


def test_thefirst_error_of_ninja() -> None:
    run = NinjaRun(
        failed=[["FAILED: [code=1] dir/x.o ", "cc -c x.c", "x.c: In function 'f':", "x.c:3:5: error: bad"], ["FAILED: y.o "]]
    )
    error = _failure(run, "ninja", Path("/b"), 1, Path("/b/log"))
    assert str(error).startswith("The build failed at x.c:3:5\nx.c:3:5: error: bad\n(1 more commands failed.)")
    assert error.next_step.endswith("ninja -C /b -v dir/x.o")


def test_thefirst_error_of_cmake() -> None:
    lines = ["-- fine", "CMake Error at a/CMakeLists.txt:3 (message):", "  no luck", "", "-- Configuring incomplete"]
    assert first_error(lines) == "CMake Error at a/CMakeLists.txt:3 (message):\n  no luck"


def test_what_nvcc_runs_is_no_error() -> None:
    """As cmake says that nvcc cannot link: wrapped, in paragraphs."""
    said = (
        "  Compiling the CUDA compiler identification source file failed.",
        "  #$ TOP=/cuda",
        "  #$ g++ -o\n  a.out",
        "  ld: cannot",
    )
    lines = ["CMake Error at a.cmake:3 (message):", *"\n\n".join(said).splitlines()]
    assert first_error(lines) == f"CMake Error at a.cmake:3 (message):\n{said[0]}\n{said[-1]}"


def test_a_program_that_is_not_there() -> None:
    assert capture(["/no/such/program"]).status == 127


def test_trees_are_ours_or_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match="does not hold the tag"):
        remove_tree(tmp_path)
    claim_tree(tmp_path / "tree")
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_writing_the_same_text_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep/file"
    assert write_if_different(path, "a")
    inode = path.stat().st_ino
    assert not write_if_different(path, "a")
    assert path.stat().st_ino == inode
    assert write_if_different(path, "b")


def make(tmp_path: Path, name: str, kind: str, owner: str, text: str = "x") -> Product:
    built = tmp_path / "build" / name
    built.parent.mkdir(parents=True, exist_ok=True)
    built.write_text(text, encoding="utf-8")
    return Product(built, f"p/lib/{name}", kind, owner)


def test_publishing_links_libraries_and_removes_what_is_gone(tmp_path: Path) -> None:
    one, two = make(tmp_path, "one", "library", "One"), make(tmp_path, "sub/two", "library", "Two")
    folder = tmp_path / "p/lib"
    publish(tmp_path, folder, collect([one, two], []))
    assert (folder / "one").samefile(one.built)
    change = publish(tmp_path, folder, collect([one], []))
    assert (change.changed, change.removed) == ((), ("p/lib/sub/two",))
    assert not (folder / "sub").exists()
    assert [file.destination for file in read_journal(folder)] == ["p/lib/one"]
    withdraw(tmp_path, folder, dry_run=False)
    assert not (tmp_path / "p").exists()


def test_publishing_a_part_keeps_the_rest(tmp_path: Path) -> None:
    one, two = make(tmp_path, "one", "library", "One"), make(tmp_path, "two", "library", "Two")
    folder = tmp_path / "p/lib"
    publish(tmp_path, folder, collect([one, two], []))
    change = publish(tmp_path, folder, collect([one], []), owners={"One"})
    assert change.removed == () and len(change.files) == 2


def test_two_owners_of_one_destination(tmp_path: Path) -> None:
    one = make(tmp_path, "one", "library", "One")
    with pytest.raises(PublishError, match="One and Other both publish p/lib/one"):
        collect([one, Product(one.built, one.destination, "library", "Other")], [])


def test_a_published_file_knows_its_digest(tmp_path: Path) -> None:
    (file,) = collect([make(tmp_path, "one", "library", "One", text="")], [])
    assert file.sha256() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
