"""build_options.toml: a user's own choices, beside the manifest and out of the repository."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError, OptionError, nearest
from orchestrator.options import Setting
from orchestrator.options.configurations import Described, describe

__all__ = ["CONFIG_KEYS", "USER_FILE", "UserFile", "option_text", "read_user_file", "user_file"]

USER_FILE = "build_options.toml"
CONFIG_KEYS = ("summary", "inherits", "build-type", "cflags", "cxxflags", "ldflags")
_NEXT = "see docs/build_options.md"


@dataclass(frozen=True)
class UserFile:
    """Its content; all empty if there is no such file. `configuration` is the one that is built by default."""

    path: Path
    configuration: str = ""
    settings: tuple[Setting, ...] = ()
    configurations: tuple[Described, ...] = ()


def user_file(root: Path) -> Path:
    """Where it stands."""
    return root / USER_FILE


def option_text(value: object) -> str | None:
    """An option's value in TOML as text; None if it cannot be one."""
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ";".join(value)
    return None


def read_user_file(root: Path, libraries: Sequence[str]) -> UserFile:
    """Raises OptionError with file and line. Names and values of options are checked where they are resolved."""
    path = user_file(root)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return UserFile(path)
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}", next_step=_NEXT) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path}: not valid TOML: {error}", next_step=_NEXT) from None
    return _Reader(path, text.splitlines(), libraries).read(data)


@dataclass(frozen=True)
class _Reader:
    path: Path
    lines: list[str]
    libraries: Sequence[str]

    def line_of(self, section: str, key: str) -> int:
        """The line of the key in the section, else of the section, else 1."""
        now, found = "", 1
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[\s*([^]]+?)\s*\]", line):
                now = header[1].replace('"', "").replace("'", "")
                if now == section:
                    found = number
            elif now == section and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return found

    def error(self, section: str, key: str, message: str) -> OptionError:
        return OptionError(f"{self.path}:{self.line_of(section, key)}: {message}", next_step=_NEXT)

    def read(self, data: Mapping[str, Any]) -> UserFile:
        known = ("configuration", "options", "config", *self.libraries)
        for key in data:
            if key not in known:
                hint = nearest(key, known)
                raise self.error(key, "", f"unknown key or section `{key}`.{hint} Options stand under [options] or [LIBRARY].")
        configuration = data.get("configuration", "")
        if not isinstance(configuration, str):
            raise self.error("", "configuration", f"`configuration` must be a name, found {configuration!r}")
        settings = list(self.settings("options", "", data.get("options", {})))
        for library in self.libraries:
            settings += self.settings(library, library, data.get(library, {}))
        tables = data.get("config", {})
        if not isinstance(tables, dict):
            raise self.error("", "config", "[config.NAME] describes a configuration; the default one is configuration = NAME")
        described = tuple(self.described(name, table) for name, table in tables.items())
        return UserFile(self.path, configuration, tuple(settings), described)

    def settings(self, section: str, scope: str, table: object) -> Iterator[Setting]:
        if not isinstance(table, dict):
            raise self.error("", section, f"[{section}] must be a table, found {table!r}")
        for key, value in table.items():
            origin = f"file {self.path.name} line {self.line_of(section, key)}"
            text = option_text(value)
            if text is None:
                raise self.error(section, key, f"`{key}` must be a string, number, boolean or list of strings, found {value!r}")
            library, colon, name = key.partition(":")
            if colon and (scope or library not in self.libraries):
                raise self.error(section, key, f"`{key}`: there is no library {library}.{nearest(library, self.libraries)}")
            yield Setting(library, name, text, origin) if colon else Setting(scope, key, text, origin)

    def described(self, name: str, table: object) -> Described:
        section = f"config.{name}"
        if not isinstance(table, dict):
            raise self.error("config", name, f"[{section}] must be a table, found {table!r}")
        for key, value in table.items():
            if key not in (*CONFIG_KEYS, "options"):
                raise self.error(section, key, f"unknown key `{key}` in [{section}].{nearest(key, (*CONFIG_KEYS, 'options'))}")
            if key != "options" and not isinstance(value, str):
                raise self.error(section, key, f"`{key}` in [{section}] must be a string, found {value!r}")
        settings = tuple(
            Setting(item.scope, item.name, item.text, f"configuration {name}")
            for item in self.settings(f"{section}.options", "", table.get("options", {}))
        )
        return describe(name, table, settings, self.path.name, self.failure(section))

    def failure(self, section: str) -> Callable[[str, str], BuildError]:
        return lambda key, message: self.error(section, key, message)
