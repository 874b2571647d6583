"""Reads libraries.toml into `Manifest`. Every mistake is a ManifestError that names file, line and what is expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError, ManifestError, OptionError, nearest
from orchestrator.options import BUILTIN, OptionSpec, OptionType, Setting
from orchestrator.options.configurations import Described, describe
from orchestrator.options.userfile import option_text

__all__ = ["Carried", "Framework", "Library", "Manifest", "load_manifest"]

Pairs = tuple[tuple[str, str], ...]

# section -> key -> (expected type, required, default). The words of a type are what the error text says.
TEXT, TEXTS, TABLE = "a string", "a list of strings", 'a table of strings, like { "from" = "to" }'
ANY = "a string, number, boolean"
OPTIONS = "a table of options"
_SCHEMA: Mapping[str, Mapping[str, tuple[str, bool, Any]]] = {
    "framework": {
        "name": (TEXT, True, ""),
        "cmake": (TEXT, False, "."),
        "package": (TEXT, True, ""),
        "products": (TEXT, True, ""),
        "version-file": (TEXT, False, ""),
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
_SECTIONS = ("framework", "library", "extension", "carried", "option", "config")


@dataclass(frozen=True)
class Framework:
    """The family as a whole. Folders are relative to the manifest's folder."""

    name: str
    version: str
    cmake: str
    package: str
    products: str
    version_file: str


@dataclass(frozen=True)
class Library:
    """One CMake project of the family: a library, or (`kind` "extension") a Python extension."""

    name: str
    kind: str
    summary: str
    source: str
    version: str
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    options: tuple[str, ...]
    cmake: tuple[str, ...]
    products: Pairs
    headers: Pairs
    generated: Pairs
    tests: str
    line: int
    exports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """A library made by others that is shipped beside ours: `name` is the detector that finds it."""

    name: str
    summary: str
    owners: tuple[str, ...]
    library: str
    licence: str
    line: int


@dataclass(frozen=True)
class Manifest:
    """The whole table, in the file's order."""

    path: Path
    framework: Framework
    libraries: tuple[Library, ...]
    carried: tuple[Carried, ...]
    options: tuple[OptionSpec, ...]
    configurations: tuple[Described, ...] = ()

    @property
    def root(self) -> Path:
        """The folder that all paths of the manifest are relative to."""
        return self.path.parent

    def names(self) -> tuple[str, ...]:
        """Names of libraries and extensions."""
        return tuple(library.name for library in self.libraries)


class _Reader:
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
        schema = _SCHEMA[schema_name]
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


def load_manifest(path: Path, *, detectors: tuple[str, ...]) -> Manifest:
    """Reads and checks the file. `detectors` are the names that `uses` and `[carried.*]` may have."""
    path = path.absolute()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror}", next_step="run from a checkout, or give --manifest FILE") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", str(error))
        where = found[1] if found and found[1] else str(len(text.splitlines()))
        raise ManifestError(f"{path}:{where}: not valid TOML: {error}", next_step="see docs/manifest.md") from None
    reader = _Reader(path, text)
    for section in data:
        if section not in _SECTIONS:
            hint = nearest(section, _SECTIONS)
            expected = "[framework], [library.NAME], [extension.NAME], [carried.NAME], [option.NAME], [config.NAME]"
            raise reader.error(section, "", f"unknown section `{section}`.{hint}", next_step=f"sections: {expected}")
    manifest = Manifest(
        path=path,
        framework=_framework(reader, data),
        libraries=tuple(_libraries(reader, data)),
        carried=tuple(_carried(reader, data)),
        options=tuple(_options(reader, data)),
        configurations=tuple(_configurations(reader, data)),
    )
    _check_names(reader, manifest, detectors)
    return manifest


def _framework(reader: _Reader, data: dict[str, Any]) -> Framework:
    if "framework" not in data:
        raise reader.error("framework", "", "the section [framework] is missing")
    values = reader.checked("framework", "framework", data["framework"])
    version = values["version"]
    if values["version-from"]:
        source = reader.path.parent / values["version-from"]
        try:
            version = tomllib.loads(source.read_text(encoding="utf-8"))["project"]["version"]
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            message = f"`version-from` names {source}, which gives no [project] version ({error!r})"
            raise reader.error("framework", "version-from", message) from None
    if not version:
        raise reader.error("framework", "", "[framework] has neither `version` nor `version-from`")
    return Framework(
        name=values["name"],
        version=version,
        cmake=values["cmake"],
        package=values["package"],
        products=values["products"],
        version_file=values["version-file"],
    )


