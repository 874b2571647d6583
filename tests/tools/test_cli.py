"""The command line: which words and flags go together, what is printed where, and with which status it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from orchestrator import api
from orchestrator.errors import OptionError
from orchestrator.front import cli
from orchestrator.front.verbs import FLAGS, VERBS
from orchestrator.options.translate import request_from, split_defines, to_settings
from pages import run as run_page
from pages import sections

from .conftest import ROOT, Family


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """The command line in this process, over the family's manifest where it lies; for what builds nothing."""
    root = ROOT / "tests/packages/family"
    status = cli.main(root, argv)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    status, out, _ = run(capsys, verb, "--help")
    assert status == 0
    assert out.startswith(f"usage: build_deps.py {verb} ")
    for example, said in VERBS[verb].examples:
        assert f"python tools/build_deps.py {example}".rstrip() in out and said in out
    for name in FLAGS:
        shown = f"\n  {', '.join(FLAGS[name].names)} "
        assert (shown in out) is (name in VERBS[verb].flags), name


def test_the_examples_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS.values():
        for example, _ in verb.examples:
            words = re.sub(r"[|>].*", "", example).replace("THNN", "Upper").replace("TH", "Base").split()
            status, out, err = run(capsys, *words, "--help")
            assert status == 0, (example, err)


