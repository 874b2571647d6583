"""Wheels for several Pythons from one native build.

The libraries are built once and installed into a prefix inside their build tree. For each Python the extension alone is built
against that prefix, in a tree of its own. All trees stand in build/wheels: the development tree and the package in the checkout
are neither used nor changed.

    build/wheels/native/release          the libraries; prefix/ below it
    build/wheels/cp312/release           the extension for CPython 3.12
    build/wheels/.staging-...            of one run: stripped files and debug symbols, wheels before they have passed
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator import api
from orchestrator.clean import size_text
from orchestrator.detect import Found
from orchestrator.errors import PublishError, UsageError
from orchestrator.events import Emit, Note, Warned
from orchestrator.fastpath import build_base
from orchestrator.gate.checks import raised_by
from orchestrator.gate.gatekeeper import Limits, expected_of, inspect, read_limits
from orchestrator.gate.platformtag import glibc_of, platform_report
from orchestrator.gate.wheelfacts import open_wheel
from orchestrator.lock import locked
from orchestrator.packaging.archive import Archive
from orchestrator.packaging.binaries import Split, objcopy_of, split
from orchestrator.packaging.descriptions import package_files
from orchestrator.packaging.interpreters import Interpreter
from orchestrator.packaging.metadata import Metadata, source_date
from orchestrator.packaging.sbom import Material, bill
from orchestrator.packaging.versionfile import git_version, version_text
from orchestrator.packaging.wheel import package_modules, write_wheel
from orchestrator.packaging.wheelmaterials import materials_of, system_needs
from orchestrator.publish import PublishedFile
from orchestrator.session import open_session
from orchestrator.tree import claim_tree, write_if_different

__all__ = ["Wheel", "WheelSet", "make_wheels"]

_STAGING = ".staging-"


@dataclass(frozen=True)
class Wheel:
    """A wheel that was made. `compiled` counts units; seconds are wall time of the extension's build and of the writing."""

    path: Path
    python: str
    program: Path
    tag: str
    size: int
    sha256: str
    compiled: int
    extension_seconds: float
    writing_seconds: float
    debug: Path

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {name: str(value) if isinstance(value, Path) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class WheelSet:
    """All wheels of one run, and what the libraries cost that they share."""

    native_seconds: float
    native_compiled: int
    wheels: tuple[Wheel, ...]
    seconds: float

    def lines(self) -> list[str]:
        """The table at the end."""
        rows = [("", "size", "SHA-256", "units", "extension", "writing", "Python")]
        rows.append(("libraries", "", "", str(self.native_compiled), f"{self.native_seconds:.1f} s", "", ""))
        for wheel in self.wheels:
            cost = (str(wheel.compiled), f"{wheel.extension_seconds:.1f} s", f"{wheel.writing_seconds:.1f} s")
            rows.append((wheel.path.name, size_text(wheel.size), wheel.sha256, *cost, wheel.python))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        many = "s" if len(self.wheels) > 1 else ""
        head = f"{len(self.wheels)} wheel{many} in {self.seconds:.1f} s, in {self.wheels[0].path.parent}"
        return [
            head,
            *("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows),
        ]

    def to_json(self) -> dict[str, Any]:
        """For `--json`; seconds are rounded to milliseconds."""
        return {
            "status": 0,
            "seconds": round(self.seconds, 3),
            "libraries": {"seconds": round(self.native_seconds, 3), "compiled": self.native_compiled},
            "wheels": [wheel.to_json() for wheel in self.wheels],
        }


def make_wheels(
    request: api.BuildRequest, interpreters: Iterable[Interpreter], out: Path, *, floor: str | None = None
) -> WheelSet:
    """Builds the libraries once and a wheel for each interpreter. `request` says root, configuration, options and output.

    A wheel appears in `out` only when it is whole and has passed the checks. `floor` is the platform tag that must hold;
    None: the one that holds is said.
    """
    begin = time.monotonic()
    base = (request.build_dir or Path(build_base(str(request.root)))).absolute() / "wheels"
    request = replace(request, publish=False, lines=True, command="build_wheels")
    with api.open_console(request) as console:
        claim_tree(base)
        with locked(base / ".lock", request.command, console):
            for left in base.glob(f"{_STAGING}*"):  # by somebody who was killed, and whose last objcopy may still write there
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=_STAGING, dir=base, ignore_cleanup_errors=True) as staging:
                shop = _Shop(request, Path(staging), out, console, floor)
                wheels = tuple(shop.make(interpreter) for interpreter in interpreters)
    native = shop.native
    return WheelSet(native.seconds, native.compiled, wheels, time.monotonic() - begin)


class _Shop:
    """What all wheels of a run share: the built libraries, the modules, the options."""

    def __init__(self, request: api.BuildRequest, staging: Path, out: Path, emit: Emit, floor: str | None) -> None:
        self._base, self._staging = staging.parent, staging
        self._out, self._emit, self._floor = out, emit, floor
        self._warned: set[str] = set()
        self._request = replace(request, build_dir=self._base / "native")
        self._session = session = open_session(self._request)
        self._limits = read_limits(session.root / "pyproject.toml")
        self._plan, _ = session.plan(session.detect(), dry_run=True)  # without the libraries that this machine leaves out
        kinds = {item.name: item.kind for item in session.graph.order}
        libraries = tuple(name for name in self._plan.requested if kinds[name] != "extension")
        self._extensions = tuple(name for name in self._plan.requested if kinds[name] == "extension")
        if not self._extensions:
            text = f"{session.manifest.path.name} has no extension: there is nothing that differs between Pythons."
            raise UsageError(text, next_step="describe it in a section [extension.NAME], or use: python -m build --wheel")
        self._prefix = session.build_dir / "prefix"
        self.native = api.build(replace(self._request, libraries=libraries, prefix=self._prefix))
        self._parts = self._split(self.native.published, "native")
        self._licence = Metadata(session.root).licence
        shipped = {file.destination: file.source for file in self.native.published}
        shipped |= {name: part.stripped for name, part in self._parts.items()}
        self._materials = materials_of(self.native, session.graph.order, shipped, self._licence)

    def make(self, interpreter: Interpreter) -> Wheel:
        """Builds the extension and writes the wheel and the archive of its debug symbols."""
        tree = self._base / interpreter.abi
        self._emit(Note(f"CPython {interpreter.version}: {interpreter.program}"))
        built = api.build(
            replace(
                self._request,
                libraries=self._extensions,
                only=True,
                build_dir=tree,
                python=interpreter.program,
                prebuilt=self._prefix,
            )
        )
        begin = time.monotonic()
        parts = self._parts | self._split(built.published, interpreter.abi)
        files = {file.destination: file.source for file in (*self.native.published, *built.published)}
        files |= {name: part.stripped for name, part in parts.items()}
        files |= self._texts(built)
        listed = [*self._materials, *materials_of(built, self._session.graph.order, files, self._licence)]
        metadata, path = self._write(interpreter, files, listed, system_needs(files, parts))
        debug = self._write_debug(metadata, parts.values())
        return Wheel(
            path=path,
            python=interpreter.version,
            program=interpreter.program,
            tag=metadata.tag,
            size=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            compiled=built.compiled,
            extension_seconds=built.seconds,
            writing_seconds=time.monotonic() - begin,
            debug=debug,
        )

    def _split(self, published: Iterable[PublishedFile], name: str) -> dict[str, Split]:
        """Stripped files by destination. What others made and we carry stays as they made it."""
        own = {library.name for library in self._session.graph.order}
        objcopy, folder = objcopy_of(self.native.found), self._staging / name
        return {
            file.destination: split(file.source, folder, objcopy)
            for file in published
            if file.kind in ("library", "extension") and file.owner in own
        }

    def _texts(self, built: api.BuildResult) -> dict[str, Path]:
        """The package's modules, and what is written about the whole family; the version file names this wheel's Python."""
        session, framework = self._session, self._session.manifest.framework
        texts = package_files(session.manifest, self._plan)
        if framework.version_file:
            found = {**self.native.found, **{name: item for name, item in built.found.items() if isinstance(item, Found)}}
            git = git_version(session.root)
            texts[framework.version_file] = version_text(session.manifest, self._plan, session.options, found, git=git)
        for name, text in texts.items():
            write_if_different(built.build_dir / name, text)
        modules = {name: session.root / name for name in package_modules(session.root, framework.package)}
        return modules | {name: built.build_dir / name for name in texts}

    def _write(
        self, interpreter: Interpreter, files: Mapping[str, Path], listed: Iterable[Material], needs: Iterable[str]
    ) -> tuple[Metadata, Path]:
        """Writes the wheel under the platform tag that holds, and moves it to its place when it has passed the checks."""
        with tempfile.TemporaryDirectory(dir=self._staging) as place:
            folder, root = Path(place), self._session.root
            # auditwheel reads files that were merely stored many times faster, and the tag is part of what is compressed.
            draft = folder / write_wheel(folder, Metadata(root, interpreter.tag()), files, compress=False)
            report = platform_report(draft)
            stated = self._limits.floor
            # Never a tag for older systems than are stated: nobody tries it there.
            above = report.glibc > glibc_of(stated) if stated else False
            platform = f"{stated}_{os.uname().machine}" if stated and not above else report.tag
            metadata = Metadata(root, interpreter.tag(platform))
            sboms = {f"sboms/{metadata.name}.cdx.json": bill(metadata, listed, needs)}
            wheel = open_wheel(folder / write_wheel(folder, metadata, files, dist_info=sboms), report)
            if self._floor is None and stated and above and report.tag not in self._warned:
                self._warned.add(report.tag)  # the libraries are the same in each wheel
                said = f"{report.tag} is what holds, and the stated floor is {stated}"
                self._emit(Warned(f"{said}: {raised_by(wheel, glibc_of(stated))}"))
            limits = Limits(self._floor or "", self._limits.size_budget)
            # Equal metadata in all wheels: the verb `check` asks the slow judges of it, once they are all made.
            inspect(wheel, expected_of(self._request, interpreter.program, limits), without=("metadata",))
            path = self._out / wheel.path.name
            with _whole(path) as partial:
                shutil.copyfile(wheel.path, partial)
        return metadata, path

    def _write_debug(self, metadata: Metadata, parts: Iterable[Split]) -> Path:
        """`debug/NAME.zip` beside the wheels: unpacked, a folder for gdb's `set debug-file-directory`."""
        path = self._out / "debug" / f"{metadata.stem}-{metadata.tag}.debug.zip"
        with _whole(path) as partial, Archive(partial, date=source_date()) as archive:
            archive.add(sorted((part.place, part.debug) for part in parts))
        return path


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place at the end, so that what has the name is complete. After an error: none."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror}."
        raise PublishError(text, next_step="name a folder that can: --out DIR") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