def _libraries(reader: _Reader, data: dict[str, Any]) -> list[Library]:
    libraries: list[Library] = []
    for kind in ("library", "extension"):
        for name, table in data.get(kind, {}).items():
            section = f"{kind}.{name}"
            values = reader.checked(section, "library", table)
            if any(library.name == name for library in libraries):
                raise reader.error(section, "", f"{name} is the name of a library and of an extension")
            if not (reader.path.parent / values["source"] / "CMakeLists.txt").is_file():
                raise reader.error(section, "source", f"the folder `{values['source']}` of {name} holds no CMakeLists.txt")
            libraries.append(
                Library(
                    name=name,
                    kind=kind,
                    summary=values["summary"],
                    source=values["source"].rstrip("/"),
                    version=values["version"],
                    needs=tuple(values["needs"]),
                    uses=tuple(values["uses"]),
                    options=tuple(values["options"]),
                    cmake=tuple(values["cmake"]),
                    products=tuple(values["products"].items()),
                    headers=tuple(values["headers"].items()),
                    generated=tuple(values["generated"].items()),
                    tests=values["tests"],
                    line=reader.line_of(section),
                    exports=tuple(values["exports"]),
                )
            )
    if not libraries:
        raise reader.error("library", "", "there is no [library.NAME] section")
    return libraries


def _carried(reader: _Reader, data: dict[str, Any]) -> list[Carried]:
    parts = []
    for name, table in data.get("carried", {}).items():
        values = reader.checked(f"carried.{name}", "carried", table)
        line = reader.line_of(f"carried.{name}")
        parts.append(Carried(name, values["summary"], tuple(values["for"]), values["library"], values["licence"], line))
    return parts


def _options(reader: _Reader, data: dict[str, Any]) -> list[OptionSpec]:
    specs = []
    for name, table in data.get("option", {}).items():
        values = reader.checked(f"option.{name}", "option", table)
        try:
            kind = OptionType(values["type"])
        except ValueError:
            known = [member.value for member in OptionType]
            hint = nearest(values["type"], known)
            message = f"`type` must be one of {', '.join(known)}, found {values['type']!r}.{hint}"
            raise reader.error(f"option.{name}", "type", message) from None
        default = option_text(values["default"]) or ""
        aliases, choices = tuple(values["aliases"]), tuple(values["choices"])
        spec = OptionSpec(name, kind, default, values["doc"], aliases, choices, scoped=True)
        try:
            default = spec.parse(default, where=f"[option.{name}]") if default else default
        except OptionError as error:
            raise reader.error(f"option.{name}", "default", error.what) from None
        specs.append(replace(spec, default=default))
    _check_options(reader, specs)
    return specs


def _check_options(reader: _Reader, specs: list[OptionSpec]) -> None:
    taken = {name: "the orchestrator" for spec in BUILTIN for name in spec.names()}
    for spec in specs:
        for name in spec.names():
            if name in taken:
                raise reader.error(f"option.{spec.name}", "aliases", f"`{name}` is already an option of {taken[name]}")
            taken[name] = f"[option.{spec.name}]"


def _configurations(reader: _Reader, data: dict[str, Any]) -> list[Described]:
    described = []
    for name, table in data.get("config", {}).items():
        section = f"config.{name}"
        values = reader.checked(section, "config", table)
        settings = []
        for label, value in values["options"].items():
            scope, _, option = label.rpartition(":")
            settings.append(Setting(scope, option, option_text(value) or "", f"configuration {name}"))
        described.append(describe(name, values, tuple(settings), reader.path.name, _failure(reader, section)))
    return described


def _failure(reader: _Reader, section: str) -> Callable[[str, str], BuildError]:
    return lambda key, message: reader.error(section, key, message)


def _check_names(reader: _Reader, manifest: Manifest, detectors: tuple[str, ...]) -> None:
    names = manifest.names()
    for library in manifest.libraries:
        section = f"{library.kind}.{library.name}"
        for need in library.needs:
            if need not in names:
                message = f"{library.name} needs {need}, which is not in this file.{nearest(need, names)}"
                raise reader.error(section, "needs", message, next_step=f"names in this file: {', '.join(names)}")
        for used in library.uses:
            if used not in detectors:
                message = f"{library.name} uses {used}, which nothing here detects.{nearest(used, detectors)}"
                raise reader.error(section, "uses", message, next_step=f"what is detected: {', '.join(detectors)}")
        for option in library.options:
            known = [spec.name for spec in (*manifest.options, *BUILTIN)]
            if option not in known:
                message = f"{library.name} takes the option {option}, which is not in this file.{nearest(option, known)}"
                raise reader.error(section, "options", message, next_step=f"describe it under [option.{option}]")
    for part in manifest.carried:
        section = f"carried.{part.name}"
        if part.name not in detectors:
            message = f"{part.name} is carried, but nothing here detects it.{nearest(part.name, detectors)}"
            raise reader.error(section, "", message, next_step=f"what is detected: {', '.join(detectors)}")
        for owner in part.owners:
            if owner not in names:
                message = f"{part.name} is carried for {owner}, which is not in this file.{nearest(owner, names)}"
                raise reader.error(section, "for", message)
