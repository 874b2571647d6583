"""Rebuild on import: the part that runs in the process that imports the package, called by the finder of an editable install.

The finder executes this file when the package is imported for the first time; it has to work in any program, so that it imports
nothing but `os` and `sys`, and starts orchestrator/packaging/importhook.py in a process of its own.
"""

import os
import sys

__all__ = ["BUILDING", "ensure_built", "is_checked"]

BUILDING = "REBUILD_ON_IMPORT"
"""0 in the environment of everything that a build starts: a build's own programs never build."""

_UNABLE = 75
_OFF = ("0", "off", "no", "false")
_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from orchestrator.packaging import importhook; "
    "sys.exit(importhook.main(*sys.argv[2:]))"
)


def ensure_built(package: str, switch: str, words: "list[str]") -> None:
    """Builds what changed. Raises ImportError if that fails.

    `switch` names the environment variable that switches this off with 0, and that remembers for child processes that it was
    done; `words` are the folder of the orchestrator and the arguments of `importhook.main`.
    """
    if os.environ.get(BUILDING) == "0" or is_checked(os.environ.get(switch, "")) or not sys.executable:
        return
    status, output = _run([sys.executable, "-c", _CODE, *words], {**os.environ, switch: "0"})
    if status not in (0, _UNABLE):
        said = output[max(output.find("error: "), 0) :].strip()
        raise ImportError(
            f"{package} was not imported: building it from the changed sources failed (status {status}).\n{said}\n"
            f"What was built last is still there: {switch}=0 in the environment imports it.",
            name=package,
        )
    if status == _UNABLE and "error: " in output and sys.stderr is not None:
        said = output[output.find("error: ") :].removeprefix("error: ").strip()
        sys.stderr.write(f"warning: {package} is imported as it was built last, because it cannot be built here: {said}\n")
    os.environ[switch] = f"{os.getpid()}:{_start_of(os.getpid())}"
    if output:
        import importlib

        importlib.invalidate_caches()


def is_checked(value: str) -> bool:
    """True for 0, and if the process that the value names (number:start) did the check and lives: we descend from it."""
    if value.lower() in _OFF:
        return True
    pid, colon, start = value.partition(":")
    try:
        return bool(colon) and _start_of(int(pid)) == start
    except (OSError, ValueError):
        return False


def _start_of(pid: int) -> str:
    """When a process started, in ticks since boot: numbers of processes come again."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[19].decode()


def _run(command: "list[str]", environment: "dict[str, str]") -> "tuple[int, str]":
    """Exit status and output, which goes to stderr line by line up to the error: that will be the exception's text."""
    reader, writer = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writer, 1),
        (os.POSIX_SPAWN_DUP2, writer, 2),
    ]
    try:
        pid = os.posix_spawn(command[0], command, environment, file_actions=actions)
    except OSError:
        os.close(reader)
        return _UNABLE, ""
    finally:
        os.close(writer)
    output, failed = "", False
    try:
        with open(reader, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                output += line
                failed = failed or line.startswith("error: ")
                if not failed and sys.stderr is not None:
                    sys.stderr.write(line)
                    sys.stderr.flush()
    finally:  # Ctrl-C reaches both
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status, output
