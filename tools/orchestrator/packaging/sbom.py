"""The bill of materials of a wheel (CycloneDX 1.6), for its folder .dist-info/sboms (PEP 770).

Scanners see files; this names what no file shows as well: what was linked statically into our libraries, headers that were
compiled in, and what the makers of a carried library put into it.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_expression, is_supported_id
from packageurl import PackageURL

from orchestrator.packaging.metadata import Metadata, source_date

__all__ = ["Material", "bill", "carried_parts", "compiled_in", "newest", "static_material"]

# Archives that compilers and C libraries put into what they link: name, licence, and whose version counts.
_ARCHIVES = (
    (r"libgcc(_eh)?\.a", "libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1", "compiler"),
    (r"libstdc\+\+(_nonshared|fs)?\.a", "libstdc++", "GPL-3.0-or-later WITH GCC-exception-3.1", "compiler"),
    (r"lib(gfortran|quadmath)\.a", "libgfortran", "GPL-3.0-or-later WITH GCC-exception-3.1", "compiler"),
    (r"lib(c|pthread|m|mvec)(_nonshared)?(-[\d.]+)?\.a", "glibc", "LGPL-2.1-or-later with a linking exception", "system"),
    (r"lib(cudart_static|cudadevrt|culibos)\.a", "CUDA runtime", "NVIDIA CUDA Toolkit EULA", "cuda"),
)
_FIELD = re.compile(r"^(Name|Files|Description|Availability|License): *(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Material:
    """One component. `linkage` says how it is there: file, static, headers. `inside` names the component that holds it."""

    name: str
    version: str
    licence: str
    linkage: str
    inside: str = ""
    description: str = ""
    purl: str = ""
    url: str = ""
    sha256: str = ""
    file: str = ""
    parts: tuple[Material, ...] = ()


def carried_parts(licence_text: str, content: bytes, compilers: Iterable[str]) -> tuple[Material, ...]:
    """What the licence file of a carried library says that it is made of (blocks of Name, Description, License).

    The versions stand in the library: `NAME 1.2.3`, or, for the runtime of a compiler, in that compiler's comment.
    """
    return tuple(
        Material(
            name=fields["Name"],
            version=newest(compilers) if "GCC" in fields["Name"] else _named_version(fields["Name"], content),
            licence=fields.get("License", ""),
            linkage="static",
            description=fields.get("Description", ""),
            url=fields.get("Availability", ""),
        )
        for fields in _blocks(licence_text)
        if "Name" in fields and "Files" in fields
    )


def _named_version(name: str, content: bytes) -> str:
    match = re.search(re.escape(name.encode()) + rb" (\d+\.\d+\.\d+)", content)
    return match[1].decode() if match else ""


def newest(comments: Iterable[str]) -> str:
    """The newest compiler among the comments of a library.

    >>> newest(["GCC: (GNU) 8.5.0 20210514", "GCC: (GNU) 14.2.1 20250110"])
    '14.2.1'
    """
    versions = [match[1] for text in comments if (match := re.search(r"\) (\d+\.\d+\.\d+)", text))]
    return max(versions, key=lambda version: [int(part) for part in version.split(".")], default="")


def _blocks(text: str) -> Iterator[dict[str, str]]:
    block: dict[str, str] = {}
    for match in _FIELD.finditer(text):
        if match[1] == "Name" and block:
            yield block
            block = {}
        block.setdefault(match[1], match[2].strip())
    if block:
        yield block


def static_material(archives: Mapping[str, Iterable[str]], inside: str, versions: Mapping[str, str]) -> Iterator[Material]:
    """What the link of `inside` took from static archives (linkmap.static_parts). `versions` of compiler, system and cuda."""
    for archive, members in archives.items():
        name = Path(archive).name
        known = next((item for item in _ARCHIVES if re.fullmatch(item[0], name)), None)
        title, licence = (known[1], known[2]) if known else (name.removesuffix(".a"), "")
        version = versions.get(known[3], "") if known else ""
        description = f"{', '.join(members)} of {name}"
        yield Material(title, version, licence, "static", inside, description)


def compiled_in(package: str, version: str, inside: str) -> Material:
    """A Python package whose headers were compiled into `inside`."""
    try:
        about = importlib.metadata.metadata(package)
        licence = next((about[field] for field in ("License-Expression", "License") if field in about), "")
    except importlib.metadata.PackageNotFoundError:
        licence = ""
    return Material(package, version, licence, "headers", inside, "headers", f"pkg:pypi/{package}@{version}")


def bill(metadata: Metadata, materials: Iterable[Material], needs: Iterable[str]) -> bytes:
    """The JSON text. Equal materials give equal bytes: the serial number follows from the content, the time is the archives'.

    `needs` are what the system has to provide.
    """
    listed = list(materials)
    root = Component(
        name=metadata.name,
        version=metadata.version,
        type=ComponentType.LIBRARY,
        bom_ref=metadata.stem,
        licenses=_licences(metadata.licence),
        purl=PackageURL("pypi", None, metadata.name, metadata.version),
        properties=[Property(name="needed-from-system", value=need) for need in sorted(needs)],
    )
    digest = hashlib.sha256(repr((metadata.stem, metadata.tag, listed)).encode()).digest()
    moment = datetime.datetime.fromtimestamp(source_date(), tz=datetime.UTC)
    bom = Bom(serial_number=uuid.UUID(bytes=digest[:16], version=5), metadata=BomMetaData(component=root, timestamp=moment))
    components = {material: _component(material) for material in listed}
    by_name = {material.name: component for material, component in components.items() if not material.inside}
    for component in components.values():
        bom.components.add(component)
    for material, component in components.items():
        bom.register_dependency(by_name.get(material.inside, root), [component])
    return (JsonV1Dot6(bom).output_as_string(indent=1) + "\n").encode()


def _component(material: Material) -> Component:
    reference = "/".join(part for part in (material.inside, material.name, material.version) if part)
    properties = {"linkage": material.linkage, "inside": material.inside, "file": material.file}
    return Component(
        name=material.name,
        version=material.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=reference,
        description=material.description or None,
        licenses=_licences(material.licence),
        purl=PackageURL.from_string(material.purl) if material.purl else None,
        external_references=[_source(material.url)] if material.url else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=material.sha256)] if material.sha256 else [],
        properties=[Property(name=name, value=value) for name, value in properties.items() if value],
        components=[_component(part) for part in material.parts],
    )


def _source(url: str) -> ExternalReference:
    return ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(url))


def _licences(text: str) -> list[DisjunctiveLicense | LicenseExpression]:
    """As an SPDX name or expression where it is one."""
    if not text:
        return []
    if is_supported_id(text):
        return [DisjunctiveLicense(id=text)]
    return [LicenseExpression(text) if is_expression(text) else DisjunctiveLicense(name=text)]
