"""Builds the libraries of libraries.toml. `python tools/build_deps.py --help` shows how to use it."""

import os
import sys

from orchestrator import fastpath

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> int:
    """The fast path answers alone if there is nothing to do; all else is imported only after it."""
    if fastpath.try_fast(ROOT, sys.argv[1:], "build_deps"):
        return 0
    from pathlib import Path

    from orchestrator.cli import main as run

    return run(Path(ROOT), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
