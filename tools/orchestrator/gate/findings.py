"""What can be wrong with wheels: one class of error, and one exit code, for each kind of cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.errors import BuildError

__all__ = [
    "BinaryError",
    "ContentsError",
    "Finding",
    "GateError",
    "LeakedPathError",
    "MetadataError",
    "PlatformTagError",
    "SizeError",
    "TrialError",
    "VersionError",
    "raise_for",
]


class GateError(BuildError):
    """Base of what the gate finds. `remedy` is what to do about it."""

    remedy = ""


class VersionError(GateError):
    """The version is not one to release: the checkout differs from its tag."""

    exit_code = 21
    remedy = "commit and tag what is to be released, or leave out --release"


class ContentsError(GateError):
    """A file is missing from the wheel, or should not be in it, or is not what RECORD says."""

    exit_code = 22
    remedy = "correct libraries.toml (products, headers), the package, or license-files in pyproject.toml"


class SizeError(GateError):
    """The wheel is larger than its budget."""

    exit_code = 23
    remedy = "see which members grew: python -m zipfile -l WHEEL; the budget is `size-budget` in pyproject.toml"


class LeakedPathError(GateError):
    """A file in the wheel names a folder of the machine that built it."""

    exit_code = 24
    remedy = "see where it comes from: strings -a FILE | grep PATH; compilers take -ffile-prefix-map"


class BinaryError(GateError):
    """A library exports too much, looks for others in the wrong place, or was not stripped."""

    exit_code = 25
    remedy = "correct the library's CMakeLists.txt: torch_export_only, INSTALL_RPATH"


class PlatformTagError(GateError):
    """The wheel needs a newer system than it says, or than the stated floor."""

    exit_code = 26
    remedy = "build in the container of the floor (docs/wheels.md), or state another one: --floor"


class MetadataError(GateError):
    """twine, check-wheel-contents or the tags object."""

    exit_code = 27
    remedy = "correct what it names: [project] in pyproject.toml for twine, files of the package for check-wheel-contents"


class TrialError(GateError):
    """The wheel cannot be installed, imported, tested, replaced or removed."""

    exit_code = 28
    remedy = "try it by hand: python -m venv /tmp/trial && /tmp/trial/bin/pip install WHEEL"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `text` names the member."""

    kind: type[GateError]
    text: str


def raise_for(subject: str, findings: Iterable[Finding]) -> None:
    """Raises the error of the first finding, with the texts of all."""
    found = list(findings)
    if not found:
        return
    kind = found[0].kind
    listing = "\n".join(f"  {finding.text}" for finding in found)
    remedies = dict.fromkeys(finding.kind.remedy for finding in found)
    raise kind(f"{subject} does not pass:\n{listing}", next_step="\n  ".join(remedies))
