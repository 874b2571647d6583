"""The bill of materials: valid by the schema of CycloneDX, right about what is in the wheel, equal for equal contents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from orchestrator import api
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.sbom import Material, bill
from orchestrator.packaging.wheelmaterials import materials_of, system_needs
from orchestrator.session import open_session


def refused(text: bytes) -> str:
    """What the schema has against it; empty: nothing."""
    return str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.decode()) or "")


@pytest.fixture(scope="module")
def shipped(built: api.BuildResult) -> dict[str, Path]:
    return {file.destination: file.source for file in built.published}


@pytest.fixture(scope="module")
def materials(root: Path, built: api.BuildResult, shipped: dict[str, Path]) -> list[Material]:
    """Those of the checkout as it is built."""
    order = open_session(api.BuildRequest(root=root)).graph.order
    return materials_of(built, order, shipped, Metadata(root).licence)


@pytest.fixture(scope="module")
def text(root: Path, materials: list[Material], shipped: dict[str, Path]) -> bytes:
    libraries = [name for name in shipped if name.endswith((".so", ".so.1"))]
    return bill(Metadata(root), materials, system_needs(shipped, libraries))


def properties(component: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in component.get("properties", [])}


def test_the_schema_accepts_it(text: bytes) -> None:
    assert refused(text) == ""
    spoiled = json.loads(text)
    spoiled["components"][0]["type"] = "bell"
    assert "bell" in refused(json.dumps(spoiled).encode())


def test_each_library_stands_in_it_with_its_digest(text: bytes, shipped: dict[str, Path]) -> None:
    components = json.loads(text)["components"]
    named = {properties(item)["file"]: item for item in components if properties(item)["linkage"] == "file"}
    assert set(named) == {name for name in shipped if name.endswith((".so", ".so.1"))}
    for name, item in named.items():
        (digest,) = item["hashes"]
        assert digest == {"alg": "SHA-256", "content": hashlib.sha256(shipped[name].read_bytes()).hexdigest()}
        assert item["licenses"], name


def test_what_no_file_shows_stands_in_it(text: bytes, built: api.BuildResult) -> None:
    """Headers that were compiled in, members of static archives, and what the carried library is made of."""
    answer = json.loads(text)
    components = {item["name"]: item for item in answer["components"]}
    pybind11 = components["pybind11"]
    assert properties(pybind11) == {"inside": "_C", "linkage": "headers"}
    assert pybind11["version"] == built.found["pybind11"].version and pybind11["purl"].startswith("pkg:pypi/pybind11@")
    static = [item for item in components.values() if properties(item)["linkage"] == "static"]
    assert static and all(" of lib" in item["description"] and item["version"] for item in static), static
    (blas,) = (item for item in components.values() if item.get("components"))
    assert {"OpenBLAS", "LAPACK", "GCC runtime library"} <= {part["name"] for part in blas["components"]}
    assert next(part for part in blas["components"] if part["name"] == "OpenBLAS")["version"] in blas["version"]
    edges = {item["ref"]: item.get("dependsOn", []) for item in answer["dependencies"]}
    assert pybind11["bom-ref"] in edges[components["_C"]["bom-ref"]]
    top = answer["metadata"]["component"]
    assert {components[name]["bom-ref"] for name in ("TH", "THNN", "THD", "_C")} <= set(edges[top["bom-ref"]])
    assert "libc.so.6" in {item["value"] for item in top["properties"]}
    assert "libTH.so.1" not in {item["value"] for item in top["properties"]}


def test_equal_materials_give_equal_bytes(root: Path, materials: list[Material], text: bytes) -> None:
    metadata, needs = Metadata(root), {"libc.so.6", "libm.so.6"}
    first = bill(metadata, materials, needs)
    assert first == bill(Metadata(root), list(materials), sorted(needs, reverse=True))
    other = bill(metadata, [replace(materials[0], sha256="0" * 64), *materials[1:]], needs)
    serials = {json.loads(item)["serialNumber"] for item in (first, other)}
    assert len(serials) == 2


@pytest.mark.parametrize(
    "licence", ["", "BSD-3-Clause", "MIT OR Apache-2.0", "GPL-3.0-or-later WITH GCC-exception-3.1", "our own"]
)
def test_every_way_to_state_a_licence_is_valid(root: Path, licence: str) -> None:
    assert refused(bill(Metadata(root), [Material("Bell", "1.0", licence, "file", url="https://example.org")], [])) == ""