def test_the_general_help(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--help")
    assert status == 0 and all(f"\n  {verb} " in out for verb in VERBS) and "exit status:" in out
    status, out, _ = run(capsys, "--help", "--color=always")
    assert "\x1b[1mverbs:\x1b[0m" in out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--version")
    assert status == 0 and out.startswith("family 1.2.0 (build_deps.py; CPython 3.")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["grahp"], "There is no verb and no library `grahp`. Did you mean graph?"),
        (["build", "Uper"], "There is no library `Uper`. Did you mean Upper?"),
        (["--fresh", "Uper"], "Did you mean Upper?"),
        (
            ["Upper", "plan"],
            "The verb `plan` stands behind other words.\nWhat to do: it comes first: python tools/build_deps.py plan Upper",
        ),
        (["--jobs-typo"], "There is no option `--jobs-typo`."),
        (["--confg=debug"], "There is no option `--confg`. Did you mean --config?"),
        (["-j", "many"], "Argument -j: 'many' is not a number above 0."),
        (["-j", "0"], "'0' is not a number above 0"),
        (["--color", "green"], "invalid choice: 'green'"),
        (["graph", "--fresh"], "`graph` takes no --fresh."),
        (["build", "--last"], "`build` takes no --last."),
        (["completion", "tcsh"], "There is no completion for `tcsh`."),
        (["completion"], "Which shell?"),
    ],
)
def test_mistakes_get_the_nearest_name_and_status_2(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert words in err and "What to do: " in err


@pytest.mark.parametrize("argv", [["--json", "biuld"], ["biuld", "--json"]])
def test_errors_as_json(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    status, out, err = run(capsys, *argv)
    error = json.loads(out)["error"]
    assert (status, err) == (2, "") and error["exit_code"] == 2
    assert set(error) == {"what", "why", "next_step", "exit_code"} and "Did you mean build?" in error["what"]


@pytest.mark.parametrize(
    "argv",
    [
        ["--only", "Upper", "-j", "2", "-D", "A=1"],
        ["Upper", "--only", "-j2", "-DA=1"],
        ["build", "-j", "2", "Upper", "-D", "A=1", "--only"],
        ["--only", "-D", "A=1", "build", "-j2", "Upper"],
    ],
)
def test_flags_stand_before_or_after_words(argv: list[str]) -> None:
    request = requested(argv)
    assert (request.libraries, request.only, request.jobs, request.defines) == (("Upper",), True, 2, ("A=1",))


@pytest.mark.parametrize(
    ("argv", "libraries", "fresh"),
    [
        ([], (), None),
        (["--fresh"], (), ()),
        (["--fresh", "Base"], (), ("Base",)),
        (["Upper", "--fresh", "Base", "--fresh", "Upper"], ("Upper",), ("Base", "Upper")),
        (["--fresh", "build", "Upper"], ("Upper",), ()),
        (["Upper", "--fresh"], ("Upper",), ()),
    ],
)
def test_fresh_takes_libraries(argv: list[str], libraries: tuple[str, ...], fresh: tuple[str, ...] | None) -> None:
    request = requested(argv)
    assert (request.libraries, request.fresh) == (libraries, fresh)


def test_the_rest_of_a_request() -> None:
    argv = ["--system-libs", "--again", "--prefix", "/p", "--build-dir", "/b", "--color", "never", "--json", "-vv", "plan"]
    request = requested(argv)
    assert request.defines == ("SYSTEM_LIBS=ON",) and request.again and request.dry_run and request.json
    assert (request.prefix, request.build_dir, request.verbose) == (Path("/p"), Path("/b"), 2)
    assert request.argv == tuple(argv) and request.color == "never"


def requested(argv: list[str]) -> api.BuildRequest:
    arguments = cli.parse(argv)
    return cli.request_of(ROOT, argv, arguments, cli.take_verb(arguments))


def test_a_build_as_json(family: Family) -> None:
    done = family.built("--json")
    data = json.loads(done.out)
    assert data["status"] == 0 and data["commands"] == 7 and data["compiled"] == 3 and not data["up_to_date"]
    assert {file["path"]: file["owner"] for file in data["published"]}["family/lib/libUpper.so.1"] == "Upper"
    assert data["found"]["cmake"]["found"] is True and data["found"]["cuda"]["found"] is False
    assert Path(data["log"]).is_file() and data["seconds"] > 0 and "predicted" in data
    assert "[7/7]" in done.err
    data = json.loads(family.built("--json", "-q").out)
    assert data["up_to_date"] and data["commands"] == 0 and len(data["published"]) == 5
    family.edit("base/src/Base.c", "return a + b;", "return a + c;")
    done = family.build("--json")
    error = json.loads(done.out)["error"]
    assert done.status == error["exit_code"] == 7 and "Base.c:4:16" in error["what"]
    assert "not built because of it: Upper" in error["why"]


def test_the_command_that_an_error_shows_works_anywhere(family: Family, tmp_path: Path) -> None:
    family.built()
    family.edit("base/src/Base.c", "return a + b;", "return a + c;")
    done = family.build()
    assert done.status == 7
    command = re.search(r"this command alone: (.+)$", done.err, re.MULTILINE)
    log = re.search(r"^Log: (.+)$", done.err, re.MULTILINE)
    assert command is not None and log is not None and "undeclared" in Path(log[1]).read_text(encoding="utf-8")
    again = subprocess.run(["sh", "-c", command[1]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode != 0 and "undeclared" in again.stdout and "-c " in again.stdout
    family.edit("base/src/Base.c", "return a + c;", "return a + b;")
    again = subprocess.run(["sh", "-c", command[1]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr


def test_what_must_not_be_skipped_is_not_remembered(family: Family) -> None:
    for argument in ("--json", "--fresh"):
        family.built(argument)
        records = list((family.root / "build/fast").glob("*.json")) if (family.root / "build/fast").exists() else []
        assert records == [], argument


def test_the_help_loads_nothing_that_only_a_verb_needs() -> None:
    code = (
        "import sys; from pathlib import Path; from orchestrator.front.cli import main; main(Path('.'), ['--help']);"
        "print({'orchestrator.' + name for name in ('doctor', 'explain', 'forecast', 'clean', 'ctests')} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("set()\n")


def test_settings_of_pip_and_setup_py() -> None:
    given = {
        "config": "debug",
        "jobs": "3",
        "TH:WERROR": "1",
        "fresh": "TH,THNN",
        "again": "yes",
        "build_dir": "/b",
        "BLAS": "none",
    }
    request = request_from(given, root=ROOT, command="build_wheel")
    assert (request.config, request.jobs, request.fresh, request.again) == ("debug", 3, ("TH", "THNN"), True)
    assert request.defines == ("TH:WERROR=1", "BLAS=none") and request.build_dir == Path("/b")
    back = dict(pair.partition("=")[::2] for pair in to_settings(request))
    assert request_from(back, root=ROOT, command="build_wheel") == request
    assert request_from({"fresh": "all"}, root=ROOT, command="x").fresh == ()
    assert request_from({"X": ["1", "2"]}, root=ROOT, command="x").defines == ("X=2",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"confg": "debug"}, "There is no setting confg. Did you mean config?"),
        ({"jobs": "many"}, "jobs=many"),
        ({"jobs": "0"}, "jobs=0"),
        ({"again": "perhaps"}, "again=perhaps"),
    ],
)
def test_settings_of_the_wrong_form(given: dict[str, str], words: str) -> None:
    with pytest.raises(OptionError, match=re.escape(words)):
        request_from(given, root=ROOT, command="x")


def test_commas_in_setup_pys_definitions() -> None:
    assert split_defines("A=1,B=2") == {"A": "1", "B": "2"}
    assert split_defines("CPU_LEVELS=BASE,AVX2, TH:WERROR=ON") == {"CPU_LEVELS": "BASE,AVX2", "TH:WERROR": "ON"}
    assert split_defines("") == {} and split_defines("A") == {"A": "ON"}


def test_the_page_of_commands_knows_each_verb() -> None:
    """docs/commands.md lists the verbs in the order of the table, and has a section for each."""
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)`", text.partition("\n## ")[0], re.MULTILINE) == list(VERBS)
    assert set(VERBS) <= set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    assert f"verbs: {', '.join(VERBS)}; " in text


def test_the_page_of_commands_has_every_verb_and_flag() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"## {verb}\n" not in page and f"| `{verb}`" not in page] == []
    names = {name for flag in FLAGS.values() for name in flag.names}
    assert sorted(name for name in names if not re.search(rf"{re.escape(name)}\b", page)) == []


def test_the_page_s_session_in_python(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions behind the verbs, as the page shows them."""
    monkeypatch.chdir(family.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(family.root / "cache"))
    (section,) = sections("commands.md")
    run_page(section, {"__name__": "session"})
