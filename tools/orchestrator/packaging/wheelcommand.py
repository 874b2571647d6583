"""The command line of tools/build_wheels.py."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from orchestrator import api
from orchestrator.errors import BuildError, InterruptedBuildError, UsageError
from orchestrator.front.console import Console
from orchestrator.gate.gatekeeper import CheckReport, Limits, expected_of, inspect, read_limits
from orchestrator.gate.wheelfacts import open_wheel
from orchestrator.packaging.bootstrap import check_platform
from orchestrator.packaging.interpreters import find_interpreters
from orchestrator.packaging.wheelset import make_wheels
from orchestrator.report import Report

__all__ = ["main"]

_RUN = "python tools/build_wheels.py"
_BUILD = f"""\
examples:
  {_RUN}                             a wheel for each CPython >= 3.11 that is found
  {_RUN} --python 3.11 3.13          for these two
  {_RUN} --python /opt/python/cp312-cp312/bin/python --out wheelhouse
  {_RUN} check dist/*.whl            what every wheel has to pass; VERB --help says more

The libraries are compiled once, in build/wheels; each Python compiles the extension only. docs/wheels.md says more."""
_CHECK = f"""\
examples:
  {_RUN} check dist/*.whl
  {_RUN} check dist/*.whl --floor    fails if a wheel needs newer systems than pyproject.toml states

Nothing is built or installed. Exit status: 22 contents, 23 size, 24 a leaked path, 25 symbols or search paths, 26 platform, 27
metadata."""
_STATED = "stated"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", next_step=f"see: {_RUN} --help")


def main(root: Path, argv: Sequence[str]) -> int:
    """Returns the exit status: 0, or the error's `exit_code`."""
    verb = argv[0] if argv and argv[0] in _VERBS else "build"
    try:
        check_platform()
        parser, run = _VERBS[verb]
        arguments = parser().parse_args(argv[1:] if verb != "build" or argv[:1] == ["build"] else argv)
        report = run(_request(root, argv, arguments), arguments)
        if arguments.json:
            print(json.dumps(report.to_json(), indent=2))
        elif not arguments.quiet:
            print("\n".join(report.lines()))
    except BuildError as error:
        return _fail(error, argv)
    except KeyboardInterrupt:
        return _fail(InterruptedBuildError("Interrupted."), argv)
    return 0


def _build(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    interpreters = find_interpreters(arguments.python, os.environ)
    limits = read_limits(request.root / "pyproject.toml")
    floor = limits.floor if arguments.floor == _STATED else arguments.floor
    return make_wheels(request, interpreters, arguments.out or request.root / "dist", floor=floor)


def _check(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    limits = read_limits(request.root / "pyproject.toml")
    floor = limits.floor if arguments.floor == _STATED else arguments.floor or ""
    passed = []
    for wheel in map(open_wheel, arguments.wheels):
        number = re.fullmatch(r"cp(\d)(\d+)", wheel.name_parts[-3])
        if number is None:
            text = f"{wheel.path.name} is not for one version of CPython."
            raise UsageError(text, next_step="name a wheel that this project makes")
        (python,) = find_interpreters([f"{number[1]}.{number[2]}"], os.environ)
        passed.append(inspect(wheel, expected_of(request, python.program, Limits(floor, limits.size_budget))))
    return CheckReport(tuple(passed))


def _request(root: Path, argv: Sequence[str], arguments: argparse.Namespace) -> api.BuildRequest:
    given = vars(arguments)
    return api.BuildRequest(
        root=arguments.manifest.parent.absolute() if arguments.manifest else root,
        manifest=arguments.manifest,
        config=arguments.config,
        defines=tuple(arguments.define),
        jobs=given.get("jobs"),
        verbose=given.get("verbose", 0),
        quiet=arguments.quiet,
        json=arguments.json,
        color=arguments.color,
        argv=tuple(argv),
        command="build_wheels",
    )


def _parser(description: str, epilog: str, verb: str = "") -> argparse.ArgumentParser:
    """What all verbs take."""
    parser = _Parser(
        prog=f"build_wheels.py {verb}".rstrip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--config", default="release", metavar="NAME", help="configuration (default: release)")
    add("-D", dest="define", action="append", default=[], metavar="NAME=VALUE", help="set an option; may be given again")
    add("--manifest", type=Path, metavar="FILE", help="another libraries.toml, with its pyproject.toml beside it")
    add("--json", action="store_true", help="the answer as JSON on stdout, everything else on stderr")
    add("-q", "--quiet", action="store_true", help="only warnings and errors")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)")
    return parser


def _add_floor(parser: argparse.ArgumentParser) -> None:
    said = "fail if a wheel needs newer systems than this (without a tag: than pyproject.toml states)"
    parser.add_argument("--floor", nargs="?", const=_STATED, metavar="TAG", help=said)


def _build_parser() -> argparse.ArgumentParser:
    parser = _parser("Makes wheels for several Pythons from one native build, and checks them.", _BUILD)
    add = parser.add_argument
    add("--python", nargs="+", default=[], metavar="X.Y", help="versions, programs or paths (default: all that are found)")
    add("--out", type=Path, metavar="DIR", help="where the wheels go (default: dist)")
    add("-j", dest="jobs", type=int, metavar="N", help="commands that run at once")
    add("-v", dest="verbose", action="count", default=0, help="show all that cmake, ninja and compilers print")
    _add_floor(parser)
    return parser


def _check_parser() -> argparse.ArgumentParser:
    parser = _parser("Holds wheels against what the checkout says.", _CHECK, "check")
    parser.add_argument("wheels", nargs="+", type=Path, metavar="WHEEL")
    _add_floor(parser)
    return parser


_Run = Callable[[api.BuildRequest, argparse.Namespace], Report]
_VERBS: Mapping[str, tuple[Callable[[], argparse.ArgumentParser], _Run]] = {
    "build": (_build_parser, _build),
    "check": (_check_parser, _check),
}


def _fail(error: BuildError, argv: Sequence[str]) -> int:
    sys.stdout.flush()
    if "--json" in argv:
        print(json.dumps({"error": error.to_json()}, indent=2, ensure_ascii=False), flush=True)
    else:
        Console().error(str(error))
    return error.exit_code
