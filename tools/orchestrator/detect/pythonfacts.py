"""What an interpreter says about itself. Also a program, so that any interpreter can be asked: `python pythonfacts.py`.

Standard library only, and nothing of the orchestrator: the interpreter that is asked has none of it.
"""

from __future__ import annotations

import json
import platform
import sys
import sysconfig

__all__ = ["python_facts"]


def python_facts() -> dict[str, str]:
    """Everything that an extension for the running interpreter depends on."""
    include = sysconfig.get_path("include", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix})
    return {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        # Of the base installation: generators of the build run under it, and a virtual environment may be temporary.
        "executable": getattr(sys, "_base_executable", None) or sys.executable,
        "include": include,
        "suffix": str(sysconfig.get_config_var("EXT_SUFFIX")),
        "soabi": str(sysconfig.get_config_var("SOABI")),
        "platform": sysconfig.get_platform(),
    }


if __name__ == "__main__":
    print(json.dumps(python_facts()))
