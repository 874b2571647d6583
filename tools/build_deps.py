#!/usr/bin/env python3
"""Builds the libraries of libraries.toml. `python tools/build_deps.py --help` shows how to use it."""

import os
import sys

from orchestrator import fastpath

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> int:
    """Each path imports only what it needs: nothing to do, sources changed, all else."""
    if fastpath.try_fast(ROOT, sys.argv[1:], "build_deps"):
        return 0
    from orchestrator.rebuild import try_rebuild

    status = try_rebuild(ROOT, sys.argv[1:], "build_deps")
    if status is not None:
        return status
    from pathlib import Path

    from orchestrator.front.cli import main as run

    return run(Path(ROOT), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
