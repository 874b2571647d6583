"""The page of `report`: what it says, worked out on small records, and how it behaves in a browser, if chromium is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from orchestrator.insight.buildgraph import BuildGraph, Sources, parse_graph
from orchestrator.insight.buildreport import BuildReport, phases
from orchestrator.insight.costs import cache_rows, header_costs, unit_costs, usage_of
from orchestrator.insight.graphview import GraphReport
from orchestrator.insight.ninjalog import LogEntry
from orchestrator.insight.page import page_text, unit_name
from orchestrator.insight.record import BuildRecord, Span
from orchestrator.insight.timeline import timeline_of

from .conftest import Family

ROOT = Path("/it")
TREE = ROOT / "build"
GRAPH: BuildGraph = replace(
    parse_graph(
        """\
build a/one.o: C_COMPILER__A /it/a/one.c
build a/two.o: C_COMPILER__A /it/a/two.c
build lib.so: C_SHARED_LIBRARY_LINKER__A a/one.o a/two.o
""",
        TREE,
        Sources({"a": "A"}),
    ),
    deps={
        "a/one.o": ("/it/a/one.c", "/it/a/x.h", "made.h", "/usr/include/stdio.h"),
        "a/two.o": ("/it/a/two.c", "/it/a/x.h", "deps/tool-1/t.h"),
    },
)
LOG = {"a/one.o": LogEntry(0, 3000, 1, "aa"), "a/two.o": LogEntry(0, 1000, 1, "bb"), "lib.so": LogEntry(3000, 3500, 1, "cc")}


def _record(**changes: Any) -> BuildRecord:
    spans = (
        Span("build", "detect", "detect", 0.0, 1.0),
        Span("build", "build", "build", 1.0, 4.0),
        Span("job", "compile", "one.o", 1.0, 3.0, "A", "a/one.o"),
        Span("job", "compile", "two.o", 1.5, 1.0, "A", "a/two.o", 1),
        Span("job", "link", "lib.so", 4.5, 0.5, "A", "lib.so"),
    )
    cache = {"kind": "ccache", "hits": 1, "misses": 1, "uncacheable": 1, "units": []}
    values: dict[str, Any] = {
        "folder": TREE / "logs/20260101-000000-1",
        "began": 1_700_000_000.0,
        "command": "build_deps",
        "config": "release",
        "libraries": ("A",),
        "status": 0,
        "seconds": 6.0,
        "predicted": 5.0,
        "error": "",
        "jobs": 2,
        "spans": spans,
        "failed": (),
        "cache": cache,
        "reasons": {"a/one.o": "output a/one.o older than most recent input /it/a/x.h (1 vs 2)"},
        "memory": (),
        "configured": (),
    }
    return BuildRecord(**{**values, **changes})


def test_a_header_costs_what_its_readers_took() -> None:
    costs = [(cost.path, cost.origin, cost.units, cost.seconds) for cost in header_costs(GRAPH, LOG, ROOT)]
    assert costs == [
        ("a/x.h", "project", 2, 4.0),
        ("/usr/include/stdio.h", "elsewhere", 1, 3.0),
        ("made.h", "generated", 1, 3.0),
        ("deps/tool-1/t.h", "elsewhere", 1, 1.0),
    ]
    units = unit_costs(GRAPH, LOG, ROOT, {"a/one.o": 40_000_000})
    assert [(unit.output, unit.source, unit.headers, unit.peak_bytes) for unit in units] == [
        ("a/one.o", "a/one.c", 3, 40_000_000),
        ("a/two.o", "a/two.c", 2, None),
    ]


def test_jobs_are_judged_by_work_chain_and_schedule() -> None:
    usage = usage_of(_record(), GRAPH)
    assert usage is not None
    assert (usage.jobs, usage.wall, usage.work, usage.efficiency) == (2, 4.0, 4.5, 4.5 / 8)
    assert usage.schedule.critical == ("a/one.o", "lib.so")
    assert (usage.schedule.critical_seconds, usage.schedule.wall, usage.bound) == (3.5, 3.5, 3.5)
    assert usage_of(_record(spans=()), GRAPH) is None


def test_the_cache_s_answers_are_told_by_source_with_a_reason_for_what_missed() -> None:
    units = [["/it/a/one.c", "miss"], ["/it/a/two.c", "hit"], ["/it/b.c", "unsupported compiler option"]]
    rows = cache_rows(_record(cache={"units": units}), GRAPH, ROOT)
    assert [(row.source, row.library, row.hits, row.misses, row.uncacheable, row.why) for row in rows] == [
        ("a/one.c", "A", 0, 1, 0, "a/x.h is newer"),
        ("b.c", "", 0, 0, 1, "unsupported compiler option"),
        ("a/two.c", "A", 1, 0, 0, ""),
    ]


def test_the_phases_of_a_build_add_up_to_its_time() -> None:
    assert phases(_record()) == {"prepare": 1.0, "build": 4.0, "other": 1.0}


def test_a_timeline_has_a_lane_for_each_row_and_places_bars_in_shares() -> None:
    timeline = timeline_of(_record(failed=((5.0, "x.o"),), status=7))
    assert [(lane.name, [bar.name for bar in lane.bars]) for lane in timeline.lanes] == [
        ("orchestrator", ["detect", "build"]),
        ("job 1", ["one.o", "lib.so"]),
        ("job 2", ["two.o"]),
    ]
    bar = timeline.lanes[1].bars[0]
    assert (bar.left, bar.width) == (1 / 6, 0.5)
    assert bar.label == "one.o: compile of A, 3.00 s, from 1.00 s, job 1. a/one.o"
    assert timeline.ticks == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    assert [mark.label for mark in timeline.failures] == ["failed: x.o"]
    assert timeline.title.endswith("3 commands, 6.00 s, status 7")


def test_names_of_units_are_shown_without_cmake_s_folders() -> None:
    assert unit_name("lib/TH/CMakeFiles/TH_x.dir/src/a.c.o") == "lib/TH: TH_x: src/a.c"
    assert unit_name("lib/libTH.so.1") == "lib/libTH.so.1"


def _report(record: BuildRecord) -> BuildReport:
    return BuildReport(
        headline="it 1.0 (release)",
        build_dir=TREE,
        root=ROOT,
        record=record,
        builds=(record,),
        units=unit_costs(GRAPH, LOG, ROOT, {"a/one.o": 40_000_000}),
        headers=header_costs(GRAPH, LOG, ROOT),
        cache=cache_rows(record, GRAPH, ROOT),
        usage=usage_of(record, GRAPH),
        libraries=GraphReport("it 1.0 (release)", (), 2, None, ()),
        now=record.began + 60,
    )


def test_what_report_says_on_a_terminal() -> None:
    assert _report(_record()).lines() == [
        "it 1.0 (release): the build of 60 s ago, 6.0 s (5.0 s were predicted)",
        "  trace       /it/build/logs/20260101-000000-1/trace.json (https://ui.perfetto.dev opens it)",
        "  jobs        56% of 2 jobs' time used for 3 commands; 4.0 s, at best 3.5 s",
        "  chain       3.5 s, ending in lib.so",
        "  cache       1 of 3 compilations from ccache",
        "  slowest       3.00 s  a/one.o",
        "                1.00 s  a/two.o",
        "  headers       4.00 s  a/x.h (read by 2 units)",
        "                3.00 s  made.h (read by 1 unit)",
    ]


def test_the_page_is_whole_and_what_it_shows_is_no_markup() -> None:
    text = page_text(_report(_record(error="<script>alert(1)</script>", status=7, command="a & b")))
    assert "&lt;script&gt;alert(1)" in text and "a &amp; b" in text
    assert text.count("<script>") == 1
    assert not re.search(r"<link[^>]+href=\"(?!data:)|<(script|img|iframe)[^>]+src=|@import|url\(", text)
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
    assert addresses == {"https://ui.perfetto.dev", "http://www.w3.org/2000/svg"}  # a link, and the name of SVG
    assert "failed with status 7" in text and ">40 MB</td>" in text


def test_a_page_of_a_build_that_ran_nothing() -> None:
    text = page_text(_report(_record(spans=(), cache=None, reasons={}, predicted=None)))
    assert "Nothing had to be made." in text and 'id="jobs"' not in text and "No build had a prediction yet" in text


def test_before_the_first_build_there_is_nothing_to_tell(family: Family) -> None:
    done = family.build("report")
    assert done.status == 1 and "No build is recorded" in done.err and "build first" in done.err


def test_projects_that_are_built_alone_are_in_the_picture(zoo: Family) -> None:
    zoo.built()
    trace = json.loads((zoo.root / "build/release/logs/latest/trace.json").read_text(encoding="utf-8"))
    slices = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    # One lane, or a second where the clock sees a step end after the next one began.
    lanes = sorted((event for event in slices if 100 <= event["tid"] < 1000), key=lambda event: event["ts"])
    apart = [event["name"] for event in lanes]
    steps = ("configure", "build", "install")
    assert apart == [f"{name}: {step}" for name in ("sums", "fables", "shapes") for step in steps]
    compiled = {event["args"]["detail"]: event["args"]["library"] for event in slices if event["cat"] == "compile"}
    assert compiled["sub/sums/CMakeFiles/sums.dir/add.c.o"] == "sums"
    data = json.loads(zoo.built("report", "--json").out)
    assert {unit["output"] for unit in data["units"]} == set(compiled)
    chain = [output.split("/")[1] for output in data["jobs"]["critical_path"]]
    assert list(dict.fromkeys(chain)) == ["sums", "fables", "shapes"]  # each waits for all of the one before
    headers = {header["path"]: header["origin"] for header in data["headers"]}
    assert headers["fables/include/fables.hpp"] == "project" and headers["prefix/include/sums.h"] == "generated"
    assert "-- sums *  project: uses compiler; 2 units, " in zoo.built("graph").out


# --- In a browser. ---------------------------------------------------------------------------------------------------------

SHOWN = ".view:not([hidden])"
CONTRAST = """
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const color = numbers(getComputedStyle(node).backgroundColor);
    if (color.length === 3 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("p, td, th, a, li, dt, dd, h1, h2, caption, summary, .bar span, output, .axis span")]
  .filter((node) => node.textContent.trim() && node.checkVisibility())
  .map((node) => {
    const pair = [light(numbers(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    return [(pair[0] + 0.05) / (pair[1] + 0.05), node.tagName + " " + node.textContent.trim().slice(0, 30)];
  })
  .filter(([ratio]) => ratio < 4.5);
"""


@pytest.fixture
def page(family: Family) -> tuple[Path, list[Any]]:
    """The page after a first build and an edit, and the spans of the latter's trace."""
    family.built("-j", "2")
    family.edit("base/src/Base.c", "return a + b;", "return a + b + 1;")
    family.built("-j", "2")
    said = family.built("report").out
    path = family.root / "build/release/report.html"
    assert f"page        {path}" in said
    trace = json.loads((family.root / "build/release/logs/latest/trace.json").read_text(encoding="utf-8"))
    data = json.loads(family.built("report", "--json").out)
    assert data["build"]["commands"] == 3 and len(data["history"]) == 2 and data["page"] is None
    assert data["jobs"]["critical_path"][-1] in ("base/Base.symbols", "lib/libBase.so.1")
    assert "base/include/Base/Base.h" in [header["path"] for header in data["headers"]]
    return path, [event for event in trace["traceEvents"] if event["ph"] == "X"]


def test_the_page_in_a_browser(page: tuple[Path, list[Any]], browser: Any) -> None:
    path, spans = page
    browser.get(path.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert len(browser.find_elements("css selector", f"{SHOWN} .bar")) == len(spans)
    _walk_by_keys(browser)
    _search_sort_and_choose(browser)
    _look(browser)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(path.as_uri())
    assert len(browser.find_elements("css selector", f"{SHOWN} .bar")) == len(spans)
    assert browser.find_element("css selector", "#units tbody td").is_displayed()
    assert not any(tools.is_displayed() for tools in browser.find_elements("css selector", ".tools"))


def _walk_by_keys(browser: Any) -> None:
    """From the top of the page to a bar, on to others, and zoom."""
    from selenium.webdriver.common.keys import Keys

    def press(key: str) -> str:
        browser.switch_to.active_element.send_keys(key)
        return str(browser.switch_to.active_element.get_attribute("aria-label") or "")

    for _ in range(40):
        first = press(Keys.TAB)
        if "bar" in (browser.switch_to.active_element.get_attribute("class") or "").split():
            break
    assert first.startswith("compare: compare, ")
    assert browser.find_element("css selector", f"{SHOWN} .detail").text == first
    assert press(Keys.ARROW_RIGHT).startswith("build: build, ")
    below = press(Keys.ARROW_DOWN)
    assert ": compile of Base, " in below and ", job 1. " in below
    last = press(Keys.END)
    assert last != below and ", job 1. " in last

    def width() -> int:
        return int(browser.execute_script(f"return document.querySelector('{SHOWN} .canvas').clientWidth"))

    before = width()
    press("+")
    assert width() == pytest.approx(2 * before, abs=2)
    press("0")
    assert width() == before


def _search_sort_and_choose(browser: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.find_element("css selector", f"{SHOWN} input[type=search]").send_keys("link of base")
    assert browser.find_element("css selector", f"{SHOWN} .found").text == "1 found"
    head = browser.find_elements("css selector", "#headers th")[2]
    for order in ("descending", "ascending"):
        head.find_element("css selector", "button").send_keys(Keys.ENTER)
        assert head.get_attribute("aria-sort") == order
        column = [
            int(cell.text) for cell in browser.find_elements("css selector", "#headers tbody td:nth-child(3)") if cell.text
        ]
        assert len(column) > 1 and column == sorted(column, reverse=order == "descending")
    browser.execute_script(
        "const list = document.querySelector('#which-build'); list.selectedIndex = 1;list.dispatchEvent(new Event('change'))"
    )
    assert [view.is_displayed() for view in browser.find_elements("css selector", ".view")] == [False, True]
    assert len(browser.find_elements("css selector", f"{SHOWN} .bar.compile")) == 3


def _look(browser: Any) -> None:
    """Enough contrast by day and by night, and nothing wider than a narrow window."""
    for scheme, background in (("light", "rgb(246, 247, 250)"), ("dark", "rgb(16, 18, 24)")):
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == background
        assert browser.execute_script(CONTRAST) == [], scheme
    browser.set_window_size(500, 800)
    widths = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wanted, there = browser.execute_script(widths)
    assert wanted <= there
