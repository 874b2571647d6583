#!/usr/bin/env python3
"""Makes wheels for several Pythons from one native build. `python tools/build_wheels.py --help` shows how to use it."""

import os
import sys
from pathlib import Path

from orchestrator.errors import BuildError
from orchestrator.packaging import bootstrap

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Installs what is missing, then hands over."""
    try:
        bootstrap.check_platform()
        if bootstrap.ensure(ROOT, ["build_wheels", *sys.argv[1:]], say=lambda text: print(text, file=sys.stderr)):
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    from orchestrator.packaging.wheelcommand import main as run  # it needs what was installed

    return run(ROOT, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
