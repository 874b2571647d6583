"""Shell completion: shtab turns a parser into a shell's code. The names come from the manifest at the time of asking."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.errors import ToolMissingError, UnknownNameError, nearest
from orchestrator.front.verbs import FLAGS, VERBS
from orchestrator.options import OptionSpec, OptionType
from orchestrator.session import BuildRequest, open_session

__all__ = ["SHELLS", "CompletionScript", "completion_report", "option_words"]

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "build_deps.py"
_FILES = ("manifest", "output")
_FOLDERS = ("build_dir", "prefix")


@dataclass(frozen=True)
class CompletionScript:
    """The code for one shell."""

    shell: str
    text: str

    def lines(self) -> list[str]:
        return self.text.splitlines()

    def to_json(self) -> dict[str, Any]:
        return {"shell": self.shell, "text": self.text}


def completion_report(request: BuildRequest, words: Sequence[str]) -> CompletionScript:
    """The code for the shell named in `words`. Raises ToolMissingError without the package shtab."""
    shell = words[0] if words else ""
    if shell not in SHELLS:
        said = f"There is no completion for `{shell}`.{nearest(shell, SHELLS)}" if shell else "Which shell?"
        raise UnknownNameError(said, next_step=f"choose one of {', '.join(SHELLS)}")
    try:
        import shtab
    except ImportError:
        text = "Completion needs the Python package shtab, which is not installed."
        raise ToolMissingError(text, next_step="python -m pip install shtab") from None
    session = open_session(request)
    specs = option_words(session.specs())
    parser = _parser(session.graph.names(), tuple(session.configurations), specs, shtab)
    preamble = _bash_values(specs) if shell == "bash" else ""
    text = shtab.complete(parser, shell=shell, root_prefix="build_deps", preamble=preamble)
    if shell == "zsh":  # shtab lets zsh complete one word of those that may be many
        text = text.replace('"(*)::', '"*:')
    return CompletionScript(shell, text + (_BASH_ENTRY if shell == "bash" else ""))


def option_words(specs: Iterable[OptionSpec]) -> dict[str, tuple[str, ...]]:
    """Each name that -D takes, with the values that it may have; none where any text will do."""
    words: dict[str, tuple[str, ...]] = {}
    for spec in specs:
        values: tuple[str, ...] = spec.choices
        if spec.type in (OptionType.BOOL, OptionType.TRISTATE):
            values = ("ON", "OFF", *(("AUTO",) if spec.type is OptionType.TRISTATE else ()))
        words[spec.name] = values
    return words


def _parser(
    libraries: Sequence[str], configs: Sequence[str], specs: dict[str, tuple[str, ...]], shtab: Any
) -> argparse.ArgumentParser:
    """The grammar as shtab reads it: a library in the place of the verb is followed by what `build` takes."""
    parser = argparse.ArgumentParser(prog=PROGRAM, add_help=False)
    _add_flags(parser, tuple(FLAGS), libraries, configs, specs, shtab)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB or LIB")
    for name in (*VERBS, *libraries):
        verb = VERBS.get(name, VERBS["build"])
        said = verb.summary if name in VERBS else f"build {name} and what it needs"
        sub = verbs.add_parser(name, help=said, add_help=False)
        _add_flags(sub, verb.flags, libraries, configs, specs, shtab)
        if verb.words == "libraries":
            sub.add_argument("libraries", nargs="*", choices=libraries, help="a library")
        elif verb.words == "shell":
            sub.add_argument("shell", choices=SHELLS, help="a shell")
        elif verb.words == "targets":
            targets: Any = sub.add_argument("targets", nargs="*", help="a file or a library")
            targets.complete = shtab.FILE
    return parser


def _add_flags(
    parser: argparse.ArgumentParser,
    names: Iterable[str],
    libraries: Sequence[str],
    configs: Sequence[str],
    specs: dict[str, tuple[str, ...]],
    shtab: Any,
) -> None:
    for name in names:
        flag = FLAGS[name]
        arguments = {key: value for key, value in flag.arguments.items() if key != "type"}
        if name == "config":
            arguments["choices"] = configs
        elif name == "fresh":
            arguments["choices"] = libraries
        action: Any = parser.add_argument(*flag.names, dest=flag.dest, **arguments)
        if name in _FILES:
            action.complete = shtab.FILE
        elif name in _FOLDERS:
            action.complete = shtab.DIRECTORY
        elif name == "define":
            pairs = [f"{option}={value}" for option, values in specs.items() for value in values or ("",)]
            action.complete = {
                "bash": "_build_deps_option",
                "zsh": f"({' '.join(shlex.quote(pair) for pair in pairs)})",
                "fish": " ".join(pairs),
            }
    parser.add_argument("-h", "--help", action="store_true", help="this text, or that of a verb")


def _bash_values(specs: dict[str, tuple[str, ...]]) -> str:
    """NAME= for all options; with the value begun, NAME=VALUE; the same behind LIB: for one library."""
    pairs = " ".join(f"{name}={value}" for name, values in specs.items() for value in values or ("",))
    names = " ".join(f"{name}=" for name in specs)
    return f"""\
_build_deps_option() {{
  local library='' words='{names}'
  [[ $1 == *:* ]] && library=${{1%%:*}}:
  [[ $1 == *=* ]] && words='{pairs}'
  compgen -P "$library" -W "$words" -- "${{1#"$library"}}"
}}"""


# bash takes `=` and `:` for words of their own, shtab does not; and people mostly type `python tools/build_deps.py`.
_BASH_ENTRY = """
_build_deps() {
  local words=() word glue='' i=0
  if [[ ${COMP_WORDS[0]##*/} == python* ]]; then
    [[ ${COMP_WORDS[1]##*/} == build_deps.py && $COMP_CWORD -gt 1 ]] || return 0
    i=1
  fi
  for ((; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == [=:] && ${words[-1]} == --* ]]; then
      ((i == COMP_CWORD)) && words+=('')
    elif [[ $word == [=:] ]]; then
      words[-1]+=$word glue=1
    elif [[ -n $glue ]]; then
      words[-1]+=$word glue=''
    else
      words+=("$word")
    fi
  done
  local COMP_CWORD=$((${#words[@]} - 1))
  local COMP_WORDS=("${words[@]}")
  word=${words[-1]}
  _shtab_build_deps
  COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*[=:]}"}"}")
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o bashdefault -o default -F _build_deps build_deps.py python python3
"""
