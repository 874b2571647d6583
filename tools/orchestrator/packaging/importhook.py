"""Rebuild on import: what the finder of an editable install runs, in a process of its own, before the package is loaded.

Exit status 0: the package is what the sources say. UNABLE: it could not be built here (no compiler, a checkout that cannot be
written), so what was built last is imported. Anything else: the build failed. All output goes to stderr.

Latency critical like fastpath.py: as long as there is nothing to do, only modules that load in a few milliseconds are imported.
"""

import fcntl
import json
import os
import sys
import time

from orchestrator import fastpath

TYPE_CHECKING = False  # typing costs 5 ms
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["UNABLE", "arguments_for", "main"]

UNABLE = 75
COMMAND = "import"
_PATIENCE = 1.0
_TOOL_MISSING = 5
_JOURNAL = ".published.json"


def main(root: str, products: str, manifest: str = "") -> int:
    """Builds what the last build into the package built, with its options, if a source differs.

    `products` is the folder of the journal, `manifest` the libraries.toml if it is not the root's.
    """
    asked = time.time()
    os.dup2(2, 1)  # whoever imports may have given stdout another meaning
    os.chdir(root)
    where = arguments_for(products, manifest)
    if where is None:
        _say("nothing was built yet")
        return UNABLE
    argv, base = where
    if not os.access(base, os.W_OK):
        _say(f"{base} cannot be written, so that nothing is built; what was built last is imported")
        return UNABLE
    _as_then(root, argv)
    config = argv[argv.index("--config") + 1]
    descriptor = os.open(os.path.join(base, config, ".import.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _lock(descriptor)
        # Who waited while another one looked at everything (and built it) needs not look again.
        status, text = _answer_since(descriptor, asked, argv)
        if status is None:
            began = time.time()
            status, text = _build(root, argv, manifest)
            record = json.dumps({"argv": argv, "began": began, "status": status, "text": text})
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, record.encode(), 0)
        elif status != 0:
            print(text, file=sys.stderr)
    finally:
        os.close(descriptor)
    return status


def arguments_for(products: str, manifest: str = "") -> "tuple[list[str], str] | None":
    """The command line that builds again what the package was published from, and the folder of the build trees.

    None if nothing is published, or its build tree is gone.
    """
    try:
        with open(os.path.join(products, _JOURNAL), "rb") as file:
            sources = [item["source"] for item in json.loads(file.read())["files"] if item["kind"] in ("library", "extension")]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for source in sources:
        folder = os.path.dirname(source)
        while len(folder) > 1:
            if os.path.exists(os.path.join(folder, "configure.json")):
                base, config = os.path.split(folder)
                argv = ["--again", "--config", config, "--build-dir", base]
                return argv + (["--manifest", manifest] if manifest else []), base
            folder = os.path.dirname(folder)
    return None


def _as_then(root: str, argv: "list[str]") -> None:
    """The variables that a build depends on get the values that they had at the last success.

    Importing from another shell, another folder's environment or a service must not make another build of it.
    """
    try:
        with open(fastpath.record_path(root, argv, COMMAND), "rb") as file:
            record = json.loads(file.read())
        if not os.path.exists(record["ninja"]):
            return
        for name, value in record["environment"].items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    except (OSError, ValueError, KeyError, TypeError):
        return


def _lock(descriptor: int) -> None:
    """Waits for those who import at the same time; says so once, after a second."""
    begin = time.monotonic()
    while time.monotonic() - begin < _PATIENCE:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.01)
    _say("waiting for another process that builds it for its own import")
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def _answer_since(descriptor: int, asked: float, argv: "list[str]") -> "tuple[int | None, str]":
    """What a process found that began after `asked`: status and text of the error. (None, "") if none did."""
    try:
        record = json.loads(os.pread(descriptor, 65536, 0))
        if record["argv"] == argv and record["began"] >= asked:
            return int(record["status"]), str(record["text"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None, ""


def _build(root: str, argv: "list[str]", manifest: str) -> "tuple[int, str]":
    """Status and text of the error. The three ways of tools/build_deps.py: nothing to do, sources changed, all else."""
    said, errors = sys.stdout, _Copy(sys.stderr)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stdout = nowhere
        try:
            if fastpath.try_fast(root, argv, COMMAND):
                return 0, ""
        finally:
            sys.stdout = said
    sys.stderr = errors
    try:
        from orchestrator.rebuild import try_rebuild

        status = try_rebuild(root, argv, COMMAND)
        if status is None:
            status = _long_path(root, argv, manifest)
    except OSError as error:  # a read-only or full disk
        print(f"{error}; what was built last is imported", file=sys.stderr)
        return UNABLE, str(error)
    finally:
        sys.stderr = errors.stream
    return (UNABLE if status == _TOOL_MISSING else status), errors.text()


def _long_path(root: str, argv: "list[str]", manifest: str) -> int:
    from pathlib import Path

    from orchestrator import api
    from orchestrator.errors import BuildError

    value = dict(zip(argv[1::2], argv[2::2], strict=True))
    request = api.BuildRequest(
        root=Path(root),
        config=value["--config"],
        build_dir=Path(value["--build-dir"]),
        manifest=Path(manifest) if manifest else None,
        again=True,
        argv=tuple(argv),
        command=COMMAND,
    )
    try:
        api.remember(request, api.build(request), argv=argv)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _say(text: str) -> None:
    print(f"rebuild on import: {text}", file=sys.stderr, flush=True)


class _Copy:
    """A stream that remembers the end of what is written to it."""

    def __init__(self, stream: "TextIO") -> None:
        self.stream = stream
        self._kept = ""

    def write(self, text: str) -> int:
        """Hands on."""
        self._kept = (self._kept + text)[-20000:]
        return int(self.stream.write(text))

    def text(self) -> str:
        """From the first line of an error on."""
        place = self._kept.find("error: ")
        return self._kept[max(place, 0) :].strip()

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)
