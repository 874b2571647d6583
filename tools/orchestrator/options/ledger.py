"""What was chosen: the options of the last build of a configuration, and the list of all options with values and origins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.errors import OptionError
from orchestrator.manifest import Library
from orchestrator.options import Options, OptionSpec, OptionValue, Setting
from orchestrator.options.optionspec import RUN, TOOLS, TREE, Taker
from orchestrator.options.optiontable import GROUPS
from orchestrator.tree import read_json, write_json

if TYPE_CHECKING:
    from orchestrator.session import BuildRequest

__all__ = [
    "DocsReport",
    "OptionsReport",
    "affects_text",
    "last_config",
    "last_settings",
    "options_report",
    "store_settings",
    "write_docs",
]

_FILE = "options.json"
_LAST = "last build"


def store_settings(build_dir: Path, config: str, settings: Sequence[Setting]) -> None:
    """Keeps what a build was configured with, for builds that repeat it. The file of the last build is the newest."""
    rows = [[item.scope, item.name, item.text, item.origin] for item in settings]
    write_json(build_dir / _FILE, {"format": 1, "config": config, "settings": rows})
    os.utime(build_dir / _FILE)


def last_config(build_base: Path) -> str:
    """The configuration that was built last; empty if none was."""
    files = [path for path in build_base.glob(f"*/{_FILE}") if path.is_file()]
    return max(files, key=lambda path: path.stat().st_mtime_ns).parent.name if files else ""


def last_settings(build_dir: Path) -> tuple[Setting, ...]:
    """What the last build of the tree was configured with; an OptionError if there was none."""
    data = read_json(build_dir / _FILE)
    if data.get("format") != 1:
        text = f"There is no build in {build_dir} whose options could be taken again."
        raise OptionError(text, next_step="build without --again first")
    return tuple(Setting(scope, name, text, _again(origin)) for scope, name, text, origin in data["settings"])


def _again(origin: str) -> str:
    return origin if origin.startswith(_LAST) else f"{_LAST} ({origin})"


def affects_text(spec: OptionSpec, libraries: Iterable[Taker]) -> str:
    """What another value of the option changes, in words."""
    words = {RUN: "this run only", TREE: "which configuration is built", TOOLS: "the programs that build"}
    if spec.affects[0] in words:
        return words[spec.affects[0]]
    return ", ".join(spec.affected(libraries)) or "no library of this tree"


@dataclass(frozen=True)
class Row:
    """One option in the list. `own` are the values of single libraries, `last` what the last build had if that differs."""

    spec: OptionSpec
    value: OptionValue
    affects: str
    own: tuple[tuple[str, OptionValue], ...]
    last: str | None


@dataclass(frozen=True)
class OptionsReport:
    """All options of a tree, by groups."""

    config: str
    described: str
    build_dir: Path
    configurations: Mapping[str, str]
    rows: tuple[Row, ...]
    cmake: tuple[Setting, ...]
    built: bool

    def lines(self) -> list[str]:
        """For people: groups of options; a star marks what differs from the last build of the configuration."""
        text = [f"configuration {self.config}: {self.described}", f"build tree {self.build_dir}"]
        for group in (group for group in GROUPS if any(row.spec.group == group for row in self.rows)):
            text += ["", group]
            for row in self.rows:
                if row.spec.group == group:
                    text += _row_lines(row)
        if self.cmake:
            text += ["", "Definitions for cmake"]
            text += [f"  {item.label} = {item.text}  [{item.origin}]" for item in self.cmake]
        text += ["", *self._last_lines(), "", "configurations (--config NAME):"]
        return text + [f"  {name:<15} {said}" for name, said in self.configurations.items()]

    def _last_lines(self) -> list[str]:
        if not self.built:
            return [f"There is no last build of {self.config} to compare with."]
        differing = [row for row in self.rows if row.last is not None]
        if not differing:
            return [f"All values are those of the last build of {self.config}."]
        return [f"* differs from the last build of {self.config}:"] + [
            f"  {row.spec.name}: {row.last or '(empty)'} -> {row.value.value or '(empty)'}" for row in differing
        ]

    def to_json(self) -> dict[str, Any]:
        """The same as data; `last` is null where nothing differs."""
        return {
            "config": self.config,
            "build_dir": str(self.build_dir),
            "configurations": dict(self.configurations),
            "options": [_row_json(row) for row in self.rows],
            "cmake": [
                {"library": item.scope, "name": item.name, "value": item.text, "origin": item.origin} for item in self.cmake
            ],
        }


def _row_lines(row: Row) -> list[str]:
    mark = "*" if row.last is not None else " "
    lines = [f"{mark} {row.spec.name} = {row.value.value or '(empty)'}  [{row.value.origin}]"]
    lines += [f"    {name}:{row.spec.name} = {own.value or '(empty)'}  [{own.origin}]" for name, own in row.own]
    return [*lines, f"    {row.spec.doc} ({row.spec.type.value}; affects {row.affects})"]


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "name": row.spec.name,
        "value": row.value.value,
        "origin": row.value.origin,
        "default": row.spec.default,
        "type": row.spec.type.value,
        "choices": list(row.spec.choices),
        "aliases": list(row.spec.aliases),
        "group": row.spec.group,
        "affects": row.affects,
        "doc": row.spec.doc,
        "libraries": {name: {"value": own.value, "origin": own.origin} for name, own in row.own},
        "last": row.last,
    }


def make_rows(
    specs: Sequence[OptionSpec], options: Options, libraries: Sequence[Library], last: Mapping[str, str] | None
) -> list[Row]:
    """The rows of the report, in the ledger's order."""
    rows = []
    for spec in specs:
        value = options.values[spec.name]
        own = tuple((scope, item) for (scope, name), item in options.scoped.items() if name == spec.name)
        before = None if last is None or spec.affects == (RUN,) else last.get(spec.name, spec.default)
        rows.append(Row(spec, value, affects_text(spec, libraries), own, before if before != value.value else None))
    return rows


def options_report(request: BuildRequest) -> OptionsReport:
    """Each option with value, origin, what it affects and what it is for; and what the last build had.

    With `libraries`, only the options that these take.
    """
    from orchestrator.session import open_session  # session uses this module

    session = open_session(request)
    try:
        last = {item.name: item.text for item in last_settings(session.build_dir) if not item.scope}
    except OptionError:
        last = None
    options, libraries = session.options, session.graph.order
    asked = session.graph.closure(request.libraries, only=True)
    specs = [
        spec for spec in session.specs() if not request.libraries or any(spec.takes(one) or spec.touches(one) for one in asked)
    ]
    names = {spec.name for spec in session.specs()}
    return OptionsReport(
        session.config,
        session.configuration.describe(),
        session.build_dir,
        {name: item.summary for name, item in session.configurations.items()},
        tuple(make_rows(specs, options, libraries, last)),
        tuple(item for item in options.explicit() if item.name not in names),
        last is not None,
    )


@dataclass(frozen=True)
class DocsReport:
    """Which documents of the options were written, because they were stale."""

    stale: tuple[Path, ...]

    def lines(self) -> list[str]:
        """A line for each."""
        return [f"wrote {path}" for path in self.stale] or ["the documents of the options are as they should be"]

    def to_json(self) -> dict[str, Any]:
        """Their paths."""
        return {"written": [str(path) for path in self.stale]}


def write_docs(root: Path, *, check: bool = False) -> DocsReport:
    """Writes docs/build_options.md and its schema from the ledger where they are stale; `check` only looks."""
    from orchestrator.options.optiondocs import write_option_docs

    return DocsReport(write_option_docs(root, check=check))
