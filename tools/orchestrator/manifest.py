"""Reads libraries.toml into `Manifest`. Every mistake is a ManifestError that names file, line and what is expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError, ManifestError, OptionError, nearest
from orchestrator.manifestschema import SCHEMA, Reader
from orchestrator.options import BUILTIN, OptionSpec, OptionType, Setting
from orchestrator.options.configurations import Described, describe
from orchestrator.options.userfile import option_text

__all__ = ["Carried", "Framework", "Library", "Manifest", "load_manifest"]

Pairs = tuple[tuple[str, str], ...]

_SECTIONS = ("framework", "library", "extension", "project", "carried", "option", "config")


@dataclass(frozen=True)
class Framework:
    """The family as a whole. Folders are relative to the manifest's folder."""

    name: str
    version: str
    cmake: str
    package: str
    products: str
    version_file: str
    prefix: str = ""
    cmake_package: str = ""
    pkg_config: str = ""


@dataclass(frozen=True)
class Library:
    """One CMake project of the family.

    `kind`: a library of the one graph; an "extension" of it, for Python; or a "project" of somebody else, with a build tree of
    its own and install rules, which goes into the prefix (`install` adds to what its rules do, `produces` must be there after
    it). `when` are options and `configurations` those configurations in which it is wanted; none: always. `lines` says where
    the manifest has each key.
    """

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
    install: Pairs = ()
    produces: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Built in a tree of its own."""
        return self.kind == "project"

    def line_of(self, key: str) -> int:
        """The manifest's line of a key, or of the section that lacks it."""
        return self.lines.get(key, self.line)


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
    reader = Reader(path, text)
    for section in data:
        if section not in _SECTIONS:
            hint = nearest(section, _SECTIONS)
            expected = ", ".join(f"[{name}]" if name == "framework" else f"[{name}.NAME]" for name in _SECTIONS)
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


def _framework(reader: Reader, data: dict[str, Any]) -> Framework:
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
        prefix=values["prefix"],
        cmake_package=values["cmake-package"].rstrip("/"),
        pkg_config=values["pkg-config"].rstrip("/"),
    )


def _libraries(reader: Reader, data: dict[str, Any]) -> list[Library]:
    libraries: list[Library] = []
    for kind in ("library", "extension", "project"):
        for name, table in data.get(kind, {}).items():
            section = f"{kind}.{name}"
            values = reader.checked(section, "project" if kind == "project" else "library", table)
            if other := next((library for library in libraries if library.name == name), None):
                raise reader.error(section, "", f"{name} is the name of another [{other.kind}.{name}]")
            if problem := no_project(reader.path.parent / values["source"]):
                what, step = problem
                raise reader.error(section, "source", f"the folder `{values['source']}` of {name} {what}", next_step=step)
            libraries.append(_library(reader, section, kind, name, values))
    if not libraries:
        raise reader.error("library", "", "there is no [library.NAME] section, and no [project.NAME]")
    return libraries


def _library(reader: Reader, section: str, kind: str, name: str, values: Mapping[str, Any]) -> Library:
    return Library(
        name=name,
        kind=kind,
        summary=values["summary"] or name,
        source=values["source"].rstrip("/"),
        version=values["version"],
        needs=tuple(values["needs"]),
        uses=tuple(values["uses"]),
        options=tuple(values["options"]),
        cmake=tuple(values["cmake"]),
        products=tuple(values["products"].items()),
        headers=tuple(values["headers"].items()),
        generated=tuple(values.get("generated", {}).items()),
        tests=values["tests"],
        line=reader.line_of(section),
        exports=tuple(values.get("exports", ())),
        install=tuple(values.get("install", {}).items()),
        produces=tuple(values.get("produces", ())),
        when=tuple(values["when"]),
        configurations=tuple(values["configurations"]),
        lines={key: reader.line_of(section, key) for key in SCHEMA["project" if kind == "project" else "library"]},
    )


