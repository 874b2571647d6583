"""The compiler cache of a build tree: how compilers are started through it, and what it answered in one build.

Light: the rebuild of an edit imports it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from orchestrator.process import capture
from orchestrator.tree import read_json, write_json
from orchestrator.values import Value

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = ["CacheUse", "begin", "launcher", "parse_log", "remember_cache", "start_daemon", "used"]

_LOG = "compiler-cache.log"
_STATE = "compiler-cache.json"
_HITS = ("direct_cache_hit", "preprocessed_cache_hit")
# Lines of ccache's log that only detail another one.
_DETAILS = (
    "local_storage_",
    "remote_storage_",
    "primary_storage_",
    "secondary_storage_",
    "direct_cache_",
    "preprocessed_cache_",
)


class CacheUse(Value):
    """What the cache did for one build, in compilations. `reasons` say why some could not be cached."""

    kind: str
    direct: int = 0
    preprocessed: int = 0
    missed: int = 0
    uncacheable: int = 0
    reasons: tuple[str, ...] = ()
    shared: bool = False  # counted by a server that other builds use as well
    units: tuple[tuple[str, str], ...] = ()  # (source, `hit`, `miss` or why not), as they ended; ccache alone tells

    @property
    def hits(self) -> int:
        """Answered without compiling."""
        return self.direct + self.preprocessed

    @property
    def asked(self) -> int:
        """All compilations that came to the cache."""
        return self.hits + self.missed + self.uncacheable

    def line(self) -> str:
        """For the summary."""
        ways = [f"{count} {way}" for count, way in ((self.direct, "direct"), (self.preprocessed, "preprocessed")) if count]
        how = f" ({', '.join(ways)})" if self.preprocessed else ""
        parts = [f"{self.hits} of {self.asked} compilations from {self.kind}{how}", f"{self.missed} new"]
        if self.uncacheable:
            why = f" ({', '.join(self.reasons)})" if self.reasons else ""
            parts.append(f"{self.uncacheable} not cacheable{why}")
        whose = "; counted by the server, other builds at the same time included" if self.shared else ""
        return f"{', '.join(parts)}{whose}"

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "kind": self.kind,
            "hits": self.hits,
            "direct": self.direct,
            "preprocessed": self.preprocessed,
            "misses": self.missed,
            "uncacheable": self.uncacheable,
            "reasons": list(self.reasons),
            "shared": self.shared,
        }


def launcher(values: Mapping[str, str], root: Path, build_dir: Path, more: Sequence[str] = ()) -> list[str]:
    """What stands before each compiler. `values` are those of the detector `cache`, `more` further settings of ccache.

    The settings are part of the command, so that no way to start ninja can forget them. Paths below `root` are hashed as seen
    from the build tree: checkouts in different folders share what they compile, if their build trees stand in the same place.
    """
    if values["kind"] != "ccache":
        return [values["program"]]  # its server reads SCCACHE_BASEDIRS when it starts, and serves several checkouts
    settings = [f"CCACHE_BASEDIR={root}", "CCACHE_ABSSTDERR=1", f"CCACHE_STATSLOG={build_dir / _LOG}"]
    return [values["env"], *settings, *more, values["program"]]


def remember_cache(build_dir: Path, values: Mapping[str, str]) -> None:
    """Notes which cache the tree was configured with; empty values: none."""
    path = build_dir / _STATE
    if values:
        write_json(path, {"kind": values["kind"], "program": values["program"]})
    else:
        path.unlink(missing_ok=True)


def start_daemon(build_dir: Path, program: str = "") -> None:
    """Starts the server of a cache that has one. Call it before the tree is locked: what a build starts inherits the lock.

    Without `program` the one that the tree was configured with is meant.
    """
    state = read_json(build_dir / _STATE)
    program = program or (state.get("program", "") if state.get("kind") == "sccache" else "")
    if program:
        # `--start-server` puts a second server beside one that listens on a socket file; this starts one only if none answers.
        capture([program, "--show-stats"])


def begin(build_dir: Path) -> dict[str, Any]:
    """Call it before ninja; give the answer to `used` after it. Empty where the tree has no cache."""
    state = read_json(build_dir / _STATE)
    if state.get("kind") == "ccache":
        (build_dir / _LOG).unlink(missing_ok=True)
        return {"kind": "ccache"}
    if state.get("kind") == "sccache":
        return {"kind": "sccache", "program": state["program"], "before": _server_counts(state["program"])}
    return {}


def used(build_dir: Path, state: Mapping[str, Any]) -> CacheUse | None:
    """What the cache did since `begin`; None if it was not asked."""
    use = None
    if state.get("kind") == "ccache":
        try:
            use = parse_log((build_dir / _LOG).read_text(encoding="utf-8", errors="replace").splitlines())
        except OSError:
            return None
    elif state.get("kind") == "sccache":
        before, after = state["before"], _server_counts(state["program"])
        hits, missed, other = (max(0, new - old) for old, new in zip(before, after, strict=True))
        use = CacheUse("sccache", direct=hits, missed=missed, uncacheable=other, shared=True)
    return use if use is not None and use.asked else None


def parse_log(lines: Iterable[str]) -> CacheUse:
    """Reads ccache's own log of results: a comment with the file, then one counter on a line.

    >>> parse_log(["# a.c", "direct_cache_hit", "local_storage_hit", "# b.c", "cache_miss"]).line()
    '1 of 2 compilations from ccache, 1 new'
    """
    counts = {"direct_cache_hit": 0, "preprocessed_cache_hit": 0, "cache_miss": 0, "": 0}
    reasons: dict[str, None] = {}
    units = []
    for source, block in _blocks(lines):
        outcome = next((name for name in (*_HITS, "cache_miss") if name in block), "")
        counts[outcome] += 1
        why = [] if outcome else [name.replace("_", " ") for name in block if not name.startswith(_DETAILS)]
        reasons.update(dict.fromkeys(why))
        units.append((source, "miss" if outcome == "cache_miss" else "hit" if outcome else ", ".join(why) or "not cacheable"))
    return CacheUse(
        "ccache",
        direct=counts["direct_cache_hit"],
        preprocessed=counts["preprocessed_cache_hit"],
        missed=counts["cache_miss"],
        uncacheable=counts[""],
        reasons=tuple(reasons),
        units=tuple(units),
    )


def _blocks(lines: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Source and counters of each compilation."""
    blocks: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("# "):
            blocks.append((line[2:].strip(), []))
        elif line.strip() and blocks:
            blocks[-1][1].append(line.strip())
    return blocks


def _server_counts(program: str) -> tuple[int, int, int]:
    """(hits, misses, not cacheable) of the server since its start; zeros if it does not answer."""
    done = capture([program, "--show-stats", "--stats-format", "json"], env=os.environ)
    try:
        stats = json.loads(done.output)["stats"]
        hits = sum(stats["cache_hits"]["counts"].values())
        misses = sum(stats["cache_misses"]["counts"].values())
        return hits, misses, int(stats.get("requests_not_cacheable", 0))
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0, 0, 0
