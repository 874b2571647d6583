"""What the checkout holds: one version, unique file names, no trace of a builder's machine, and what ships."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from sources import ROOT, sources, text

# Names that tools demand in several folders.
COMMON_NAMES = {
    "__init__.py", "__main__.py", "CMakeLists.txt", "conftest.py", "README.md", ".clang-format", ".gitignore", "libraries.toml",
}  # fmt: skip

# Names that the public API demands twice: torch.functional and torch.nn.functional, torch.sparse and torch.cuda.sparse.
API_NAMES = {"functional.py", "random.py", "sparse.py"}

# Small projects of their own, which tests build.
OWN_WORLDS = ("tests/packages/", "examples/extension_")

TEXT_SUFFIXES = (".py", ".c", ".h", ".cpp", ".md", ".toml", ".cmake", "CMakeLists.txt", ".json", ".sh", "run", ".pyi")


def project_version() -> str:
    """The version that libraries.toml, the single source, says."""
    with (ROOT / "libraries.toml").open("rb") as stream:
        version: str = tomllib.load(stream)["framework"]["version"]
    return version


def test_one_version() -> None:
    version = project_version()
    root = re.search(r"project\(\w+\s+VERSION\s+([0-9.]+)", text(Path("CMakeLists.txt")))
    assert root is not None and root[1] == version
    with (ROOT / "libraries.toml").open("rb") as stream:
        manifest = tomllib.load(stream)
    for kind in ("library", "extension"):
        for name, entry in manifest.get(kind, {}).items():
            assert entry.get("version", version) == version, name
            found = re.search(r"\bVERSION\s+([0-9]+\.[0-9]+\.[0-9]+)", text(Path(entry["source"], "CMakeLists.txt")))
            assert found is not None and found[1] == version, name
    assert f"## {version}" in text(Path("CHANGELOG.md"))


def test_file_names_are_unique() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sources(".py", ".c", ".h", ".cpp", ".cu", ".md", ".toml", ".cmake"):
        # generic/ holds the typed twins of headers, under the classic names.
        common = path.name in COMMON_NAMES | API_NAMES or "generic" in path.parts
        # The C tests of each library are named for their subject.
        common = common or path.match("lib/*/tests/*.c")
        if not common and not path.as_posix().startswith(OWN_WORLDS):
            places[path.name].append(path.as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_trace_of_a_machine() -> None:
    """A path of the machine that a file was written on says nothing to its reader and breaks for everybody else."""
    home = re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+|opt/(?:pypi|wheels))(?:/|\b)")
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in sources(*TEXT_SUFFIXES)
        if path != Path("tests/house/test_contents.py")
        for number, line in enumerate(text(path).splitlines(), 1)
        if home.search(line)
    ]
    assert found == []


def test_every_python_module_says_what_it_is() -> None:
    silent = [
        path.as_posix()
        for folder in ("tools", "torch", "examples", "benchmarks")
        for path in sources(".py", under=folder)
        if text(path).strip() and ast.get_docstring(ast.parse(text(path))) is None
    ]
    assert silent == []


def test_every_public_header_says_what_it_is() -> None:
    headers = [path for path in sources(".h", under="lib") if path.parts[2] == "include"]
    assert len(headers) > 5
    assert [path.as_posix() for path in headers if "/*" not in text(path)[:400]] == []


def test_products_are_ignored() -> None:
    """Whatever a build publishes, .gitignore names it: products never become sources."""
    import pathspec

    ignored = pathspec.GitIgnoreSpec.from_lines(text(Path(".gitignore")).splitlines())
    with (ROOT / "libraries.toml").open("rb") as stream:
        manifest = tomllib.load(stream)
    destinations = [manifest["framework"]["version-file"]]
    for kind in ("library", "extension"):
        for entry in manifest.get(kind, {}).values():
            destinations += [*entry.get("products", {}).values(), *entry.get("generated", {}).values()]
    assert len(destinations) >= 5
    published = [name.replace("{python.suffix}", ".cpython-311-x86_64-linux-gnu.so") for name in destinations]
    assert [name for name in published if not ignored.match_file(name)] == []


def test_the_documents_are_there() -> None:
    pages = ("docs/architecture.md", "docs/semantics.md", "docs/extending.md")
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", *pages):
        assert (ROOT / name).stat().st_size > 500, name


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    broken = [
        f"{path}: {target}"
        for path in sources(".md")
        for target in link.findall(text(path))
        if not (ROOT / path.parent / target).exists()
    ]
    assert broken == []


# In a process of its own: setuptools, which one module imports, changes how everything after it is imported.
_EXIT_CODES = """
import importlib, json, pkgutil, orchestrator
from orchestrator.errors import BuildError
for module in pkgutil.walk_packages(orchestrator.__path__, "orchestrator."):
    importlib.import_module(module.name)
classes = [BuildError]
for known in classes:
    classes += known.__subclasses__()
print(json.dumps([known.exit_code for known in classes if "exit_code" in vars(known)]))
"""


def test_exit_codes_are_documented() -> None:
    """Each class of error has a code of its own, and docs/architecture.md lists them all."""
    command = [sys.executable, "-c", _EXIT_CODES]
    done = subprocess.run(command, cwd=ROOT / "tools", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout)
    assert len(codes) == len(set(codes))
    documented = re.findall(r"^\| (\d+) \|", text(Path("docs/architecture.md")), re.MULTILINE)
    assert sorted({0, *codes}) == [int(code) for code in documented]
