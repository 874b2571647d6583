"""What ninja knows of headers, beside what the sources say: a unit that reads a header is compiled again when that changes."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

from orchestrator import api
from orchestrator.detect import Found

_DIRECTIVE = re.compile(r'^\s*#\s*(if|ifn?def|endif|define|include)\b\s*(?:["<]([^">]+)[">])?', re.MULTILINE)
_LIBRARIES = ("lib/TH", "lib/THNN", "lib/THD", "lib/THC", "lib/THCUNN", "lib/cudnn", "lib/nccl")
_INCLUDES = (
    *(f"{library}{folder}" for library in _LIBRARIES for folder in ("/include", "/src", "")),
    "torch/csrc",
    "torch/csrc/python/include",
)


def known(built: api.BuildResult) -> dict[str, list[Path]]:
    """The files that the last compilation of each unit read, as ninja remembers them; the source is the first."""
    ninja = built.found["ninja"]
    assert isinstance(ninja, Found)
    command = [str(ninja.path), "-C", str(built.build_dir), "-t", "deps"]
    blocks = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n\n")
    lines = [block.strip().splitlines() for block in blocks if "#deps" in block]
    place = cache(lambda name: (built.build_dir / name).resolve())  # hundreds of units read the same headers
    return {head.partition(":")[0]: [place(name.strip()) for name in names] for head, *names in lines}


class Headers:
    """Which of the project's headers stand behind a file; each file is read once. `folders` are searched after its own."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self.includes = cache(self._includes)

    def _includes(self, file: Path) -> tuple[tuple[Path, bool], ...]:
        """Those that a file names, and whether the preprocessor decides on them: its own guard does not count."""
        found, depth = [], 0
        directives = _DIRECTIVE.findall(file.read_text(encoding="utf-8"))
        guard = [kind for kind, _ in directives[:2]] == ["ifndef", "define"]
        for kind, name in directives:
            depth += kind in ("if", "ifdef", "ifndef")
            depth -= kind == "endif"
            places = (folder / name for folder in (file.parent, *self.folders)) if kind == "include" and name else ()
            place = next((place for place in places if place.is_file()), None)
            if place:
                found.append((place.resolve(), depth > guard))
        return tuple(found)

    def reached(self, source: Path, *, certain: bool) -> set[Path]:
        """All headers behind a source; `certain`: only those that it reads whatever is defined."""
        found: set[Path] = set()
        waiting = [source]
        while waiting:
            for header, decided in self.includes(waiting.pop()):
                if header not in found and not (certain and decided):
                    found.add(header)
                    waiting.append(header)
        return found


def forced(built: api.BuildResult, headers: Headers) -> dict[str, list[Path]]:
    """The project's headers that a unit's command names: -include, as if they stood before its first line."""
    found: dict[str, list[Path]] = {}
    for entry in json.loads((built.build_dir / "compile_commands.json").read_text(encoding="utf-8")):
        names = re.findall(r" -include (\S+)", entry["command"])
        unit = Path(entry["directory"], entry["output"]).relative_to(built.build_dir)
        found[str(unit)] = [folder / name for name in names for folder in headers.folders if (folder / name).is_file()]
    return found


def test_every_unit_is_known_to_read_its_headers(root: Path, built: api.BuildResult) -> None:
    """And no other: what does not read a header is not compiled for it."""
    folders = (*(root / name for name in _INCLUDES), built.build_dir / "torch", built.build_dir / "lib/THCUNN/shared")
    behind = Headers(*folders)
    # C tests are compiled on demand, and so may be of an earlier state.
    units = {unit: files for unit, files in known(built).items() if "tests" not in files[0].parts}
    inside = {file for files in units.values() for file in files[1:] if file.is_relative_to(root)}
    ours = {file for file in inside if "deps" not in file.relative_to(root).parts}
    before = forced(built, behind)
    assert len(units) > 300 and len(inside) > 150
    for unit, (source, *files) in units.items():
        mine = ours.intersection(files)
        first = before.get(unit, [])
        surely, perhaps = (
            {*first}.union(*(behind.reached(file, certain=certain) for file in (source, *first))) for certain in (True, False)
        )
        assert surely <= mine <= perhaps, unit


def test_the_comparison_can_fail(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text('#ifndef A_H\n#define A_H\n#include "b.h"\n#endif\n', encoding="utf-8")
    (tmp_path / "b.h").write_text("", encoding="utf-8")
    (tmp_path / "c.h").write_text("", encoding="utf-8")
    source = tmp_path / "a.c"
    source.write_text('#include "a.h"\n#ifdef WITH_C\n#include "c.h"\n#endif\n#include <stdio.h>\n', encoding="utf-8")
    assert Headers().reached(source, certain=True) == {tmp_path / "a.h", tmp_path / "b.h"}
    assert Headers().reached(source, certain=False) == {tmp_path / "a.h", tmp_path / "b.h", tmp_path / "c.h"}
