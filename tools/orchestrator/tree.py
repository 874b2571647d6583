"""The build tree of one configuration: its folder, its tag, small files that are written only if they differ."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError

__all__ = ["claim_tree", "is_ours", "read_json", "remove_tree", "write_if_different", "write_json"]

_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder was made by tools/build_deps.py and may be deleted.\n"


def claim_tree(folder: Path) -> None:
    """Creates the folder and marks it as ours. A folder with other content is refused: cleaning would delete that."""
    tag = folder / _TAG
    if tag.is_file():
        return
    if folder.is_dir() and any(entry.name not in (".lock", "logs") for entry in folder.iterdir()):
        text = f"{folder} holds files, but not the tag {_TAG} of a build tree."
        raise BuildError(text, next_step=f"choose another --build-dir, or move {folder} away")
    folder.mkdir(parents=True, exist_ok=True)
    write_if_different(tag, _SIGNATURE)


def is_ours(folder: Path) -> bool:
    """True if `claim_tree` made the folder."""
    try:
        return (folder / _TAG).read_text(encoding="utf-8") == _SIGNATURE
    except OSError:
        return False


def remove_tree(folder: Path) -> None:
    """Deletes a tree of ours, and refuses any other folder."""
    if not is_ours(folder):
        text = f"{folder} is not deleted: it does not hold the tag {_TAG} of a build tree."
        raise BuildError(text, next_step=f"delete it by hand if it may go: rm -r {folder}")
    shutil.rmtree(folder)


def write_if_different(path: Path, text: str) -> bool:
    """Replaces the file in one step, and only if its content differs. True if it did."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except OSError:
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return True


def read_json(path: Path) -> dict[str, Any]:
    """The object in the file; empty if there is none or it is damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes the object in one step."""
    write_if_different(path, json.dumps(data, indent=1, sort_keys=True) + "\n")
