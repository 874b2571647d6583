"""The command line: python tools/build_deps.py [VERB] [LIB ...]."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestrator import api
from orchestrator.errors import BuildError, UnknownNameError, nearest

__all__ = ["main"]

_VERBS = {
    "build": "build and publish (the default)",
    "plan": "show what a build would do (the same as --dry-run)",
    "options": "list the options with their values and where these came from",
    "test": "build and run the C tests",
    "clean": "delete what builds wrote; --dry-run lists it",
}
_EXAMPLES = """\
examples:
  python tools/build_deps.py                  build everything that libraries.toml names
  python tools/build_deps.py TH               build TH and what it needs
  python tools/build_deps.py test THNN        build and run THNN's C tests
  python tools/build_deps.py --config debug   a second build tree, beside build/release
  python tools/build_deps.py -D BLAS=none     set an option; `options` lists them

exit status:
  0 success   2 unknown name   3 option   4 libraries.toml   5 something is not installed
  6 cmake     7 compile, link or generator    8 publishing   130 interrupted   1 anything else
"""


def main(root: Path, argv: Sequence[str]) -> int:
    """Returns the exit status: 0, the failed tests' status, or the error's `exit_code`."""
    try:
        verb, request = _parse(root, argv)
        return _run(verb, request, argv)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # `| head` has read enough; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def _parse(root: Path, argv: Sequence[str]) -> tuple[str, api.BuildRequest]:
    arguments = _parser().parse_args(argv)
    words: list[str] = list(arguments.words)
    verb = words.pop(0) if words and words[0] in _VERBS else "build"
    request = api.BuildRequest(
        root=root,
        libraries=tuple(words),
        only=arguments.only,
        config=arguments.config,
        defines=tuple(arguments.define),
        jobs=arguments.jobs,
        verbose=arguments.verbose,
        quiet=arguments.quiet,
        dry_run=arguments.dry_run or verb == "plan",
        manifest=arguments.manifest,
        build_dir=arguments.build_dir,
        command="build_deps",
    )
    _check_words(request)
    return verb, request


def _parser() -> argparse.ArgumentParser:
    verbs = "\n".join(f"  {verb:<9} {text}" for verb, text in _VERBS.items())
    parser = argparse.ArgumentParser(
        prog="build_deps.py",
        usage="%(prog)s [VERB] [LIB ...] [options]",
        description=f"Builds the libraries of libraries.toml in one ninja graph.\n\nverbs:\n{verbs}",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="[VERB] LIB", help="a verb, then libraries; none: all")
    parser.add_argument("--only", action="store_true", help="the named libraries without what they need")
    parser.add_argument("--config", metavar="NAME", help="release (default), debug or relwithdebinfo")
    parser.add_argument("-D", dest="define", action="append", default=[], metavar="NAME=VALUE", help="set an option")
    parser.add_argument("-j", dest="jobs", type=_count, metavar="N", help="commands that run at once")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done")
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="another libraries.toml")
    parser.add_argument("--build-dir", type=Path, metavar="DIR", help="where build trees stand (default: build)")
    parser.add_argument("-v", dest="verbose", action="count", default=0, help="show the output of cmake and ninja")
    parser.add_argument("-q", "--quiet", action="store_true", help="only warnings and errors")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _check_words(request: api.BuildRequest) -> None:
    names = api.library_names(request.root, request.manifest)
    for word in request.libraries:
        if word not in names:
            text = f"There is no verb and no library `{word}`.{nearest(word, [*_VERBS, *names])}"
            raise UnknownNameError(text, next_step=f"verbs: {', '.join(_VERBS)}; libraries: {', '.join(names)}")


def _run(verb: str, request: api.BuildRequest, argv: Sequence[str]) -> int:
    if verb == "options":
        print("\n".join(api.option_lines(request)))
        return 0
    if verb == "test":
        return api.test(request)
    if verb == "clean":
        gone = api.clean(request, dry_run=request.dry_run)
        said = "would delete" if request.dry_run else "deleted"
        print("\n".join(f"{said} {path}" for path in gone) or "nothing to clean")
        return 0
    result = api.build(request)
    if not request.dry_run:
        api.remember(request, result, argv=argv)
    return 0
