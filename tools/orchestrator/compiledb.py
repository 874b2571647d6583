"""compile_commands.json at the checkout's root: where editors and clang tools look for it."""

from __future__ import annotations

import os
from pathlib import Path

from orchestrator.subbuild.subplan import FOLDER
from orchestrator.tree import write_if_different

__all__ = ["NAME", "link_compile_commands"]

NAME = "compile_commands.json"


def link_compile_commands(root: Path, build_dir: Path, *, replace: bool = True) -> bool:
    """Lets `root` lead to a file that names every unit of the configuration in `build_dir`. True if the link was changed.

    The one graph is one CMake project, whose file that is; with projects that are built alone it is a file of all theirs, which
    each call brings up to date. A file that somebody put there is left alone, as is a checkout that cannot be written, and
    without `replace` a link that leads somewhere.
    """
    link = root / NAME
    try:
        source = _whole(build_dir)
        target = os.path.relpath(source, root)
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


def _whole(build_dir: Path) -> Path:
    """The file that cmake wrote, or that of it and of those of the projects' trees."""
    own = build_dir / NAME
    parts = sorted((build_dir / FOLDER).glob(f"*/{NAME}"))
    if not parts:
        return own
    texts = [part.read_text(encoding="utf-8", errors="replace") for part in (own, *parts) if part.is_file()]
    units = [inside for text in texts if (inside := text.strip().removeprefix("[").removesuffix("]").strip())]
    whole = build_dir / FOLDER / NAME
    write_if_different(whole, "[\n" + ",\n".join(units) + "\n]\n")
    return whole
