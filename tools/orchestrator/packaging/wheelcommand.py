"""The command line of tools/build_wheels.py."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from orchestrator import api
from orchestrator.errors import BuildError, InterruptedBuildError, ManifestError, UsageError, nearest
from orchestrator.front.console import Console
from orchestrator.front.verbs import count
from orchestrator.gate.gatekeeper import CheckReport, expected_of, inspect, read_limits
from orchestrator.gate.platformtag import stated_floor
from orchestrator.gate.release import check_release
from orchestrator.gate.reproduce import verify
from orchestrator.gate.trial import TrialReport, run_suite, try_wheel
from orchestrator.gate.wheelfacts import WheelFacts, open_wheel
from orchestrator.packaging.archive import cores
from orchestrator.packaging.bootstrap import check_platform, read_requirements
from orchestrator.packaging.interpreters import find_interpreters
from orchestrator.packaging.metadata import Metadata
from orchestrator.packaging.wheelset import make_wheels
from orchestrator.report import Report
from orchestrator.session import open_session

__all__ = ["main"]

_RUN = "python tools/build_wheels.py"
_BUILD = f"""\
examples:
  {_RUN}                             a wheel for each CPython >= 3.11 that is found
  {_RUN} --python 3.11 3.13          for these two
  {_RUN} --python /opt/python/cp312-cp312/bin/python --out wheelhouse
  {_RUN} check dist/*.whl            what every wheel has to pass: contents, size, symbols, tags, metadata
  {_RUN} try dist/*.whl              installs, imports, replaces and removes each in an empty environment
  {_RUN} test dist/*cp312*.whl       runs the test-suite against an installed wheel
  {_RUN} verify --python 3.12        builds twice, in different circumstances, and compares; VERB --help says more

The libraries are compiled once, in build/wheels; each Python compiles the extension only. docs/wheels.md says more."""
_CHECK = f"""\
examples:
  {_RUN} check dist/*.whl
  {_RUN} check dist/*.whl --floor    fails if a wheel needs newer systems than pyproject.toml states

Nothing is built or installed. Exit status: 22 contents, 23 size, 24 a leaked path, 25 symbols or search paths, 26 platform, 27
metadata."""
_TRY = f"""\
examples:
  {_RUN} try dist/*.whl

Nothing is downloaded. Exit status 28 if a wheel cannot be installed, used, replaced or removed."""
_TEST = f"""\
examples:
  {_RUN} test dist/*cp312*.whl                              the whole suite (`suite` in pyproject.toml)
  {_RUN} test dist/*cp312*.whl -- tests/torch -k indexing   what follows -- goes to pytest

pip installs the wheel and the groups `test` and `example` of pyproject.toml into a new environment; the tests run where the
checkout's own package is out of sight. Exit status 28 if one fails."""
_VERIFY = f"""\
examples:
  {_RUN} verify --python 3.12                   two whole builds: takes twice what one does, without the compiler cache
  {_RUN} verify --python 3.12 -D CPU_LEVELS=BASE   a part of the code, sooner

The two differ in folder, umask, number of jobs, age of the sources, time zone and hash seed. Exit status 29 if that shows."""
_STATED = "stated"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", next_step=f"see: {_RUN} --help")


def main(root: Path, argv: Sequence[str]) -> int:
    """Returns the exit status: 0, or the error's `exit_code`."""
    verb = argv[0] if argv and argv[0] in _VERBS else "build"
    try:
        if verb == "build" and argv and not argv[0].startswith("-"):
            text = f"There is no command {argv[0]}.{nearest(argv[0], _VERBS)}"
            raise UsageError(text, next_step=f"commands: {', '.join(_VERBS)} (the default); see: {_RUN} --help")
        check_platform()
        parser, run = _VERBS[verb]
        words = [*(argv[1:] if argv[:1] == [verb] else argv)]
        if "--" in words:
            words[words.index("--")] = "--pytest"
        arguments = parser().parse_args(words)
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
    floor = limits.floor if arguments.floor == _STATED else arguments.floor and stated_floor(arguments.floor)
    if arguments.release:
        check_release(request.root, Metadata(request.root).version)
    return make_wheels(request, interpreters, arguments.out or request.root / "dist", floor=floor)


def _check(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    limits = read_limits(request.root / "pyproject.toml")
    floor = limits.floor if arguments.floor == _STATED else stated_floor(arguments.floor or "")
    limits = replace(limits, floor=floor)
    return CheckReport(
        tuple(inspect(wheel, expected_of(request, python, limits)) for wheel, python in _with_pythons(arguments.wheels))
    )


def _try(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    package, smoke = _package(request), read_limits(request.root / "pyproject.toml").smoke
    return TrialReport(
        tuple((wheel.path.name, try_wheel(wheel, python, package, smoke)) for wheel, python in _with_pythons(arguments.wheels))
    )


def _test(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    pyproject = request.root / "pyproject.toml"
    requirements = [item.text for item in read_requirements(pyproject, ("test", "example"))]
    chosen = arguments.pytest or list(read_limits(pyproject).suite)
    passed = []
    for wheel, python in _with_pythons(arguments.wheels):
        run_suite(wheel, python, request.root, _package(request), requirements, chosen)
        passed.append((wheel.path.name, (f"passed {' '.join(chosen)}",)))
    return TrialReport(tuple(passed))


def _verify(request: api.BuildRequest, arguments: argparse.Namespace) -> Report:
    defines = [word for define in arguments.define for word in ("-D", define)]
    pythons = ["--python", *(arguments.python or [f"{sys.version_info[0]}.{sys.version_info[1]}"])]
    jobs = arguments.jobs or cores()
    find_interpreters(pythons[1:], os.environ)  # before anything is copied
    manifest = (request.manifest or request.root / "libraries.toml").absolute()
    words = ["--config", arguments.config, *defines, *pythons, *(["--quiet"] if arguments.quiet else [])]
    with api.open_console(request) as console:
        return verify(manifest, Path(sys.argv[0]).absolute(), words, jobs=jobs, emit=console)


def _package(request: api.BuildRequest) -> str:
    return open_session(request).manifest.framework.package


def _with_pythons(paths: Sequence[Path]) -> Iterator[tuple[WheelFacts, Path]]:
    """Each wheel with an interpreter of its version."""
    for wheel in map(open_wheel, paths):
        number = re.fullmatch(r"cp(\d)(\d+)", wheel.name_parts[-3])
        if number is None:
            text = f"{wheel.path.name} is not for one version of CPython."
            raise UsageError(text, next_step="name a wheel that this project makes")
        (python,) = find_interpreters([f"{number[1]}.{number[2]}"], os.environ)
        yield wheel, python.program


def _request(root: Path, argv: Sequence[str], arguments: argparse.Namespace) -> api.BuildRequest:
    given = vars(arguments)
    if arguments.manifest and not arguments.manifest.is_file():
        raise ManifestError(f"{arguments.manifest} is not there.", next_step="name a libraries.toml")
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
    add("-j", dest="jobs", type=count, metavar="N", help="commands that run at once")
    add("-v", dest="verbose", action="count", default=0, help="show all that cmake, ninja and compilers print")
    add("--release", action="store_true", help="fail unless the checkout is exactly what the tag of its version names")
    _add_floor(parser)
    return parser


def _wheels_parser(verb: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """Of a verb that takes wheels."""
    parser = _parser(description, epilog, verb)
    parser.add_argument("wheels", nargs="+", type=Path, metavar="WHEEL")
    return parser


def _check_parser() -> argparse.ArgumentParser:
    parser = _wheels_parser("check", "Holds wheels against what the checkout says.", _CHECK)
    _add_floor(parser)
    return parser


def _try_parser() -> argparse.ArgumentParser:
    return _wheels_parser("try", "Installs, imports, replaces and removes wheels in empty environments.", _TRY)


def _test_parser() -> argparse.ArgumentParser:
    parser = _wheels_parser("test", "Runs the test-suite against installed wheels.", _TEST)
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="the same as what follows --")
    return parser


def _verify_parser() -> argparse.ArgumentParser:
    parser = _parser("Builds wheels twice and compares them.", _VERIFY, "verify")
    parser.add_argument("--python", nargs="+", default=[], metavar="X.Y", help="for which Pythons (default: the running one)")
    parser.add_argument("-j", dest="jobs", type=count, metavar="N", help="commands that run at once in the first build")
    return parser


_Run = Callable[[api.BuildRequest, argparse.Namespace], Report]
_VERBS: Mapping[str, tuple[Callable[[], argparse.ArgumentParser], _Run]] = {
    "build": (_build_parser, _build),
    "check": (_check_parser, _check),
    "try": (_try_parser, _try),
    "test": (_test_parser, _test),
    "verify": (_verify_parser, _verify),
}


def _fail(error: BuildError, argv: Sequence[str]) -> int:
    sys.stdout.flush()
    if "--json" in argv:
        print(json.dumps({"error": error.to_json()}, indent=2, ensure_ascii=False), flush=True)
    else:
        Console().error(str(error))
    return error.exit_code
