"""Answers that hold for a user's machine, kept between builds and checkouts: one small file each, and never a reason to fail.

An entry that is damaged, foreign or unreadable counts as absent. Where nothing can be written, nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import BuildError
from orchestrator.tree import claim_tree

__all__ = ["NAME", "CacheFolder", "key_of", "user_cache"]

NAME = "build_deps"
_FORMAT = 1
_MOST = 400  # files of one kind; beyond it the older half goes


class CacheFolder:
    """Entries by kind and key. A folder of None remembers nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def read(self, kind: str, key: str) -> dict[str, Any] | None:
        """The entry, if it is there, whole, and was written under this very key."""
        if self.folder is None:
            return None
        path = self.folder / kind / f"{key}.json"
        try:
            if path.stat().st_uid != os.geteuid():
                return None  # somebody else's word about what our compiler says
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("format") != _FORMAT or record.get("key") != key:
            return None
        content = record.get("content")
        if not isinstance(content, dict) or record.get("digest") != key_of(content):
            return None
        return content

    def write(self, kind: str, key: str, content: Mapping[str, Any]) -> bool:
        """Keeps the entry in one step, so that readers and other writers never see a part. False where that is impossible."""
        if self.folder is None:
            return False
        record = {"format": _FORMAT, "key": key, "digest": key_of(content), "content": dict(content)}
        folder = self.folder / kind
        partial = folder / f".{key}.{os.getpid()}"
        try:
            claim_tree(self.folder)  # so that `clean --cache` may delete it
            folder.mkdir(mode=0o700, exist_ok=True)
            partial.write_text(json.dumps(record), encoding="utf-8")
            partial.replace(folder / f"{key}.json")
            _prune(folder)
        except (OSError, BuildError):
            return False
        return True


def key_of(value: object) -> str:
    """A name made of a value of JSON's types.

    >>> key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    True
    """
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()


def user_cache(environ: Mapping[str, str]) -> CacheFolder:
    """XDG_CACHE_HOME, or .cache in HOME. Nothing is created before something is kept."""
    base = environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        home = environ.get("HOME", "")
        base = f"{home}/.cache" if home.startswith("/") else ""
    return CacheFolder(Path(base, NAME) if base else None)


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    if len(files) > _MOST:
        for path in files[: _MOST // 2]:
            path.unlink(missing_ok=True)
