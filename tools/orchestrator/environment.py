"""The environment in which cmake, ninja and compilers run."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["cleaned", "removal_note"]

# These come before, or are added to, what a project asks for: a foreign TH/TH.h on CPATH beats the headers of imported targets.
_HIJACKERS = ("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "LIBRARY_PATH", "LD_RUN_PATH")
# Read from the ledger and passed explicitly, or able to redirect cmake and ninja unseen.
_OURS = (
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "CMAKE_PREFIX_PATH",
    "CMAKE_GENERATOR",
    "CMAKE_BUILD_TYPE",
    "CMAKE_TOOLCHAIN_FILE",
    "CMAKE_INSTALL_PREFIX",
    "CMAKE_EXPORT_COMPILE_COMMANDS",
    "CMAKE_BUILD_PARALLEL_LEVEL",
    "DESTDIR",
    "NINJA_STATUS",
    # Generators run under a Python whose path outlives temporary environments; these would lead it back into one.
    "PYTHONPATH",
    "PYTHONHOME",
)


def cleaned(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A copy without the variables that would change what compilers see, and the names of those worth reporting."""
    removed = tuple(name for name in _HIJACKERS if environ.get(name))
    kept = {name: value for name, value in environ.items() if name not in _HIJACKERS and name not in _OURS}
    # A generator or a test that imports the package must not start the build that it is part of (importguard.py).
    kept["REBUILD_ON_IMPORT"] = "0"
    return kept, removed


def removal_note(removed: tuple[str, ...]) -> str:
    """What to say about the second value of `cleaned`."""
    return f"kept from the compilers: {', '.join(removed)} (they would change which headers and libraries are taken)"
