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

from orchestrator.cache import start_daemon
from orchestrator.clock import settle
from orchestrator.environment import cleaned, removal_note
from orchestrator.errors import BuildError, CompileError
from orchestrator.events import Began, Emit, Finished, Note, Started, Timed, Waiting, Warned, timed
from orchestrator.fastpath import head_commit, load_record, record_path, ref_stamps, stamp, tag_names, try_fast
from orchestrator.front.console import Console
from orchestrator.front.failure import complete
from orchestrator.front.log import BuildLog, logged
from orchestrator.front.owners import Owners
from orchestrator.front.summary import result_lines
from orchestrator.lock import is_busy, locked
from orchestrator.machine import processors
from orchestrator.ninja import run_ninja
from orchestrator.product import Delivery
from orchestrator.publish import JOURNAL, PublishedFile, damage_note, deliver, discard_damaged
from orchestrator.tree import storage_trouble, sweep_partials, write_if_different, write_json

TYPE_CHECKING = False  # typing would cost each edit 5 ms
if TYPE_CHECKING:
    from typing import Any

__all__ = ["outcome", "try_rebuild"]


def outcome(delivery: Delivery, files: Iterable[PublishedFile]) -> dict[str, list[list[Any]]]:
    """The two lists of stamps in a record that a build renews: what is published, and the files and folders it came from."""
    published = list(files)
    owners = {*(item.owner for item in delivery.products), *(item.owner for item in delivery.headers)}
    sources = {str(file.source): [str(file.source), file.mtime_ns, file.size] for file in published if file.owner in owners}
    folders = []
    for header in delivery.headers:
        # A new header shows in its folder's time; one that came after the publication must not be taken for old.
        for place, names, headers in os.walk(header.source):
            time_and_size = stamp(place)
            new = any(not name.startswith(".") and f"{place}/{name}" not in sources for name in headers)
            folders.append([place, *([0, 0] if new else time_and_size)])
            names.sort()
    # What was meant, not what is there now: a file that somebody has changed since is not what was published.
    wanted = [[str(delivery.root / file.destination), file.mtime_ns, file.size] for file in published]
    return {"published": wanted, "sources": [*sources.values(), *folders]}


def try_rebuild(root: str, argv: Sequence[str], command: str) -> int | None:
    """The exit status; None where the long path has to decide, and then nothing was done."""
    begin, now = time.monotonic(), time.time()
    record = load_record(root, list(argv), command)
    compared = Timed("compare", now, time.monotonic() - begin, "all that the last success depended on")
    if record is None:
        return None
    owners = Owners(record["began"]["places"])
    console = Console(verbose=record["verbose"], quiet=record["quiet"], color=record["color"], owners=owners)
    try:
        holder = is_busy(Path(record["lock"]))
        if holder:
            console(Waiting(holder))
            # All who wait look at once, and most of them find that the holder did their work.
            if try_fast(root, list(argv), command, wait=True):
                return 0
        if not os.access(record["lock"], os.W_OK):  # the checkout became read-only: the long path finds another place
            return None
        start_daemon(Path(record["build_dir"]))
        asked = time.time()
        with storage_trouble(Path(record["build_dir"])), locked(Path(record["lock"]), command, console) as lock:
            waited = Timed("lock", asked, time.time() - asked)
            record = load_record(root, list(argv), command)  # whoever held the lock may have changed everything
            if record is None or not (Path(record["build_dir"]) / "build.ninja").is_file() or not _same_commit(record):
                return None
            began = Began(**record["began"])
            with BuildLog(Path(record["build_dir"]) / "logs", owners=owners, began=began) as log:
                log.write(compared)
                log.write(waited)
                lines = _rebuild(record, command, logged(log, console), lock, log, begin)
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


def _rebuild(record: dict[str, Any], command: str, emit: Emit, lock: int, log: BuildLog, begin: float) -> list[str]:
    """Builds, publishes, and puts the outcome into the record. Returns the summary."""
    env, removed = cleaned(os.environ)
    if removed:
        emit(Note(removal_note(removed)))
    delivery, build_dir = Delivery.from_json(record["delivery"]), Path(record["build_dir"])
    sweep_partials(build_dir, build_dir / "logs", build_dir.parent / "fast")
    for note in settle(build_dir, record["edited"]):
        emit(Warned(note))
    for name in discard_damaged(delivery.root, delivery.folder, build_dir):
        emit(Note(damage_note(name)))
    emit(Started("build", ", ".join(record["requested"])))
    elapsed = time.monotonic() - begin
    try:
        with timed(emit, "build", ", ".join(record["requested"])):
            run = run_ninja(
                record["ninja"],
                build_dir,
                record["targets"],
                jobs=record["jobs"] or processors(),
                style=record["style"],
                env=env,
                emit=emit,
                lock=lock,
                log=log.path,
            )
    except CompileError as error:
        owners, requested = Owners(record["began"]["places"]), record["requested"]
        published = (delivery.folder / JOURNAL).is_file()
        complete(
            error, owners=owners, needs=record["needs"], requested=requested, package=record["package"], published=published
        )
        raise
    log.expect(elapsed, run.expected)
    with timed(emit, "publish"):
        change = deliver(delivery, command, emit)
    record.update(outcome(delivery, change.files))
    title, requested, seconds = record["headline"], record["requested"], time.monotonic() - begin
    return result_lines(title, requested, record["package"], run, change, seconds, predicted=log.predicted)


def _renew(record: Mapping[str, Any], root: str, argv: Sequence[str], command: str) -> None:
    path = Path(record_path(root, list(argv), command))
    try:
        write_json(path, record, compact=True)
        os.utime(path)  # the fast path compares sources with the time of the record
    except OSError:
        return


def _same_commit(record: dict[str, Any]) -> bool:
    """Puts a new commit into the version file, which is all that it changes; False where that needs the long path."""
    stamps, commit = ref_stamps(record["root"]), head_commit(record["root"])
    if commit == record["commit"]:
        return True
    if record.get("tagged", True):  # the version counts the commits since a tag
        return False
    path = Path(record["version"])
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return False
    line = f"git_version = {record['commit']!r}\n"
    if not commit or not record["commit"] or text.count(line) != 1:
        return False
    write_if_different(path, text.replace(line, f"git_version = {commit!r}\n"))
    record["inputs"] = [[name, *(stamp(name) if name == str(path) else old)] for name, *old in record["inputs"]]
    record["commit"], record["refs"] = commit, stamps if record["tags"] == tag_names(record["root"]) else []
    return True
