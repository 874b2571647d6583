"""docs/build_options.md and the JSON schema of build_options.toml, made from the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestrator.detect import DETECTORS
from orchestrator.graph import build_graph
from orchestrator.manifest import Library, Manifest, load_manifest
from orchestrator.options import BUILTIN, OptionSpec, OptionType
from orchestrator.options.configurations import BUILD_TYPES, BUILTIN_CONFIGURATIONS, Configuration, all_configurations
from orchestrator.options.ledger import affects_text
from orchestrator.options.optiontable import GROUPS
from orchestrator.options.userfile import CONFIG_KEYS, USER_FILE
from orchestrator.tree import write_if_different

__all__ = ["option_page", "option_schema", "write_option_docs"]

_PAGE = "docs/build_options.md"
_SCHEMA = "docs/build_options.schema.json"
_INTRODUCTION = """\
# Build options

<!-- Made by `python tools/build_deps.py options --write-docs` from options/optiontable.py and libraries.toml. -->

`python tools/build_deps.py options` lists all options with their present values, who set them, which libraries they affect,
and what differs from the last build.

## Who sets an option

The first in this list that says something decides:

1. the command line: `-D NAME=VALUE` (`-D NAME` means ON)
2. the environment variable of the same name, or of an alias; an empty one counts as not set, `DEBUG=0` means off
3. the configuration that is built, if it sets options ([below](#configurations))
4. the user's file `{file}`
5. the default

`--again` asks the command line, then the last build of the configuration, and neither environment nor file. An alias marked
*not* means the opposite: `NO_CUDA=1` is `USE_CUDA=OFF`, and `NO_CUDA=0` says nothing. An unknown `-D` is an error; an
environment variable that begins with USE_, WITH_, NO_ or BUILD_ and resembles an option is reported. `-D CMAKE_NAME=VALUE` goes
to cmake as it is.

An option for *one library* is written `-D LIBRARY:NAME=VALUE`, and goes before what is said for all, whoever said it:

```
python tools/build_deps.py -D {library}:DEBUG=1 -D {library}:CFLAGS=-fno-inline
```

AUTO takes something if it is there and says so; ON makes it an error if it is missing, with each place that was looked at;
OFF leaves it out.

A changed, added or *removed* value configures exactly the libraries that it affects, and the build says so with the value
before, the value after, and who set it. Options of the run configure nothing.

## The user's file

`{file}` stands beside `libraries.toml`, is ignored by git, and holds what you always want. Editors check it against
[{schema_name}]({schema_name}).

```toml
#:schema ./{schema}
configuration = "relwithdebinfo"   # instead of release

[options]
BLAS = "none"
WERROR = true

[{library}]                               # for {library} alone; "{library}:DEBUG" under [options] is the same
DEBUG = true

[config.profile]                   # a configuration of your own: --config profile, built in build/profile
summary = "for perf"
inherits = "relwithdebinfo"
cflags = "-fno-omit-frame-pointer"

[config.profile.options]
BUILD_TESTS = false
```
"""
_CONFIGURATIONS = """\
## Configurations

`--config NAME` chooses one; each has its own tree, build/NAME, and they stand side by side. `DEBUG=1` and `REL_WITH_DEB_INFO=1`
are the classic names of two of them. More are described in `libraries.toml` or `{file}` under `[config.NAME]`: `summary`,
`inherits` (default: release), `build-type` ({types}), `cflags`, `cxxflags`, `ldflags` (after the inherited ones), and
`[config.NAME.options]`. Flags of a configuration come before those of the options.

| configuration | what for | how | running Python with it |
|---|---|---|---|
"""


def option_page(manifest: Manifest) -> str:
    """The text of docs/build_options.md."""
    libraries = build_graph(manifest).order
    names = {"file": USER_FILE, "schema": _SCHEMA, "schema_name": Path(_SCHEMA).name, "library": libraries[0].name}
    page = _INTRODUCTION
    for name, text in names.items():
        page = page.replace(f"{{{name}}}", text)
    page += "\n" + _CONFIGURATIONS.format(file=USER_FILE, types=", ".join(BUILD_TYPES))
    page += "".join(_configuration_row(item) for item in all_configurations(manifest.configurations).values())
    specs = (*manifest.options, *BUILTIN)
    for group in GROUPS:
        chosen = [spec for spec in specs if spec.group == group]
        if chosen:
            page += f"\n## {group}\n\n| option | type and default | meaning | affects |\n|---|---|---|---|\n"
            page += "".join(_option_row(spec, libraries) for spec in chosen)
    return page


def _configuration_row(item: Configuration) -> str:
    words = [f"{name}={value}" for name, value in item.environment]
    if item.preload:
        files = " ".join(f"$(cc -print-file-name={library})" for library in item.preload)
        words.append(f'LD_PRELOAD="{files}"')
    running = f"`{' '.join(words)}`" if words else ""
    return f"| `{item.name}` | {item.summary} | {item.describe()} | {running} |\n"


def _option_row(spec: OptionSpec, libraries: Iterable[Library]) -> str:
    also = [f"*not* `{alias[1:]}`" if alias.startswith("!") else f"`{alias}`" for alias in spec.aliases]
    name = f"`{spec.name}`" + (f" (also {', '.join(also)})" if also else "")
    kind = f"{spec.type.value}" + (f": {', '.join(spec.choices)}" if spec.choices else "")
    default = f"`{spec.default}`" if spec.default else "empty"
    own = "; also for one library" if spec.scoped else ""
    return f"| {name} | {kind}, {default} | {spec.doc} | {affects_text(spec, libraries)}{own} |\n"


def option_schema(manifest: Manifest) -> dict[str, Any]:
    """The JSON schema of the user's file."""
    libraries = build_graph(manifest).order
    specs = (*manifest.options, *BUILTIN)
    scoped = {library.name: [spec for spec in specs if spec.takes(library)] for library in libraries}
    options = _options(specs)
    for name, taken in scoped.items():
        options |= {f"{name}:{key}": value for key, value in _options(taken).items()}
    definitions = {"^([^:]+:)?CMAKE_": {"type": "string"}}
    keys: dict[str, Any] = {key: {"type": "string"} for key in CONFIG_KEYS}
    keys["build-type"] = {"enum": list(BUILD_TYPES)}
    keys["options"] = _table("Options of this configuration.", options, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": USER_FILE,
        "description": f"Build options of one user; see {_PAGE}.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "configuration": {
                "type": "string",
                "description": "The configuration that is built by default.",
                "examples": list(BUILTIN_CONFIGURATIONS),
            },
            "options": _table("Options for all libraries.", options, definitions),
            "config": {
                "type": "object",
                "description": "Configurations of your own.",
                "propertyNames": {"pattern": "^[a-z][a-z0-9_-]*$", "not": {"enum": [*BUILTIN_CONFIGURATIONS, "fast", "ide"]}},
                "additionalProperties": _table("A configuration.", keys, {}),
            },
        }
        | {name: _table(f"Options for {name} alone.", _options(taken), definitions) for name, taken in scoped.items()},
    }


