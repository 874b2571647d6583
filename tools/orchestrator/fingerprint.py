"""What a configured build tree depends on, and how two such states differ, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestrator.detect import Detection, Found
from orchestrator.plan import Plan

__all__ = ["Fingerprint", "fingerprint"]


@dataclass(frozen=True)
class Fingerprint:
    """`identity` changes make cmake start afresh, `tools` and `definitions` changes make it run again."""

    identity: Mapping[str, str]
    tools: Mapping[str, str]
    definitions: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """For configure.json."""
        return asdict(self)

    def differences(self, old: Mapping[str, Any]) -> list[str]:
        """Each added, removed or changed value since `old` (the content of configure.json), as a line of text."""
        lines = []
        for group in ("identity", "tools", "definitions"):
            before, after = old.get(group, {}), getattr(self, group)
            for name in sorted({*before, *after}):
                if name not in before:
                    lines.append(f"{name} is new: {after[name] or '(empty)'}")
                elif name not in after:
                    lines.append(f"{name} is gone; it was {before[name] or '(empty)'}")
                elif before[name] != after[name]:
                    lines.append(f"{name}: {before[name] or '(empty)'} -> {after[name] or '(empty)'}")
        return lines


def fingerprint(plan: Plan, found: Mapping[str, Detection]) -> Fingerprint:
    """The state that configuring with `plan` would record."""
    identity = {"source folder": str(plan.cmake_root), "build folder": str(plan.build_dir)}
    compiler = found.get("compiler")
    if isinstance(compiler, Found):
        for language in ("c", "cxx"):
            identity[f"{language} compiler"] = _program(Path(compiler.values[language]))
        identity["compiler version"] = compiler.version
    tools = {name: f"{found[name].values['program']} {_version(found[name])}" for name in ("cmake", "ninja")}
    return Fingerprint(identity, tools, dict(plan.definitions))


def _version(item: Detection) -> str:
    return item.version if isinstance(item, Found) else ""


def _program(path: Path) -> str:
    """A program replaced in place (an upgrade) has another size or time."""
    real = path.resolve()
    status = real.stat()
    return f"{real} ({status.st_size} bytes, modified {status.st_mtime_ns})"
