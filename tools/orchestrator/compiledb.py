"""compile_commands.json at the checkout's root: where editors and clang tools look for it."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["NAME", "link_compile_commands"]

NAME = "compile_commands.json"


def link_compile_commands(root: Path, build_dir: Path, *, replace: bool = True) -> bool:
    """Lets `root` lead to the file that cmake wrote for the configuration in `build_dir`. True if the link was changed.

    The whole family is one CMake project, so that one file names every unit. A file that somebody put there is left alone,
    as is a checkout that cannot be written, and without `replace` a link that leads somewhere.
    """
    source, link = build_dir / NAME, root / NAME
    target = os.path.relpath(source, root)
    try:
        if not source.is_file() or (link.exists() and not (link.is_symlink() and replace)):
            return False
        if link.is_symlink() and os.readlink(link) == target:  # noqa: PTH115 - as text
            return False
        partial = link.with_name(f".{NAME}.{os.getpid()}")
        partial.unlink(missing_ok=True)
        partial.symlink_to(target)
        partial.replace(link)
    except OSError:
        return False
    return True
