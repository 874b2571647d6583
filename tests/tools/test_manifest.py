"""libraries.toml: every mistake is named with its line and what is expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from orchestrator.detect import DETECTORS
from orchestrator.errors import ManifestError, UnknownNameError
from orchestrator.graph import build_graph
from orchestrator.manifest import Manifest, load_manifest

FRAMEWORK = '[framework]\nname = "f"\npackage = "f"\nproducts = "f/lib"\nversion = "1.0"\n'
Write = Callable[[str], Path]


def library(name: str, source: str, extra: str = "") -> str:
    return f'[library.{name}]\nsummary = "s"\nsource = "{source}"\nversion = "1.0"\nproducts = {{}}\n{extra}\n'


def load(path: Path) -> Manifest:
    return load_manifest(path, detectors=tuple(DETECTORS))


def test_reads_a_whole_manifest(write_manifest: Write) -> None:
    manifest = load(write_manifest(FRAMEWORK + library("Two", "two", 'needs = ["One"]') + library("One", "one")))
    assert manifest.names() == ("Two", "One")
    assert build_graph(manifest).names() == ("One", "Two")
    assert manifest.framework.version == "1.0"


def test_the_project_s_own_manifest_is_right() -> None:
    root = Path(__file__).resolve().parents[2]
    manifest = load(root / "libraries.toml")
    order = build_graph(manifest).names()
    for entry in manifest.libraries:
        assert all(order.index(need) < order.index(entry.name) for need in entry.needs)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[framework\n", 1, "not valid TOML"),
        (FRAMEWORK, 1, "there is no [library.NAME] section"),
        (FRAMEWORK + library("One", "one", 'need = ["X"]'), 11, "unknown key `need` in [library.One]. Did you mean needs?"),
        (FRAMEWORK + library("One", "one", 'needs = "X"'), 11, "`needs` in [library.One] must be a list of strings, found 'X'"),
        (FRAMEWORK + library("One", "one", 'needs = ["Tow"]') + library("Two", "two"), 11, "Did you mean Two?"),
        (FRAMEWORK + library("One", "nowhere"), 8, "the folder `nowhere` of One holds no CMakeLists.txt"),
        (
            FRAMEWORK + library("One", "one", 'uses = ["blass"]'),
            11,
            "One uses blass, which nothing here detects. Did you mean blas?",
        ),
        (FRAMEWORK + "[library.One]\n", 6, "[library.One] has no `summary`, which must be a string"),
        (FRAMEWORK + library("One", "one") + "[libary.Two]\n", 1, "unknown section `libary`. Did you mean library?"),
        (FRAMEWORK + library("One", "one") + '[option.X]\ntype = "bol"\ndoc = "d"\n', 13, "Did you mean bool?"),
        (library("One", "one"), 1, "the section [framework] is missing"),
    ],
)
def test_mistakes_are_named(write_manifest: Write, text: str, line: int, words: str) -> None:
    path = write_manifest(text)
    with pytest.raises(ManifestError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_a_circle_is_listed(write_manifest: Write) -> None:
    circle = library("One", "one", 'needs = ["Three"]') + library("Two", "two", 'needs = ["One"]')
    manifest = load(write_manifest(FRAMEWORK + circle + library("Three", "three", 'needs = ["Two"]')))
    with pytest.raises(ManifestError, match="One -> Three -> Two -> One"):
        build_graph(manifest)


def test_closure(write_manifest: Write) -> None:
    text = library("One", "one") + library("Two", "two", 'needs = ["One"]') + library("Three", "three", 'needs = ["Two"]')
    graph = build_graph(load(write_manifest(FRAMEWORK + text)))
    assert [entry.name for entry in graph.closure(["Two"])] == ["One", "Two"]
    assert [entry.name for entry in graph.closure(["Two"], only=True)] == ["Two"]
    assert [entry.name for entry in graph.closure([])] == ["One", "Two", "Three"]
    with pytest.raises(UnknownNameError, match=r"Did you mean Three\?"):
        graph.closure(["Tree"])


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="No such file"):
        load(tmp_path / "libraries.toml")
