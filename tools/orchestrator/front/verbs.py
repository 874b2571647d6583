"""The table of verbs: name, summary, the words and flags that each takes, examples, and the function that does it.

The functions import what they need when they run: `--help` of one verb must not load what another one does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.report import Report
from orchestrator.session import BuildRequest

__all__ = ["FLAGS", "VERBS", "Answer", "Flag", "Verb", "count"]

Answer = Report | int
"""What a verb comes back with: something to print, or an exit status after it has printed by itself."""


@dataclass(frozen=True)
class Flag:
    """One option of the command line, as argparse takes it. `dest` is its name in the namespace."""

    names: tuple[str, ...]
    dest: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Verb:
    """One verb. `words` says what may follow it: libraries, targets, a shell, a folder, or nothing."""

    name: str
    summary: str
    run: Callable[[BuildRequest, argparse.Namespace], Answer]
    flags: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    words: str = "libraries"
    about: str = ""


def count(text: str) -> int:
    """A number of jobs."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def _flag(*names: str, dest: str = "", **arguments: Any) -> Flag:
    return Flag(names, dest or names[-1].lstrip("-").replace("-", "_"), arguments)


FLAGS: Mapping[str, Flag] = {
    flag.dest: flag
    for flag in (
        _flag("--only", action="store_true", help="the named libraries without what they need"),
        _flag(
            "--config",
            metavar="NAME",
            help="release (default), debug, relwithdebinfo, asan, ubsan, tsan, coverage, or one of your own",
        ),
        _flag(
            "-D",
            dest="define",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set an option, for one library as LIB:NAME=VALUE; may be given again",
        ),
        _flag("-j", dest="jobs", type=count, metavar="N", help="commands that run at once (default: one for each processor)"),
        _flag("--keep-going", action="store_true", help="after a failure, build all that does not need what failed"),
        _flag("--dry-run", action="store_true", help="show what would be done"),
        _flag("--json", action="store_true", help="the answer as JSON on stdout, everything else on stderr"),
        _flag("--manifest", type=Path, metavar="FILE", help="another libraries.toml"),
        _flag("--build-dir", type=Path, metavar="DIR", help="where build trees stand (default: build)"),
        _flag("--prefix", type=Path, metavar="DIR", help="install the libraries into this folder after the build"),
        _flag(
            "--fresh",
            action="append",
            nargs="?",
            const="",
            metavar="LIB",
            help="forget what was built of this library (of all, without a name) and make it anew",
        ),
        _flag("--again", action="store_true", help="with the options of the last build of this configuration"),
        _flag("--system-libs", action="store_true", help="the same as -D SYSTEM_LIBS=ON"),
        _flag("--old", type=float, metavar="DAYS", help="build trees that were not built for so long, and logs as old"),
        _flag("--keep", type=int, metavar="N", help="all build trees but the N that were built last"),
        _flag("--cache", action="store_true", help="our folder in the user's cache, too"),
        _flag("--write-docs", action="store_true", help="write docs/build_options.md and its schema"),
        _flag("--format", choices=("text", "dot", "svg"), default="text", help="how to draw (default: text)"),
        _flag("--output", type=Path, metavar="FILE", help="where to write the answer"),
        _flag("--last", action="store_true", help="about the last build, not the next one"),
        _flag("-v", dest="verbose", action="count", default=0, help="show all that cmake, ninja and compilers print"),
        _flag("-q", "--quiet", action="store_true", help="only warnings and errors"),
        _flag("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)"),
    )
}

_WHERE = ("config", "define", "system_libs", "manifest", "build_dir")
_HOW = ("json", "verbose", "quiet", "color")
_BUILD = ("only", *_WHERE, "jobs", "keep_going", "dry_run", "prefix", "fresh", "again", *_HOW)


