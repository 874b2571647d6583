"""The generated module that tells a package its version and how it was built. It holds no path of the builder's machine."""

from __future__ import annotations

import pprint
import re
from collections.abc import Mapping
from pathlib import Path

from orchestrator.detect import Detection, Found, Missing
from orchestrator.manifest import Manifest
from orchestrator.options import Options
from orchestrator.packaging import scmversion
from orchestrator.plan import Plan

__all__ = ["git_version", "version_text"]


def git_version(root: Path) -> str | None:
    """The commit that is checked out; None outside of a repository."""
    commit = scmversion.git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    return None if commit is None else commit.strip()


def version_text(manifest: Manifest, plan: Plan, options: Options, found: Mapping[str, Detection], *, git: str | None) -> str:
    """The module's source: __version__, git_version, debug, cuda, and `config`, a dict of strings."""
    config: dict[str, str] = {"build_type": plan.configuration.build_type}
    toolkit = found.get("cuda")
    for name in ("compiler", "linker", "blas", "cuda", "cudnn", "nccl", "python", "pybind11", "cmake", "ninja"):
        if name in found:
            config[name] = _said(found[name])
    config.update(_decisions(options, found))
    for name in ("CFLAGS", "CXXFLAGS", "LDFLAGS", *(spec.name for spec in manifest.options)):
        if options[name]:
            config[name.lower()] = options[name]
    return "\n".join(
        [
            '"""Written by the build."""',
            "",
            f"__version__ = {scmversion.checkout_version(manifest.root, manifest.framework.version)!r}",
            f"git_version = {git!r}",
            f"debug = {plan.config == 'debug'}",
            f"cuda = {toolkit.version if isinstance(toolkit, Found) else None!r}",
            f"config = {pprint.pformat(config, width=120)}",
            "",
        ]
    )


def _said(item: Detection) -> str:
    """Version and how it was found, or why there is none. How does not count for tools that are found in several ways."""
    if isinstance(item, Missing):
        return _pathless(item.reason)
    how = "" if item.name in ("cmake", "ninja", "python") or item.how.startswith("/") else f" ({item.how})"
    return f"{_pathless(item.version)}{how}"


def _decisions(options: Options, found: Mapping[str, Detection]) -> dict[str, str]:
    """What became of options that leave the choice to the build. The compiler cache is left out: it changes no byte."""
    decided = {}
    for name, detector in (("BLAS", "blas"), ("USE_CUDA", "cuda"), ("USE_CUDNN", "cudnn"), ("USE_NCCL", "nccl")):
        if name in options.values and options[name].upper() == "AUTO" and detector in found:
            decided[name] = f"{options[name]} -> {_said(found[detector])}"
    return decided


def _pathless(text: str) -> str:
    """Absolute paths cut down to their last part: the package must not tell where it was built.

    >>> _pathless("no headers in /opt/one/include (see /x/y)")
    'no headers in include (see y)'
    """
    return re.sub(r"(?<![\w.])/(?:[^/\s,;:()]+/)*([^/\s,;:()]+)", r"\1", text)
