"""The picture of the libraries: tree, JSON and DOT."""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from itertools import combinations, pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orchestrator.insight.graphdrawing import Drawn, draw, place
from orchestrator.insight.graphview import GraphReport, Node
from orchestrator.manifest import Library

from .conftest import Family

SVG = "{http://www.w3.org/2000/svg}"


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
    assert family.built("graph", "--format", "dot").out.rstrip("\n") == report["dot"]
    said = family.built("graph", "--format", "svg", "--output", "libraries.svg").out
    assert said == "written: libraries.svg\n"
    drawing = xml.parse(family.root / "libraries.svg").getroot()
    assert [text.text for text in drawing.iter(f"{SVG}text")][:2] == ["family 1.2.0 (release)", "Base"]
    assert "s of work" in "".join(str(text.text) for text in drawing.iter(f"{SVG}text"))
    assert [group.get("class") for group in drawing.iter(f"{SVG}g")] == ["hot", "hot"]


@st.composite
def families(draw_from: st.DrawFn) -> dict[str, list[str]]:
    """Up to twelve libraries; each needs some of those before it."""
    count = draw_from(st.integers(1, 12))
    names = [f"L{number}" for number in range(count)]
    some = [draw_from(st.lists(st.sampled_from(names[:number]), unique=True)) if number else [] for number in range(count)]
    return dict(zip(names, some, strict=True))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # which is about the machine
@given(families())
def test_boxes_stand_apart_behind_their_needs_and_no_arrow_crosses_one(needs: dict[str, list[str]]) -> None:
    layout = place(needs)
    for name, wanted in needs.items():
        assert all(layout.boxes[need][0] + 232 < layout.boxes[name][0] for need in wanted)
    for one, two in combinations(layout.boxes.values(), 2):
        assert one[0] != two[0] or abs(one[1] - two[1]) >= 74
    for x, middle in layout.boxes.values():
        assert 0 <= x <= layout.width - 232 and 37 <= middle <= layout.height - 37
    assert set(layout.arrows) == {(need, name) for name, wanted in needs.items() for need in wanted}
    for points in layout.arrows.values():
        for (x, y), (to_x, _) in list(pairwise(points))[1::2]:  # level, through a column
            assert to_x - x == 232
            assert not any(left == x and abs(middle - y) < 37 for left, middle in layout.boxes.values())


def test_a_column_is_ordered_so_that_arrows_do_not_cross() -> None:
    layout = place({"a": [], "b": [], "on b": ["b"], "on a": ["a"]})
    assert (layout.boxes["a"][1] < layout.boxes["b"][1]) == (layout.boxes["on a"][1] < layout.boxes["on b"][1])


def test_a_drawing_is_xml_whatever_the_names() -> None:
    drawing = xml.fromstring(draw("<it> & more", [Drawn("a<b", ("1 & 2",), (), 0.5, True)], "foot & all"))
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["<it> & more", "a<b", "1 & 2", "foot & all"]
    widths = [float(rect.get("width", 0)) for rect in drawing.iter(f"{SVG}rect") if rect.get("class") == "work"]
    assert widths == [102.0]
