"""The version of a checkout: from git's tags, from what an archive says of itself, or else the one in the manifest."""

from __future__ import annotations

import re
from pathlib import Path

from orchestrator import process

__all__ = ["ARCHIVAL", "checkout_version", "described_version", "git"]

# `git archive` (and the tarballs of hosting services) fill in what .gitattributes marks.
ARCHIVAL = ".git_archival.txt"

_DESCRIBED = re.compile(r"v?(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:-(\d+)-(g[0-9a-f]+))?(-dirty)?")


def git(root: Path, *words: str) -> str | None:
    """What git says in the checkout `root`; None if it fails, or if `root` itself is no checkout.

    Also where the checkout belongs to somebody else, as in containers: whoever builds it trusts it already.
    """
    if not (root / ".git").exists():
        return None
    done = process.capture(["git", "-c", "safe.directory=*", "-C", str(root), *words])
    return done.output if done.status == 0 else None


def checkout_version(root: Path, coming: str) -> str:
    """The version of the distribution that is built from `root`; `coming` is the one of the manifest.

    A version that stands in [project] of pyproject.toml is that. With `dynamic = ["version"]` the first that says one decides:
    a tag of git (`v1.2.3`), the PKG-INFO of a source distribution, .git_archival.txt of a tarball, `coming`.
    """
    import tomllib  # programs that build nothing load this module as well

    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError):
        return coming
    if "version" in project:
        return str(project["version"])
    described = git(root, "describe", "--tags", "--long", "--dirty", "--abbrev=7", "--match=v[0-9]*")
    return (
        described_version(described or "", coming)
        or _found(root / "PKG-INFO", r"^Version: (\S+)$")
        or described_version(_found(root / ARCHIVAL, r"^describe-name: (\S+)$"), coming)
        or coming
    )


def _found(file: Path, pattern: str) -> str:
    try:
        match = re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return match[1] if match else ""


def described_version(described: str, coming: str) -> str:
    """The version for what `git describe` says, empty if that is no version; `coming` is the release that is worked on.

    >>> described_version("v0.4.0-0-gabc1234", "0.4.0")
    '0.4.0'
    >>> described_version("v0.4.0-7-gabc1234", "0.4.0")
    '0.4.1.dev7+gabc1234'
    >>> described_version("v0.4.0-7-gabc1234-dirty", "0.5.0")
    '0.5.0.dev7+gabc1234.dirty'
    >>> described_version("v0.5.0rc1-2-gabc1234", "0.5.0")
    '0.5.0rc2.dev2+gabc1234'
    """
    match = _DESCRIBED.fullmatch(described.strip())
    if match is None:
        return ""
    release, kind, number, distance, commit, dirty = match.groups()
    if not int(distance or 0) and not dirty:
        return f"{release}{kind or ''}{number or ''}"
    if _parts(coming) > _parts(release):
        following = coming
    elif kind:
        following = f"{release}{kind}{int(number) + 1}"
    else:
        first, _, last = release.rpartition(".")
        following = f"{first}.{int(last) + 1}" if first else str(int(last) + 1)
    local = ".".join([*([commit] if commit else []), *(["dirty"] if dirty else [])])
    return f"{following}.dev{distance or 0}+{local}"


def _parts(version: str) -> tuple[int, ...]:
    """Of a release, without zeros at the end: 1.0 is 1."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    parts = [int(part) for part in match[0].split(".")] if match else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
