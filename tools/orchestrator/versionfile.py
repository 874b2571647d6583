"""The generated module that tells a package its version and how it was built. It holds no path of the builder's machine."""

from __future__ import annotations

import pprint
from collections.abc import Mapping
from pathlib import Path

from orchestrator.detect import Detection, Found
from orchestrator.manifest import Manifest
from orchestrator.options import Options
from orchestrator.plan import CONFIGS, Plan
from orchestrator.process import capture

__all__ = ["git_version", "version_text"]


def git_version(root: Path) -> str | None:
    """The commit that is checked out; None outside of a repository."""
    if not (root / ".git").exists():
        return None
    done = capture(["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"])
    return done.output.strip() if done.status == 0 else None


def version_text(manifest: Manifest, plan: Plan, options: Options, found: Mapping[str, Detection], *, git: str | None) -> str:
    """The module's source: __version__, git_version, debug, cuda, and `config`, a dict of strings."""
    config: dict[str, str] = {"build_type": CONFIGS[plan.config]}
    for name in ("compiler", "blas", "cuda", "python", "pybind11", "cmake", "ninja"):
        if name in found:
            item = found[name]
            config[name] = item.version if isinstance(item, Found) else item.reason
    for name in ("CFLAGS", "CXXFLAGS", "LDFLAGS", *(spec.name for spec in manifest.options)):
        if options[name]:
            config[name.lower()] = options[name]
    return "\n".join(
        [
            '"""Written by the build."""',
            "",
            f"__version__ = {manifest.framework.version!r}",
            f"git_version = {git!r}",
            f"debug = {plan.config == 'debug'}",
            "cuda = None",
            f"config = {pprint.pformat(config, width=120)}",
            "",
        ]
    )
