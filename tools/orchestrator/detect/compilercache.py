"""The compiler cache: ccache or sccache."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from orchestrator.detect.asking import ask
from orchestrator.detect.compiler import launcher_of
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_cache"]

_MINIMUM = {"ccache": (4, 0), "sccache": (0, 3)}


def detect_cache(context: Context) -> Detection:
    """Option USE_CCACHE: ccache >= 4, else sccache. Values: program, kind, env (the program `env`)."""
    wanted = context.option("USE_CCACHE", "AUTO")
    if wanted == "OFF":
        return Missing("cache", "off: USE_CCACHE=OFF", required=False)
    for option, plain in (("CC", "cc"), ("CXX", "c++")):
        if reason := _already(context, option, plain):
            return Missing("cache", reason, required=False)
    path = context.environ.get("PATH", "")
    env = shutil.which("env", path=path)
    looked: list[Candidate] = []
    for kind, minimum in _MINIMUM.items():
        program = shutil.which(kind, path=path)
        if program is None:
            looked.append(Candidate(kind, "not on PATH"))
            continue
        done = ask(context, [program, "--version"])
        number = re.search(rf"{kind}(?: version)? (\d+)\.(\d+)(?:\.\d+)*", done.output)
        version = number[0] if number else ""
        if done.status != 0 or number is None:
            looked.append(Candidate(program, f"`--version` failed with status {done.status}"))
        elif (int(number[1]), int(number[2])) < minimum:
            looked.append(Candidate(program, f"{version} is older than {'.'.join(map(str, minimum))}", version))
        elif env is None:
            looked.append(Candidate(program, "the program env, which gives it its settings, is not on PATH", version))
        else:
            version = version.replace(" version", "")
            looked.append(Candidate(program, f"taken: USE_CCACHE={wanted}", version, taken=True))
            values = {"program": program, "kind": kind, "env": env}
            return Found("cache", version, Path(program), "PATH", values, looked=tuple(looked))
    return Missing("cache", "none: neither ccache nor sccache found", tuple(looked), required=wanted == "ON")


def _already(context: Context, option: str, plain: str) -> str:
    """Why no second cache may stand before the compiler; empty if there is no first one."""
    chosen = context.options[option]
    if launcher := launcher_of(chosen):
        return f"off: {option} names the launcher {launcher} itself"
    program = shutil.which(chosen or plain, path=context.environ.get("PATH", ""))
    if program and Path(program).resolve().name in _MINIMUM:
        return f"off: {program} is {Path(program).resolve().name} itself"
    return ""