# What tells the build system of a folder without a CMakeLists.txt.
_OTHERS = {
    "configure": "GNU configure",
    "configure.ac": "GNU autotools",
    "meson.build": "Meson",
    "Makefile": "a Makefile",
    "GNUmakefile": "a Makefile",
    "BUILD.bazel": "Bazel",
    "SConstruct": "SCons",
    "Cargo.toml": "Cargo",
}


def no_project(folder: Path) -> tuple[str, str] | None:
    """Why the folder is no CMake project, and what to write instead; None if it is one."""
    if (folder / "CMakeLists.txt").is_file():
        return None
    if not folder.is_dir():
        return "holds no CMakeLists.txt: it is not there", "write the folder of the project, relative to the manifest"
    deeper = sorted(path.parent.relative_to(folder).as_posix() for path in folder.glob("*/CMakeLists.txt"))
    if deeper:
        return "holds no CMakeLists.txt", f"one of its folders does: write `{folder.name}/{deeper[0]}`"
    other = next((words for file, words in _OTHERS.items() if (folder / file).is_file()), "")
    what = f"holds no CMakeLists.txt: its own build is {other}" if other else "holds no CMakeLists.txt"
    step = (
        "write a CMakeLists.txt that compiles and installs its files into a folder of yours, and name that folder as `source`"
    )
    return what, step


def _carried(reader: Reader, data: dict[str, Any]) -> list[Carried]:
    parts = []
    for name, table in data.get("carried", {}).items():
        values = reader.checked(f"carried.{name}", "carried", table)
        line = reader.line_of(f"carried.{name}")
        parts.append(Carried(name, values["summary"], tuple(values["for"]), values["library"], values["licence"], line))
    return parts


def _options(reader: Reader, data: dict[str, Any]) -> list[OptionSpec]:
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


def _check_options(reader: Reader, specs: list[OptionSpec]) -> None:
    taken = {name: "the orchestrator" for spec in BUILTIN for name in spec.names()}
    for spec in specs:
        for name in spec.names():
            if name in taken:
                raise reader.error(f"option.{spec.name}", "aliases", f"`{name}` is already an option of {taken[name]}")
            taken[name] = f"[option.{spec.name}]"


def _configurations(reader: Reader, data: dict[str, Any]) -> list[Described]:
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


def _failure(reader: Reader, section: str) -> Callable[[str, str], BuildError]:
    return lambda key, message: reader.error(section, key, message)


def _check_names(reader: Reader, manifest: Manifest, detectors: tuple[str, ...]) -> None:
    names = manifest.names()
    for library in manifest.libraries:
        published = next((key for key in ("products", "headers", "generated") if getattr(library, key)), "")
        if published and not (manifest.framework.package and manifest.framework.products):
            message = (
                f"{library.name} publishes `{published}`, and [framework] does not say where: it needs `package` and `products`"
            )
            raise reader.error(f"{library.kind}.{library.name}", published, message)
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
        known = [spec.name for spec in (*manifest.options, *BUILTIN)]
        for key, option in (*(("options", name) for name in library.options), *(("when", name) for name in library.when)):
            if option not in known:
                verb = "takes" if key == "options" else "is wanted by"
                message = f"{library.name} {verb} the option {option}, which is not in this file.{nearest(option, known)}"
                raise reader.error(section, key, message, next_step=f"describe it under [option.{option}]")
    for part in manifest.carried:
        section = f"carried.{part.name}"
        if part.name not in detectors:
            message = f"{part.name} is carried, but nothing here detects it.{nearest(part.name, detectors)}"
            raise reader.error(section, "", message, next_step=f"what is detected: {', '.join(detectors)}")
        for owner in part.owners:
            if owner not in names:
                message = f"{part.name} is carried for {owner}, which is not in this file.{nearest(owner, names)}"
                raise reader.error(section, "for", message)
