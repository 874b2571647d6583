"""The Python interpreter that the extension is built for, and pybind11's headers."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
import sysconfig
from pathlib import Path

from orchestrator.detect.result import Context, Detection, Found, Missing

__all__ = ["detect_pybind11", "detect_python"]


def detect_python(context: Context) -> Detection:
    """The running interpreter. Values: executable (of the base installation), include, suffix, soabi.

    The base interpreter is named because generators of the build run under it: a virtual environment may be temporary.
    """
    executable = str(Path(getattr(sys, "_base_executable", None) or sys.executable).resolve())
    include = sysconfig.get_path("include", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix})
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX"))
    values = {"executable": executable, "include": include, "suffix": suffix, "soabi": str(sysconfig.get_config_var("SOABI"))}
    if sys.implementation.name != "cpython" or sys.version_info < (3, 11):
        return Missing("python", f"{platform.python_implementation()} {platform.python_version()} is not CPython >= 3.11")
    if not (Path(include) / "Python.h").is_file():
        reason = f"Python.h is not in {include} (on Debian: apt install python3-dev)"
        return Missing("python", reason, (include,), values)
    return Found("python", platform.python_version(), Path(executable), "this interpreter", values)


def detect_pybind11(context: Context) -> Detection:
    """The Python package pybind11 >= 3. Values: include."""
    spec = importlib.util.find_spec("pybind11")
    if spec is None or spec.origin is None:
        return Missing("pybind11", "the Python package pybind11 is not installed", ("sys.path",), {"include": ""})
    include = Path(spec.origin).parent / "include"
    version = importlib.metadata.version("pybind11")
    if not (include / "pybind11" / "pybind11.h").is_file():
        return Missing("pybind11", f"no headers in {include}", (str(include),), {"include": ""})
    if int(version.split(".", 1)[0]) < 3:
        return Missing("pybind11", f"{version} in {include} is older than 3", (str(include),), {"include": ""})
    return Found("pybind11", version, include, "Python package pybind11", {"include": str(include)}, ("include",))
