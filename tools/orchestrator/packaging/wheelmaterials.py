"""What a build put into a wheel, as the build itself knows it: the materials of its bill."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from orchestrator.api import BuildResult
from orchestrator.detect import Found
from orchestrator.gate.elffacts import ElfFacts, elf_facts
from orchestrator.manifest import Library
from orchestrator.packaging.linkmap import static_parts
from orchestrator.packaging.sbom import Material, carried_parts, compiled_in, newest, static_material
from orchestrator.publish import PublishedFile

__all__ = ["materials_of", "system_needs"]


def materials_of(built: BuildResult, libraries: Iterable[Library], shipped: Mapping[str, Path], licence: str) -> list[Material]:
    """The libraries and extensions of a build, with all that is inside of them. `shipped` are the wheel's files by name."""
    own = {library.name: library for library in libraries}
    listed: list[Material] = []
    for file in built.published:
        if file.kind not in ("library", "extension"):
            continue
        content = shipped[file.destination].read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if file.owner in own:
            listed += _own(built, own[file.owner], file, elf_facts(content), digest, licence)
        else:
            listed.append(_carried(built, file, content, digest))
    return listed


def _own(
    built: BuildResult, library: Library, file: PublishedFile, facts: ElfFacts, digest: str, licence: str
) -> Iterator[Material]:
    yield Material(library.name, library.version, licence, "file", "", library.summary, sha256=digest, file=file.destination)
    if library.alone:  # somebody else's project: its own build links it
        return
    system = (os.confstr("CS_GNU_LIBC_VERSION") or "").removeprefix("glibc ")
    cuda = built.found.get("cuda")
    versions = {"compiler": newest(facts.comments), "system": system, "cuda": cuda.version if isinstance(cuda, Found) else ""}
    ninja = built.found["ninja"].values["program"]
    yield from static_material(static_parts(ninja, built.build_dir, file.source), library.name, versions)
    for used in library.uses:
        item = built.found.get(used)
        if isinstance(item, Found) and "include" in item.temporary:  # headers of a Python package
            yield compiled_in(used, item.version, library.name)


def _carried(built: BuildResult, file: PublishedFile, content: bytes, digest: str) -> Material:
    found = built.found[file.owner]
    said = found.describe() if isinstance(found, Found) else ""
    package = found.how.removeprefix("Python package ") if isinstance(found, Found) else ""
    version = found.version.rpartition(" ")[2] if isinstance(found, Found) else ""
    licences = [other for other in built.published if other.kind == "licence" and other.owner == file.owner]
    text = "\n".join(other.source.read_text(encoding="utf-8") for other in licences)
    return Material(
        name=package or posixpath.basename(file.destination),
        version=version,
        licence=f"see {licences[0].destination}" if licences else "",
        linkage="file",
        description=f"carried unchanged: {said.partition(' (')[0]}",
        purl=f"pkg:pypi/{package}@{version}" if package and version else "",
        sha256=digest,
        file=file.destination,
        parts=carried_parts(text, content, elf_facts(content).comments),
    )


def system_needs(files: Mapping[str, Path], names: Iterable[str]) -> set[str]:
    """Libraries that the members `names` need and the wheel does not hold."""
    carried = {posixpath.basename(name) for name in files}
    needs: set[str] = set()
    for name in names:
        facts = elf_facts(files[name].read_bytes())
        needs |= {needed for needed in facts.needed if needed not in carried}
    return needs
