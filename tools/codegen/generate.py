"""The generator's command: `python tools/codegen/generate.py --declarations DIR --out DIR`.

Needs the standard library only. Output is deterministic to the byte, and a file is written only if its text differs, so that
what did not change does not compile again.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

if __package__ in (None, ""):  # run as a script: make the folder a package
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    __package__ = "codegen"

from codegen.model import DeclarationError, Op, parse

# Each has emit(ops) -> {file name: text}.
EMITTERS = ("emit_ops", "emit_nodes", "emit_bindings", "emit_pyi")


def generate(declarations: Path) -> dict[str, str]:
    """All generated files by name; raises DeclarationError."""
    ops = parse(declarations)
    files: dict[str, str] = {}
    for name in EMITTERS:
        if not (Path(__file__).parent / f"{name}.py").exists():
            continue
        emit: Callable[[tuple[Op, ...]], dict[str, str]] = importlib.import_module(f"codegen.{name}").emit
        files.update(emit(ops))
    return files


def write(files: dict[str, str], folder: Path) -> list[str]:
    """Writes what differs and returns the names of those files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in sorted(files.items()):
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.write_text(text, encoding="utf-8")
        written.append(name)
    return written


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 1 after an error was printed."""
    parser = argparse.ArgumentParser(description="Generates C++ and type stubs from the op declarations.")
    parser.add_argument("--declarations", type=Path, required=True, help="folder of the *.toml files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the generated files")
    options = parser.parse_args(arguments)
    try:
        write(generate(options.declarations), options.out)
    except DeclarationError as error:
        print(f"codegen: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
