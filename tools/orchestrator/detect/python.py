"""The Python interpreter that the extension is built for, and pybind11's headers."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

from orchestrator.detect import pythonfacts
from orchestrator.detect.folders import distribution
from orchestrator.detect.pythonfacts import python_facts
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing
from orchestrator.process import capture

__all__ = ["OLDEST", "ask_python", "detect_pybind11", "detect_python"]

OLDEST = (3, 11)


def detect_python(context: Context) -> Detection:
    """The interpreter that the context names, or the running one. Values: executable (of the base installation), include,
    suffix, soabi, platform."""
    facts = python_facts() if context.python is None else ask_python(context.python)
    if facts is None:
        where = str(context.python)
        return Missing("python", f"{where} is no Python 3.7 or newer", (Candidate(where, "does not say what it is"),))
    name, version = facts["implementation"], facts["version"]
    executable, include = str(Path(facts["executable"]).resolve()), facts["include"]
    values = {key: facts[key] for key in ("include", "suffix", "soabi", "platform")} | {"executable": executable}
    looked = Candidate(executable, "", version)
    if name != "CPython" or tuple(map(int, version.split(".")[:2])) < OLDEST:
        reason = f"{name} {version} is not CPython >= 3.11"
        return Missing("python", reason, (replace(looked, verdict="not CPython >= 3.11"),))
    if not (Path(include) / "Python.h").is_file():
        reason = f"Python.h is not in {include} (on Debian: apt install python3-dev)"
        return Missing("python", reason, (replace(looked, verdict=f"Python.h is not in {include}"),), values)
    which = "this interpreter" if context.python is None else "named"
    taken = replace(looked, verdict=f"taken: {which}, {values['soabi']}, headers in {include}", taken=True)
    return Found("python", version, Path(executable), which, values, looked=(taken,))


def ask_python(program: Path) -> dict[str, str] | None:
    """What another interpreter says about itself (pythonfacts.py); None if it is none that can be understood."""
    done = capture([str(program), "-I", "-S", pythonfacts.__file__])
    try:
        facts = json.loads(done.output)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def detect_pybind11(context: Context) -> Detection:
    """The Python package pybind11 >= 3. Values: include."""
    nothing = {"include": ""}
    spec = importlib.util.find_spec("pybind11")
    found = distribution("pybind11")
    if spec is None or spec.origin is None or found is None:
        looked = (Candidate("Python package pybind11", "not on sys.path" if spec is None else "without its metadata"),)
        return Missing("pybind11", "the Python package pybind11 is not installed", looked, nothing)
    include = Path(spec.origin).parent / "include"
    version = found.version
    if not (include / "pybind11" / "pybind11.h").is_file():
        return Missing("pybind11", f"no headers in {include}", (Candidate(str(include), "no headers", version),), nothing)
    if not version.split(".", 1)[0].isdigit() or int(version.split(".", 1)[0]) < 3:
        looked = (Candidate(str(include), f"{version} is older than 3", version),)
        return Missing("pybind11", f"{version} in {include} is older than 3", looked, nothing)
    looked = (Candidate(str(include), "taken: Python package pybind11", version, taken=True),)
    values = {"include": str(include)}
    return Found("pybind11", version, include, "Python package pybind11", values, ("include",), looked)
