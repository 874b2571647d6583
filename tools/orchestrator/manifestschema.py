"""What may stand in libraries.toml: sections, keys and types; and the reader that points at the line of a mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import ManifestError, nearest
from orchestrator.options.userfile import option_text

__all__ = ["SCHEMA", "Reader"]

# section -> key -> (expected type, required, default). The words of a type are what the error text says.
TEXT, TEXTS, TABLE = "a string", "a list of strings", 'a table of strings, like { "from" = "to" }'
ANY = "a string, number, boolean"
OPTIONS = "a table of options"
_WANTED: Mapping[str, tuple[str, bool, Any]] = {"when": (TEXTS, False, []), "configurations": (TEXTS, False, [])}
SCHEMA: Mapping[str, Mapping[str, tuple[str, bool, Any]]] = {
    "framework": {
        "name": (TEXT, True, ""),
        "cmake": (TEXT, False, "."),
        "package": (TEXT, False, ""),
        "products": (TEXT, False, ""),
        "prefix": (TEXT, False, ""),
        "version-file": (TEXT, False, ""),
        "cmake-package": (TEXT, False, ""),
        "pkg-config": (TEXT, False, ""),
        "version-from": (TEXT, False, ""),
        "version": (TEXT, False, ""),
    },
    "library": {
        "summary": (TEXT, True, ""),
        "source": (TEXT, True, ""),
        "version": (TEXT, True, ""),
        "needs": (TEXTS, False, []),
        "uses": (TEXTS, False, ["compiler"]),
        "options": (TEXTS, False, []),
        "cmake": (TEXTS, False, []),
        "products": (TABLE, True, {}),
        "headers": (TABLE, False, {}),
        "generated": (TABLE, False, {}),
        "exports": (TEXTS, False, []),
        "tests": (TEXT, False, ""),
        **_WANTED,
    },
    "project": {
        "summary": (TEXT, False, ""),
        "source": (TEXT, True, ""),
        "version": (TEXT, False, ""),
        "needs": (TEXTS, False, []),
        "uses": (TEXTS, False, ["compiler"]),
        "options": (TEXTS, False, []),
        "cmake": (TEXTS, False, []),
        "install": (TABLE, False, {}),
        "produces": (TEXTS, False, []),
        "products": (TABLE, False, {}),
        "headers": (TABLE, False, {}),
        "tests": (TEXT, False, ""),
        **_WANTED,
    },
    "carried": {
        "summary": (TEXT, True, ""),
        "for": (TEXTS, True, []),
        "library": (TEXT, True, ""),
        "licence": (TEXT, True, ""),
    },
    "option": {
        "type": (TEXT, True, ""),
        "default": (ANY, False, ""),
        "doc": (TEXT, True, ""),
        "choices": (TEXTS, False, []),
        "aliases": (TEXTS, False, []),
    },
    "config": {
        "summary": (TEXT, True, ""),
        "inherits": (TEXT, False, ""),
        "build-type": (TEXT, False, ""),
        "cflags": (TEXT, False, ""),
        "cxxflags": (TEXT, False, ""),
        "ldflags": (TEXT, False, ""),
        "options": (OPTIONS, False, {}),
    },
}


class Reader:
    """One file with enough memory of its lines to point at a mistake."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def line_of(self, section: str, key: str = "") -> int:
        start = 0
        for number, line in enumerate(self.lines, 1):
            stripped = line.split("#", 1)[0].strip()
            if re.fullmatch(r"\[\s*" + re.escape(section) + r"\s*\]", stripped):
                start = number
                if not key:
                    return start
            elif start and stripped.startswith("["):
                break
            elif start and re.match(r"[\"']?" + re.escape(key) + r"[\"']?\s*=", stripped):
                return number
        return start or 1

    def error(self, section: str, key: str, message: str, *, next_step: str = "") -> ManifestError:
        where = f"{self.path}:{self.line_of(section, key)}"
        return ManifestError(f"{where}: {message}", next_step=next_step)

    def checked(self, section: str, schema_name: str, table: object) -> dict[str, Any]:
        """The table with defaults filled in; unknown keys, missing keys and wrong types are errors."""
        if not isinstance(table, dict):
            raise self.error(section, "", f"[{section}] must be a table, found {table!r}")
        schema = SCHEMA[schema_name]
        for key in table:
            if key not in schema:
                hint = nearest(key, schema)
                raise self.error(
                    section, key, f"unknown key `{key}` in [{section}].{hint}", next_step=f"keys: {', '.join(schema)}"
                )
        values: dict[str, Any] = {}
        for key, (kind, required, default) in schema.items():
            if key not in table and required:
                raise self.error(section, "", f"[{section}] has no `{key}`, which must be {kind}")
            value = table.get(key, default)
            if not _is(kind, value):
                raise self.error(section, key, f"`{key}` in [{section}] must be {kind}, found {value!r}")
            values[key] = value
        return values


def _is(kind: str, value: object) -> bool:
    if kind == TEXT:
        return isinstance(value, str)
    if kind == TEXTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == OPTIONS:
        return isinstance(value, dict) and all(option_text(item) is not None for item in value.values())
    if kind == TABLE:
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return isinstance(value, (str, int, bool))
