"""The command line: python tools/build_deps.py [VERB] [LIB ...]. The verbs themselves stand in verbs.py."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from orchestrator import api
from orchestrator.errors import BuildError, InterruptedBuildError, UnknownNameError, UsageError, nearest
from orchestrator.front.console import Console
from orchestrator.front.terminal import colored, paint
from orchestrator.front.verbs import FLAGS, VERBS, Verb

__all__ = ["general_help", "main", "parse", "request_of", "take_verb", "verb_help"]

PROGRAM = "build_deps.py"
_RUN = "python tools/build_deps.py"
_EXIT_CODES = """\
exit status:
  0 success     1 a mistake without a code of its own     2 unknown name or command line     3 option
  4 libraries.toml     5 something is not installed     6 cmake     7 compile, link or generator     8 publishing
  14 tests failed     15 installing into --prefix     16 the system lacks something (SYSTEM_LIBS)     130 interrupted
  all of them: docs/architecture.md"""
_OUTPUT = """\
output:
  A terminal gets a progress line, a file a line for each command (of large builds, for each twentieth), GitHub and GitLab
  folded groups. NO_COLOR, FORCE_COLOR and --color decide about colours. Every build is recorded in
  build/CONFIG/logs/latest: build.log, LIBRARY.log, events.jsonl, and trace.json for Perfetto."""


class _Parser(argparse.ArgumentParser):
    """Mistakes are our errors, with the nearest name."""

    def error(self, message: str) -> NoReturn:
        _, unknown, rest = message.partition("unrecognized arguments: ")
        hint = ""
        if unknown:
            given = rest.split()[0].partition("=")[0]
            message = f"There is no option `{given}`."
            hint = nearest(given, [name for flag in FLAGS.values() for name in flag.names if name.startswith("--")])
        else:
            message = message[:1].upper() + message[1:] + "."
        raise UsageError(message + hint, next_step=f"see: {_RUN} --help")


def main(root: Path, argv: Sequence[str]) -> int:
    """Returns the exit status: 0, the failed tests' status, or the error's `exit_code`."""
    try:
        return _answer(root, argv, parse(argv))
    except BuildError as error:
        return _fail(error, argv)
    except BrokenPipeError:
        # `| head` has read enough; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _fail(InterruptedBuildError("Interrupted."), argv)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as values; `words` are a verb and what follows it. Raises UsageError."""
    arguments = _parser().parse_intermixed_args(argv)
    if arguments.print_completion:
        arguments.words = ["completion", arguments.print_completion]
    # The word after --fresh is no library if a verb has that name.
    for number, name in enumerate(arguments.fresh or ()):
        if name in VERBS:
            arguments.fresh[number] = ""
            arguments.words.insert(0, name)
    return arguments


def take_verb(arguments: argparse.Namespace) -> Verb:
    """Takes the verb out of `words`."""
    words = arguments.words
    return VERBS[words.pop(0)] if words and words[0] in VERBS else VERBS["build"]


def _answer(root: Path, argv: Sequence[str], arguments: argparse.Namespace) -> int:
    verb = take_verb(arguments)
    named = verb.name in argv
    color = colored(arguments.color, terminal=sys.stdout.isatty(), environ=os.environ)
    if arguments.help:
        print(_painted(verb_help(verb) if named else general_help(), color), end="")
        return 0
    request = request_of(root, argv, arguments, verb)
    if arguments.version:
        print(_version(request))
        return 0
    _check(verb, arguments, request)
    if verb.words != "libraries":
        request = replace(request, libraries=())
    answer = verb.run(request, arguments)
    if isinstance(answer, int):
        return answer
    if request.json:
        print(json.dumps(answer.to_json(), indent=2, ensure_ascii=False))
    else:
        for line in answer.lines():
            print(line)
    return int(getattr(answer, "exit_code", 0))


