"""The ledger: the user's file, the last build, the list of options, and documents that are made from it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from orchestrator.errors import OptionError
from orchestrator.options import BUILTIN, Setting
from orchestrator.options.ledger import last_config, last_settings, options_report, store_settings, write_docs
from orchestrator.options.optiontable import GROUPS
from orchestrator.session import BuildRequest, Session, open_session

from .conftest import Family

ROOT = Path(__file__).resolve().parents[2]
_NAMES = {name for spec in BUILTIN for name in spec.names()} | {"GREETING"}


@pytest.fixture(autouse=True)
def no_options_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)


def session(family: Family, text: str = "", **request: Any) -> Session:
    if text:
        (family.root / "build_options.toml").write_text(text, encoding="utf-8")
    return open_session(BuildRequest(root=family.root, **request))


def test_the_user_s_file(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'configuration = "debug"\n[options]\nGREETING = "hi"\nWERROR = true\n"Upper:CFLAGS" = "-O1"\n[Base]\nDEBUG = false\n'
    options = session(family, text).options
    assert session(family).config == "debug"
    assert (options["GREETING"], options.values["GREETING"].origin) == ("hi", "file build_options.toml line 3")
    assert options["WERROR"] == "ON"
    assert options.of("Upper", "CFLAGS").value == "-O1" and options.of("Base", "CFLAGS").value == ""
    assert options.of("Base", "DEBUG").origin == "file build_options.toml line 7"
    monkeypatch.setenv("GREETING", "shell")
    assert session(family).options["GREETING"] == "shell"
    assert session(family, defines=("GREETING=line",)).options["GREETING"] == "line"


def test_a_library_s_own_value_goes_first(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFLAGS", "-O2")
    options = session(family, '[Upper]\nCFLAGS = "-O1"\n', defines=("CPPFLAGS=-DX",)).options
    assert options.of("Upper", "CFLAGS").value == "-O1"
    assert options.of("Base", "CFLAGS").value == "-O2"
    assert session(family, defines=("Upper:CFLAGS=-O0",)).options.of("Upper", "CFLAGS").value == "-O0"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[options]\nGREETIN = 1\n",
            "file build_options.toml line 2: GREETIN: there is no option GREETIN. Did you mean GREETING?",
        ),
        ("[options]\nWERROR = 'perhaps'\n", "file build_options.toml line 2: WERROR must be ON or OFF"),
        ("[options]\nWERROR = 1.5\n", "build_options.toml:2: `WERROR` must be a string, number, boolean or list of strings"),
        ("[Uper]\nWERROR = 1\n", "build_options.toml:1: unknown key or section `Uper`. Did you mean Upper?"),
        ("[Upper]\nGREETING = 'x'\n", "Upper:GREETING: Upper does not take the option GREETING."),
        ("[Upper]\nCC = 'gcc'\n", "Upper:CC: CC is one for all libraries"),
        ("[options]\n'Uper:WERROR' = 1\n", "there is no library Uper. Did you mean Upper?"),
        ("[config.a]\ncflag = '-g'\n", "build_options.toml:2: unknown key `cflag` in [config.a]. Did you mean cflags?"),
        ("configuration = ", "not valid TOML"),
    ],
)
def test_mistakes_in_the_user_s_file(family: Family, text: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        session(family, text)
    assert words in str(caught.value)


def test_the_last_build_is_taken_again(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREETING", "first")
    first = session(family, '[Base]\nCFLAGS = "-O1"\n', config="debug", defines=("CMAKE_C_STANDARD=99", "MAX_JOBS=3"))
    store_settings(first.build_dir, "debug", first.options.explicit(run=False))
    monkeypatch.setenv("GREETING", "second")
    monkeypatch.setenv("CFLAGS", "-O3")
    again = session(family, "[Base]\nCFLAGS = '-O3'\n", again=True)
    assert again.config == "debug"
    assert again.options["GREETING"] == "first"
    assert again.options.values["GREETING"].origin == "last build (environment GREETING)"
    assert again.options.of("Base", "CFLAGS").value == "-O1" and again.options["CFLAGS"] == ""
    assert again.options.cmake == (("CMAKE_C_STANDARD", "99"),)
    assert again.options["MAX_JOBS"] == ""
    store_settings(again.build_dir, "debug", again.options.explicit(run=False))
    third = session(family, again=True, defines=("GREETING=line",))
    assert third.options["GREETING"] == "line"
    assert third.options.of("Base", "CFLAGS").origin == "last build (file build_options.toml line 2)"


def test_what_left_the_manifest_is_not_taken_again(family: Family) -> None:
    place = family.root / "build/release"
    store_settings(
        place, "release", [Setting("", "GONE", "1", "command line"), Setting("Gone", "CFLAGS", "-g", "command line")]
    )
    assert session(family, again=True).options.explicit() == ()
    assert last_config(family.root / "build") == "release"


def test_nothing_to_take_again(family: Family) -> None:
    with pytest.raises(OptionError, match="There is no build in .*build/release whose options could be taken again"):
        session(family, again=True)
    assert last_config(family.root / "build") == ""
    with pytest.raises(OptionError):
        last_settings(family.root)


def test_the_report(family: Family) -> None:
    before = session(family, defines=("GREETING=before",))
    store_settings(before.build_dir, "release", before.options.explicit(run=False))
    (family.root / "build_options.toml").write_text("[Upper]\nWERROR = true\n", encoding="utf-8")
    report = options_report(BuildRequest(root=family.root, defines=("GREETING=now", "MAX_JOBS=2")))
    text = "\n".join(report.lines())
    assert "* GREETING = now  [command line]\n    What base_greeting returns. (text; affects Base)" in text
    assert "  WERROR = OFF  [default]\n    Upper:WERROR = ON  [file build_options.toml line 2]" in text
    assert "* differs from the last build of release:\n  GREETING: before -> now" in text
    assert "  MAX_JOBS = 2  [command line]\n" in text and "affects this run only" in text
    headings = [line for line in report.lines() if line in GROUPS]
    assert headings == [group for group in GROUPS if group in headings] and len(headings) == len(GROUPS)
    data = json.loads(json.dumps(report.to_json()))
    rows = {row["name"]: row for row in data["options"]}
    assert rows["GREETING"]["last"] == "before" and rows["MAX_JOBS"]["last"] is None
    assert rows["WERROR"]["libraries"] == {"Upper": {"value": "ON", "origin": "file build_options.toml line 2"}}
    assert set(data["configurations"]) >= {"release", "debug", "asan", "ubsan", "tsan", "coverage"}


def test_the_report_of_one_library(family: Family) -> None:
    names = [row["name"] for row in options_report(BuildRequest(root=family.root, libraries=("Upper",))).to_json()["options"]]
    assert "CFLAGS" in names and "DEBUG" in names
    assert "GREETING" not in names and "MAX_JOBS" not in names and "BLAS" not in names


def test_the_documents_are_not_stale() -> None:
    assert write_docs(ROOT, check=True).stale == (), "run: python tools/build_deps.py options --write-docs"


def test_stale_documents_are_noticed(tmp_path: Path) -> None:
    for name in ("libraries.toml", "pyproject.toml", "docs", "lib", "torch"):
        (tmp_path / name).symlink_to(ROOT / name) if name != "docs" else (tmp_path / name).mkdir()
    assert len(write_docs(tmp_path, check=True).stale) == 2
    assert not any((tmp_path / "docs").iterdir())
    written = write_docs(tmp_path)
    assert [path.name for path in written.stale] == ["build_options.md", "build_options.schema.json"]
    assert write_docs(tmp_path).stale == ()


def schema() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((ROOT / "docs/build_options.schema.json").read_text(encoding="utf-8"))
    return data


def test_the_schema_takes_the_example_of_the_page() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    page = (ROOT / "docs/build_options.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    jsonschema.validate(tomllib.loads(example), schema())


@pytest.mark.parametrize(
    "text",
    [
        "[options]\nWERRO = true\n",
        "[options]\nWERROR = 'perhaps'\n",
        "[options]\nMAX_JOBS = 0\n",
        "[TH]\nCC = 'gcc'\n",
        "[Other]\nWERROR = true\n",
        "[config.release]\nsummary = 's'\n",
        "[config.a]\nbuild-type = 'Releas'\n",
        "configuration = 1\n",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), schema())
