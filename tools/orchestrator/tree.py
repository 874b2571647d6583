"""The build tree of one configuration: its folder, its tag, small files that are written only if they differ."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from orchestrator.errors import BuildError, CompileError, ConfigureError

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "check_path",
    "claim_tree",
    "is_ours",
    "read_json",
    "remove_tree",
    "storage_trouble",
    "sweep_partials",
    "write_if_different",
    "write_json",
]

_STORAGE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
_ENOUGH = 256 * 1024
_PARTIAL = r"\..+\.(\d+)$"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder was made by tools/build_deps.py and may be deleted.\n"


# What cmake (`;`, `[`, `]`, `\`), ninja (`$`) or the linker (`,` ends an argument of -Wl) takes apart.
_UNFIT = {",": "a comma", ";": "a semicolon", "$": "a dollar sign", "[": "a bracket", "]": "a bracket", "\\": "a backslash"}


def check_path(folder: Path) -> None:
    """Refuses a folder whose name cmake, ninja or the linker would take apart."""
    for character in str(folder):
        if character in _UNFIT or not character.isprintable():
            what = _UNFIT.get(character, f"the character {character!r}")
            text = f"The path {str(folder)!r} holds {what}."
            why = "cmake, ninja or the linker would take it apart, and fail in the middle of the build."
            raise BuildError(
                text, why=why, next_step="move the checkout, or choose another --build-dir, without that character"
            )


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


@contextlib.contextmanager
def storage_trouble(folder: Path) -> Iterator[None]:
    """A full disk, or a folder that cannot be written, is the user's matter: a BuildError that says so, and no traceback.

    Compilers often die on a full disk without a word about it: their errors get that word if the disk of `folder` is full.
    """
    try:
        yield
    except (CompileError, ConfigureError) as error:
        full = _full(folder)
        if full and "No space left" not in error.what:
            error.why = f"{full}\n{error.why}".rstrip()
            error.next_step = "free space, then build again"
        raise
    except OSError as error:
        if error.errno not in _STORAGE:
            raise
        text = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise BuildError(text, next_step="free space or correct the permissions, then build again") from None


def _full(folder: Path) -> str:
    try:
        state = os.statvfs(folder)
    except OSError:
        return ""
    free = state.f_bavail * state.f_frsize
    if free > _ENOUGH and (state.f_favail > 16 or not state.f_files):
        return ""
    return f"No space left on device: the file system of {folder} has {free // 1024} KiB and {state.f_favail} files left."


def sweep_partials(*folders: Path) -> None:
    """Removes what killed processes were writing when they ended: `.NAME.PID` of processes that do not run any more."""
    for folder in folders:
        try:
            paths = list(folder.iterdir())
        except OSError:
            continue
        for path in paths:
            match = re.match(_PARTIAL, path.name)
            if match and not _runs(int(match[1])):
                with contextlib.suppress(OSError):
                    path.unlink()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def is_ours(folder: Path) -> bool:
    """True if `claim_tree` made the folder."""
    try:
        return (folder / _TAG).read_text(encoding="utf-8") == _SIGNATURE
    except OSError:
        return False


def remove_tree(folder: Path) -> None:
    """Deletes a tree of ours, and refuses any other folder. Links are deleted, never followed: not the folder's own either."""
    if folder.is_symlink():
        folder.unlink()
        return
    if not is_ours(folder):
        text = f"{folder} is not deleted: it does not hold the tag {_TAG} of a build tree."
        raise BuildError(text, next_step=f"delete it by hand if it may go: rm -r {folder}")
    import shutil  # for cleaning only; every build loads this module

    shutil.rmtree(folder)


def write_if_different(path: Path, text: str) -> bool:
    """Replaces the file in one step, and only if its content differs. True if it did."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except OSError:
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    return True


def read_json(path: Path) -> dict[str, Any]:
    """The object in the file; empty if there is none or it is damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: Path, data: Mapping[str, Any], *, compact: bool = False) -> None:
    """Writes the object in one step. `compact` is for large ones that only programs read: three times as fast."""
    write_if_different(path, json.dumps(data, indent=None if compact else 1, sort_keys=not compact) + "\n")
