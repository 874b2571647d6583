"""The Python interpreter that the extension is built for, and pybind11's headers."""

from __future__ import annotations

import importlib.util
import platform
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

from orchestrator.detect.folders import distribution
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_pybind11", "detect_python"]


def detect_python(context: Context) -> Detection:
    """The running interpreter. Values: executable (of the base installation), include, suffix, soabi.

    The base interpreter is named because generators of the build run under it: a virtual environment may be temporary.
    """
    executable = str(Path(getattr(sys, "_base_executable", None) or sys.executable).resolve())
    include = sysconfig.get_path("include", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix})
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX"))
    values = {"executable": executable, "include": include, "suffix": suffix, "soabi": str(sysconfig.get_config_var("SOABI"))}
    version = platform.python_version()
    looked = Candidate(executable, "", version)
    if sys.implementation.name != "cpython" or sys.version_info < (3, 11):
        reason = f"{platform.python_implementation()} {version} is not CPython >= 3.11"
        return Missing("python", reason, (replace(looked, verdict="not CPython >= 3.11"),))
    if not (Path(include) / "Python.h").is_file():
        reason = f"Python.h is not in {include} (on Debian: apt install python3-dev)"
        return Missing("python", reason, (replace(looked, verdict=f"Python.h is not in {include}"),), values)
    taken = replace(looked, verdict=f"taken: this interpreter, {values['soabi']}, headers in {include}", taken=True)
    return Found("python", version, Path(executable), "this interpreter", values, looked=(taken,))


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
