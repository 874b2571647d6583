"""Reads build.ninja as CMake writes it into values: which command makes which file out of which others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

__all__ = ["BuildGraph", "Edge", "Sources", "load_graph", "parse_graph", "tree_path"]

Variables = Mapping[str, str]

_NOTHING: Variables = {}
_TOKEN = re.compile(r"(?:[^ $:|]|\$.)+|\|\||\|@|\||:")
_ESCAPE = re.compile(r"\$(?:\{([\w.-]+)\}|([\w-]+)|(.))", re.DOTALL)
_FOLDER = re.compile(r'cd "?(?P<folder>[^"&]+?)"? && ')


def tree_path(path: str, tree: str) -> str:
    """The name that graphs use: relative to the build tree (`tree` ends in a slash) inside of it, absolute elsewhere."""
    if path.startswith("../"):
        return os.path.normpath(tree + path)
    return path.removeprefix(tree)


@dataclass(frozen=True, slots=True)
class Edge:
    """One command. Paths are relative to the build tree where they lie in it, else absolute.

    `kind` is compile, link, generate, symbols (a list of exported symbols) or other, and of what is no
    command of ninja's configure or install (projectwork.py); a phony edge is `other` and runs nothing.
    `library` is empty where no source folder of the manifest claims the edge.
    """

    outputs: tuple[str, ...]
    rule: str
    inputs: tuple[str, ...]
    implicit: tuple[str, ...]
    order_only: tuple[str, ...]
    variables: Variables
    library: str
    kind: str

    @property
    def output(self) -> str:
        """The first output, which names the edge."""
        return self.outputs[0]

    @property
    def phony(self) -> bool:
        """Only a name for its inputs."""
        return self.rule == "phony"

    @property
    def restat(self) -> bool:
        """What depends on the outputs runs only if the command changed them."""
        return self.variables.get("restat") == "1"


@dataclass(frozen=True)
class Sources:
    """The folder of each library's project, relative to the root and so to the build tree: folder -> library."""

    folders: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _prefixes(self) -> list[tuple[str, str]]:
        return sorted(((f"{folder}/", name) for folder, name in self.folders.items()), key=lambda item: -len(item[0]))

    def library_of(self, path: str) -> str:
        """The library whose folder holds the path, or nothing. The longest folder counts."""
        return next((name for prefix, name in self._prefixes if path.startswith(prefix)), "")


@dataclass(frozen=True)
class BuildGraph:
    """All edges in the file's order, and the rules by which a command's text is made.

    `deps` are the files that commands were seen to read (`ninjalog.parse_deps`), by output.
    """

    build_dir: Path
    edges: tuple[Edge, ...]
    rules: Mapping[str, Variables]
    variables: Variables
    deps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def by_output(self) -> dict[str, Edge]:
        """The edge that makes a path."""
        return {output: edge for edge in self.edges for output in edge.outputs}

    @cached_property
    def consumers(self) -> dict[str, tuple[Edge, ...]]:
        """The edges that have to run again if a path changes; order-only inputs do not count."""
        users: dict[str, list[Edge]] = {}
        for edge in self.edges:
            seen = (path for path in self.deps.get(edge.output, ()) if path in self.by_output)
            for path in dict.fromkeys((*edge.inputs, *edge.implicit, *seen)):
                users.setdefault(path, []).append(edge)
        return {path: tuple(edges) for path, edges in users.items()}

    def real_consumers(self, path: str) -> tuple[Edge, ...]:
        """`consumers`, with the users of a phony name in its place."""
        found: dict[str, Edge] = {}
        pending, seen = [path], {path}
        while pending:
            for edge in self.consumers.get(pending.pop(), ()):
                if not edge.phony:
                    found[edge.output] = edge
                    continue
                pending += [output for output in edge.outputs if output not in seen]
                seen.update(edge.outputs)
        return tuple(found.values())

    def needed(self, targets: Iterable[str]) -> tuple[Edge, ...]:
        """The edges behind the targets (phony ones included), in the file's order."""
        pending = list(targets)
        reached: set[int] = set()
        while pending:
            edge = self.by_output.get(pending.pop())
            if edge is not None and id(edge) not in reached:
                reached.add(id(edge))
                pending += (*edge.inputs, *edge.implicit, *edge.order_only)
        return tuple(edge for edge in self.edges if id(edge) in reached)

    def relative(self, path: str) -> str:
        """The name that the graph uses for a path."""
        return tree_path(path, f"{self.build_dir}/")

    def command(self, edge: Edge) -> str:
        """The command line, as ninja would run it."""
        return self._binding(edge, "command")

    def description(self, edge: Edge) -> str:
        """What ninja says when it runs the edge."""
        return self._binding(edge, "description") or self.command(edge)

    def _binding(self, edge: Edge, binding: str) -> str:
        rule = self.rules.get(edge.rule, _NOTHING)
        # Only compilations ask for $out, and these have one.
        special = {"in": " ".join(edge.inputs), "out": edge.output, "in_newline": "\n".join(edge.inputs)}

        def lookup(name: str) -> str:
            for scope in (special, edge.variables):
                if name in scope:
                    return scope[name]
            return _expand(rule[name], lookup) if name in rule else self.variables.get(name, "")

        return _expand(rule.get(binding, ""), lookup)


