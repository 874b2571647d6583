"""What a configured build tree depends on, and how two such states differ, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.detect import Detection, Found
from orchestrator.plan import Plan

__all__ = ["FORMAT", "Change", "Fingerprint", "compared", "compiler_identity", "fingerprint", "nvcc", "option_cause", "texts"]

FORMAT = 2

# Which options explain a difference of what the tree as a whole depends on.
_FOLLOWS = {
    "c compiler": ("CC", "CMAKE_TOOLCHAIN_FILE"),
    "cxx compiler": ("CXX", "CMAKE_TOOLCHAIN_FILE"),
    "compiler version": ("CC", "CMAKE_TOOLCHAIN_FILE"),
    "toolchain file": ("CMAKE_TOOLCHAIN_FILE",),
    "CMAKE_TOOLCHAIN_FILE": ("CMAKE_TOOLCHAIN_FILE",),
    "CMAKE_PREFIX_PATH": ("CMAKE_PREFIX_PATH",),
    "CMAKE_C_COMPILER": ("CC", "CMAKE_TOOLCHAIN_FILE"),
    "CMAKE_CXX_COMPILER": ("CXX", "CMAKE_TOOLCHAIN_FILE"),
    "CMAKE_C_COMPILER_LAUNCHER": ("USE_CCACHE", "HOLD_MEMORY", "CC"),
    "CMAKE_CXX_COMPILER_LAUNCHER": ("USE_CCACHE", "HOLD_MEMORY", "CXX"),
    "CMAKE_CUDA_COMPILER_LAUNCHER": ("USE_CCACHE", "HOLD_MEMORY"),
    "CMAKE_CUDA_COMPILER": ("CUDA_HOME",),
    "nvcc": ("USE_CUDA", "CUDA_HOME", "TORCH_CUDA_ARCH_LIST"),
    "CMAKE_C_LINKER_LAUNCHER": ("HOLD_MEMORY",),
    "CMAKE_CXX_LINKER_LAUNCHER": ("HOLD_MEMORY",),
    "CMAKE_CUDA_LINKER_LAUNCHER": ("HOLD_MEMORY",),
}


@dataclass(frozen=True)
class Change:
    """A difference of configuration. `scope` is a library, or empty for the whole tree; None: there was, or is, no such value.

    `cause` names the option and where its value comes from, or is empty where no option is behind it.
    """

    scope: str
    name: str
    before: str | None
    after: str | None
    cause: str = ""

    def text(self) -> str:
        """One line: TH: CPU_LEVELS BASE;AVX2 -> BASE (environment CPU_LEVELS)."""
        return _text(self.scope, self)


def _text(scope: str, change: Change) -> str:
    before, after = change.before or "(empty)", change.after or "(empty)"
    subject = f"{scope}: {change.name}" if scope else change.name
    why = f" ({change.cause.partition(', from ')[2]})" if change.cause else ""
    if change.before is None:
        return f"{subject} is new: {after}{why}"
    if change.after is None:
        return f"{subject} is gone; it was {before}{why}"
    return f"{subject}{'' if scope else ':'} {before} -> {after}{why}"


def texts(changes: Iterable[Change]) -> tuple[str, ...]:
    """A line for each difference; the same one in several libraries is one line that names them."""
    lines: dict[tuple[str, str | None, str | None, str], tuple[Change, list[str]]] = {}
    for change in changes:
        lines.setdefault((change.name, change.before, change.after, change.cause), (change, []))[1].append(change.scope)
    return tuple(_text(", ".join(names), change) for change, names in lines.values())


@dataclass(frozen=True)
class Fingerprint:
    """`identity` changes make cmake start afresh, all others make it run again.

    `libraries` holds for each library its options, as [value, origin], and the values of its definitions. `follows` names the
    options behind a value, by (library, name).
    """

    identity: Mapping[str, str]
    tools: Mapping[str, str]
    definitions: Mapping[str, str]
    libraries: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    follows: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For configure.json."""
        data = asdict(self)
        del data["follows"]
        return {"format": FORMAT, **data}

    def differences(self, old: Mapping[str, Any]) -> tuple[Change, ...]:
        """Each added, removed or changed value since `old` (the content of configure.json).

        What merely follows from a changed option is not listed beside it, nor what comes and goes with nvcc.
        """
        of_libraries = tuple(self._libraries(old.get("libraries", {})))
        options = {change.name for change in of_libraries}
        of_tree = [
            Change("", name, before, after)
            for group in ("identity", "tools", "definitions")
            for name, before, after in compared(old.get(group, {}), getattr(self, group))
            if not options.intersection(self.follows.get(("", name), ()))
        ]
        if any(change.name == "nvcc" and None in (change.before, change.after) for change in of_tree):
            of_tree = [change for change in of_tree if not change.name.startswith("CMAKE_CUDA_")]
        return (*of_tree, *of_libraries)

    def _libraries(self, old: Mapping[str, Any]) -> Iterator[Change]:
        for library, now in self.libraries.items():
            if library not in old:  # a project that joins is a difference of TORCH_PROJECTS
                continue
            before, changed = old[library], set()
            values = [{name: item[0] for name, item in state["options"].items()} for state in (before, now)]
            for name, old_value, value in compared(values[0], values[1]):
                changed.add(name)
                origins = [state["options"].get(name, ("", ""))[1] for state in (before, now)]
                yield Change(library, name, old_value, value, option_cause(name, origins[0], origins[1]))
            for name, old_value, value in compared(before["definitions"], now["definitions"]):
                if not changed.intersection(self.follows.get((library, name), ())):
                    yield Change(library, name, old_value, value)


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str | None, str | None]]:
    """Name, value before and value after, of all that differ; None where there is no such name."""
    for name in dict.fromkeys((*sorted(before), *sorted(after))):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def option_cause(name: str, before: str, after: str) -> str:
    """`option NAME, from ORIGIN`; where the value went back to its default, also who had set it."""
    if after in ("", "default"):
        after = f"the default, no longer {before}" if before not in ("", "default") else "the default"
    return f"option {name}, from {after}"


