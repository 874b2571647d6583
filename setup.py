"""`python setup.py develop`: builds the libraries and the extension, and lets this environment import the checkout.

Thin: what is there stands in pyproject.toml and libraries.toml, the work is done by tools/orchestrator.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs 11 ms of the no-op's 120


def main() -> int:
    """Nothing to do, or only sources changed: short ways. Else installs what is missing and hands over to the commands."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one deserves a sentence
        print(
            f"error: torch needs CPython 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).", file=sys.stderr
        )
        return 9
    sys.path.insert(0, os.path.join(ROOT, "tools"))  # noqa: PTH118
    arguments = sys.argv[1:]
    if arguments[:1] == ["develop"]:
        from orchestrator import fastpath

        if fastpath.try_fast(ROOT, arguments, "develop"):
            return 0
        from orchestrator.rebuild import try_rebuild

        status = try_rebuild(ROOT, arguments, "develop")
        if status is not None:
            return status
    return prepare(arguments)


def prepare(arguments: list[str]) -> int:
    """The long path: requirements first, then setuptools and our commands."""
    from pathlib import Path

    from orchestrator.errors import BuildError
    from orchestrator.packaging import bootstrap

    try:
        bootstrap.check_platform()
        if bootstrap.ensure(Path(ROOT), arguments, say=print):
            # A fresh interpreter sees the new packages, and none of the old ones that this one may have loaded.
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    except BuildError as error:
        sys.stdout.flush()
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code

    from orchestrator.packaging.setuptools_commands import run_setup
    from setuptools import setup

    return run_setup(setup, arguments)


# pip's hooks and other tools may load this file; only somebody who starts it means it.
if __name__ == "__main__" and os.path.basename(sys.argv[0]) == "setup.py":  # noqa: PTH119
    sys.exit(main())