def request_of(root: Path, argv: Sequence[str], arguments: argparse.Namespace, verb: Verb) -> api.BuildRequest:
    """What the words and flags ask for."""
    fresh = None if arguments.fresh is None else () if "" in arguments.fresh else tuple(arguments.fresh)
    defines = [*arguments.define, *(["SYSTEM_LIBS=ON"] if arguments.system_libs else [])]
    return api.BuildRequest(
        root=root,
        libraries=tuple(arguments.words),
        only=arguments.only,
        config=arguments.config,
        defines=tuple(defines),
        jobs=arguments.jobs,
        verbose=arguments.verbose,
        quiet=arguments.quiet,
        dry_run=arguments.dry_run or verb.name == "plan",
        manifest=arguments.manifest,
        build_dir=arguments.build_dir,
        prefix=arguments.prefix,
        fresh=fresh,
        keep_going=arguments.keep_going,
        again=arguments.again,
        color=arguments.color,
        json=arguments.json,
        argv=tuple(argv),
        command="build_deps",
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    for flag in FLAGS.values():
        parser.add_argument(*flag.names, dest=flag.dest, **flag.arguments)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--print-completion", metavar="SHELL")
    return parser


def _check(verb: Verb, arguments: argparse.Namespace, request: api.BuildRequest) -> None:
    """Flags that the verb would ignore, and words that are neither verbs nor libraries."""
    empty = _parser().parse_args([])
    for flag in FLAGS.values():
        if flag.dest not in verb.flags and getattr(arguments, flag.dest) != getattr(empty, flag.dest):
            raise UsageError(
                f"`{verb.name}` takes no {flag.names[0]}.", next_step=f"see what it takes: {_RUN} {verb.name} --help"
            )
    if verb.words == "nothing" and request.libraries:
        text = f"`{verb.name}` takes no names, and so not `{request.libraries[0]}`."
        raise UsageError(text, next_step=f"see what it takes: {_RUN} {verb.name} --help")
    if verb.words == "folder":  # where a manifest is yet to be
        return
    names = api.library_names(request.root, request.manifest)
    words = [*(request.libraries if verb.words == "libraries" else ()), *(request.fresh or ())]
    for word in words:
        if word not in names and verb.name in request.argv:
            text = f"There is no library `{word}`.{nearest(word, names)}"
            raise UnknownNameError(text, next_step=f"libraries: {', '.join(names)}")
        if word in VERBS:
            others = " ".join(other for other in request.libraries if other != word)
            text = f"The verb `{word}` stands behind other words."
            raise UsageError(text, next_step=f"it comes first: {_RUN} {word} {others}".rstrip())
        if word not in names:
            text = f"There is no verb and no library `{word}`.{nearest(word, [*VERBS, *names])}"
            raise UnknownNameError(text, next_step=f"verbs: {', '.join(VERBS)}; libraries: {', '.join(names)}")


def _fail(error: BuildError, argv: Sequence[str]) -> int:
    """Prints the error (with --json: as JSON on stdout) and returns its exit status."""
    if "--json" in argv:
        print(json.dumps({"error": error.to_json()}, indent=2, ensure_ascii=False), flush=True)
        return error.exit_code
    Console(color=_color_of(argv)).error(str(error))
    return error.exit_code


def _color_of(argv: Sequence[str]) -> str:
    """--color, also of a command line that could not be understood."""
    text = " ".join(argv)
    return next(
        (choice for choice in ("always", "never") if f"--color={choice}" in text or f"--color {choice}" in text), "auto"
    )


def _version(request: api.BuildRequest) -> str:
    name = api.framework_name(request.root, request.manifest)
    version = api.framework_version(request.root, request.manifest)
    return f"{name} {version} ({PROGRAM}; CPython {platform.python_version()})"


def general_help() -> str:
    """The help without a verb: verbs, the options that build takes, examples, output and exit status."""
    verbs = "\n".join(f"  {verb.name:<11} {verb.summary}" for verb in VERBS.values())
    examples = _examples(
        [
            *VERBS["build"].examples[:5],
            *(VERBS[name].examples[0] for name in ("plan", "doctor")),
            VERBS["explain"].examples[1],
            *(VERBS[name].examples[-1] for name in ("test",)),
            ("VERB --help", "the options and examples of one verb"),
        ]
    )
    return _help(
        usage="%(prog)s [VERB] [LIB ...] [options]",
        text=f"Builds the libraries of libraries.toml in one ninja graph.\n\nverbs:\n{verbs}",
        flags=VERBS["build"].flags,
        special=[name for name in FLAGS if name not in VERBS["build"].flags],
        epilog=f"{examples}\n\n{_OUTPUT}\n\n{_EXIT_CODES}",
    )


def verb_help(verb: Verb) -> str:
    """The help of one verb, with its own examples."""
    words = {
        "libraries": " [LIB ...]",
        "targets": " [TARGET ...]",
        "shell": " bash|zsh|fish",
        "folder": " DIR",
        "nothing": "",
    }[verb.words]
    first = verb.summary[:1].upper() + verb.summary[1:]
    return _help(
        usage=f"%(prog)s {verb.name}{words} [options]",
        text=f"{first}.{' ' + verb.about if verb.about else ''}",
        flags=verb.flags,
        epilog=f"{_examples(verb.examples)}\n\n{_EXIT_CODES}",
    )


def _examples(pairs: Sequence[tuple[str, str]]) -> str:
    commands = [f"{_RUN} {words}".rstrip() for words, _ in pairs]
    width = max(len(command) for command in commands)
    return "examples:\n" + "\n".join(
        f"  {command:<{width}}  {said}" for command, (_, said) in zip(commands, pairs, strict=True)
    )


def _help(*, usage: str, text: str, flags: Sequence[str], epilog: str, special: Sequence[str] = ()) -> str:
    def formatter(prog: str) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(prog, width=118, max_help_position=26)

    settings: dict[str, Any] = {"usage": usage, "description": text, "epilog": epilog, "formatter_class": formatter}
    parser = argparse.ArgumentParser(prog=PROGRAM, add_help=False, **settings)
    for name in flags:
        flag = FLAGS[name]
        parser.add_argument(*flag.names, dest=flag.dest, **flag.arguments)
    parser.add_argument("-h", "--help", action="store_true", help="this text, or that of a verb")
    parser.add_argument("--version", action="store_true", help="the version of what is built")
    group = parser.add_argument_group("options of single verbs")
    for name in special:
        flag = FLAGS[name]
        takers = ", ".join(verb.name for verb in VERBS.values() if name in verb.flags)
        group.add_argument(*flag.names, dest=flag.dest, **{**flag.arguments, "help": f"{takers}: {flag.arguments['help']}"})
    return parser.format_help()


def _painted(text: str, color: bool) -> str:
    """Headings bold."""
    if not color:
        return text
    return "\n".join(
        paint(line, "bold") if line.endswith(":") and not line.startswith(" ") else line for line in text.split("\n")
    )