def fingerprint(plan: Plan, found: Mapping[str, Detection]) -> Fingerprint:
    """The state that configuring with `plan` would record."""
    identity = {"source folder": str(plan.cmake_root), "build folder": str(plan.build_dir), **compiler_identity(found)}
    if "CMAKE_TOOLCHAIN_FILE" in plan.definitions:
        identity["toolchain file"] = _content(Path(plan.definitions["CMAKE_TOOLCHAIN_FILE"]))
    tools = {name: f"{found[name].values['program']} {_version(found[name])}" for name in ("cmake", "ninja")} | nvcc(found)
    libraries: dict[str, dict[str, dict[str, Any]]] = {
        item.name: {
            "options": {name: [value.value, value.origin] for name, value in item.options.items()},
            "definitions": {name: definition.value for name, definition in item.definitions.items()},
        }
        for item in plan.libraries
    }
    follows = {("", name): options for name, options in _FOLLOWS.items()}
    for item in plan.libraries:
        follows |= {(item.name, name): definition.follows for name, definition in item.definitions.items()}
    definitions = {**plan.definitions, "configuration": plan.configuration.describe()}
    return Fingerprint(identity, tools, definitions, libraries, follows)


def compiler_identity(found: Mapping[str, Detection]) -> dict[str, str]:
    """What tells the compilers from others, an upgrade in place included."""
    compiler = found.get("compiler")
    if not isinstance(compiler, Found):
        return {}
    programs = {f"{language} compiler": _program(Path(compiler.values[language])) for language in ("c", "cxx")}
    return {**programs, "compiler version": compiler.version}


def nvcc(found: Mapping[str, Detection]) -> dict[str, str]:
    """What tells nvcc from another, an upgrade in place and one behind a link or a script included; nothing where it is off."""
    cuda = found.get("cuda")
    if not isinstance(cuda, Found):
        return {}
    program = Path(cuda.values["program"])
    return {"nvcc": f"{_program(program) if program.is_file() else program} {cuda.version}"}


def _version(item: Detection) -> str:
    return item.version if isinstance(item, Found) else ""


def _program(path: Path) -> str:
    """A program replaced in place (an upgrade) has another size or time."""
    real = path.resolve()
    status = real.stat()
    return f"{real} ({status.st_size} bytes, modified {status.st_mtime_ns})"


def _content(path: Path) -> str:
    try:
        digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    except OSError as error:
        return f"{path} ({error.strerror})"
    return f"{path} (content {digest})"
