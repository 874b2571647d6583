"""Whether the checkout is one to release: exactly what its tag names, under that version."""

from __future__ import annotations

from pathlib import Path

from packaging.version import Version

from orchestrator.gate.findings import Finding, VersionError, raise_for
from orchestrator.process import capture

__all__ = ["check_release"]

_NAMED = 5


def check_release(root: Path, version: str) -> None:
    """Raises VersionError for a version that is not public, for changes since the commit, and for a commit without its tag."""
    found = []
    parsed = Version(version)
    if parsed.local or parsed.is_devrelease:
        found.append(f"the version is {version}, which indices do not take")
    status = capture(["git", "-C", str(root), "status", "--porcelain"])
    if status.status != 0:
        found.append(f"{root} is no git checkout: what it holds has no name")
    elif changed := status.output.splitlines():
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        found.append(f"the checkout differs from its commit: {', '.join(line[3:] for line in changed[:_NAMED])}{more}")
    if status.status == 0:
        tags = capture(["git", "-C", str(root), "tag", "--points-at", "HEAD"]).output.split()
        if f"v{version}" not in tags and version not in tags:
            said = f"has the tags {', '.join(tags)}" if tags else "has no tag"
            found.append(f"the commit {said}, and the version is {version}")
    raise_for("This checkout", [Finding(VersionError, text) for text in found])