def _table(description: str, properties: Mapping[str, Any], patterns: Mapping[str, Any]) -> dict[str, Any]:
    table = {"type": "object", "description": description, "additionalProperties": False, "properties": dict(properties)}
    return table | ({"patternProperties": dict(patterns)} if patterns else {})


def _options(specs: Iterable[OptionSpec]) -> dict[str, Any]:
    return {name: _value(spec, name) for spec in specs for name in spec.names()}


def _value(spec: OptionSpec, name: str) -> dict[str, Any]:
    said = spec.doc if name == spec.name else f"Another name of {spec.name}. {spec.doc}"
    if f"!{name}" in spec.aliases:
        said = f"The opposite of {spec.name}. {spec.doc}"
    words = ["ON", "OFF", "on", "off", "yes", "no", "true", "false", "1", "0"]
    switch: dict[str, Any] = {"enum": [True, False, 1, 0, *words]}
    kinds: dict[OptionType, dict[str, Any]] = {
        OptionType.BOOL: switch,
        OptionType.TRISTATE: {"enum": [*switch["enum"], "AUTO", "auto"]},
        OptionType.INT: {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+$"}]},
        OptionType.TEXT: {"type": ["string", "integer"]},
        OptionType.LIST: {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        OptionType.CHOICE: {"enum": list(spec.choices)},
    }
    return {"description": said, **kinds[spec.type]}


def write_option_docs(root: Path, *, check: bool = False) -> tuple[Path, ...]:
    """Writes both files below `root`. Returns those that were stale; with `check` they stay as they are."""
    manifest = load_manifest(root / "libraries.toml", detectors=tuple(DETECTORS))
    texts = {_PAGE: option_page(manifest), _SCHEMA: json.dumps(option_schema(manifest), indent=1) + "\n"}
    stale = []
    for name, text in texts.items():
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not check:
                write_if_different(path, text)
    return tuple(stale)
