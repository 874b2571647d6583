"""Questions to ninja about a tree in which a build may run at this moment.

Whatever it is asked, ninja first opens its logs. One that ends in the middle of a record, which another ninja may be writing,
it cuts off there; a long one it writes anew. Therefore it is asked about copies, and changes nothing that others write.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.insight.causes import Reason, parse_reason
from orchestrator.insight.ninjalog import parse_deps
from orchestrator.ninja import EXPLAIN
from orchestrator.ninjaruns import LOG
from orchestrator.process import capture

__all__ = ["ask_deps", "ask_reasons"]

_LOGS = (LOG, ".ninja_deps")
_NAME = "build.ninja"


def ask_deps(ninja: str, build_dir: Path) -> Mapping[str, tuple[str, ...]]:
    """The files that each command was seen to read, as `parse_deps`; empty in a tree that is not configured."""
    with _copied_logs(build_dir) as manifest:
        return parse_deps(capture([ninja, "-f", manifest, "-t", "deps"], cwd=build_dir).output, build_dir)


def ask_reasons(ninja: str, build_dir: Path, targets: Sequence[str]) -> tuple[Reason, ...]:
    """Why ninja would run what it would run for the targets, also behind a cmake that would run first (`build.ninja`)."""
    with _copied_logs(build_dir) as manifest:
        command = [ninja, "-f", manifest, "-n", "-d", "explain"]
        done = capture([*command, _NAME, *targets], cwd=build_dir)
        if done.status != 0:  # a project may do without a rule for its build.ninja
            done = capture([*command, *targets], cwd=build_dir)
    lines = (line.removeprefix(EXPLAIN) for line in done.output.splitlines() if line.startswith(EXPLAIN))
    return tuple(reason for line in lines if (reason := parse_reason(line)))


@contextlib.contextmanager
def _copied_logs(build_dir: Path) -> Iterator[str]:
    """A file that is like build.ninja, except that its logs are copies. ninja does not look whether cmake has to renew it."""
    import tempfile  # not light, and a build that goes well asks nothing

    with tempfile.TemporaryDirectory(prefix="ninja-") as folder:
        for name in _LOGS:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(build_dir / name, Path(folder, name))
        manifest = Path(folder, _NAME)
        manifest.write_text(f"builddir = {folder.replace('$', '$$')}\ninclude {_NAME}\n", encoding="utf-8")
        yield str(manifest)