def _build(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator import api

    if request.dry_run:
        return _plan(request, arguments)
    result = api.build(request)
    api.remember(request, result, argv=request.argv)
    return _BuildReport(result.to_json()) if request.json else 0


@dataclass(frozen=True)
class _BuildReport:
    """A build prints its summary as an event; what is left to print is JSON."""

    content: dict[str, Any]

    def lines(self) -> list[str]:
        return []

    def to_json(self) -> dict[str, Any]:
        return self.content


def _plan(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.insight.forecast import plan_report

    return plan_report(request)


def _explain(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.insight.explain import explain

    return explain(request, arguments.words, last=arguments.last)


def _doctor(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.insight.doctor import doctor

    return doctor(request)


def _options(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.options.ledger import options_report, write_docs

    return write_docs(request.root) if arguments.write_docs else options_report(request)


def _graph(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.insight.graphview import graph_drawing, graph_report

    return graph_drawing(graph_report(request), arguments.format, arguments.output)


def _report(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.insight.buildreport import build_report

    report = build_report(request)
    if request.json and arguments.output is None:
        return report
    from orchestrator.insight.page import write_page

    return write_page(report, arguments.output)


def _test(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.ctests import test

    return test(request)


def _clean(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.clean import clean

    return clean(request, old=arguments.old, keep=arguments.keep, cache=arguments.cache)


def _init(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.subbuild.draft import draft

    if len(arguments.words) != 1:
        raise UsageError("`init` takes one folder.", next_step="python tools/build_deps.py init FOLDER")
    return draft(Path(arguments.words[0]))


def _completion(request: BuildRequest, arguments: argparse.Namespace) -> Answer:
    from orchestrator.front.completion import completion_report

    return completion_report(request, arguments.words)


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "build",
            "build and publish (the default)",
            _build,
            _BUILD,
            (
                ("", "everything that libraries.toml names"),
                ("TH", "TH and what it needs"),
                ("--only THNN", "THNN without what it needs"),
                ("--config debug", "a second build tree, beside build/release"),
                ("-D BLAS=none -j 4", "set an option; `options` lists them"),
                ("-D THNN:DEBUG=1", "set it for one library"),
                ("--fresh THNN", "make THNN anew from nothing"),
                ("--prefix /opt/torch", "and install the libraries there"),
            ),
            about="Does only what is needed, publishes after everything has succeeded, and says what it did.",
        ),
        Verb(
            "plan",
            "what a build would do, and how long it would take (the same as --dry-run)",
            _plan,
            ("only", *_WHERE, "jobs", "prefix", "fresh", "again", *_HOW),
            (("plan", "what a build would do"), ("plan THNN --json", "one library, for a program")),
            about="Runs nothing and changes nothing.",
        ),
        Verb(
            "explain",
            "why commands would run, or (--last) did run",
            _explain,
            ("last", *_WHERE, *_HOW),
            (
                ("explain", "why the next build will run commands"),
                ("explain --last libTH.so.1", "why the last build made a file"),
            ),
            words="targets",
            about="Names each command, the file or option that it runs for, and where that came from.",
        ),
        Verb(
            "doctor",
            "what is found on this machine, what is missing, and how to get it",
            _doctor,
            (*_WHERE, *_HOW),
            (("doctor", "what is found here, and what is missing"), ("doctor --json", "for a report of a problem")),
        ),
        Verb(
            "options",
            "the options with their values and where these came from",
            _options,
            (*_WHERE, "again", "write_docs", *_HOW),
            (("options", "those of the release configuration"), ("options --config debug TH", "those of TH in debug")),
        ),
        Verb(
            "graph",
            "the libraries, what they need, and how long they take",
            _graph,
            ("format", "output", *_WHERE, "only", *_HOW),
            (
                ("graph", "all libraries"),
                ("graph --format svg --output libraries.svg", "a drawing for a browser"),
                ("graph --format dot | dot -Tpdf > libraries.pdf", "through Graphviz"),
                ("graph THNN --json", "one library and what it needs"),
            ),
        ),
        Verb(
            "report",
            "where the time of builds went: one page with timeline, slowest units, headers, cache, history",
            _report,
            ("output", *_WHERE, *_HOW),
            (("report", "write build/release/report.html"), ("report --output /tmp/build.html", "write it elsewhere")),
            words="nothing",
            about="The file needs no network.",
        ),
        Verb(
            "test",
            "build and run the C tests",
            _test,
            ("only", *_WHERE, "jobs", "dry_run", "again", *_HOW),
            (
                ("test", "the C tests of all libraries"),
                ("test --config asan", "under a sanitizer"),
                ("test THNN", "the C tests of one library"),
            ),
            about="Tests run in the build tree; the package stays as it is. Status 14: a test failed.",
        ),
        Verb(
            "clean",
            "delete what builds wrote, and nothing else",
            _clean,
            ("config", "dry_run", "old", "keep", "cache", "manifest", "build_dir", *_HOW),
            (
                ("clean --dry-run", "list it, with sizes and ages"),
                ("clean --config debug", "one configuration's build tree"),
                ("clean --old 14", "configurations that were not built for 14 days, and logs as old"),
                ("clean TH", "what was made of TH alone"),
            ),
        ),
        Verb(
            "init",
            "draft the manifest of a folder of CMake projects",
            _init,
            _HOW,
            (("init third_party", "writes third_party/libraries.toml"),),
            words="folder",
            about="Reads names, versions, options, install rules and find_package; docs/manifest.md says what to complete.",
        ),
        Verb(
            "completion",
            "the code with which a shell completes verbs, libraries and options",
            _completion,
            ("manifest", "color"),
            (("completion bash >> ~/.bash_completion", "for bash"), ("completion fish | source", "for this fish")),
            words="shell",
            about="For bash, zsh and fish; made by the package shtab.",
        ),
    )
}