def load_graph(build_dir: Path, sources: Sources | None = None, *, suffix: str = "") -> BuildGraph | None:
    """The graph of a configured tree; None if there is none. `suffix` chooses the kept copies (see `ninja.keep_graph`)."""

    def read(name: str) -> str:
        kept = build_dir / f"{name}{suffix}"
        return (kept if kept.is_file() else build_dir / name).read_text(encoding="utf-8", errors="surrogateescape")

    main = build_dir / f"build.ninja{suffix}"
    return parse_graph(read("build.ninja"), build_dir, sources or Sources(), read=read) if main.is_file() else None


def parse_graph(text: str, build_dir: Path, sources: Sources, *, read: object = None) -> BuildGraph:
    """Parses the text. `read` gives the text of an included file by its name; without it (or the file) includes are skipped."""
    parser = _Parser(build_dir, sources, read)
    parser.parse(text)
    return BuildGraph(build_dir, tuple(parser.edges), parser.rules, parser.variables)


class _Parser:
    def __init__(self, build_dir: Path, sources: Sources, read: object) -> None:
        self.edges: list[Edge] = []
        self.rules: dict[str, dict[str, str]] = {}
        self.variables: dict[str, str] = {}
        self._sources = sources
        self._read = read
        self._tree = f"{build_dir}/"

    def parse(self, text: str) -> None:
        heading: str = ""
        block: dict[str, str] = {}
        for line in _joined(text).split("\n"):
            if line[:1] == " ":
                name, equals, value = line.partition("=")
                if equals and not name.lstrip().startswith("#"):
                    block[name.strip()] = value.lstrip(" ")
            elif line and line[0] != "#":
                self._close(heading, block)
                heading, block = line, {}
        self._close(heading, block)

    def _close(self, heading: str, block: dict[str, str]) -> None:
        if heading.startswith("build "):
            self.edges.append(self._edge(heading[6:], block))
        elif heading.startswith("rule "):
            self.rules[heading[5:].strip()] = block
        elif heading.startswith(("include ", "subninja ")):
            self._include(heading.partition(" ")[2].strip())
        elif heading and not heading.startswith(("pool ", "default ")):
            name, equals, value = heading.partition("=")
            if equals:
                self.variables[name.strip()] = self._value(value.lstrip(" "))

    def _include(self, name: str) -> None:
        if callable(self._read):
            try:
                self.parse(self._read(self._value(name)))
            except OSError:
                return

    def _edge(self, line: str, block: dict[str, str]) -> Edge:
        tree = self.variables.get("cmake_ninja_workdir", "")
        if "$" in line and not set(tree) & set(" :$|"):
            line = line.replace("${cmake_ninja_workdir}", tree)
        rule, *parts = self._plain(line) if "$" not in line and "|@" not in line else self._escaped(line)
        if "../" in line:  # CMake's way out of a tree whose name has a space
            parts = [[tree_path(path, self._tree) for path in part] for part in parts]
        variables = {name: self._value(value) for name, value in block.items()} if block else _NOTHING
        outputs = tuple(dict.fromkeys(parts[0]))
        inputs = tuple(parts[1])
        library = "" if rule == "phony" else self._library(outputs, inputs, variables)
        return Edge(outputs, rule, inputs, tuple(parts[2]), tuple(parts[3]), variables, library, _kind(rule, outputs))

    def _plain(self, line: str) -> tuple[str, list[str], list[str], list[str], list[str]]:
        """Rule, outputs, inputs, implicit and order-only inputs of a line without escapes."""
        head, _, tail = line.replace(self._tree, "").partition(":")
        left, _, order_only = tail.partition("||")
        left, _, implicit = left.partition("|")
        rule, *inputs = left.split()
        return rule, head.replace("|", " ").split(), inputs, implicit.split(), order_only.split()

    def _escaped(self, line: str) -> tuple[str, list[str], list[str], list[str], list[str]]:
        """The same, letter by letter."""
        parts: tuple[list[str], list[str], list[str], list[str]] = ([], [], [], [])
        rule, part = "", 0
        for token in _TOKEN.findall(line):
            if token == ":":
                part = 1
            elif token == "||":
                part = 3
            elif token == "|":
                part = 2 if part else 0
            elif token == "|@":  # validations order nothing
                break
            elif part == 1 and not rule:
                rule = token
            else:
                parts[part].append(self._value(token).removeprefix(self._tree))
        return rule, *parts

    def _value(self, text: str) -> str:
        return _expand(text, lambda name: self.variables.get(name, "")) if "$" in text else text

    def _library(self, outputs: tuple[str, ...], inputs: tuple[str, ...], variables: Variables) -> str:
        name = self._sources.library_of(variables.get("OBJECT_DIR", "") or outputs[0])
        folder = _FOLDER.match(variables.get("COMMAND", "")) if not name else None
        if folder:
            name = self._sources.library_of(folder["folder"].strip().removeprefix(self._tree) + "/")
        return name or (self._sources.library_of(inputs[0]) if inputs else "")


def _joined(text: str) -> str:
    """Continued lines as one."""
    return re.sub(r"(?<!\$)((?:\$\$)*)\$\n *", r"\1", text) if "$\n" in text else text


def _expand(text: str, lookup: object) -> str:
    assert callable(lookup)

    def fill(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return str(lookup(name)) if name else match[3]

    return _ESCAPE.sub(fill, text)


def _kind(rule: str, outputs: tuple[str, ...]) -> str:
    if "_COMPILER_" in rule:
        return "compile"
    if "_LINKER_" in rule:
        return "link"
    if rule != "CUSTOM_COMMAND" or outputs[0].endswith(".util"):
        return "other"
    return "symbols" if outputs[0].endswith(".symbols") else "generate"
