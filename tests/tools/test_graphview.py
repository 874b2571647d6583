"""The picture of the libraries: tree, JSON and DOT."""

from __future__ import annotations

import json
from pathlib import Path

from orchestrator.insight.graphview import GraphReport, Node
from orchestrator.manifest import Library

from .conftest import Family


def _library(name: str, *needs: str) -> Library:
    return Library(name, "library", "", name.lower(), "1.0", needs, ("compiler",), (), (), (), (), (), "", 1)


def test_a_library_that_several_need_stands_once_in_full() -> None:
    nodes = (
        Node(_library("Low"), ("Mid", "Top"), {"compile": 2}, 1.5, True),
        Node(_library("Mid", "Low"), ("Top",), {"compile": 1}, None, False),
        Node(_library("Top", "Low", "Mid"), (), None, None, True),
    )
    report = GraphReport("it 1.0 (release)", nodes, 2, 2.5, ((1.0, "low.o"), (0.5, "libtop.so")))
    assert report.lines() == [
        "it 1.0 (release)",
        "`-- Low *  library 1.0: uses compiler; 2 units, 1.5 s of work",
        "    |-- Mid  library 1.0: uses compiler; 1 unit",
        "    |   `-- Top *  library 1.0, needs Low, Mid: uses compiler",
        "    `-- Top (see above)",
        "from nothing: about 2.5 s on 2 jobs; * longest chain, 1.5 s:",
        "    1.00 s  low.o",
        "    0.50 s  libtop.so",
    ]
    assert report.dot().splitlines() == [
        'digraph "it 1.0 (release)" {',
        "  rankdir=BT;",
        "  node [shape=box];",
        '  "Low" [label="Low\\nuses compiler; 2 units, 1.5 s of work", style=bold];',
        '  "Mid" [label="Mid\\nuses compiler; 1 unit"];',
        '  "Top" [label="Top\\nuses compiler", style=bold];',
        '  "Mid" -> "Low";',
        '  "Top" -> "Low" [style=bold];',
        '  "Top" -> "Mid";',
        "}",
    ]


def test_the_graph_of_a_tree_before_and_after_its_first_build(family: Family) -> None:
    fresh = family.built("graph").out
    assert "`-- Base  library 1.2.0: uses compiler; options GREETING\n    `-- Upper  library" in fresh
    assert "units" not in fresh
    assert not Path(family.root / "build").exists()
    family.built()
    report = json.loads(family.built("graph", "--json").out)
    assert [(item["name"], item["commands"]["compile"], item["critical"]) for item in report["libraries"]] == [
        ("Base", 2, True),
        ("Upper", 1, True),
    ]
    assert report["critical_path"][-1]["output"] in ("upper/Upper.symbols", "lib/libUpper.so.1")
    assert report["dot"].startswith("digraph ")
