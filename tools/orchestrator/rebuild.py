"""The way for an edit: ninja and publication alone, where everything else is as the record of the last success says.

Detection, manifest, plan and setuptools cost several times what compiling one C file does. Nothing of them can come out
differently as long as their inputs are the same, and that is what the record compares.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.console import Console
from orchestrator.environment import cleaned, removal_note
from orchestrator.errors import BuildError
from orchestrator.events import Emit, Finished, Note
from orchestrator.fastpath import load_record, record_path, stamp
from orchestrator.lock import locked
from orchestrator.log import BuildLog, logged
from orchestrator.ninja import run_ninja
from orchestrator.product import Delivery
from orchestrator.publish import PublishedFile, damage_note, deliver, discard_damaged
from orchestrator.summary import result_lines
from orchestrator.tree import write_json

__all__ = ["outcome", "try_rebuild"]


def outcome(delivery: Delivery, files: Iterable[PublishedFile]) -> dict[str, list[list[Any]]]:
    """The two lists of stamps in a record that a build renews: what is published, and the files and folders it came from."""
    published = list(files)
    owners = {*(item.owner for item in delivery.products), *(item.owner for item in delivery.headers)}
    folders: list[Path] = []
    for header in delivery.headers:
        folders += [header.source, *(path for path in sorted(header.source.rglob("*")) if path.is_dir())]
    return {
        "published": [[name, *stamp(name)] for name in (str(delivery.root / file.destination) for file in published)],
        "sources": [
            *([str(file.source), file.mtime_ns, file.size] for file in published if file.owner in owners),
            *([str(folder), *stamp(str(folder))] for folder in folders),  # a new header shows in its folder's time
        ],
    }


def try_rebuild(root: str, argv: Sequence[str], command: str) -> int | None:
    """The exit status; None where the long path has to decide, and then nothing was done."""
    begin = time.monotonic()
    record = load_record(root, list(argv), command)
    if record is None:
        return None
    console = Console(verbose=record["verbose"], quiet=record["quiet"])
    try:
        with locked(Path(record["lock"]), command, console) as lock:
            record = load_record(root, list(argv), command)  # whoever held the lock may have changed everything
            if record is None or not (Path(record["build_dir"]) / "build.ninja").is_file():
                return None
            with BuildLog(Path(record["build_dir"]) / "logs") as log:
                lines = _rebuild(record, command, logged(log, console), lock, log.path, begin)
                _renew(record, root, argv, command)
        console(Finished(tuple(lines)))
    except BuildError as error:
        console.error(str(error))
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        console.error("interrupted")
        return 130
    return 0


def _rebuild(record: dict[str, Any], command: str, emit: Emit, lock: int, log: Path, begin: float) -> list[str]:
    """Builds, publishes, and puts the outcome into the record. Returns the summary."""
    env, removed = cleaned(os.environ)
    if removed:
        emit(Note(removal_note(removed)))
    delivery, build_dir = Delivery.from_json(record["delivery"]), Path(record["build_dir"])
    for name in discard_damaged(delivery.root, delivery.folder, build_dir):
        emit(Note(damage_note(name)))
    run = run_ninja(
        record["ninja"],
        build_dir,
        record["targets"],
        jobs=record["jobs"] or len(os.sched_getaffinity(0)),
        env=env,
        emit=emit,
        lock=lock,
        log=log,
    )
    change = deliver(delivery, command, emit)
    record.update(outcome(delivery, change.files))
    return result_lines(record["headline"], record["requested"], record["package"], run, change, time.monotonic() - begin)


def _renew(record: Mapping[str, Any], root: str, argv: Sequence[str], command: str) -> None:
    try:
        write_json(Path(record_path(str(Path(root).absolute()), list(argv), command)), record)
    except OSError:
        return
