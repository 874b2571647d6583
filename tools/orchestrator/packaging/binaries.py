"""Takes what only debuggers read out of libraries and extensions: the wheel gets the rest, a side file what was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.detect import Detection
from orchestrator.errors import BuildError
from orchestrator.process import capture

__all__ = ["Split", "objcopy_of", "split"]

_NOTE = 16  # bytes of an ELF note before its content: three sizes, and GNU


@dataclass(frozen=True)
class Split:
    """`stripped` goes into the package; `debug` is found by debuggers below a folder of theirs, under the name `place`."""

    stripped: Path
    debug: Path
    place: str


def objcopy_of(found: Mapping[str, Detection]) -> str:
    """The compiler's own objcopy: another one may not know its sections."""
    compiler = found["compiler"].values["c"]
    done = capture([compiler, "-print-prog-name=objcopy"])
    return done.output.strip() if done.status == 0 and done.output.strip() else "objcopy"


def split(binary: Path, folder: Path, objcopy: str) -> Split:
    """Writes both parts below `folder`, under the binary's own name."""
    stripped, debug, note = (folder / part / binary.name for part in ("stripped", "debug", "note"))
    for path in (stripped, debug, note):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    _run([objcopy, "--only-keep-debug", str(binary), str(debug)])
    _run([objcopy, "--strip-all", str(binary), str(stripped)])
    _run([objcopy, "--dump-section", f".note.gnu.build-id={note}", str(stripped), "/dev/null"], optional=True)
    if not note.is_file():  # a compiler that writes no build-id
        return Split(stripped, debug, f"{binary.name}.debug")
    name = note.read_bytes()[_NOTE:].hex()
    return Split(stripped, debug, f".build-id/{name[:2]}/{name[2:]}.debug")


def _run(command: list[str], *, optional: bool = False) -> None:
    done = capture(command)
    if done.status != 0 and not optional:
        text = f"{command[0]} could not separate the debug symbols of {command[-2]} (status {done.status})."
        step = "install the binutils of the compiler (Debian: apt install binutils)"
        raise BuildError(text, why=done.output.strip(), next_step=step)
